"""Each kind of event: told once, to the right ones, in words that they understand; and not when it was undone."""

from collections.abc import Callable
from datetime import date, timedelta
from zoneinfo import ZoneInfo

import pytest

from tests.conftest import JOINED, NOW
from tilth import conveyor
from tilth.agreement.models import Version
from tilth.deals.verbs import undo
from tilth.handoff.models import Handoff, Joining, Return, Review
from tilth.handoff.passing import reassign
from tilth.handoff.verbs import accept, hand_back, hand_off, return_lead
from tilth.notify import telling
from tilth.notify.events import WORDS, stands
from tilth.notify.models import Event, Notice
from tilth.people.known import Told, keep
from tilth.promises.models import Alert, Obligation
from tilth.team.models import Member, Role

ZONE = ZoneInfo("Europe/Amsterdam")
LATER = NOW + timedelta(minutes=5)


@pytest.fixture
def femke(db):
    return Member.objects.create(name="Femke Bakker", email="femke@kasbouw.example", role=Role.SALES, joined_at=JOINED)


@pytest.fixture
def handed(agreement, anouk, bob) -> Handoff:
    """Routing gave Anouk to Bob, and everybody who should has heard of it."""
    handoff = hand_off(anouk, NOW).row
    conveyor.run_dry(NOW)
    return handoff


def told(what: str) -> set[tuple[str, str]]:
    return {
        (n.member.name.split()[0], n.why)
        for n in Notice.objects.filter(event__what=what).select_related("member", "event")
    }


def said(what: str, why: str) -> str:
    event = Event.objects.select_related("person__company").get(what=what)
    return " | ".join([WORDS[what].title(event, why), *WORDS[what].lines(event, why, ZONE)])


def test_the_owner_hears_of_a_handover_once_with_the_clock(handed):
    assert told("handoff") == {("Bob", "holds")}
    words = said("handoff", "holds")
    assert words.startswith("Yours: Anouk Zonneveld, Operations manager, Zonneveld Tomaten | Fit ")
    assert " worth €" in words
    due = Obligation.objects.get(kind="first_contact").due_at.astimezone(ZONE)
    assert f"First contact by {due:%a} {due.day} {due:%b}, {due:%H:%M}" in words
    conveyor.run_dry(LATER)
    assert Event.objects.filter(what="handoff").count() == 1


def test_who_takes_a_lead_by_themselves_needs_no_telling(agreement, anouk, bob):
    hand_off(anouk, NOW, bob, bob)
    conveyor.run_dry(NOW)
    assert told("handoff") == set()
    assert Event.objects.get(what="handoff").by == bob


def test_who_had_the_lead_hears_where_it_went(handed, bob, femke, carla):
    reassign(handed, femke, LATER, carla)
    conveyor.run_dry(LATER)
    assert told("handoff") == {("Bob", "holds"), ("Femke", "holds"), ("Bob", "had")}
    event = Event.objects.filter(what="handoff").latest("id")
    assert WORDS["handoff"].title(event, "had").endswith("Zonneveld Tomaten went to Femke Bakker")


def test_a_return_is_told_to_managers_and_marketing_with_its_reason(handed, bob, ann, carla):
    reason = handed.version.terms.return_reasons[0]
    return_lead(handed, bob, reason.id, "Not this year", LATER)
    conveyor.run_dry(LATER)
    assert told("returned") == {("Carla", "reviews"), ("Ann", "marketing")}
    assert said("returned", "reviews").endswith(f"Because: {reason.say} | Not this year | From Bob Jansen")


@pytest.fixture
def blind(agreement, preset, ann, bob, dirk) -> Version:
    """Dirk looks at returns, without seeing whose they are."""
    document = preset | {"sla": preset["sla"] | {"review": {"reviewer": dirk.email, "blind": True}}}
    version = Version.write(document, ann, JOINED)
    version.sign(ann, "marketing", NOW - timedelta(days=1))
    version.sign(bob, "sales", NOW - timedelta(days=1))
    return version


def test_the_named_reviewer_hears_of_it_and_not_from_whom_where_that_is_agreed(blind, anouk, bob, ann, carla, dirk):
    handoff = hand_off(anouk, NOW).row
    return_lead(handoff, bob, blind.terms.return_reasons[0].id, "", LATER)
    conveyor.run_dry(LATER)
    assert told("returned") == {("Dirk", "reviews"), ("Ann", "marketing")}
    assert "Bob" not in said("returned", "reviews")
    assert "From Bob Jansen" in said("returned", "marketing")


def test_a_lead_that_was_worked_comes_back_to_marketing_alone(handed, bob, ann, carla):
    accept(handed, bob, NOW)
    reason = handed.version.terms.recycle_reasons[0]
    hand_back(handed, bob, reason.id, "Call in autumn", LATER, date(2026, 9, 1))
    conveyor.run_dry(LATER)
    assert told("returned") == {("Ann", "marketing")}
    assert reason.say in said("returned", "marketing")


