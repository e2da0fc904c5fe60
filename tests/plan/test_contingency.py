"""Plan B: watched each week, fires once until the figure was back, told to both teams, answered."""

from datetime import date, timedelta
from types import SimpleNamespace

import pytest

from tests.conftest import NOW
from tests.workers import KILLED, Step
from tilth import conveyor
from tilth.campaigns.models import Campaign, Cost
from tilth.handoff.models import Handoff, Return, Review, Withdrawal
from tilth.notify import telling
from tilth.notify.events import WORDS, plan_b
from tilth.notify.models import Event, Notice
from tilth.plan import contingency, watched
from tilth.plan.models import Contingency, Fired, Goal, Outlook, Sample
from tilth.plan.versions import Unkeepable
from tilth.plan.watched import FIGURES, value_of
from tilth.promises.models import Obligation, Settlement
from tilth.touches.models import Evidence
from tilth.touches.record import offer, record

WEEK = timedelta(weeks=1)


@pytest.fixture
def goal(agreement, carla, now) -> Goal:
    return Goal.objects.create(
        amount=1_000_000_00, currency="EUR", first=date(2026, 1, 1), last=date(2026, 12, 31), set_by=carla, set_at=now
    )


@pytest.fixture
def rule(goal, ann, carla, now) -> Contingency:
    return contingency.make(goal, "chance", True, 50, 2, "Move the e-book budget to demos", ann, carla, now - WEEK)


def chance_is(goal, share, day) -> None:
    Outlook.objects.update_or_create(
        goal=goal, day=day, defaults={"at": NOW, "chance": share, "low": 0, "middle": 0, "high": 0, "won": 0}
    )


def weeks(goal, *shares) -> list[int]:
    """How often it had fired after each week in which the chance was so much."""
    out = []
    for n, share in enumerate(shares):
        chance_is(goal, share, (NOW + n * WEEK).date())
        contingency.catch_up(NOW + n * WEEK)
        out.append(Fired.objects.count())
    return out


def test_it_fires_after_so_many_weeks_and_not_again_before_the_figure_was_back(goal, rule) -> None:
    assert weeks(goal, 0.4, 0.6, 0.4, 0.3, 0.3, 0.2, 0.7, 0.4, 0.4) == [0, 0, 0, 1, 1, 1, 1, 1, 2]


def test_it_is_looked_at_once_a_week(goal, rule) -> None:
    chance_is(goal, 0.4, NOW.date())
    assert [contingency.catch_up(NOW), contingency.catch_up(NOW), contingency.catch_up(NOW + timedelta(days=3))] == [
        1,
        0,
        0,
    ]
    assert Sample.objects.get().monday == date(2026, 6, 15)


def test_a_week_of_which_nothing_can_be_said_is_none_beyond_the_bound(goal, rule) -> None:
    chance_is(goal, 0.4, NOW.date())
    contingency.catch_up(NOW)
    Outlook.objects.all().delete()
    contingency.catch_up(NOW + WEEK)
    assert list(Sample.objects.order_by("monday").values_list("value", flat=True)) == [40, None]
    assert not Fired.objects.exists()


def test_two_workers_at_once_fire_once(goal, rule) -> None:
    weeks(goal, 0.4)
    chance_is(goal, 0.3, (NOW + WEEK).date())
    monday, today = date(2026, 6, 22), date(2026, 6, 23)
    same = Contingency.objects.select_related("goal", "campaign").get()
    assert [contingency._look(same, monday, today, NOW + WEEK) for _worker in range(2)] == [1, 0]
    assert Fired.objects.count() == 1


def test_both_teams_are_told_and_the_answer_stays(goal, rule, ann, bob, carla, dirk) -> None:
    telling.catch_up(NOW)
    weeks(goal, 0.4, 0.3)
    telling.catch_up(NOW + WEEK)
    event = Event.objects.get(what=Event.What.PLAN_B)
    assert set(Notice.objects.filter(event=event).values_list("member__name", flat=True)) == {
        ann.name,
        bob.name,
        carla.name,
    }
    assert WORDS[event.what].title(event, "") == "Plan B: Move the e-book budget to demos"
    said = plan_b.lines(event, "", agreement_zone(goal))
    assert said == ["Chance of the goal is 30%, and the bound is 50% (2026)", "Ann de Wit sees to it"]
    fired = Fired.objects.get()
    contingency.answer(fired, "Moved 4,000 to the demo page", ann, NOW)
    contingency.answer(fired, "Too late", bob, NOW)
    fired.refresh_from_db()
    assert (fired.answer, fired.answered_by) == ("Moved 4,000 to the demo page", ann)


