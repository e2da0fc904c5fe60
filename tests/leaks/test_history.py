"""What leaked in the past is replayed exactly as the page of leaks told it then."""

from datetime import timedelta

import pytest

from tests.conftest import NOW
from tests.handoff.test_routing import colleague, run
from tests.nurture.conftest import IMPRINT, STEPS
from tilth.agreement.models import Version
from tilth.core.nurture import Rule, Spec
from tilth.deals.models import Deal
from tilth.deals.verbs import lose, open_deal
from tilth.handoff.models import Handoff
from tilth.handoff.verbs import hand_back, log_contact, return_lead
from tilth.journal.models import note
from tilth.leaks import finding, history
from tilth.leaks.history import REPLAYED, leaked, without
from tilth.leaks.kinds import Kind
from tilth.nurture import tracks
from tilth.nurture.models import Enrolment
from tilth.team.models import Absence, Member
from tilth.touches.models import NextStep
from tilth.touches.next_steps import do_step, plan_step

DAY = timedelta(days=1)


def day(n: float):
    return NOW + n * DAY


def test_what_is_replayed_later_is_what_was_found_then(agreement: Version, held, ann, bob) -> None:
    bea, ben = colleague("Bea"), colleague("Ben")
    heard, ignored, planned, dealt, gone, back, _away = (
        held(), held(accepted=False), held(), held(), held(owner=bea), held(), held(owner=ben),
    )  # fmt: skip
    handoff = {person: Handoff.objects.get(person=person) for person in (ignored, dealt, gone, back)}
    Absence.objects.create(member=ben, first=day(20).date(), last=day(54).date())
    track = tracks.make("Heating", Spec("en", IMPRINT, STEPS, Rule()), ann, ann, NOW)
    tracks.run(track, True, ann, NOW)
    happens = {
        1: lambda: plan_step(planned, bob, "Call", day(38).date(), day(1)),
        2: lambda: (open_deal(dealt, bob, "Deal", 7_000_00, "EUR", day(2), handoff[dealt]), open_deal(gone, bea, "Deal", 9_000_00, "EUR", day(2), handoff[gone])),
        10: lambda: (Member.objects.filter(pk=bea.pk).update(is_active=False), note("closed account", bea, day(10), ann)),
        16: lambda: return_lead(handoff[ignored], bob, "not-ready", "", day(16), wake_on=day(26).date()),
        22: lambda: lose(Deal.objects.get(person=dealt), bob, "price", "", day(22)),
        23: lambda: hand_back(handoff[back], bob, "no-need", "", day(23)),
        25: lambda: log_contact(heard, bob, "call", day(25)),
        31: lambda: Enrolment.objects.create(person=dealt, track=track, since=day(31), look_at=day(90)),
        33: lambda: do_step(NextStep.objects.get(person=planned), bob, day(33)),
        41: lambda: Enrolment.objects.update(ended_at=day(41)),
        45: lambda: plan_step(back, ann, "Write", day(60).date(), day(45), member=ann),
    }  # fmt: skip
    moments, told = [], []
    for n in range(49):
        if n in happens:
            happens[n]()
        if n % 6 == 0 or n in happens:
            run(day(n + 0.5))
        if n % 6 == 0:
            moments.append(day(n + 0.5))
            told.append({(leak.person, leak.kind, _worth(leak)) for leak in finding.every(agreement.terms, moments[-1]) if leak.kind in REPLAYED})  # fmt: skip
    replayed = [set() for _ in moments]
    for one in leaked(moments, agreement.terms):
        for nth in range(one.first, one.last):
            assert (one.person, one.kind, _worth(one)) not in replayed[nth], "counted twice"
            replayed[nth].add((one.person, one.kind, _worth(one)))
    assert replayed == told
    assert {kind for found in told for _person, kind, _money in found} == set(REPLAYED), "the story has each kind"


def _worth(leak):
    """Of who came back, the grade of today is told: see docs/algorithms/leaks.md."""
    return 0 if leak.kind == Kind.NO_PLAN else leak.worth


@pytest.mark.parametrize(
    ("taken", "left"),
    [
        ([], [(0, 10)]),
        ([(0, 10)], []),
        ([(2, 4)], [(0, 2), (4, 10)]),
        ([(6, 20), (-5, 1), (3, 3)], [(1, 6)]),
        ([(11, 12)], [(0, 10)]),
        ([(5, 4)], [(0, 10)]),
    ],
)
def test_what_is_left_of_a_span(taken, left) -> None:
    found = without((day(0), day(10)), [(day(a), day(b)) for a, b in taken])
    assert found == [(day(a), day(b)) for a, b in left]


def test_nothing_leaks_at_no_moment(agreement: Version) -> None:
    assert list(history.leaked([], agreement.terms)) == []
