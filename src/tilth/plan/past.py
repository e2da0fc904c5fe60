"""What our own records say for a plan: the kept report `inputs`, and the hours that sales has by its own calendars.

Nothing is worked out here: who asks first gets nothing, and the worker does it (`insight.kept`).
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from datetime import date, datetime, timedelta
from fractions import Fraction
from typing import Any

from tilth.agreement.models import running
from tilth.core import week
from tilth.core.planning import Past, PointPast
from tilth.core.points import History
from tilth.core.terms import Terms
from tilth.insight import kept
from tilth.insight.report import Figure, Result
from tilth.insight.reports.inputs import REPORT
from tilth.team import weeks
from tilth.team.models import Member

WEEKS = 53 * 2  # of room that are looked up
RATES = ("to_sql", "to_won")
AMOUNTS = ("value", "cost")


@dataclass(frozen=True)
class Known:
    """What the records say; `as_of` None: nobody has looked yet, and the worker is asked to."""

    past: Past
    as_of: datetime | None

    def of(self, currency: str) -> Past:
        """What it says to a plan in a currency: nothing, where our deals are in another."""
        return self.past if self.past.currency in ("", currency) else Past()


def known(now: datetime, first: date | None = None) -> Known:
    """The last twelve months as they were kept last; with sales' hours from a week on, where somebody said them."""
    row = kept.ask(REPORT, REPORT.chosen({}) | {"period": "12-months"}, now)
    result, version = kept.result_of(row), running(now)
    terms = version.terms if version else None
    room = hours(terms, first or now.date()) if terms else {}
    if result is None:
        return Known(_agreed(Past(currency=terms.currency if terms else "", room=room), terms), None)
    return Known(_agreed(past_of(result, room), terms), row.as_of)


def _agreed(past: Past, terms: Terms | None) -> Past:
    """Where history says too little: the usual deal and the hours of a lead that the agreement says. They rest on no case: n is 0."""
    if terms is None:
        return past
    every, deal, least = past.every, terms.deal_value, terms.sales.hours[0]
    if every.value is None and deal and past.currency == terms.currency:
        every = replace(every, value=History(Fraction(deal), 0, deal, deal))
    if every.hours is None and least:
        every = replace(every, hours=History(Fraction(str(least)), 0, least, least))
    return replace(past, every=every)


def past_of(result: Result, room: Mapping[date, float] | None = None) -> Past:
    """What a result of the report says, as `core.planning` reads it. What is too few is left out."""
    rows = {str(row["key"]): row for row in result.rows}
    points = {
        str(said["key"]): _point(rows.get(str(said["key"]), {}), said) for said in result.said["points"] if said["key"]
    }
    every = _point(result.together or {}, result.said["every"] | {"key": "", "name": ""})
    return Past(points, every, result.currency, tuple(result.said["season"]), room or {})


def _point(row: Mapping[str, Any], said: Mapping[str, Any]) -> PointPast:
    found = {name: _history(row.get(name)) for name in (*RATES, *AMOUNTS)}
    hours = row.get("hours")
    return PointPast(
        str(said["key"]), str(said["name"]), None, found["to_sql"], found["to_won"], found["value"],
        History(Fraction(str(hours)), 0, hours, hours) if hours else None, found["cost"],
        tuple(said["values"]), tuple(said["delay"]), said["came"], None, said["open"], tuple(said["coming"]),
    )  # fmt: skip


def _history(figure: Figure | None) -> History | None:
    """A figure that may be shown, as an exact number with what it rests on."""
    if figure is None or figure.value is None or figure.lacks or figure.value <= 0:
        return None
    low, high = (figure.value if end is None else end for end in (figure.low, figure.high))
    return History(Fraction(str(round(figure.value, 9))), figure.n or 0, low, high)


def hours(terms: Terms, first: date, members: Iterable[int] | None = None) -> dict[date, float]:
    """Hours that sales has for new leads in each week from the one of a day on, by its Monday; empty when nobody said any.

    Holidays, closing days, absence, who learns and who leaves count; where nobody said their hours, those that the agreement says.
    """
    monday = first - timedelta(days=first.weekday())
    days = [monday + timedelta(weeks=n) for n in range(WEEKS)]
    sellers = list(Member.objects.selling().values_list("pk", flat=True)) if members is None else list(members)
    said, off = weeks.weeks(sellers), weeks.days_off(sellers, monday, days[-1] + timedelta(days=6))
    own = {pk: one for pk, one in said.items() if one.room is not None}
    if own:
        return {
            day: sum(week.room_in(one, terms, day, off.get(pk, frozenset())) or 0.0 for pk, one in own.items())
            for day in days
        }
    if not terms.sales.room_hours:
        return {}
    house = week.Week(room=terms.sales.room_hours)
    return {day: week.room_in(house, terms, day, frozenset()) or 0.0 for day in days}