def agreement_zone(goal):
    from zoneinfo import ZoneInfo

    return ZoneInfo("Europe/Amsterdam")


def test_one_that_ended_is_watched_no_more(goal, rule, carla) -> None:
    contingency.end(rule, carla, NOW)
    assert weeks(goal, 0.1, 0.1, 0.1) == [0, 0, 0]
    assert not Sample.objects.exists()


@pytest.mark.parametrize(
    ("changed", "says"),
    [
        ({"figure": "luck"}, "figure"),
        ({"figure": "leads"}, "figure"),
        ({"bound": float("nan")}, "bound"),
        ({"weeks": 0}, "weeks"),
        ({"weeks": 13}, "weeks"),
        ({"then": "  "}, "what we then do"),
    ],
)
def test_what_is_no_plan_b_is_refused(goal, carla, now, changed, says) -> None:
    told = {"figure": "chance", "under": True, "bound": 50, "weeks": 2, "then": "Act", "owner": None} | changed
    with pytest.raises(Unkeepable, match=says):
        contingency.make(goal, *told.values(), carla, now)
    assert not Contingency.objects.exists()


def test_figures_of_a_campaign(agreement, anouk, carla, now) -> None:
    campaign = Campaign.objects.create(key="fair", name="Fair", at=now)
    at = now - timedelta(days=2)
    record("form", at, now, person=anouk, offer=offer("demo", now), evidence=Evidence.DECLARED, campaign=campaign)
    Cost.objects.create(campaign=campaign, day=now.date(), amount=120_00, currency="EUR", key=b"1" * 16)
    said = {}
    for name in ("leads", "cost", "deals"):
        row = contingency.make(campaign, name, name != "cost", 1, 1, "Act", None, carla, now)
        said[name] = value_of(row, now)
    assert said == {"leads": 1, "cost": 120, "deals": 0}


def test_figures_of_a_goal_say_nothing_where_nothing_is_known(goal, now) -> None:
    found = {
        name: value_of(Contingency(goal=goal, figure=name), now) for name, one in FIGURES.items() if one.of == "goal"
    }
    assert found == {"won": 0, "delivered": None, "worth": None, "chance": None, "kept": None, "returned": None}


def test_an_idle_pass_asks_one_question(goal, rule, django_assert_max_num_queries) -> None:
    contingency.catch_up(NOW)
    with django_assert_max_num_queries(2):
        assert contingency.catch_up(NOW) == 0


def test_the_conveyor_watches(goal, rule) -> None:
    conveyor.run(NOW)
    assert Sample.objects.count() == 1


def test_a_chance_that_nobody_looked_at_lately_is_none(goal, rule) -> None:
    """A plan that another has replaced keeps its last chance for ever; that is no chance of today."""
    assert weeks(goal, 0.4) == [0]
    contingency.catch_up(NOW + WEEK)
    contingency.catch_up(NOW + 2 * WEEK)
    assert list(Sample.objects.order_by("monday").values_list("value", flat=True)) == [40, None, None]
    assert not Fired.objects.exists()


def test_worth_of_what_came_by_what_was_promised_so_far(goal, agreement, now) -> None:
    for days, promised, came in ((21, 100_00, 100_00), (14, 100_00, 50_00), (7, 200_00, None), (-7, 900_00, None)):
        owed = Obligation.objects.create(
            kind="delivery", debtor="marketing", version=agreement, quantity=9, value=promised,
            since=now - timedelta(days=days + 7), due_at=now - timedelta(days=days),
        )  # fmt: skip
        if came is not None:
            Settlement.objects.create(
                obligation=owed, at=owed.due_at, kept=False, quantity=9, value=came, evidence="counted"
            )
    assert value_of(Contingency(goal=goal, figure="worth"), now) == pytest.approx(150 / 400 * 100)
    goal.currency = "USD"
    assert value_of(Contingency(goal=goal, figure="worth"), now) is None


