"""Who gets a lead, from the rows: weeks, absence with a stand-in, leavers, the call team, the dispatcher."""

from datetime import date, timedelta

import pytest

from tests.conftest import NOW
from tilth import conveyor
from tilth.agreement.models import Version
from tilth.core.routing import again
from tilth.deals.models import Deal
from tilth.deals.taking_over import take_over
from tilth.deals.verbs import open_deal, win
from tilth.groups.verbs import form
from tilth.handoff.models import Handoff, Holding, Withdrawal
from tilth.handoff.passing import pass_on, reassign
from tilth.handoff.verbs import NobodyAvailable, NotYet, NotYours, accept, hand_off, qualified, return_lead
from tilth.insight.history import history
from tilth.insight.period import Period
from tilth.people.known import Told, keep
from tilth.promises.deliveries import handed_over
from tilth.promises.models import Obligation
from tilth.qualify.models import Ripe
from tilth.team.models import Absence, Member, Week
from tilth.touches.models import Evidence
from tilth.touches.record import offer, record

TODAY = NOW.date()  # a Tuesday


def colleague(name, role="sales", **week) -> Member:
    email = f"{name.split()[0].lower()}@kasbouw.example"
    member = Member.objects.create(name=name, email=email, role=role, joined_at=NOW - timedelta(days=90))
    if week:
        Week.objects.create(member=member, **week)
    return member


def lead(n, at=NOW, company=None):
    """Somebody of a company of their own who asks for a demo."""
    person = keep(told(n, company or f"firm{n}"), at, "typed in")[0]
    record("form", at, at, person=person, offer=offer("demo", at), evidence=Evidence.DECLARED, source="search")
    return person


def told(n, company) -> Told:
    return Told(
        emails=[f"lead{n}@{company}.example"],
        phones=[f"+3110555{n:04d}"],
        person={"first_name": "Lead", "last_name": str(n), "country": "NL", "title": "Operations manager"},
        company={"name": company, "industry": "Horticulture", "employees": 120, "country": "NL"},
    )


def owners(*people) -> list[str]:
    held = dict(Holding.objects.values_list("person", "owner__name"))
    return [held.get(p.pk, "") for p in people]


@pytest.fixture
def sign(preset, ann, bob, agreement):
    """Sign the preset with other routes."""

    def sign(at=NOW - timedelta(hours=1), **routing) -> Version:
        preset["routing"] = {**preset["routing"], **routing}
        version = Version.write(preset, ann, at)
        version.sign(ann, "marketing", at)
        version.sign(bob, "sales", at)
        return version

    return sign


def run(at=NOW):
    conveyor.run_dry(at)


def test_thirty_leads_at_once_are_shared_as_thirty_one_by_one(agreement, bob):
    """A round robin in Salesforce gave all of a bulk insert to one agent (salesforce-round-robin, issue 21)."""
    for name in ("Bea", "Ben"):
        colleague(name)
    for n in range(30):
        lead(n)
    run()
    assert {m.name: m.holdings.count() for m in Member.objects.selling()} == {"Bob Jansen": 10, "Bea": 10, "Ben": 10}
    in_bulk = list(Handoff.objects.order_by("pk").values_list("owner", flat=True))
    Holding.objects.all().delete()
    for n in range(30, 60):
        lead(n)
        run()
    assert list(Handoff.objects.order_by("pk").values_list("owner", flat=True))[30:] == in_bulk


def test_every_record_gives_its_owner_again(agreement, bob):
    colleague("Bea", room=2.0)
    colleague("Ben", room=4.0, begins=TODAY, ramp_weeks=4)
    for n in range(20):
        lead(n)
    run()
    assert Handoff.objects.count() == 20
    for handoff in Handoff.objects.all():
        assert again(handoff.routing) == handoff.owner_id


def test_part_time_and_somebody_new_get_their_share(agreement, bob):
    Week.objects.create(member=bob, room=8.0)
    colleague("Bea", room=4.0)
    colleague("Ben", room=8.0, begins=TODAY, ramp_weeks=2)
    for n in range(20):
        lead(n)
    run()
    assert {m.name: m.holdings.count() for m in Member.objects.selling()} == {"Bob Jansen": 10, "Bea": 5, "Ben": 5}


def test_who_does_not_work_on_the_day_gets_nothing_then(agreement, bob):
    colleague("Bea", hours={"monday": ["09:00-17:00"], "wednesday": ["09:00-17:00"]})
    people = [lead(n) for n in range(4)]
    run()
    assert owners(*people) == ["Bob Jansen"] * 4
    skipped = Handoff.objects.last().routing["skipped"]
    assert [(s["name"], s["why"]) for s in skipped] == [("Bea", "day off")]


def test_a_lead_of_the_evening_goes_to_who_works_tomorrow(agreement, bob):
    evening = NOW + timedelta(hours=10)
    Absence.objects.create(member=bob, first=date(2026, 6, 17), last=date(2026, 6, 17))
    colleague("Bea", hours={"wednesday": ["09:00-17:00"]})
    person = lead(1, evening)
    run(evening)
    assert owners(person) == ["Bea"]


