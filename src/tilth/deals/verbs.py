"""Opening, changing, winning and losing a deal; and undoing the last step, here or in a room below."""

from collections.abc import Callable
from datetime import datetime
from typing import Any

from django.db import models, transaction

from tilth.agreement.comments import undo_comment
from tilth.agreement.drafts import undo_discard
from tilth.agreement.models import Version, running
from tilth.campaigns.briefing import undo_briefing
from tilth.groups.verbs import undo_group
from tilth.handoff.court import undo_review
from tilth.handoff.models import Acceptance, Handoff, Holding
from tilth.handoff.passing import undo_passing
from tilth.handoff.verbs import (
    UNDO_WITHIN,
    AlreadyOver,
    Done,
    NotYet,
    NotYours,
    Refused,
    TooLate,
    UnknownReason,
    let_go,
    mine,
    one_at_a_time,
    regain,
    undo_handoff,
)
from tilth.journal.models import Entry, note
from tilth.people.duplicates import undo_dismissal
from tilth.people.models import Merge, Person
from tilth.people.positions import undo_position
from tilth.qualify.models import Stage, StageChange, falls_back_to, move, unmove
from tilth.team.models import Member, Role
from tilth.touches.next_steps import undo_step
from tilth.touches.referring import undo_referral
from tilth.touches.said import undo_said

from .assigning import undo_assigned
from .merging import split
from .models import Deal, Lost, Won
from .together import TOGETHER

LARGEST = 10**15  # ten trillion in the largest currency unit: beyond this it is a typing error


@transaction.atomic
def open_deal(
    person: Person,
    by: Member,
    name: str,
    amount: int | None,
    currency: str,
    now: datetime,
    handoff: Handoff | None = None,
) -> Done:
    """An opportunity with this person. `amount` in minor units, or None when not known yet.

    raises   NotYet (not accepted), NotYours, AlreadyOver, Refused (amount)
    """
    handoff = handoff or Handoff.objects.filter(holding__person=person).first()
    if handoff:
        one_at_a_time(handoff)
        mine(handoff, by)
        if not Acceptance.objects.filter(handoff=handoff).exists():
            raise NotYet("Accept the lead first.")
    _sensible(amount)
    deal = Deal.objects.create(
        name=name.strip()[:200] or person.name, person=person, company=person.company, handoff=handoff, owner=by,
        amount=amount, currency=currency, opened_at=now, learned_at=now,
    )  # fmt: skip
    Holding.objects.filter(handoff=handoff).update(open_deals=models.F("open_deals") + 1)
    return Done(deal, note("opened deal", deal, now, by, person.pk, amount=amount, currency=currency))


@transaction.atomic
def change_amount(deal: Deal, by: Member, amount: int, now: datetime) -> Done:
    """What the deal is thought to bring, in minor units."""
    _one_end_at_a_time(deal)
    _open_and_mine(deal, by)
    _sensible(amount)
    if deal.amount == amount:
        return Done(deal, None)
    was, deal.amount = deal.amount, amount
    deal.save(update_fields=["amount"])
    return Done(deal, note("changed amount", deal, now, by, deal.person_id, was=was, amount=amount))


@transaction.atomic
def win(deal: Deal, by: Member, now: datetime, amount: int | None = None) -> Done:
    """They bought, for `amount` (minor units; the deal's own amount when not given)."""
    _one_end_at_a_time(deal)
    if row := Won.objects.filter(deal=deal).first():
        return Done(row, None)
    _open_and_mine(deal, by)
    price = deal.amount if amount is None else amount
    if price is None:
        raise Refused("Say for how much: this deal has no amount yet.")
    _sensible(price)
    row = Won.objects.create(deal=deal, member=by, at=now, amount=price)
    moved = (
        move(deal.person_id, Stage.CUSTOMER, now, _version(deal, now), f"won by {by.name}") if deal.person_id else None
    )
    return Done(row, _ended("won", deal, by, now, moved, amount=price))


