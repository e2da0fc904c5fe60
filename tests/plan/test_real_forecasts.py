"""Two real firms: what Tilth forecast from their history up to a day, beside what then happened (docs/algorithms/plan.md, On real data)."""

import csv
import re
from collections import defaultdict
from collections.abc import Sequence
from datetime import date, timedelta
from pathlib import Path
from typing import NamedTuple

import numpy as np
import pytest

from tests.capture.importing import real
from tests.capture.test_olist import DEALS, LEADS
from tilth.core.chance import Chance, Kind, Period, chance, reached
from tilth.core.survival import LOST, OPEN, WON, Curve, curve, incidence
from tilth.insight.measures.inputs import FEW, NEWEST, coming, delays
from tilth.insight.measures.rates import lacks

pytestmark = pytest.mark.data
HORIZON, WEEKS, WEEK, SEED, YEARS = 365, 13, 7, 7, 20_000
NEVER, NEW, OLD = date.max, "new", "open"


class Case(NamedTuple):
    """One lead as the records end up; what lies after the day of a forecast is hidden from it. `amount` of its sale, minor units."""

    kind: str
    came: date
    ended: date
    how: int
    amount: int = 1


class Known(NamedTuple):
    """The leads of one kind as they were known at the end of a day."""

    days: np.ndarray
    ended: np.ndarray
    values: list[int]
    lately: int

    def curve(self, outcome: int = WON) -> Curve:
        return curve(self.days, self.ended, outcome)


def known(cases: Sequence[Case], today: date) -> Known:
    some = [case for case in cases if case.came <= today]
    over = [case.ended <= today for case in some]
    sold = sorted((c for c, done in zip(some, over, strict=True) if done and c.how == WON), key=lambda c: c.ended)
    return Known(
        np.array([float(max(((c.ended if done else today) - c.came).days, 0)) for c, done in zip(some, over, strict=True)]),
        np.array([c.how if done else OPEN for c, done in zip(some, over, strict=True)]),
        [case.amount for case in sold[::-1] if case.amount > 0][:NEWEST],
        sum(case.came > today - timedelta(weeks=WEEKS) for case in some),
    )  # fmt: skip


def forecast(cases: Sequence[Case], today: date, begin: int = 0) -> Chance:
    """Revenue of the WEEKS weeks that begin so many weeks after a day."""
    return chance(Period(0, tuple(kinds(cases, today, begin))), SEED, YEARS)


def kinds(cases: Sequence[Case], today: date, begin: int = 0) -> list[Kind]:
    """Leads that are open, and new ones at the pace of late.

    A kind with too few leads for a rate takes that of all, with few sales their delays and amounts; as a plan does. Nothing limits the
    hours, so that all leads may stand in one week, each by the share of its sales that falls into the time.
    """
    apart = defaultdict(list)
    for case in cases:
        apart[case.kind].append(case)
    every, out = known(cases, today), []
    for name, own in sorted(apart.items()):
        one = known(own, today)
        if not len(one.days):
            continue
        seen = incidence(one.days, one.ended, HORIZON, enough=0)
        rated = seen if not lacks(seen, seen.share or 0.0) else incidence(every.days, every.ended, HORIZON, enough=0)
        timed = one if len(one.values) >= FEW else every
        rate, delay = rated.share or 0.0, delays(timed.curve())
        due = (reached(delay, begin + WEEKS).sum() - reached(delay, begin).sum()) * one.lately / WEEKS
        out.append(Kind(f"{name}, {NEW}", (due,), rate, timed.values, came=one.lately, n=rated.n))
        ages = one.days[one.ended == OPEN]
        left, still = sum(coming(ages, one.curve(), one.curve(LOST))[begin : begin + WEEKS]), len(ages)
        if left:
            out.append(Kind(f"{name}, {OLD}", (float(still),), left / still, timed.values, n=rated.n))
    return out


def expected(some: Sequence[Kind], which: str) -> float:
    """Revenue of open leads, or of new ones."""
    return sum(k.leads[0] * k.rate * float(np.mean(k.values)) for k in some if k.name.endswith(which))


def happened(cases: Sequence[Case], first: date, since: date = date.min, until: date = date.max) -> int:
    """Revenue of the WEEKS weeks from a day on, of leads that came between two days."""
    last = first + timedelta(weeks=WEEKS)
    return sum(c.amount for c in cases if c.how == WON and first <= c.ended < last and since <= c.came <= until)


def told(found: Chance, unit: int = 1) -> tuple[int, int, int]:
    """The median and the interval that should hold 4 times in 5."""
    return tuple(round(found.quantile(share) / unit) for share in (0.5, 0.1, 0.9))