@pytest.mark.parametrize("verdict", list(Review.Verdict))
def test_who_returned_it_hears_what_was_decided(handed, bob, ann, carla, verdict):
    return_lead(handed, bob, handed.version.terms.return_reasons[0].id, "", NOW)
    row = Review.objects.create(
        returned=Return.objects.get(), reviewer=carla, at=LATER, verdict=verdict, charged_to="data", note="See the file"
    )
    conveyor.run_dry(LATER)
    assert told("decided") == {("Bob", "gave"), ("Ann", "marketing")}
    words = said("decided", "gave")
    assert words.startswith("Rightly returned" if verdict == "upheld" else "Should have been accepted")
    assert words.endswith("Decided by Carla Smit | It came from wrong or missing data | See the file")
    row.delete()
    assert not stands(Event.objects.get(what="decided"))


def test_the_owner_hears_who_joined(handed, bob):
    piet = keep(Told(emails=["piet@zonneveldtomaten.example"], person={"first_name": "Piet"}), NOW, "form")[0]
    Joining.objects.create(handoff=handed, person=piet, at=LATER)
    conveyor.run_dry(LATER)
    assert told("joined") == {("Bob", "holds")}
    assert said("joined", "holds").startswith("Piet, Zonneveld Tomaten joined Anouk Zonneveld")


def test_a_reminder_goes_to_who_owes_it_and_what_is_broken_to_managers_too(handed, bob, carla):
    owed = Obligation.objects.get(kind="first_contact")
    Alert.objects.create(obligation=owed, step=Alert.Step.REMINDER, member=bob, at=NOW)
    conveyor.run_dry(NOW)
    assert told("due") == {("Bob", "holds")}
    assert said("due", "holds").startswith("Due soon: First contact, Anouk Zonneveld")
    Alert.objects.create(obligation=owed, step=Alert.Step.ESCALATION, member=carla, at=LATER)
    conveyor.run_dry(LATER)
    assert told("breach") == {("Bob", "holds"), ("Carla", "manages")}
    assert said("breach", "manages").startswith("Late: First contact, Anouk Zonneveld")
    assert "With Bob Jansen" in said("breach", "manages")


@pytest.mark.usefixtures("agreement", "ann", "carla")
def test_what_marketing_owes_together_is_told_to_all_of_marketing(bob):
    conveyor.run_dry(NOW)
    owed = Obligation.objects.filter(kind="delivery").latest("due_at")
    Alert.objects.create(obligation=owed, step=Alert.Step.ESCALATION, at=NOW)
    conveyor.run_dry(NOW)
    assert told("breach") == {("Ann", "marketing"), ("Carla", "manages")}
    assert said("breach", "marketing").startswith("Late: Leads of the week | Due")


def test_what_was_undone_before_it_was_told_is_not_told(handed, bob, ann):
    done = return_lead(handed, bob, handed.version.terms.return_reasons[0].id, "", LATER)
    undo(done.entry, bob, LATER)
    conveyor.run_dry(LATER)
    assert not Event.objects.filter(what="returned").exists()


def test_history_is_nobodys_news(agreement, anouk, bob):
    hand_off(anouk, NOW)
    assert telling.catch_up(NOW + timedelta(days=2)) == 0
    assert not Event.objects.exists()


def test_what_happened_while_nobody_could_tell_is_told_afterwards(agreement, anouk, bob):
    telling.catch_up(NOW)
    hand_off(anouk, NOW)
    assert telling.catch_up(NOW + timedelta(days=3)) == 1
    assert told("handoff") == {("Bob", "holds")}


def test_facts_that_another_process_stored_out_of_order_are_told(agreement, anouk, bob):
    late = hand_off(anouk, NOW).row
    piet = keep(Told(emails=["piet@other.example"]), NOW, "form")[0]
    early = hand_off(piet, NOW, bob, bob).row
    Handoff.objects.filter(pk=late.pk).update(at=NOW - timedelta(days=3))  # as if it were not there yet
    assert telling.catch_up(NOW) == 1
    Handoff.objects.filter(pk=late.pk).update(at=NOW)
    assert telling.catch_up(NOW + timedelta(seconds=30)) == 1
    assert set(Event.objects.values_list("handoff", flat=True)) == {late.pk, early.pk}


def test_a_page_tells_what_concerns_its_person_at_once(agreement, anouk, bob):
    hand_off(anouk, NOW)
    conveyor.catch_up_on(anouk.pk, NOW)
    assert told("handoff") == {("Bob", "holds")}
    assert telling.catch_up(NOW) == 0


def test_a_big_batch_is_told_page_by_page(agreement, bob, monkeypatch):
    monkeypatch.setattr(telling, "BATCH", 3)
    for n in range(7):
        hand_off(keep(Told(emails=[f"p{n}@firm{n}.example"]), NOW, "form")[0], NOW, bob, bob)
    assert [telling.catch_up(NOW) for _n in range(4)] == [3, 3, 1, 0]


def test_every_kind_says_something_for_every_reason(handed, bob, ann, carla) -> None:
    say: Callable[[Event, str], str] = lambda event, why: WORDS[event.what].title(event, why)  # noqa: E731
    for event in Event.objects.select_related("person__company"):
        assert all(say(event, why) for why in (*Notice.Why, ""))