def test_returns_are_counted_as_the_report_counts_them(goal, agreement, anouk, bob, now) -> None:
    def handed(**more) -> Handoff:
        return Handoff.objects.create(
            person=anouk, owner=bob, version=agreement, at=now - timedelta(days=3), grade="A", level=3, value=1, why={}, routing={}, **more
        )  # fmt: skip

    rows = [handed() for _ in range(4)]
    happened = {"member": bob, "at": now - timedelta(days=2), "reason": "too_small"}
    Return.objects.create(handoff=rows[0], **happened)
    wrong = Return.objects.create(handoff=rows[1], **happened)
    Review.objects.create(returned=wrong, reviewer=bob, at=now - timedelta(days=1), verdict=Review.Verdict.OVERTURNED)
    handed(continues=rows[1])
    Withdrawal.objects.create(handoff=rows[2], why=Withdrawal.Why.REASSIGNED, at=now - timedelta(days=2))
    handed(continues=rows[2])
    share = Contingency(goal=goal, figure="returned")
    assert value_of(share, now) is None  # four that count: too few
    handed()
    assert value_of(share, now) == pytest.approx(1 / 5 * 100)


def test_cost_of_a_lead_in_a_currency_without_cents(agreement, anouk, carla, now, monkeypatch) -> None:
    campaign = Campaign.objects.create(key="fair", name="Fair", at=now)
    record("form", now, now, person=anouk, offer=offer("demo", now), evidence=Evidence.DECLARED, campaign=campaign)
    Cost.objects.create(campaign=campaign, day=now.date(), amount=9_000, currency="JPY", key=b"1" * 16)
    yen = SimpleNamespace(terms=SimpleNamespace(currency="JPY"))
    monkeypatch.setattr(watched, "running", lambda at: yen)
    assert FIGURES["cost"].value(campaign, now, agreement_zone(None)) == 9_000


STEPS = {
    "before it is looked at": Step("before", "tilth.plan.contingency:_look"),
    "once its sample is written": Step("before", "tilth.plan.contingency:_fires"),
    "before it fires": Step("after", "tilth.plan.contingency:_fires"),
    "once it has fired": Step("after", "tilth.plan.contingency:_look"),
}


def told_once(rule) -> None:
    """One sample of each week, fired once, and one event with one notice a member."""
    assert list(Sample.objects.order_by("monday").values_list("value", flat=True)) == [40, 30]
    assert Fired.objects.filter(contingency=rule).count() == 1
    event = Event.objects.get(what=Event.What.PLAN_B)
    assert Notice.objects.filter(event=event).count() == 3


@pytest.fixture
def due(goal, rule, bob) -> Contingency:
    """Beyond its bound last week and this one: whoever looks next lets it fire."""
    telling.catch_up(NOW)
    weeks(goal, 0.4)
    chance_is(goal, 0.3, (NOW + WEEK).date())
    return rule


@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize("step", list(STEPS))
def test_killed_at_any_step_it_fires_once(due, workers, step) -> None:
    assert workers.run(NOW + WEEK, STEPS[step]) == [KILLED]
    assert workers.run(NOW + WEEK) == [0]
    told_once(due)


@pytest.mark.django_db(transaction=True)
def test_three_workers_at_the_same_time_fire_once(due, workers) -> None:
    assert workers.run(NOW + WEEK, workers=3) == [0, 0, 0]
    told_once(due)


def test_a_rule_goes_along_to_the_plan_that_both_sign_next(goal, rule, ann, bob, carla, now) -> None:
    later = now + timedelta(days=1)
    new = Goal.objects.create(
        amount=2_000_000_00, currency="EUR", first=goal.first, last=goal.last, set_by=carla, set_at=later
    )
    goal.sign(ann, "marketing", now)
    goal.sign(bob, "sales", now)
    new.sign(ann, "marketing", later)
    rule.refresh_from_db()
    assert rule.goal == goal
    new.sign(bob, "sales", later)
    rule.refresh_from_db()
    assert rule.goal == new


def test_a_figure_that_cannot_be_worked_out_holds_up_no_other(goal, rule, carla, now, monkeypatch) -> None:
    contingency.make(goal, "won", True, 50, 1, "Act", None, carla, now - WEEK)

    def value_of(row, at):
        if row.figure == "chance":
            raise ZeroDivisionError
        return 12.0

    monkeypatch.setattr(contingency, "value_of", value_of)
    assert contingency.catch_up(now) == 2
    assert sorted(Sample.objects.values_list("contingency__figure", "value")) == [("chance", None), ("won", 12)]
