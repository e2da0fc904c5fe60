"""Every lead is with one owner or at one desk: all places together are all leads."""

from datetime import timedelta

import pytest

from tests.conftest import NOW
from tests.handoff.test_routing import colleague, lead, run
from tilth.handoff.models import Handoff, Joining
from tilth.handoff.verbs import hand_off, return_lead
from tilth.leaks.places import places
from tilth.nurture.models import Enrolment, Track
from tilth.qualify.models import Ripe, Stage, Standing
from tilth.touches.next_steps import plan_step

DAY = timedelta(days=1)


def shown(agreement) -> dict[str, tuple[int, int]]:
    return {place.label: (place.n, place.dated) for place in places(agreement.terms, NOW)}


def test_nobody_is_nowhere(agreement):
    assert places(agreement.terms, NOW) == []


def test_everybody_is_at_exactly_one_place(agreement, bob, ann):
    bea = colleague("Bea")
    people = [lead(n) for n in range(12)]
    for person, owner in zip(people, (bob, bob, bea), strict=False):
        hand_off(person, NOW, owner=owner)
    run()
    for person in people[3:]:
        Handoff.objects.filter(person=person).delete()
    for person, lack in zip(people[3:10], ("", *Ripe.Lack.values), strict=True):
        Ripe.objects.create(person=person, since=NOW, counted_at=NOW, look_at=NOW + DAY, waits_for=lack)
    track = Track.objects.create(name="Heating", sender=ann, at=NOW, started_at=NOW)
    Enrolment.objects.create(person=people[10], track=track, since=NOW, look_at=NOW)
    Joining.objects.create(handoff=Handoff.objects.earliest("pk"), person=people[9], at=NOW)
    found = shown(agreement)
    assert {label: n for label, (n, _dated) in found.items()} == {
        "With Bob Jansen": 2, "With Bea": 1, "With the owner of a colleague of theirs": 1, "In line for an owner": 1,
        "Marketing: data is missing": 1, "Desk: nobody was available": 1, "Desk: waits for the dispatcher": 1,
        "Marketing: until sales has hours": 1, "Marketing: rests until something new happens": 1,
        "Marketing: in care": 1, "Marketing: ripening": 1,
    }  # fmt: skip
    assert (
        sum(n for n, _dated in found.values())
        == Standing.objects.filter(stage__in=("lead", "mql", "sql")).count()
        == 12
    )


def test_a_place_tells_how_many_have_no_next_date(agreement, bob):
    person = lead(1)
    run()
    assert shown(agreement) == {"With Bob Jansen": (1, 1)}
    return_lead(Handoff.objects.get(), bob, "not-ready", "", NOW)
    Standing.objects.update(look_at=None)
    assert shown(agreement) == {"Marketing: ripening": (1, 0)}
    plan_step(person, bob, "Call", NOW.date(), NOW)
    assert shown(agreement) == {"Marketing: ripening": (1, 1)}


@pytest.mark.parametrize(("stage", "n"), [(Stage.VISITOR, 0), (Stage.CUSTOMER, 0), (Stage.SQL, 1)])
def test_who_is_no_lead_is_at_no_place(agreement, bob, stage, n):
    person = lead(1)
    run()
    Handoff.objects.all().delete()
    Standing.objects.filter(person=person).update(stage=stage)
    assert sum(place.n for place in places(agreement.terms, NOW)) == n
