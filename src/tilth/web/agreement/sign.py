"""Signing a version for one team, for a chosen moment; and taking it back until both have signed.

What both signed cannot be undone, so the page shows what is signed and asks first.
"""

from datetime import datetime

from django import forms
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.utils.dateparse import parse_datetime
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_POST

from tilth.agreement import drafts
from tilth.agreement.models import TEAMS, NotThen, Refused, Signature, Version, open_comments
from tilth.web import answer, shell, words
from tilth.web.access import members

from . import sentences
from .versions import WRITERS, version_or_404


class Moment(forms.Form):
    """When the version takes effect, as the first to sign chooses it; in the zone of the agreement."""

    effect_at = forms.DateTimeField(
        label=gettext_lazy("It takes effect on"),
        required=False,
        widget=forms.DateTimeInput(attrs={"type": "datetime-local"}, format="%Y-%m-%dT%H:%M"),
    )


@members()
def sign(request: HttpRequest, number: int, team: str) -> HttpResponse:
    """GET asks, POST signs exactly the document, and for the moment, that were shown."""
    here, version = shell.of(request), version_or_404(number)
    if team not in TEAMS:
        raise Http404
    if not version.is_proposed or version.signatures.filter(team=team).exists() or not here.me.may_sign_for(team):
        return redirect("agreement-version", number)
    with timezone.override(version.terms.zone):
        first = version.signatures.first()
        form = Moment(request.POST if request.method == "POST" and first is None else None)
        if request.method == "POST" and request.POST.get("fingerprint") == version.fingerprint and _chosen(form, first):
            at = _shown(request) if first else form.cleaned_data["effect_at"]
            if _sign(request, version, team, at, form):
                return redirect("agreement-version", number)
        return _ask(request, version, team, form, first)


@members(*WRITERS)
@require_POST
def take_back(request: HttpRequest, number: int, team: str) -> HttpResponse:
    """Take one team's signature back; refused when the other has signed too."""
    here, version = shell.of(request), version_or_404(number)
    try:
        version.withdraw_signature(team, here.me, here.now)
    except Refused as why:
        answer.refused(request, why)
    else:
        answer.said(request, _("The signature is taken back."))
    return redirect("agreement-version", number)


@members(*WRITERS)
@require_POST
def withdraw(request: HttpRequest, number: int) -> HttpResponse:
    """Take a whole version back, to write on; refused when both have signed."""
    here, version = shell.of(request), version_or_404(number)
    try:
        draft = drafts.withdraw(version, here.me, here.now)
    except Refused as why:
        answer.refused(request, why)
        return redirect("agreement-version", number)
    answer.said(request, _("Version %(n)s is withdrawn. It is a draft again.") % {"n": number})
    return redirect("draft", draft.pk)


def _shown(request: HttpRequest) -> datetime | None:
    """The moment that the second to sign was shown; None: none, or nothing that is one."""
    try:
        return parse_datetime(request.POST.get("effect_at", ""))
    except ValueError:  # such as 30 February
        return None


def _chosen(form: Moment, first: Signature | None) -> bool:
    return first is not None or form.is_valid()


def _sign(request: HttpRequest, version: Version, team: str, effect_at: datetime | None, form: Moment) -> bool:
    """Sign, and tell; a moment that is not possible is told beside its field, and False returned."""
    here = shell.of(request)
    try:
        version.sign(here.me, team, here.now, effect_at)
    except NotThen as why:
        if form.is_bound:
            form.add_error("effect_at", str(why))
        else:
            answer.refused(request, why)
        return False
    except Refused as why:
        answer.refused(request, why)
        return False
    if version.takes_effect_at is None:
        answer.said(request, _("Signed. The other team’s signature makes it agreed."))
    elif version.takes_effect_at > here.now:
        at = words.exact(version.takes_effect_at)
        answer.said(
            request, _("Signed by both. Version %(n)s takes effect on %(at)s.") % {"n": version.number, "at": at}
        )
    else:
        answer.said(request, _("Signed. Version %(n)s is in force from now on.") % {"n": version.number})
    return True


def _ask(request: HttpRequest, version: Version, team: str, form: Moment, first: Signature | None) -> HttpResponse:
    here = shell.of(request)
    scheduled = Version.objects.filter(takes_effect_at__gt=here.now).order_by("takes_effect_at").first()
    context = {
        "version": version, "team": team, "form": form, "first": first, "zone": version.terms.zone.key,
        "effect_at": first.effect_at.isoformat() if first and first.effect_at else "",
        "promises": sentences.promises(version.terms), "questions": open_comments(version).count(),
        "running": here.version, "scheduled": scheduled,
    }  # fmt: skip
    return render(request, "agreement/sign.html", context, status=422 if form.errors else 200)
