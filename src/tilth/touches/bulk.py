"""Recording very many touches of people we know, with their own times: what `record.record` does, for files."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from tilth.campaigns.models import Campaign
from tilth.content.models import Offer, name_of
from tilth.people import bulk

from .models import LEAD_MAKING, Evidence, Origin, Touch

DECLARED = int(Evidence.DECLARED)
COLUMNS = (
    "id", "at", "kind", "team", "evidence", "person_id", "member_id", "offer_id", "campaign_id", "source", "medium",
    "event", "url", "properties", "learned_at", "key",
)  # fmt: skip


@dataclass(slots=True)
class Telling:
    """One touch that a file tells of, declared by whoever wrote the file. Its key makes telling it twice harmless."""

    key: bytes
    at: datetime
    kind: str
    person: int
    team: str
    member: int | None = None
    offer: int | None = None
    campaign: int | None = None
    source: str = ""
    medium: str = ""
    event: str = ""
    url: str = ""
    properties: dict[str, Any] = field(default_factory=dict)


def append(tellings: Sequence[Telling], now: datetime) -> list[bool]:
    """Add the touches that are new; says for each whether it was. Inside a transaction."""
    seen = {bytes(key) for (key,) in bulk.lookup(Touch, "key", [t.key for t in tellings], "key")}
    fresh: list[Telling] = []
    new = []
    for telling in tellings:
        new.append(telling.key not in seen)
        if new[-1]:
            seen.add(telling.key)
            fresh.append(telling)
    ids = bulk.ids(Touch, len(fresh))
    learned_at = bulk.stamp(now)
    bulk.insert(Touch, COLUMNS, [_row(pk, t, learned_at) for pk, t in zip(ids, fresh, strict=True)])
    _origins(list(zip(ids, fresh, strict=True)))
    return new


def offers(names: Iterable[str], now: datetime) -> dict[str, int]:
    """The offers of these names, made where new."""
    keys = {name: name.strip()[:120] for name in set(names) if name.strip()}
    Offer.objects.bulk_create(
        [Offer(key=k, name=name_of(k), at=now) for k in sorted({*keys.values()})], ignore_conflicts=True
    )
    found = dict(Offer.objects.filter(key__in=keys.values()).values_list("key", "pk"))
    return {name: found[key] for name, key in keys.items()}


def campaigns(names: Iterable[str], now: datetime) -> dict[str, int]:
    """The campaigns of these names, made where new."""
    keys = {name: name.strip()[:200] for name in set(names) if name.strip()}
    Campaign.objects.bulk_create(
        [Campaign(key=k, name=k, at=now) for k in sorted({*keys.values()})], ignore_conflicts=True
    )
    found = dict(Campaign.objects.filter(key__in=keys.values()).values_list("key", "pk"))
    return {name: found[key] for name, key in keys.items()}


def _row(pk: int, t: Telling, learned_at: str) -> tuple[Any, ...]:
    return (
        pk, bulk.stamp(t.at), t.kind, t.team, DECLARED, t.person, t.member, t.offer, t.campaign, t.source[:80],
        t.medium[:80], t.event[:120], t.url[:2000], bulk.text(t.properties), learned_at, t.key,
    )  # fmt: skip


def _origins(fresh: list[tuple[int, Telling]]) -> None:
    """How these people became leads, where these touches are the first that say it, or the earliest."""
    first: dict[int, tuple[int, Telling]] = {}
    for pk, t in fresh:
        if t.kind in LEAD_MAKING and (t.person not in first or t.at < first[t.person][1].at):
            first[t.person] = (pk, t)
    known = [pk for (pk,) in bulk.lookup(Origin, "person_id", first, "person_id")]
    since = dict(Origin.objects.filter(pk__in=known).values_list("pk", "at"))
    rows = [
        (bulk.stamp(t.at), t.team, t.source[:80], t.offer, t.campaign, pk, person)
        for person, (pk, t) in first.items()
        if person not in since or t.at < since[person]
    ]
    columns = ("at", "door", "source", "offer_id", "campaign_id", "touch_id")
    bulk.insert(Origin, (*columns, "person_id"), [row for row in rows if row[-1] not in since])
    bulk.update(Origin, columns, [row for row in rows if row[-1] in since])
