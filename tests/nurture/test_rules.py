"""Whom a track takes in by itself."""

from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest

from tests.conftest import NOW
from tests.nurture.conftest import agrees
from tilth.core.nurture import Rule
from tilth.handoff.verbs import accept, hand_back, hand_off
from tilth.nurture import enrolling
from tilth.nurture.catch_up import catch_up
from tilth.nurture.models import Enrolment, Track
from tilth.people.known import Told, keep
from tilth.people.models import Person
from tilth.qualify.catch_up import catch_up as qualify
from tilth.qualify.models import Standing
from tilth.team.models import Member
from tilth.touches.record import record


@pytest.fixture
def lead(anouk: Person, agreement: Any) -> Person:
    """Anouk, who is a lead since she took a list home, and agreed to mail."""
    record("list", NOW, NOW, person=anouk)
    agrees(anouk)
    qualify(NOW)
    return anouk


def inside() -> list[int]:
    return list(Enrolment.objects.filter(ended_at=None).values_list("person", flat=True))


def test_who_is_at_a_stage_comes_in_once(lead: Person, track_of: Callable[..., Track], ann: Member) -> None:
    track_of(rule=Rule(stages=["lead"]))
    catch_up(NOW)
    assert inside() == [lead.pk]
    enrolling.take_out(Enrolment.objects.get(), ann, NOW)
    catch_up(NOW + timedelta(hours=2))
    assert inside() == []


@pytest.mark.parametrize("rule", [Rule(), Rule(stages=["mql"]), Rule(stages=["lead"], segments=["nobody"])])
def test_who_does_not_meet_all_of_it_stays_out(rule: Rule, lead: Person, track_of: Callable[..., Track]) -> None:
    track_of(rule=rule)
    catch_up(NOW)
    assert inside() == []


def test_whom_the_matrix_says_to_nurture_comes_in(lead: Person, track_of: Callable[..., Track]) -> None:
    Standing.objects.filter(pk=lead.pk).update(action="review")
    track_of(rule=Rule(nurture=True))
    catch_up(NOW)
    assert inside() == []
    Standing.objects.filter(pk=lead.pk).update(action="nurture")
    catch_up(NOW + timedelta(minutes=59))
    assert inside() == []
    catch_up(NOW + timedelta(hours=1))
    assert inside() == [lead.pk]


def test_who_has_not_agreed_comes_in_once_they_have(
    anouk: Person, track_of: Callable[..., Track], agreement: Any
) -> None:
    record("list", NOW, NOW, person=anouk)
    qualify(NOW)
    track_of(rule=Rule(stages=["lead"]))
    catch_up(NOW)
    assert inside() == []
    agrees(anouk)
    catch_up(NOW + timedelta(hours=1))
    assert inside() == [anouk.pk]


def test_who_came_back_from_sales_for_a_named_cause_comes_in_again_each_time(
    lead: Person, track_of: Callable[..., Track], ann: Member, bob: Member
) -> None:
    track_of(rule=Rule(recycled=["no-budget"]))
    for week in (0, 1):
        now = NOW + timedelta(weeks=week)
        handoff = hand_off(lead, now, bob, bob).row
        accept(handoff, bob, now)
        catch_up(now + timedelta(minutes=1))
        assert inside() == []
        hand_back(handoff, bob, "no-budget", "", now + timedelta(minutes=2))
        catch_up(now + timedelta(hours=2))
        assert inside() == [lead.pk]
    assert Enrolment.objects.count() == 2


def test_another_cause_is_another_track(lead: Person, track_of: Callable[..., Track], bob: Member) -> None:
    track_of(rule=Rule(recycled=["no-budget"]))
    handoff = hand_off(lead, NOW, bob, bob).row
    accept(handoff, bob, NOW)
    hand_back(handoff, bob, "later", "", NOW)
    catch_up(NOW)
    assert inside() == []


def test_everybody_is_gone_through_in_portions(
    track_of: Callable[..., Track], agreement: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("tilth.nurture.rules.BATCH", 3)
    for n in range(8):
        who = keep(Told(emails=[f"p{n}@firm{n}.example"]), NOW, "typed in")[0]
        record("list", NOW, NOW, person=who)
        agrees(who)
    qualify(NOW)
    track_of(rule=Rule(stages=["lead"]))
    counts = []
    for _ in range(4):
        catch_up(NOW)
        counts.append(len(inside()))
    assert counts == [3, 6, 8, 8]
