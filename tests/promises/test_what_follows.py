"""What is owed because of what happened since: a follow-up with a floor, a status that stays current, a second look."""

from datetime import date, datetime, timedelta

import pytest

from tests.conftest import NOW
from tests.promises.conftest import ask_for_demo
from tilth import conveyor
from tilth.deals.verbs import undo
from tilth.handoff.court import reviewer
from tilth.handoff.models import Return, Review
from tilth.handoff.verbs import accept, hand_back, log_contact, qualified, return_lead
from tilth.promises.catch_up import catch_up, rebuild
from tilth.promises.models import Obligation, Settlement
from tilth.team.models import Absence, Member
from tilth.touches.models import Team
from tilth.touches.record import record

MINUTE, HOUR, DAY = timedelta(minutes=1), timedelta(hours=1), timedelta(days=1)
TEN_DAYS_ON = NOW + 14 * DAY  # ten open days are agreed


def owed(kind: str) -> list[Obligation]:
    return list(Obligation.objects.filter(kind=kind).order_by("since").select_related("settlement"))


def ended(kind: str) -> list[tuple[bool, bool] | None]:
    """Kept and void, of each promise of a kind; None: open."""
    told = (getattr(row, "settlement", None) for row in owed(kind))
    return [settled and (settled.kept, settled.void) for settled in told]


def test_the_floor_of_calls_and_mails_meets_the_follow_up(handoff, bob):
    for n, kind in enumerate(("call", "mail", "call", "mail", "call")):
        assert ended("follow_up") == [None]
        log_contact(handoff.person, bob, kind, NOW + n * DAY, outcome="no answer")
        conveyor.catch_up_on(handoff.person_id, NOW + n * DAY)
    assert ended("follow_up") == [(True, False)]
    assert owed("follow_up")[0].due_at == NOW + 21 * DAY  # fifteen working days


def test_an_answer_or_a_verdict_meets_it_too(handoff, lead_of, bob):
    log_contact(handoff.person, bob, "call", NOW, outcome="reached")
    other = lead_of(1, NOW)
    accept(other, bob, NOW)
    qualified(other, bob, NOW + HOUR)
    conveyor.run_dry(NOW + HOUR)
    assert ended("follow_up") == [(True, False), (True, False)]


def test_after_the_days_it_is_broken_though_somebody_called_once(handoff, bob):
    log_contact(handoff.person, bob, "call", NOW, outcome="no answer")
    conveyor.run_dry(NOW + 22 * DAY)
    assert ended("follow_up") == [None]
    assert Obligation.objects.get(kind="follow_up").breach.cause == "idle"


def test_an_accepted_lead_is_to_be_heard_of_again_and_again(handoff, bob):
    accept(handoff, bob, NOW)
    conveyor.run_dry(NOW)
    assert [(row.since, row.due_at) for row in owed("status")] == [(NOW, TEN_DAYS_ON)]
    log_contact(handoff.person, bob, "call", NOW + 3 * DAY)
    conveyor.run_dry(TEN_DAYS_ON)
    assert [row.since for row in owed("status")] == [NOW, NOW + 3 * DAY]
    assert ended("status") == [(True, False), None]
    conveyor.run_dry(NOW + 18 * DAY)
    silent = owed("status")[1]
    assert (silent.open, silent.breach.cause) == (True, "idle")
    log_contact(handoff.person, bob, "mail", NOW + 20 * DAY)
    conveyor.run_dry(NOW + 20 * DAY)
    assert ended("status") == [(True, False), (False, False), None]


def test_an_acceptance_that_was_undone_asks_for_nothing(handoff, bob):
    done = accept(handoff, bob, NOW)
    conveyor.run_dry(NOW)
    undo(done.entry, bob, NOW + MINUTE)
    conveyor.run_dry(NOW + MINUTE)
    assert owed("status") == []


def test_with_its_end_the_last_silence_is_over(handoff, bob):
    accept(handoff, bob, NOW)
    hand_back(handoff, bob, "no-need", "", NOW + DAY)
    conveyor.run_dry(NOW + DAY)
    assert ended("status") == [(True, False)]
    conveyor.run_dry(NOW + 40 * DAY)
    assert len(owed("status")) == 1


