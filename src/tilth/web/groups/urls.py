from django.urls import path

from . import verbs

urlpatterns = [
    path("companies/<int:pk>/groups/", verbs.form_group, name="group-form"),
    path("groups/<int:pk>/members/", verbs.join, name="group-join"),
    path("memberships/<int:pk>/role/", verbs.role, name="group-role"),
    path("memberships/<int:pk>/leave/", verbs.leave_group, name="group-leave"),
]
