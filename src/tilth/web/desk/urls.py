from django.urls import path

from . import page, passing

urlpatterns = [
    path("desk/", page.desk, name="desk"),
    path("desk/all/", passing.everything, name="desk-all"),
    path("desk/people/<int:pk>/", passing.one, name="desk-one"),
    path("handoffs/<int:pk>/taking-over/", passing.over, name="take-over"),
    path("handoffs/<int:pk>/passing-on/", passing.onwards, name="pass-on"),
    path("handoffs/<int:pk>/owner/", passing.another, name="reassign"),
]
