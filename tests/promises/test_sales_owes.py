"""What a handoff makes sales owe, and the events that settle it. No status is ever edited."""

from datetime import date, datetime, timedelta

import pytest

from tests.conftest import NOW
from tests.promises.conftest import DUE, WEDNESDAY, ask_for_demo
from tilth import conveyor
from tilth.agreement.models import Version
from tilth.deals.models import Deal, Won
from tilth.deals.verbs import lose, open_deal, undo, win
from tilth.handoff.models import Handoff
from tilth.handoff.verbs import accept, hand_back, log_contact, qualified, return_lead
from tilth.promises.catch_up import catch_up, rebuild
from tilth.promises.models import Obligation, Settlement
from tilth.team.models import Absence
from tilth.touches.models import Team
from tilth.touches.record import record

MINUTE = timedelta(minutes=1)


def owed(kind: str) -> Obligation:
    return Obligation.objects.get(kind=kind, handoff__isnull=False)


def settlement(kind: str) -> Settlement | None:
    return Settlement.objects.filter(obligation=owed(kind)).first()


def ledger() -> list[tuple]:
    """Every obligation and how it stands, without row ids."""
    return list(
        Obligation.objects.order_by("kind", "handoff", "due_at").values_list(
            "kind", "debtor", "member", "handoff", "version", "quantity", "since", "due_at", "open", "settlement__at",
            "settlement__kept", "settlement__void", "settlement__quantity", "settlement__good", "settlement__evidence",
        )
    )  # fmt: skip


def test_a_handoff_makes_sales_owe_a_first_contact_and_a_verdict(handoff, bob):
    first, verdict = owed("first_contact"), owed("verdict")
    assert (first.due_at, verdict.due_at) == (DUE, WEDNESDAY)
    assert {first.debtor, verdict.debtor} == {"sales"}
    assert {first.member, verdict.member} == {bob}
    assert first.since == verdict.since == NOW
    assert first.open
    assert verdict.open


def test_days_on_which_the_owner_is_away_do_not_count(agreement, bob, lead_of):
    Absence.objects.create(member=bob, first=date(2026, 6, 17), last=date(2026, 6, 18))
    late_on_tuesday = datetime.fromisoformat("2026-06-16T16:00+02:00")
    lead_of(1, late_on_tuesday)
    friday = datetime.fromisoformat("2026-06-19T11:30+02:00")
    assert owed("first_contact").due_at == friday
    assert owed("verdict").due_at == WEDNESDAY + timedelta(days=2)  # the moment moves to the next open day


def test_a_promise_stays_as_it_was_made_when_the_absence_is_called_off(agreement, bob, lead_of):
    away = Absence.objects.create(member=bob, first=date(2026, 6, 17), last=date(2026, 6, 18))
    lead_of(1, datetime.fromisoformat("2026-06-16T16:00+02:00"))
    before = ledger()
    away.delete()
    rebuild(NOW + timedelta(hours=8))
    assert ledger() == before


@pytest.mark.parametrize("kind", ["call", "mail", "meeting"])
def test_the_first_contact_is_what_sales_did(handoff, bob, kind):
    touch = log_contact(handoff.person, bob, kind, NOW + MINUTE).row
    conveyor.catch_up_on(handoff.person_id, NOW + MINUTE)
    met = settlement("first_contact")
    assert (met.at, met.kept, met.void, met.evidence) == (NOW + MINUTE, True, False, f"touch {touch.pk}")
    assert not owed("first_contact").open
    assert owed("verdict").open


def test_accepting_a_note_or_a_visit_of_theirs_is_no_contact(handoff, bob):
    accept(handoff, bob, NOW)
    log_contact(handoff.person, bob, "note", NOW)
    record("page", NOW, NOW, person=handoff.person)
    conveyor.run_dry(NOW + MINUTE)
    assert owed("first_contact").open
    assert owed("verdict").open


def test_marketing_calling_is_not_sales_calling(handoff, ann):
    log_contact(handoff.person, ann, "call", NOW + MINUTE)
    conveyor.run_dry(NOW + MINUTE)
    assert owed("first_contact").open


def test_a_call_that_a_telephone_system_brings_in_counts_too(handoff):
    record("call", NOW + MINUTE, NOW + 5 * MINUTE, person=handoff.person, team=Team.SALES)
    conveyor.run_dry(NOW + 5 * MINUTE)
    assert settlement("first_contact").at == NOW + MINUTE


def test_an_earlier_call_that_comes_in_later_moves_the_moment_back(handoff, bob):
    log_contact(handoff.person, bob, "call", NOW + 9 * MINUTE)
    conveyor.run_dry(NOW + 9 * MINUTE)
    early = record("call", NOW + MINUTE, NOW + timedelta(hours=2), person=handoff.person, team=Team.SALES)[0]
    conveyor.run_dry(NOW + timedelta(hours=2))
    assert settlement("first_contact").evidence == f"touch {early.pk}"


def test_a_call_before_the_handoff_does_not_count_for_it(agreement, anouk, bob):
    log_contact(anouk, bob, "call", NOW - MINUTE)
    ask_for_demo(anouk, NOW)
    conveyor.run_dry(NOW)
    assert owed("first_contact").open


