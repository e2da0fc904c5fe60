"""The document of a plan, read: what was typed, what history says beside it, and what is usual where neither says anything (R1-R8).

    plan
    ├── goal, currency, basis (revenue, or profit with a margin), first and last day
    ├── value                  what a sale brings, for points that do not say
    ├── points                 conversion points: see `Way`
    ├── hours, spread          of sales in a week, and how unsure they are
    ├── visitors, budget       that there are in the period, if that is limited
    ├── season                 weights of the twelve months
    └── pins                   figures that are given: what follows from them stands beside the goal

Source: docs/algorithms/plan.md
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import date
from fractions import Fraction
from itertools import pairwise
from math import erf, log, sqrt
from typing import Any

from .figures import Unreadable, money, number
from .plan import NoPlan, rate
from .points import History, Input, Point

ZERO, ONE = Fraction(0), Fraction(1)
BASES = ("revenue", "profit")
FIELDS = (
    "name", "goal", "currency", "basis", "margin", "first", "last", "value", "points", "hours", "spread", "visitors", "budget", "season",
    "pins",
)  # fmt: skip
POINT_FIELDS = (
    "key", "name", "share", "lead_rate", "to_sql", "to_won", "sale_rate", "value", "hours", "cost", "most", "days",
)  # fmt: skip
PINNED = ("visitors", "leads", "customers", "hours", "cost")
USUAL = {
    "lead_rate": Fraction(1, 50),
    "to_sql": Fraction(1, 5),
    "to_won": Fraction(1, 4),
    "hours": Fraction(2),
    "cost": ZERO,
}
USUAL_DAYS = 60.0  # from lead to sale, half of them
FACTOR = 1.7  # a quarter of the sales takes that many times longer than half of them, a quarter that much shorter
QUARTILE = 0.6745  # of a normal distribution
LONGEST = 104  # weeks of delay that are looked at
MOST_POINTS = 40
LEAST, MOST = Fraction(1, 10**9), Fraction(10**12)  # of a number that is typed, but for 0
EARLIEST, LATEST = date(2000, 1, 1), date(2100, 12, 31)
FARTHEST = 366 * 5  # days


class Unsound(ValueError):
    """The document is no plan. `errors`: the address of each field ("goal", "points.1.value") to what to write there."""

    def __init__(self, errors: Mapping[str, str]):
        super().__init__("; ".join(f"{name}: {why}" for name, why in errors.items()))
        self.errors = dict(errors)


@dataclass(frozen=True)
class PointPast:
    """What the records say of one conversion point, or of all.

    values    of its newest deals, minor units
    delay     share of its sales 0, 1, 2, … weeks after the lead came; adds up to 1 or less
    came      leads in the period that was looked at; visitors, if they are known
    open      leads that are neither won nor lost
    coming    sales that are expected of these in each week from now on
    """

    key: str
    name: str
    lead_rate: History | None = None
    to_sql: History | None = None
    to_won: History | None = None
    value: History | None = None
    hours: History | None = None
    cost: History | None = None
    values: tuple[int, ...] = ()
    delay: tuple[float, ...] = ()
    came: int = 0
    visitors: int | None = None
    open: int = 0
    coming: tuple[float, ...] = ()


@dataclass(frozen=True)
class Past:
    """What the records say.

    points     by key
    currency   of every amount; "" when there is none
    season     leads by calendar month, by their mean; empty when not known
    room       sales hours in a week, by its Monday, as its own calendars say; of the weeks that were looked up
    """

    points: Mapping[str, PointPast] = field(default_factory=dict)
    every: PointPast = PointPast("", "")
    currency: str = ""
    season: tuple[float, ...] = ()
    room: Mapping[date, float] = field(default_factory=dict)


@dataclass(frozen=True)
class Way:
    """One conversion point of a plan: the way of its leads to a sale.

    share      of all leads, by weight; zero or more
    to_sql     None, when one rate goes from the lead to the sale
    value      minor units, as is `cost`, of a lead
    delay      share of sales 0, 1, 2, … weeks after the lead; from its source
    """

    key: str
    name: str
    share: Fraction
    lead_rate: Input
    to_sql: Input | None
    to_won: Input
    value: Input
    hours: Input
    cost: Input
    most: Fraction | None
    delay: tuple[float, ...]
    delay_from: str
    past: PointPast | None

    @property
    def sale_rate(self) -> Fraction:
        return (self.to_sql.value if self.to_sql else ONE) * self.to_won.value

    @property
    def point(self) -> Point:
        return Point(
            self.name, self.lead_rate.value, self.sale_rate, self.value.value, self.hours.value, self.cost.value, self.most
        )  # fmt: skip


@dataclass(frozen=True)
class Sheet:
    """A document, read. Amounts in minor units; `hours` None: as many as it takes.

    revenue    that makes the goal: the goal itself, or by the margin
    """

    goal: Fraction
    currency: str
    basis: str
    margin: Fraction
    first: date
    last: date
    ways: tuple[Way, ...]
    hours: Fraction | None
    spread: float
    visitors: Fraction | None
    budget: Fraction | None
    season: tuple[Fraction, ...]
    pins: Mapping[str, Fraction]

    @property
    def revenue(self) -> Fraction:
        return self.goal / self.margin


def read(document: Any, past: Past, today: date | None = None) -> Sheet:
    """Read a document.

    today      a plan whose last day lies before it is refused; None: any period is read
    raises     Unsound, with all that is wrong
    """
    if not isinstance(document, Mapping):
        raise Unsound({"": "A plan is a list of fields, such as goal: 100000."})
    return _Reading(document, past).sheet(today)


class _Reading:
    """Reads one field after the other and keeps what is wrong, so that everything is told at once."""

    def __init__(self, document: Mapping[str, Any], past: Past):
        self.document, self.past = document, past
        self.errors: dict[str, str] = {}
        said = str(document.get("currency") or past.currency or "EUR").strip().upper()
        self.currency = said if len(said) == 3 and said.isalpha() else "EUR"
        if said != self.currency:
            self.errors["currency"] = "Write a currency such as EUR."
        elif past.currency and said != past.currency:
            self.errors["currency"] = f"Our deals are in {past.currency}. Write the goal in {past.currency} too."

    def sheet(self, today: date | None) -> Sheet:
        self._known("", self.document, FIELDS)
        goal, basis = self._amount("goal", needed=True), str(self.document.get("basis") or "revenue")
        if basis not in BASES:
            self.errors["basis"] = "Write revenue or profit."
        margin = self._share("margin") if basis == "profit" else ONE
        if margin is None:
            self.errors.setdefault("margin", "Write what is left of the revenue, such as 40%.")
        first, last = self._period(today)
        ways, season = self._ways(), self._season()
        hours = self._above("hours")
        spread = self._number("spread") or ZERO
        if spread > 1:
            self.errors["spread"] = "Write a share of the hours, at most 100%."
        visitors, budget, pins = self._above("visitors"), self._amount("budget"), self._pins()
        if self.errors:
            raise Unsound(self.errors)
        assert goal is not None
        assert margin is not None
        assert first is not None
        assert last is not None
        return Sheet(
            goal, self.currency, basis, margin, first, last, ways, hours, float(spread), visitors, budget, season, pins
        )  # fmt: skip

    def _period(self, today: date | None) -> tuple[date | None, date | None]:
        first, last = self._day("first"), self._day("last")
        for name, day in (("first", first), ("last", last)):
            if day and not EARLIEST <= day <= LATEST:
                self.errors[name] = f"Write a day from {EARLIEST.year} to {LATEST.year}."
        if first and last and last <= first:
            self.errors["last"] = "Write a day after the first one."
        elif first and last and (last - first).days > FARTHEST:
            self.errors["last"] = "Plan five years at most."
        elif last and today and last < today:
            self.errors["last"] = "This period is over. Write a last day that is still to come."
        return first, last

    def _ways(self) -> tuple[Way, ...]:
        points = self.document.get("points") or []
        if not isinstance(points, list | tuple) or not all(isinstance(p, Mapping) for p in points):
            self.errors["points"] = "Write a list of conversion points, each with a name."
            return ()
        if len(points) > MOST_POINTS:
            self.errors["points"] = f"Write {MOST_POINTS} conversion points at most."
            return ()
        points = points or self._usual_points()
        ways = tuple(self._way(f"points.{i}.", point) for i, point in enumerate(points))
        for i, way in enumerate(ways):
            if way.name in [other.name for other in ways[:i]]:
                self.errors[f"points.{i}.name"] = f"There is another point that is called {way.name}."
        if not any(way.share for way in ways):
            self.errors["points.0.share"] = (
                "Some leads must come from somewhere: write a share above 0 for one point at least."
            )
        return ways

    def _usual_points(self) -> list[Mapping[str, Any]]:
        """Those of our history; else one for all leads."""
        known = [p for p in self.past.points.values() if p.key and p.came]
        known.sort(key=lambda p: (-p.came, p.key))
        names = [p.name or p.key for p in known]
        told: list[Mapping[str, Any]] = [
            {"key": p.key, "name": name if names.count(name) == 1 else f"{name} ({p.key})"}
            for p, name in zip(known, names, strict=True)
        ]
        return told[:12] or [{"key": "", "name": "Leads"}]

    def _way(self, at: str, told: Mapping[str, Any]) -> Way:
        self._known(at, told, POINT_FIELDS)
        key = str(told.get("key") or "").strip()
        past = self.past.points.get(key) if key else self.past.every
        name = str(told.get("name") or (past.name if past else "") or key or "Leads").strip()[:80]
        share, days = self._number(f"{at}share", told), self._above(f"{at}days", told)
        if share is None:
            share = Fraction(past.came) if past and past.came else ONE
        to_sql, to_won = self._rates(at, told, name, past)
        delay, source = _delay(None if days is None else float(days), past, self.past.every)
        return Way(
            key, name, share,
            self._input(f"{at}lead_rate", told, name, past, self._rate_of),
            to_sql, to_won,
            self._value(at, told, name, past),
            self._input(f"{at}hours", told, name, past, self._least_of),
            self._input(f"{at}cost", told, name, past, self._amount_of),
            self._number(f"{at}most", told), delay, source, past,
        )  # fmt: skip

    def _rates(self, at: str, told: Mapping[str, Any], name: str, past: PointPast | None) -> tuple[Input | None, Input]:
        """From lead to SQL and from there to the sale; or one rate for both, when only that was typed."""
        whole = self._typed(f"{at}sale_rate", told, self._rate_of)
        to_sql = self._input(f"{at}to_sql", told, name, past, self._rate_of)
        to_won = self._input(f"{at}to_won", told, name, past, self._rate_of)
        if whole is None or (to_sql.typed and to_won.typed):
            return to_sql, to_won
        if to_sql.typed is None:
            return None, Input(f"{name}: lead to customer", typed=whole, history=_both(to_sql.history, to_won.history))
        if whole > to_sql.typed:
            self.errors[f"{at}sale_rate"] = "More leads cannot buy than become SQLs. Write a smaller rate."
        return to_sql, Input(to_won.name, typed=whole / to_sql.typed, history=to_won.history)

    def _value(self, at: str, told: Mapping[str, Any], name: str, past: PointPast | None) -> Input:
        """What a sale brings: of this point, else of the plan, else of history: its own or that of all."""
        own = self._typed(f"{at}value", told, self._amount_of)
        typed = own if own is not None else self._typed("value", self.document, self._amount_of)
        history = (past.value if past else None) or self.past.every.value
        found = Input(f"{name}: what a sale brings", typed=typed, history=history)
        if not found.source:
            self.errors.setdefault("value", "Write what a customer brings, such as 40000.")
        elif found.value <= 0:
            self.errors[f"{at}value" if own is not None else "value"] = "Write an amount above zero."
        return found

    def _input(
        self, at: str, told: Mapping[str, Any], name: str, past: PointPast | None, read: Callable[[str, str], Fraction]
    ) -> Input:
        field_name = at.rpartition(".")[2]
        history = (getattr(past, field_name) if past else None) or getattr(self.past.every, field_name)
        words = f"{name}: {field_name.replace('_', ' ')}"
        return Input(words, self._typed(at, told, read), history, USUAL[field_name])

    def _typed(self, at: str, told: Mapping[str, Any], read: Callable[[str, str], Fraction]) -> Fraction | None:
        """What was typed in one field; None when nothing was, or nothing that can be read: then it is an error."""
        text = _text(told.get(at.rpartition(".")[2]))
        if not text:
            return None
        try:
            return read(text, at)
        except (NoPlan, Unreadable) as why:
            self.errors[at] = str(why)
            return None

    def _rate_of(self, text: str, at: str) -> Fraction:
        return rate(text, "The rate")

    def _amount_of(self, text: str, at: str) -> Fraction:
        found = Fraction(money(text, self.currency))
        if found < 0:
            raise NoPlan(f"{text} is below zero. Write an amount of zero or more.")
        return found

    def _least_of(self, text: str, at: str) -> Fraction:
        percent = text.endswith("%")
        found = Fraction(number(text.removesuffix("%")))
        if found < 0:
            raise NoPlan(f"{text} is below zero. Write 0 or more.")
        if found and not LEAST <= found <= MOST:
            raise NoPlan(f"{text} is a number that no plan has.")
        return found / 100 if percent else found

    def _amount(self, name: str, needed: bool = False) -> Fraction | None:
        found = self._typed(name, self.document, self._amount_of)
        if needed and not found:
            self.errors.setdefault(name, "Write what you want to earn, an amount above zero.")
        return found

    def _number(self, at: str, told: Mapping[str, Any] | None = None) -> Fraction | None:
        return self._typed(at, self.document if told is None else told, self._least_of)

    def _above(self, at: str, told: Mapping[str, Any] | None = None) -> Fraction | None:
        found = self._number(at, told)
        if found == 0:
            self.errors[at] = (
                "With 0 nothing comes of the plan. Write a number above 0, or nothing when it is not limited."
            )
        return found or None

    def _share(self, name: str) -> Fraction | None:
        text = _text(self.document.get(name))
        if not text:
            return None
        try:
            return rate(text, "The margin")
        except NoPlan:
            self.errors[name] = (
                f"The margin is {text}. Write what is left of the revenue: a share above 0, at most 100%."
            )
            return None

    def _day(self, name: str) -> date | None:
        told = self.document.get(name)
        if isinstance(told, date):
            return told
        try:
            return date.fromisoformat(str(told or "").strip())
        except ValueError:
            self.errors[name] = "Write a day such as 2027-01-01."
            return None

    def _season(self) -> tuple[Fraction, ...]:
        told = self.document.get("season") or [repr(float(w)) for w in self.past.season] or ["1"] * 12
        if not isinstance(told, list | tuple) or len(told) != 12:
            self.errors["season"] = "Write twelve weights, one for each month."
            return ()
        found = [self._typed("season", {"season": one}, self._least_of) for one in told]
        weights = tuple(ZERO if one is None else one for one in found)
        if not any(weights):
            self.errors.setdefault("season", "Write a weight above 0 for one month at least.")
        return weights

    def _pins(self) -> dict[str, Fraction]:
        told = self.document.get("pins") or {}
        if not isinstance(told, Mapping):
            self.errors["pins"] = f"Write figures by name, such as leads: 2000. There are {', '.join(PINNED)}."
            return {}
        self._known("pins.", told, PINNED)
        found = {
            name: self._typed(f"pins.{name}", told, self._amount_of if name == "cost" else self._least_of)
            for name in PINNED
        }
        return {name: value for name, value in found.items() if value is not None}

    def _known(self, at: str, told: Mapping[str, Any], known: tuple[str, ...]) -> None:
        for name in told:
            if name not in known:
                self.errors[f"{at}{name}"] = f"There is no such field. There are: {', '.join(known)}."


def _text(told: Any) -> str:
    """What stands in a field, as text; a number of a file as it shows."""
    if told is None or isinstance(told, bool | Mapping | list | tuple):
        return "" if told in (None, False) else "?"
    return str(told).strip()[:60]


def _both(one: History | None, other: History | None) -> History | None:
    """Two rates in a row; how sure that is, by the one with fewer cases."""
    if one is None or other is None:
        return None
    return History(one.value * other.value, min(one.n, other.n), one.low * other.low, one.high * other.high)


def _delay(days: float | None, past: PointPast | None, every: PointPast) -> tuple[tuple[float, ...], str]:
    """How long sales take, and where that is from."""
    if days is not None:
        return delays(days), "typed"
    for one in (past, every):
        if one is not None and one.delay:
            return one.delay, "history"
    return delays(USUAL_DAYS), "usual"


def delays(days: float) -> tuple[float, ...]:
    """Share of sales 0, 1, 2, … weeks after the lead, when half of them take so many days: lognormal, quartiles a factor of 1.7 apart.

    days       above zero
    returns    LONGEST shares that add up to 1 or less: what takes longer is left out
    """
    wide = log(FACTOR) / QUARTILE
    by = [0.0, *(_normal((log(7 * week) - log(days)) / wide) for week in range(1, LONGEST + 1))]
    return tuple(later - sooner for sooner, later in pairwise(by))


def _normal(z: float) -> float:
    return (1 + erf(z / sqrt(2))) / 2
