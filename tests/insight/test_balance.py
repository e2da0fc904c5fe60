"""The balance sheet against a count of heads: each person followed through every week, one by one."""

from collections import Counter
from collections.abc import Callable
from datetime import UTC, date, datetime, timedelta

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from tests.insight.conftest import NOON, YEAR, ZONE
from tilth.core.clock import instant
from tilth.insight.balance import Line, Moves, checked, mondays, moves
from tilth.insight.movers import CAME, CLOSING, FLOWS, OPENING, WENT, Figure, movers
from tilth.insight.period import Period
from tilth.people.models import Person
from tilth.qualify.models import Stage, StageChange, Standing
from tilth.touches.models import Origin

pytestmark = pytest.mark.django_db

MARCH = Period(date(2026, 3, 2), date(2026, 3, 29), ZONE)  # four whole weeks; NOON is in the second
LATER = NOON + timedelta(days=60)
DAY = timedelta(days=1)

Course = list[tuple[str, float]]


@pytest.fixture
def somebody() -> Callable[..., Person]:
    """A person with a course, as (stage, days from NOON), in the order in which it was recorded."""

    def somebody(course: Course, source: str | None = None) -> Person:
        person = Person.objects.create(first_name="Ada", at=NOON)
        was = ""
        for stage, days in course:
            StageChange.objects.create(person=person, stage=stage, was=was, at=NOON.astimezone(UTC) + days * DAY)
            was = stage
        if course:
            Standing.objects.create(person=person, stage=course[-1][0], at=NOON)
        if source is not None:
            Origin.objects.create(person=person, at=NOON, door="person", source=source)
        return person

    return somebody


def at_moments(moments: list[datetime]) -> list[Counter[str]]:
    """Who is where just before each moment, by following everybody; what lies before what was recorded earlier, waits for it."""
    out = [Counter[str]() for _ in moments]
    gone = dict(Person.everyone.exclude(erased_at=None).values_list("pk", "erased_at"))
    for person in Person.everyone.values_list("pk", flat=True):
        course, since = [], None
        for stage, at in StageChange.objects.filter(person=person).order_by("pk").values_list("stage", "at"):
            since = at if since is None else max(since, at)
            course.append((since, stage))
        for count, moment in zip(out, moments, strict=True):
            reached = [stage for since, stage in course if since < moment]
            if reached and not (person in gone and gone[person] < moment):
                count[reached[-1]] += 1
    return out


def holds(period: Period, now: datetime) -> Moves:
    """The laws of the sheet: it adds up, it is what heads say, it closes where people stand, and its figures can be opened."""
    found = moves(period, now, sources=True)
    bounds = [instant(day, datetime.min.time(), ZONE) for day in found.weeks]
    until = [*bounds[1:], None if found.weeks[-1] + timedelta(days=7) > now.date() else bounds[-1] + 7 * DAY]
    counted = at_moments([*bounds, until[-1] or datetime.max.replace(tzinfo=ZONE)])
    for number, (monday, sheet) in enumerate(found.by_week().items()):
        moved = Counter[str]()
        for stage, line in sheet.items():
            assert line.opening == counted[number][stage], (monday, stage)
            assert line.opening + line.came.total() - line.went.total() == line.closing == counted[number + 1][stage]
            assert min([*line.came.values(), *line.went.values(), line.opening, line.closing]) >= 0
            moved[""] += line.came[""] - line.went[""]
            for flow, n in zip(FLOWS, (line.opening, line.came.total(), line.went.total(), line.closing), strict=True):
                erased = line.went[""] if flow == WENT else 0
                if n:
                    assert len(movers(Figure(stage, flow, bounds[number], until[number]), most=999)) == n - erased
        assert sum(line.closing - line.opening for line in sheet.values()) == moved[""]
    together, sources = found.together(), found.by_source().values()
    for stage, line in together.items():
        assert sum(sheet[stage].closing for sheet in sources) == line.closing
        assert sum((sheet[stage].came for sheet in sources), Counter()) == line.came
    if until[-1] is None:
        assert checked(together) == {}
    return found


def test_an_empty_tilth_is_in_balance() -> None:
    sheet = holds(MARCH, LATER).together()
    assert sheet == {stage: Line(0, Counter(), Counter()) for stage in Stage.values}


def test_what_leaves_one_stage_comes_to_another(somebody) -> None:
    somebody([("visitor", -30), ("lead", -8), ("mql", 0), ("sql", 5), ("customer", 12)])
    somebody([("lead", -30), ("mql", -20), ("lead", 1)])
    by_week = holds(MARCH, LATER).by_week()
    lead = [by_week[date(2026, 3, day)]["lead"] for day in (2, 9, 16, 23)]
    assert [line.opening for line in lead] == [0, 1, 1, 1]
    assert lead[0] == Line(0, Counter(visitor=1), Counter())
    assert lead[1] == Line(1, Counter(mql=1), Counter(mql=1))
    assert by_week[date(2026, 3, 16)]["customer"].came == Counter(sql=1)