def test_a_clock_ten_years_ahead_settles_nothing(handoff):
    record("call", NOW + timedelta(days=3650), NOW, person=handoff.person, team=Team.SALES)
    conveyor.run_dry(NOW + MINUTE)
    assert owed("first_contact").open


def test_a_late_contact_is_settled_and_not_kept(handoff, bob):
    log_contact(handoff.person, bob, "call", DUE + MINUTE)
    conveyor.run_dry(DUE + MINUTE)
    met = settlement("first_contact")
    assert (met.at, met.kept, met.void) == (DUE + MINUTE, False, False)


def test_at_the_very_moment_it_is_still_kept(handoff, bob):
    log_contact(handoff.person, bob, "call", DUE)
    conveyor.run_dry(DUE)
    assert settlement("first_contact").kept


def test_an_undone_call_opens_the_promise_again(handoff, bob):
    done = log_contact(handoff.person, bob, "call", NOW + MINUTE)
    conveyor.catch_up_on(handoff.person_id, NOW + MINUTE)
    undo(done.entry, bob, NOW + 2 * MINUTE)
    conveyor.run_dry(NOW + 2 * MINUTE)
    assert owed("first_contact").open
    assert settlement("first_contact") is None


def test_of_two_calls_the_undone_one_leaves_the_other(handoff, bob):
    done = log_contact(handoff.person, bob, "call", NOW + MINUTE)
    other = log_contact(handoff.person, bob, "mail", NOW + 2 * MINUTE)
    conveyor.run_dry(NOW + 2 * MINUTE)
    undo(done.entry, bob, NOW + 3 * MINUTE)
    conveyor.run_dry(NOW + 3 * MINUTE)
    assert settlement("first_contact").evidence == f"touch {other.row.pk}"


def test_returning_in_time_gives_the_verdict_and_ends_the_need_to_call(handoff, bob):
    row = return_lead(handoff, bob, "wrong-data", "no such number", NOW + MINUTE).row
    conveyor.run_dry(NOW + MINUTE)
    assert (settlement("verdict").kept, settlement("verdict").evidence) == (True, f"return {row.pk}")
    assert (settlement("first_contact").void, settlement("first_contact").kept) == (True, False)


def test_returning_after_the_contact_was_due_does_not_undo_that_nobody_called(handoff, bob):
    return_lead(handoff, bob, "wrong-data", "", DUE + MINUTE)
    conveyor.run_dry(DUE + MINUTE)
    missed = settlement("first_contact")
    assert (missed.void, missed.kept, missed.quantity) == (False, False, 0)


def test_a_call_after_the_return_is_not_for_the_returned_handoff(handoff, bob):
    return_lead(handoff, bob, "not-ready", "", NOW + MINUTE)
    log_contact(handoff.person, bob, "call", NOW + 2 * MINUTE)
    conveyor.run_dry(NOW + 2 * MINUTE)
    assert settlement("first_contact").void


def test_an_undone_return_opens_both_promises_again(handoff, bob):
    done = return_lead(handoff, bob, "not-ready", "", NOW + MINUTE)
    conveyor.run_dry(NOW + MINUTE)
    undo(done.entry, bob, NOW + 2 * MINUTE)
    conveyor.run_dry(NOW + 2 * MINUTE)
    assert owed("first_contact").open
    assert owed("verdict").open
    assert not Settlement.objects.exclude(obligation__kind="delivery").exists()


def test_qualifying_by_wednesday_keeps_the_verdict(handoff, bob):
    accept(handoff, bob, NOW)
    row = qualified(handoff, bob, WEDNESDAY).row
    conveyor.run_dry(WEDNESDAY)
    assert (settlement("verdict").kept, settlement("verdict").evidence) == (True, f"qualified {row.pk}")


def test_qualifying_a_minute_after_wednesday_breaks_it(handoff, bob):
    accept(handoff, bob, NOW)
    qualified(handoff, bob, WEDNESDAY + MINUTE)
    conveyor.run_dry(WEDNESDAY + MINUTE)
    assert not settlement("verdict").kept


def test_handing_back_is_a_verdict(handoff, bob):
    accept(handoff, bob, NOW)
    row = hand_back(handoff, bob, "no-need", "", NOW + MINUTE).row
    conveyor.run_dry(NOW + MINUTE)
    assert settlement("verdict").evidence == f"hand-back {row.pk}"


def test_opening_a_deal_is_a_verdict_and_undoing_it_takes_it_away(handoff, bob):
    accept(handoff, bob, NOW)
    done = open_deal(handoff.person, bob, "Greenhouse", 24_000_00, "EUR", NOW + MINUTE)
    conveyor.run_dry(NOW + MINUTE)
    assert settlement("verdict").evidence == f"deal {done.row.pk}"
    undo(done.entry, bob, NOW + 2 * MINUTE)
    conveyor.run_dry(NOW + 2 * MINUTE)
    assert owed("verdict").open


