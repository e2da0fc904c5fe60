"""Who may decide together: people of one company who asked for the same offer within a quarter (R29).

Nothing is stored until a member makes it a group. Source: docs/algorithms/groups.md
"""

from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import datetime, timedelta

from django.db.models import Max, Q

from tilth.content.models import Offer
from tilth.journal.models import Entry
from tilth.people.models import Company, Person
from tilth.touches.models import Evidence, Touch

from .models import BuyingGroup, Membership

WITHIN = timedelta(days=90)
AT_LEAST = 2
SHOWN = 5


@dataclass(frozen=True)
class Proposed:
    """Several people on one offer; `group` where one on it exists already, and these could join it."""

    offer: Offer
    people: list[Person]
    last: datetime
    group: BuyingGroup | None


def proposed(company: Company, now: datetime) -> list[Proposed]:
    """Groups that these touches suggest, the newest first. Five queries, however many people.

    Machines and what was taken back do not count, nor whoever is in the group already.
    """
    here = Q(person__company=company) | Q(person__positions__company=company, person__positions__until=None)
    seen = Touch.objects.filter(here, offer__isnull=False, evidence__gt=Evidence.MACHINE, at__range=(now - WITHIN, now))
    rows = seen.filter(person__erased_at=None).values_list("offer", "person").annotate(last=Max("at")).order_by()
    on: dict[int, dict[int, datetime]] = defaultdict(dict)
    for offer, person, last in rows:
        on[offer][person] = last
    return _shaped(company, on)


def of(person_id: int) -> BuyingGroup | None:
    """The group that somebody is in; of several the newest."""
    row = Membership.objects.filter(person=person_id).select_related("group__company").order_by("-at", "-pk").first()
    return row.group if row else None


@dataclass(frozen=True, order=True)
class Been:
    """Somebody was in a group from one moment to another; until None they still are."""

    since: datetime
    group: int
    person: int
    until: datetime | None = field(default=None, compare=False)

    def in_it(self, at: datetime) -> bool:
        return self.since <= at and (self.until is None or at < self.until)


def been_in(people: Iterable[int]) -> list[Been]:
    """Everybody who was ever in the groups that these people were ever in. Three queries, however many they are."""
    left = Entry.objects.filter(verb="left group").values_list("data__told", "at")
    gone = [Been(datetime.fromisoformat(t["at"]), t["group"], t["person"], at) for t, at in left if t["person"]]
    who = set(people)
    groups = set(Membership.objects.filter(person__in=who).values_list("group", flat=True))
    groups |= {been.group for been in gone if been.person in who}
    rows = Membership.objects.filter(group__in=groups).values_list("at", "group", "person")
    return [Been(*row) for row in rows] + [been for been in gone if been.group in groups]


def _shaped(company: Company, on: dict[int, dict[int, datetime]]) -> list[Proposed]:
    groups = {g.offer_id: g for g in BuyingGroup.objects.filter(company=company, offer__in=on)}
    inside = defaultdict(set)
    for pk, person in Membership.objects.filter(group__in=groups.values()).values_list("group", "person"):
        inside[pk].add(person)
    out = []
    offers = Offer.objects.in_bulk(on)
    people = Person.objects.in_bulk({pk for who in on.values() for pk in who})
    for offer, who in on.items():
        group = groups.get(offer)
        new = [
            people[pk] for pk in sorted(who, key=lambda pk: (who[pk], pk)) if not group or pk not in inside[group.pk]
        ]
        if new and (group or len(new) >= AT_LEAST):
            out.append(Proposed(offers[offer], new, max(who.values()), group))
    return sorted(out, key=lambda p: p.last, reverse=True)[:SHOWN]
