"""Whose touches are: from ways of naming somebody to persons, and what follows where that turns out otherwise.

Reads   visitors, and all that hangs together with those that were just told of
Writes  persons and visitors; names, touches and what was learned get another person, with Correction and News

Who somebody is follows from when things happened, not from when they arrived: see tilth.core.whose.
Source: docs/algorithms/identity.md
"""

from collections import defaultdict
from collections.abc import Iterable, Mapping
from datetime import datetime

from django.db import transaction
from django.db.models import Case, F, SmallIntegerField, When

from tilth.core import identity
from tilth.core.whose import Name, Told, Use, at_a_browser, end
from tilth.people import bulk, uses
from tilth.people.known import retell
from tilth.people.models import Email, Learned, Person, PersonId, Phone, Sighting, Visitor, news
from tilth.people.uses import USER, Row

from . import referring
from .models import LEAD_MAKING, Correction, Evidence, Origin, Touch

SENT = 20  # touches of one visitor that name who sent them
_KNOWN = Case(
    When(evidence=Evidence.ANONYMOUS, then=Evidence.OBSERVED), default=F("evidence"), output_field=SmallIntegerField()
)
MOVED = f"{uses.FROM_EVENTS} of somebody else"  # why what was learned is looked at again


class Whose:
    """Uses of names and browsers, settled: each has a row, and those that somebody has explained have a person.

    told     each use and when it happened first
    made     persons that are new
    """

    def __init__(self, told: Mapping[Use, datetime], now: datetime):
        self.now = now
        self.made: list[int] = []
        self.told: Told | None = None
        self._moved: dict[int, set[int | None]] = defaultdict(set)  # by visitor: whose it was
        self._unshared: set[int] = set()  # browsers whose users turned out to be one person
        places: dict[Use, datetime] = {}
        for use, at in told.items():
            if use.browser:
                places[Use(use.browser)] = min(at, places.get(Use(use.browser), at))
        every = places | {use: at for use, at in told.items() if use.named}
        rows = uses.by_key({use.key for use in every})
        self.browsers = {use.browser: row for use in places if (row := rows.get(use.key))}
        self._open(places)
        named = {use: rows.get(use.key) for use in every if use.named}
        self.rows = {use: row for use, row in named.items() if row} | {
            use: self.browsers[use.browser] for use in places
        }
        fresh = {use: row for use, row in named.items() if row is None or every[use] < row.at}
        if fresh:
            self._settle(fresh, every)

    def row(self, use: Use) -> Row:
        return self.rows[use]

    def owns(self, use: Use, name: Name) -> bool:
        """Whether the person whom a use names has this name, or may have it: nobody else does."""
        return self.told is None or name not in self.told.owner or self.told.owns(use, name)

    def reslice(self) -> None:
        """At browsers that several persons used, give each nameless touch to who was last seen there before it."""
        for browser in self.browsers.values():
            if browser.shared or browser.pk in self._unshared:
                reslice(browser.pk, self.now)

    def _open(self, places: Mapping[Use, datetime]) -> None:
        """Rows for browsers that are new; the moment of those that we had seen later than now told."""
        early = [(at, row) for use, at in places.items() if (row := self.browsers.get(use.browser)) and at < row.at]
        for at, row in early:
            row.at = at
        bulk.update(Visitor, ("at",), [(bulk.stamp(at), row.pk) for at, row in early])
        new = [(use.browser, at) for use, at in places.items() if use.browser not in self.browsers]
        rows = [Row(pk, key, None, at) for pk, (key, at) in zip(bulk.ids(Visitor, len(new)), new, strict=True)]
        columns = ("id", "key", "at", "user", "address", "says", "shared")
        bulk.insert(Visitor, columns, [(r.pk, r.key, bulk.stamp(r.at), "", "", 0, False) for r in rows])
        self.browsers |= {row.key: row for row in rows}

    def _settle(self, fresh: Mapping[Use, Row | None], told: Mapping[Use, datetime]) -> None:
        around = uses.around(fresh, self.browsers)
        at = {use: min(told.get(use) or row.at, row.at) if row else told[use] for use, row in around.uses.items()}
        self.told = told_now = Told(at, around.fixed)
        self._people(told_now, around)
        self._names(told_now, around.owners)
        self._rows(around.uses, at)
        self._places(around.uses, at)
        self._follow()
        self._leave(told_now, around)

    def _people(self, told: Told, around: uses.Around) -> None:
        """Which person each of them is: who had the name before, else a new one."""
        taken = {who.person for who in told.people if who.person}
        strangers = []
        for who in told.people:
            if who.into or who.person:
                continue
            had = (around.owners.get(name) for name in who.names)
            who.person = next((p for p in had if p and p not in taken and p not in around.kept), 0)
            taken.add(who.person)
            if not who.person:
                strangers.append(who)
            elif who.since and Person.objects.filter(pk=who.person, at__gt=who.since).update(at=who.since):
                Learned.objects.create(person_id=who.person, at=self.now, values={}, origin=MOVED)
        made = Person.objects.bulk_create([Person(at=who.since or self.now) for who in strangers])
        for who, row in zip(strangers, made, strict=True):
            who.person = row.pk
        self.made = [row.pk for row in made]

    def _names(self, told: Told, owners: Mapping[Name, int]) -> None:
        """Names that are another's now, and user ids that are new; new addresses are kept with what else was told."""
        new = [(value, who) for (kind, value), who in told.owner.items() if kind == "user"]
        PersonId.objects.bulk_create(
            [
                PersonId(system=USER, value=value, person_id=end(who).person)
                for value, who in new
                if ("user", value) not in owners
            ]
        )
        for name, who in told.owner.items():
            before, person = owners.get(name), end(who).person
            if before and before != person:
                kind, value = name
                if kind == "user":
                    PersonId.objects.filter(system=USER, value=value).update(person=person)
                else:
                    Email.objects.filter(address=value).update(person=person)

    def _rows(self, around: Mapping[Use, Row | None], at: Mapping[Use, datetime]) -> None:
        new, changed = [], []
        for use, row in around.items():
            person = self._person(use)
            if row is None:
                new.append((use, person))
            elif row.person != person or row.at != at[use]:
                if row.person != person:
                    self._moved[row.pk].add(row.person)
                row.person, row.at = person, at[use]
                changed.append((person, bulk.stamp(row.at), row.pk))
            if row:
                self.rows[use] = row
        bulk.update(Visitor, ("person_id", "at"), changed)
        made = Visitor.objects.bulk_create([self._visitor(use, person, at[use]) for use, person in new])
        for (use, person), v in zip(new, made, strict=True):
            self.rows[use] = Row(v.pk, v.key, person, v.at, v.browser_id, v.user, v.address, v.says)

    def _visitor(self, use: Use, person: int | None, at: datetime) -> Visitor:
        browser = self.browsers[use.browser].pk if use.browser else None
        return Visitor(
            key=use.key, person_id=person, at=at, browser_id=browser, user=use.user, address=use.address, says=use.says
        )

    def _person(self, use: Use) -> int | None:
        who = self.told.who(use) if self.told else None
        return who.person if who else None

    def _places(self, around: Mapping[Use, Row | None], at: Mapping[Use, datetime]) -> None:
        """Who was first at each browser, and whether others were there too."""
        seen: dict[str, list[tuple[datetime, Use, int]]] = defaultdict(list)
        for use in around:
            if use.browser and (person := self._person(use)):
                seen[use.browser].append((at[use], use, person))
        changed = []
        known = {use.browser for use, row in around.items() if use.named and row}
        for key, sightings in seen.items():
            browser = self.browsers[key]
            if browser.person and key not in known:  # from a time when uses were not kept
                sightings.append((browser.at, Use(key), browser.person))
            first = min(sightings)[2]
            shared = len({person for _at, _use, person in sightings}) > 1
            if (browser.person, browser.shared) != (first, shared):
                if browser.person != first:
                    self._moved[browser.pk].add(browser.person)
                if browser.shared and not shared:
                    self._unshared.add(browser.pk)
                browser.person, browser.shared = first, shared
                changed.append((first, shared, browser.pk))
        bulk.update(Visitor, ("person_id", "shared"), changed)

    def _follow(self) -> None:
        """Touches, and what was learned, go where their visitors went."""
        where = {row.pk: row.person for row in [*self.rows.values(), *self.browsers.values()]}
        for visitor, before in self._moved.items():
            for was in before:
                move(visitor, was, where[visitor], self.now)
                if was:
                    _relearn(visitor, was, where[visitor], self.now)

    def _leave(self, told: Told, around: uses.Around) -> None:
        """Persons whom no name is left of turned out to be somebody else: what remains of them goes there."""
        now_owned = {end(who).person for who in told.owner.values()}
        for name, person in around.owners.items():
            if person not in now_owned and person not in around.kept and name in told.owner:
                now_owned.add(person)
                _absorb(person, end(told.owner[name]).person, self.now)


