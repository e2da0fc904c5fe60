"""Who gets this lead: gathers what the rule decides on, one decision at a time, and keeps the turns.

Reads   Member, Week, Absence, Turn, Holding, Handoff
Writes  Turn
"""

from collections.abc import Iterable
from datetime import date, datetime
from typing import Any

from tilth.agreement.models import Version
from tilth.core import week as core
from tilth.core.agreement import Terms
from tilth.core.clock import calendar_of, years_around
from tilth.core.routing import ABSENT, DAY_OFF, LEFT, SAME_COMPANY, Claim, Nobody, Routing, Seller, route
from tilth.people.models import Person
from tilth.team.models import Member
from tilth.team.weeks import USUAL, away_with, weeks

from .models import Handoff, Holding, Turn

CLAIMANTS = 3  # of those who had the company before, the last few


def choose(version: Version, person: Person, facts: dict[str, Any], now: datetime, worked: bool) -> Routing | Nobody:
    """The owner of a lead; inside a transaction: until it ends, nobody else takes a turn.

    facts      what the rules may look at, with the lead's segment
    worked     somebody passed it on who works leads first
    """
    # Before anybody had a turn there is no row of turns to wait for.
    Version.objects.select_for_update(no_key=True).filter(pk=version.pk).values_list("pk").first()
    turns = {(t.pool, t.member_id): t.ahead for t in Turn.objects.select_for_update().order_by("pk")}
    terms = version.terms
    return route(terms.routing, sellers(terms, now), turns, facts, claims(person), worked)


def keep(routing: Routing) -> None:
    """Store the turns as they are after this decision."""
    rows = [Turn(pool=routing.pool, member_id=member, ahead=ahead) for member, ahead in routing.turns.items()]
    Turn.objects.bulk_create(rows, update_conflicts=True, unique_fields=["pool", "member"], update_fields=["ahead"])


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
    return [_seller(m, of.get(m.pk, USUAL), terms, full, day, stand_in) for m in everyone]


def _seller(
    member: Member, week: core.Week, terms: Terms, full: float, day: date, stand_in: dict[int, int | None]
) -> Seller:
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
    """Who has this conversation: whoever holds, or last held, a lead of the same company."""
    if person.company_id is None:
        return []
    held = Holding.objects.filter(person__company=person.company_id).order_by("since")
    had = Handoff.objects.filter(person__company=person.company_id).order_by("-at", "-pk")
    rows = [*held.values_list("owner", "owner__name")[:CLAIMANTS], *had.values_list("owner", "owner__name")[:CLAIMANTS]]
    return [Claim(SAME_COMPANY, owner, name) for owner, name in dict.fromkeys(rows)]
