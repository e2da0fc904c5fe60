"""What the tests of pages share: a clock that stands still, and Anouk's lead with Bob."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

import pytest
from django.test import Client

from tests.conftest import NOW
from tilth import conveyor
from tilth.handoff.models import Handoff
from tilth.people.models import Person
from tilth.team.models import Member
from tilth.touches.models import Evidence
from tilth.touches.record import offer, record


@dataclass
class Clock:
    """The clock that pages read: Tuesday 16 June 2026, 10:40, until somebody moves it."""

    at: datetime = NOW

    def forward(self, **length: float) -> None:
        self.at += timedelta(**length)


@pytest.fixture
def clock(monkeypatch: pytest.MonkeyPatch) -> Clock:
    clock = Clock()
    monkeypatch.setattr("tilth.web.clock.now", lambda: clock.at)
    return clock


@pytest.fixture
def handed(clock: Clock, agreement: Any, anouk: Person, bob: Member) -> Handoff:
    """Anouk asked for a demo ten minutes ago and was handed to Bob."""
    at = NOW - timedelta(minutes=10)
    record("form", at, at, person=anouk, offer=offer("demo", at), evidence=Evidence.DECLARED, source="search")
    conveyor.run_dry(at)
    return Handoff.objects.get()


@pytest.fixture
def from_row() -> Callable[..., dict[str, str]]:
    """The headers that htmx sends from a person's row of the queue."""

    def from_row(person: Person) -> dict[str, str]:
        return {"HX-Request": "true", "HX-Target": f"q-{person.pk}", "HX-Current-URL": "http://testserver/"}

    return from_row


@pytest.fixture
def sales(client_of: Callable[[Member], Client], bob: Member) -> Client:
    """Bob at his desk."""
    return client_of(bob)
