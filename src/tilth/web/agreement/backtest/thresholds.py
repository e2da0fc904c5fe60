"""Other thresholds that the history supports: a curve of precision against leads a week. A suggestion, never a decision."""

import copy
from collections.abc import Mapping
from dataclasses import dataclass
from itertools import pairwise
from typing import TYPE_CHECKING, Any

from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST

from tilth.agreement import drafts
from tilth.agreement.models import Draft, Refused
from tilth.core.clauses.reader import Unsound
from tilth.core.rates import Rate
from tilth.insight import backtests
from tilth.insight.models import Backtest
from tilth.web import answer, charts, shell, words
from tilth.web.access import members
from tilth.web.agreement.versions import WRITERS

if TYPE_CHECKING:
    from tilth.insight.compared import Compared

STEPS = (0.1, 0.2, 0.5, 1, 2, 5, 10, 20, 50, 100, 200, 500, 1_000, 2_000, 5_000)
ROOM = 0.08  # left free at the ends of both axes


@dataclass(frozen=True)
class Choice:
    """The draft's thresholds times a factor. `rate` is precision, `at` the points at which each level begins."""

    factor: float
    at: tuple[tuple[str, float], ...]
    a_week: float
    rate: Rate

    @property
    def key(self) -> str:
        return f"{self.factor:g}"

    @property
    def says(self) -> str:
        return ", ".join(
            _("%(level)s from %(n)s") % {"level": k, "n": words.number(v, _decimals(v))} for k, v in self.at
        )


@dataclass(frozen=True)
class Frontier:
    """All choices by leads a week, fewest first, and where draft and running version lie on the same history."""

    choices: list[Choice]
    draft: tuple[float, Rate]
    running: tuple[float, Rate] | None
    running_name: str
    one_in: int

    @property
    def drawn(self) -> list[Choice]:
        """Those with enough outcomes for a rate."""
        return [c for c in self.choices if not c.rate.lacks]

    def chart(self) -> charts.Plot | str:
        """ "" when there are too few outcomes for a curve."""
        if len(drawn := self.drawn) < 2:
            return ""
        marks = [(_("draft"), *self.draft, "point")]
        marks += [(self.running_name, *self.running, "other")] if self.running else []
        marks = [m for m in marks if not m[2].lacks]
        xs = [c.a_week for c in drawn] + [m[1] for m in marks]
        rates = [c.rate for c in drawn] + [m[2] for m in marks]
        low, high = _scale(min(r.low for r in rates), max(r.high for r in rates))
        first, last = min(xs) * (1 - ROOM), max(xs) * (1 + ROOM)
        p = charts.Plot((first, last), (low, high), 240, self._label(drawn), "graph-axes")
        p.yaxis(
            [
                (v / 100, words.percent(v / 100))
                for v in range(round(low * 100), round(high * 100) + 1, _step(low, high))
            ]
        )
        p.xaxis([(x, words.number(x, _decimals(x))) for x in _ticks(first, last)])
        p.area([(c.a_week, c.rate.low) for c in drawn], [(c.a_week, c.rate.high) for c in drawn], "cone")
        p.line([(c.a_week, _of(c.rate)) for c in drawn], "actual")
        for c in drawn:
            p.dot(c.a_week, _of(c.rate), "choice")
        for n, (name, a_week, rate, cls) in enumerate(marks):
            p.dot(a_week, _of(rate), cls, 6)
            p.text(
                a_week, _of(rate), name, "strong", "end" if a_week > (first + last) / 2 else "start", 0, (-12, 22)[n]
            )
        self._tips(p, drawn, first, last)
        return p

    def _label(self, drawn: list[Choice]) -> str:
        ends = (drawn[0], drawn[-1])
        few, many = ({"a_week": words.number(c.a_week, 1), "share": words.percent(c.rate.value)} for c in ends)
        return _("From %(few)s leads a week, of which %(some)s become SQL, to %(many)s, of which %(others)s do.") % {
            "few": few["a_week"], "some": few["share"], "many": many["a_week"], "others": many["share"],
        }  # fmt: skip

    def _tips(self, p: charts.Plot, drawn: list[Choice], first: float, last: float) -> None:
        """Each choice answers for the stretch that is nearer to it than to its neighbours."""
        xs = [c.a_week for c in drawn]
        cuts = [first, *((a + b) / 2 for a, b in pairwise(xs)), last]
        for c, (begin, end) in zip(drawn, pairwise(cuts), strict=True):
            p.hit(begin, end, f"{told(c)} ({c.says})", c.a_week, _of(c.rate))


