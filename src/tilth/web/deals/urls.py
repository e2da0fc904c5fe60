from django.urls import path

from . import listing, page, verbs

urlpatterns = [
    path("deals/", listing.deals, name="deals"),
    path("deals/<int:pk>/", page.deal, name="deal"),
    path("deals/<int:pk>/amount/", verbs.amount, name="deal-amount"),
    path("deals/<int:pk>/won/", verbs.won, name="deal-won"),
    path("deals/<int:pk>/lost/", verbs.lost, name="deal-lost"),
    path("people/<int:person>/deals/", verbs.open_deal, name="deal-open"),
]
