"""The member's own page: name, light or dark, password."""

from django.contrib.auth import update_session_auth_hash
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.debug import sensitive_post_parameters
from django.views.decorators.http import require_POST

from tilth.web import answer, shell
from tilth.web.access import members

from .forms import Me, NewPassword


@members()
def me(request: HttpRequest) -> HttpResponse:
    member = shell.of(request).me
    form = Me(request.POST or None, instance=member)
    if form.is_valid():
        form.save()
        answer.said(request, _("Saved"))
        return redirect("me")
    return _page(request, form, NewPassword(member))


@sensitive_post_parameters("old", "new")
@members()
@require_POST
def password(request: HttpRequest) -> HttpResponse:
    member = shell.of(request).me
    form = NewPassword(member, request.POST)
    if not form.is_valid():
        return _page(request, Me(instance=member), form)
    member.set_password(form.cleaned_data["new"])
    member.save(update_fields=["password"])
    update_session_auth_hash(request, member)
    answer.said(request, _("Password changed. Other devices are signed out."))
    return redirect("me")


def _page(request: HttpRequest, form: Me, password: NewPassword) -> HttpResponse:
    wrong = form.errors or password.errors
    return render(request, "sign_in/me.html", {"form": form, "password": password}, status=422 if wrong else 200)
