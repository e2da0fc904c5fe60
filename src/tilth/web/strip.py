"""The strip: one goal, word for word the same on both teams' Today.

`strip(around)` gives it in a fixed number of questions: the goal and who signed it, what was won, what
marketing delivered against its weekly promise, and what the goal still takes.
"""

from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import cached_property
from math import sqrt
from statistics import mean, pstdev

from django.db.models import Avg, Count
from django.utils.formats import date_format
from django.utils.timezone import localtime
from django.utils.translation import gettext as _

from tilth.core.plan import customers_needed, whole
from tilth.core.rates import ENOUGH
from tilth.handoff.models import Handoff
from tilth.insight.period import Period
from tilth.insight.progress import Progress, progress
from tilth.plan.models import Goal, Outlook, current
from tilth.promises.models import Obligation

from . import charts, words
from .shell import Shell

AHEAD = 6  # weeks to look ahead
BEHIND = 18  # weeks to look back
PACE = 8  # weeks that say how fast we go
LATELY = timedelta(days=90)
Z90 = 1.28


@dataclass(frozen=True)
class Week:
    """One week's promise: so many leads until `due`; `came` is None while nobody has counted yet."""

    due: datetime
    promised: int
    came: int | None


@dataclass(frozen=True)
class Lead:
    """What one lead that was handed off lately is expected to bring, in minor units; from `n` of them."""

    value: float
    n: int


@dataclass
class Strip:
    goal: Goal
    signed: list[str]
    won: Progress
    weeks: list[Week]
    lead: Lead
    usual_deal: int
    now: datetime
    outlook: Outlook | None = None  # the chance of the goal, as it was looked at last

    @property
    def seeds(self) -> str:
        """The chance of the goal, drawn."""
        if self.outlook is None:
            return ""
        said = _("Chance of the goal: %(chance)s") % {"chance": words.percent(self.outlook.chance)}
        return charts.seeds(self.outlook.chance, said)

    @property
    def likely(self) -> tuple[str, str]:
        """Where the period may end, 8 times in 10."""
        assert self.outlook is not None
        return words.compact(self.outlook.low, self.goal.currency), words.compact(self.outlook.high, self.goal.currency)

    @property
    def share_won(self) -> float:
        return min(self.won.amount / self.goal.amount, 1) if self.goal.amount else 0

    @property
    def won_meter(self) -> str:
        said = _("%(won)s of %(goal)s won") % {
            "won": self._money(self.won.amount),
            "goal": self._money(self.goal.amount),
        }
        return charts.meter([(self.share_won, "banana")], said, height=6)

    @cached_property
    def delivered(self) -> int:
        return sum(w.came or 0 for w in self._counted)

    @cached_property
    def promised(self) -> int:
        return sum(w.promised for w in self._counted)

    @property
    def gap(self) -> int:
        """Leads behind the promise; below zero when ahead of it."""
        return self.promised - self.delivered

    @property
    def left(self) -> int:
        return max(self.goal.amount - self.won.amount, 0)

    @property
    def deal(self) -> int:
        """What a customer brings: our own average once there are enough, before that the agreement's usual deal."""
        return round(self.won.amount / self.won.deals) if self.won.deals >= ENOUGH else self.usual_deal

    @property
    def customers_left(self) -> int:
        return whole(customers_needed(self.left, self.deal)) if self.deal else 0

    @property
    def leads_left(self) -> int:
        """How many more leads like the latest ones; 0 when too few were handed off to say."""
        return whole(customers_needed(self.left, self.lead.value)) if self.lead.value and self.lead.n >= ENOUGH else 0

    @property
    def burnup(self) -> charts.Plot | str:
        return _burnup(self._counted, self._ahead) if len(self._counted) > 1 else ""

    @property
    def _counted(self) -> list[Week]:
        return [w for w in self.weeks if w.came is not None]

    @property
    def _ahead(self) -> list[Week]:
        return [w for w in self.weeks if w.came is None]

    def _money(self, minor: int) -> str:
        return words.money(minor, self.goal.currency)


