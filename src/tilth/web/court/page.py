"""What waits for the court, what it decided, and its figures; each figure opens its list."""

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from typing import Any

from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils.translation import gettext_lazy as _

from tilth.handoff.court import judges, may_decide, reviewer, waiting
from tilth.handoff.models import Acceptance, Return, Review
from tilth.insight import court as insight
from tilth.insight.period import Period
from tilth.plan.models import current
from tilth.team.models import Role
from tilth.web import given_up, shell
from tilth.web.access import members
from tilth.web.scoreboard import lines, periods

SHOWN = 50
SEES = (Role.MARKETING, Role.SALES, Role.MANAGER)
Lists = dict[str, tuple[Any, Callable[[], QuerySet]]]


@dataclass(frozen=True)
class Case:
    """One return as a line: its reason in words, and who returned it, unless that is hidden."""

    row: Return
    say: str
    who: str
    mine: bool

    @property
    def review(self) -> Review | None:
        return getattr(self.row, "the_review", None)


@members(*SEES)
def court(request: HttpRequest) -> HttpResponse:
    here = shell.of(request)
    period, choices = periods.chosen(request.GET.get("period", "12-months"), current(here.today), here.today, here.zone)
    board, lists = insight.court(period, here.terms, here.now), _lists(period, here)
    show = request.GET.get("show", "")
    named = reviewer(here.terms)
    context: dict[str, Any] = {
        "period": period, "choices": choices, "key": next(c.key for c in choices if c.here), "board": board,
        "charged": [(label, board.charged.get(key, 0)) for key, label in Review.ChargedTo.choices],
        "drawn": lines.drawn(board.overturned, 1.0), "waiting": cases(_full(waiting()[:SHOWN]), here),
        "waiting_n": waiting().count(), "named": named, "judges": judges(here.me, named),
        "review": here.terms.review if here.terms else None, "show": show if show in lists else "decided", "lists": lists, "most": SHOWN,
    }  # fmt: skip
    context |= _shown(*lists[context["show"]], here)
    return render(request, "court/court.html", context)


def cases(rows: Iterable[Return], here: shell.Shell) -> list[Case]:
    """Returns as lines. Blind, who returned one stays hidden until it is decided."""
    named, blind = reviewer(here.terms), bool(here.terms and here.terms.review.blind)
    return [_case(row, here, blind, may_decide(here.me, row, named)) for row in rows]


def _case(row: Return, here: shell.Shell, blind: bool, mine: bool) -> Case:
    hidden = blind and not hasattr(row, "the_review") and row.member_id != here.me.pk
    return Case(row, given_up.reason(row), "" if hidden else row.member.name, mine)


def _full(rows: QuerySet[Return]) -> QuerySet[Return]:
    full = rows.select_related("member", "handoff__person__company", "handoff__version", "the_review__reviewer")
    return full.defer("handoff__version__document")


def _lists(period: Period, here: shell.Shell) -> Lists:
    return {
        "decided": (_("Decided"), lambda: insight.decided(period)),
        "overturned": (_("Overturned"), lambda: insight.decided(period, Review.Verdict.OVERTURNED)),
        "upheld": (_("Upheld"), lambda: insight.decided(period, Review.Verdict.UPHELD)),
        "false-returns": (_("Returned, and bought later"), lambda: insight.false_returns(period)),
        "false-accepts": (
            _("Accepted, and never contacted"),
            lambda: insight.false_accepts(period, here.terms, here.now),
        ),
    }


def _shown(title: Any, rows: Callable[[], QuerySet], here: shell.Shell) -> dict[str, Any]:
    """The list that a figure opens."""
    found = rows()
    if found.model is Acceptance:
        accepted = found.select_related("member", "handoff__person__company")[:SHOWN]
        return {"title": title, "accepted": accepted, "listed": [], "n": found.count()}
    return {"title": title, "accepted": None, "listed": cases(_full(found)[:SHOWN], here), "n": found.count()}
