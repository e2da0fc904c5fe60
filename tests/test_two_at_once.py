"""Two things that happen at once: what one person does and has not finished never undoes what another does beside it.

The first runs in a transaction that stays open while the second runs in a thread, as in another process.
"""

from collections.abc import Callable
from datetime import timedelta
from threading import Thread
from time import sleep
from typing import Any

import pytest
from django.db import connection, transaction

from tests.conftest import NOW, SIGNED
from tilth import conveyor
from tilth.agreement.models import Version, running
from tilth.deals.bulk import FIELDS, Book, Telling
from tilth.deals.models import Deal, Lost, Won
from tilth.deals.together import Together, together
from tilth.deals.verbs import change_amount, lose, open_deal, undo, win
from tilth.handoff import catch_up as passing_on
from tilth.handoff import leaving
from tilth.handoff.models import HandBack, Handoff, Holding, Withdrawal
from tilth.handoff.passing import pass_on
from tilth.handoff.verbs import NotYet, TooLate, accept, hand_back, hand_off, log_contact, return_lead
from tilth.journal.models import Entry
from tilth.people.known import Told, keep
from tilth.people.models import Person
from tilth.qualify.catch_up import evaluate
from tilth.qualify.models import Stage, StageChange, Standing, move
from tilth.team.models import Member, Role
from tilth.touches.models import Evidence, Touch
from tilth.touches.record import offer, record

pytestmark = pytest.mark.django_db(transaction=True)
LATER = NOW + timedelta(hours=1)


def ask_for_demo(person: Person, at: Any) -> None:
    record("form", at, at, person=person, offer=offer("demo", at), evidence=Evidence.DECLARED)


@pytest.fixture
def handoff(agreement, anouk, bob) -> Handoff:
    ask_for_demo(anouk, NOW)
    conveyor.run_dry(NOW)
    return Handoff.objects.get()


def beside(first: Callable[[], Any], second: Callable[[], Any]) -> Exception | None:
    """Do `first`, and `second` before `first` is committed; returns what the second one was refused with."""
    refused: list[Exception] = []

    def beside_it() -> None:
        try:
            second()
        except Exception as why:
            refused.append(why)
        finally:
            connection.close()

    other = Thread(target=beside_it)
    with transaction.atomic():
        first()
        other.start()
        sleep(0.3)
    other.join()
    return next(iter(refused), None)


def test_two_teams_that_sign_at_once_put_the_agreement_in_force(preset, ann, bob):
    version = Version.write(preset, ann, SIGNED)
    beside(lambda: version.sign(ann, "marketing", SIGNED), lambda: version.sign(bob, "sales", SIGNED))
    assert running(NOW) == version


def test_two_deals_of_one_lead_that_end_at_once_end_its_holding(handoff, anouk, bob):
    accept(handoff, bob, NOW)
    one, two = (open_deal(anouk, bob, name, 100_00, "EUR", NOW).row for name in ("One", "Two"))
    assert beside(lambda: win(one, bob, LATER), lambda: lose(two, bob, "price", "", LATER)) is None
    assert not Holding.objects.exists()
    assert Standing.objects.get().stage == Stage.CUSTOMER


def test_a_lead_is_not_handed_back_while_a_deal_is_being_opened(handoff, anouk, bob):
    accept(handoff, bob, NOW)
    why = beside(
        lambda: open_deal(anouk, bob, "Night heating", None, "EUR", LATER),
        lambda: hand_back(handoff, bob, "later", "", LATER),
    )
    assert isinstance(why, NotYet)
    assert not HandBack.objects.exists()
    assert Holding.objects.get().open_deals == 1


def test_the_journal_knows_the_amount_that_somebody_else_had_just_set(handoff, anouk, bob):
    accept(handoff, bob, NOW)
    deal = open_deal(anouk, bob, "Night heating", 100_00, "EUR", NOW).row
    mine = Deal.objects.get()
    beside(lambda: change_amount(deal, bob, 200_00, LATER), lambda: change_amount(mine, bob, 300_00, LATER))
    was = [entry.data["was"] for entry in Entry.objects.filter(verb="changed amount").order_by("id")]
    assert was == [100_00, 200_00]


def test_a_first_look_at_somebody_does_not_take_back_that_they_bought(agreement, anouk):
    ask_for_demo(anouk, NOW)
    with transaction.atomic():
        Standing.objects.filter(person=anouk).delete()
    beside(
        lambda: move(anouk.pk, Stage.CUSTOMER, NOW, agreement, "won"),
        lambda: in_one_transaction(lambda: evaluate([anouk.pk], agreement, NOW)),
    )
    assert Standing.objects.get().stage == Stage.CUSTOMER
    assert StageChange.objects.order_by("id").last().stage == Stage.CUSTOMER


