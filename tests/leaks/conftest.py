"""Leads in a seller's hands, as leaks are found among them."""

from collections.abc import Callable

import pytest

from tests.conftest import NOW
from tests.handoff.test_routing import lead
from tilth.handoff.verbs import accept, hand_off, log_contact, qualified
from tilth.people.models import Person
from tilth.team.models import Member


@pytest.fixture
def held(agreement, bob) -> Callable[..., Person]:
    """A lead of Bob's, who has called and accepted."""
    numbers = iter(range(1, 50))

    def held(at=NOW, owner: Member | None = None, accepted=True) -> Person:
        person = lead(next(numbers), at)
        done = hand_off(person, at, owner=owner or bob)
        if accepted:
            log_contact(person, owner or bob, "call", at)
            accept(done.row, owner or bob, at)
            qualified(done.row, owner or bob, at)
        return person

    return held
