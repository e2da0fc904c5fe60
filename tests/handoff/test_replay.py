"""Rules tried out on leads of the past: the same rules give the same owners, others say who would change."""

from datetime import date, timedelta

from tests.conftest import NOW
from tests.handoff.test_routing import colleague, lead, owners, run
from tilth.core.agreement import read
from tilth.handoff.models import Handoff
from tilth.handoff.replay import counts, past, replay
from tilth.handoff.verbs import hand_off
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


def test_without_leads_there_is_nothing_to_replay(agreement):
    assert replay(agreement.terms, since_yesterday()) == []
