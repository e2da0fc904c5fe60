from django.urls import path

from . import me, page, tokens

urlpatterns = [
    path("sign-in/", page.sign_in, name="sign-in"),
    path("sign-out/", page.sign_out, name="sign-out"),
    path("join/<str:secret>/", page.join, name="join"),
    path("me/", me.me, name="me"),
    path("me/tokens/", tokens.tokens, name="tokens"),
    path("me/tokens/<int:pk>/end/", tokens.end, name="token-end"),
    path("me/password/", me.password, name="my-password"),
]
