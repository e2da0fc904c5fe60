"""The chance of a plan: its weeks that are left, its open leads and what was won, as a period to simulate (B1).

Source: docs/algorithms/plan.md
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date, timedelta
from fractions import Fraction

from .chance import YEARS, Chance, Gain, Kind, Period, chance, gain
from .plan import NoPlan
from .planned import Planned, Row, Week
from .planning import Past, PointPast, Way
from .points import Input

MORE = 0.1  # that a lever moves
SOONER = 2  # weeks
TYPED_N = 50  # a rate that somebody typed is believed as if it rested on so many leads
USUAL_N = 10
OPEN = "{name}, open now"


@dataclass(frozen=True)
class Lever:
    """One change of the plan, by itself, and the chance that it gives.

    name       what changes: "leads" or "swap" (for others that take as many hours) of a kind, "win", "faster", "hours" of sales
    kind       name of the conversion point that it is about; "" for all
    by         how much: leads or hours a week, share of the rate, weeks
    instead    of a swap: the kind that there are fewer of, and how many fewer a week
    hours      of sales a week more that it takes
    """

    name: str
    kind: str
    by: float
    chance: float
    hours: float
    instead: tuple[str, float] = ("", 0.0)


def period(planned: Planned, today: date, won: int = 0, leads: Sequence[Row] | None = None) -> Period:
    """What is left of a plan, ready for `chance.chance`: in full before its first day.

    Of the leads that are open today, what they bring before that day is left out.

    won        revenue of the period until today, minor units
    leads      of the whole period by kind; those of the plan, if not given
    raises     NoPlan, when the period is over, or sales has no hours in the rest of it
    """
    rows = planned.rows if leads is None else leads
    weeks, before = left(planned, today), max((planned.sheet.first - today).days, 0) // 7
    if not weeks:
        raise NoPlan("This period is over.")
    total = float(sum((week.season for week in planned.weeks), Fraction(0)))
    seasons = tuple(float(week.season) / total for week in weeks)
    kinds = []
    for way, row in zip(planned.sheet.ways, rows, strict=True):
        new = _new(way, tuple(float(row.leads) * share for share in seasons), planned.past)
        kinds += [new, *_open(new, way, len(weeks), before)]
    hours = None if any(week.hours is None for week in weeks) else tuple(float(week.hours or 0) for week in weeks)
    goal = max(float(planned.sheet.revenue) - won, 0.0)
    return Period(goal, tuple(kinds), hours, planned.sheet.spread if hours else 0.0)


def left(planned: Planned, today: date) -> list[Week]:
    """The weeks of a plan from today on; the running one by the days that are left of it."""
    out = []
    for week in planned.weeks:
        end = week.first + timedelta(days=week.days)
        if end <= today:
            continue
        days = (end - max(today, week.first)).days
        part = Fraction(days, week.days)
        out.append(replace(week, season=week.season * part, hours=None if week.hours is None else week.hours * part))
    return out


def _new(way: Way, leads: tuple[float, ...], past: Past) -> Kind:
    """The leads of one point that are still to come."""
    own = way.past or past.every
    values = _values(way, own if own.values else past.every)
    return Kind(
        way.name, leads, float(way.sale_rate), values, way.delay, came=own.came or TYPED_N, n=_n(way),
        hours=float(way.hours.value),
    )  # fmt: skip


def _open(new: Kind, way: Way, weeks: int, before: int) -> list[Kind]:
    """The leads of one point that came already and are open: what is still expected of them, without new hours.

    before     weeks until the plan begins: what they bring in these is not the plan's
    """
    past = way.past
    coming = past.coming[before:] if past else ()
    total = sum(coming)
    if past is None or not past.open or total <= 0:
        return []
    expected, delay = min(total, float(past.open)), tuple(part / total for part in coming)
    return [
        replace(
            new, name=OPEN.format(name=new.name), leads=(float(past.open), *(0.0,) * (weeks - 1)), rate=expected / past.open,
            delay=delay, came=None, hours=0.0,
        )
    ]  # fmt: skip


def _n(way: Way) -> int:
    """Leads that the rate from lead to sale rests on: so many that it is as sure as both its steps are.

    A share p of n has the squared relative error (1 - p) / pn, and those of two steps add up. Where the second step rests on just those
    who came through the first, these are the leads.
    """
    steps = [(float(one.value), max(_weight(one), 1)) for one in (way.to_sql, way.to_won) if one is not None]
    error, rate = sum((1 - share) / (share * n) for share, n in steps), float(way.sale_rate)
    return max(round((1 - rate) / (rate * error)), 1) if error else min(n for _share, n in steps)


def _weight(one: Input) -> int:
    if one.source == "history" and one.history:
        return one.history.n
    return max(one.history.n if one.history else 0, TYPED_N) if one.source == "typed" else USUAL_N


def _values(way: Way, past: PointPast) -> tuple[float, ...]:
    """Deals as they were, moved to the mean that the plan says; that mean alone, when there are none."""
    says = float(way.value.value)
    if not past.values:
        return (says,)
    mean = sum(past.values) / len(past.values)
    return tuple(value * says / mean for value in past.values)


def told(
    planned: Planned, today: date, seed: int, won: int = 0, years: int = YEARS, leads: Sequence[Row] | None = None
) -> Chance:
    """The chance of a plan from today on; see `period`."""
    return chance(period(planned, today, won, leads), seed, years)


def levers(planned: Planned, today: date, seed: int, won: int = 0, years: int = YEARS) -> list[Lever]:
    """What would help, each by itself, from today on: the chance that each lever gives, the best first."""
    now = period(planned, today, won)
    weeks, new = len(now.kinds[0].leads), [kind for kind in now.kinds if kind.hours or any(kind.leads[1:])]
    tried: list[tuple[Lever, Period]] = []
    for kind in new:
        by = sum(kind.leads) / weeks * MORE
        if by:
            more = _leads(now, {kind.name: 1 + MORE})
            tried.append((Lever("leads", kind.name, by, 0.0, by * kind.hours), more))
    if swap := _swap(now, new, weeks):
        tried.append(swap)
    won_more = _each(now, lambda kind: replace(kind, rate=min(kind.rate * (1 + MORE), 1.0)))
    tried.append((Lever("win", "", MORE, 0.0, 0.0), won_more))
    sooner = _each(now, lambda kind: replace(kind, delay=(sum(kind.delay[: SOONER + 1]), *kind.delay[SOONER + 1 :])))
    tried.append((Lever("faster", "", float(SOONER), 0.0, 0.0), sooner))
    if now.hours is not None:
        by = sum(now.hours) / weeks * MORE
        tried.append((Lever("hours", "", by, 0.0, 0.0), replace(now, hours=tuple(h * (1 + MORE) for h in now.hours))))
    found = [replace(lever, chance=chance(then, seed, years).chance) for lever, then in tried]
    return sorted(found, key=lambda lever: -lever.chance)


@dataclass(frozen=True)
class More:
    """What one more of something would bring in the rest of the period (R14).

    what       "salesperson", "marketer" or "media"
    by         hours a week, leads a week, leads in all
    """

    what: str
    by: float
    gain: Gain


def more(
    planned: Planned, today: date, seed: int, sellers: int, marketers: int, media: int, won: int = 0, years: int = YEARS
) -> list[More]:
    """What one more salesperson, marketer and so much more media would bring, each by itself; what cannot be told is left out.

    sellers, marketers   that there are: one more brings as much as each of them
    media                minor units, spent on leads in the split of the plan, at what they cost there
    """
    now = period(planned, today, won)
    weeks = len(now.kinds[0].leads)
    new = {way.name for way in planned.sheet.ways}
    out = []
    if now.hours is not None and sellers:
        then = replace(now, hours=tuple(h * (1 + 1 / sellers) for h in now.hours))
        out.append(More("salesperson", sum(now.hours) / weeks / sellers, gain(now, then, seed, years)))
    total = sum(sum(kind.leads) for kind in now.kinds if kind.name in new)
    if marketers and total:
        then = _leads(now, dict.fromkeys(new, 1 + 1 / marketers))
        out.append(More("marketer", total / weeks / marketers, gain(now, then, seed, years)))
    cost = float(planned.together.cost / planned.together.leads)
    if cost and total:
        leads = media / cost
        then = _leads(now, dict.fromkeys(new, 1 + leads / total))
        out.append(More("media", leads, gain(now, then, seed, years)))
    return out


def _each(now: Period, change: Callable[[Kind], Kind]) -> Period:
    return replace(now, kinds=tuple(change(kind) for kind in now.kinds))


def _leads(now: Period, by: Mapping[str, float]) -> Period:
    """With so many times the leads of some kinds."""
    return _each(now, lambda kind: replace(kind, leads=tuple(n * by.get(kind.name, 1.0) for n in kind.leads)))


def _swap(now: Period, new: Sequence[Kind], weeks: int) -> tuple[Lever, Period] | None:
    """Fewer of the leads that bring least in an hour, for as many hours of those that bring most."""
    known = [kind for kind in new if kind.hours and sum(kind.leads)]
    if len(known) < 2:
        return None
    by_hour = sorted(known, key=lambda kind: (kind.rate * sum(kind.values) / len(kind.values) / kind.hours, kind.name))
    worst, most = by_hour[0], by_hour[-1]
    fewer = sum(worst.leads) * MORE
    more = fewer * worst.hours / most.hours
    then = _leads(now, {worst.name: 1 - MORE, most.name: 1 + more / sum(most.leads)})
    return Lever("swap", most.name, more / weeks, 0.0, 0.0, (worst.name, fewer / weeks)), then