def test_a_moment_on_monday_midnight_is_of_the_week_that_begins(somebody) -> None:
    midnight = instant(date(2026, 3, 16), datetime.min.time(), ZONE)
    somebody([("lead", (midnight - NOON) / DAY)])
    by_week = holds(MARCH, LATER).by_week()
    assert [sheet["lead"].came.total() for sheet in by_week.values()] == [0, 0, 1, 0]


def test_weeks_begin_on_monday_in_the_firms_zone_over_both_changes_of_the_clock(somebody) -> None:
    for day in (date(2026, 3, 30), date(2026, 10, 26)):
        monday = instant(day, datetime.min.time(), ZONE)
        for minutes in (-1, 0, 1):
            somebody([("lead", (monday + timedelta(minutes=minutes) - NOON) / DAY)])
    by_week = holds(YEAR, datetime(2027, 2, 1, tzinfo=ZONE)).by_week()
    came = {day: sheet["lead"].came.total() for day, sheet in by_week.items() if sheet["lead"].came}
    assert came == {date(2026, 3, 23): 1, date(2026, 3, 30): 2, date(2026, 10, 19): 1, date(2026, 10, 26): 2}


def test_what_is_learned_late_does_not_change_a_booked_week(somebody) -> None:
    """They had bought two weeks before they were known to us; nobody was a customer in our books by then."""
    somebody([("visitor", 0), ("lead", 0), ("customer", -14)])
    by_week = holds(MARCH, LATER).by_week()
    assert [sheet["customer"].closing for sheet in by_week.values()] == [0, 1, 1, 1]


def test_a_customer_who_buys_again_does_not_move(somebody) -> None:
    somebody([("customer", -8), ("customer", 0), ("customer", 8)])
    assert [sheet["customer"].came.total() for sheet in holds(MARCH, LATER).by_week().values()] == [1, 0, 0, 0]


def test_two_histories_that_became_one_are_one_person(somebody) -> None:
    person = somebody([("visitor", -8), ("lead", -7)])
    StageChange.objects.filter(person=somebody([("visitor", -3), ("subscriber", 1)])).update(person=person)
    StageChange.objects.create(person=person, stage="lead", was="subscriber", at=NOON + 9 * DAY)
    assert sum(line.closing for line in holds(MARCH, LATER).together().values()) == 1


def test_who_was_erased_leaves_the_books_on_that_day(somebody) -> None:
    person = somebody([("lead", -8), ("mql", 0)], "fair")
    Standing.objects.filter(person=person).delete()
    Person.objects.filter(pk=person.pk).update(erased_at=NOON + 9 * DAY)
    by_week = holds(MARCH, LATER).by_week()
    assert by_week[date(2026, 3, 16)]["mql"] == Line(1, Counter(), Counter({"": 1}))
    assert holds(MARCH, NOON + 9 * DAY).together()["mql"].closing == 0


def test_who_came_from_a_fair_stands_under_the_fair(somebody) -> None:
    somebody([("lead", 0)], "fair")
    somebody([("lead", 0), ("mql", 1)], "search")
    somebody([("visitor", 0)])
    sources = holds(MARCH, LATER).by_source()
    assert {name: sheet["lead"].came.total() for name, sheet in sources.items()} == {"": 0, "fair": 1, "search": 1}
    since = instant(date(2026, 3, 2), datetime.min.time(), ZONE)
    assert [m.was for m in movers(Figure("mql", CLOSING, since, None, "search"))] == ["lead"]
    assert movers(Figure("mql", CLOSING, since, None, "fair")) == []


def test_a_difference_to_where_people_stand_is_told(somebody) -> None:
    person = somebody([("lead", 0)])
    Standing.objects.filter(person=person).update(stage="mql")
    assert checked(moves(YEAR, LATER).together()) == {"lead": -1, "mql": 1}


def test_a_long_list_goes_page_by_page(somebody) -> None:
    for day in range(5):
        somebody([("lead", day / 10)])
    figure = Figure("lead", CAME, NOON - DAY, None)
    first = movers(figure, most=3)
    rest = movers(figure, before=first[-1].move, most=3)
    assert len({m.person for m in first + rest}) == 5
    assert movers(Figure("lead", OPENING, NOON - DAY, None)) == []


def test_weeks_end_with_the_one_that_it_is_now() -> None:
    assert mondays(YEAR, NOON)[-1] == date(2026, 3, 9)
    assert mondays(YEAR, NOON)[0] == date(2025, 12, 29)
    assert mondays(Period(date(2027, 1, 1), date(2027, 2, 1), ZONE), NOON) == [date(2026, 12, 28)]


def test_a_sheet_is_one_query_and_its_check_another(somebody) -> None:
    somebody([("lead", 0), ("mql", 1)])
    with CaptureQueriesContext(connection) as asked:
        checked(moves(YEAR, LATER, sources=True).together())
    assert len(asked) == 2
