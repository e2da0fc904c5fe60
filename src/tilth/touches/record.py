"""Recording touches. Whoever records one says when it happened and when we learned of it."""

import hashlib
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.db import transaction
from django.db.models import QuerySet

from tilth.campaigns.models import Campaign
from tilth.content.models import Offer, name_of
from tilth.people import bulk
from tilth.people.models import Person, Visitor, news
from tilth.team.models import Member

from . import referring, whose
from .models import LEAD_MAKING, Correction, Evidence, Origin, Team, Touch

COLUMNS = (
    "id", "at", "kind", "team", "evidence", "person_id", "visitor_id", "member_id", "offer_id", "campaign_id", "source",
    "medium", "event", "url", "properties", "learned_at", "key",
)  # fmt: skip


def key(source: str, message: str) -> bytes:
    """The 16 bytes by which one message of one source is known for ever."""
    return hashlib.blake2b(f"{source}\0{message}".encode(errors="surrogatepass"), digest_size=16).digest()


def offer(name: str, now: datetime) -> Offer | None:
    """The offer with this key, made when it is new; None for an empty name."""
    name = name.strip()
    return (
        Offer.objects.get_or_create(key=name[:120], defaults={"name": name_of(name)[:200], "at": now})[0]
        if name
        else None
    )


def campaign(name: str, now: datetime) -> Campaign | None:
    """The campaign with this key, made when it is new; None for an empty name."""
    name = name.strip()
    return Campaign.objects.get_or_create(key=name[:200], defaults={"name": name[:200], "at": now})[0] if name else None


@transaction.atomic
def record(
    kind: str,
    at: datetime,
    now: datetime,
    *,
    person: Person | None = None,
    visitor: Visitor | None = None,
    team: str = Team.PERSON,
    evidence: int = Evidence.OBSERVED,
    member: Member | None = None,
    offer: Offer | None = None,
    campaign: Campaign | None = None,
    source: str = "",
    medium: str = "",
    event: str = "",
    url: str = "",
    properties: dict[str, Any] | None = None,
    key: bytes | None = None,
) -> tuple[Touch, bool]:
    """Add a touch; False when its key was known, and then nothing changes.

    at, now   when it happened, and when we learned of it; both aware
    """
    if person is None and visitor is not None:
        person = visitor.person
    values = {
        "kind": kind, "at": at, "learned_at": now, "person": person, "visitor": visitor, "team": team,
        "evidence": evidence, "member": member, "offer": offer, "campaign": campaign, "source": source[:80],
        "medium": medium[:80], "event": event[:120], "url": url[:2000], "properties": properties or {},
    }  # fmt: skip
    if key is None:
        touch, new = Touch.objects.create(**values), True
    else:
        touch, new = Touch.objects.get_or_create(key=key, defaults=values)
    if new and person is not None:
        news([person.pk], now)
        if kind in LEAD_MAKING and evidence > Evidence.MACHINE:
            _origin(touch)
        referring.follow([touch])
    return touch, new


def known(keys: Iterable[bytes]) -> set[bytes]:
    """Those of these keys that a touch already has."""
    return {bytes(k) for (k,) in bulk.lookup(Touch, "key", keys, "key")}


@dataclass(slots=True)
class New:
    """A touch before it has a row: the columns of one, for who records many at once."""

    at: datetime
    kind: str
    team: str
    evidence: int
    person_id: int | None
    visitor_id: int | None
    offer_id: int | None
    campaign_id: int | None
    source: str
    medium: str
    event: str
    url: str
    properties: Mapping[str, Any]
    key: bytes
    pk: int = 0


@transaction.atomic
def record_all(touches: list[New], now: datetime) -> None:
    """Add many touches at once, as `record` adds one. Their keys are new: ask `known` first."""
    for touch, pk in zip(touches, bulk.ids(Touch, len(touches)), strict=True):
        touch.pk = pk
    learned_at = bulk.stamp(now)
    bulk.insert(Touch, COLUMNS, [_row(touch, learned_at) for touch in touches])
    named = [t for t in touches if t.person_id is not None]
    news(list(dict.fromkeys(p for t in named if (p := t.person_id) is not None)), now)
    for touch in sorted(named, key=lambda t: (t.at, t.pk)):
        if touch.kind in LEAD_MAKING and touch.evidence > Evidence.MACHINE:
            _origin(touch)
    referring.follow(named)


