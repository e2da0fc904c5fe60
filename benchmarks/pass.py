"""One pass of the conveyor over 100,000 open handoffs and 500,000 obligations: seconds and queries.

    python benchmarks/pass.py [--handoffs 100000] [--postgres | --database postgresql://…]

Fills a database by SQL (a benchmark may; the product never does): each handoff is held and accepted and owes five things, a tenth
of which fell due without anybody looking yet. Then measures a pass that has nothing to do, one after 500 calls came in,
and one that finds what has just fallen due (1,000 a pass): causes are found, nobody is told twice. Prints the wall time
and the number of queries of each stage.
"""

import argparse
import os
import time
from collections import Counter
from datetime import UTC, datetime, timedelta

from databases import house

NUMBERS = "WITH RECURSIVE n(i) AS (SELECT CAST(1 AS BIGINT) UNION ALL SELECT i + 1 FROM n WHERE i < {count})"
SELLERS = 50
NOW = datetime(2026, 6, 16, 8, 40, tzinfo=UTC)
KINDS = ("first_contact", "verdict", "follow_up", "status", "status")


def main() -> None:
    options = argparse.ArgumentParser()
    options.add_argument("--handoffs", type=int, default=100_000)
    options.add_argument("--database", default="", help="default: a SQLite file that is removed afterwards")
    options.add_argument("--postgres", action="store_true", help="on a PostgreSQL that starts and stops with this")
    given = options.parse_args()
    with house(given.postgres, given.database):
        run(given.handoffs)