def test_two_first_looks_at_somebody_are_recorded_once(agreement, anouk):
    ask_for_demo(anouk, NOW)
    look = lambda: in_one_transaction(lambda: evaluate([anouk.pk], agreement, NOW))  # noqa: E731
    assert beside(look, look) is None
    assert StageChange.objects.filter(was="").count() == 1


def test_who_qualifies_last_has_seen_every_touch(agreement, anouk):
    conveyor.run_dry(NOW)
    before = Standing.objects.get().interest_points

    def asks_and_is_qualified() -> None:
        Standing.objects.select_for_update().get()
        ask_for_demo(anouk, NOW)
        evaluate([anouk.pk], agreement, NOW)

    beside(asks_and_is_qualified, lambda: in_one_transaction(lambda: evaluate([anouk.pk], agreement, NOW)))
    assert Standing.objects.get().interest_points > before


def test_a_lead_that_rests_wakes_for_what_it_does_while_we_look(handoff, anouk, bob, agreement):
    return_lead(handoff, bob, "not-ready", "", NOW)
    conveyor.STAGES["qualify"](NOW)

    def asks_again() -> None:
        ask_for_demo(anouk, LATER)
        evaluate([anouk.pk], agreement, LATER)

    beside(asks_again, lambda: passing_on.catch_up(LATER))
    passing_on.catch_up(LATER)
    assert Handoff.objects.count() == 2


def in_one_transaction(work: Callable[[], Any]) -> None:
    with transaction.atomic():
        work()


def test_a_deal_is_won_for_the_amount_that_somebody_else_had_just_set(handoff, anouk, bob):
    accept(handoff, bob, NOW)
    deal = open_deal(anouk, bob, "Night heating", 100_00, "EUR", NOW).row
    mine = Deal.objects.get()
    beside(lambda: change_amount(deal, bob, 200_00, LATER), lambda: win(mine, bob, LATER))
    assert Won.objects.get().amount == 200_00


def test_a_deal_whose_opening_is_being_undone_is_gone_for_who_wins_it(handoff, anouk, bob):
    accept(handoff, bob, NOW)
    opened = open_deal(anouk, bob, "Night heating", 100_00, "EUR", NOW)
    mine = Deal.objects.get()
    assert isinstance(beside(lambda: undo(opened.entry, bob, NOW), lambda: win(mine, bob, NOW)), TooLate)
    assert not Won.objects.exists()


def test_a_deal_that_is_lost_while_a_file_says_won_stays_lost(db, bob):
    told = dict.fromkeys(FIELDS) | {"name": "Night heating", "currency": "EUR"}

    def take_in(file: str, outcome: str) -> None:
        with transaction.atomic():
            book = Book([Telling("7", told, outcome, NOW)], "crm", file, None, NOW)
            book.keep(Telling("7", told, outcome, NOW))
            book.write()

    take_in("first", "")
    assert beside(lambda: lose(Deal.objects.get(), bob, "price", "", NOW), lambda: take_in("second", "won")) is None
    assert (Lost.objects.count(), Won.objects.count()) == (1, 0)


def test_two_leads_that_are_handed_off_at_once_take_turns(agreement, anouk, bob):
    Member.objects.create(name="Bea", email="bea@kasbouw.example", role=Role.SALES, joined_at=SIGNED)
    told = Told(emails=["piet@rozen.example"], phones=["+31105550143"], person={"first_name": "Piet", "last_name": "R"})
    told.company = {"name": "Rozen", "industry": "Horticulture", "employees": 120, "country": "NL"}
    piet = keep(told, NOW, "typed in")[0]
    conveyor.run_dry(NOW)
    assert beside(lambda: hand_off(anouk, NOW), lambda: hand_off(piet, NOW)) is None
    assert Handoff.objects.values("owner").distinct().count() == 2


def test_a_lead_that_its_owner_passes_on_while_a_leaver_gives_it_back_leaves_once(handoff, anouk, bob, agreement):
    bea = Member.objects.create(name="Bea", email="bea@kasbouw.example", role=Role.SALES, joined_at=NOW)
    Member.objects.filter(pk=bob.pk).update(is_active=False)
    handoff.refresh_from_db()
    refused = beside(lambda: pass_on(handoff, bob, LATER, bea), lambda: leaving.catch_up(LATER))
    assert refused is None
    assert Withdrawal.objects.count() == 1
    assert Holding.objects.get().owner == bea


def test_of_two_who_log_calls_with_many_leads_at_once_only_one_may_call_the_fifth_time(handoff, anouk, bob, carla):
    for _ in range(4):
        log_contact(anouk, bob, "call", NOW)
    found: list[Together] = []

    def log_many(by: Member) -> None:
        found.append(together([anouk], lambda person: log_contact(person, by, "call", LATER), by, LATER))

    assert beside(lambda: log_many(bob), lambda: log_many(carla)) is None
    assert sorted(len(done.refused) for done in found) == [0, 1]
    assert Touch.objects.filter(kind="call", person=anouk).count() == 5
