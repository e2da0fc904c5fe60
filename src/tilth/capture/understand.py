"""From deliveries to what we know: persons, companies, visitors and touches.

Reads   Received rows that were not taken, in the order of arrival
Writes  persons, companies, visitors, touches; a Refusal for what could not be understood

An event is known for ever by its source and message id, so taking a delivery twice changes nothing.
Who somebody is comes before what they did: clients deliver out of order.
Source: docs/algorithms/ingest.md
"""

import logging
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import datetime
from functools import cached_property

from django.db import IntegrityError, OperationalError, connection, models, transaction

from tilth.core import delivery, evidence, meaning
from tilth.core.delivery import Event
from tilth.core.wire import Reason, Unreadable, inflate
from tilth.people import ours
from tilth.people.known import Told, keep, keep_company
from tilth.people.models import Person, PersonId, Visitor
from tilth.touches import record
from tilth.touches.models import Team, Touch

from .models import Received, Refusal, Taken

AT_ONCE = 1_000  # events in one transaction, give or take a delivery,
BYTES_AT_ONCE = 10_000_000  # and bytes of JSON
USER = "user"  # the system whose ids `userId` and `groupId` are: one namespace for all sources
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
    return waiting.select_related("source").iterator(chunk_size=10)


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
    """Some letters, read together: each person, visitor, offer and campaign is looked up once.

    Persons go by their ids here: `keep` reads a row anew before it writes.
    """

    def __init__(self, letters: list[Letter], now: datetime):
        self.now = now
        self.letters = _fresh(letters)
        self.users = _users({i for x in self.letters for i in (x.event.user_id, x.event.previous_id) if i})
        self.people: dict[bytes, int] = {}  # by letter
        self.bound: dict[str, int] = {}  # by visitor key: who it turned out to be
        self.offers: dict[str, int | None] = {}
        self.campaigns: dict[str, int | None] = {}
        self.ours = evidence.NOTHING

    def keep(self) -> None:
        for letter in sorted(self.letters, key=lambda x: _RANK.get(x.event.type, len(_RANK))):
            if person := self._who(letter):
                self.people[letter.key] = person
                if letter.event.anonymous_id:
                    self.bound.setdefault(letter.event.anonymous_id, person)
        visitors, recognised = self._visitors()
        self.ours = ours.known()  # with who of our own people was just made
        record.record_all([self._touch(x, visitors) for x in self.letters if x.event.type not in _RANK], self.now)
        for visitor in recognised:
            record.adopt(visitor, self.now)
        Taken.objects.bulk_create([Taken(key=x.key) for x in self.letters if x.event.type in _RANK])

    def _who(self, letter: Letter) -> int | None:
        """The person that an event names, brought up to date by what it tells; None while there is no name."""
        event = letter.event
        if event.type == "alias":
            return self._renamed(letter)
        card = meaning.card(event)
        user = self.users.get(event.user_id)
        if event.type not in _RANK:
            told_anew = card.emails and (user is None or meaning.kind(event) in meaning.GIVES_DETAILS)
            return self._kept(letter, _told(card, event)) if told_anew else user
        browser = None if user or card.emails else self._at_the_browser(event.anonymous_id, event.user_id)
        if event.user_id or card.emails or browser:
            return self._kept(letter, _told(card, event), browser)
        keep_company(_told(card, event), self.now, letter.origin)
        return None

    def _renamed(self, letter: Letter) -> int:
        """Who had the previous id, as a user or as a visitor, now has the new one; two known persons stay two."""
        event = letter.event
        before = self.users.get(event.previous_id) or self._at_the_browser(event.previous_id, event.user_id)
        if person := self.users.get(event.user_id):
            self.bound.setdefault(event.previous_id, person)
            return person
        person = self._kept(letter, Told(ids=[(USER, event.user_id)]), before)
        self.bound.setdefault(event.previous_id, person)
        return person

    def _at_the_browser(self, visitor: str, user: str) -> int | None:
        """Whom we know at this browser; None when that is somebody with another user id (a shared device)."""
        if not visitor:
            return None
        person = self.bound.get(visitor) or Visitor.objects.filter(key=visitor).values_list("person", flat=True).first()
        if person and user and PersonId.objects.filter(person=person, system=USER).exclude(value=user).exists():
            return None
        return person

    def _kept(self, letter: Letter, told: Told, known: int | None = None) -> int:
        """The person of `told`, made or brought up to date, and bound to the user id that the event names."""
        row = Person.objects.select_related("company").get(pk=known) if known else None
        person = keep(told, self.now, letter.origin, at=letter.event.at, person=row)[0].pk
        if user := letter.event.user_id:
            self.users.setdefault(user, person)
            self.bound.setdefault(f"{USER}:{user}", person)
        return person

    def _visitors(self) -> tuple[dict[str, Visitor], list[Visitor]]:
        """The visitors of these letters by key, made where new; and those who have just got a name."""
        seen: dict[str, datetime] = {}
        for letter in self.letters:
            for key in (self._visitor_key(letter), letter.event.previous_id):
                if key and key not in self.users:
                    seen.setdefault(key, letter.event.at)
        old = {v.key: v for v in Visitor.objects.filter(key__in=[*seen, *self.bound])}
        recognised = [v for k, v in old.items() if v.person_id is None and k in self.bound]
        for visitor in recognised:
            visitor.person_id = self.bound[visitor.key]
        Visitor.objects.bulk_update(recognised, ["person"], batch_size=200)
        new = [Visitor(key=k, at=at, person_id=self.bound.get(k)) for k, at in seen.items() if k not in old]
        return old | {v.key: v for v in Visitor.objects.bulk_create(new)}, recognised

    def _visitor_key(self, letter: Letter) -> str:
        """The visitor's random id; a user id that nobody has explained yet stands in for one."""
        event = letter.event
        if letter.key not in self.people and event.user_id:
            return f"{USER}:{event.user_id}"
        return event.anonymous_id

    def _touch(self, letter: Letter, visitors: dict[str, Visitor]) -> Touch:
        event, source = letter.event, letter.received.source
        visitor = visitors.get(self._visitor_key(letter))
        person = self.people.get(letter.key) or (visitor.person_id if visitor else None)
        kind, came = meaning.kind(event), meaning.came_from(event)
        received = letter.received
        judged = evidence.of_event(event, kind, person, received.network, received.agent, self.ours)
        return Touch(
            at=event.at,
            kind=kind,
            team=source.team if source else Team.PERSON,
            evidence=judged.evidence,
            person_id=person,
            visitor=visitor,
            offer_id=self._offer(meaning.offer(event, kind)),
            campaign_id=self._campaign(came.campaign),
            source=came.source[:80],
            medium=came.medium[:80],
            event=event.name[:120],
            url=meaning.url(event)[:2000],
            properties=evidence.marked(
                {**event.properties, **({"said_at": event.said_at} if event.said_at else {})}, judged.marks
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


# Events that say who somebody is, in the order in which they are read; all others leave a touch.
_RANK = {"identify": 0, "alias": 1, "group": 2}


def _fresh(letters: list[Letter]) -> list[Letter]:
    """Each event once, and only those that were not taken before."""
    by_key = {x.key: x for x in reversed(letters)}
    told = Taken.objects.filter(key__in=list(by_key)).values_list("key", flat=True)
    gone = record.known(by_key) | {bytes(k) for k in told}
    return [x for x in reversed(by_key.values()) if x.key not in gone]


def _users(ids: set[str]) -> dict[str, int]:
    return dict(PersonId.objects.filter(system=USER, value__in=ids).values_list("value", "person"))


def _told(card: meaning.Card, event: Event) -> Told:
    return Told(
        emails=card.emails,
        phones=card.phones,
        ids=[(USER, event.user_id)] if event.user_id else [],
        person=card.person,
        company=card.company,
        company_ids=[(USER, card.company_id)] if card.company_id else [],
        domain=card.domain,
    )