def test_who_stands_in_gets_what_falls_to_somebody_away(agreement, bob):
    bea = colleague("Bea")
    first = lead(1, company="same")
    run()
    before = Handoff.objects.get().owner
    other = bea if before == bob else bob
    Absence.objects.create(member=before, first=TODAY, last=TODAY, stand_in=other)
    second = lead(2, company="same")
    run()
    assert owners(first, second) == [before.name, other.name]
    claim = Handoff.objects.last().routing["claims"][0]
    assert (claim["name"], claim["through_name"]) == (before.name, other.name)


def test_with_everyone_on_holiday_leads_wait_with_the_reason_and_are_served_oldest_first(agreement, bob):
    """Of two specialists one routes to people on holiday, the other drops the lead; Odoo forgets it after a week."""
    Absence.objects.create(member=bob, first=TODAY, last=TODAY + timedelta(days=20))
    person = lead(1)
    run()
    later = NOW + timedelta(days=9)
    second = lead(2, later)
    run(later)
    assert set(Ripe.objects.values_list("waits_for", flat=True)) == {"owner"}
    with pytest.raises(NobodyAvailable, match=r"Bob Jansen \(absent\)"):
        hand_off(person, later)
    run(NOW + timedelta(days=22))
    assert list(Handoff.objects.order_by("pk").values_list("person", flat=True)) == [person.pk, second.pk]


def test_a_named_account_goes_to_its_owner(sign, bob):
    bea = colleague("Bea")
    sign(accounts={"big.example": bea.email})
    people = [lead(n, company="big" if n < 3 else None) for n in range(3)]
    run()
    assert owners(*people) == ["Bea"] * 3
    assert Handoff.objects.first().routing["rule"] == "named account"


def test_a_pool_by_segment_and_country_needs_both(sign, preset, bob):
    preset["segments"] = [
        {"id": "growers", "say": "Growers", "when": {"field": "company.industry", "in": ["Horticulture"]}}
    ]
    bea = colleague("Bea")
    both = [{"field": "segment", "is": "growers"}, {"field": "person.country", "in": ["BE"]}]
    pools = [
        {"id": "be", "say": "Belgian growers", "when": both, "members": {bea.email: 1}},
        {"id": "all", "say": "Everyone", "members": {bob.email: 1}},
    ]
    sign(pools=pools)
    dutch, belgian = lead(1), lead(2)
    keep(Told(emails=["lead2@firm2.example"], person={"country": "BE"}), NOW, "typed in")
    run()
    assert owners(dutch, belgian) == ["Bob Jansen", "Bea"]


def test_a_leavers_leads_go_back_at_once_and_stay_one_delivery(agreement, bob):
    people = [lead(n) for n in range(3)]
    run()
    accept(Handoff.objects.first(), bob, NOW)
    bea = colleague("Bea")
    Week.objects.create(member=bob, last_day=TODAY - timedelta(days=1))
    later = NOW + timedelta(minutes=1)
    run(later)
    assert owners(*people) == ["Bea"] * 3
    assert Handoff.objects.filter(owner=bea, continues__owner=bob).count() == 3
    assert handed_over(agreement.terms, NOW - timedelta(days=1), later)[:2] == (3, 3)
    void = Obligation.objects.filter(member=bob).values_list("settlement__void", flat=True)
    assert list(void) == [True] * 10
    assert Obligation.objects.filter(member=bea, open=True).count() == 9


def test_a_closed_account_gives_back_what_it_held_even_of_who_has_cooled(agreement, bob):
    person = lead(1)
    run()
    Member.objects.filter(pk=bob.pk).update(is_active=False)
    in_a_year = NOW + timedelta(days=365)
    run(in_a_year)
    ripe = Ripe.objects.get()
    assert (ripe.waits_for, ripe.worked) == ("owner", True)
    colleague("Bea")
    run(in_a_year + timedelta(hours=2))
    assert owners(person) == ["Bea"]
    assert not Ripe.objects.exists()


def test_a_rebuild_keeps_who_has_cooled_while_sales_had_nobody(agreement, bob):
    lead(1)
    Member.objects.filter(pk=bob.pk).update(is_active=False)
    run()
    in_a_year = NOW + timedelta(days=365)
    run(in_a_year)
    conveyor.rebuild(in_a_year)
    assert Ripe.objects.get().waits_for == "owner"


