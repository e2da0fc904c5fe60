from django.urls import path

from . import add, contacts, edit, evidence, leads, next_steps, page, positions, referrer

urlpatterns = [
    path("people/", leads.leads, name="leads"),
    path("people/new/", add.add, name="lead-new"),
    path("people/<int:pk>/", page.person, name="person"),
    path("people/<int:pk>/edit/", edit.edit, name="edit-person"),
    path("people/<int:pk>/contacts/", contacts.contacts, name="contacts"),
    path("people/<int:pk>/evidence/", evidence.said, name="evidence"),
    path("people/<int:pk>/next-steps/", next_steps.plan, name="next-steps"),
    path("people/<int:pk>/referrer/", referrer.referrer, name="referrer"),
    path("people/<int:pk>/positions/", positions.add, name="position-add"),
    path("positions/<int:pk>/end/", positions.end, name="position-end"),
    path("positions/<int:pk>/main/", positions.main, name="position-main"),
    path("next-steps/<int:pk>/done/", next_steps.done, name="next-step-done"),
    path("touches/<int:pk>/outcome/", contacts.outcome, name="outcome"),
]
