"""The return court (R46, B6): a named reviewer looks at every return once more.

Upheld, it is charged to its cause. Overturned, the lead goes back to its owner by a handoff that continues the returned
one, so the clock runs anew and marketing's part counts once. The return and its review both stay.
"""

from datetime import datetime

from django.db import transaction
from django.db.models import QuerySet

from tilth.agreement.models import running
from tilth.core.terms import Terms
from tilth.journal.models import Entry
from tilth.journal.models import note as write_down
from tilth.people.models import news
from tilth.qualify.models import Ripe, Stage, StageChange, Standing, unmove
from tilth.team.models import Member, Role
from tilth.touches.models import of_sales

from .again import back_to, continued
from .models import Acceptance, Handoff, Holding, Return, Review
from .verbs import AlreadyOver, Done, NotYours, TooLate, UnknownReason, hand_off

Verdict, ChargedTo = Review.Verdict, Review.ChargedTo


def waiting() -> QuerySet[Return]:
    """Returns that nobody decided yet, the oldest first."""
    return Return.objects.filter(the_review=None, handoff__person__erased_at=None).order_by("at", "pk")


def reviewer(terms: Terms | None) -> Member | None:
    """Whom the agreement names; None when it names nobody, or somebody who is gone: then it is any manager's."""
    email = terms.review.reviewer if terms else ""
    return Member.objects.filter(email__iexact=email, is_active=True).first() if email else None


def judges(member: Member, named: Member | None) -> bool:
    """Whether returns are this member's to decide, but for their own. `named` is the `reviewer`."""
    return member.pk == named.pk if named else member.role == Role.MANAGER


def sits(member: Member, terms: Terms | None) -> bool:
    """As `judges`, and asks nothing of who cannot be the one: every page does."""
    named = terms.review.reviewer if terms else ""
    if named and member.email.casefold() == named:
        return True
    return member.role == Role.MANAGER and judges(member, reviewer(terms))


def may_decide(member: Member, returned: Return, named: Member | None) -> bool:
    """Whether this member decides this return. Nobody decides their own: then it is another manager's."""
    if member.pk == returned.member_id:
        return False
    return judges(member, None if named and named.pk == returned.member_id else named)


@transaction.atomic
def uphold(returned: Return, by: Member, charged_to: str, reason: str, note: str, now: datetime) -> Done:
    """Rightly returned, and charged to its cause.

    reason    for what the reviewer would have returned it: a reason of the agreement under which it was handed off
    raises    AlreadyOver, NotYours, UnknownReason
    """
    if row := _decided(returned, Verdict.UPHELD):
        return Done(row, None)
    terms = _court(returned, by, now)
    if charged_to not in ChargedTo.values:
        raise UnknownReason(f"Say what it is charged to: {', '.join(ChargedTo.values)}.")
    known = {r.id for r in returned.handoff.version.terms.return_reasons}
    if reason not in known:
        raise UnknownReason(f"Say for what you would have returned it: {', '.join(sorted(known))}.")
    row = Review.objects.create(
        returned=returned, reviewer=by, at=now, verdict=Verdict.UPHELD, charged_to=charged_to, reason=reason, note=note,
        blind=_is_blind(terms),
    )  # fmt: skip
    return Done(row, _note("upheld", returned, now, by, charged_to=charged_to, reason=reason, note=note))


@transaction.atomic
def overturn(returned: Return, by: Member, note: str, now: datetime) -> Done:
    """It should have been accepted: back to its owner, with a running clock.

    Who is gone or away gets nothing: then it stands in line, and routing chooses. Where somebody has it by now, or they
    bought, only the verdict is written.
    raises    AlreadyOver, NotYours
    """
    if row := _decided(returned, Verdict.OVERTURNED):
        return Done(row, None)
    terms = _court(returned, by, now)
    row = Review.objects.create(
        returned=returned, reviewer=by, at=now, verdict=Verdict.OVERTURNED, note=note, blind=_is_blind(terms)
    )
    back = _send_back(returned, now)
    return Done(row, _note("overturned", returned, now, by, note=note, back=back and back.pk))


def undo_review(entry: Entry, now: datetime) -> bool:
    """Take a verdict back, and what came of it as long as nobody built on that; False when the entry is none."""
    if entry.verb not in ("upheld", "overturned") or entry.subject != "return":
        return False
    returned = Return.objects.select_for_update().select_related("handoff").filter(pk=entry.subject_id).first()
    if returned is None:
        raise TooLate("This return is gone.")
    if entry.verb == "overturned":
        _take_back(returned, now)
    Review.objects.filter(returned=returned).delete()
    return True


def _decided(returned: Return, verdict: str) -> Review | None:
    """The verdict, when it was this one; locked until the end, so that two reviewers take turns."""
    Return.objects.select_for_update().filter(pk=returned.pk).first()
    row = Review.objects.select_related("reviewer").filter(returned=returned).first()
    if row is not None and row.verdict != verdict:
        raise AlreadyOver(f"{row.reviewer.name} has decided this already: {row.get_verdict_display()}.")
    return row


def _court(returned: Return, by: Member, now: datetime) -> Terms | None:
    version = running(now)
    terms = version.terms if version else None
    named = reviewer(terms)
    if not may_decide(by, returned, named):
        if by.pk == returned.member_id:
            raise NotYours("Nobody decides on what they returned themselves. Ask another manager.")
        raise NotYours(f"Returns are decided by {named.name if named else 'a manager'}.")
    return terms


def _is_blind(terms: Terms | None) -> bool:
    return terms is not None and terms.review.blind


def _send_back(returned: Return, now: datetime) -> Handoff | None:
    """To the owner, if they are there; else in line, whatever its points say now."""
    person = returned.handoff.person
    Standing.objects.select_for_update().filter(pk=person.pk).first()
    if Holding.objects.filter(person=person).exists() or continued(person) != returned.handoff:
        return None
    version = running(now)
    if version is not None and back_to(returned.handoff, version, now) is not None:
        return hand_off(person, now).row
    line = {"since": now, "counted_at": now, "look_at": now, "waits_for": "", "missing": [], "worked": True}
    Ripe.objects.update_or_create(person=person, defaults=line)
    return None


def _take_back(returned: Return, now: datetime) -> None:
    person = returned.handoff.person_id
    back = Handoff.objects.filter(continues=returned.handoff).first()
    if back is None:
        Ripe.objects.filter(person=person, worked=True).delete()
    else:
        if _is_taken_up(back):
            raise TooLate(f"{back.owner.name} has taken it up since.")
        _unmove(person, back.at)
        back.delete()
    news([person], now)


def _is_taken_up(handoff: Handoff) -> bool:
    """Whether anything was done with it since: the lead is theirs then."""
    held = Holding.objects.filter(handoff=handoff, open_deals=0).exists()
    accepted = Acceptance.objects.filter(handoff=handoff).exists()
    return not held or accepted or of_sales([handoff.person_id], handoff.at).exists()


def _unmove(person: int, at: datetime) -> None:
    change = StageChange.objects.filter(person=person, stage=Stage.MQL, at=at).order_by("-pk").first()
    if change is not None and not unmove(change):
        raise TooLate("The lead has moved on since.")


def _note(verb: str, returned: Return, now: datetime, by: Member, **data: object) -> Entry:
    handoff = returned.handoff
    return write_down(verb, returned, now, by, handoff.person_id, handoff.version.number, **data)
