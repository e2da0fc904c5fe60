"""The queue of sales with a million held leads: the database's part of its first page, of a later page, and of one lead's place.

    python benchmarks/queues.py [--leads 1000000] [--sellers 1000] [--late 10] [--postgres]

Fills a database by SQL (a benchmark may; the product never does): every lead is held, every tenth (`--late`) has a promise that is
late. Then asks for the queue of one seller after the other. The database's part is the time between handing a statement to the
driver and having its last row. Prints p50 and p95 of it in milliseconds, beside a bare read of twenty rows by the index, and
beside reading every key of the queue and sorting it, as was done before the order was stored.
"""

import argparse
import statistics
import time
from collections.abc import Callable
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta

from databases import house

NOW = datetime(2026, 6, 16, 8, 40, tzinfo=UTC)
NUMBERS = "WITH RECURSIVE n(i) AS (SELECT CAST(1 AS BIGINT) UNION ALL SELECT i + 1 FROM n WHERE i < {count})"
FADES = 72


def main() -> None:
    options = argparse.ArgumentParser()
    options.add_argument("--leads", type=int, default=1_000_000)
    options.add_argument("--sellers", type=int, default=1_000)
    options.add_argument("--late", type=int, default=10, help="every n-th lead has a late promise")
    options.add_argument("--rounds", type=int, default=200)
    options.add_argument("--postgres", action="store_true", help="on a PostgreSQL that starts and stops with this")
    given = options.parse_args()
    with house(given.postgres):
        begin = time.perf_counter()
        fill(given.leads, given.sellers, given.late)
        filled = time.perf_counter() - begin
        print(
            f"{given.leads:,} held leads of {given.sellers:,} sellers, every {given.late}th late; filled in {filled:.0f} s"
        )
        measure(given.rounds)


def ago(seconds: str) -> str:
    from django.db import connection

    if connection.vendor == "sqlite":
        return f"strftime('%Y-%m-%d %H:%M:%f', {NOW.timestamp()} - ({seconds}), 'unixepoch')"
    return f"to_timestamp({NOW.timestamp()} - ({seconds}))"


def fill(leads: int, sellers: int, late: int) -> None:
    from django.db import connection

    from tilth.agreement import presets
    from tilth.agreement.models import Version
    from tilth.team.models import Member

    joined = NOW - timedelta(days=900)
    team = [
        Member.objects.create(name=f"S{n}", email=f"s{n}@f.example", role="sales", joined_at=joined)
        for n in range(sellers)
    ]
    version = Version.write(presets.load("b2b-software"), team[0], joined)
    numbers, first, age = NUMBERS.format(count=leads), team[0].pk, "i % 5184000"
    value, open_ = "100000 + i * 7919 % 500000", "true" if connection.vendor == "postgresql" else "1"
    text = "::text" if connection.vendor == "postgresql" else ""
    log2 = f"ln(CAST({value} AS DOUBLE PRECISION)) / ln(CAST(2 AS DOUBLE PRECISION))"
    rank = f"{log2} + ({NOW.timestamp()} - {age}) / 3600.0 / {FADES}"
    due = f"CASE WHEN k.kind = 'first_contact' AND i % {late} = 0 THEN 3600 ELSE -86400 END"
    with connection.cursor() as cursor:
        for statement in (
            f"INSERT INTO people_person (id, first_name, last_name, title, country, language, custom, at) {numbers} "
            f"SELECT i, 'First', 'Last' || i, '', 'NL', '', '{{}}', {ago(age)} FROM n",
            f"INSERT INTO handoff_handoff (id, person_id, owner_id, version_id, at, grade, level, value, why, routing) {numbers} "
            f"SELECT i, i, {first} + i % {sellers}, {version.pk}, {ago(age)}, 'A', 4, {value}, '{{}}', '{{}}' FROM n",
            f"INSERT INTO handoff_holding (person_id, handoff_id, owner_id, since, open_deals, rank, fades_hours) {numbers} "
            f"SELECT i, i, {first} + i % {sellers}, {ago(age)}, 0, {rank}, {FADES} FROM n",
            "INSERT INTO promises_obligation (kind, debtor, member_id, handoff_id, version_id, quantity, since, due_at, open) "
            f"{numbers} SELECT k.kind, 'sales', {first} + i % {sellers}, i, {version.pk}, 1, {ago(age)}, {ago(due)}, {open_} "
            f"FROM n, (SELECT 'first_contact'{text} AS kind UNION ALL SELECT 'verdict'{text}) AS k",
            "ANALYZE",
        ):
            cursor.execute(statement)