def test_a_leavers_open_deal_waits_for_who_takes_it_over(agreement, bob, carla, ann):
    person = lead(1)
    run()
    handoff = Handoff.objects.get()
    accept(handoff, bob, NOW)
    qualified(handoff, bob, NOW)
    deal = open_deal(person, bob, "Deal", 100_00, "EUR", NOW).row
    Member.objects.filter(pk=bob.pk).update(is_active=False)
    bea = colleague("Bea")
    run()
    assert owners(person) == ["Bob Jansen"]
    with pytest.raises(NotYet):
        reassign(handoff, bea, NOW, carla)
    with pytest.raises(NotYours):
        take_over(handoff, bea, ann, NOW)
    later = NOW + timedelta(minutes=5)
    take_over(handoff, bea, carla, later)
    run(later)
    assert owners(person) == ["Bea"]
    assert Deal.objects.get().owner == bea
    assert Holding.objects.get().open_deals == 1
    win(Deal.objects.get(pk=deal.pk), bea, later, 100_00)
    run(later)
    assert not Holding.objects.exists()
    assert Obligation.objects.get(member=bea, kind="verdict").settlement.kept


def test_the_call_team_works_a_lead_first_and_passes_it_on(sign, bob):
    cal = colleague("Cal", skills=["call team"])
    sign(first="call team")
    person = lead(1)
    run()
    handoff = Handoff.objects.get()
    assert (handoff.owner, handoff.routing["rule"]) == (cal, "call team")
    later = NOW + timedelta(minutes=30)
    with pytest.raises(NotYours):
        pass_on(handoff, bob, later)
    pass_on(handoff, cal, later)
    run(later)
    assert owners(person) == ["Bob Jansen"]
    assert Withdrawal.objects.get().why == "worked"
    told = Obligation.objects.get(member=cal, kind="verdict").settlement
    assert (told.kept, told.evidence) == (True, f"withdrawal {Withdrawal.objects.get().pk}")


def test_when_nobody_sells_today_the_call_team_keeps_the_lead(sign, bob):
    cal = colleague("Cal", skills=["call team"])
    sign(first="call team")
    lead(1)
    run()
    Absence.objects.create(member=bob, first=TODAY, last=TODAY)
    with pytest.raises(NobodyAvailable):
        pass_on(Handoff.objects.get(), cal, NOW)
    assert Holding.objects.get().owner == cal
    assert not Withdrawal.objects.exists()


def test_with_a_dispatcher_ripe_leads_wait_at_the_desk_until_passed_on(sign, ann, bob):
    sign(dispatch="manual", dispatcher=ann.email)
    person = lead(1)
    run()
    assert Ripe.objects.get().waits_for == "desk"
    with pytest.raises(NotYours, match=r"ann@kasbouw\.example"):
        hand_off(person, NOW, colleague("Mia", "marketing"))
    hand_off(person, NOW, ann)
    assert Handoff.objects.get().by == ann
    assert not Ripe.objects.exists()


def test_once_leads_go_by_themselves_again_the_desk_is_empty(sign, ann):
    sign(dispatch="manual", dispatcher=ann.email)
    lead(1)
    run()
    later = NOW + timedelta(minutes=5)
    sign(later, dispatch="automatic")
    run(later)
    assert Handoff.objects.count() == 1


def test_a_manager_gives_a_lead_to_somebody_else(agreement, bob, carla, ann):
    person = lead(1)
    run()
    bea = colleague("Bea")
    handoff = Handoff.objects.get()
    with pytest.raises(NotYours):
        reassign(handoff, bea, NOW, ann)
    reassign(handoff, bea, NOW, carla)
    assert owners(person) == ["Bea"]
    assert conveyor.rebuild(NOW)
    assert owners(person) == ["Bea"]


def test_a_lead_that_went_on_to_somebody_else_counts_once(agreement, bob, carla):
    lead(1)
    run()
    bea = colleague("Bea")
    reassign(Handoff.objects.get(), bea, NOW, carla)
    second = Handoff.objects.order_by("pk").last()
    accept(second, bea, NOW)
    qualified(second, bea, NOW)
    week = Period(TODAY, TODAY, agreement.terms.zone)
    assert (history(week, "EUR").to_sql.hits, history(week, "EUR").to_sql.n) == (1, 1)
    assert handed_over(agreement.terms, NOW - timedelta(days=1), NOW)[:2] == (1, 1)


def test_who_has_somebody_of_the_buying_group_gets_the_next_of_it(agreement, bob, ann):
    """A daughter firm has another company's name; the group says that they decide together."""
    bea = colleague("Bea")
    first = lead(1)
    run()
    has = Handoff.objects.get().owner
    other = bea if has == bob else bob
    second = lead(2, company="daughter")
    run()
    assert owners(second) == [other.name]
    return_lead(Handoff.objects.get(person=first), has, "not-ready", "", NOW)  # else the third would join it
    third = lead(3, NOW + timedelta(minutes=1), company="daughter")
    form(first.company, "Climate control", [first, third], ann, NOW + timedelta(minutes=1))
    run(NOW + timedelta(minutes=2))
    assert owners(third) == [has.name]
    routing = Handoff.objects.order_by("pk").last().routing
    assert (routing["rule"], routing["claims"][0]["name"]) == ("same buying group", has.name)