def day(text: str) -> date:
    return date.fromisoformat(text[:10]) if text else NEVER


def olist() -> list[Case]:
    with real("olist_funnel", DEALS).open() as file:
        won = {row["mql_id"]: day(row["won_date"]) for row in csv.DictReader(file)}
    with real("olist_funnel", LEADS).open() as file:
        return [
            Case(row["origin"], day(row["first_contact_date"]), won.get(row["mql_id"], NEVER), WON)
            for row in csv.DictReader(file)
        ]


def maven() -> list[Case]:
    """Opportunities by product, from when somebody engaged; those that nobody engaged with have no day and are not known yet."""
    how = {"Won": WON, "Lost": LOST, "Engaging": OPEN}
    with real("maven_crm", "sales_pipeline.csv").open() as file:
        return [
            Case(row["product"], day(row["engage_date"]), day(row["close_date"]), how[row["deal_stage"]], 100 * int(row["close_value"] or 0))
            for row in csv.DictReader(file)
            if row["engage_date"]
        ]  # fmt: skip


def stands(firm: str) -> list[int]:
    """Median, interval and what happened, as they stand in the row of the documentation."""
    rows = (Path(__file__).parents[2] / "docs/algorithms/plan.md").read_text().splitlines()
    (row,) = (row for row in rows if row.startswith(f"| {firm} |"))
    return [int(cell.replace(",", "")) for cell in re.findall(r"\d[\d,]*", row.split("|", 2)[2].split("%")[0])[:4]]


def near(numbers: Sequence[int]) -> object:
    """Another build of NumPy may draw a little otherwise."""
    return pytest.approx(list(numbers), rel=0.01)


def test_wins_of_a_brazilian_marketplace_in_the_next_quarter() -> None:
    """Three in ten too few: its records of deals began four months before, and sales got faster."""
    cases = olist()
    found = forecast(cases, date(2018, 3, 31))
    was = happened(cases, date(2018, 4, 1))
    assert was == 386  # of 842
    assert [*told(found), was] == near(stands("olist_funnel, wins"))
    assert found.quantile(0.9) < was


@pytest.mark.parametrize(
    ("quarters", "today", "begin"), [("two", date(2017, 7, 2), 13), ("three", date(2017, 10, 1), 0)]
)
def test_revenue_of_a_hardware_firm_in_its_last_quarter(quarters: str, today: date, begin: int) -> None:
    """A quarter too much: six in ten of the opportunities that were open never came to an end."""
    cases = maven()
    found = forecast(cases, today, begin)
    was = happened(cases, date(2017, 10, 2))
    assert was == 2_783_728_00
    assert [*told(found, 100_000), round(was / 100_000)] == near(
        stands(f"maven_crm, revenue in thousands, from {quarters} quarters")
    )
    assert found.quantile(0.1) > was


def test_why_the_marketplace_won_more() -> None:
    """Leads that came before deals were recorded stand in its rate as if they had been watched and had not bought."""
    cases, today, first = olist(), date(2018, 3, 31), date(2018, 4, 1)
    found = kinds(cases, today)
    assert [round(expected(found, which)) for which in (OLD, NEW)] == [51, 217]
    assert [happened(cases, first, until=today), happened(cases, first, since=first)] == [121, 265]
    before = [case for case in cases if case.came < date(2017, 12, 1)]
    assert (len(before), sum(case.ended <= today for case in before)) == (1802, 12)
    later = [case for case in cases if case.came >= date(2017, 12, 1)]
    assert told(forecast(later, today)) == near([429, 395, 464])


def test_why_the_hardware_firm_won_less() -> None:
    """Of its newer opportunities twice as many were never closed as of the older ones."""
    cases, today, first = maven(), date(2017, 10, 1), date(2017, 10, 2)
    found = kinds(cases, today)
    assert [round(expected(found, which) / 1e8, 2) for which in (OLD, NEW)] == [2.01, 1.48]
    was = [happened(cases, first, until=today), happened(cases, first, since=first)]
    assert [round(amount / 1e8, 2) for amount in was] == [1.29, 1.50]
    until_june = [case.how for case in cases if case.came <= date(2017, 6, 30)]
    summer = [case.how for case in cases if date(2017, 7, 1) <= case.came <= date(2017, 8, 31)]
    assert [round(how.count(OPEN) / len(how), 2) for how in (until_june, summer)] == [0.16, 0.33]


def test_a_forecast_knows_nothing_of_what_came_later() -> None:
    cases, today = olist(), date(2018, 3, 31)
    hidden = [case if case.ended <= today else case._replace(ended=NEVER) for case in cases if case.came <= today]
    assert forecast(hidden, today).revenue.tobytes() == forecast(cases, today).revenue.tobytes()
