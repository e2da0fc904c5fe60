"""A house with one leak of each kind: exactly these are found, what is most at risk first, and each once."""

from collections.abc import Callable
from datetime import timedelta

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from tests.conftest import NOW
from tests.handoff.test_routing import colleague, lead, run
from tilth import conveyor
from tilth.campaigns.briefing import brief
from tilth.campaigns.models import Campaign, Cost
from tilth.deals.verbs import open_deal
from tilth.handoff.models import Handoff, Joining
from tilth.handoff.verbs import hand_back, return_lead
from tilth.leaks import finding
from tilth.leaks.campaigns import running
from tilth.leaks.kinds import Kind
from tilth.nurture.models import Enrolment, Track
from tilth.people.known import Told, keep
from tilth.people.models import Person
from tilth.qualify.models import Ripe, Standing
from tilth.team.models import Absence, Member
from tilth.touches.models import Evidence, Origin
from tilth.touches.next_steps import do_step, plan_step
from tilth.touches.record import offer, record

DAY = timedelta(days=1)
LATER = NOW + timedelta(days=30)


@pytest.fixture
def leaks(agreement) -> Callable[..., dict[str, list[int]]]:
    """Kind to the numbers of the leads that leak so, at a moment."""

    def leaks(now=LATER) -> dict[str, list[int]]:
        found = finding.found(agreement.terms, now)
        assert all(f.n == len(f.first) and f.at_risk == sum(leak.worth for leak in f.first) for f in found)
        return {str(f.kind): sorted(leak.person for leak in f.first) for f in found}

    return leaks


def planned(person: Person, by: Member) -> Person:
    plan_step(person, by, "Call again", LATER.date(), NOW)
    return person


def test_an_empty_tilth_does_not_leak(leaks):
    assert leaks() == {}


def test_one_leak_of_each_kind_is_found_and_nothing_else(leaks, held, agreement, bob, ann, carla):
    bea = colleague("Bea")
    gone = held(owner=bea)
    overdue = held(accepted=False)
    stale = held()
    no_step = held(LATER - DAY)
    no_owner, blocked, no_plan = lead(60), lead(61), held()
    fine = planned(held(), bob)
    hand_back(Handoff.objects.get(person=no_plan), bob, "no-need", "", NOW)
    Person.objects.filter(pk=blocked.pk).update(first_name="No", last_name="Phone")
    blocked.phones.all().delete()
    run()
    conveyor.catch_up_on(no_step.pk, LATER)
    Handoff.objects.filter(person=no_owner).delete()
    Member.objects.filter(pk=bea.pk).update(is_active=False)
    assert leaks() == {
        Kind.OWNER_GONE: [gone.pk], Kind.OVERDUE: [overdue.pk], Kind.STALE: [stale.pk], Kind.NO_STEP: [no_step.pk],
        Kind.NO_OWNER: [no_owner.pk], Kind.BLOCKED: [blocked.pk], Kind.NO_PLAN: [no_plan.pk],
    }  # fmt: skip
    assert finding.of(stale.pk, agreement.terms, LATER) == Kind.STALE
    assert finding.of(no_plan.pk, agreement.terms, LATER) == Kind.NO_PLAN
    assert finding.of(fine.pk, agreement.terms, LATER) == ""


# Held


def test_who_is_away_for_longer_than_a_promise_waits_is_gone(leaks, held, bob):
    person = planned(held(), bob)
    Absence.objects.create(member=bob, first=LATER.date(), last=LATER.date() + 30 * DAY)
    assert leaks() == {}
    Absence.objects.create(member=bob, first=LATER.date(), last=LATER.date() + 31 * DAY)
    assert leaks() == {Kind.OWNER_GONE: [person.pk]}


def test_a_step_whose_day_is_over_or_that_is_done_plugs_nothing(leaks, held, bob):
    person = held()
    run()
    step, _entry = plan_step(person, bob, "Call", LATER.date() - DAY, NOW)
    assert leaks() == {Kind.STALE: [person.pk]}
    step, _entry = plan_step(person, bob, "Call", None, NOW)
    assert leaks() == {Kind.STALE: [person.pk]}
    step, _entry = plan_step(person, bob, "Call", LATER.date(), NOW)
    assert leaks() == {}
    do_step(step, bob, NOW + DAY)
    conveyor.catch_up_on(person.pk, LATER)
    assert leaks() == {Kind.STALE: [person.pk]}


def test_an_open_deal_counts_with_its_amount(leaks, held, agreement, bob):
    cheap, dear = held(), held()
    open_deal(dear, bob, "Deal", 9_999_00, "EUR", NOW, Handoff.objects.get(person=dear))
    open_deal(dear, bob, "More", 1_00, "EUR", NOW, Handoff.objects.get(person=dear))
    open_deal(dear, bob, "In dollars", 1_000_000_00, "USD", NOW, Handoff.objects.get(person=dear))
    [found] = finding.found(agreement.terms, LATER)
    assert [(leak.person, leak.worth) for leak in found.first][-1][0] in (cheap.pk, dear.pk)
    worth = {leak.person: leak.worth for leak in found.first}
    assert worth == {dear.pk: 10_000_00, cheap.pk: Handoff.objects.get(person=cheap).value}
    assert worth[found.first[0].person] == max(worth.values())


def test_what_has_faded_is_told_beside_what_is_at_risk(leaks, held, agreement):
    held()
    terms = agreement.terms
    [found] = finding.found(terms, NOW + timedelta(hours=2 * terms.fades_hours))
    assert found.faded == pytest.approx(found.at_risk * 0.75, abs=1)


