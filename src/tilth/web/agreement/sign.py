"""Signing a version for one team. It cannot be undone, so the page shows what is signed and asks first."""

from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _

from tilth.agreement.models import TEAMS, NotYours, Version
from tilth.web import answer, shell
from tilth.web.access import members

from . import sentences
from .page import version_or_404


@members()
def sign(request: HttpRequest, number: int, team: str) -> HttpResponse:
    """GET asks, POST signs exactly the document whose fingerprint was shown."""
    here = shell.of(request)
    version = version_or_404(number)
    if team not in TEAMS:
        raise Http404
    if version.signatures.filter(team=team).exists() or not here.me.may_sign_for(team):
        return redirect("agreement-version", number)
    if request.method == "POST" and request.POST.get("fingerprint") == version.fingerprint:
        _sign(request, version, team)
        return redirect("agreement-version", number)
    return render(
        request,
        "agreement/sign.html",
        {"version": version, "team": team, "promises": sentences.promises(version.terms)},
    )


def _sign(request: HttpRequest, version: Version, team: str) -> None:
    here = shell.of(request)
    try:
        version.sign(here.me, team, here.now)
    except NotYours as why:
        answer.refused(request, why)
        return
    if version.takes_effect_at:
        answer.said(request, _("Signed. Version %(n)s is in force from now on.") % {"n": version.number})
    else:
        answer.said(request, _("Signed. The other team’s signature puts it in force."))
