from django.urls import path

from . import care, edit, listing, page, people

urlpatterns = [
    path("care/", listing.listing, name="tracks"),
    path("care/<int:pk>/", page.track, name="track"),
    path("care/<int:pk>/edit/", edit.edit, name="track-edit"),
    path("care/<int:pk>/state/", page.state, name="track-state"),
    path("care/<int:pk>/people/", people.put_in, name="track-people"),
    path("enrolments/<int:pk>/end/", people.take_out, name="enrolment-end"),
    path("people/<int:pk>/tracks/", people.put_one_in, name="person-tracks"),
    path("people/<int:pk>/care/", care.note_care, name="person-care"),
    path("people/<int:pk>/answer/", care.answer_seen, name="person-answer"),
]
