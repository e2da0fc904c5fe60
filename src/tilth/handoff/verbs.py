"""What sales and marketing do with a lead. Each verb is one row and one journal entry.

Every verb checks who may, refuses with a sentence that a user can act on, and can be repeated without
harm. `Done.entry` is what `undo` takes; undoing deletes the row, the journal keeps both lines.

    Refused
    ├── NotYours         somebody else owns it
    ├── AlreadyOver      returned, handed back, won or lost before
    ├── NotYet           another step comes first
    ├── AlreadyHeld      somebody has this lead
    ├── UnknownReason    not in the agreement, neither the reason nor what it rests on
    ├── DataMissing      .fields are required at handoff
    ├── NobodyAvailable  no owner in the pool today; .found says who was passed over
    ├── NoRoom           sales has no hours for it this week; .lane says which line it stands in
    ├── NoAgreement      nothing is in force
    ├── TooMuch          above the agreed ceiling: not one more
    └── TooLate          the time for undoing has passed, or later steps build on it
"""

from collections.abc import Iterable
from datetime import date, datetime, timedelta
from typing import Any, NamedTuple

from django.db import IntegrityError, models, transaction

from tilth.agreement.models import Version, running
from tilth.core.court import evidence
from tilth.core.follow_up import Contact, contact
from tilth.core.handoff import rank
from tilth.core.qualify import lacking
from tilth.core.routing import Nobody, Routing
from tilth.core.terms import SEGMENT_FIELD, Reason, Routes, Terms
from tilth.journal.models import Entry
from tilth.journal.models import note as write_down
from tilth.people.models import Person, about, news
from tilth.qualify.catch_up import evaluate
from tilth.qualify.models import ORDER, Ripe, Stage, StageChange, Standing, falls_back_to, move, unmove
from tilth.team.models import Member, Role
from tilth.touches.models import FOLLOW_UP, Evidence, Origin, Team, Touch
from tilth.touches.record import record, retract

from . import joined
from .again import back_to, continued, given_to_another, was_worked
from .ceiling import open_handoff, refusal
from .models import Acceptance, GivenUp, HandBack, Handoff, Holding, Qualified, Return, Review
from .ranking import lay
from .recycling import round_before
from .routing import NO_LIMITS, Limits, NoHours, choose, keep

UNDO_WITHIN = timedelta(minutes=10)
NAMED = 5  # of those who are away, so many are named
CONTACTS = ("call", "mail", "meeting", "chat", "note")
TEAM_OF = {Role.MARKETING: Team.MARKETING, Role.SERVICE: Team.SERVICE}


class Refused(ValueError):
    """A verb that cannot be done now; the message says why and what to do."""


class NotYours(Refused): ...


class AlreadyOver(Refused): ...


class NotYet(Refused): ...


class AlreadyHeld(Refused): ...


class UnknownReason(Refused): ...


class DataMissing(Refused):
    def __init__(self, fields: list[str]):
        self.fields = fields
        super().__init__(f"Missing for handoff: {', '.join(f.replace('_', ' ') for f in fields)}. Fill these in first.")


class NobodyAvailable(Refused):
    def __init__(self, found: Nobody):
        self.found = found
        away = ", ".join(f"{s['name']} ({s['why']})" for s in found.why["skipped"][:NAMED])
        super().__init__(f"Nobody in sales can take this lead now{f': {away}' if away else ''}. It waits at the desk.")


class NoRoom(Refused):
    def __init__(self, lane: str):
        self.lane = lane
        super().__init__("Sales has no hours left for this lead this week. It waits in line.")


class NoAgreement(Refused): ...


class TooMuch(Refused): ...


class TooLate(Refused): ...


class Done(NamedTuple):
    """The row that a verb wrote (or had written before), and its line in the journal."""

    row: Any
    entry: Entry | None