def test_a_deal_won_without_a_logged_contact_shows_that_none_was_made(handoff, bob):
    accept(handoff, bob, NOW)
    deal = open_deal(handoff.person, bob, "Greenhouse", 24_000_00, "EUR", NOW + MINUTE).row
    won = win(deal, bob, DUE + MINUTE).row
    conveyor.run_dry(DUE + MINUTE)
    missed = settlement("first_contact")
    assert (missed.kept, missed.void, missed.evidence) == (False, False, f"won {won.pk}")


def test_a_handoff_goes_on_while_one_of_its_deals_is_open(handoff, bob):
    accept(handoff, bob, NOW)
    one = open_deal(handoff.person, bob, "One", 1_00, "EUR", NOW + MINUTE).row
    open_deal(handoff.person, bob, "Two", 1_00, "EUR", NOW + MINUTE)
    lose(one, bob, "price", "", NOW + 2 * MINUTE)
    conveyor.run_dry(NOW + 2 * MINUTE)
    assert owed("first_contact").open


def test_a_deal_from_another_system_is_a_verdict_too(handoff):
    deal = Deal.objects.create(
        name="Imported", person=handoff.person, currency="EUR", opened_at=NOW + MINUTE, learned_at=NOW + 9 * MINUTE,
        system="crm", external_id="7",
    )  # fmt: skip
    conveyor.run_dry(NOW + 9 * MINUTE)
    assert settlement("verdict").evidence == f"deal {deal.pk}"


def test_winning_an_older_imported_deal_is_a_verdict(handoff):
    deal = Deal.objects.create(
        name="Old", person=handoff.person, currency="EUR", opened_at=NOW - timedelta(days=9), learned_at=NOW,
        system="crm", external_id="8",
    )  # fmt: skip
    conveyor.run_dry(NOW)
    assert owed("verdict").open
    won = Won.objects.create(deal=deal, at=NOW + MINUTE, amount=1)
    conveyor.run_dry(NOW + 2 * MINUTE)
    assert settlement("verdict").evidence == f"won {won.pk}"


def test_a_lead_late_in_the_week_is_judged_in_the_next(lead_of, agreement):
    thursday = datetime.fromisoformat("2026-06-18T10:00+02:00")
    lead_of(1, thursday)
    assert owed("verdict").due_at == WEDNESDAY + timedelta(days=7)


def test_on_wednesday_afternoon_nobody_owes_a_verdict_before_the_call(lead_of, agreement):
    lead_of(1, datetime.fromisoformat("2026-06-17T15:00+02:00"))
    assert owed("first_contact").due_at == datetime.fromisoformat("2026-06-18T10:30+02:00")
    assert owed("verdict").due_at == WEDNESDAY + timedelta(days=7)


def test_what_was_promised_under_a_version_stays_under_it(handoff, agreement, preset, ann, bob):
    preset["sla"]["sales"]["first_contact_hours"] = {1: 1, 2: 1, 3: 1, 4: 1}
    newer = Version.write(preset, ann, NOW + MINUTE)
    newer.sign(ann, "marketing", NOW + MINUTE)
    newer.sign(bob, "sales", NOW + MINUTE)
    conveyor.run_dry(NOW + 2 * MINUTE)
    assert owed("first_contact").due_at == DUE
    assert owed("first_contact").version == agreement


def test_a_second_pass_changes_nothing(handoff, bob):
    log_contact(handoff.person, bob, "call", NOW + MINUTE)
    conveyor.run_dry(NOW + MINUTE)
    before = ledger()
    assert catch_up(NOW + MINUTE) == 0
    assert catch_up(NOW + 2 * MINUTE, handoff.person_id) == 0
    assert ledger() == before


def test_a_quiet_ledger_is_cheap(handoff, django_assert_max_num_queries):
    conveyor.run_dry(NOW + timedelta(minutes=5))
    with django_assert_max_num_queries(12):
        assert catch_up(NOW + timedelta(minutes=10)) == 0


def test_rebuilding_gives_the_same_ledger(handoff, lead_of, bob, carla):
    log_contact(handoff.person, bob, "call", NOW + MINUTE)
    other = lead_of(2, NOW + timedelta(days=1))
    return_lead(other, carla, "no-fit", "", NOW + timedelta(days=1, minutes=1))
    later = NOW + timedelta(days=15)
    conveyor.run_dry(later)
    before = ledger()
    assert len(before) > 6
    rebuild(later)
    assert ledger() == before
    assert catch_up(later) == 0


def test_a_page_that_looks_at_the_newest_handoff_hides_none_before_it(agreement, lead_of, monkeypatch):
    monkeypatch.setattr("tilth.promises.catch_up.OVERLAP", 0)
    monkeypatch.setitem(conveyor.STAGES, "promises", lambda *_: 0)
    for n in range(4):
        lead_of(n, NOW)
    assert not Obligation.objects.filter(handoff__isnull=False).exists()
    newest = Handoff.objects.latest("pk")
    catch_up(NOW, newest.person_id)
    catch_up(NOW)
    assert not Handoff.objects.filter(obligations=None).exists()
    Obligation.objects.exclude(handoff=newest).delete()
    rebuild(NOW)
    assert not Handoff.objects.filter(obligations=None).exists()
