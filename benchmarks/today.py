"""Today for sales with a million people: the time of the page, and how many queries it takes.

    python benchmarks/today.py [--people 1000000] [--touches 20] [--postgres | --database postgresql://…]

Fills a database by SQL (a benchmark may; the product never does), signs in as one of fifty sellers with some
hundreds of open leads, and asks for the page over and over through the whole stack of middleware. Prints p50 and p95 in
milliseconds, by the clock and of CPU (of this process and the PostgreSQL process that serves it), of the page, of a page
that does nothing, and of the bare query, in one run.
"""

import argparse
import os
import pstats
import statistics
import sys
import time
from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path

from databases import house

NUMBERS = "WITH RECURSIVE n(i) AS (SELECT CAST(1 AS BIGINT) UNION ALL SELECT i + 1 FROM n WHERE i < {count})"
SELLERS = 50
HELD = 20_000
# Seconds ago: what is held was handed off in the last two months, the rest in the two years before.
HANDED = f"CASE WHEN i <= {HELD} THEN i * 259 % 5184000 ELSE 5184000 + i * 631 % 63072000 END"
NOW = datetime(2026, 6, 16, 8, 40, tzinfo=UTC)


def main() -> None:
    options = argparse.ArgumentParser()
    options.add_argument("--people", type=int, default=1_000_000)
    options.add_argument("--touches", type=int, default=20, help="per person")
    options.add_argument("--database", default="", help="default: a SQLite file that is removed afterwards")
    options.add_argument("--postgres", action="store_true", help="on a PostgreSQL that starts and stops with this")
    options.add_argument("--rounds", type=int, default=100)
    options.add_argument("--first", action="store_true", help="while measuring, other work waits (real time; as root)")
    options.add_argument("--profile", action="store_true", help="say where the page's time goes")
    given = options.parse_args()
    with house(given.postgres, given.database):
        run(given.people, given.touches, given.rounds, given.profile, given.first)


def run(people: int, touches: int, rounds: int, profile: bool, first: bool) -> None:
    from django.core.management import call_command
    from django.db import connection

    call_command("collectstatic", interactive=False, verbosity=0)
    started = time.perf_counter()
    fill(people, touches)
    print(
        f"{connection.vendor}: {people:,} people, {people * touches:,} touches in {time.perf_counter() - started:.0f} s"
    )
    for pid in processes() if first else []:
        os.sched_setscheduler(pid, os.SCHED_RR, os.sched_param(1))
    print(f"load average {os.getloadavg()[0]:.1f}{', before all other work' if first else ''}")
    measure(rounds, profile)


def ago(seconds: str) -> str:
    """SQL for a moment before NOW, in the database's own words."""
    from django.db import connection

    if connection.vendor == "sqlite":
        return f"datetime('2026-06-16 08:40:00', (0 - ({seconds})) || ' seconds')"
    return f"(timestamptz '2026-06-16 08:40:00+00' - ({seconds}) * interval '1 second')"


def fill(people: int, touches: int) -> None:
    from django.db import connection

    from tilth.agreement import presets
    from tilth.agreement.models import Version
    from tilth.team.models import Member, Role

    joined = datetime(2025, 1, 1, tzinfo=UTC)
    sellers = [
        Member.objects.create(name=f"Seller {n}", email=f"s{n}@bench.example", role=Role.SALES, joined_at=joined)
        for n in range(SELLERS)
    ]
    ann = Member.objects.create(name="Ann", email="ann@bench.example", role=Role.MARKETING, joined_at=joined)
    version = Version.write(presets.load("b2b-software"), ann, joined)
    version.sign(ann, "marketing", joined)
    version.sign(sellers[0], "sales", joined)
    first, v = sellers[0].pk, version.pk
    firms, passed, held = people // 5, min(people, 100_000), min(people, HELD)
    text = "" if connection.vendor == "sqlite" else "::text"
    due = ago(f"{HANDED} - 259200")
    statements = [
        f"INSERT INTO people_company (id, name, domain, industry, country, city, custom, at) {NUMBERS.format(count=firms)} "
        f"SELECT i, 'Firm ' || i, 'firm' || i || '.example', 'Horticulture', 'NL', '', '{{}}', {ago('i')} FROM n",
        f"INSERT INTO people_person (id, first_name, last_name, title, country, language, company_id, custom, at) {NUMBERS.format(count=people)} "
        f"SELECT i, 'First' || i % 997, 'Last' || i, 'Manager', 'NL', '', 1 + i % {firms}, '{{}}', {ago('i')} FROM n",
        f"INSERT INTO people_email (person_id, address) {NUMBERS.format(count=people)} SELECT i, 'p' || i || '@firm.example' FROM n",
        "INSERT INTO qualify_standing (person_id, version_id, stage, grade, level, fit_points, interest_points, action, reasons, at) "
        f"{NUMBERS.format(count=people)} SELECT i, {v}, CASE WHEN i <= {passed} THEN 'mql' ELSE 'lead' END, 'A', 4, 50, 40 + i % 7, 'hand_off', '{{}}', {ago('i')} FROM n",
        "INSERT INTO handoff_handoff (id, person_id, owner_id, version_id, at, grade, level, value, why, routing) "
        f"{NUMBERS.format(count=passed)} SELECT i, i, {first} + i % {SELLERS}, {v}, {ago(HANDED)}, 'A', 4, 100000 + i % 500000, "
        """'{"fit": [], "interest": [{"rule": "demo", "say": "Asked for a demo", "points": 45, "times": 1, "last": "2026-06-16T08:00:00+00:00"}], "missing": []}', '{}' FROM n""",
        f"INSERT INTO handoff_holding (person_id, handoff_id, owner_id, since, open_deals) {NUMBERS.format(count=held)} "
        f"SELECT i, i, {first} + i % {SELLERS}, {ago(HANDED)}, 0 FROM n",
        "INSERT INTO promises_obligation (kind, debtor, member_id, handoff_id, version_id, quantity, since, due_at, open) "
        f"{NUMBERS.format(count=passed)} SELECT k.kind, 'sales', {first} + i % {SELLERS}, i, {v}, 1, {ago('i')}, {due}, i <= {HELD} "
        f"FROM n, (SELECT 'first_contact'{text} AS kind UNION ALL SELECT 'verdict'{text}) AS k",
        "INSERT INTO touches_touch (at, kind, team, evidence, person_id, source, medium, event, url, properties, learned_at) "
        f"{NUMBERS.format(count=people * touches)} SELECT {ago('i % 31536000')}, CASE WHEN i % 11 = 0 THEN 'call' ELSE 'page' END, "
        f"CASE WHEN i % 11 = 0 THEN 'sales' ELSE 'person' END, 2, 1 + i * 7919 % {people}, '', '', '', '/', '{{}}', {ago('i % 31536000')} FROM n",
    ]
    with connection.schema_editor() as schema:
        from tilth.touches.models import Touch

        for index in Touch._meta.indexes:
            schema.remove_index(Touch, index)
    with connection.cursor() as cursor:
        for statement in statements:
            started = time.perf_counter()
            cursor.execute(statement)
            print(f"  {statement.split()[2]}: {time.perf_counter() - started:.1f} s", file=sys.stderr)
        from tilth.touches.models import Touch

        with connection.schema_editor() as schema:
            for index in Touch._meta.indexes:
                schema.add_index(Touch, index)
        cursor.execute("ANALYZE")