@transaction.atomic
def hand_off(
    person: Person, now: datetime, by: Member | None = None, owner: Member | None = None, limits: Limits = NO_LIMITS
) -> Done:
    """Pass a lead to one owner: the one given, or the one that routing chooses.

    A lead that was taken from its owner goes on as it is: what it lacks does not stop it. So does one whose return was
    overturned: it goes to the owner whose it was, if they are there.
    raises   NoAgreement, AlreadyHeld, NotYours (the dispatcher passes leads on), NobodyAvailable, NoRoom, DataMissing (not
             when sales takes it itself)
    """
    version = running(now)
    if version is None:
        raise NoAgreement("No agreement is in force yet. Both teams sign one first.")
    if Holding.objects.filter(person=person).exists():
        raise AlreadyHeld(f"{person.name} already has an owner.")
    if joins := joined.of(person.pk):
        raise AlreadyHeld(f"{person.name} joined {joins.handoff.person.name}. Take them out there first.")
    if owner is None:
        _may_pass_on(version.terms.routing, by)
    standing = _standing(person, version, now)
    facts = facts_of(person) | {SEGMENT_FIELD: standing.segment}
    missing, before = lacking(version.terms, facts), continued(person)
    if missing and version.terms.missing_blocks and owner is None and before is None:
        raise DataMissing(missing)
    routing = _own_choice(owner, by) if owner else back_to(before, version, now)
    routing = routing or _chosen(version, person, facts, now, before, limits)
    handoff = Handoff.objects.create(
        person=person, owner_id=routing.owner, by=by, version=version, at=now,
        grade=standing.grade, level=standing.level, value=version.terms.value(standing.grade, standing.level),
        offer_id=Origin.objects.filter(person=person).values_list("offer", flat=True).first(),
        why=standing.reasons | {"missing": missing}, routing=routing.why, continues=before,
        recycles=None if before else round_before(person.pk),
    )  # fmt: skip
    _hold(handoff, now)
    keep(routing)
    Ripe.objects.filter(person=person).delete()
    joined.go_on(before, handoff, now)
    joined.look_again(person.pk, now)
    if ORDER[standing.stage] < ORDER[Stage.MQL]:
        move(person.pk, Stage.MQL, now, version, "handed off" if by is None else f"handed off by {by.name}")
    entry = write_down("handed off", handoff, now, by, person.pk, version.number, owner=handoff.owner.name)
    return Done(handoff, entry)


@transaction.atomic
def accept(handoff: Handoff, by: Member, now: datetime) -> Done:
    """The owner takes the lead on."""
    one_at_a_time(handoff)
    row = Acceptance.objects.filter(handoff=handoff).first()
    if row is None:
        mine(handoff, by)
        row = Acceptance.objects.create(handoff=handoff, member=by, at=now)
        return Done(row, _note("accepted", handoff, now, by, row))
    return Done(row, None)


@transaction.atomic
def return_lead(
    handoff: Handoff, by: Member, reason: str, note: str, now: datetime, wake_on: date | None = None, *,
    rests_on: str = "", comes_back: str = "", event: str = "",
) -> Done:  # fmt: skip
    """Not taken on: back to marketing, with a reason of the agreement under which it was handed off.

    wake_on, rests_on, comes_back, event   as `GivenUp` has them; a day without `comes_back` is the condition itself
    """
    one_at_a_time(handoff)
    row = Return.objects.filter(handoff=handoff).first()
    if row is None:
        holding = mine(handoff, by)
        terms = handoff.version.terms
        why = _why(terms, terms.return_reasons, reason, rests_on, comes_back, event, wake_on)
        if Acceptance.objects.filter(handoff=handoff).exists():
            raise AlreadyOver("You accepted this lead. Hand it back with what you found out.")
        row = Return.objects.create(handoff=handoff, member=by, at=now, note=note, **why)
        return Done(row, _let_go("returned", row, holding, now, by, f"returned: {reason}"))
    return Done(row, None)


