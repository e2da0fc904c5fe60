"""A plan worked out: from the goal back to the visitors, and what that asks of both teams, week by week; exact (R1-R11, B1).

Everything is worked out when it is asked for. The chance of the goal stands in `forecast.py`, since it takes NumPy.
Source: docs/algorithms/plan.md
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from fractions import Fraction
from functools import cached_property
from itertools import accumulate
from typing import Any

from .horizon import HALF, Month, Owed, last_week, must_come, owed, targets
from .mix import Limits, Mix, best
from .pins import follow
from .plan import NoPlan, Number, whole
from .planning import ZERO, Past, Sheet, Way
from .planning import read as read_sheet

DAY = timedelta(days=1)
IN_TIME = Fraction(1, 100)
HARDLY = 0.1  # of its sales: after that week hardly any lead counts


@dataclass(frozen=True)
class Row:
    """One conversion point, or all together; exact. sqls: None when the plan goes from the lead to the sale at once."""

    name: str
    visitors: Fraction
    leads: Fraction
    sqls: Fraction | None
    customers: Fraction
    revenue: Fraction
    hours: Fraction
    cost: Fraction

    @property
    def lead_value(self) -> Fraction:
        """Minor units; zero without leads."""
        return self.revenue / self.leads if self.leads else ZERO


@dataclass(frozen=True)
class Week:
    """A week of the plan, or the part of it that lies in its period.

    first      day
    season     what share of the leads comes in it, by weight
    hours      that sales has; None: as many as it takes
    """

    first: date
    days: int
    season: Fraction
    hours: Fraction | None


@dataclass(frozen=True)
class LastWeek:
    """Until when a lead of one kind counts for this plan.

    takes      weeks from lead to sale, half of them; None: longer than is known
    half       Monday of the last week whose leads bring half of their sales in time, and of the last one that still bring a tenth
    """

    name: str
    takes: int | None
    half: date | None
    hardly: date | None


@dataclass(frozen=True)
class Planned:
    """A sheet, worked out."""

    sheet: Sheet
    past: Past

    @cached_property
    def rows(self) -> tuple[Row, ...]:
        """What the goal takes of each conversion point, in the split of the plan."""
        return self._scaled(self.sheet.revenue / self._each.revenue)

    @cached_property
    def together(self) -> Row:
        return added("", self.rows)

    @cached_property
    def _each(self) -> Row:
        """Of one unit of weight: what all shares together bring and take."""
        return added("", self._scaled(Fraction(1)))

    def _scaled(self, scale: Fraction) -> tuple[Row, ...]:
        return tuple(row_of(way, way.share * scale) for way in self.sheet.ways)

    @property
    def leads(self) -> dict[str, Fraction]:
        return {row.name: row.leads for row in self.rows}

    @cached_property
    def weeks(self) -> tuple[Week, ...]:
        return tuple(_weeks(self.sheet, self.past.room))

    @property
    def season(self) -> list[float]:
        return [float(week.season) for week in self.weeks]

    @cached_property
    def delay(self) -> list[float]:
        """Of all sales of the plan: the delays of its kinds, each by what it brings."""
        total = self.together.revenue
        longest = max(len(way.delay) for way in self.sheet.ways)
        out = [0.0] * longest
        for way, row in zip(self.sheet.ways, self.rows, strict=True):
            for week, share in enumerate(way.delay):
                out[week] += share * float(row.revenue / total)
        return out

    @cached_property
    def lead_value(self) -> int | None:
        """Lead value that must come in the period so that the goal is closed within it, minor units.

        None, when less than a hundredth of it would be.
        """
        try:
            found = must_come(whole(self.sheet.revenue), self.season, [min(part, 1.0) for part in self.delay])
        except NoPlan:
            return None
        return found if found * IN_TIME <= self.sheet.revenue else None

    @cached_property
    def months(self) -> list[tuple[date, Month]]:
        """Lead value by month, and by week within it; a week counts to the month in which it begins here."""
        firsts: dict[date, list[float]] = {}
        for week in self.weeks:
            firsts.setdefault(week.first.replace(day=1), []).append(float(week.season))
        found = targets(self.lead_value or whole(self.sheet.revenue), list(firsts.values()))
        return list(zip(firsts, found, strict=True))

    @cached_property
    def owed(self) -> list[Owed]:
        """What both teams owe, week by week, adding up to the plan."""
        points = [way.point for way in self.sheet.ways]
        return owed(self.lead_value or whole(self.sheet.revenue), self.season, points, self.leads)

    @cached_property
    def needed(self) -> list[Fraction]:
        """Sales hours that the leads of each week take, exact."""
        total = sum((week.season for week in self.weeks), ZERO)
        return [self.together.hours * week.season / total for week in self.weeks]

    @property
    def room(self) -> Fraction | None:
        """Sales hours in the period; None without limit."""
        if any(week.hours is None for week in self.weeks):
            return None
        return sum((week.hours or ZERO for week in self.weeks), ZERO)

    @cached_property
    def mix(self) -> Mix | str:
        """The best split within the limits of the plan; a sentence, when nothing limits it."""
        try:
            return best([way.point for way in self.sheet.ways], self.limits)
        except NoPlan as why:
            return str(why)

    @property
    def limits(self) -> Limits:
        return Limits(self.sheet.visitors, self.room, self.sheet.budget)

    @property
    def best_rows(self) -> tuple[Row, ...]:
        """The rows of the best split; empty when there is none."""
        if isinstance(self.mix, str):
            return ()
        return tuple(row_of(way, self.mix.made.leads[way.name]) for way in self.sheet.ways)

    @property
    def last_weeks(self) -> list[LastWeek]:
        return [_last(way, self.weeks) for way in self.sheet.ways]

    def pinned(self) -> Row | None:
        """All that follows from the pinned figures, in the split of the plan; None when nothing is pinned.

        raises     NoPlan, when they contradict each other
        """
        pins, each = self.sheet.pins, self._each
        if not pins:
            return None
        known: dict[str, Number] = {"lead_rate": each.leads / each.visitors, "hours_per_lead": each.hours / each.leads}
        known |= {"sale_rate": each.customers / each.leads, "cost_per_lead": each.cost / each.leads}
        found = follow({name: n for name, n in known.items() if n} | dict(pins))
        if "leads" not in found:
            raise NoPlan(f"Nothing follows from {' and '.join(pins)}: the leads of this plan take none of it.")
        return added("", self._scaled(found["leads"].value / each.leads))

    @property
    def troubles(self) -> dict[str, str]:
        """What cannot be as the plan says, by field: it can be kept so, and should not be signed so."""
        out, all_of = {}, self.together
        for row, way in zip(self.rows, self.sheet.ways, strict=True):
            if way.most is not None and row.leads > way.most:
                out[f"most.{way.name}"] = (
                    f"{way.name}: the plan takes {whole(row.leads):,} leads, and {whole(way.most):,} can be got."
                )
        for name, limit, takes, word in (
            ("visitors", self.sheet.visitors, all_of.visitors, "visitors"),
            ("hours", self.room, all_of.hours, "hours of sales"),
        ):
            if limit is not None and takes > limit:
                out[name] = f"The plan takes {whole(takes):,} {word}, and there are {whole(limit):,}."
        if self.sheet.budget is not None and all_of.cost > self.sheet.budget:
            out["budget"] = "The plan takes more than its budget."
        if not isinstance(self.mix, str) and self.mix.made.value < self.sheet.revenue:
            out["goal"] = "Within these limits no split reaches the goal."
        if self.lead_value is None:
            out["last"] = (
                "Hardly any lead of this period is sold within it. Choose a longer period, or leads that are sold sooner."
            )
        return out


def read(document: Any, past: Past, today: date | None = None) -> Planned:
    """Read a document and work it out; see `planning.read`.

    raises     planning.Unsound
    """
    return Planned(read_sheet(document, past, today), past)


def row_of(way: Way, leads: Fraction) -> Row:
    """What so many leads of one kind bring and take."""
    sqls = leads * way.to_sql.value if way.to_sql else None
    customers = leads * way.sale_rate
    return Row(
        way.name, leads / way.lead_rate.value, leads, sqls, customers, customers * way.value.value, leads * way.hours.value,
        leads * way.cost.value,
    )  # fmt: skip


def added(name: str, rows: Sequence[Row]) -> Row:
    def total(field: str) -> Fraction:
        return sum((getattr(row, field) for row in rows), ZERO)

    sqls = None if any(row.sqls is None for row in rows) else total("sqls")
    names = ("customers", "revenue", "hours", "cost")
    return Row(name, total("visitors"), total("leads"), sqls, *(total(n) for n in names))


def _weeks(sheet: Sheet, room: Mapping[date, float]) -> Iterator[Week]:
    """The weeks of a period, from Monday to Sunday; the first and last as far as they lie in it."""
    day = sheet.first
    while day <= sheet.last:
        monday = day - timedelta(days=day.weekday())
        end = min(monday + 6 * DAY, sheet.last)
        days = [day + n * DAY for n in range((end - day).days + 1)]
        season = sum((sheet.season[d.month - 1] for d in days), ZERO) / 7
        usual = None if monday not in room else Fraction(str(room[monday]))
        part = Fraction(sum(d.weekday() < 5 for d in days), 5)
        hours = usual if sheet.hours is None else sheet.hours
        yield Week(day, len(days), season, None if hours is None else hours * part)
        day = end + DAY


def _last(way: Way, weeks: Sequence[Week]) -> LastWeek:
    known = list(accumulate(way.delay))
    takes = next((week for week, come in enumerate(known) if come >= HALF), None)
    found = [last_week(way.delay, len(weeks), share) for share in (HALF, HARDLY)]
    half, hardly = (None if week is None else weeks[week].first for week in found)
    return LastWeek(way.name, takes, half, hardly)
