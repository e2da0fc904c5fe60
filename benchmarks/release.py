"""Release by capacity: a hundred thousand ripe leads in line for the hours of a thousand sellers.

    python benchmarks/release.py [--leads 100000] [--sellers 1000] [--room 4] [--most 2000] [--postgres]

Fills a database by SQL (a benchmark may; the product never does): everybody is ripe and stands in line, every seller has `--room` hours a
week, a lead takes one. Then the stage of handoffs runs on a Monday, pass after pass, until the hours are full or `--most` leads were let
go. Prints the seconds and leads a second of that, of which routing and rows of the handoffs themselves are measured beside it without
capacity (the ratio says what release adds), and what a pass costs when nobody has an hour left: milliseconds and statements.
"""

import argparse
import statistics
import time
from datetime import UTC, datetime, timedelta

from databases import house

MONDAY = datetime(2026, 6, 15, 7, 0, tzinfo=UTC)
NUMBERS = "WITH RECURSIVE n(i) AS (SELECT CAST(1 AS BIGINT) UNION ALL SELECT i + 1 FROM n WHERE i < {count})"
PLAIN = 200  # leads that are handed off without capacity, to compare with


def main() -> None:
    options = argparse.ArgumentParser()
    options.add_argument("--leads", type=int, default=100_000)
    options.add_argument("--sellers", type=int, default=1_000)
    options.add_argument("--room", type=float, default=4)
    options.add_argument(
        "--most", type=int, default=2_000, help="leads that are let go before the hours are called full"
    )
    options.add_argument("--postgres", action="store_true", help="on a PostgreSQL that starts and stops with this")
    given = options.parse_args()
    with house(given.postgres):
        fill(given.leads, given.sellers, given.room)
        measure(given.leads, given.sellers, given.most)


def fill(leads: int, sellers: int, room: float) -> None:
    from django.db import connection

    from tilth.agreement import presets
    from tilth.agreement.models import Version
    from tilth.team.models import Member, Week

    joined = MONDAY - timedelta(days=900)
    team = [
        Member.objects.create(name=f"S{n}", email=f"s{n}@f.example", role="sales", joined_at=joined)
        for n in range(sellers)
    ]
    Week.objects.bulk_create([Week(member=m, room=room) for m in team])
    document = presets.load("b2b-software") | {"release": {"by_capacity": True}}
    document["handoff"] = {"required": ["company"], "missing": "flag"}
    version = Version.write(document, team[0], joined)
    for side in ("marketing", "sales"):
        version.sign(
            Member.objects.create(name=side, email=f"{side}@f.example", role=side, joined_at=joined), side, joined
        )
    Member.objects.filter(name="sales").update(is_active=False)
    numbers, at = NUMBERS.format(count=leads), f"'{joined:%Y-%m-%d %H:%M:%S}'"
    if connection.vendor == "postgresql":
        at = f"timestamptz '{joined.isoformat()}'"
    far = at.replace(str(joined.year), "2099")
    with connection.cursor() as cursor:
        for statement in (
            f"INSERT INTO people_company (id, name, domain, industry, country, city, custom, at) {numbers} "
            f"SELECT i, 'Firm ' || i, 'firm' || i || '.example', 'Food', 'NL', '', '{{}}', {at} FROM n",
            f"INSERT INTO people_person (id, first_name, last_name, title, country, language, company_id, custom, at) {numbers} "
            f"SELECT i, 'First', 'Last' || i, '', 'NL', '', i, '{{}}', {at} FROM n",
            "INSERT INTO qualify_standing (person_id, version_id, stage, grade, level, fit_points, interest_points, action, reasons, at) "
            f"{numbers} SELECT i, {version.pk}, 'mql', 'A', 3, 50, 30, 'hand_off', '{{}}', {at} FROM n",
            "INSERT INTO qualify_ripe (person_id, since, counted_at, waits_for, missing, look_at, rank) "
            f"{numbers} SELECT i, {at}, {at}, 'room', '[]', {far}, 6800.0 + i % 99991 / 1000.0 FROM n",
            "ANALYZE",
        ):
            cursor.execute(statement)


def measure(leads: int, sellers: int, most: int) -> None:
    from django.db import connection
    from django.test.utils import CaptureQueriesContext

    from tilth.agreement.models import running
    from tilth.handoff import catch_up, releasing
    from tilth.handoff.models import Handoff, Holding
    from tilth.handoff.verbs import hand_off
    from tilth.people.models import Person
    from tilth.qualify.models import Ripe
    from tilth.team.models import Week

    version = running(MONDAY)
    assert version is not None
    print(f"{connection.vendor}: {leads:,} in line for the hours of {sellers:,} sellers")
    last = Person.objects.select_related("company").order_by("-pk")[:PLAIN]
    begin = time.perf_counter()
    for person in list(last):
        hand_off(person, MONDAY - timedelta(days=30))
    plain = PLAIN / (time.perf_counter() - begin)
    begin = time.perf_counter()
    for _ in range(5):
        releasing.left(version, MONDAY)
    print(f"  who has how many hours left: {(time.perf_counter() - begin) * 200:.1f} ms")
    begin, passes = time.perf_counter(), 0
    while Handoff.objects.count() - PLAIN < most and catch_up.catch_up(MONDAY):
        passes += 1
    went, spent = Handoff.objects.count() - PLAIN, time.perf_counter() - begin
    print(f"  {went:,} let go in {spent:.1f} s and {passes} passes: {went / spent:,.0f} a second")
    print(
        f"  handed off without looking at hours: {plain:,.0f} a second; release takes {plain / (went / spent):.2f} × as long"
    )
    Week.objects.update(room=0)
    catch_up.catch_up(MONDAY)
    times = []
    for _ in range(9):
        with CaptureQueriesContext(connection) as asked:
            begin = time.perf_counter()
            assert catch_up.catch_up(MONDAY) == 0
            times.append((time.perf_counter() - begin) * 1000)
    waiting = Ripe.objects.filter(waits_for=Ripe.Lack.ROOM).count()
    print(
        f"  a pass with {waiting:,} in line and no hour left: p50 {statistics.median(times):.1f} ms, {len(asked)} statements"
    )
    assert Holding.objects.count() == went + PLAIN
    assert waiting == leads - went - PLAIN


if __name__ == "__main__":
    main()
