"""Today for sales with a million people: the time of the page, and how many queries it takes.

    python benchmarks/today.py [--people 1000000] [--touches 20] [--database postgresql://…] [--keep FILE]

Fills a database by SQL (a benchmark may; the product never does), signs in as one of fifty sellers with some
hundreds of open leads, and asks for the page over and over through the whole stack of middleware. Prints p50 and p95 in
milliseconds of the page, of a page that does nothing, and of the bare query for the same queue, in one run.
"""

import argparse
import os
import statistics
import sys
import tempfile
import time
from datetime import UTC, datetime
from pathlib import Path

NUMBERS = "WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < {count})"
SELLERS = 50
NOW = datetime(2026, 6, 16, 8, 40, tzinfo=UTC)


def main() -> None:
    options = argparse.ArgumentParser()
    options.add_argument("--people", type=int, default=1_000_000)
    options.add_argument("--touches", type=int, default=20, help="per person")
    options.add_argument("--database", default="", help="default: a SQLite file that is removed afterwards")
    options.add_argument("--rounds", type=int, default=100)
    given = options.parse_args()
    with tempfile.TemporaryDirectory() as home:
        os.environ |= {"TILTH_HOME": home, "DJANGO_SETTINGS_MODULE": "tilth.site.settings"}
        os.environ["TILTH_DATABASE"] = given.database or f"sqlite:///{Path(home) / 'bench.sqlite3'}"
        run(given.people, given.touches, given.rounds)


def run(people: int, touches: int, rounds: int) -> None:
    import django

    django.setup()
    from django.core.management import call_command
    from django.db import connection

    call_command("migrate", verbosity=0)
    call_command("collectstatic", interactive=False, verbosity=0)
    started = time.perf_counter()
    fill(people, touches)
    print(
        f"{connection.vendor}: {people:,} people, {people * touches:,} touches in {time.perf_counter() - started:.0f} s"
    )
    measure(rounds)


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
    firms, passed, held = people // 5, people // 10, people // 50
    true, text = ("1", "") if connection.vendor == "sqlite" else ("true", "::text")
    statements = [
        f"INSERT INTO people_company (id, name, domain, industry, country, city, custom, at) {NUMBERS.format(count=firms)} "
        f"SELECT i, 'Firm ' || i, 'firm' || i || '.example', 'Horticulture', 'NL', '', '{{}}', {ago('i')} FROM n",
        f"INSERT INTO people_person (id, first_name, last_name, title, country, language, company_id, custom, at) {NUMBERS.format(count=people)} "
        f"SELECT i, 'First' || i % 997, 'Last' || i, 'Manager', 'NL', '', 1 + i % {firms}, '{{}}', {ago('i')} FROM n",
        f"INSERT INTO people_email (person_id, address) {NUMBERS.format(count=people)} SELECT i, 'p' || i || '@firm.example' FROM n",
        "INSERT INTO qualify_standing (person_id, version_id, stage, grade, level, fit_points, interest_points, action, reasons, at) "
        f"{NUMBERS.format(count=people)} SELECT i, {v}, CASE WHEN i <= {passed} THEN 'mql' ELSE 'lead' END, 'A', 4, 50, 40 + i % 7, 'hand_off', '{{}}', {ago('i')} FROM n",
        "INSERT INTO handoff_handoff (id, person_id, owner_id, version_id, at, grade, level, value, why, routing) "
        f"{NUMBERS.format(count=passed)} SELECT i, i, {first} + i % {SELLERS}, {v}, {ago('i * 600 % 7000000')}, 'A', 4, 100000 + i % 500000, "
        """'{"fit": [], "interest": [{"rule": "demo", "say": "Asked for a demo", "points": 45, "times": 1, "last": "2026-06-16T08:00:00+00:00"}], "missing": []}', '{}' FROM n""",
        f"INSERT INTO handoff_holding (person_id, handoff_id, owner_id, since, open_deals) {NUMBERS.format(count=held)} "
        f"SELECT i, i, {first} + i % {SELLERS}, {ago('i * 600 % 7000000')}, 0 FROM n",
        "INSERT INTO promises_obligation (kind, debtor, member_id, handoff_id, version_id, quantity, since, due_at, open) "
        f"{NUMBERS.format(count=passed)} SELECT k.kind, 'sales', {first} + i % {SELLERS}, i, {v}, 1, {ago('i')}, {ago('i * 37 % 900000 - 400000')}, {true} "
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


def measure(rounds: int) -> None:
    import time_machine
    from django.db import connection
    from django.test import Client
    from django.test.utils import CaptureQueriesContext

    from tilth.handoff.models import Holding
    from tilth.team.models import Member, Role

    with time_machine.travel(NOW, tick=True):
        sellers = list(Member.objects.filter(role=Role.SALES))
        clients = []
        for seller in sellers:
            client = Client(HTTP_HOST="localhost")
            client.force_login(seller)
            clients.append(client)
        with CaptureQueriesContext(
            connection,
        ) as queries:
            answer = clients[0].get("/")
        assert answer.status_code == 200, answer.status_code
        leads = Holding.objects.filter(owner=sellers[0]).count()
        print(f"queries: {len(queries)}; open leads of this seller: {leads}; page: {len(answer.content) / 1024:.0f} KB")
        page = times(lambda n: clients[n % SELLERS].get("/"), rounds)
        nothing = times(lambda n: clients[n % SELLERS].get("/health"), rounds)
        bare = times(
            lambda n: list(
                Holding.objects.filter(owner=sellers[n % SELLERS]).select_related("handoff", "person__company")[:30]
            ),
            rounds,
        )
    for name, values in (("page", page), ("a page that does nothing", nothing), ("bare query for 30 rows", bare)):
        print(f"{name}: p50 {statistics.median(values):.1f} ms, p95 {statistics.quantiles(values, n=20)[-1]:.1f} ms")
    print(f"page to bare query, p50: {statistics.median(page) / statistics.median(bare):.1f}")


def times(call, rounds: int) -> list[float]:
    for n in range(5):
        call(n)
    out = []
    for n in range(rounds):
        started = time.perf_counter()
        call(n)
        out.append((time.perf_counter() - started) * 1000)
    return out


if __name__ == "__main__":
    main()
