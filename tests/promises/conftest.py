"""A lead that Bob was handed on Tuesday 16 June 2026 at 10:40: a demo request, so four working hours."""

from collections.abc import Callable
from datetime import datetime
from typing import Any

import pytest

from tests.conftest import NOW, SIGNED
from tilth import conveyor
from tilth.agreement.models import Version
from tilth.handoff.models import Handoff
from tilth.people.known import Told, keep
from tilth.people.models import Person
from tilth.team.models import Member
from tilth.touches.models import Evidence
from tilth.touches.record import offer, record

DUE = datetime.fromisoformat("2026-06-16T14:40+02:00")
WEDNESDAY = datetime.fromisoformat("2026-06-17T17:00+02:00")
MONDAY = datetime.fromisoformat("2026-06-22T09:00+02:00")


def ask_for_demo(person: Person, at: datetime) -> None:
    record("form", at, at, person=person, offer=offer("demo", at), evidence=Evidence.DECLARED)


@pytest.fixture
def handoff(agreement: Version, anouk: Person) -> Handoff:
    ask_for_demo(anouk, NOW)
    conveyor.run_dry(NOW)
    return Handoff.objects.get()


@pytest.fixture
def agreed(preset: dict[str, Any], ann: Member, bob: Member) -> Callable[..., Version]:
    """The preset with other words in `sla`, in force since January: agreed(sales={"remind_hours": 2})."""

    def agreed(**sla: dict[str, Any]) -> Version:
        for side, words in sla.items():
            preset["sla"].setdefault(side, {}).update(words)
        version = Version.write(preset, ann, SIGNED)
        version.sign(ann, "marketing", SIGNED)
        version.sign(bob, "sales", SIGNED)
        return version

    return agreed


@pytest.fixture
def lead_of() -> Callable[..., Handoff]:
    """Another lead like Anouk, who asks for a demo at a moment and is handed to somebody."""

    def lead_of(n: int, at: datetime, employees: int = 120) -> Handoff:
        told = Told(
            emails=[f"lead{n}@grower{n}.example"],
            phones=[f"+3110555{n:04}"],
            person={"first_name": "Lead", "last_name": f"{n}", "title": "Manager", "country": "NL"},
            company={"name": f"Grower {n}", "industry": "Horticulture", "employees": employees, "country": "NL"},
        )
        person, _ = keep(told, at, "typed in")
        ask_for_demo(person, at)
        conveyor.run_dry(at)
        return Handoff.objects.get(person=person)

    return lead_of