def test_a_call_that_comes_in_by_telephone_system_is_heard_too(handoff, bob):
    accept(handoff, bob, NOW)
    record("call", NOW + 2 * DAY, NOW + 3 * DAY, person=handoff.person, team=Team.SALES)
    conveyor.run_dry(TEN_DAYS_ON)
    assert ended("status") == [(True, False), None]


def test_an_agreement_without_a_second_look_asks_nobody_for_one(handoff, bob):
    return_lead(handoff, bob, "no-fit", "", NOW)
    conveyor.run_dry(NOW)
    assert owed("review") == []


@pytest.fixture
def returned(agreed, anouk, bob, carla) -> Return:
    agreed(review={"reviewer": carla.email, "within_hours": 8})
    ask_for_demo(anouk, NOW)
    conveyor.run_dry(NOW)
    row = return_lead(anouk.handoffs.get(), bob, "no-fit", "", NOW).row
    conveyor.run_dry(NOW)
    return row


def test_a_returned_lead_is_looked_at_twice_by_the_named_reviewer(returned, carla):
    look = owed("review")[0]
    assert (look.member, look.debtor, look.since) == (carla, "manager", NOW)
    assert look.due_at == datetime.fromisoformat("2026-06-17T10:10+02:00")  # eight working hours later
    Review.objects.create(returned=returned, reviewer=carla, at=NOW + HOUR, verdict="upheld", charged_to="data")
    conveyor.catch_up_on(returned.handoff.person_id, NOW + HOUR)
    assert ended("review") == [(True, False)]


def test_the_second_look_is_owed_by_whom_the_court_asks(agreed, anouk, bob, carla):
    """Whoever's account is closed reviews nothing: then it is any manager's. Small and large letters are the same address."""
    version = agreed(review={"reviewer": carla.email, "within_hours": 8})
    Member.objects.filter(pk=carla.pk).update(email="Carla@Kasbouw.example", is_active=False)
    ask_for_demo(anouk, NOW)
    conveyor.run_dry(NOW)
    back = return_lead(anouk.handoffs.get(), bob, "no-fit", "", NOW)
    conveyor.run_dry(NOW)
    assert (
        (owed("review")[0].member, owed("review")[0].debtor)
        == (None, "manager")
        == (reviewer(version.terms), "manager")
    )
    undo(back.entry, bob, NOW)
    conveyor.run_dry(NOW)
    Member.objects.filter(pk=carla.pk).update(is_active=True)
    return_lead(anouk.handoffs.get(), bob, "no-fit", "", NOW)
    conveyor.run_dry(NOW)
    assert owed("review")[0].member == carla == reviewer(version.terms)


def test_the_reviewers_holiday_moves_it(agreed, anouk, bob, carla):
    agreed(review={"reviewer": carla.email, "within_hours": 8})
    Absence.objects.create(member=carla, first=date(2026, 6, 17), last=date(2026, 6, 19))
    ask_for_demo(anouk, NOW)
    conveyor.run_dry(NOW)
    return_lead(anouk.handoffs.get(), bob, "no-fit", "", NOW)
    conveyor.run_dry(NOW)
    assert owed("review")[0].due_at == datetime.fromisoformat("2026-06-22T10:10+02:00")


def test_a_second_look_that_nobody_took_is_broken_and_stays_open(returned):
    conveyor.run_dry(NOW + 2 * DAY)
    look = owed("review")[0]
    assert (look.open, look.breach.cause) == (True, "idle")


def test_rebuilding_gives_the_same_silences_looks_and_causes(handoff, lead_of, bob):
    accept(handoff, bob, NOW)
    log_contact(handoff.person, bob, "call", NOW + 3 * DAY)
    lead_of(1, NOW + DAY)
    later = NOW + 40 * DAY
    conveyor.run_dry(later)

    def ledger() -> list[tuple]:
        names = (
            "kind",
            "handoff",
            "since",
            "due_at",
            "open",
            "look_at",
            "settlement__kept",
            "breach__cause",
            "breach__at",
        )
        return list(Obligation.objects.order_by("kind", "handoff", "since").values_list(*names))

    before = ledger()
    assert Settlement.objects.filter(obligation__kind="status", kept=True).count() == 1
    rebuild(later)
    assert ledger() == before
    assert catch_up(later) == 0