def run(handoffs: int) -> None:
    from django.db import connection

    from tilth import conveyor

    fill(handoffs)
    print(f"{connection.vendor}: {handoffs:,} open handoffs, {handoffs * len(KINDS):,} obligations")
    conveyor.run(NOW)  # the first pass marks where each list begins
    measured("nothing to do", NOW + timedelta(minutes=2))
    calls(500, NOW + timedelta(minutes=3))
    measured("after 500 calls", NOW + timedelta(minutes=3))
    due(NOW + timedelta(minutes=4), handoffs // 10)
    measured("1,000 of those that fell due", NOW + timedelta(minutes=5))
    print(f"load average {os.getloadavg()[0]:.1f}")


def measured(what: str, now: datetime) -> None:
    """Say how long each stage of one pass takes, and how many queries."""
    from django.db import connection

    from tilth import conveyor

    asked: Counter[str] = Counter()
    took, done = {}, {}
    for name, catch_up in conveyor.STAGES.items():

        def count(execute, sql, params, many, context, of=name):
            asked[of] += 1
            return execute(sql, params, many, context)

        started = time.perf_counter()
        with connection.execute_wrapper(count):
            done[name] = catch_up(now)
        took[name] = time.perf_counter() - started
    stages = ", ".join(f"{n} {took[n]:.3f} s/{asked[n]}" for n in took if took[n] >= 0.005)
    print(
        f"{what}: {sum(took.values()):.3f} s, {sum(asked.values())} queries, {sum(done.values()):,} changed ({stages})"
    )


def calls(many: int, now: datetime) -> None:
    """Calls that a telephone system brings in, by the way of every touch."""
    from tilth.people.models import Person
    from tilth.touches.models import Team
    from tilth.touches.record import record

    for person in Person.objects.filter(pk__lte=many):
        record("call", now - timedelta(minutes=1), now, person=person, team=Team.SALES)


def due(now: datetime, many: int) -> None:
    """So many verdicts fall due at one moment, as they do on Wednesday at five."""
    from tilth.promises.models import Obligation

    Obligation.objects.filter(kind="verdict", handoff__lte=many).update(due_at=now, look_at=now)


def fill(handoffs: int) -> None:
    from django.db import connection

    from tilth.agreement import presets
    from tilth.agreement.models import Version
    from tilth.team.models import Member, Role

    joined = datetime(2026, 1, 5, tzinfo=UTC)
    sellers = [
        Member.objects.create(name=f"Seller {n}", email=f"s{n}@bench.example", role=Role.SALES, joined_at=joined)
        for n in range(SELLERS)
    ]
    ann = Member.objects.create(name="Ann", email="ann@bench.example", role=Role.MARKETING, joined_at=joined)
    document = presets.load("b2b-software")
    document["sla"]["sales"] |= {"remind_hours": 2, "escalate_hours": 4}
    version = Version.write(document, ann, joined)
    version.sign(ann, "marketing", joined)
    version.sign(sellers[0], "sales", joined)
    v, first = version.pk, sellers[0].pk
    at, later, before = "'2026-06-12 08:00:00+00:00'", "'2026-07-20 15:00:00+00:00'", "'2026-06-01 08:00:00+00:00'"
    if connection.vendor == "sqlite":
        at, later, before = (moment.replace("+00:00", "") for moment in (at, later, before))
    owner, rows = f"{first} + i % {SELLERS}", NUMBERS.format(count=handoffs)
    kinds = " UNION ALL ".join(
        f"SELECT '{kind}' AS kind, {before if n == 4 else at} AS since, {n} AS nth" for n, kind in enumerate(KINDS)
    )
    moment = "k.since" if connection.vendor == "sqlite" else "k.since::timestamptz"
    due_at = later if connection.vendor == "sqlite" else f"{later}::timestamptz"
    for statement in (
        f"INSERT INTO people_person (id, first_name, last_name, title, country, language, custom, at) {rows} "
        f"SELECT i, 'First' || i % 997, 'Last' || i, 'Manager', 'NL', '', '{{}}', {at} FROM n",
        "INSERT INTO qualify_standing (person_id, version_id, stage, grade, level, fit_points, interest_points, action, reasons, at) "
        f"{rows} SELECT i, {v}, 'mql', 'A', 4, 50, 40, 'hand_off', '{{}}', {at} FROM n",
        "INSERT INTO handoff_handoff (id, person_id, owner_id, version_id, at, grade, level, value, why, routing) "
        f"{rows} SELECT i, i, {owner}, {v}, {at}, 'A', 4, 100000, '{{}}', '{{}}' FROM n",
        "INSERT INTO handoff_holding (person_id, handoff_id, owner_id, since, open_deals, rank, fades_hours) "
        f"{rows} SELECT i, i, {owner}, {at}, 0, i, {version.terms.fades_hours} FROM n",
        f"INSERT INTO handoff_acceptance (id, handoff_id, member_id, at) {rows} SELECT i, i, {owner}, {at} FROM n",
        "INSERT INTO promises_obligation (kind, debtor, member_id, handoff_id, version_id, quantity, since, due_at, open, look_at) "
        f"{rows} SELECT k.kind, 'sales', {owner}, i, {v}, 1, {moment}, {due_at}, k.nth < 4, CASE WHEN k.nth < 4 THEN {due_at} END "
        f"FROM n, ({kinds}) AS k",
        "INSERT INTO promises_settlement (obligation_id, at, kept, void, quantity, evidence) "
        f"SELECT id, since, {1 if connection.vendor == 'sqlite' else 'true'}, {0 if connection.vendor == 'sqlite' else 'false'}, 1, 'touch 0' "
        f"FROM promises_obligation WHERE NOT open AND kind = 'status'",
    ):
        with connection.cursor() as cursor:
            cursor.execute(statement)
    mark(handoffs)
    with connection.cursor() as cursor:
        cursor.execute("ANALYZE")


def mark(handoffs: int) -> None:
    """Those lists were read to their ends, as they are in a house that runs."""
    from tilth.promises.models import Bookmark

    Bookmark.objects.bulk_create([Bookmark(of=of, last=handoffs, at=NOW) for of in ("handoffs", "accepted")])


if __name__ == "__main__":
    main()
