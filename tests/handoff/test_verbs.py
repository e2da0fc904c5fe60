"""The way of one lead through sales: every verb, who may, and what it leaves behind."""

from datetime import date, timedelta

import pytest

from tests.conftest import NOW
from tilth import conveyor
from tilth.agreement.models import Version
from tilth.deals.models import Deal
from tilth.deals.verbs import change_amount, lose, open_deal, undo, win
from tilth.handoff.models import Acceptance, Handoff, Holding, Return
from tilth.handoff.verbs import (
    AlreadyOver,
    DataMissing,
    NotYet,
    NotYours,
    TooLate,
    UnknownReason,
    accept,
    hand_back,
    hand_off,
    log_contact,
    qualified,
    return_lead,
)
from tilth.journal.models import Entry
from tilth.qualify.models import Ripe, StageChange, Standing
from tilth.team.models import Absence, Member
from tilth.touches.models import Evidence, Origin, Touch
from tilth.touches.record import offer, record


def ask_for_demo(person, at=NOW):
    return record("form", at, at, person=person, offer=offer("demo", at), evidence=Evidence.DECLARED, source="search")


@pytest.fixture
def handoff(agreement, anouk) -> Handoff:
    """Anouk asked for a demo and was handed to Bob."""
    ask_for_demo(anouk)
    conveyor.run_dry(NOW)
    return Handoff.objects.get()


def standing(person) -> Standing:
    return Standing.objects.get(person=person)


def test_a_ripe_lead_goes_to_one_owner_with_reasons_that_sum(handoff, anouk, bob):
    assert handoff.owner == bob
    assert Holding.objects.get().owner == bob
    assert (handoff.grade, handoff.level, handoff.value) == ("A", 4, 576_000)
    assert sum(w["points"] for w in handoff.why["interest"]) == pytest.approx(45)
    assert handoff.routing["chosen"] == bob.pk
    assert list(StageChange.objects.filter(person=anouk).order_by("id").values_list("stage", flat=True)) == ["mql"]


def test_a_second_pass_changes_nothing(handoff):
    before = (Handoff.objects.count(), StageChange.objects.count(), Entry.objects.count())
    conveyor.run_dry(NOW + timedelta(seconds=1))
    assert (Handoff.objects.count(), StageChange.objects.count(), Entry.objects.count()) == before


def test_missing_data_is_named_and_blocks_as_the_agreement_says(agreement, anouk):
    anouk.phones.all().delete()
    ask_for_demo(anouk)
    conveyor.run_dry(NOW)
    ripe = Ripe.objects.get()
    assert (ripe.waits_for, ripe.missing) == ("data", ["phone"])
    with pytest.raises(DataMissing, match="phone"):
        hand_off(anouk, NOW)


def test_what_was_missing_arrives_and_the_lead_goes(agreement, anouk):
    from tilth.people.known import Told, keep

    anouk.phones.all().delete()
    ask_for_demo(anouk)
    conveyor.run_dry(NOW)
    keep(Told(emails=["anouk@zonneveldtomaten.example"], phones=["010 555 01 42"]), NOW, "typed in")
    conveyor.run_dry(NOW)
    assert Handoff.objects.count() == 1


def lacking_a_phone(anouk):
    anouk.phones.all().delete()
    record("form", NOW, NOW, person=anouk, offer=offer("demo", NOW))
    conveyor.run_dry(NOW)
    return Ripe.objects.get()


def test_who_still_lacks_the_same_is_not_tried_again(agreement, anouk):
    far = lacking_a_phone(anouk).look_at
    later = NOW + timedelta(hours=1)
    record("page", later, later, person=anouk, url="/prices")
    conveyor.run_dry(later)
    ripe = Ripe.objects.get()
    assert (ripe.waits_for, ripe.look_at, ripe.counted_at) == ("data", far, later)


def test_who_waited_for_data_goes_once_a_version_only_flags_it(agreement, preset, anouk, ann, bob):
    lacking_a_phone(anouk)
    later = NOW + timedelta(hours=1)
    preset["handoff"]["missing"] = "flag"
    version = Version.write(preset, ann, later)
    version.sign(ann, "marketing", later)
    version.sign(bob, "sales", later)
    conveyor.run_dry(later)
    assert Handoff.objects.get().why["missing"] == ["phone"]


