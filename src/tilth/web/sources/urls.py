from django.urls import path

from . import deliveries, machines, page, refusals, tracker

urlpatterns = [
    path("sources/", page.sources, name="sources"),
    path("sources/<int:pk>/tracker/", tracker.tracker, name="tracker"),
    path("sources/machines/", machines.machines, name="machines"),
    path("sources/machines/<int:pk>/forget/", machines.forget, name="telltale-forget"),
    path("sources/refusals/", refusals.refusals, name="refusals"),
    path("sources/refusals/again/", refusals.again, name="refusals-again"),
    path("sources/deliveries/<int:pk>/", deliveries.as_it_came, name="delivery"),
    path("sources/deliveries/<int:pk>/replay/", deliveries.replay, name="delivery-replay"),
]