@transaction.atomic
def qualified(handoff: Handoff, by: Member, now: datetime, note: str = "") -> Done:
    """Accepted, worked, and found ready to buy: an SQL (R22)."""
    one_at_a_time(handoff)
    row = Qualified.objects.filter(handoff=handoff).first()
    if row is None:
        mine(handoff, by)
        if not Acceptance.objects.filter(handoff=handoff).exists():
            raise NotYet("Accept the lead first: only an accepted lead can become an SQL.")
        row = Qualified.objects.create(handoff=handoff, member=by, at=now, note=note)
        moved = None
        if Standing.objects.filter(person=handoff.person_id).exclude(stage=Stage.CUSTOMER).exists():
            moved = move(handoff.person_id, Stage.SQL, now, handoff.version, f"qualified by {by.name}")
        return Done(row, _note("qualified", handoff, now, by, row, moved=moved and moved.pk))
    return Done(row, None)


@transaction.atomic
def hand_back(
    handoff: Handoff, by: Member, reason: str, note: str, now: datetime, wake_on: date | None = None, *,
    rests_on: str = "", comes_back: str = "", event: str = "",
) -> Done:  # fmt: skip
    """Worked, but no opportunity came of it: recycled to marketing with the cause. The rest as in `return_lead`."""
    one_at_a_time(handoff)
    row = HandBack.objects.filter(handoff=handoff).first()
    if row is None:
        holding = mine(handoff, by)
        terms = handoff.version.terms
        why = _why(terms, terms.recycle_reasons, reason, rests_on, comes_back, event, wake_on)
        if not Acceptance.objects.filter(handoff=handoff).exists():
            raise NotYet("You have not accepted this lead. Return it instead.")
        if holding.open_deals:
            raise NotYet("A deal is open. Say that it was won or lost first.")
        row = HandBack.objects.create(handoff=handoff, member=by, at=now, note=note, **why)
        return Done(row, _let_go("handed back", row, holding, now, by, f"handed back: {reason}"))
    return Done(row, None)


@transaction.atomic
def log_contact(
    person: Person,
    by: Member,
    kind: str,
    now: datetime,
    outcome: str = "",
    note: str = "",
    at: datetime | None = None,
    documents: int = 0,
    minutes: float = 0,
) -> Done:
    """A call, a mail, a meeting, a chat or a note, by a colleague of any team.

    documents, minutes   sent with it, and spent on it
    raises               TooMuch: sales may not, by the agreement
    """
    if kind not in CONTACTS:
        raise Refused(f"{kind!r} is not a kind of contact. Kinds are: {', '.join(CONTACTS)}.")
    if at and at > now + timedelta(minutes=1):
        raise Refused("This lies in the future. Log it when it has happened.")
    said = {"outcome": outcome, "note": note, "documents": documents, "minutes": minutes}
    said = {k: v for k, v in said.items() if v}
    team = TEAM_OF.get(Role(by.role), Team.SALES)
    if team == Team.SALES and kind in FOLLOW_UP:
        _not_one_too_many(person, contact(at or now, "", kind, said), now)
    touch, _new = record(
        kind, at or now, now, person=person, team=team,
        evidence=Evidence.DECLARED, member=by, properties=said,
    )  # fmt: skip
    return Done(touch, write_down(f"logged {kind}", touch, now, by, person.pk, None, **said))


@transaction.atomic
def add_outcome(touch: Touch, by: Member, outcome: str, now: datetime) -> Done:
    """How a contact went, said after it was logged. Said once; the first answer stays."""
    if touch.member_id != by.pk and by.role != Role.MANAGER:
        raise NotYours("Only who logged this contact, or a manager, says how it went.")
    if "outcome" in touch.properties or not outcome:
        return Done(touch, None)
    touch.properties["outcome"] = outcome[:40]
    touch.save(update_fields=["properties"])
    return Done(touch, write_down("said outcome", touch, now, by, touch.person_id, None, outcome=outcome[:40]))


