"""From deliveries to what we know: persons, companies, visitors and touches.

Reads   Received rows that were not taken, in the order of arrival
Writes  persons, companies, visitors, touches; a Refusal for what could not be understood

An event is known for ever by its source and message id, so taking a delivery twice changes nothing.
Clients deliver out of order: when something happened decides, never when it arrived.
Source: docs/algorithms/ingest.md, docs/algorithms/identity.md
"""

import logging
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import datetime
from functools import cached_property

from django.db import IntegrityError, OperationalError, connection, models, transaction

from tilth.consent import models as consent
from tilth.core import delivery, evidence, meaning
from tilth.core.delivery import Event
from tilth.core.whose import Use
from tilth.core.wire import Reason, Unreadable, inflate
from tilth.people import bulk, links, ours, suppressed
from tilth.people.known import Told, adds_nothing, keep, keep_company
from tilth.people.models import CompanyId, Email, Person, Sighting, Visitor, news
from tilth.people.uses import USER
from tilth.touches import record, referring, whose
from tilth.touches.models import Team

from .models import Received, Refusal, Source, Taken
from .striking import strike

AT_ONCE = 1_000  # events in one transaction, give or take a delivery,
BYTES_AT_ONCE = 10_000_000  # and bytes of JSON
log = logging.getLogger(__name__)


@dataclass(frozen=True)
class Letter:
    """One event and the delivery that it came in."""

    received: Received
    event: Event

    @cached_property
    def key(self) -> bytes:
        return record.key(f"source {self.received.source_id}", self.event.message_id)

    @property
    def origin(self) -> str:
        return f"event {self.received.pk}:{self.event.index}"


def catch_up(now: datetime) -> int:
    """Take the deliveries that wait, oldest first, up to about `AT_ONCE` events; returns how many deliveries."""
    waiting = Received.objects.filter(taken_at=None).order_by("id")
    if not waiting.exists():
        return 0
    with transaction.atomic():
        return len(_take(_locked(waiting), now))


@transaction.atomic
def replay(received: Received, now: datetime) -> list[Refusal]:
    """Take one delivery again; what was taken before stays as it is. Returns what is refused now."""
    received.refusals.all().delete()
    _take([received], now)
    return list(received.refusals.order_by("index"))


def _locked(waiting: models.QuerySet[Received]) -> Iterator[Received]:
    """The deliveries that wait and that nobody else is taking right now."""
    if connection.features.has_select_for_update_skip_locked:
        waiting = waiting.select_for_update(skip_locked=True, of=("self",))
    return waiting.iterator(chunk_size=20)


def _take(deliveries: Iterable[Received], now: datetime) -> list[Received]:
    taken: list[Received] = []
    letters: list[Letter] = []
    refusals: list[Refusal] = []
    size = 0
    for received in deliveries:
        events, refused = _opened(received)
        taken.append(received)
        letters += [Letter(received, event) for event in events]
        refusals += [_refusal(received, r.index, r.reason, r.detail, now) for r in refused]
        size += _size(bytes(received.body))
        if len(letters) >= AT_ONCE or size >= BYTES_AT_ONCE:
            break
    refusals += _understand(letters, now)
    Refusal.objects.bulk_create(refusals)
    Received.objects.filter(pk__in=[r.pk for r in taken]).update(taken_at=now)
    return taken


def _opened(received: Received) -> tuple[list[Event], list[delivery.Refused]]:
    try:
        return delivery.read(bytes(received.body), received.path, received.at, received.sent_at)
    except Exception as e:
        log.exception("Delivery %s could not be opened. It is kept; mend the cause and replay it.", received.pk)
        return [], [delivery.Refused(0, Reason.NOT_UNDERSTOOD, repr(e))]


def _size(body: bytes) -> int:
    """Bytes of JSON in a delivery: a small one can unfold into many."""
    try:
        return len(inflate(body))
    except Unreadable:
        return len(body)


def _understand(letters: list[Letter], now: datetime) -> list[Refusal]:
    """All at once; where that fails, each by itself, so that a bad event stops no good one."""
    try:
        with transaction.atomic():
            _Reading(letters, now).keep()
        return []
    except OperationalError:
        raise
    except Exception:
        log.info("Reading %s events one by one", len(letters), exc_info=True)
    refusals = []
    for letter in letters:
        try:
            _alone(letter, now)
        except OperationalError:
            raise
        except Exception as e:
            log.exception("Event %s was not understood. It is kept; mend the cause and replay it.", letter.origin)
            index = letter.event.index
            refusals.append(_refusal(letter.received, index, Reason.NOT_UNDERSTOOD, repr(e), now))
    return refusals


