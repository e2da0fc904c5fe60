"""Late delivery by marketing moves what sales owes, visibly; on time it moves nothing (T8: 50 by Monday, judged by Wednesday)."""

from datetime import datetime, timedelta

from tests.promises.conftest import WEDNESDAY
from tilth import conveyor
from tilth.handoff.verbs import log_contact
from tilth.promises.models import Obligation

MONDAY = datetime.fromisoformat("2026-06-15T09:00+02:00")
HOUR, MINUTE = timedelta(hours=1), timedelta(minutes=1)


def verdict_of(handoff) -> Obligation:
    return Obligation.objects.get(kind="verdict", handoff=handoff)


def fridays(lead_of, leads: int) -> None:
    for n in range(leads):
        lead_of(100 + n, MONDAY - timedelta(days=3) + n * MINUTE)


def test_a_lead_that_was_missing_on_monday_is_judged_later_by_as_much(agreed, lead_of):
    agreed(marketing={"leads": 2}, sales={"late_moves": True})
    fridays(lead_of, 1)
    handoff = lead_of(1, datetime.fromisoformat("2026-06-16T10:40+02:00"))
    moved = verdict_of(handoff)
    # Monday 09:00 to Wednesday 17:00 are 25 working hours; so many after Tuesday 10:40 is Friday 10:10.
    assert moved.due_at == datetime.fromisoformat("2026-06-19T10:10+02:00")
    assert moved.was_due_at == WEDNESDAY
    assert (moved.late_by.kind, moved.late_by.due_at) == ("delivery", MONDAY)
    assert not moved.late_by.settlement.kept


def test_what_comes_beyond_that_is_early_for_the_next_week(agreed, lead_of):
    agreed(marketing={"leads": 2}, sales={"late_moves": True})
    fridays(lead_of, 1)
    lead_of(1, MONDAY + HOUR)
    second = lead_of(2, MONDAY + 2 * HOUR)
    assert verdict_of(second).due_at == WEDNESDAY
    assert verdict_of(second).was_due_at is None


def test_t8_fifty_by_monday_move_nothing(agreed, lead_of):
    agreed(marketing={"leads": 2}, sales={"late_moves": True})
    fridays(lead_of, 2)
    assert Obligation.objects.get(kind="delivery", due_at=MONDAY) is not None
    handoff = lead_of(1, MONDAY + HOUR)
    assert Obligation.objects.get(kind="delivery", due_at=MONDAY).settlement.quantity == 2
    assert verdict_of(handoff).due_at == WEDNESDAY


def test_an_agreement_that_does_not_say_so_moves_nothing(agreed, lead_of):
    agreed(marketing={"leads": 2})
    handoff = lead_of(1, MONDAY + HOUR)
    assert verdict_of(handoff).due_at == WEDNESDAY


def test_sales_never_gets_less_time_than_it_had(agreed, lead_of):
    agreed(marketing={"leads": 2}, sales={"late_moves": True})
    handoff = lead_of(1, datetime.fromisoformat("2026-06-18T10:00+02:00"))
    assert verdict_of(handoff).due_at == WEDNESDAY + timedelta(days=7)
    assert verdict_of(handoff).late_by is None


def test_a_count_that_comes_after_the_handoff_moves_it_too(agreed, lead_of, monkeypatch):
    agreed(marketing={"leads": 2}, sales={"late_moves": True})
    conveyor.run_dry(MONDAY - HOUR)
    with monkeypatch.context() as stopped:
        stopped.setattr("tilth.promises.deliveries.catch_up", lambda now: 0)
        handoff = lead_of(1, MONDAY + HOUR)
        assert verdict_of(handoff).was_due_at is None
    conveyor.run_dry(MONDAY + HOUR)
    assert verdict_of(handoff).was_due_at == WEDNESDAY


def test_a_late_lead_that_was_called_but_not_judged_was_delivered_late(agreed, lead_of, bob):
    agreed(marketing={"leads": 2}, sales={"late_moves": True})
    handoff = lead_of(1, MONDAY + HOUR)
    log_contact(handoff.person, bob, "call", MONDAY + 2 * HOUR, outcome="no answer")
    conveyor.run_dry(MONDAY + timedelta(days=7))
    assert verdict_of(handoff).breach.cause == "late"


def test_a_promise_of_value_is_kept_by_value(agreed, lead_of):
    agreed(marketing={"leads": 0, "value": 5_000, "good_fit": "0%"})
    fridays(lead_of, 1)
    conveyor.run_dry(MONDAY)
    week = Obligation.objects.get(kind="delivery", due_at=MONDAY)
    assert (week.value, week.quantity, week.settlement.value, week.settlement.kept) == (500_000, 0, 576_000, True)
    before = Obligation.objects.get(kind="delivery", due_at=MONDAY - timedelta(days=7))
    assert (before.settlement.value, before.settlement.kept) == (0, False)