@transaction.atomic
def adopt(visitor: Visitor, now: datetime) -> int:
    """Give what was done without a name at a browser to the person it turned out to be; returns how many touches."""
    browser = visitor.browser or visitor
    seen = browser.uses.filter(person__isnull=False).order_by("at", "user", "address", "key")
    people = [pk for pk in seen.values_list("person", flat=True) if pk]
    if browser.person_id and browser.person_id not in people:
        people.insert(0, browser.person_id)  # from a time when uses were not kept
    if not people:
        return 0
    was, shared = browser.person_id, len(set(people)) > 1
    Visitor.objects.filter(pk=browser.pk).update(person=people[0], shared=shared)
    count = move(visitor.pk, None, visitor.person_id, now) if visitor.pk != browser.pk else 0
    if shared:
        return count + reslice(browser.pk, now)
    return count + sum(move(browser.pk, before, people[0], now) for before in {was, None})


def reslice(browser: int, now: datetime) -> int:
    """Give each nameless touch at a browser to who was last seen there before it; returns how many were another's."""
    rows = Visitor.objects.filter(browser=browser, person__isnull=False).order_by("user", "address", "key")
    who = dict(rows.values_list("pk", "person"))
    order = {pk: n for n, pk in enumerate(who)}
    told = [*Touch.objects.filter(visitor__in=who).values_list("at", "visitor")]
    told += Sighting.objects.filter(visitor__in=who).values_list("at", "visitor")
    sightings = [(at, who[pk]) for at, pk in sorted(told, key=lambda seen: (seen[0], order[seen[1]]))]
    owner, since = Visitor.objects.values_list("person", "at").get(pk=browser)
    if owner and owner not in who.values():
        sightings.insert(0, (min([since, *(at for at, _who in sightings)]), owner))
    if not sightings:
        return 0
    moves: dict[tuple[int | None, int], list[int]] = defaultdict(list)
    for pk, at, person in Touch.objects.filter(visitor=browser).values_list("pk", "at", "person"):
        if (right := at_a_browser(sightings, at)) != person:
            moves[person, right].append(pk)
    for (was, person), touches in moves.items():
        Touch.objects.filter(pk__in=touches).update(person=person, evidence=_KNOWN)
        Correction.objects.create(visitor_id=browser, was=was, at=now)
        _changed(was, person, now)
    return sum(map(len, moves.values()))


