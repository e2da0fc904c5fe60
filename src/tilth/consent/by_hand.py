"""What somebody told one of us, on the phone or on paper: a consent, its withdrawal, and on which ground we keep them."""

from datetime import datetime

from django.db import transaction

from tilth.journal.models import note
from tilth.people.models import Person
from tilth.team.models import Member

from .models import Act, Consent, LegalBasis, Limit, Method, record

METHODS = (Method.PHONE, Method.PAPER)


@transaction.atomic
def told(
    person: Person, act: str, purpose: str, by: Member, now: datetime, method: str = Method.PHONE, text: str = "",
    at: datetime | None = None,
) -> Consent:  # fmt: skip
    """Write down that somebody agreed, or does not agree any more.

    text   what they agreed to, word for word; what is not written down cannot be shown to anybody later
    at     when they said so; `now` when not given
    """
    if act not in (Act.GIVEN, Act.WITHDRAWN) or method not in METHODS:
        raise ValueError(f"{act} by {method} is not told to one of us.")
    row = record(act, purpose, at or now, now, person=person, method=method, text=text, by=by)
    note("consent given" if act == Act.GIVEN else "consent withdrawn", row, now, by, person=person.pk, purpose=purpose)
    return row


@transaction.atomic
def keep_on(person: Person, basis: str, why: str, by: Member, now: datetime) -> LegalBasis:
    """From now on we keep this person on another ground."""
    row = LegalBasis.objects.create(person=person, basis=basis, note=why.strip()[:300], at=now, by=by)
    note("legal basis", row, now, by, person=person.pk, basis=basis)
    return row


@transaction.atomic
def limit(person: Person, kind: str, why: str, by: Member, now: datetime) -> Limit:
    """From now on we may do no more than `kind` says; whoever says it twice changes nothing."""
    values = {"why": why.strip()[:300], "at": now, "by": by}
    row, new = Limit.objects.get_or_create(person=person, kind=kind, lifted_at=None, defaults=values)
    if new:
        note("limited", row, now, by, person=person.pk, kind=kind)
    return row


@transaction.atomic
def lift(row: Limit, by: Member, now: datetime) -> None:
    """They want it no longer."""
    if Limit.objects.filter(pk=row.pk, lifted_at=None).update(lifted_at=now, lifted_by=by):
        note("lifted limit", row, now, by, person=row.person_id, kind=row.kind)
