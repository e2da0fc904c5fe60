"""What both teams promised and kept, in the same terms, and behind each number the promises themselves."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any
from urllib.parse import urlencode

from django.core.paginator import Paginator
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render

from tilth.insight import compliance
from tilth.insight.compliance import MARKETING, SALES, Line, Person
from tilth.insight.period import Period
from tilth.plan.models import current
from tilth.promises.models import Breach, Obligation
from tilth.team.models import Member
from tilth.touches.models import Touch
from tilth.web import shell
from tilth.web.access import members
from tilth.web.scoreboard import periods
from tilth.web.scoreboard.lines import drawn
from tilth.web.shell import Shell

from . import month, words

SHOWN = 50
ASKED = ("kind", "state", "member", "cause")


@dataclass(frozen=True)
class Row:
    """One kind of promise as the page shows it: who owes, what, and why it was broken."""

    line: Line
    what: str
    causes: list[tuple[str, str, int]]

    @property
    def drawing(self) -> Any:
        return drawn(self.line.rate, 1.0)


@members()
def promises(request: HttpRequest) -> HttpResponse:
    here, (period, choices) = shell.of(request), _period(request)
    key = next(c.key for c in choices if c.here)
    lines = compliance.by_kind(period, here.now)
    people = compliance.by_person(period, here.now)
    return render(request, "promises/promises.html", {
        "period": period,
        "choices": choices,
        "key": key,
        "rows": [_row(line, here) for line in lines],
        "marketing": compliance.total(line for line in lines if line.debtor == MARKETING),
        "sales": compliance.total(line for line in lines if line.debtor == SALES),
        "people": _people(people),
        "kinds": [kind for kind in compliance.KINDS if any(kind in person.lines for person in people)],
        **month.shown(request, key),
    })  # fmt: skip


@members()
def listing(request: HttpRequest) -> HttpResponse:
    here, (period, choices) = shell.of(request), _period(request)
    wanted = {name: value for name in ASKED if (value := request.GET.get(name, ""))}
    rows = compliance.listed(period, here.now, wanted)
    page = Paginator(_in_full(rows), SHOWN).get_page(request.GET.get("page"))
    key = next(c.key for c in choices if c.here)
    return render(request, "promises/list.html", {
        "period": period,
        "key": key,
        "page": page,
        "rows": [words.promise(row, kinds) for kinds in [_touches(page.object_list)] for row in page.object_list],
        "title": words.title(wanted),
        "whose": Member.objects.filter(pk=wanted["member"]).first() if wanted.get("member", "").isdecimal() else None,
        "query": urlencode({"period": key, **wanted}),
    })  # fmt: skip


def _period(request: HttpRequest) -> tuple[Period, list[periods.Choice]]:
    here = shell.of(request)
    today = here.now.astimezone(here.zone).date()
    return periods.chosen(request.GET.get("period", ""), current(today), today, here.zone)


def _row(line: Line, here: Shell) -> Row:
    said = dict(Breach.Cause.choices)
    causes = [(cause, str(said[cause]), n) for cause, n in line.causes.items()]
    return Row(line, words.promised(line.kind, here.terms), causes)


def _people(people: Iterable[Person]) -> list[tuple[Member, Person]]:
    """By name."""
    rows = list(people)
    who = Member.objects.in_bulk([row.member for row in rows])
    return sorted(((who[row.member], row) for row in rows), key=lambda pair: pair[0].name)


def _in_full(rows: Any) -> Any:
    return rows.select_related(
        "member", "handoff__person__company", "settlement", "breach", "late_by"
    ).prefetch_related("alerts")


def _touches(rows: Iterable[Obligation]) -> Mapping[int, str]:
    """Of those that a contact met: which kind of contact it was."""
    told = (getattr(row, "settlement", None) for row in rows)
    ids = [int(s.evidence.removeprefix("touch ")) for s in told if s and s.evidence.startswith("touch ")]
    return dict(Touch.objects.filter(pk__in=ids).values_list("pk", "kind"))