def test_who_is_held_leaves_the_short_list_with_a_fixed_number_of_questions(
    agreement, handoff, anouk, bob, django_assert_max_num_queries
):
    later = NOW + timedelta(hours=1)
    record("page", later, later, person=anouk, url="/prices")
    conveyor.STAGES["qualify"](later)
    assert Ripe.objects.get().person == anouk
    with django_assert_max_num_queries(8):
        assert conveyor.STAGES["handoff"](later) == 1
    assert not Ripe.objects.exists()
    assert Holding.objects.get().owner == bob


def test_nobody_absent_gets_a_lead(agreement, anouk, bob):
    Absence.objects.create(member=bob, first=date(2026, 6, 15), last=date(2026, 6, 19))
    ask_for_demo(anouk)
    conveyor.run_dry(NOW)
    assert Ripe.objects.get().waits_for == "owner"
    Absence.objects.all().delete()
    conveyor.run_dry(NOW + timedelta(hours=1))
    assert Handoff.objects.get().owner == bob


def test_accepting_twice_is_accepting_once(handoff, bob):
    first = accept(handoff, bob, NOW)
    again = accept(handoff, bob, NOW + timedelta(minutes=1))
    assert again.row == first.row
    assert again.entry is None
    assert Acceptance.objects.get().at == NOW


def test_another_seller_may_not_but_a_manager_may(handoff, carla):
    femke = Member.objects.create(name="Femke Bakker", email="femke@kasbouw.example", role="sales", joined_at=NOW)
    with pytest.raises(NotYours, match="Bob Jansen"):
        accept(handoff, femke, NOW)
    assert accept(handoff, carla, NOW).row.member == carla


def test_a_return_needs_a_reason_of_the_agreement(handoff, bob):
    with pytest.raises(UnknownReason, match="not-ready"):
        return_lead(handoff, bob, "do not like", "", NOW)
    assert Holding.objects.exists()


def test_a_returned_lead_is_with_marketing_and_not_handed_off_again_at_once(handoff, anouk, bob):
    return_lead(handoff, bob, "not-ready", "Next year", NOW)
    conveyor.run_dry(NOW)
    assert not Holding.objects.exists()
    assert standing(anouk).stage == "lead"
    assert Ripe.objects.get().waits_for == "news"
    assert Handoff.objects.count() == 1


def test_a_returned_lead_comes_again_when_something_new_counts(handoff, anouk, bob):
    return_lead(handoff, bob, "not-ready", "", NOW)
    conveyor.run_dry(NOW)
    later = NOW + timedelta(days=2)
    ask_for_demo(anouk, later)
    conveyor.run_dry(later)
    assert Handoff.objects.count() == 2
    assert standing(anouk).stage == "mql"


def test_a_returned_lead_comes_again_on_the_day_that_sales_named(handoff, anouk, bob):
    return_lead(handoff, bob, "not-ready", "", NOW, wake_on=date(2026, 6, 18))
    conveyor.run_dry(NOW)
    conveyor.run_dry(NOW + timedelta(days=1))
    assert Handoff.objects.count() == 1
    conveyor.run_dry(NOW + timedelta(days=2))
    assert Handoff.objects.count() == 2


def test_only_an_accepted_lead_becomes_an_sql(handoff, anouk, bob):
    with pytest.raises(NotYet):
        qualified(handoff, bob, NOW)
    accept(handoff, bob, NOW)
    qualified(handoff, bob, NOW)
    assert standing(anouk).stage == "sql"


def test_an_accepted_lead_is_handed_back_not_returned(handoff, anouk, bob):
    accept(handoff, bob, NOW)
    with pytest.raises(AlreadyOver, match="Hand it back"):
        return_lead(handoff, bob, "not-ready", "", NOW)
    hand_back(handoff, bob, "no-budget", "Decides in spring", NOW)
    assert standing(anouk).stage == "lead"
    with pytest.raises(AlreadyOver):
        qualified(handoff, bob, NOW)


def test_a_lead_with_an_open_deal_is_not_handed_back(handoff, anouk, bob):
    accept(handoff, bob, NOW)
    open_deal(anouk, bob, "Night heating", 4_000_000, "EUR", NOW)
    with pytest.raises(NotYet, match="deal is open"):
        hand_back(handoff, bob, "later", "", NOW)


def test_a_won_deal_makes_a_customer_and_ends_the_holding(handoff, anouk, bob):
    accept(handoff, bob, NOW)
    qualified(handoff, bob, NOW)
    deal = open_deal(anouk, bob, "Night heating", 4_000_000, "EUR", NOW).row
    won = win(deal, bob, NOW, 3_900_000)
    assert (won.row.amount, standing(anouk).stage) == (3_900_000, "customer")
    assert not Holding.objects.exists()
    conveyor.run_dry(NOW)
    assert Handoff.objects.count() == 1


