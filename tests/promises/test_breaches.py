"""Exactly one cause for each broken promise, found by rule; and what is done about it in time."""

from datetime import date, datetime, timedelta

import pytest

from tests.conftest import NOW
from tests.promises.conftest import DUE, ask_for_demo
from tilth import conveyor
from tilth.deals.merging import merge
from tilth.deals.verbs import undo
from tilth.handoff.models import Handoff, Withdrawal
from tilth.handoff.passing import reassign
from tilth.handoff.releasing import capacities
from tilth.handoff.verbs import log_contact
from tilth.promises import looking
from tilth.promises.breaking import breaches
from tilth.promises.models import Alert, Breach, Obligation
from tilth.qualify.models import Ripe
from tilth.team.models import Absence, Member, Role, Week
from tilth.touches.models import Team
from tilth.touches.record import record

MINUTE, HOUR, DAY = timedelta(minutes=1), timedelta(hours=1), timedelta(days=1)


def promised(kind: str = "first_contact") -> Obligation:
    return Obligation.objects.filter(kind=kind, handoff__isnull=False).latest("pk")


def cause(kind: str = "first_contact") -> str:
    return promised(kind).breach.cause


def test_nobody_tried(handoff):
    conveyor.run_dry(DUE - MINUTE)
    assert not Breach.objects.filter(obligation__handoff__isnull=False).exists()
    conveyor.run_dry(DUE + MINUTE)
    assert cause() == "idle"
    conveyor.run_dry(DUE + 9 * DAY)
    assert Breach.objects.filter(obligation=promised()).count() == 1


def test_called_late_was_not_attempted_in_time_and_the_cause_stays_one(handoff, bob):
    conveyor.run_dry(DUE + MINUTE)
    log_contact(handoff.person, bob, "call", DUE + HOUR)
    conveyor.run_dry(DUE + HOUR)
    assert cause() == "idle"
    assert not promised().open


def test_a_call_in_time_that_is_told_late_takes_the_breach_away(handoff):
    conveyor.run_dry(DUE + MINUTE)
    record("call", DUE - HOUR, DUE + HOUR, person=handoff.person, team=Team.SALES)
    conveyor.run_dry(DUE + HOUR)
    assert not Breach.objects.filter(obligation=promised()).exists()


def test_a_late_call_that_is_undone_leaves_the_promise_broken(handoff, bob):
    done = log_contact(handoff.person, bob, "call", DUE + MINUTE)
    conveyor.run_dry(DUE + MINUTE)
    undo(done.entry, bob, DUE + 2 * MINUTE)
    conveyor.run_dry(DUE + 2 * MINUTE)
    assert promised().open
    assert cause() == "idle"


def test_the_owner_is_away_as_nobody_knew_at_the_handoff(handoff, bob):
    Absence.objects.create(member=bob, first=date(2026, 6, 16), last=date(2026, 6, 16))
    conveyor.run_dry(DUE + MINUTE)
    assert cause() == "absent"


def test_an_absence_that_moved_the_promise_is_no_excuse_for_it(agreement, bob, lead_of):
    Absence.objects.create(member=bob, first=date(2026, 6, 17), last=date(2026, 6, 18))
    lead_of(1, datetime.fromisoformat("2026-06-16T16:00+02:00"))
    conveyor.run_dry(datetime.fromisoformat("2026-06-19T11:31+02:00"))
    assert cause() == "idle"


def test_nobody_had_it_when_the_account_was_closed(handoff, bob):
    Member.objects.filter(pk=bob.pk).update(is_active=False)
    Obligation.objects.filter(kind="first_contact").update(look_at=DUE)
    looking.catch_up(DUE + MINUTE)
    assert cause() == "no_owner"


def test_more_leads_than_hours(agreed, bob, lead_of):
    agreed(sales={"room_hours": 2})
    for n in range(3):
        lead_of(n, NOW + n * MINUTE)
    conveyor.run_dry(DUE + HOUR)
    assert Breach.objects.get(obligation=promised()).because == {"taken": 3, "room": 2}
    assert cause() == "capacity"


def test_ones_own_room_goes_before_that_of_all(agreed, bob, lead_of):
    agreed(sales={"room_hours": 99})
    Week.objects.create(member=bob, room=1)
    for n in range(2):
        lead_of(n, NOW + n * MINUTE)
    conveyor.run_dry(DUE + HOUR)
    assert cause() == "capacity"


