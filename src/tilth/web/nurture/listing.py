"""All tracks, and a new one."""

from django import forms
from django.db.models import Count, Q
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext_lazy as _

from tilth.nurture import tracks
from tilth.nurture.models import Mailing, Track
from tilth.team.models import Role
from tilth.web import shell
from tilth.web.access import members

from . import typed, words

WHO = (Role.MARKETING, Role.MANAGER, Role.ADMIN)


class NewTrack(forms.Form):
    name = forms.CharField(label=_("Name"), max_length=120, help_text=_("What it is about: Heating in winter"))


@members(*WHO)
def listing(request: HttpRequest) -> HttpResponse:
    here, new = shell.of(request), NewTrack(request.POST or None)
    if request.method == "POST" and new.is_valid():
        last = Track.objects.select_related("edition").order_by("-pk").first()
        spec = typed.fresh(last.says.language, last.says.imprint) if last else typed.fresh("en", "")
        return redirect("track-edit", tracks.make(new.cleaned_data["name"], spec, here.me, here.me, here.now).pk)
    rows = Track.objects.select_related("edition", "sender").annotate(
        came=Count("enrolments"), inside=Count("enrolments", filter=Q(enrolments__ended_at=None))
    )
    went = Mailing.objects.filter(sent_at__isnull=False).order_by().values_list("enrolment__track")
    sent = dict(went.annotate(n=Count("pk")))
    context = {
        "rows": [
            (row, words.state(row), sent.get(row.pk, 0), words.rule(row.says.rule, here.terms))
            for row in rows.order_by("closed_at", "name", "pk")
        ],
        "form": new,
    }
    return render(request, "nurture/tracks.html", context, status=422 if new.errors else 200)