def move(visitor: int, was: int | None, person: int | None, now: datetime) -> int:
    """The touches of a visitor that were one person's, or nobody's, are another's; returns how many."""
    known = {"person": person} if was else {"person": person, "evidence": _KNOWN}
    count = Touch.objects.filter(visitor=visitor, person=was).update(**known) if was != person else 0
    if count:
        Correction.objects.create(visitor_id=visitor, was=was, at=now)
        _changed(was, person, now)
    if count and was is None:
        mine = Touch.objects.filter(visitor=visitor, person=person, url__contains=f"{referring.PARAMETER}=")
        referring.follow(mine.order_by("at", "id")[:SENT])
    return count


def _changed(was: int | None, person: int | None, now: datetime) -> None:
    people = [p for p in (was, person) if p is not None]
    news(people, now)
    for one in people:
        _origin_again(one)


def _origin_again(person: int) -> None:
    """How somebody became a lead, where touches of theirs were another's, or are now."""
    makers = Touch.objects.filter(person=person, kind__in=LEAD_MAKING, evidence__gt=Evidence.MACHINE)
    touch = makers.order_by("at", "id").first()
    if touch is None:
        Origin.objects.filter(person=person).delete()
    elif not Origin.objects.filter(person=person, touch=touch).exists():
        Origin(
            person_id=person, at=touch.at, door=touch.team, source=touch.source, offer_id=touch.offer_id,
            campaign_id=touch.campaign_id, touch=touch,
        ).save()  # fmt: skip


def _relearn(visitor: int, was: int, person: int | None, now: datetime) -> None:
    """What a use of a name told of one person, it told of another."""
    rows = list(Learned.objects.filter(visitor=visitor, person=was).select_related("joined"))
    if person is None or not rows:
        return
    address = Visitor.objects.values_list("address", flat=True).get(pk=visitor)
    owner = Email.objects.filter(address=address).exclude(person=person).values_list("person", flat=True).first()
    for row in rows:
        Phone.objects.filter(person=was, number=row.values.get("phone", "")).update(person=person)
        row.person_id = person
        if owner:
            _without(row, address, owner)
    Learned.objects.bulk_update(rows, ["person", "joined", "values"])
    _look_again({was, person, owner or person}, now)


def _without(row: Learned, address: str, owner: int) -> None:
    """An address, and the company that it told, stay with whose it is; the rest was told of somebody else."""
    theirs = {name: value for name, value in row.values.items() if name in ("email", "emails")}
    joined = row.joined if row.joined and row.joined.domain == identity.domain(address) else None
    if joined:
        theirs["company"] = row.values.get("company")
        row.joined = None
    row.values = {name: value for name, value in row.values.items() if name not in theirs}
    if theirs:
        Learned.objects.create(
            person_id=owner, joined=joined, at=row.at, values=theirs, origin=row.origin, said=row.said
        )


def _look_again(people: Iterable[int], now: datetime) -> None:
    """Columns anew from what was learned; an empty row, so that who follows what was learned reads them again."""
    for row in Person.objects.filter(pk__in=list(people)):
        retell(row)
        Learned.objects.create(person=row, at=now, values={}, origin=MOVED)
        news([row.pk], now)


@transaction.atomic
def _absorb(person: int, into: int, now: datetime) -> None:
    """A person of whom nothing but events told is `into`, with all that is left."""
    used = Visitor.objects.filter(person__in=[into, person]).first()
    Correction.objects.create(visitor=used, was=person, at=now)  # a person who is no more is not in the lake
    Visitor.objects.filter(person=person).update(person=into)
    for visitor in (
        Touch.objects.filter(person=person, visitor__isnull=False).values_list("visitor", flat=True).distinct()
    ):
        move(visitor, person, into, now)
    Phone.objects.filter(person=person).update(person=into)
    if Learned.objects.filter(person=person).update(person=into):
        _look_again([into], now)
    Person.objects.filter(pk=person).delete()
