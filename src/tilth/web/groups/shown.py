"""Buying groups as pages show them."""

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from tilth.core.groups import gaps, suggested
from tilth.groups import forming
from tilth.groups.models import BuyingGroup, Membership, Part
from tilth.people.models import Company, Person


@dataclass(frozen=True)
class Member:
    """Somebody in a group; `suggests` is the role that their job title suggests, while nobody has said one."""

    row: Membership

    @property
    def suggests(self) -> str:
        role = "" if self.row.role else suggested(self.row.person.title)
        return str(Part(role).label) if role else ""


@dataclass(frozen=True)
class Group:
    """One group with its people, the roles that nobody has, and who else there is at the company."""

    row: BuyingGroup
    members: list[Member]
    others: list[Person]

    @property
    def gaps(self) -> list[str]:
        return [str(Part(role).label) for role in gaps(m.row.role for m in self.members)]


def of_company(company: Company, people: Sequence[Person], now: datetime) -> dict[str, Any]:
    """What the company's page shows: its groups, what is proposed, and the roles to choose from."""
    rows = Membership.objects.filter(group__company=company, person__erased_at=None).select_related("person")
    members: dict[int, list[Member]] = defaultdict(list)
    for row in rows.order_by("pk"):
        members[row.group_id].append(Member(row))
    groups = [
        Group(row, members[row.pk], [p for p in people if p.pk not in {m.row.person_id for m in members[row.pk]}])
        for row in BuyingGroup.objects.filter(company=company).order_by("-at", "-pk")
    ]
    return {"groups": groups, "proposed": forming.proposed(company, now), "parts": Part.choices}


def part_of(person: Person) -> Group | None:
    """What the person's page shows: the group that they are in, and who else is."""
    group = forming.of(person.pk)
    if group is None:
        return None
    rows = group.memberships.filter(person__erased_at=None).select_related("person").order_by("pk")
    return Group(group, [Member(row) for row in rows], [])