def _alone(letter: Letter, now: datetime) -> None:
    """One event by itself; twice, where somebody else made the same person or visitor at that moment."""
    try:
        with transaction.atomic():
            _Reading([letter], now).keep()
    except IntegrityError:
        with transaction.atomic():
            _Reading([letter], now).keep()


def _refusal(received: Received, index: int, reason: Reason, detail: str, now: datetime) -> Refusal:
    return Refusal(received=received, index=index, reason=reason, detail=detail[:300], at=now)


class _Reading:
    """Some letters, read together: each person, visitor, offer and campaign is looked up once."""

    def __init__(self, letters: list[Letter], now: datetime):
        self.now = now
        self.all, self.letters = letters, _fresh(letters)
        self.people: dict[int, Person] = {}
        sources = Source.objects.filter(pk__in={x.received.source_id for x in self.letters})
        self.teams: dict[int | None, str] = dict(sources.values_list("pk", "team"))
        self.turned = False  # a company may be other than these persons have it
        self.offers: dict[str, int | None] = {}
        self.campaigns: dict[str, int | None] = {}
        self.ours = evidence.NOTHING

    def keep(self) -> None:
        vouched = links.persons_of({token for x in self.letters if (token := meaning.link(x.event))})
        uses = {x.key: meaning.uses(x.event, vouched.get(meaning.link(x.event), 0)) for x in self.letters}
        erased = _erased(self.all, uses)
        strike((x.received, x.event.index) for x in self.all if x.key in erased)
        read = [x for x in self.letters if x.key not in erased]
        in_time = sorted(read, key=lambda x: (x.event.at, x.key))
        told: dict[Use, datetime] = {}
        for letter in in_time:
            for use in uses[letter.key]:
                told.setdefault(use, letter.event.at)
        self.whose = whose.Whose(told, self.now)
        tellings = [(x, use) for x in in_time if _tells(x.event, use := uses[x.key][0])]
        self._look_up(tellings)
        for letter, use in tellings:
            self._tell(letter, use)
        self.ours = ours.known()  # with who of our own people was just made
        touching = [x for x in read if x.event.type not in _SAY_WHO and not meaning.consents(x.event)]
        record.record_all([self._touch(x, uses[x.key][0]) for x in touching], self.now)
        self._sightings(read, uses)
        self.whose.reslice()
        news(self.whose.made, self.now)
        left = {x.key for x in self.letters} - {x.key for x in touching}
        Taken.objects.bulk_create([Taken(key=key) for key in left])

    def _look_up(self, tellings: list[tuple[Letter, Use]]) -> None:
        """The persons that are told of, and whose the addresses and companies are."""
        people = {row.person for _letter, use in tellings if (row := self.whose.row(use)).person}
        self.people = Person.objects.select_related("company").in_bulk(people)
        addresses = [use.address for _letter, use in tellings if use.address]
        self.addresses = dict(bulk.lookup(Email, "address", addresses, "address", "person_id"))
        groups = {x.event.group_id for x, _use in tellings if x.event.group_id}
        rows = bulk.lookup(CompanyId, "value", groups, "value", "company_id", system=USER)
        self.firms = {(USER, value): firm for value, firm in rows}

    def _tell(self, letter: Letter, use: Use) -> None:
        """Keep what an event tells of a person and a company."""
        event = letter.event
        if meaning.consents(event):
            return self._consent(letter, use)
        told, row = self._told(meaning.card(event), use), self.whose.row(use)
        if row.person is None:
            keep_company(told, self.now, letter.origin, at=event.at)
            self.turned = True
        elif (self.turned and told.company) or not adds_nothing(
            told, self.people[row.person], self.addresses, self.firms
        ):
            person, visitor = self.people[row.person], row.pk if use.named else None
            keep(told, self.now, letter.origin, at=event.at, person=person, visitor=visitor)
            if said := delivery.words(event.traits.get(referring.PROPERTY)):
                referring.named(person.pk, said, event.at)
            self.addresses |= dict.fromkeys(told.emails, person.pk)
            self.turned |= bool(told.company)
        return None

    def _told(self, card: meaning.Card, use: Use) -> Told:
        return Told(
            emails=[use.address] if use.address and self.whose.owns(use, ("address", use.address)) else [],
            phones=card.phones,
            person=card.person,
            company=card.company,
            company_ids=[(USER, card.company_id)] if card.company_id else [],
            domain=card.domain,
        )

    def _consent(self, letter: Letter, use: Use) -> None:
        """What somebody agreed to on a website, or withdrew there."""
        said, received = meaning.consent(letter.event), letter.received
        consent.record(
            said.act, said.purpose, letter.event.at, self.now, visitor=Visitor(pk=self.whose.row(use).pk),
            method=consent.Method.TRACKER, text=said.text, page=said.page, network=received.network, agent=received.agent,
        )  # fmt: skip

    def _sightings(self, letters: list[Letter], uses: dict[bytes, list[Use]]) -> None:
        """Who was at which browser, as far as no touch of the same use says it."""
        rows = []
        for letter in letters:
            touches = letter.event.type not in _SAY_WHO and not meaning.consents(letter.event)
            rows += [
                Sighting(visitor_id=self.whose.row(use).pk, at=letter.event.at)
                for use in uses[letter.key][touches:]
                if use.named and use.browser
            ]
        Sighting.objects.bulk_create(rows)

    def _touch(self, letter: Letter, use: Use) -> record.New:
        event, received = letter.event, letter.received
        visitor = self.whose.row(use)
        person = None if visitor.shared else visitor.person
        kind, came = meaning.kind(event), meaning.came_from(event)
        judged = evidence.of_event(event, kind, person, received.network, received.agent, self.ours)
        return record.New(
            at=event.at,
            kind=kind,
            team=self.teams.get(received.source_id, Team.PERSON),
            evidence=judged.evidence,
            person_id=person,
            visitor_id=visitor.pk,
            offer_id=self._offer(meaning.offer(event, kind)),
            campaign_id=self._campaign(came.campaign),
            source=came.source[:80],
            medium=came.medium[:80],
            event=event.name[:120],
            url=meaning.url(event)[:2000],
            properties=evidence.marked(
                {**meaning.kept(event.properties), **({"said_at": event.said_at} if event.said_at else {})},
                judged.marks,
            ),
            key=letter.key,
        )

    def _offer(self, name: str) -> int | None:
        if name not in self.offers:
            row = record.offer(name, self.now)
            self.offers[name] = row.pk if row else None
        return self.offers[name]

    def _campaign(self, name: str) -> int | None:
        if name not in self.campaigns:
            row = record.campaign(name, self.now)
            self.campaigns[name] = row.pk if row else None
        return self.campaigns[name]


