"""Rules of routing tried out on leads that were handed off: who would have got them, as things were known then.

Reads   Handoff, Learned, Absence, Week, Member, who was in which buying group and when
Writes  nothing
"""

from collections import Counter, defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any

from tilth.core import learned
from tilth.core import week as core
from tilth.core.clock import calendar_of, years_around
from tilth.core.qualify import holds, micro
from tilth.core.routing import SAME_COMPANY, SAME_GROUP, Claim, Nobody, Routing, Seller, route
from tilth.core.terms import SEGMENT_FIELD, Terms
from tilth.groups.forming import Been, been_in
from tilth.people.models import Learned
from tilth.team.models import Absence, Member, Role
from tilth.team.weeks import USUAL, weeks

from .models import Handoff
from .routing import seller

MOST = 2_000  # leads of one replay, the newest


@dataclass(frozen=True)
class Replayed:
    """One lead: to whom it went, and what the rules that were tried say."""

    handoff: Handoff
    found: Routing | Nobody

    @property
    def owner(self) -> int | None:
        return self.found.owner if isinstance(self.found, Routing) else None


@dataclass
class Past:
    """Leads that routing gave to somebody in a stretch of time, with what was known of them and of the team.

    had       company to who got its last lead before
    owned     person of a buying group to who got them last before, those before others first
    been      who was in which buying group, and when
    """

    handoffs: list[Handoff]
    facts: dict[int, dict[str, Any]]
    had: dict[int, int]
    owned: dict[int, int]
    been: list[Been]
    members: list[Member]
    weeks: dict[int, core.Week]
    away: Sequence[tuple[int, int | None, date, date]]
    last: dict[int, datetime]


def past(since: datetime, until: datetime) -> Past:
    """What a replay needs to know; a fixed number of questions. What a member chose by hand is no work of the rules."""
    ours = Handoff.objects.filter(at__gte=since, at__lt=until, continues=None).exclude(routing__rule="chosen")
    rows = list(ours.select_related("person__company", "owner").order_by("-at", "-pk")[:MOST])[::-1]
    companies = {h.person.company_id for h in rows if h.person.company_id}
    been = been_in(h.person_id for h in rows)
    before = Handoff.objects.filter(at__lt=rows[0].at if rows else since).order_by("at", "pk")
    had = dict(before.filter(person__company__in=companies).values_list("person__company", "owner"))
    owned = dict(before.filter(person__in={b.person for b in been}).values_list("person", "owner"))
    last = dict(Handoff.objects.filter(at__gte=since, at__lt=until).order_by("at").values_list("owner", "at"))
    everyone = Member.objects.filter(role=Role.SALES).order_by("pk")
    members = [m for m in everyone if m.is_active or m.pk in last]
    absences = Absence.objects.filter(
        last__gte=since.date() - timedelta(days=1), first__lte=until.date() + timedelta(days=7)
    )
    away = list(absences.order_by("pk").values_list("member", "stand_in", "first", "last"))
    return Past(rows, _facts(rows), had, owned, been, members, weeks(m.pk for m in members), away, last)


def replay(terms: Terms, before: Past) -> list[Replayed]:
    """Each lead of the past under these terms, in order.

    Turns begin level; a buying group stays with who got its last lead, and so does a company.
    """
    turns: dict[tuple[str, int], float] = {}
    had, out = dict(before.had), []
    team, groups = _Team(terms, before), _Groups(before)
    for handoff in before.handoffs:
        facts, company = before.facts[handoff.pk], handoff.person.company_id
        facts = facts | {SEGMENT_FIELD: next((c.id for c in terms.segments if holds(c, facts)), "")}
        claims = groups.claims(handoff)
        claims += [Claim(SAME_COMPANY, had[company])] if company in had else []
        found = route(terms.routing, team.at(handoff.at), turns, facts, claims)
        if isinstance(found, Routing):
            turns |= {(found.pool, s): ahead for s, ahead in found.turns.items()}
            groups.got(handoff.person_id, found.owner)
            if company:
                had[company] = found.owner
        out.append(Replayed(handoff, found))
    return out


def counts(rows: Iterable[Replayed]) -> Counter[int | None]:
    """Leads per owner; None: nobody was there."""
    return Counter(row.owner for row in rows)


class _Groups:
    """Who got the leads of each buying group so far."""

    def __init__(self, before: Past) -> None:
        self.of, self.members = defaultdict(list), defaultdict(list)
        for been in before.been:
            self.of[been.person].append(been)
            self.members[been.group].append(been)
        self.owned = {person: (n, owner) for n, (person, owner) in enumerate(before.owned.items())}
        self.n = len(self.owned)

    def claims(self, handoff: Handoff) -> list[Claim]:
        """Who got the last lead of each group that its person was in then, the newest group first."""
        mine = sorted((b for b in self.of.get(handoff.person_id, ()) if b.in_it(handoff.at)), reverse=True)
        there = [[m.person for m in self.members[b.group] if m.in_it(handoff.at)] for b in mine]
        last = [max((self.owned[p] for p in people if p in self.owned), default=None) for people in there]
        return list(dict.fromkeys(Claim(SAME_GROUP, one[1]) for one in last if one))

    def got(self, person: int, owner: int) -> None:
        self.n += 1
        self.owned[person] = self.n, owner


class _Team:
    """Who could have got a lead at a moment; the same for all leads of a working day of one local day."""

    def __init__(self, terms: Terms, before: Past) -> None:
        self.terms, self.past = terms, before
        self.full = max((w.room or 0.0 for w in before.weeks.values()), default=0.0)
        self.days: dict[tuple[date, date], list[Seller]] = {}

    def at(self, at: datetime) -> list[Seller]:
        house = calendar_of(self.terms, years_around(at))
        days = house.day_of(at), core.working_day(at, house)
        if days not in self.days:
            away: dict[int, int | None] = {}
            for member, stand_in, first, last in self.past.away:
                if any(first <= day <= last for day in days):
                    away[member] = stand_in or away.get(member)
            self.days[days] = [
                seller(m, self.past.weeks.get(m.pk, USUAL), self.terms, self.full, days[1], away)
                for m in self.past.members
            ]
        there = {m.pk for m in self.past.members if m.joined_at <= at and (m.is_active or at <= self.past.last[m.pk])}
        return [s for s in self.days[days] if s.id in there]


def _facts(handoffs: Sequence[Handoff]) -> dict[int, dict[str, Any]]:
    """Handoff to what was known of its person, and of the company they were with, at that moment."""
    people = {h.person_id for h in handoffs}
    of_person = defaultdict(list)
    rows = Learned.objects.filter(person__in=people).order_by("pk").values_list("person", "at", "values", "joined")
    for person, at, values, joined in rows:
        of_person[person].append(learned.Row(micro(at), values, joined))
    firms = {row.joined for rows in of_person.values() for row in rows if row.joined}
    of_company = defaultdict(list)
    for company, at, values in (
        Learned.objects.filter(company__in=firms).order_by("pk").values_list("company", "at", "values")
    ):
        of_company[company].append((micro(at), values))
    companies = {company: learned.of_company(rows) for company, rows in of_company.items()}
    known = {person: learned.of_person(of_person[person], companies) for person in people}
    return {h.pk: {fact.field: fact.value for fact in known[h.person_id] if fact.at <= micro(h.at)} for h in handoffs}