def test_a_breach_counts_the_same_hours_as_my_week(agreed, ann, bob, lead_of):
    """Of five leads one turned out to be another one, and one went to Mia: neither takes hours of Bob's any more."""
    version = agreed()
    Week.objects.create(member=bob, room=2)
    first, twin, given, *_ = (lead_of(n, NOW + n * MINUTE) for n in range(5))
    mia = Member.objects.create(name="Mia", email="mia@kasbouw.example", role=Role.SALES, joined_at=NOW)
    reassign(given, mia, NOW + 9 * MINUTE)
    merge(first.person, twin.person, ann, NOW + 9 * MINUTE)
    conveyor.run_dry(DUE + HOUR)
    [row] = Breach.objects.filter(obligation__handoff=first, obligation__kind="first_contact")
    assert (row.cause, row.because) == ("capacity", {"taken": 3, "room": 2})
    assert capacities(version, DUE)[bob.pk].taken == 3
    Week.objects.update(room=3)
    again = Obligation.objects.select_related("handoff", "version", "member").get(pk=row.obligation_id)
    assert breaches([again], DUE + HOUR)[0].cause == "idle"
    assert capacities(version, DUE)[bob.pk].free == 0


def test_data_that_was_missing_at_the_handoff(handoff):
    Handoff.objects.filter(pk=handoff.pk).update(why=handoff.why | {"missing": ["phone"]})
    conveyor.run_dry(DUE + MINUTE)
    assert cause() == "data"
    assert promised().breach.because == {"missing": ["phone"]}


def test_marketings_breach_has_a_cause_of_the_same_kinds(agreed, anouk):
    agreed(marketing={"leads": 1})
    conveyor.run_dry(NOW)
    assert set(Breach.objects.values_list("cause", flat=True)) == {"idle"}
    Ripe.objects.create(person=anouk, since=NOW, counted_at=NOW, look_at=NOW + 99 * DAY, waits_for=Ripe.Lack.DATA)
    conveyor.run_dry(datetime.fromisoformat("2026-06-22T09:01+02:00"))
    assert Breach.objects.get(obligation__due_at__gt=NOW).cause == "data"


def test_a_reminder_before_and_an_escalation_after_each_once(agreed, anouk, bob):
    agreed(sales={"remind_hours": 2, "escalate_hours": 4})
    ask_for_demo(anouk, NOW)
    conveyor.run_dry(NOW)
    told = lambda: list(Alert.objects.filter(obligation=promised()).order_by("pk").values_list("step", "member"))  # noqa: E731
    conveyor.run_dry(DUE - 2 * HOUR - MINUTE)
    assert told() == []
    for _ in range(2):
        conveyor.run_dry(DUE - 2 * HOUR)
    assert told() == [("reminder", bob.pk)]
    conveyor.run_dry(datetime.fromisoformat("2026-06-17T10:09+02:00"))
    assert len(told()) == 1
    conveyor.run_dry(datetime.fromisoformat("2026-06-17T10:10+02:00"))  # four working hours after 14:40
    conveyor.run_dry(NOW + 9 * DAY)
    assert told() == [("reminder", bob.pk), ("escalation", bob.pk)]


def test_what_is_kept_is_neither_reminded_of_nor_escalated(agreed, anouk, bob):
    agreed(sales={"remind_hours": 2, "escalate_hours": 4, "reassign_hours": 8})
    ask_for_demo(anouk, NOW)
    conveyor.run_dry(NOW)
    log_contact(anouk, bob, "call", NOW + HOUR, outcome="reached")
    conveyor.run_dry(NOW + HOUR)
    conveyor.run_dry(NOW + 2 * DAY)
    assert not Alert.objects.filter(obligation=promised()).exists()


def test_a_lead_that_nobody_called_goes_to_somebody_else_when_the_agreement_says_so(agreed, anouk, bob):
    agreed(sales={"reassign_hours": 8})
    ask_for_demo(anouk, NOW)
    conveyor.run_dry(NOW)
    mia = Member.objects.create(name="Mia", email="mia@kasbouw.example", role=Role.SALES, joined_at=NOW)
    later = datetime.fromisoformat("2026-06-17T14:11+02:00")
    conveyor.run_dry(later - 2 * MINUTE)
    assert Handoff.objects.count() == 1
    conveyor.run_dry(later)
    first, second = Handoff.objects.order_by("pk")
    assert (second.owner, second.continues, second.at) == (mia, first, later)
    assert Withdrawal.objects.get().why == "reassigned"
    assert Alert.objects.get().step == "reassign"
    assert promised().member == mia
    assert Breach.objects.filter(obligation__handoff=first, obligation__kind="first_contact").count() == 1


def test_with_nobody_else_there_it_stays_and_is_asked_for_again(agreed, anouk, bob):
    agreed(sales={"reassign_hours": 8})
    ask_for_demo(anouk, NOW)
    conveyor.run_dry(NOW)
    later = datetime.fromisoformat("2026-06-17T14:11+02:00")
    conveyor.run_dry(later)
    assert Handoff.objects.get().holding.owner == bob
    assert promised().look_at == later + HOUR


@pytest.mark.parametrize("step", ["escalate_hours", "reassign_hours"])
def test_without_a_word_of_it_nothing_of_the_kind_happens(handoff, step):
    conveyor.run_dry(NOW + 30 * DAY)
    assert not Alert.objects.exists()
    assert Handoff.objects.count() == 1
