"""Who came because another person told them (R28): by a personal link, in their own words, or as a colleague wrote down.

A touch names a referrer by `?ref=` with a code of ours in the address of its page, or by `referred_by` in what was filled in: an
address, a code, or a name. Words that fit nobody are kept, until somebody says whom they mean.
Source: docs/algorithms/referral.md
"""

import hmac
from collections.abc import Iterable
from datetime import datetime
from typing import Any, Protocol
from urllib.parse import parse_qs, urlsplit

from django.conf import settings
from django.db import transaction
from django.db.models import QuerySet
from django.utils.crypto import salted_hmac

from tilth.core import identity
from tilth.core.delivery import words
from tilth.journal.models import Entry, note
from tilth.people.models import Email, Merge, Person
from tilth.team.models import Member

from .models import Evidence, Origin, Referral

PARAMETER, PROPERTY = "ref", "referred_by"
SALT = "tilth.referral"
SIGNED = 12  # hex digits
MERGES = 20  # of one person into the next


def code(person: int) -> str:
    """What stands behind `?ref=` in a person's own link: nothing of theirs can be read in it, and nobody can make one up."""
    return f"{person:x}-{_signature(person, settings.SECRET_KEY)}"


def person_of(text: str) -> int | None:
    """The person whose code this is; None when it is no code of ours."""
    number, dash, signature = text.strip().lower().partition("-")
    if not dash or not (0 < len(number) <= 15) or not set(number) <= set("0123456789abcdef"):
        return None
    person = int(number, 16)
    keys = [settings.SECRET_KEY, *settings.SECRET_KEY_FALLBACKS]
    if not any(hmac.compare_digest(_signature(person, key).encode(), signature.encode()) for key in keys):
        return None
    return _alive(person)


def who_is(text: str) -> int | None:
    """Whom a text means: by code, by address, or by a name that only one person has."""
    if found := person_of(text):
        return found
    if address := identity.email(text):
        return Email.objects.filter(address=address).values_list("person", flat=True).first()
    first, _, last = " ".join(text.split()).partition(" ")
    same = (
        list(Person.objects.filter(first_name=first, last_name=last).values_list("pk", flat=True)[:2]) if last else []
    )
    return same[0] if len(same) == 1 else None


class Named(Protocol):
    """A touch, also one that is just being recorded."""

    pk: int
    at: datetime
    person_id: int | None
    evidence: int
    url: str
    properties: Any


def follow(touches: Iterable[Named]) -> None:
    """Keep the referrers that these touches name. Called by who records them, in the same transaction."""
    for touch in touches:
        if touch.person_id is None or touch.evidence <= Evidence.MACHINE:
            continue
        if said := words(touch.properties.get(PROPERTY)):
            named(touch.person_id, said, touch.at, touch)
        if f"{PARAMETER}=" in touch.url and (by := _linked(touch.url)):
            _by_link(touch.person_id, by, touch)


def named(person: int, said: str, at: datetime, touch: Named | None = None) -> Referral | None:
    """They told us who sent them; None when that says nothing new."""
    said = " ".join(said.split())[:200]
    by = who_is(said) if said else None
    mine = Referral.objects.filter(person=person)
    if not said or by == person or mine.filter(by=by).exists() or mine.filter(named=said).exists():
        return None
    return Referral.objects.create(
        person_id=person, by_id=by, named=said, how=Referral.How.TOLD, at=at, touch_id=touch.pk if touch else None
    )


@transaction.atomic
def refer(person: Person, by: Person, member: Member, now: datetime) -> tuple[Referral, Entry | None]:
    """A colleague says who sent them: whom the words meant that nobody could place, else somebody new.

    raises    ValueError: nobody sends themselves
    """
    if person.pk == by.pk:
        raise ValueError("Nobody sends themselves.")
    mine = Referral.objects.select_for_update().filter(person=person)
    if known := mine.filter(by=by).first():
        return known, None
    row = mine.filter(by=None).order_by("id").first()
    was = row is not None
    if row is None:
        row = Referral(person=person, how=Referral.How.HAND, at=now, named="")
    row.by, row.member = by, member
    row.save()
    return row, note("named referrer", row, now, member, person.pk, placed=was)


def undo_referral(entry: Entry) -> bool:
    """Undo `refer`; False when the entry tells of something else. See `deals.verbs.undo`."""
    if entry.verb != "named referrer":
        return False
    rows = Referral.objects.filter(pk=entry.subject_id)
    return bool(rows.update(by=None, member=None) if entry.data["placed"] else rows.delete()[0])


def brought(person: int) -> QuerySet[Referral]:
    """Whom this person brought, newest first; each of them once."""
    return (
        Referral.objects.filter(by=person)
        .exclude(person=person)
        .select_related("person__standing")
        .order_by("-at", "-pk")
    )


def _alive(person: int) -> int | None:
    """Who has this number now: a person, or whoever they turned out to be; None when nobody is left."""
    for _merge in range(MERGES):
        if Person.objects.filter(pk=person).exists():
            return person
        merged = Merge.objects.filter(merged_id=person, person__isnull=False, split=None).order_by("-id").first()
        if merged is None or merged.person_id is None:
            return None
        person = merged.person_id
    return None


def _by_link(person: int, by: int, touch: Named) -> None:
    """Only who was no lead yet came because of the link; whoever was one already only looked."""
    earlier = Origin.objects.filter(person=person, at__lt=touch.at).exists()
    if by != person and not earlier and not Referral.objects.filter(person=person, by=by).exists():
        Referral.objects.create(person_id=person, by_id=by, how=Referral.How.LINK, at=touch.at, touch_id=touch.pk)


def _linked(url: str) -> int | None:
    try:
        asked = parse_qs(urlsplit(url).query, max_num_fields=200).get(PARAMETER, [])
    except ValueError:
        return None
    return next(filter(None, map(person_of, asked[:3])), None)


def _signature(person: int, key: str | bytes) -> str:
    return salted_hmac(SALT, str(person), secret=key, algorithm="sha256").hexdigest()[:SIGNED]


def about(person: int) -> dict[str, Any]:
    """What the page of a person says: who sent them, and whom they brought."""
    sent = Referral.objects.filter(person=person).select_related("by", "member").order_by("at", "pk")
    return {"sent_by": list(sent), "brought": list(brought(person)), "code": code(person)}