def measure(rounds: int) -> None:
    from django.db import connection

    from tilth.handoff.models import Holding
    from tilth.promises.models import Obligation
    from tilth.team.models import Member
    from tilth.web import queue

    team = list(Member.objects.selling())

    def seller(n: int) -> Member:
        return team[n * 7 % len(team)]

    def bare(n: int) -> object:
        return list(Holding.objects.filter(owner=seller(n), open_deals=0).order_by("-rank", "-person")[:20])

    def sorted_(n: int) -> object:
        held = Holding.objects.filter(owner=seller(n), open_deals=0)
        due = Obligation.objects.filter(open=True, handoff__holding__owner=seller(n)).values_list("handoff", "due_at")
        late = {handoff for handoff, due_at in due if due_at < NOW}
        keys = held.values_list("handoff", "rank", "person")
        return sorted(keys, key=lambda key: (key[0] not in late, -key[1], -key[2]))[:20]

    def later(n: int) -> object:
        page = queue.queue(seller(n), NOW)
        return queue.queue(seller(n), NOW, page.more) if page.more else page

    def place(n: int) -> object:
        mine = Holding.objects.filter(owner=seller(n), open_deals=0).values_list("person", flat=True)[n % 7 : n % 7 + 1]
        return [queue.neighbours(seller(n), person, NOW) for person in mine]

    print(connection.vendor)
    least = report("twenty rows by the index, bare", bare, rounds)
    first = report("first page of a queue", lambda n: queue.queue(seller(n), NOW), rounds, least)
    report("first page and the one after it", later, rounds, least)
    report("how many there are", lambda n: queue.count(seller(n)), rounds, least)
    report("one lead's place, and who comes next", place, rounds, least)
    full = report("every key read and sorted", sorted_, min(rounds, 50), least)
    print(f"  the first page takes 1/{full / first:.1f} of reading and sorting every key")


def report(name: str, ask: Callable[[int], object], rounds: int, least: float | None = None) -> float:
    """Print what the database's part takes; returns its p50 in milliseconds."""
    spent, asked = [], 0
    for n in range(rounds + 5):
        with timed() as clock:
            ask(n)
        spent.append(clock["seconds"] * 1000)
        asked = clock["statements"]
    spent = spent[5:]
    p50, p95 = statistics.median(spent), statistics.quantiles(spent, n=20)[18]
    beside = f", {p50 / least:.1f} × the bare read" if least else ""
    print(f"  {name}: p50 {p50:.2f} ms, p95 {p95:.2f} ms in {asked:.0f} statements{beside}")
    return p50


@contextmanager
def timed():
    """The seconds that statements take until their rows are there, and how many they are.

    SQLite makes rows as they are fetched, so fetching is in it: the first fetch of Django reads a hundred.
    """
    from django.db import connection
    from django.db.backends.utils import CursorWrapper

    clock = {"seconds": 0.0, "statements": 0}

    def execute(run, sql, params, many, context):
        begin = time.perf_counter()
        try:
            return run(sql, params, many, context)
        finally:
            clock["seconds"] += time.perf_counter() - begin
            clock["statements"] += 1

    fetch = CursorWrapper.__getattr__

    def fetching(self, name):
        found = fetch(self, name)
        if name not in ("fetchmany", "fetchone", "fetchall"):
            return found

        def read(*args):
            begin = time.perf_counter()
            try:
                return found(*args)
            finally:
                clock["seconds"] += time.perf_counter() - begin

        return read

    CursorWrapper.__getattr__ = fetching
    try:
        with connection.execute_wrapper(execute):
            yield clock
    finally:
        CursorWrapper.__getattr__ = fetch


if __name__ == "__main__":
    main()
