from django.urls import path

from . import consent, fetch, form, link, script

urlpatterns = [
    path("f/<slug:key>.js", script.script, name="form-script"),
    path("f/<slug:key>/", form.form, name="form-public"),
    path("f/<slug:key>/thanks/<str:token>/", form.thanks, name="form-thanks"),
    path("confirm/<str:secret>/", consent.confirm, name="confirm"),
    path("d/<str:token>/", fetch.fetch, name="fetch"),
    path("l/<str:token>", link.follow, name="link"),
    path("unsubscribe/<str:token>/", consent.unsubscribe, name="unsubscribe"),
]
