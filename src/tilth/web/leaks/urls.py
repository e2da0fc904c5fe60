from django.urls import path

from . import campaigns, page, plugging

urlpatterns = [
    path("leaks/", page.leaks, name="leaks"),
    path("leaks/people/<int:pk>/owner/", plugging.owner, name="leak-owner"),
    path("leaks/people/<int:pk>/step/", plugging.step, name="leak-step"),
    path("campaigns/", campaigns.listing, name="campaigns"),
    path("campaigns/<int:pk>/briefing/", campaigns.briefing, name="campaign-briefing"),
]