def undo_handoff(entry: Entry, by: Member, now: datetime) -> bool:
    """Undo one of the verbs above; False when the entry is not of their kind. See `deals.verbs.undo`."""
    if entry.verb.startswith("logged "):
        retract(Touch.objects.get(pk=entry.subject_id), now)
        return True
    row_of: dict[str, Any] = {
        "accepted": Acceptance,
        "returned": Return,
        "qualified": Qualified,
        "handed back": HandBack,
    }
    if entry.verb not in row_of:
        return False
    handoff = Handoff.objects.select_for_update().get(pk=entry.subject_id)
    if _built_on(entry, handoff):
        raise TooLate("A later step builds on this. Undo that one first.")
    _unmove(entry)
    row_of[entry.verb].objects.filter(handoff=handoff).delete()
    if held := entry.data.get("held"):
        regain(handoff, held)
    return True


def _not_one_too_many(person: Person, more: Contact, now: datetime) -> None:
    handoff = open_handoff(person)
    if handoff and (why := refusal(handoff, more, now)):
        raise TooMuch(why)


def let_go(handoff: Handoff, now: datetime) -> dict[str, Any] | None:
    """End the holding of a handoff; returns what `regain` needs to restore it."""
    holding = Holding.objects.filter(handoff=handoff).first()
    if holding is None:
        return None
    held = as_held(holding) | {"freed": joined.free(handoff, now)}
    holding.delete()
    news([handoff.person_id], now)
    return held


def as_held(holding: Holding) -> dict[str, Any]:
    """A holding as the journal keeps it, for `regain`."""
    return {"owner": holding.owner_id, "since": holding.since.isoformat(), "open_deals": holding.open_deals}


def regain(handoff: Handoff, held: dict[str, Any]) -> None:
    """Give the lead back to who had it before an undone verb."""
    if Holding.objects.filter(person=handoff.person_id).exists():
        raise TooLate("Somebody else has this lead by now.")
    Ripe.objects.filter(person=handoff.person_id).delete()
    Holding.objects.create(
        person_id=handoff.person_id, handoff=handoff, owner_id=held["owner"],
        since=datetime.fromisoformat(held["since"]), open_deals=held["open_deals"],
    )  # fmt: skip
    lay([handoff.person_id], handoff.version.terms.fades_hours)
    joined.bind(held.get("freed", []))


def _built_on(entry: Entry, handoff: Handoff) -> bool:
    """Whether a later step stands on this one: an SQL on an acceptance; on both, a deal, or that the lead is gone; on a
    return, what the reviewer found.

    Deals stand on a later storey: of them we may see their count on the holding, and that the last ended it.
    """
    if entry.verb == "returned":
        return Review.objects.filter(returned__handoff=handoff).exists()
    if entry.verb not in ("accepted", "qualified"):
        return False
    sql = entry.verb == "accepted" and Qualified.objects.filter(handoff=handoff).exists()
    return sql or not Holding.objects.filter(handoff=handoff, open_deals=0).exists()


def _unmove(entry: Entry) -> None:
    change = StageChange.objects.filter(pk=entry.data.get("moved")).first()
    if change and not unmove(change):
        raise TooLate("The lead has moved on since.")


def _let_go(verb: str, row: Return | HandBack, holding: Holding, now: datetime, by: Member, because: str) -> Entry:
    handoff = row.handoff
    moved = move(handoff.person_id, falls_back_to(handoff.person_id), now, handoff.version, because)
    held = let_go(handoff, now)
    said = {"reason": row.reason, "note": row.note, "rests_on": row.rests_on}
    return _note(verb, handoff, now, by, row, moved=moved and moved.pk, held=held, **said)


def _note(verb: str, handoff: Handoff, now: datetime, by: Member, row: models.Model, **data: Any) -> Entry:
    return write_down(verb, handoff, now, by, handoff.person_id, handoff.version.number, row=row.pk, **data)


def one_at_a_time(handoff: Handoff) -> None:
    """Two people (or two tabs) pressing at once take turns; the second finds the row of the first."""
    Handoff.objects.select_for_update().filter(pk=handoff.pk).first()