def _tells(event: Event, use: Use) -> bool:
    """Whether an event tells more than that something was done."""
    return meaning.consents(event) or (event.type != "alias" and (event.type in _SAY_WHO or bool(use.address)))


# Events that say who somebody is; all others leave a touch, but for those of consent.
_SAY_WHO = frozenset({"identify", "alias", "group"})


def _fresh(letters: list[Letter]) -> list[Letter]:
    """Each event once, and only those that were not taken before."""
    by_key = {x.key: x for x in reversed(letters)}
    gone = record.known(by_key) | {bytes(k) for (k,) in bulk.lookup(Taken, "key", by_key, "key")}
    return [x for x in reversed(by_key.values()) if x.key not in gone]


def _erased(letters: list[Letter], uses: dict[bytes, list[Use]]) -> set[bytes]:
    """Events of people who were erased on request: nothing of them is kept, also where an event comes once more."""
    if not suppressed.anybody():
        return set()
    named = {x.key: meaning.uses(x.event) for x in letters} | uses
    ways = {key: {way for use in some for way in _ways(use)} for key, some in named.items()}
    gone = suppressed.among({way for some in ways.values() for way in some})
    return {key for key, some in ways.items() if some & gone} if gone else set()


def _ways(use: Use) -> Iterator[str | tuple[str, str]]:
    if use.address:
        yield use.address
    if use.user:
        yield (USER, use.user)
    if use.browser and not use.named:  # else it is somebody else who uses their browser
        yield (suppressed.VISITOR, use.browser)
