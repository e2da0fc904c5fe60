"""The worker killed without warning at every named step of letting leads go by capacity, and two workers at once.

Each lead has one owner, one clock and one message, nobody has more leads than hours, and whoever found none waits in line.
"""

from collections import Counter
from datetime import timedelta

import pytest

from tests.conftest import NOW
from tests.handoff.test_killed import kept, rows_of, undisturbed
from tests.handoff.test_releasing import WEEK, ripen, signed, waiting
from tests.handoff.test_routing import colleague
from tests.workers import KILLED, Step
from tilth.agreement.models import Version
from tilth.core.telling import AT_ONCE, MAIL
from tilth.handoff.models import Capacity, Handoff, Holding
from tilth.handoff.releasing import capacities
from tilth.notify.models import Choice, Event, Message, Notice
from tilth.people.models import Person
from tilth.promises.models import Obligation
from tilth.qualify.models import Ripe
from tilth.team.models import Role, Week

pytestmark = pytest.mark.django_db(transaction=True)
FEW, MANY = 8, 20  # leads, an hour each
BOB, BEA = 3, 2  # hours a week: three of the few find none

RELEASING = {
    "once somebody stands in line": Step("after", "tilth.handoff.catch_up:_pass_on"),
    "once all stand in line": Step("before", "tilth.handoff.catch_up:_let_go"),
    "before the hours are read": Step("before", "tilth.handoff.releasing:hours"),
    "before the week is opened": Step("before", "tilth.handoff.releasing:left"),
    "once the week is opened": Step("after", "tilth.handoff.releasing:hours"),
    "before a lead is let go": Step("before", "tilth.handoff.catch_up:_hand_off"),
    "once its owner is chosen": Step("after", "tilth.handoff.verbs:choose"),
    "once its handoff is written": Step("before", "tilth.handoff.verbs:_hold"),
    "once somebody holds it": Step("after", "tilth.handoff.verbs:_hold"),
    "once its turn is written": Step("after", "tilth.handoff.verbs:keep"),
    "once its hours are taken": Step("before", "tilth.handoff.releasing:wake_group"),
    "once it is let go": Step("after", "tilth.handoff.catch_up:_hand_off"),
    "before the third is let go": Step("before", "tilth.handoff.catch_up:_hand_off", 3),
    "once the third has its owner": Step("after", "tilth.handoff.verbs:choose", 3),
    "once the third is let go": Step("after", "tilth.handoff.catch_up:_hand_off", 3),
    "once one finds no hours": Step("before", "tilth.handoff.catch_up:_stay_in_line"),
    "once it stays in line": Step("after", "tilth.handoff.catch_up:_stay_in_line"),
    "once all that find hours are let go": Step("after", "tilth.handoff.catch_up:_let_go"),
    "before sales owes anything": Step("before", "tilth.promises.catch_up:_owe_new"),
    "once the mail is written": Step("after", "tilth.notify.outbox:put"),
}


@pytest.fixture
def version(preset, ann, bob, carla) -> Version:
    """Bob and Bea have so many hours, and hear of a lead by mail at once."""
    preset["release"] = {"by_capacity": True}
    Week.objects.create(member=bob, room=BOB)
    team = [bob, colleague("Bea", room=BEA)]
    by_mail = {"what": Event.What.HANDOFF, "channel": MAIL, "how": AT_ONCE}
    Choice.objects.bulk_create([Choice(member=member, **by_mail) for member in team])
    return signed(preset, ann, bob)


def line(leads: int) -> list[Person]:
    """Who is ripe; the later in the list, the less waiting costs."""
    return [ripen(n, NOW - timedelta(minutes=n)) for n in range(leads)]


def held() -> dict[str, int]:
    return dict(Counter(Holding.objects.values_list("owner__name", flat=True)))


def each_once(people: list[Person], version: Version, gone: int) -> None:
    """The first so many of these have one owner, one clock of each kind and one message; the others wait."""
    first, rest = {p.pk for p in people[:gone]}, {p.pk for p in people[gone:]}
    assert set(Holding.objects.values_list("person", flat=True)) == first
    assert sorted(Handoff.objects.values_list("person", flat=True)) == sorted(first)
    assert waiting() == rest == set(Ripe.objects.values_list("pk", flat=True))
    clocks = Counter(Obligation.objects.filter(debtor="sales").values_list("handoff__person", "kind"))
    assert set(clocks.values()) == {1}
    assert {person for person, _kind in clocks} == first
    heard = Notice.objects.filter(member__role=Role.MARKETING).values_list("person", flat=True)
    assert sorted(heard) == sorted(first | rest)
    assert sorted(Message.objects.values_list("person", flat=True)) == sorted(first)
    assert {one.free for one in capacities(version, NOW).values()} == {0}


@pytest.mark.parametrize("step", RELEASING)
def test_a_release_whose_worker_dies_lets_each_lead_go_once(workers, version, step):
    people = line(FEW)
    expected = undisturbed()
    assert workers.run(NOW, RELEASING[step]) == [KILLED]
    assert workers.run(NOW) == [0]
    assert kept() == expected
    each_once(people, version, BOB + BEA)


def test_two_workers_at_once_never_give_more_hours_than_there_are(workers, version):
    people = line(MANY)
    expected = undisturbed()
    assert workers.run(NOW, workers=2) == [0, 0]
    each_once(people, version, BOB + BEA)
    assert held() == {"Bob Jansen": BOB, "Bea": BEA}
    assert rows_of(kept()) == rows_of(expected)


def test_workers_killed_again_and_again_never_give_more_hours_than_there_are(workers, version):
    people = line(MANY)
    ended = [how for n in range(30) for how in workers.run(NOW, workers=2, kill_after=0.03 + 0.03 * (n % 5))]
    assert ended.count(KILLED) > 10
    assert workers.run(NOW) == [0]
    each_once(people, version, BOB + BEA)


def test_a_new_week_is_opened_once_by_two_workers(workers, version):
    line(MANY)
    assert workers.run(NOW) == [0]
    assert workers.run(NOW + WEEK, workers=2) == [0, 0]
    assert sorted(Capacity.objects.values_list("member__name", "carried")) == [("Bea", 0)] * 2 + [("Bob Jansen", 0)] * 2
    assert Handoff.objects.count() == Holding.objects.count() == 2 * (BOB + BEA)
    assert {one.free for one in capacities(version, NOW + WEEK).values()} == {0}