def test_a_lost_deal_goes_back_to_marketing_with_its_reason(handoff, anouk, bob):
    accept(handoff, bob, NOW)
    deal = open_deal(anouk, bob, "Night heating", 4_000_000, "EUR", NOW).row
    with pytest.raises(UnknownReason):
        lose(deal, bob, "bad luck", "", NOW)
    lose(deal, bob, "price", "", NOW)
    assert standing(anouk).stage == "lead"
    assert not Holding.objects.exists()


def test_a_logged_call_is_a_touch_of_sales_and_undoing_retracts_it(handoff, anouk, bob):
    done = log_contact(anouk, bob, "call", NOW, outcome="reached", note="Wants a visit")
    assert (done.row.team, done.row.properties["outcome"]) == ("sales", "reached")
    undo(done.entry, bob, NOW)
    assert Touch.objects.get(pk=done.row.pk).evidence == Evidence.RETRACTED


@pytest.mark.parametrize("verb", ["accept", "return", "qualify", "back", "won", "lost", "open"])
def test_undoing_restores_what_was(handoff, anouk, bob, verb):
    def state():
        return (
            list(Holding.objects.values_list("person", "owner", "open_deals")),
            list(Standing.objects.values_list("stage", "round_ended_at")),
            list(StageChange.objects.values_list("id", "stage")),
            Acceptance.objects.count(),
            Return.objects.count(),
        )

    deal = None
    if verb in ("qualify", "back", "won", "lost", "open"):
        accept(handoff, bob, NOW)
    if verb in ("won", "lost"):
        deal = open_deal(anouk, bob, "Deal", 100_00, "EUR", NOW).row
    before = state()
    done = {
        "accept": lambda: accept(handoff, bob, NOW),
        "return": lambda: return_lead(handoff, bob, "not-ready", "", NOW),
        "qualify": lambda: qualified(handoff, bob, NOW),
        "back": lambda: hand_back(handoff, bob, "later", "", NOW),
        "open": lambda: open_deal(anouk, bob, "Deal", None, "EUR", NOW),
        "won": lambda: win(deal, bob, NOW),
        "lost": lambda: lose(deal, bob, "price", "", NOW),
    }[verb]()
    assert state() != before
    undo(done.entry, bob, NOW + timedelta(minutes=5))
    assert state() == before
    with pytest.raises(TooLate):
        undo(done.entry, bob, NOW + timedelta(minutes=6))


def test_undo_is_for_a_short_while_and_not_under_later_steps(handoff, bob):
    accepted = accept(handoff, bob, NOW)
    qualified(handoff, bob, NOW)
    with pytest.raises(TooLate, match="later step"):
        undo(accepted.entry, bob, NOW)
    with pytest.raises(TooLate, match="Ten minutes"):
        undo(accepted.entry, bob, NOW + timedelta(minutes=11))


def test_an_acceptance_stays_when_a_deal_came_of_it(handoff, anouk, bob):
    accepted = accept(handoff, bob, NOW)
    deal = open_deal(anouk, bob, "Night heating", 100_00, "EUR", NOW).row
    lose(deal, bob, "price", "", NOW)
    with pytest.raises(TooLate, match="later step"):
        undo(accepted.entry, bob, NOW)
    assert Acceptance.objects.exists()


def test_undoing_an_older_amount_says_that_it_was_changed_again(handoff, anouk, bob):
    accept(handoff, bob, NOW)
    deal = open_deal(anouk, bob, "Night heating", 100_00, "EUR", NOW).row
    first, second = (change_amount(deal, bob, amount, NOW) for amount in (200_00, 300_00))
    with pytest.raises(TooLate, match="changed again"):
        undo(first.entry, bob, NOW)
    undo(second.entry, bob, NOW)
    undo(first.entry, bob, NOW)
    assert Deal.objects.get().amount == 100_00


def test_nothing_of_a_deal_can_be_undone_once_its_opening_was(handoff, anouk, bob):
    accept(handoff, bob, NOW)
    opened = open_deal(anouk, bob, "Night heating", 100_00, "EUR", NOW)
    changed = change_amount(opened.row, bob, 200_00, NOW)
    undo(opened.entry, bob, NOW)
    with pytest.raises(TooLate, match="deal is gone"):
        undo(changed.entry, bob, NOW)


