"""Two versions, or a draft and a version, side by side: what is different, in sentences."""

from dataclasses import dataclass
from typing import Any

from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _

from tilth.agreement.drafts import open_drafts
from tilth.agreement.models import Draft, Version
from tilth.web import shell
from tilth.web.access import members

from . import changes
from .versions import state


@dataclass(frozen=True)
class Side:
    """One of the two: `key` stands in the address, a version's number or "draft-7"."""

    key: str
    name: str
    url: str
    state: str
    document: Any


@members()
def choose(request: HttpRequest) -> HttpResponse:
    """To the comparison that was chosen; without a choice, of the running version with the newest."""
    here, keys = shell.of(request), [side.key for side in _sides(shell.of(request))]
    if len(keys) < 2:
        return redirect("agreement")
    old, new = request.GET.get("old", ""), request.GET.get("new", "")
    running = str(here.version.number) if here.version else keys[-1]
    newest = next(key for key in keys if key != running)
    return redirect("agreement-compare", old if old in keys else running, new if new in keys else newest)


@members()
def compare(request: HttpRequest, old: str, new: str) -> HttpResponse:
    here = shell.of(request)
    sides = {side.key: side for side in _sides(here)}
    try:
        one, other = sides[old], sides[new]
    except KeyError:
        raise Http404 from None
    parts = changes.between(one.document, other.document)
    context = {
        "old": one, "new": other, "sides": list(sides.values()), "parts": parts,
        "count": sum(len(part.sentences) for part in parts),
    }  # fmt: skip
    return render(request, "agreement/compare.html", context)


def _sides(here: shell.Shell) -> list[Side]:
    """Everything that can be compared, drafts first, then versions from the newest."""
    return [
        *(_draft(row) for row in open_drafts()),
        *(_version(row, here) for row in Version.objects.order_by("-number")),
    ]


def _draft(row: Draft) -> Side:
    name = _("Draft “%(name)s”") % {"name": row.name}
    return Side(f"draft-{row.pk}", name, reverse("draft", args=[row.pk]), "draft", row.document)


def _version(row: Version, here: shell.Shell) -> Side:
    name = _("Version %(n)s, %(name)s") % {"n": row.number, "name": row.document.get("name", "")}
    url = reverse("agreement-version", args=[row.number])
    return Side(str(row.number), name, url, state(row, here.version, here.now), row.document)
