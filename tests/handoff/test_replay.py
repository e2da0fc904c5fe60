"""Rules tried out on leads of the past: the same rules give the same owners, others say who would change."""

from datetime import date, timedelta

from tests.conftest import NOW
from tests.handoff.test_routing import colleague, lead, owners, run, told
from tilth.core.agreement import read
from tilth.groups.verbs import form, leave
from tilth.handoff.models import Handoff
from tilth.handoff.replay import counts, past, replay
from tilth.handoff.verbs import hand_off, return_lead
from tilth.people.known import Told, keep
from tilth.team.models import Absence, Member

DAY = timedelta(days=1)


def since_yesterday():
    return past(NOW - DAY, NOW + 30 * DAY)


def test_the_rules_in_force_give_the_owners_that_there_were(agreement, bob):
    colleague("Bea", room=4.0)
    colleague("Ben", room=8.0, hours={"tuesday": ["09:00-17:00"], "wednesday": ["09:00-17:00"]})
    Absence.objects.create(member=bob, first=date(2026, 6, 17), last=date(2026, 6, 17))
    for n in range(30):
        at = NOW + timedelta(hours=5 * n)
        lead(n, at, company=f"firm{n % 20}")
        run(at)
    rows = replay(agreement.terms, since_yesterday())
    assert len(rows) == 30
    assert [row.owner for row in rows] == [row.handoff.owner_id for row in rows]


def test_a_draft_says_who_would_have_got_which_lead(agreement, preset, bob):
    bea = colleague("Bea")
    for n in range(4):
        lead(n)
    keep(Told(emails=["lead3@firm3.example"], person={"country": "DE"}), NOW - timedelta(minutes=1), "typed in")
    run()
    german = {"id": "de", "say": "Germany", "when": {"field": "person.country", "is": "DE"}, "members": [bea.email]}
    preset["routing"]["pools"] = [german, {"id": "all", "say": "All", "members": [bob.email]}]
    rows = replay(read(preset), since_yesterday())
    assert counts(rows) == {bob.pk: 3, bea.pk: 1}
    assert rows[3].found.why["pool"] == "de"


def test_a_lead_is_judged_by_what_was_known_at_its_handoff(agreement, preset, bob):
    lead(1)
    run()
    keep(Told(emails=["lead1@firm1.example"], person={"country": "DE"}), NOW + DAY, "typed in")
    bea = colleague("Bea")
    german = {"id": "de", "say": "Germany", "when": {"field": "person.country", "is": "DE"}, "members": [bea.email]}
    preset["routing"]["pools"].insert(0, german)
    assert replay(read(preset), since_yesterday())[0].found.why["pool"] == "everyone"


def test_what_somebody_chose_by_hand_is_left_out_and_so_is_what_went_on(agreement, bob, carla):
    chosen, routed = lead(1), lead(2)
    hand_off(chosen, NOW, carla, bob)
    run()
    colleague("Bea")
    Member.objects.filter(pk=bob.pk).update(is_active=False)
    run(NOW + timedelta(hours=1))
    assert owners(chosen, routed) == ["Bea", "Bea"]
    assert Handoff.objects.count() == 4
    assert [row.handoff.person for row in replay(agreement.terms, since_yesterday())] == [routed]


def test_a_pool_of_people_who_were_away_has_nobody(agreement, preset, bob):
    bea = colleague("Bea")
    Absence.objects.create(member=bea, first=NOW.date(), last=NOW.date())
    lead(1)
    run()
    preset["routing"]["pools"] = [{"id": "bea", "say": "Bea", "members": [bea.email]}]
    rows = replay(read(preset), since_yesterday())
    assert counts(rows) == {None: 1}
    assert rows[0].found.why["skipped"] == [{"id": bea.pk, "name": "Bea", "why": "absent"}]


def test_a_buying_group_stays_together_as_it_was_made_up_then(agreement, bob):
    """The firm's first lead went to one of them, the group's to another; whoever left it goes with the firm."""
    colleague("Bea")
    people = [handed_off(n, f"firm{n}", NOW + timedelta(hours=n)) for n in range(2)]
    one, two = Handoff.objects.order_by("pk")
    assert one.owner != two.owner
    return_lead(two, two.owner, "not-ready", "", NOW + DAY)  # a lead of an open handoff's group would join it
    late = [keep(told(n, company), NOW + DAY, "typed in")[0] for n, company in ((2, "firm2"), (3, "firm0"))]
    group, _entry = form(people[0].company, "A second location", [people[1], *late], bob, NOW + DAY)
    handed_off(2, "firm2", NOW + 2 * DAY)
    return_lead(Handoff.objects.last(), two.owner, "not-ready", "", NOW + 2 * DAY)
    leave(group.memberships.get(person=late[1]), bob, NOW + 2 * DAY)
    handed_off(3, "firm0", NOW + 3 * DAY)
    rows = replay(agreement.terms, since_yesterday())
    assert [row.found.why["rule"] for row in rows][2:] == ["same buying group", "same company"]
    assert [row.owner for row in rows] == [row.handoff.owner_id for row in rows]


def handed_off(n, company, at):
    person = lead(n, at, company)
    run(at)
    return person


def test_without_leads_there_is_nothing_to_replay(agreement):
    assert replay(agreement.terms, since_yesterday()) == []