def _row(t: New, learned_at: str) -> tuple[Any, ...]:
    return (
        t.pk, bulk.stamp(t.at), t.kind, t.team, int(t.evidence), t.person_id, t.visitor_id, None, t.offer_id,
        t.campaign_id, t.source, t.medium, t.event, t.url, bulk.text(t.properties), learned_at, t.key,
    )  # fmt: skip


@transaction.atomic
def retract(touch: Touch, now: datetime) -> None:
    """It did not happen: the touch stays, and counts for nothing from now on; also not as how somebody became a lead."""
    touch.evidence = Evidence.RETRACTED
    Touch.objects.filter(pk=touch.pk).update(evidence=touch.evidence)
    _corrected([touch], now)


@transaction.atomic
def decide(touches: Sequence[Touch], now: datetime) -> None:
    """Keep what we now think of the evidence of these touches, and of why (in their properties)."""
    rows = [(int(t.evidence), bulk.text(t.properties), t.pk) for t in touches]
    bulk.update(Touch, ["evidence", "properties"], rows)
    _corrected(touches, now)


def _corrected(touches: Sequence[Touch], now: datetime) -> None:
    """What follows from touches that count otherwise now: the lake, the standing, how somebody became a lead."""
    Correction.objects.bulk_create([Correction(touch=t, at=now) for t in touches], batch_size=500)
    news(list(dict.fromkeys(t.person_id for t in touches if t.person_id is not None)), now)
    for person in dict.fromkeys(t.person_id for t in touches if t.kind in LEAD_MAKING):
        if person is not None:
            _origin_anew(person)


def _origin_anew(person: int) -> None:
    """How somebody became a lead, where a touch that may have made them one counts otherwise now."""
    maker = _makers().filter(person=person).first()
    if maker is None:
        Origin.objects.filter(person=person).delete()
    elif not Origin.objects.filter(touch=maker).exists():
        _origin_of(maker).save()


def adopt(visitor: Visitor, now: datetime) -> int:
    """Give a visitor's nameless touches to the person it turned out to be; returns how many."""
    return whose.adopt(visitor, now)


def origin_again(person: int) -> None:
    """How somebody became a lead, where touches of theirs have become another's."""
    row = Origin.objects.select_related("touch").filter(person=person).first()
    maker = _makers().filter(person=person).first()
    holds = row is not None and (row.touch is None or row.touch.person_id == person)
    if maker and not (row and holds and row.at <= maker.at):
        _origin_of(maker).save()
    elif row and not holds:
        row.delete()


def _makers() -> QuerySet[Touch]:
    """Touches that make somebody a lead, each person's earliest first."""
    makers = Touch.objects.filter(kind__in=LEAD_MAKING, evidence__gt=Evidence.MACHINE, person__isnull=False)
    return makers.order_by("person_id", "at", "id")


def _origin_of(touch: Touch | New) -> Origin:
    return Origin(  # type: ignore[misc]  # only touches of somebody come here
        person_id=touch.person_id, at=touch.at, door=touch.team, source=touch.source, offer_id=touch.offer_id,
        campaign_id=touch.campaign_id, touch_id=touch.pk,
    )  # fmt: skip


def _origin(touch: Touch | New) -> None:
    """The earliest lead-making touch is how somebody became a lead."""
    row = Origin.objects.filter(person=touch.person_id).first()
    if row is None or touch.at < row.at:
        _origin_of(touch).save()


@transaction.atomic
def rebuild(now: datetime) -> int:
    """Work out anew how everybody became a lead: their earliest lead-making touch. Of who was erased, only the origin is left."""
    Origin.objects.filter(person__erased_at=None).delete()
    batch: list[Origin] = []
    count, last = 0, None
    for touch in _makers().defer("properties", "url").iterator(chunk_size=5_000):
        if touch.person_id == last:
            continue
        last, count = touch.person_id, count + 1
        batch.append(_origin_of(touch))
        if len(batch) == 5_000:
            Origin.objects.bulk_create(batch)
            batch = []
    Origin.objects.bulk_create(batch)
    return count
