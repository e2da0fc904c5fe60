"""The editor of a track: its mails with their waits, whom it takes in, and beside it a mail as its reader sees it."""

from dataclasses import dataclass
from typing import Any

from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, render
from django.urls import reverse
from django.utils.translation import gettext as _

from tilth.content.models import Offer
from tilth.core.nurture import WORDS, Fault, Spec, Step, faults, filled
from tilth.nurture import tracks
from tilth.nurture.letters import written
from tilth.nurture.models import Mailing, Track
from tilth.qualify.models import Stage
from tilth.team.models import Member, Role
from tilth.web import answer, shell
from tilth.web.access import members
from tilth.web.typed import text

from . import typed, words
from .listing import WHO

SAMPLE = {"first name": "Anouk", "last name": "Zonneveld", "company": "Zonneveld Tomaten"}


@dataclass(frozen=True)
class Line:
    """One mail in the editor."""

    n: int
    step: Step
    wrong: list[str]


@members(*WHO)
def edit(request: HttpRequest, pk: int) -> HttpResponse:
    row = get_object_or_404(Track.objects.select_related("edition", "sender"), pk=pk)
    if request.method != "POST":
        return _show(request, row, row.name, row.sender, row.says)
    name, do = " ".join(text(request, "name", 120).split()), request.POST.get("do", "look")
    said, sender = typed.spec(request.POST), _sender(request, row)
    if do != "save":
        said = Spec(**{**_plain(said), "steps": typed.changed(said.steps, do)})
        return _show(request, row, name, sender, said)
    wrong = faults(said) if row.runs or any(f.where != "imprint" for f in faults(said)) else []
    if wrong or not name:
        return _show(request, row, name, sender, said, wrong)
    here = shell.of(request)
    kept = tracks.save(row, name, said, sender, here.me, here.now)
    answer.said(request, _("Kept as version %(n)s.") % {"n": kept.number})
    return answer.leave(request, reverse("track", args=[row.pk]))


def _sender(request: HttpRequest, row: Track) -> Member:
    number = text(request, "sender", 18)
    found = _senders().filter(pk=int(number)).first() if number.isdecimal() else None
    return found or row.sender


def _senders() -> Any:
    return Member.objects.filter(is_active=True, role__in=(Role.MARKETING, Role.SALES, Role.MANAGER)).order_by(
        "name", "pk"
    )


def _plain(said: Spec) -> dict[str, Any]:
    return {name: getattr(said, name) for name in said.__struct_fields__}


def _show(
    request: HttpRequest, row: Track, name: str, sender: Member, said: Spec, wrong: list[Fault] | None = None
) -> HttpResponse:
    terms = shell.of(request).terms
    told: dict[str, list[str]] = {}
    for fault in wrong or []:
        told.setdefault(fault.where, []).append(str(words.FAULTS[fault.what]))
    context = {
        "row": row,
        "name": name,
        "nameless": wrong is not None and not name,
        "said": said,
        "lines": [Line(n, step, told.get(f"step {n}", [])) for n, step in enumerate(said.steps)],
        "wrong": [(where.replace(" ", "-"), what) for where, whats in told.items() for what in whats],
        "imprint_wrong": told.get("imprint", []),
        "sender": sender,
        "senders": _senders(),
        "languages": words.LANGUAGES.items(),
        "offers": Offer.objects.order_by("key").values_list("key", "name")[:300],
        "stages": [(s, Stage(s).label, s in said.rule.stages) for s in words.STAGES],
        "segments": _chosen(words.segments(terms), said.rule.segments),
        "reasons": _chosen(words.reasons(terms), said.rule.recycled),
        "words": ", ".join(f"{{{word}}}" for word in WORDS),
        "preview": _preview(request, said, sender),
    }
    return render(request, "nurture/edit.html", context, status=422 if wrong is not None else 200)


def _chosen(named: dict[str, str], chosen: list[str]) -> list[tuple[str, str, bool]]:
    """What can be ticked; also what was, and the agreement does not name any more."""
    return [(code, named.get(code, code), code in chosen) for code in dict.fromkeys([*named, *chosen])]


def _preview(request: HttpRequest, said: Spec, sender: Member) -> dict[str, Any] | None:
    """One mail as its reader sees it, somebody whose name we know or do not know."""
    if not said.steps:
        return None
    number, known = text(request, "shown", 3), request.POST.get("reader") != "unknown"
    n = min(int(number), len(said.steps) - 1) if number.isdecimal() else 0
    reader = SAMPLE if known else dict.fromkeys(SAMPLE, "")
    step = said.steps[n]
    plain, _page = written(said, step, sender, reader, Mailing.Ground.CONSENT, _("(the link that ends it)"))
    return {"n": n, "known": known, "subject": filled(step.subject, reader | {"sender": sender.name}), "text": plain}
