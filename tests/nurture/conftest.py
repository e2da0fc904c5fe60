"""A track of two mails on heating in winter, and Anouk, who agreed to get such mail."""

from collections.abc import Callable
from datetime import datetime, timedelta
from typing import Any

import pytest

from tests.conftest import NOW
from tests.notify.conftest import mail_server
from tilth.consent.models import Act, Purpose, record
from tilth.core.nurture import Rule, Spec, Step
from tilth.nurture import tracks
from tilth.nurture.enrolling import enrol
from tilth.nurture.models import Enrolment, Track
from tilth.people.models import Person
from tilth.team.models import Member

__all__ = ["mail_server"]
IMPRINT = "Kasbouw Software B.V., Naaldwijk, KvK 27000000"
STEPS = [
    Step("one", 0, "{first name|Hello}, heating costs", "Dear {first name|reader},\n\nthree ways to heat less.", url="https://kasbouw.example/heat"),
    Step("two", 2, "Your neighbours", "How others did it.", offer="e-book"),
]  # fmt: skip


def at(day: int, hour: int = 10, minute: int = 40) -> datetime:
    """A moment of June 2026 in Amsterdam; the 16th is a Tuesday."""
    return NOW.replace(day=day, hour=hour - 2, minute=minute)


def agrees(
    person: Person, purpose: str = Purpose.MAIL, act: str = Act.GIVEN, when: datetime = NOW - timedelta(days=9)
) -> None:
    record(act, purpose, when, when, person=person, text="Mail me about heating.")


@pytest.fixture
def track_of(ann: Member) -> Callable[..., Track]:
    """A track that runs."""

    def track_of(name: str = "Heating in winter", steps: list[Step] = STEPS, rule: Rule = Rule(), **more: Any) -> Track:  # noqa: B008
        spec = Spec("en", more.pop("imprint", IMPRINT), steps, rule, **more)
        track = tracks.make(name, spec, ann, ann, NOW)
        tracks.run(track, True, ann, NOW)
        return Track.objects.get(pk=track.pk)

    return track_of


@pytest.fixture
def way(track_of: Callable[..., Track], anouk: Person, ann: Member, agreement: Any) -> Enrolment:
    """Anouk's way through it, from now on."""
    agrees(anouk)
    return enrol(track_of(), [anouk], ann, NOW).rows[0]
