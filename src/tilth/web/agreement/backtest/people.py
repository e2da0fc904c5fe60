"""The people behind one number of a backtest, page by page, with where they stand now under both."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING, Any

from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from tilth.agreement.models import Draft
from tilth.core.terms import GRADES, LEVELS
from tilth.deals.models import Won
from tilth.insight.models import Backtest
from tilth.people.models import Person
from tilth.web.access import members
from tilth.web.agreement import sentences
from tilth.web.agreement.versions import WRITERS

from .narrowing import Wanted, compared

if TYPE_CHECKING:
    from tilth.insight.compared import Case, Compared

PAGE = 50
BOUGHT = ("missed_won", "caught_won")
HANDED, SAID, RETURNED, NOW = gettext_lazy("Handed off"), gettext_lazy("SQL or bought"), gettext_lazy("Returned"), ""
TITLES = {
    "handed": (gettext_lazy("Leads that %(who)s would have handed off"), HANDED),
    "good_fit": (gettext_lazy("Leads of a good fit that %(who)s would have handed off"), HANDED),
    "over_room": (gettext_lazy("Leads of the weeks in which %(who)s goes over the room"), HANDED),
    "only": (gettext_lazy("Leads that only %(who)s would have handed off"), HANDED),
    "qualified": (gettext_lazy("Leads of %(who)s that became SQL or bought"), HANDED),
    "refused": (gettext_lazy("Leads of %(who)s that were returned, handed back or lost"), HANDED),
    "open": (gettext_lazy("Leads of %(who)s that sales still has"), HANDED),
    "late": (gettext_lazy("Leads that %(who)s hands off after sales had found them ready"), HANDED),
    "unknown": (gettext_lazy("Leads of %(who)s that sales never had"), HANDED),
    "caught_won": (
        gettext_lazy("Customers that %(who)s would have handed off before they bought"),
        gettext_lazy("Bought"),
    ),
    "caught_sql": (gettext_lazy("SQLs that %(who)s would have handed off before"), gettext_lazy("SQL")),
    "with_both": (gettext_lazy("SQLs and customers that were handed off, really and by %(who)s"), SAID),
    "missed_won": (gettext_lazy("Customers that %(who)s would have missed"), gettext_lazy("Bought")),
    "missed_sql": (gettext_lazy("SQLs that %(who)s would have missed"), gettext_lazy("SQL")),
    "again": (gettext_lazy("Returned leads that %(who)s would send again"), RETURNED),
    "cell": (gettext_lazy("People in %(cell)s under %(who)s now"), NOW),
    "moved": (gettext_lazy("People who stand elsewhere under the draft now"), NOW),
}


@dataclass(frozen=True)
class Line:
    """Somebody behind a number. `person` is None when they are gone since; `stands` says where, the running version first."""

    person: Person | None
    at: datetime | None
    stands: tuple[tuple[str, str], ...]
    amount: int | None = None
    currency: str = ""


@members(*WRITERS)
def people(request: HttpRequest, pk: int) -> HttpResponse:
    """Those behind the number of `kind` and `side` in the newest result."""
    draft = get_object_or_404(Draft, pk=pk)
    kind, side, wanted = request.GET.get("kind", ""), request.GET.get("side", "draft"), Wanted.read(request.GET.dict())
    row = draft.backtests.filter(state=Backtest.State.DONE).select_related("running").order_by("-pk").first()
    cell = _cell(request.GET.get("cell", ""))
    if kind not in TITLES or side not in ("draft", "running") or (kind == "cell" and cell is None):
        raise Http404
    result = compared(row, wanted) if row else None
    if row is None or result is None:
        return redirect("draft-backtest", pk)
    if side not in result.sides:
        raise Http404
    page, found = _page(request), result.behind(kind, side, cell)
    begin = (page - 1) * PAGE
    cases = result.cases(kind, side, cell, slice(begin, begin + PAGE))
    title, when = TITLES[kind]
    return render(request, "agreement/backtest/people.html", {
        "draft": draft, "row": row, "wanted": wanted, "kind": kind, "side": side, "cell": request.GET.get("cell", ""),
        "title": title % {"who": name_of(row, side), "cell": _said(cell)}, "when": when,
        "lines": lines(result, cases, kind), "sides": [name_of(row, s) for s in _sides(result)], "n": len(found.at),
        "older": page + 1 if len(found.at) > begin + PAGE else 0, "newer": page - 1, "first": begin + 1, "last": begin + len(cases),
        "bought": kind in BOUGHT,
    })  # fmt: skip


def name_of(row: Backtest, side: str) -> str:
    """The draft, or the running version by its number."""
    return _("the draft") if side == "draft" or row.running is None else _("version %(n)s") % {"n": row.running.number}


def lines(result: "Compared", cases: "Iterable[Case]", kind: str) -> list[Line]:
    """Cases with what the database knows of these people today."""
    from tilth.insight.compared import stands

    cases = list(cases)
    ids = [case.person for case in cases]
    who = Person.objects.select_related("company").in_bulk(ids)
    where = {side: stands(result, side, ids) for side in _sides(result)}
    paid = _paid(ids) if kind in BOUGHT else {}
    return [
        Line(
            who.get(case.person), case.at,
            tuple(_stand(at.get(case.person)) for at in where.values()), *paid.get((case.person, case.at), (None, "")),
        ) for case in cases
    ]  # fmt: skip


def _stand(stands: Any) -> tuple[str, str]:
    if stands is None:
        return "–", ""
    return f"{stands.grade} {stands.level}", str(sentences.ACTIONS[stands.action])


def _paid(people: list[int]) -> dict[tuple[int, datetime | None], tuple[int, str]]:
    """What somebody bought for at a moment."""
    rows = Won.objects.filter(deal__person__in=people).values_list("deal__person", "at", "amount", "deal__currency")
    return {(person, at): (amount, currency) for person, at, amount, currency in rows}


def _sides(result: "Compared") -> list[str]:
    return [side for side in ("running", "draft") if side in result.sides]


def _cell(text: str) -> tuple[int, int] | None:
    """ "A3" as a place in the matrix."""
    known = {f"{g}{n}": (i, n) for i, g in enumerate(GRADES) for n in LEVELS}
    return known.get(text)


def _said(cell: tuple[int, int] | None) -> str:
    return _("fit %(grade)s, interest %(level)s") % {"grade": GRADES[cell[0]], "level": cell[1]} if cell else ""


def _page(request: HttpRequest) -> int:
    text = request.GET.get("page", "1")
    return max(int(text), 1) if text.isascii() and text.isdecimal() and len(text) < 8 else 1
