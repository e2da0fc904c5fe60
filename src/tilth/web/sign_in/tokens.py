"""A member's tokens: made, shown once, and ended."""

from django import forms
from django.db import transaction
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_POST

from tilth.journal.models import note
from tilth.team import tokens as keyring
from tilth.team.models import Token
from tilth.web import answer, shell
from tilth.web.access import members


class NewToken(forms.Form):
    name = forms.CharField(label=gettext_lazy("What it is for"), max_length=80)


@members()
@transaction.atomic
def tokens(request: HttpRequest) -> HttpResponse:
    """The list, and making one: the answer shows its secret, once."""
    here, secret = shell.of(request), ""
    form = NewToken(request.POST or None)
    if form.is_valid():
        try:
            row, secret = keyring.make(here.me, form.cleaned_data["name"], here.now)
        except keyring.TooMany:
            form.add_error("name", _("You have as many as one may have. End one that nobody uses."))
        else:
            note("made token", row, here.now, here.me, name=row.name)
            form = NewToken()
    context = {
        "form": form,
        "secret": secret,
        "rows": Token.objects.filter(member=here.me).order_by("-pk"),
        "address": request.build_absolute_uri("/api/reports/"),
    }
    return render(request, "sign_in/tokens.html", context, status=422 if form.errors else 200)


@members()
@require_POST
@transaction.atomic
def end(request: HttpRequest, pk: int) -> HttpResponse:
    here = shell.of(request)
    if row := keyring.end(here.me, pk):
        note("ended token", row, here.now, here.me, name=row.name)
        answer.said(request, _("%(name)s opens nothing any more.") % {"name": row.name})
    return redirect("tokens")
