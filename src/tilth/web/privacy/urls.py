from django.urls import path

from . import consents, erasing, page, person, retention, takeouts

urlpatterns = [
    path("privacy/", page.privacy, name="privacy"),
    path("privacy/retention/", retention.retention, name="retention"),
    path("people/<int:pk>/privacy/", person.privacy, name="person-privacy"),
    path("people/<int:pk>/consents/", consents.told, name="consent-told"),
    path("people/<int:pk>/basis/", consents.basis, name="legal-basis"),
    path("people/<int:pk>/limits/", consents.limit, name="limit"),
    path("limits/<int:pk>/lift/", consents.lift, name="limit-lift"),
    path("people/<int:pk>/takeouts/", takeouts.ask, name="takeout-ask"),
    path("people/<int:pk>/erasure/", erasing.erase, name="erase"),
    path("takeouts/<int:pk>/", takeouts.fetch, name="takeout"),
]