@transaction.atomic
def lose(deal: Deal, by: Member, reason: str, note: str, now: datetime) -> Done:
    """They did not buy, for a reason of the agreement. The person goes back to marketing, unless sales has them anyway."""
    _one_end_at_a_time(deal)
    if row := Lost.objects.filter(deal=deal).first():
        return Done(row, None)
    _open_and_mine(deal, by)
    if deal.handoff and reason not in {r.id for r in deal.handoff.version.terms.lost_reasons}:
        raise UnknownReason(f"{reason!r} is not a reason of the agreement.")
    row = Lost.objects.create(deal=deal, member=by, at=now, reason=reason, note=note)
    moved = None
    if deal.person_id and _last_open(deal) and not _held_otherwise(deal):
        moved = move(deal.person_id, falls_back_to(deal.person_id), now, _version(deal, now), f"lost: {reason}")
    return Done(row, _ended("lost", deal, by, now, moved, reason=reason, note=note))


@transaction.atomic
def undo(entry: Entry, by: Member, now: datetime) -> Entry:
    """Undo one step, within ten minutes, by who did it or a manager; of many that were done together all that can be.

    returns  the line that says so; of many, `data["stays"]` says what was not undone, and why
    raises   TooLate, NotYours, Refused
    """
    check_undo(entry, by, now)
    if entry.verb == TOGETHER:
        return note("undid", entry, now, by, what=entry.verb, stays=undo_together(entry, by, now, undo))
    if not (
        undo_handoff(entry, by, now)
        or undo_review(entry, now)
        or undo_passing(entry)
        or _undo_deal(entry)
        or undo_assigned(entry, now)
        or _undo_merge(entry, by, now)
        or undo_dismissal(entry)
        or undo_position(entry, by, now)
        or undo_group(entry)
        or undo_discard(entry)
        or undo_comment(entry)
        or undo_step(entry)
        or undo_said(entry, now)
        or undo_referral(entry)
        or undo_briefing(entry)
    ):
        raise Refused(f"“{entry.verb}” cannot be undone.")
    return note("undid", entry, now, by, entry.person_id, entry.version, what=entry.verb)


def check_undo(entry: Entry, by: Member, now: datetime) -> None:
    """That this step may be undone still, and by this member; the entry is locked until the transaction ends.

    raises   TooLate, NotYours
    """
    if now - entry.at > UNDO_WITHIN:
        raise TooLate("Ten minutes have passed. Correct it with a new step instead.")
    if entry.by_id != by.pk and by.role != Role.MANAGER:
        raise NotYours(f"{entry.by_name} did this. Ask {entry.by_name} or a manager.")
    Entry.objects.select_for_update().filter(pk=entry.pk).first()
    if Entry.objects.filter(subject="entry", subject_id=entry.pk, verb="undid").exists():
        raise TooLate("This was undone already.")


def undo_together(
    entry: Entry, by: Member, now: datetime, undo: Callable[[Entry, Member, datetime], Entry]
) -> list[tuple[int | None, str]]:
    """Each by itself, the last first; returns whose stays and why. Refused when it is all of them.

    undo    how one of them is undone: a room above knows steps that this one does not
    """
    stays: list[tuple[int | None, str]] = []
    steps = list(Entry.objects.filter(pk__in=entry.data["entries"]).order_by("-pk"))
    for step in steps:
        try:
            undo(step, by, now)
        except Refused as why:
            stays.append((step.person_id, str(why)))
    if len(stays) == len(steps):
        raise TooLate(stays[0][1])
    return stays


def _undo_merge(entry: Entry, by: Member, now: datetime) -> bool:
    if entry.verb != "merged":
        return False
    merge = Merge.objects.filter(pk=entry.subject_id).first()
    if merge is None:
        raise TooLate("The two were erased since.")
    split(merge, by, now)
    return True