def told(choice: Choice) -> str:
    return _("%(a_week)s leads a week, %(share)s become SQL, of %(n)s") % {
        "a_week": words.number(choice.a_week, 1), "share": words.percent(choice.rate.value), "n": words.number(choice.rate.n),
    }  # fmt: skip


def frontier(row: Backtest, result: "Compared", running: str) -> Frontier | None:
    """The choices of a result; None before they are found."""
    levels = thresholds(row.document)
    if not row.frontier or not levels:
        return None
    sides = {side: result.whole(side) for side in result.sides}
    lie = {side: (w.leads / result.weeks, Rate(w.hits, w.known)) for side, w in sides.items()}
    choices = [
        Choice(factor, tuple(_times(levels, factor).items()), leads / result.weeks, Rate(hits, known))
        for factor, leads, hits, known in row.frontier
    ]
    choices.sort(key=lambda c: (c.a_week, -c.factor))
    return Frontier(choices, lie["draft"], lie.get("running"), running, row.one_in)


@members(*WRITERS)
@require_POST
def choose(request: HttpRequest, pk: int) -> HttpResponse:
    """Put the thresholds of one point into the draft, and replay it. Choosing another one undoes it."""
    draft, here = get_object_or_404(Draft, pk=pk), shell.of(request)
    row = draft.backtests.filter(pk=_whole(request.POST.get("backtest"))).first()
    factor = next((f for f, *_rest in (row.frontier if row else []) if f"{f:g}" == request.POST.get("factor")), None)
    if row is None or factor is None:
        answer.refused(request, _("This point is not kept any more. Run the backtest again."))
        return redirect("draft-backtest", pk)
    document = copy.deepcopy(draft.document)
    interest = document.get("interest")
    document["interest"] = {
        **(interest if isinstance(interest, dict) else {}),
        "levels": _times(thresholds(row.document), factor),
    }
    try:
        draft = drafts.save(draft, document, _whole(request.POST.get("revision")), here.me, here.now)
    except Refused as why:
        answer.refused(request, why)
        return redirect("draft-backtest", pk)
    answer.said(request, _("The draft has these thresholds now, and is replayed with them."))
    try:
        backtests.ask(draft, here.me, here.now)
    except Unsound:
        answer.refused(request, _("Something else in the draft is to mend before it can be replayed."))
    return redirect("draft-backtest", pk)


def thresholds(document: Any) -> dict[str, float]:
    """At how many points each interest level begins, as a document says it."""
    interest = document.get("interest") if isinstance(document, Mapping) else None
    levels = interest.get("levels") if isinstance(interest, Mapping) else None
    return {str(k): v for k, v in levels.items()} if isinstance(levels, Mapping) else {}


def _times(levels: Mapping[str, float], factor: float) -> dict[str, float]:
    out = {level: round(points * factor, 2) for level, points in levels.items()}
    return {level: int(points) if points == int(points) else points for level, points in out.items()}


def _scale(low: float, high: float) -> tuple[float, float]:
    """The axis of a rate: whole tens around the intervals."""
    least, most = int(low * 10) / 10, -int(-high * 10 // 1) / 10
    return least, max(most, least + 0.1)


def _step(low: float, high: float) -> int:
    return 10 if high - low > 0.25 else 5


def _ticks(first: float, last: float) -> list[float]:
    """Round numbers between two, about five."""
    step = next((s for s in STEPS if (last - first) / s <= 6), STEPS[-1])
    return [n * step for n in range(int(first / step) + 1, int(last / step) + 1)]


def _of(rate: Rate) -> float:
    return rate.value or 0.0


def _decimals(value: float) -> int:
    return 0 if value == int(value) else 1 if round(value, 1) == value else 2


def _whole(text: str | None) -> int:
    return int(text) if text and text.isascii() and text.isdecimal() and len(text) < 10 else 0