def measure(rounds: int, profile: bool) -> None:
    import time_machine
    from django.conf import settings
    from django.db import connection
    from django.http import HttpResponse
    from django.test import Client
    from django.test.utils import CaptureQueriesContext
    from django.urls import path

    from tilth.handoff.models import Holding
    from tilth.team.models import Member, Role
    from tilth.web.urls import urlpatterns

    urlpatterns.append(path("nothing/", lambda request: HttpResponse()))
    with time_machine.travel(NOW, tick=True):
        sellers = list(Member.objects.filter(role=Role.SALES))
        client = Client(HTTP_HOST="localhost")  # one for all: each has a middleware stack of its own
        name, desks = settings.SESSION_COOKIE_NAME, []
        for seller in sellers:
            client.cookies.clear()
            client.force_login(seller)
            desks.append(client.cookies[name].value)
        client.cookies.clear()

        def ask(n: int, path: str = "/") -> HttpResponse:
            client.cookies[name] = desks[n % SELLERS]
            return client.get(path)

        with CaptureQueriesContext(
            connection,
        ) as queries:
            answer = ask(0)
        assert answer.status_code == 200, answer.status_code
        leads = Holding.objects.filter(owner=sellers[0]).count()
        print(f"queries: {len(queries)}; open leads of this seller: {leads}; page: {len(answer.content) / 1024:.0f} KB")
        if profile:
            import cProfile

            with cProfile.Profile() as seen:
                times(ask, 20)
            pstats.Stats(seen).sort_stats("cumulative").print_stats(60)
        page = times(ask, rounds)
        nothing = times(lambda n: ask(n, "/nothing/"), rounds)
        bare = times(
            lambda n: list(
                Holding.objects.filter(owner=sellers[n % SELLERS]).select_related("handoff", "person__company")[:30]
            ),
            rounds,
        )
    for name, (wall, cpu) in {
        "page": page,
        "a page that does nothing": nothing,
        "bare query for 30 rows": bare,
    }.items():
        p50, p95 = statistics.median(wall), statistics.quantiles(wall, n=20)[-1]
        print(
            f"{name}: p50 {p50:.1f} ms, p95 {p95:.1f} ms; CPU p50 {statistics.median(cpu):.1f} ms, p95 {statistics.quantiles(cpu, n=20)[-1]:.1f} ms"
        )
    print(
        f"page to the page that does nothing, CPU p50: {statistics.median(page[1]) / statistics.median(nothing[1]):.1f}"
    )


def times(call: Callable[[int], object], rounds: int) -> tuple[list[float], list[float]]:
    """Milliseconds of each call: by the clock, and of this process."""
    for n in range(5):
        call(n)
    wall, cpu = [], []
    server = processes()[1:]
    for n in range(rounds):
        started, used = time.perf_counter(), cpu_seconds(server)
        call(n)
        wall.append((time.perf_counter() - started) * 1000)
        cpu.append((cpu_seconds(server) - used) * 1000)
    return wall, cpu


def processes() -> list[int]:
    """This process, and the server's process at the other end of the connection."""
    from django.db import connection

    if connection.vendor != "postgresql":
        return [os.getpid()]
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_backend_pid()")
        return [os.getpid(), cursor.fetchone()[0]]


def cpu_seconds(server: list[int]) -> float:
    others = sum(int(Path(f"/proc/{pid}/schedstat").read_text().split()[0]) for pid in server)
    return time.process_time() + others / 1e9


if __name__ == "__main__":
    main()
