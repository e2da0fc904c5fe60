"""Forming a group, who is in it, and with which role. Each verb leaves a line in the journal, by which it can be undone."""

from collections.abc import Iterable
from datetime import datetime

from django.db import transaction

from tilth.content.models import Offer
from tilth.journal.models import Entry, note
from tilth.people.models import Company, Person
from tilth.team.models import Member

from .models import BuyingGroup, Membership, Part


@transaction.atomic
def form(
    company: Company, about: str, people: Iterable[Person], by: Member, now: datetime, offer: Offer | None = None
) -> tuple[BuyingGroup, Entry | None]:
    """A group on one question, with these people in it, and no roles yet. One that is there already is added to.

    returns    the group, and the journal's line; None when nothing changed
    """
    values = {"offer": offer, "at": now, "by": by}
    group, made = BuyingGroup.objects.get_or_create(company=company, about=about.strip()[:120], defaults=values)
    there = set(group.memberships.values_list("person", flat=True))
    new = [Membership(group=group, person=who, at=now, by=by) for who in people if who.pk not in there]
    Membership.objects.bulk_create(new)
    if not (made or new):
        return group, None
    joined = [m.person_id for m in new]
    return group, note("formed group", group, now, by, joined[0] if joined else None, made=made, people=joined)


@transaction.atomic
def say_role(row: Membership, role: str, by: Member, now: datetime) -> Entry | None:
    """Say which part somebody has; "" takes it back. None when that is known, or no role."""
    before = Membership.objects.select_for_update().get(pk=row.pk)
    if before.role == role or (role and role not in Part.values):
        return None
    Membership.objects.filter(pk=row.pk).update(role=role, by=by)
    return note("said role", row, now, by, row.person_id, role=role, was=before.role)


@transaction.atomic
def leave(row: Membership, by: Member, now: datetime) -> Entry:
    """Somebody has no part in this question; an empty group is gone."""
    data = {"group": row.group_id, "person": row.person_id, "role": row.role, "at": row.at.isoformat()}
    group, entry = row.group, note("left group", row, now, by, row.person_id, None, **_named(row), told=data)
    row.delete()
    if not group.memberships.exists():
        group.delete()
    return entry


def undo_group(entry: Entry) -> bool:
    """Undo one of the verbs above; False when the entry tells of something else. See `deals.verbs.undo`."""
    if entry.verb == "formed group":
        Membership.objects.filter(group=entry.subject_id, person__in=entry.data["people"]).delete()
        if entry.data["made"]:
            BuyingGroup.objects.filter(pk=entry.subject_id, memberships=None).delete()
    elif entry.verb == "said role":
        Membership.objects.filter(pk=entry.subject_id, role=entry.data["role"]).update(role=entry.data["was"])
    elif entry.verb == "left group":
        _come_back(entry)
    else:
        return False
    return True


def _named(row: Membership) -> dict[str, object]:
    return {"about": row.group.about, "company": row.group.company_id, "offer": row.group.offer_id}


def _come_back(entry: Entry) -> None:
    """Into the group, which is made again where it went with its last member; not if the person is gone."""
    told = entry.data["told"]
    gone = not Person.objects.filter(pk=told["person"]).exists()
    if gone or not Company.objects.filter(pk=entry.data["company"]).exists():
        return
    group, _new = BuyingGroup.objects.get_or_create(
        company_id=entry.data["company"], about=entry.data["about"],
        defaults={"offer_id": entry.data["offer"], "at": entry.at},
    )  # fmt: skip
    values = {"role": told["role"], "at": datetime.fromisoformat(told["at"])}
    Membership.objects.get_or_create(group=group, person_id=told["person"], defaults=values)
