"""The worker killed without warning at every named step of a track, and two workers at once: no mail twice, none lost."""

from collections.abc import Callable
from typing import Any

import pytest

from tests.conftest import NOW
from tests.nurture.conftest import agrees
from tests.workers import KILLED, Step, Workers
from tilth.core.nurture import Rule
from tilth.notify.models import Message
from tilth.nurture.catch_up import catch_up
from tilth.nurture.enrolling import enrol
from tilth.nurture.models import Enrolment, Mailing, Track
from tilth.people.known import Told, keep
from tilth.people.models import Person
from tilth.team.models import Member
from tilth.touches.models import Touch
from tilth.touches.record import record

pytestmark = pytest.mark.django_db(transaction=True)
MANY = 40

SENDING = {
    "before anybody comes in": Step("before", "tilth.nurture.rules:enrol"),
    "once somebody is in": Step("after", "tilth.nurture.rules:enrol"),
    "before a way is looked at": Step("before", "tilth.nurture.catch_up:_follow"),
    "before the mail is written": Step("before", "tilth.nurture.sending:letter"),
    "once the mail is in the outbox": Step("after", "tilth.notify.outbox:put"),
    "once it is known which mail it is": Step("after", "tilth.nurture.sending:_write"),
    "once it is known when the next one goes": Step("after", "tilth.nurture.sending:next_at"),
    "once the way is looked at": Step("after", "tilth.nurture.catch_up:_follow"),
}
LEARNING = {
    "before it is on the timeline": Step("before", "tilth.nurture.sending:record"),
    "once it is on the timeline": Step("after", "tilth.nurture.sending:record"),
    "once it is known that it went": Step("after", "tilth.nurture.sending:_learn"),
}


@pytest.fixture
def lead(anouk: Person, agreement: Any, track_of: Callable[..., Track]) -> Person:
    """Anouk, whom the track takes in by its rule."""
    record("list", NOW, NOW, person=anouk)
    agrees(anouk)
    track_of(rule=Rule(stages=["lead"]))
    return anouk


@pytest.mark.parametrize("where", SENDING)
def test_killed_while_a_mail_is_made_the_next_worker_makes_it_once(where: str, workers: Workers, lead: Person) -> None:
    assert workers.run(NOW, die=SENDING[where]) == [KILLED]
    assert workers.run(NOW) == [0]
    assert Enrolment.objects.get().person == lead
    assert Mailing.objects.get().message == Message.objects.get()


@pytest.mark.parametrize("where", LEARNING)
def test_killed_while_it_learns_that_a_mail_went_it_is_on_the_timeline_once(
    where: str, workers: Workers, lead: Person
) -> None:
    workers.run(NOW)
    Message.objects.update(sent_at=NOW)
    assert workers.run(NOW, die=LEARNING[where]) == [KILLED]
    assert workers.run(NOW) == [0]
    assert Mailing.objects.get().touch == Touch.objects.get(kind="mail")


def test_two_workers_at_once_make_each_mail_once(
    workers: Workers, agreement: Any, track_of: Callable[..., Track], ann: Member
) -> None:
    people = []
    for n in range(MANY):
        people.append(keep(Told(emails=[f"p{n}@firm{n}.example"]), NOW, "typed in")[0])
        agrees(people[-1])
    for name in ("Heat", "Light"):
        enrol(track_of(name), people, ann, NOW)
    assert workers.run(NOW, workers=3) == [0, 0, 0]
    assert Message.objects.count() == Mailing.objects.count() == MANY  # of the two tracks, one today
    assert set(Message.objects.values_list("person", flat=True)) == {p.pk for p in people}


def test_whoever_ends_a_way_while_its_mail_is_made_wins(workers: Workers, lead: Person, ann: Member) -> None:
    workers.run(NOW)
    record("mail_reply", NOW, NOW, person=lead)
    catch_up(NOW, lead.pk)
    assert workers.run(NOW, workers=2) == [0, 0]
    assert Message.objects.get().withdrawn_at == NOW
    assert Enrolment.objects.get().ended_because == Enrolment.Ended.ANSWERED
