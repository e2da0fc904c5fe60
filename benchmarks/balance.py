"""The balance sheet of a year: how long its figures take, and the people behind one of them.

    python benchmarks/balance.py [--people 100000] [--rounds 5] [--postgres]

Fills a database by SQL (a benchmark may; the product never does): each person reaches one to five stages in the course of a
year. Prints the median of each in milliseconds by the clock and of CPU in this process.
"""

import argparse
import os
import random
import statistics
import time
from collections.abc import Callable
from datetime import UTC, date, datetime, timedelta
from zoneinfo import ZoneInfo

from databases import house

BEGIN = datetime(2026, 1, 1, tzinfo=UTC)
NOW = datetime(2026, 12, 31, 12, tzinfo=UTC)
WAY = ("visitor", "lead", "mql", "sql", "customer")
HOW_FAR = (2, 2, 2, 3, 3, 4, 5)


def main() -> None:
    options = argparse.ArgumentParser()
    options.add_argument("--people", type=int, default=100_000)
    options.add_argument("--rounds", type=int, default=5)
    options.add_argument("--postgres", action="store_true", help="on a PostgreSQL that starts and stops with this")
    given = options.parse_args()
    with house(given.postgres):
        run(given.people, given.rounds)


def run(people: int, rounds: int) -> None:
    from django.db import connection

    changes = fill(people)
    with connection.cursor() as cursor:
        cursor.execute("ANALYZE")
    print(f"{connection.vendor}: {people:,} people, {changes:,} changes of stage; load {os.getloadavg()[0]:.1f}")

    from tilth.insight.balance import checked, moves
    from tilth.insight.movers import CAME, CLOSING, Figure, movers
    from tilth.insight.period import Period

    year = Period(date(2026, 1, 1), date(2026, 12, 31), ZoneInfo("Europe/Amsterdam"))
    week = BEGIN + timedelta(days=180), BEGIN + timedelta(days=187)
    timed("the sheet of a year by week and source", rounds, lambda: moves(year, NOW, sources=True))
    timed("the sheet of a year by week", rounds, lambda: moves(year, NOW))
    found = moves(year, NOW, sources=True)
    timed("made into lines", rounds, lambda: (found.together(), found.by_week(), found.by_source()))
    timed("compared with where people stand", rounds, lambda: checked(found.together()))
    timed("50 who came in a week", rounds, lambda: movers(Figure("mql", CAME, *week)))
    timed("50 who were there at the end of a week", rounds, lambda: movers(Figure("mql", CLOSING, *week)))


def fill(people: int) -> int:
    from django.db import transaction

    from tilth.people.models import Person
    from tilth.qualify.models import StageChange, Standing
    from tilth.touches.models import Origin

    chance = random.Random(1)
    rows = []
    for pk in range(1, people + 1):
        at, was = BEGIN + timedelta(seconds=chance.randrange(31_000_000)), ""
        for stage in WAY[: chance.choice(HOW_FAR)]:
            rows.append(StageChange(person_id=pk, stage=stage, was=was, at=at, because="a form, A 3"))
            was, at = stage, min(at + timedelta(seconds=chance.randrange(900_000)), NOW)
    rows.sort(key=lambda row: row.at)
    last = {row.person_id: row.stage for row in rows}
    sources = ("search", "fair", "ads", "mail", "partner", "social", "direct", "")
    with transaction.atomic():
        every = range(1, people + 1)
        Person.objects.bulk_create([Person(pk=pk, first_name="Ada", at=BEGIN) for pk in every], batch_size=5_000)
        StageChange.objects.bulk_create(rows, batch_size=5_000)
        Standing.objects.bulk_create(
            [Standing(person_id=p, stage=s, at=NOW) for p, s in last.items()], batch_size=5_000
        )
        origins = [Origin(person_id=p, at=BEGIN, door="person", source=chance.choice(sources)) for p in every]
        Origin.objects.bulk_create(origins, batch_size=5_000)
    return len(rows)


def timed(what: str, rounds: int, work: Callable[[], object]) -> None:
    walls, cpus = [], []
    for _ in range(rounds):
        wall, cpu = time.perf_counter(), time.process_time()
        work()
        walls.append(time.perf_counter() - wall)
        cpus.append(time.process_time() - cpu)
    print(f"  {what}: {statistics.median(walls) * 1000:,.0f} ms ({statistics.median(cpus) * 1000:,.0f} ms of CPU)")


if __name__ == "__main__":
    main()
