"""Every event that was refused: how many for which reason, each as it came, and all of a reason read again."""

import json
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any
from urllib.parse import urlencode

from django.db.models import Count
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.http import require_POST

from tilth.capture.models import Refusal, Source
from tilth.capture.refusals import read_again, refused
from tilth.core import wire
from tilth.team.models import Role
from tilth.web import answer, shell, words
from tilth.web.access import members

from .words import why

PAGE = 25
SHOWN = 6_000  # characters of one event


@dataclass(frozen=True)
class Wanted:
    """What the page is narrowed to; empty means everything. Values that mean nothing are dropped."""

    reason: str = ""
    source: int | None = None

    @classmethod
    def read(cls, told: Mapping[str, str]) -> "Wanted":
        source = told.get("source", "")
        return cls(told.get("reason", "")[:40], int(source[:18]) if source.isdecimal() else None)

    @property
    def query(self) -> str:
        return urlencode({k: v for k, v in vars(self).items() if v})


@members(Role.ADMIN)
def refusals(request: HttpRequest) -> HttpResponse:
    wanted, before = Wanted.read(request.GET.dict()), request.GET.get("before", "")
    rows = refused(wanted.reason, wanted.source).select_related("received__source").order_by("-pk")
    if before.isdecimal():
        rows = rows.filter(pk__lt=int(before[:18]))
    found = list(rows[: PAGE + 1])
    by_reason = refused("", wanted.source).values_list("reason").annotate(n=Count("pk")).order_by("-n", "reason")
    context = {
        "rows": [(row, why(row.reason), as_it_came(row)) for row in found[:PAGE]],
        "older": found[PAGE - 1].pk if len(found) > PAGE else 0,
        "reasons": [(reason, why(reason), n) for reason, n in by_reason],
        "wanted": wanted,
        "sources": Source.objects.order_by("name", "pk"),
    }
    return render(request, "sources/refusals.html", context)


@members(Role.ADMIN)
@require_POST
def again(request: HttpRequest) -> HttpResponse:
    """All of a reason, or all of them: back in the line."""
    here, wanted = shell.of(request), Wanted.read(request.POST.dict())
    count = read_again(here.me, here.now, wanted.reason, wanted.source)
    if count:
        told = ngettext("%(n)s delivery is read again.", "%(n)s deliveries are read again.", count)
        answer.said(request, told % {"n": words.number(count)})
    else:
        answer.refused(request, _("Nothing is refused for this reason."))
    return redirect(f"{reverse('refusals')}?{wanted.query}")


def as_it_came(row: Refusal) -> str:
    """The event as it was sent, set out to be read; of what is no JSON, the beginning."""
    body = bytes(row.received.body)
    try:
        item: Any = wire.item(body, row.index)
        text = wire.text(json.dumps(item, indent=2, ensure_ascii=False))
    except wire.Unreadable:
        text = body[:SHOWN].decode(errors="replace")
    return text if len(text) <= SHOWN else f"{text[:SHOWN]} …"