def strip(around: Shell) -> Strip | None:
    """The strip as it is now; None while there is no goal."""
    goal = current(around.now.astimezone(around.zone).date())
    if goal is None:
        return None
    period = Period(goal.first, goal.last, around.zone)
    lately = Handoff.objects.filter(at__gte=around.now - LATELY, continues=None).aggregate(
        value=Avg("value"), n=Count("pk")
    )
    return Strip(
        goal=goal,
        signed=[f"{s.name} ({s.team})" for s in goal.signatures.order_by("team")],
        won=progress(period, goal.currency),
        weeks=_weeks(period, around.now),
        lead=Lead(lately["value"] or 0, lately["n"]),
        usual_deal=around.terms.deal_value if around.terms else 0,
        now=around.now,
        outlook=goal.outlooks.order_by("-day").defer("period", "because", "parts").first(),
    )


def _weeks(period: Period, now: datetime) -> list[Week]:
    """Marketing's weekly promises in the period that are due by now, counted; and the running week."""
    rows = Obligation.objects.filter(kind=Obligation.Kind.DELIVERY, handoff=None, **period.within("due_at"))
    told = rows.order_by("due_at").values_list("due_at", "quantity", "settlement__quantity", "settlement__void")
    return [Week(due, promised, came if due <= now else None) for due, promised, came, void in told if not void]


def _burnup(counted: list[Week], ahead: list[Week]) -> charts.Plot:
    """Leads delivered against the promise, both added up, with where this pace leads."""
    promised, came = _sums([w.promised for w in counted]), _sums([w.came or 0 for w in counted])
    n = len(counted)
    first = max(n - BEHIND, 0)
    coming = _pace(counted, came[-1])
    each = counted[-1].promised
    top = max(promised[-1] + each * AHEAD, came[-1], coming[-1][1] + coming[-1][2])
    base = min(promised[first], came[first])
    label = _("Leads delivered by week against the promise: %(came)s of %(promised)s due by now.") % {
        "came": words.number(came[-1]),
        "promised": words.number(promised[-1]),
    }
    p = charts.Plot((first, n + AHEAD), (base, max(top, base + 1)), 104, label, "graph-mini")
    _months(p, counted, first)
    p.hline(base, "ground")
    p.area([(x, v - s) for x, v, s in coming], [(x, v + s) for x, v, s in coming], "cone")
    seen = range(first, n + 1)
    p.area([(x, came[x]) for x in seen], [(x, max(promised[x], came[x])) for x in seen], "short")
    p.line([*((x, promised[x]) for x in seen), (n + AHEAD, promised[-1] + each * AHEAD)], "target")
    p.line([(x, v) for x, v, _s in coming], "forecast")
    p.line([(x, came[x]) for x in seen], "actual")
    p.dot(n, came[-1], "point", 4)
    for x in range(first + 1, n + 1):
        tip = _("%(day)s: %(came)s of %(promised)s") % {
            "day": date_format(localtime(counted[x - 1].due), "j F"),
            "came": words.number(came[x]),
            "promised": words.number(promised[x]),
        }
        p.hit(x - 0.5, x + 0.5, tip, x, came[x])
    behind = promised[-1] >= came[-1]
    p.text(n, promised[-1], _("promise"), "", "end", -10, -8 if behind else 16)
    p.text(
        n, came[-1], _("delivered"), "strong", "start" if behind else "end", 8 if behind else -10, 16 if behind else -8
    )
    return p


def _sums(numbers: list[int]) -> list[int]:
    out = [0]
    for number in numbers:
        out.append(out[-1] + number)
    return out


def _pace(counted: list[Week], now: int) -> list[tuple[float, float, float]]:
    """(week, expected sum, half width of the band) for the weeks ahead, from the last weeks' pace."""
    last = [w.came or 0 for w in counted[-PACE:]]
    pace, spread, n = mean(last), pstdev(last), len(counted)
    return [(n + i, now + pace * i, Z90 * spread * sqrt(i)) for i in range(AHEAD + 1)]


def _months(plot: charts.Plot, counted: list[Week], first: int) -> None:
    """A line and a name where a month begins."""
    days = [localtime(w.due) for w in counted]
    starts = [i for i in range(max(first, 1), len(days)) if days[i].month != days[i - 1].month]
    plot.xaxis([(i, date_format(days[i], "M")) for i in starts], "start")
    for i in starts:
        plot.vline(i, "grid", back=True)