# Free


def test_a_lead_that_waits_in_line_is_no_leak_until_it_is_an_alarm(leaks, agreement, bob):
    person = lead(1)
    Member.objects.filter(pk=bob.pk).update(is_active=False)
    run()
    assert leaks(NOW + timedelta(minutes=5)) == {}
    assert leaks(NOW + 4 * DAY) == {Kind.NO_OWNER: [person.pk]}
    for agreed in (Ripe.Lack.ROOM, Ripe.Lack.NEWS, Ripe.Lack.ROUNDS):
        Ripe.objects.update(waits_for=agreed)
        assert leaks(NOW + 4 * DAY) == {}


def test_a_lead_that_joined_somebody_elses_handoff_has_its_owner(leaks, held, bob):
    first, second = planned(held(), bob), lead(70)
    run()
    Handoff.objects.filter(person=second).delete()
    assert leaks() == {Kind.NO_OWNER: [second.pk]}
    Joining.objects.create(handoff=Handoff.objects.get(person=first), person=second, at=NOW)
    assert leaks() == {}


@pytest.mark.parametrize(
    ("said", "leaky"),
    [({}, True), ({"wake_on": LATER.date()}, False), ({"wake_on": LATER.date() - DAY}, True),
     ({"comes_back": "event", "event": "fair"}, False)],
)  # fmt: skip
def test_who_came_back_needs_a_day_or_an_event(leaks, agreement, bob, said, leaky):
    person = lead(1)
    run()
    row = return_lead(Handoff.objects.get(), bob, "not-ready", "", NOW).row
    type(row).objects.filter(pk=row.pk).update(**said)
    assert leaks() == ({Kind.NO_PLAN: [person.pk]} if leaky else {})


def test_care_that_goes_on_is_a_plan(leaks, agreement, bob, ann):
    person = lead(1)
    run()
    return_lead(Handoff.objects.get(), bob, "not-ready", "", NOW)
    track = Track.objects.create(name="Heating", sender=ann, at=NOW, started_at=NOW)
    row = Enrolment.objects.create(person=person, track=track, since=NOW, look_at=NOW)
    assert leaks() == {}
    Enrolment.objects.filter(pk=row.pk).update(ended_at=NOW + DAY)
    assert leaks() == {Kind.NO_PLAN: [person.pk]}


@pytest.mark.parametrize("rests", [{"started_at": None}, {"closed_at": NOW}])
def test_care_at_rest_is_no_plan_until_it_runs_again(leaks, agreement, bob, ann, rests):
    person = lead(1)
    run()
    return_lead(Handoff.objects.get(), bob, "not-ready", "", NOW)
    tracks = [Track.objects.create(name=name, sender=ann, at=NOW, started_at=NOW) for name in ("Heating", "Light")]
    for track in tracks:
        Enrolment.objects.create(person=person, track=track, since=NOW, look_at=NOW)
    Track.objects.filter(pk=tracks[0].pk).update(**rests)
    assert leaks() == {}  # the other one still runs
    Track.objects.update(**rests)
    assert leaks() == {Kind.NO_PLAN: [person.pk]}
    Track.objects.update(started_at=NOW, closed_at=None)
    assert leaks() == {}


def test_whom_the_agreement_shuts_out_is_nobodys_leak(leaks, agreement, bob):
    person = lead(1)
    run()
    return_lead(Handoff.objects.get(), bob, "not-ready", "", NOW)
    Standing.objects.filter(person=person).update(action="disqualify")
    assert leaks() == {}


# Campaigns


@pytest.fixture
def spring(agreement) -> Campaign:
    """A campaign that brought one lead yesterday."""
    campaign = Campaign.objects.create(key="spring", name="Spring", at=NOW)
    person = lead(80, NOW)
    run()
    Origin.objects.filter(person=person).update(campaign=campaign, at=NOW)
    return campaign


def test_a_campaign_that_runs_without_a_briefing_is_a_leak_until_sales_is_told(spring, agreement, ann):
    [found] = finding.unbriefed(agreement.terms, NOW + DAY)
    assert (found.campaign, found.leads) == (spring, 1)
    assert found.worth == agreement.terms.value(*Standing.objects.values_list("grade", "level").get())
    assert found.worth > 0
    brief(spring, ann, "Say that it is about gas", NOW)
    assert finding.unbriefed(agreement.terms, NOW + DAY) == []
    assert [r.briefing.said for r in running(agreement.terms, NOW + DAY)] == ["Say that it is about gas"]


def test_a_campaign_runs_while_it_brings_leads_or_costs_money(spring, agreement):
    assert running(agreement.terms, NOW + 15 * DAY) == []
    Cost.objects.create(campaign=spring, day=NOW.date() + 5 * DAY, amount=1, currency="EUR", key=b"1")
    assert [r.leads for r in running(agreement.terms, NOW + 15 * DAY)] == [0]


def test_the_questions_are_as_many_for_many_leads(leaks, held, agreement, bob):
    def asked() -> int:
        with CaptureQueriesContext(connection) as queries:
            finding.found(agreement.terms, LATER)
            finding.unbriefed(agreement.terms, LATER)
        return len(queries)

    held()
    agreement.terms  # noqa: B018 - read before counting
    few = asked()
    for _ in range(4):
        held()
        keep(Told(emails=["x@y.example"]), NOW, "form")
        record("page", NOW, NOW, person=held(accepted=False), offer=offer("demo", NOW), evidence=Evidence.OBSERVED)
    assert asked() == few <= 9
