"""Routing: decisions a second of the rule alone, of a proposal for the desk, and of whole handoffs on a database.

    python benchmarks/routing.py [--sellers 3 50 1000] [--leads 2000] [--postgres]

The rule alone decides lead after lead with eight pools of one to three conditions, a named account for every tenth lead and
somebody with the company of every fifth, and keeps the turns. Beside it, in the same run, what is the least that a
weighted choice can do: a draw by chance with the same weights and no record (`random.choices`). A whole handoff is
`hand_off`: standing, missing data, routing under its lock, six rows and the journal, committed. Prints decisions a second
of CPU, and for handoffs also by the clock.
"""

import argparse
import time
from collections.abc import Callable
from datetime import UTC, datetime
from random import Random

from databases import house

NOW = datetime(2026, 6, 16, 8, 40, tzinfo=UTC)
COUNTRIES = ["NL", "BE", "DE", "FR", "AT", "CH", "LU", "GB"]


def main() -> None:
    options = argparse.ArgumentParser()
    options.add_argument("--sellers", type=int, nargs="+", default=[3, 50, 1_000])
    options.add_argument("--leads", type=int, default=2_000)
    options.add_argument("--postgres", action="store_true", help="on a PostgreSQL that starts and stops with this")
    given = options.parse_args()
    for sellers in given.sellers:
        rule(sellers)
    with house(given.postgres):
        handoffs(given.leads)


def rule(sellers: int) -> None:
    """The rule alone, and a draw by chance with the same weights."""
    from tilth.core.routing import SAME_COMPANY, Claim, Routing, route

    routes, team, random = *company(sellers), Random(1)
    leads = [about(random, n) for n in range(20_000)]
    turns: dict[tuple[str, int], float] = {}

    def decide(n: int) -> None:
        claims = [Claim(SAME_COMPANY, 1 + n % sellers)] if n % 5 == 0 else []
        found = route(routes, team, turns, leads[n % len(leads)], claims)
        if isinstance(found, Routing):
            turns.update({(found.pool, seller): ahead for seller, ahead in found.turns.items()})

    weights, ids = [s.share for s in team], [s.id for s in team]
    ours = rate(decide, seconds=3)
    chance = rate(lambda _n: random.choices(ids, weights), seconds=1)
    print(f"{sellers:>5} sellers: {ours:>9,.0f} decisions a second with their record; a draw by chance {chance:,.0f}")


def company(sellers: int):
    """Eight pools, a thousand named accounts, and sellers of whom every twentieth is away with somebody standing in."""
    from tilth.core.routing import Seller
    from tilth.core.terms import Condition, Pool, Routes

    def seller(n: int) -> Seller:
        away = "absent" if n % 20 == 19 else ""
        return Seller(
            n, f"s{n}@firm.example", f"Seller {n}", 1 - n % 3 / 4, away=away, stand_in=n - 1 if away else None
        )

    def when(n: int) -> tuple[Condition, ...]:
        size = Condition("", "", "company.employees", "at_least", 100 * n)
        place = Condition("", "", "person.country", "is", COUNTRIES[n])
        return (place, size, Condition("", "", "segment", "in", ("growers", "florists")))[: 1 + n % 3]

    pools = [Pool(f"p{n}", f"Pool {n}", {}, when(n)) for n in range(7)]
    accounts = {f"firm{n}.example": f"s{1 + n % sellers}@firm.example" for n in range(0, 10_000, 10)}
    return Routes((*pools, Pool("all", "Everyone", {})), accounts), [seller(n) for n in range(1, sellers + 1)]


def about(random: Random, n: int) -> dict[str, object]:
    segment = random.choice(["growers", "florists", ""])
    return {
        "person.country": random.choice(COUNTRIES), "company.employees": random.randrange(2_000), "segment": segment,
        "company.domain": f"firm{n % 10_000}.example",
    }  # fmt: skip


def rate(act: Callable[[int], object], seconds: float) -> float:
    """How often a second of CPU, after a warm-up."""
    for n in range(50):
        act(n)
    n, begin = 0, time.process_time()
    while (spent := time.process_time() - begin) < seconds:
        act(n)
        n += 1
    return n / spent


def handoffs(leads: int) -> None:
    """Proposals and whole handoffs of so many ripe leads to twenty sellers."""
    from django.db import connection

    from tilth.agreement.models import running
    from tilth.handoff.routing import propose
    from tilth.handoff.verbs import hand_off
    from tilth.people.models import Person

    fill(leads)
    version = running(NOW)
    assert version is not None
    people = Person.objects.select_related("company", "standing").prefetch_related("emails", "phones")
    shown = list(people.order_by("pk")[:25])
    begin = time.perf_counter()
    for _ in range(20):
        propose(shown, version, NOW)
    print(f"{connection.vendor}: proposals for a desk of 25 in {(time.perf_counter() - begin) / 20 * 1000:.1f} ms")
    begin, cpu = time.perf_counter(), time.process_time()
    for person in Person.objects.select_related("company").order_by("pk").iterator():
        hand_off(person, NOW)
    wall, cpu = time.perf_counter() - begin, time.process_time() - cpu
    print(
        f"{connection.vendor}: {leads / wall:,.0f} handoffs a second by the clock, {leads / cpu:,.0f} of CPU of this process"
    )


def fill(leads: int) -> None:
    """An agreement, twenty sellers, and people of half as many companies who asked for a demo."""
    from tilth.agreement import presets
    from tilth.agreement.models import Version
    from tilth.people.known import Told, keep
    from tilth.qualify.catch_up import catch_up
    from tilth.team.models import Member, Week
    from tilth.touches.models import Evidence
    from tilth.touches.record import offer, record

    team = [
        Member.objects.create(name=f"S{n}", email=f"s{n}@f.example", role="sales", joined_at=NOW) for n in range(20)
    ]
    Week.objects.bulk_create([Week(member=m, room=4.0 + m.pk % 3) for m in team])
    version = Version.write(presets.load("b2b-software"), team[0], NOW)
    version.sign(team[0], "sales", NOW)
    ann = Member.objects.create(name="Ann", email="ann@f.example", role="marketing", joined_at=NOW)
    version.sign(ann, "marketing", NOW)
    for n in range(leads):
        mail, phone = [f"p{n}@firm{n // 2}.example"], [f"+3110555{n:05d}"]
        person = {"first_name": "P", "last_name": str(n), "title": "Manager", "country": "NL"}
        firm = {"name": f"Firm {n // 2}", "industry": "Horticulture", "employees": 120}
        who = keep(Told(emails=mail, phones=phone, person=person, company=firm), NOW, "typed in")[0]
        record("form", NOW, NOW, person=who, offer=offer("demo", NOW), evidence=Evidence.DECLARED, source="search")
    while catch_up(NOW):
        pass


if __name__ == "__main__":
    main()
