from django.urls import path

from . import add, contacts, edit, leads, page

urlpatterns = [
    path("people/", leads.leads, name="leads"),
    path("people/new/", add.add, name="lead-new"),
    path("people/<int:pk>/", page.person, name="person"),
    path("people/<int:pk>/edit/", edit.edit, name="edit-person"),
    path("people/<int:pk>/contacts/", contacts.contacts, name="contacts"),
    path("touches/<int:pk>/outcome/", contacts.outcome, name="outcome"),
]
