"""Plans as versions: tried out as a scenario, proposed, signed, revised; what is signed never changes."""

from datetime import date, timedelta

import pytest

from tilth.core.planning import Past, Unsound
from tilth.plan import versions
from tilth.plan.models import Goal, NotYours, OpenRemarks, Settled, Stale, current, earlier, waiting

TODAY = date(2026, 6, 16)
DOCUMENT = {
    "goal": "1,000,000", "value": "40,000", "first": "2026-01-01", "last": "2026-12-31",
    "points": [{"name": "Demo request", "to_sql": "1/3", "to_won": "1/3"}],
}  # fmt: skip


@pytest.fixture
def scenario(ann, now) -> Goal:
    return versions.begin(DOCUMENT, Past(), ann, now, "Plan 2026")


def proposed(scenario, ann, now) -> Goal:
    return versions.propose(scenario, Past(), ann, now, TODAY)


def signed(goal, ann, bob, now) -> Goal:
    goal.sign(ann, "marketing", now)
    goal.sign(bob, "sales", now)
    return goal


def test_a_scenario_stands_in_columns_as_its_document_says(scenario) -> None:
    row = Goal.objects.get()
    assert (row.amount, row.currency, row.first, row.last, row.scenario) == (
        100_000_000, "EUR", date(2026, 1, 1), date(2026, 12, 31), True,
    )  # fmt: skip
    assert current(TODAY) is None


def test_what_is_no_plan_is_not_stored(ann, now, db) -> None:
    with pytest.raises(Unsound):
        versions.begin({**DOCUMENT, "goal": "0"}, Past(), ann, now)
    assert not Goal.objects.exists()


def test_a_scenario_is_signed_by_nobody_until_it_is_proposed(scenario, ann, bob, now) -> None:
    with pytest.raises(Settled, match="Propose it"):
        scenario.sign(ann, "marketing", now)
    plan = proposed(scenario, ann, now)
    assert current(TODAY) == plan
    with pytest.raises(NotYours):
        plan.sign(ann, "sales", now)
    assert signed(plan, ann, bob, now).is_signed


def test_who_saves_with_an_old_revision_loses_nothing_of_others(scenario, ann, bob, now) -> None:
    versions.save(scenario, {**DOCUMENT, "goal": "2,000,000"}, Past(), 0, ann, now)
    with pytest.raises(Stale):
        versions.save(scenario, {**DOCUMENT, "goal": "3,000,000"}, Past(), 0, bob, now)
    assert Goal.objects.get().amount == 200_000_000
    assert versions.save(scenario, DOCUMENT, Past(), 1, bob, now).revision == 2


def test_a_plan_that_was_proposed_is_never_written_again(scenario, ann, now) -> None:
    plan = proposed(scenario, ann, now)
    with pytest.raises(Settled, match="Copy it"):
        versions.save(plan, DOCUMENT, Past(), 0, ann, now)
    with pytest.raises(Settled):
        versions.throw_away(plan, ann, now)


def test_a_signed_plan_stays_in_force_until_both_have_signed_the_new_one(scenario, ann, bob, now) -> None:
    old = signed(proposed(scenario, ann, now), ann, bob, now)
    copy = versions.copy(old, bob, now, why="A quarter went by")
    assert (copy.based_on, copy.document, copy.name) == (old, old.document, "Copy of Plan 2026")
    versions.save(copy, {**DOCUMENT, "goal": "1,200,000"}, Past(), 0, bob, now)
    new = versions.propose(copy, Past(), bob, now + timedelta(days=1), TODAY)
    assert current(TODAY) == old
    assert waiting(TODAY) == [new]
    assert earlier(new) == [old]
    signed(new, ann, bob, now + timedelta(days=1))
    assert current(TODAY) == new
    assert waiting(TODAY) == []
    assert old.is_signed


def test_an_open_remark_blocks_signing(scenario, ann, bob, now) -> None:
    plan = proposed(scenario, ann, now)
    row = versions.remark(plan, "Is 40,000 what we see?", bob, now)
    with pytest.raises(OpenRemarks, match="One remark is open"):
        plan.sign(ann, "marketing", now)
    versions.close(row, ann, now)
    signed(plan, ann, bob, now)
    with pytest.raises(Settled):
        versions.remark(plan, "Too late?", bob, now)
    with pytest.raises(versions.Unkeepable):
        versions.remark(plan, "  ", bob, now)


def test_a_scenario_that_was_thrown_away_can_be_brought_back(scenario, ann, now) -> None:
    versions.throw_away(scenario, ann, now)
    assert not Goal.objects.scenarios().exists()
    with pytest.raises(Settled, match="thrown away"):
        versions.save(scenario, DOCUMENT, Past(), 0, ann, now)
    versions.bring_back(scenario, ann, now)
    assert list(Goal.objects.scenarios()) == [scenario]


def test_a_period_that_is_over_is_not_proposed(scenario, ann, now) -> None:
    with pytest.raises(Unsound, match="is over"):
        versions.propose(scenario, Past(), ann, now, date(2027, 1, 1))


def test_a_goal_without_a_document_tells_its_amount(carla, now) -> None:
    goal = Goal(amount=123_456, currency="EUR", first=TODAY, last=date(2026, 12, 31), set_by=carla, set_at=now)
    assert goal.told() == {
        "goal": "1234.56", "currency": "EUR", "basis": "revenue", "first": "2026-06-16", "last": "2026-12-31",
    }  # fmt: skip
