"""Who gets this lead: gathers what the rule decides on, one decision at a time, and keeps the turns.

Reads   Member, Week, Absence, Turn, Holding, Handoff, who is in which buying group
Writes  Turn
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime
from typing import Any

from django.db import connection
from django.db.models import QuerySet

from tilth.agreement.models import Version
from tilth.core import week as core
from tilth.core.clock import calendar_of, years_around
from tilth.core.routing import (
    ABSENT,
    DAY_OFF,
    FULL,
    HAD_IT,
    LEFT,
    SAME_COMPANY,
    SAME_GROUP,
    Claim,
    Nobody,
    Routing,
    Seller,
    route,
)
from tilth.core.terms import SEGMENT_FIELD, Terms
from tilth.groups.models import Membership
from tilth.people.models import Person, about
from tilth.team.models import Member
from tilth.team.weeks import USUAL, away_with, weeks

from .models import Handoff, Holding, Turn

CLAIMANTS = 4  # of those who have or had a company, so many are asked
LOOKED_AT = 2_000  # leads of a company, the oldest held and the newest handed off


@dataclass(frozen=True)
class Limits:
    """What holds a lead back where leads are let go by capacity.

    full       sellers who have no hours for it: a turn goes to others, a claim waits for its seller
    blocked    lines in which somebody stands before it
    must       it goes now all the same, to who has hours if there is one
    team       everyone who may own a lead, read once for all that are let go in one transaction; None: read for this one
    """

    full: frozenset[int] = frozenset()
    blocked: frozenset[str] = frozenset()
    must: bool = False
    team: Sequence[Seller] | None = None


NO_LIMITS = Limits()
KEEP = """
    INSERT INTO handoff_turn (pool, member_id, ahead) VALUES (%s, %s, %s)
    ON CONFLICT (pool, member_id) DO UPDATE SET ahead = excluded.ahead
"""


@dataclass(frozen=True)
class NoHours:
    """Whoever could have it has no hours for it this week. `lane`: the pool, or "@" and the seller who has the claim."""

    lane: str


def choose(
    version: Version, person: Person, facts: dict[str, Any], now: datetime, worked: bool, but: int | None = None,
    limits: Limits = NO_LIMITS,
) -> Routing | Nobody | NoHours:  # fmt: skip
    """The owner of a lead; inside a transaction: until it ends, nobody else takes a turn.

    facts      what the rules may look at, with the lead's segment
    worked     somebody passed it on who works leads first
    but        not this member: it was taken from them so that somebody else has it
    """
    # Before anybody had a turn there is no row of turns to wait for.
    Version.objects.select_for_update(no_key=True).filter(pk=version.pk).values_list("pk").first()
    turns = _turns(Turn.objects.select_for_update().order_by("pk"))
    terms, asks = version.terms, claims(person)
    everyone = sellers(terms, now) if limits.team is None else limits.team
    team = [replace(s, away=HAD_IT, stand_in=None) if s.id == but else s for s in everyone]
    found = free = route(terms.routing, team, turns, facts, asks, worked)
    if isinstance(found, Routing) and found.owner in limits.full and found.pool:
        left = [replace(s, away=s.away or FULL, stand_in=None) if s.id in limits.full else s for s in team]
        free = route(terms.routing, left, turns, facts, asks, worked)
    if isinstance(found, Nobody) or (lane := _held_in(free, limits)) is None:
        return free
    return found if limits.must else NoHours(lane)


def _held_in(found: Routing | Nobody, limits: Limits) -> str | None:
    """The line in which a lead waits; None when it may go where routing says."""
    if isinstance(found, Nobody):
        return found.pool
    lane = found.pool or f"@{found.owner}"
    return lane if found.owner in limits.full or lane in limits.blocked else None


def propose(people: Iterable[Person], version: Version, now: datetime) -> dict[int, Routing | Nobody]:
    """What routing would choose for each of these leads, one after the other; nothing is stored.

    people     in the order in which they would be passed on, with company, addresses, numbers and standing at hand
    """
    turns = _turns(Turn.objects.all())
    team, everyone, out = sellers(version.terms, now), list(people), {}
    of = claims_of(everyone)
    for person in everyone:
        emails, phones = (
            [getattr(row, n) for row in rows]
            for n, rows in (("address", person.emails.all()), ("number", person.phones.all()))
        )
        facts = about(person, emails, phones) | {SEGMENT_FIELD: person.standing.segment}
        found = route(version.terms.routing, team, turns, facts, of.get(person.pk, ()))
        if isinstance(found, Routing):
            turns |= {(found.pool, seller): ahead for seller, ahead in found.turns.items()}
        out[person.pk] = found
    return out


def keep(routing: Routing) -> None:
    """Store the turns as they are after this decision: of everyone in the pool, so past Django's objects."""
    rows = [(routing.pool, member, ahead) for member, ahead in routing.turns.items()]
    with connection.cursor() as cursor:
        cursor.executemany(KEEP, rows)


