from django.urls import path

from . import me, page

urlpatterns = [
    path("sign-in/", page.sign_in, name="sign-in"),
    path("sign-out/", page.sign_out, name="sign-out"),
    path("join/<str:secret>/", page.join, name="join"),
    path("me/", me.me, name="me"),
    path("me/password/", me.password, name="my-password"),
]
