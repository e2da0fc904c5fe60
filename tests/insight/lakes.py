"""What a lake says, in words instead of numbers, and what the database says about the same."""

from collections import defaultdict
from datetime import UTC, date, datetime, time, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from tilth.content.models import Offer
from tilth.core.kernel import FAR
from tilth.deals.models import Deal
from tilth.groups.models import Membership
from tilth.handoff.models import HandBack, Return
from tilth.insight.engine import Engine
from tilth.people.models import Person, about
from tilth.qualify.models import StageChange
from tilth.touches.models import Evidence, Origin, Touch

ZONE = ZoneInfo("Europe/Amsterdam")
EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
KNOWN = ("person.first_name", "person.last_name", "person.email", "person.phone")


def micros(at: datetime) -> int:
    return (at - EPOCH) // timedelta(microseconds=1)


def told(engine: Engine, people: int = 2) -> dict[str, Any]:
    """Everything in the lake, in words; read in small batches."""
    whats, pairs = engine.whats(), engine.pairs()
    out: dict[str, Any] = {"people": [], "touches": [], "facts": [], "ends": []}
    for batch in engine.batches(people):
        out["people"] += batch.people.tolist()
        rows = zip(batch.touch_person.tolist(), batch.touch_at.tolist(), batch.touch_what.tolist(), strict=True)
        out["touches"] += [(person, at, whats[what]) for person, at, what in rows]
        rows = zip(batch.fact_person.tolist(), batch.fact_at.tolist(), batch.fact_pair.tolist(), strict=True)
        out["facts"] += [(person, at, *pairs[pair]) for person, at, pair in rows]
        out["ends"] += zip(batch.end_person.tolist(), batch.end_at.tolist(), batch.end_wake.tolist(), strict=True)
    out["facts"] = in_words(out["facts"])
    columns = ["person", "lead_at", "door", "source", "offer", "company"]
    out["leads"] = [tuple(row[c] for c in columns) for row in engine.table("people").to_pylist()]
    out |= {
        name: [tuple(row.values()) for row in engine.table(name).to_pylist()] for name in ("stages", "deals", "groups")
    }
    return out


def verdicts(engine: Engine) -> list[tuple[Any, ...]]:
    """What became of leads. What happened at one moment has no order."""
    rows = (tuple(row.values()) for row in engine.table("outcomes").to_pylist())
    return sorted(rows, key=lambda row: (row[0], row[1], repr(row)))


def in_words(facts: list[tuple[int, int, str, Any]]) -> list[tuple[int, int, str, Any]]:
    """Facts in an order of their own; what is learned in one moment has none."""
    return sorted(facts, key=lambda fact: (*fact[:3], repr(fact[3])))


def known_at(facts: list[tuple[int, int, str, Any]], at: datetime) -> dict[int, dict[str, Any]]:
    """Of each person, what the lake says was known at a moment."""
    out: dict[int, dict[str, Any]] = defaultdict(dict)
    for person, moment, field, value in sorted(facts, key=lambda fact: fact[1]):
        if moment <= micros(at):
            out[person][field] = value
    return {person: {f: v for f, v in known.items() if v is not None} for person, known in out.items()}


def known_now() -> dict[int, dict[str, Any]]:
    """Of each person, what the database knows now."""
    out = {}
    for person in Person.objects.select_related("company"):
        emails = list(person.emails.order_by("id").values_list("address", flat=True))
        phones = list(person.phones.order_by("id").values_list("number", flat=True))
        known = {f: v for f, v in about(person, emails, phones).items() if v not in (None, "")}
        out[person.pk] = known | {f: True for f in KNOWN if f in known}
    return {person: known for person, known in out.items() if known}


def expected() -> dict[str, Any]:
    """The same as `told`, but for the facts, asked of the tables row by row."""
    offers = dict(Offer.objects.values_list("pk", "key")) | {None: ""}
    touches = Touch.objects.filter(person__isnull=False).order_by("person", "at", "id")
    wakes = {
        (row.handoff.person_id, row.at): row.wake_on
        for model in (Return, HandBack)
        for row in model.objects.select_related("handoff")
        if row.wake_on
    }
    ended = sorted({(c.person_id, c.at) for c in StageChange.objects.all() if c.ends_round})
    origins = {o.person_id: o for o in Origin.objects.all()}
    return {
        "people": list(Person.objects.order_by("pk").values_list("pk", flat=True)),
        "touches": [
            (t.person_id, micros(t.at), (t.kind, offers[t.offer_id], t.event, t.url, t.evidence > Evidence.MACHINE))
            for t in touches
        ],
        "ends": [(person, micros(at), _midnight(wakes.get((person, at)))) for person, at in ended],
        "leads": [
            (pk, o.at.replace(tzinfo=None), o.door, o.source, offers[o.offer_id], firm)
            if o
            else (pk, None, "", "", "", firm)
            for pk, firm in Person.objects.order_by("pk").values_list("pk", "company")
            for o in [origins.get(pk)]
        ],
        "stages": [
            (c.person_id, _bare(c.at), c.pk, c.was, c.stage, c.version and c.version.number)
            for c in StageChange.objects.select_related("version").order_by("person", "at", "id")
        ],
        "deals": [_deal(deal) for deal in Deal.objects.select_related("won", "lost").order_by("pk")],
        "groups": list(
            Membership.objects.order_by("group", "person").values_list("group", "person", "group__company", "role")
        ),
    }


def _deal(deal: Deal) -> tuple[Any, ...]:
    won, lost = getattr(deal, "won", None), getattr(deal, "lost", None)
    closed = won or lost
    return (
        deal.pk, deal.person_id, deal.company_id, deal.handoff_id, deal.owner_id, _bare(deal.opened_at), _bare(deal.learned_at),
        deal.amount, deal.currency, deal.phase, deal.product, deal.seller, _bare(closed and closed.at),
        closed and closed is won, won and won.amount, lost.reason if lost else "",
    )  # fmt: skip


def _bare(at: datetime | None) -> datetime | None:
    return at and at.replace(tzinfo=None)


def _midnight(day: date | None) -> int:
    return micros(datetime.combine(day, time(), ZONE)) if day else FAR