def _turns(rows: QuerySet[Turn]) -> dict[tuple[str, int], float]:
    """Pool and member to how far they are ahead."""
    return {(pool, member): ahead for pool, member, ahead in rows.values_list("pool", "member", "ahead")}


def sellers(terms: Terms, now: datetime, members: Iterable[Member] | None = None) -> list[Seller]:
    """Everyone who may own a lead, with how much of a turn they get and why nothing goes to them now.

    Away is who is absent today or on the day on which the work would begin, who does not work on that day, and who left.
    """
    house = calendar_of(terms, years_around(now))
    today, day = house.day_of(now), core.working_day(now, house)
    everyone = list(Member.objects.selling() if members is None else members)
    stand_in = away_with(today) | away_with(day) if day != today else away_with(today)
    of = weeks(m.pk for m in everyone)
    full = max((week.room or 0.0 for week in of.values()), default=0.0)
    return [seller(m, of.get(m.pk, USUAL), terms, full, day, stand_in) for m in everyone]


def seller(
    member: Member, week: core.Week, terms: Terms, full: float, day: date, stand_in: dict[int, int | None]
) -> Seller:
    """One member as the rules see them on a day. `stand_in`: who is away, to who stands in for them."""
    return Seller(
        member.pk, member.email, member.name, core.share(week, terms, full, day), week.skills,
        away=ABSENT if member.pk in stand_in else _off(week, terms, day), stand_in=stand_in.get(member.pk),
    )  # fmt: skip


def _off(week: core.Week, terms: Terms, day: date) -> str:
    if week is USUAL:
        return ""
    if week.last_day is not None and week.last_day < day:
        return LEFT
    return "" if core.calendar(week, terms, range(day.year - 1, day.year + 3)).opens_on(day) else DAY_OFF


def claims(person: Person) -> list[Claim]:
    """Who has this conversation: whoever holds, or last had, a lead of the same buying group, else of the same company."""
    return claims_of([person]).get(person.pk, [])


def claims_of(people: Iterable[Person]) -> dict[int, list[Claim]]:
    """Person to who has their conversation, the strongest first. Five questions, however many."""
    everyone = list(people)
    group, company = _of_group(everyone), _of_company(everyone)
    return {p.pk: [*group.get(p.pk, ()), *company.get(p.pk, ())] for p in everyone}


def _of_group(people: Iterable[Person]) -> dict[int, list[Claim]]:
    """Whoever has, or last had, somebody of the buying groups that a person is in."""
    mine = Membership.objects.filter(person__in=[p.pk for p in people]).order_by("-at", "-pk")
    groups: dict[int, list[int]] = {}
    for person, group in mine.values_list("person", "group"):
        groups.setdefault(person, []).append(group)
    if not groups:
        return {}
    theirs = {"person__memberships__group__in": {g for its in groups.values() for g in its}}
    found = _claims(SAME_GROUP, theirs, "person__memberships__group")
    return {
        person: list(dict.fromkeys(claim for group in its for claim in found.get(group, ())))[:CLAIMANTS]
        for person, its in groups.items()
    }


def _of_company(people: Iterable[Person]) -> dict[int, list[Claim]]:
    """Whoever has, or last had, somebody of a person's company."""
    company = {p.pk: p.company_id for p in people if p.company_id is not None}
    if not company:
        return {}
    found = _claims(SAME_COMPANY, {"person__company__in": set(company.values())}, "person__company")
    return {pk: found.get(firm, [])[:CLAIMANTS] for pk, firm in company.items()}


def _claims(rule: str, theirs: dict[str, Any], by: str) -> dict[int, list[Claim]]:
    """Group or company to who has its leads, whoever has them longest first, and then who had one last."""
    held = Holding.objects.filter(**theirs).order_by("since").values_list(by, "owner", "owner__name")
    had = Handoff.objects.filter(**theirs).order_by("-at", "-pk").values_list(by, "owner", "owner__name")
    found: dict[int, dict[Claim, None]] = {}
    for rows in (held[:LOOKED_AT], had[:LOOKED_AT]):
        for of, owner, name in rows:
            found.setdefault(of, {})[Claim(rule, owner, name)] = None
    return {of: list(claims) for of, claims in found.items()}
