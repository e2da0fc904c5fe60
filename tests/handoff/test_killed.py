"""The worker killed without warning at every named step of handing over, and two workers at once: one owner, one clock,
one message. What a killed worker and the next one leave is, row for row, what one that lived leaves.
"""

from collections import Counter
from typing import Any

import pytest
from django.apps import apps
from django.db import transaction

from tests.conftest import NOW
from tests.handoff.test_routing import colleague, lead
from tests.workers import KILLED, Step
from tilth import conveyor
from tilth.core.telling import AT_ONCE, MAIL
from tilth.handoff.models import Handoff, Holding, Turn, Withdrawal
from tilth.notify.models import Choice, Event, Message, Notice
from tilth.promises.models import Obligation
from tilth.qualify.models import NewLead, Ripe
from tilth.team.models import Member, Role

pytestmark = pytest.mark.django_db(transaction=True)
LEADS = 40

HANDING_OVER = {
    "before anybody is judged": Step("before", "tilth.qualify.catch_up:evaluate"),
    "once somebody is ripe": Step("after", "tilth.qualify.catch_up:evaluate"),
    "before the lead is looked at": Step("before", "tilth.handoff.catch_up:_pass_on"),
    "before its owner is chosen": Step("before", "tilth.handoff.verbs:choose"),
    "once its owner is chosen": Step("after", "tilth.handoff.verbs:choose"),
    "once the handoff is written": Step("before", "tilth.handoff.verbs:_hold"),
    "once somebody holds it": Step("after", "tilth.handoff.verbs:_hold"),
    "once the turn is written": Step("after", "tilth.handoff.verbs:keep"),
    "once the journal is written": Step("after", "tilth.handoff.verbs:write_down"),
    "once it is handed over": Step("after", "tilth.handoff.catch_up:_pass_on"),
    "before sales owes anything": Step("before", "tilth.promises.catch_up:_owe_new"),
    "once the clock is written": Step("before", "tilth.promises.catch_up:settle"),
    "once the clock runs": Step("after", "tilth.promises.catch_up:_owe_new"),
    "before anybody is told": Step("before", "tilth.notify.telling:_tell"),
    "once it is known who hears of it": Step("after", "tilth.notify.events.lead:who_hears"),
    "once the mail is written": Step("after", "tilth.notify.outbox:put"),
    "once they are told": Step("after", "tilth.notify.telling:_tell"),
}
GIVING_BACK = {
    "before a leaver's lead is taken": Step("before", "tilth.handoff.leaving:back_in_line"),
    "once it is taken": Step("after", "tilth.handoff.leaving:take"),
    "once it is back in the line": Step("after", "tilth.handoff.leaving:back_in_line"),
    "once the next handoff is written": Step("before", "tilth.handoff.verbs:_hold"),
    "once the next one has it": Step("after", "tilth.handoff.catch_up:_pass_on"),
    "once the next clock is written": Step("before", "tilth.promises.catch_up:settle"),
}


@pytest.fixture
def team(agreement, ann, bob, carla) -> list[Member]:
    team = [bob, colleague("Bea")]
    by_mail = {"what": Event.What.HANDOFF, "channel": MAIL, "how": AT_ONCE}
    Choice.objects.bulk_create([Choice(member=member, **by_mail) for member in team])
    return team


def kept() -> dict[str, Any]:
    """How many rows of each kind there are, and what of them people see; ids apart, which killed workers use up."""
    rows = {model._meta.label: model._default_manager.count() for model in apps.get_models() if _ours(model)}
    told = {
        "holds": Holding.objects.values_list("person", "owner", "since", "rank"),
        "owes": Obligation.objects.values_list("kind", "member", "since", "due_at", "open"),
        "turns": Turn.objects.values_list("pool", "member", "ahead"),
        "hears": Notice.objects.values_list("person", "member", "why"),
        "mails": Message.objects.values_list("to", "subject", "text"),
    }
    return rows | {name: sorted(map(repr, some)) for name, some in told.items()}


def rows_of(kept: dict[str, Any]) -> dict[str, int]:
    """The numbers of rows alone: which lead came first, and so whose turn it was, is for two workers to settle."""
    return {name: rows for name, rows in kept.items() if isinstance(rows, int)}


def _ours(model: Any) -> bool:
    return model.__module__.startswith("tilth.")


def undisturbed() -> dict[str, Any]:
    """What a worker that lives leaves; then everything is as it was before it."""
    with transaction.atomic():
        conveyor.run_dry(NOW)
        left = kept()
        transaction.set_rollback(True)
    return left


@pytest.mark.parametrize("step", HANDING_OVER)
def test_a_lead_whose_worker_dies_has_one_owner_one_clock_and_one_message(workers, team, step):
    person = lead(1)
    expected = undisturbed()
    assert workers.run(NOW, HANDING_OVER[step]) == [KILLED]
    assert workers.run(NOW) == [0]
    assert kept() == expected
    owner = Holding.objects.get(person=person).owner
    assert Handoff.objects.get().owner == owner
    assert set(Counter(Obligation.objects.filter(member=owner).values_list("kind", flat=True)).values()) == {1}
    assert Message.objects.filter(person=person).count() == 1


@pytest.mark.parametrize("step", GIVING_BACK)
def test_a_leavers_lead_goes_on_once_wherever_the_worker_dies(workers, team, step):
    person = lead(1)
    conveyor.run_dry(NOW)
    gone = Holding.objects.get().owner
    Member.objects.filter(pk=gone.pk).update(is_active=False)
    expected = undisturbed()
    assert workers.run(NOW, GIVING_BACK[step]) == [KILLED]
    assert workers.run(NOW) == [0]
    assert kept() == expected
    assert Withdrawal.objects.get().handoff.continued == Holding.objects.get(person=person).handoff


def test_two_workers_at_once_hand_over_each_lead_once(workers, team):
    people = [lead(n) for n in range(LEADS)]
    expected = undisturbed()
    assert workers.run(NOW, workers=2) == [0, 0]
    each_once(people)
    assert rows_of(kept()) == rows_of(expected)


def test_workers_killed_again_and_again_hand_over_each_lead_once(workers, team):
    people = [lead(n) for n in range(LEADS)]
    ended = [how for n in range(60) for how in workers.run(NOW, workers=2, kill_after=0.03 + 0.02 * (n % 5))]
    assert ended.count(KILLED) > 10
    assert workers.run(NOW) == [0]
    each_once(people)


def each_once(people: list[Any]) -> None:
    """Everybody has one owner, a clock of each kind and one message; turns are fair; nothing is left to do."""
    held = dict(Holding.objects.values_list("person", "owner"))
    assert sorted(held) == sorted(p.pk for p in people)
    assert Handoff.objects.count() == len(people)
    assert set(Counter(held.values()).values()) == {len(people) // 2}
    clocks = Counter(Obligation.objects.filter(debtor="sales").values_list("handoff__person", "kind"))
    assert set(clocks.values()) == {1}
    assert {person for person, _kind in clocks} == set(held)
    heard = Notice.objects.filter(member__role=Role.MARKETING).values_list("person", flat=True)
    assert sorted(heard) == sorted(held)
    assert not Ripe.objects.exists()
    assert not NewLead.objects.exists()