def test_a_chat_that_was_taken_back_made_nobody_a_lead(handoff, anouk, bob):
    first = Origin.objects.get()
    done = log_contact(anouk, bob, "chat", NOW, at=NOW - timedelta(days=1))
    assert Origin.objects.get().touch == done.row
    undo(done.entry, bob, NOW)
    assert Origin.objects.get().touch == first.touch
    Touch.objects.filter(pk=first.touch_id).update(evidence=Evidence.RETRACTED)
    again = log_contact(anouk, bob, "chat", NOW, at=NOW - timedelta(days=2))
    undo(again.entry, bob, NOW)
    assert not Origin.objects.exists()


def test_a_deal_of_another_system_does_not_keep_a_lead_that_was_won(handoff, anouk, bob):
    """And making the holdings anew says the same."""
    accept(handoff, bob, NOW)
    deal = open_deal(anouk, bob, "Night heating", 100_00, "EUR", NOW).row
    Deal.objects.create(name="Of the CRM", person=anouk, currency="EUR", opened_at=NOW, learned_at=NOW)
    win(deal, bob, NOW)
    assert not Holding.objects.exists()
    conveyor.rebuild(NOW)
    assert not Holding.objects.exists()


def test_no_deal_is_opened_on_a_handoff_that_is_over(handoff, anouk, bob):
    return_lead(handoff, bob, "not-ready", "", NOW)
    with pytest.raises(AlreadyOver):
        open_deal(anouk, bob, "Night heating", None, "EUR", NOW, handoff)


def test_every_verb_leaves_one_line_in_the_journal(handoff, anouk, bob):
    accept(handoff, bob, NOW)
    log_contact(anouk, bob, "call", NOW)
    qualified(handoff, bob, NOW)
    verbs = list(Entry.objects.filter(person_id=anouk.pk).order_by("id").values_list("verb", flat=True))
    assert verbs == ["handed off", "accepted", "logged call", "qualified"]


def test_a_lost_deal_is_not_opened_again_once_the_lead_has_gone(handoff, anouk, bob):
    accept(handoff, bob, NOW)
    one, two = (open_deal(anouk, bob, name, 100_00, "EUR", NOW).row for name in ("One", "Two"))
    lost = lose(one, bob, "price", "", NOW)
    won = win(two, bob, NOW)
    with pytest.raises(TooLate, match="Undo that one first"):
        undo(lost.entry, bob, NOW)
    undo(won.entry, bob, NOW)
    undo(lost.entry, bob, NOW)
    assert Holding.objects.get().open_deals == 2


def test_the_last_open_deal_beside_a_lost_one_is_not_undone_but_ended(handoff, anouk, bob):
    accept(handoff, bob, NOW)
    one, two = (open_deal(anouk, bob, name, 100_00, "EUR", NOW) for name in ("One", "Two"))
    lost = lose(one.row, bob, "price", "", NOW)
    with pytest.raises(TooLate, match="Say how it ended"):
        undo(two.entry, bob, NOW)
    undo(lost.entry, bob, NOW)
    undo(two.entry, bob, NOW)
    assert Holding.objects.get().open_deals == 1


def test_a_lost_deal_of_another_system_takes_no_lead_from_who_works_on_it(handoff, anouk, bob):
    accept(handoff, bob, NOW)
    qualified(handoff, bob, NOW)
    loose = Deal.objects.create(name="Of the CRM", person=anouk, currency="EUR", learned_at=NOW)
    lose(loose, bob, "", "", NOW)
    assert (standing(anouk).stage, standing(anouk).round_ended_at) == ("sql", None)
    assert Holding.objects.get().owner == bob


def test_a_ripe_lead_that_another_version_would_not_hand_off_stays(agreement, preset, anouk, bob, ann):
    """Nobody was there for the lead; then a version takes effect that nurtures it, and the handoff stage comes first."""
    Absence.objects.create(member=bob, first=NOW.date(), last=NOW.date(), why="Ill")
    ask_for_demo(anouk)
    conveyor.run_dry(NOW)
    assert Ripe.objects.get().waits_for == Ripe.Lack.OWNER
    preset["matrix"] = {grade: ["nurture"] * 4 for grade in "ABCD"} | {"A": ["nurture"] * 3 + ["review"]}
    newer = Version.write(preset, ann, NOW)
    later = NOW + timedelta(days=1)
    newer.sign(ann, "marketing", NOW, later)
    newer.sign(bob, "sales", NOW, later)
    conveyor.STAGES["handoff"](later)
    assert not Handoff.objects.exists()
    assert not Ripe.objects.exists()
    assert standing(anouk).version == newer