def mine(handoff: Handoff, by: Member) -> Holding:
    """The holding, if it is open and this member may act on it."""
    holding = Holding.objects.select_related("owner").filter(handoff=handoff).first()
    if holding is None:
        raise AlreadyOver("This handoff is over: it was returned, handed back, won or lost.")
    if holding.owner_id != by.pk and by.role != Role.MANAGER:
        raise NotYours(f"This lead is with {holding.owner.name}. Ask {holding.owner.name} or a manager.")
    return holding


def _why(
    terms: Terms,
    reasons: Iterable[Reason],
    reason: str,
    rests_on: str,
    comes_back: str,
    event: str,
    wake_on: date | None,
) -> dict[str, Any]:
    """Why a lead is given up, as it is stored; refused when it does not stand in the agreement or says half of it."""
    known = {r.id for r in reasons}
    if reason not in known:
        raise UnknownReason(f"{reason!r} is not a reason of the agreement. Choose one of: {', '.join(sorted(known))}.")
    if rests_on and rests_on not in (fields := evidence(terms)):
        raise UnknownReason(f"{rests_on!r} is nothing that a reason can rest on. Choose one of: {', '.join(fields)}.")
    when = comes_back or (GivenUp.When.DATE if wake_on else GivenUp.When.NEWS)
    if when not in GivenUp.When.values:
        raise Refused(f"{when!r} brings no lead back. Choose one of: {', '.join(GivenUp.When.values)}.")
    if when == GivenUp.When.DATE and wake_on is None:
        raise Refused("It comes back on a day: say on which.")
    if when == GivenUp.When.EVENT and not event.strip():
        raise Refused("It comes back when something happens: write the name of the event.")
    named = event.strip()[:80] if when == GivenUp.When.EVENT else ""
    return {"reason": reason, "rests_on": rests_on, "comes_back": when, "event": named, "wake_on": wake_on}


def _standing(person: Person, version: Version, now: datetime) -> Standing:
    standing = Standing.objects.select_for_update().filter(person=person).first()
    if standing is None or standing.version_id != version.pk:
        evaluate([person.pk], version, now)
        standing = Standing.objects.get(person=person)
    return standing


def facts_of(person: Person) -> dict[str, Any]:
    emails = list(person.emails.order_by("id").values_list("address", flat=True))
    phones = list(person.phones.order_by("id").values_list("number", flat=True))
    return about(person, emails, phones)


def _may_pass_on(routes: Routes, by: Member | None) -> None:
    """Where a dispatcher passes leads on, others do not press that button in their place."""
    if routes.by_hand and by is not None and by.role == Role.MARKETING and by.email.casefold() != routes.dispatcher:
        raise NotYours(f"Leads are passed on by {routes.dispatcher}. This one waits at the desk.")


def _chosen(
    version: Version, person: Person, facts: dict[str, Any], now: datetime, before: Handoff | None, limits: Limits
) -> Routing:
    worked = before is not None and was_worked(before)
    routing = choose(version, person, facts, now, worked, given_to_another(before), limits)
    if isinstance(routing, NoHours):
        raise NoRoom(routing.lane)
    if isinstance(routing, Nobody):
        raise NobodyAvailable(routing)
    return routing


def _own_choice(owner: Member, by: Member | None) -> Routing:
    why = {"rule": "chosen", "by": by.name if by else "", "owner": owner.name}
    return Routing(owner=owner.pk, pool="", weight=1.0, turns={}, why=why)


def _hold(handoff: Handoff, now: datetime) -> None:
    hours = handoff.version.terms.fades_hours
    try:
        with transaction.atomic():
            Holding.objects.create(
                person=handoff.person, handoff=handoff, owner_id=handoff.owner_id, since=now,
                rank=rank(handoff.value, handoff.at, hours), fades_hours=hours,
            )  # fmt: skip
    except IntegrityError as e:
        raise AlreadyHeld(f"{handoff.person.name} already has an owner.") from e