def _undo_deal(entry: Entry) -> bool:
    if entry.verb not in ("opened deal", "changed amount", "won", "lost"):
        return False
    deal = Deal.objects.select_related("handoff").filter(pk=entry.subject_id).first()
    if deal is None:
        raise TooLate("This deal is gone: that it was opened was undone.")
    _one_end_at_a_time(deal)
    if entry.verb == "changed amount":
        if not Deal.objects.filter(pk=deal.pk, amount=entry.data["amount"]).update(amount=entry.data["was"]):
            raise TooLate("The amount was changed again since. Undo that one first.")
        return True
    if entry.verb == "opened deal":
        if Won.objects.filter(deal=deal).exists() or Lost.objects.filter(deal=deal).exists():
            raise TooLate("The deal is closed. Undo that first.")
        if deal.handoff and _last_open(deal) and deal.handoff.deals.exclude(pk=deal.pk).exists():
            raise TooLate("It is the only open deal of this lead, and others have ended. Say how it ended, too.")
        Holding.objects.filter(handoff=deal.handoff_id, open_deals__gt=0).update(open_deals=models.F("open_deals") - 1)
        deal.delete()
        return True
    change = StageChange.objects.filter(pk=entry.data.get("moved")).first()
    if change and not unmove(change):
        raise TooLate("The lead has moved on since.")
    (Won if entry.verb == "won" else Lost).objects.filter(deal=deal).delete()
    if deal.handoff and (held := entry.data.get("held")):
        regain(deal.handoff, held)
    elif deal.handoff_id and not _count_again(deal):
        raise TooLate("The last deal of this lead has ended since. Undo that one first.")
    return True


def _count_again(deal: Deal) -> bool:
    """One more open deal where its lead is held; False when nobody holds it any more."""
    return bool(Holding.objects.filter(handoff=deal.handoff_id).update(open_deals=models.F("open_deals") + 1))


def _ended(verb: str, deal: Deal, by: Member, now: datetime, moved: StageChange | None, **data: Any) -> Entry:
    """The journal's line; the last open deal of a handoff ends the holding."""
    held = None
    if deal.handoff:
        if _last_open(deal):
            held = let_go(deal.handoff, now)
        else:
            Holding.objects.filter(handoff=deal.handoff).update(open_deals=models.F("open_deals") - 1)
    return note(verb, deal, now, by, deal.person_id, moved=moved and moved.pk, held=held, **data)


def _last_open(deal: Deal) -> bool:
    """Whether no other deal of the same handoff is open; without a handoff, no other of the same person."""
    same = models.Q(handoff=deal.handoff_id) if deal.handoff_id else models.Q(person=deal.person_id)
    return not Deal.objects.filter(same, won=None, lost=None).exclude(pk=deal.pk).exists()


def _held_otherwise(deal: Deal) -> bool:
    """Whether somebody works on the person under another handoff than the deal's."""
    return Holding.objects.filter(person=deal.person_id).exclude(handoff=deal.handoff_id).exists()


def _version(deal: Deal, now: datetime) -> Version | None:
    """The version that a stage change is made under: the handoff's, or the running one for other deals."""
    return deal.handoff.version if deal.handoff else running(now)


def _one_end_at_a_time(deal: Deal) -> None:
    """Two tabs, or two deals of one lead that end at once, take turns; the second sees what the first did.

    raises   TooLate, when the first undid that the deal was opened
    """
    if deal.handoff:
        one_at_a_time(deal.handoff)
    now = Deal.objects.select_for_update().filter(pk=deal.pk).first()
    if now is None:
        raise TooLate("This deal is gone: that it was opened was undone.")
    deal.amount, deal.owner_id = now.amount, now.owner_id


def _open_and_mine(deal: Deal, by: Member) -> None:
    if Won.objects.filter(deal=deal).exists() or Lost.objects.filter(deal=deal).exists():
        raise AlreadyOver("This deal is closed.")
    if deal.owner_id and deal.owner_id != by.pk and by.role != Role.MANAGER:
        owner = deal.owner.name if deal.owner else ""
        raise NotYours(f"This deal is {owner}’s. Ask {owner} or a manager.")


def _sensible(amount: int | None) -> None:
    if amount is not None and not 0 <= amount <= LARGEST:
        raise Refused("Write an amount of zero or more.")
