"""What a verdict says, against figures worked out by hand from the preset agreement."""

from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tilth.agreement import presets
from tilth.core.agreement import read
from tilth.core.qualify import Seen, lacking, qualify
from tilth.core.qualify import test as holds_for

TERMS = read(presets.load("b2b-software"))
NOW = datetime(2026, 6, 16, 8, 40, tzinfo=UTC)
GROWER = {
    "company.employees": 120,
    "company.industry": "Horticulture",
    "company.country": "NL",
    "person.title": "Operations manager",
    "person.first_name": "Anouk",
    "person.email": "anouk@zonneveldtomaten.example",
}


def demo(days_ago: float = 0, **kw) -> Seen:
    return Seen(kw.pop("id", 1), NOW - timedelta(days=days_ago), "form", "demo", **kw)


def test_fit_adds_the_points_of_the_rules_that_hold():
    verdict = qualify(TERMS, GROWER, [], NOW)
    assert [(w.rule, w.points) for w in verdict.fit] == [("size", 20), ("industry", 20), ("country", 10), ("role", 15)]
    assert (verdict.fit_points, verdict.grade) == (65, "A")


def test_a_demo_today_is_level_four_and_an_old_demo_has_cooled():
    assert qualify(TERMS, {}, [demo()], NOW).level == 4
    cooled = qualify(TERMS, {}, [demo(14)], NOW)
    assert cooled.interest_points == pytest.approx(22.5)
    assert cooled.level == 3
    assert qualify(TERMS, {}, [demo(28)], NOW).level == 2


def test_only_the_newest_hits_count_up_to_the_agreed_number():
    touches = [demo(d, id=d) for d in (14, 28, 42)]
    verdict = qualify(TERMS, {}, touches, NOW)
    assert verdict.interest[0].times == 2
    assert verdict.interest_points == pytest.approx(22.5 + 11.25)


def test_machines_and_retracted_touches_never_score():
    for evidence in (0, -1):
        assert qualify(TERMS, GROWER, [demo(evidence=evidence)], NOW).interest_points == 0


def test_what_lies_ahead_does_not_count_yet():
    assert qualify(TERMS, GROWER, [demo(-1)], NOW).interest == ()


def test_a_good_fit_that_asks_for_a_demo_is_handed_off():
    verdict = qualify(TERMS, GROWER, [demo()], NOW)
    assert (verdict.grade, verdict.level, verdict.action, verdict.raised_hand) == ("A", 4, "hand_off", True)


def test_a_poor_fit_that_asks_for_a_demo_is_reviewed():
    verdict = qualify(TERMS, {"company.country": "US"}, [demo()], NOW)
    assert (verdict.grade, verdict.action) == ("D", "review")


def test_the_moment_is_known_at_which_interest_cools_below_its_level():
    verdict = qualify(TERMS, {}, [demo()], NOW)
    assert verdict.changes_at is not None
    assert qualify(TERMS, {}, [demo()], verdict.changes_at).level == 3
    assert qualify(TERMS, {}, [demo()], verdict.changes_at - timedelta(seconds=2)).level == 4


def test_what_is_missing_at_handoff_is_named_in_the_order_of_the_agreement():
    assert lacking(TERMS, GROWER) == ["last_name", "phone"]


@pytest.mark.parametrize(
    ("name", "wanted", "value", "holds"),
    [
        ("is", "Retail", "retail", True),
        ("in", ("NL", "BE"), "be", True),
        ("contains", ("manager",), "Operations Manager", True),
        ("between", (50, 500), 50, True),
        ("between", (50, 500), "501", False),
        ("at_least", 5, "five", False),
        ("known", True, 0, True),
        ("known", False, None, True),
        ("known", True, "", False),
        ("is", "True", True, True),
    ],
)
def test_conditions(name, wanted, value, holds):
    assert holds_for(name, wanted, value) is holds


KINDS = [("form", "demo"), ("form", "quote"), ("page", ""), ("webinar", ""), ("unsubscribe", ""), ("note", "")]
histories = st.lists(
    st.tuples(st.sampled_from(KINDS), st.floats(-5, 200), st.integers(-1, 3)).map(
        lambda t: Seen(0, NOW - timedelta(days=t[1]), t[0][0], t[0][1], evidence=t[2])
    ),
    max_size=30,
)


@given(histories)
def test_reasons_sum_to_the_score_whatever_happened(history):
    verdict = qualify(TERMS, GROWER, history, NOW)
    assert verdict.interest_points == pytest.approx(sum(w.points for w in verdict.interest))
    cell = TERMS.action(verdict.grade, verdict.level)
    assert verdict.action == ("nurture" if cell == "hand_off" and verdict.unripe else cell)


def with_ripeness(**parts):
    document = presets.load("b2b-software")
    document["ripeness"] = parts
    return read(document)


def webinars(count, days=2.0):
    return [Seen(n, NOW - timedelta(days=days), "webinar", "webinar") for n in range(count)]


def test_nobody_is_handed_off_who_only_orients():
    terms = with_ripeness(stage="decision")
    verdict = qualify(terms, GROWER, webinars(3), NOW)
    assert (verdict.level, verdict.journey, verdict.action, verdict.unripe) == (4, 2, "nurture", ("stage",))
    assert qualify(with_ripeness(stage="consideration"), GROWER, webinars(3), NOW).action == "hand_off"


def test_a_step_that_is_long_ago_says_nothing_any_more():
    old = [Seen(9, NOW - timedelta(days=181), "form", "demo")]
    verdict = qualify(with_ripeness(stage="decision"), GROWER, [*old, *webinars(3)], NOW)
    assert (verdict.raised_hand, verdict.journey) == (False, 2)


def test_care_comes_before_a_handoff_in_touches_and_in_days():
    assert qualify(with_ripeness(touches=4), GROWER, webinars(3), NOW).unripe == ("touches",)
    short = qualify(with_ripeness(days=3), GROWER, webinars(3), NOW)
    assert (short.action, short.unripe) == ("nurture", ("days",))
    assert short.changes_at == NOW + timedelta(days=1)
    assert qualify(with_ripeness(days=3), GROWER, webinars(3), short.changes_at).action == "hand_off"


def test_a_raised_hand_is_ripe_at_once():
    verdict = qualify(with_ripeness(stage="decision", touches=9, days=90), GROWER, [demo()], NOW)
    assert (verdict.action, verdict.unripe, verdict.raised_hand) == ("hand_off", (), True)


def test_an_exclusion_disqualifies_whatever_the_points():
    verdict = qualify(TERMS, GROWER | {"person.title": "Praktikant"}, [demo()], NOW)
    assert (verdict.action, verdict.excluded, verdict.raised_hand) == ("disqualify", "student", False)


def test_the_segment_is_the_first_that_fits():
    assert qualify(TERMS, GROWER, [], NOW).segment == "core"
    assert qualify(TERMS, {"company.employees": 80, "company.industry": "Law"}, [], NOW).segment == "larger"
    assert qualify(TERMS, {}, [], NOW).segment == ""


@given(histories)
def test_the_score_equals_a_slow_second_opinion(history):
    """For each rule on its own: take the hits, newest first, cut at `at_most`, halve by age."""
    total = 0.0
    for rule in TERMS.interest_rules:
        ages = sorted(
            (NOW - t.at).total_seconds() / 86_400
            for t in history
            if t.at <= NOW
            and t.evidence >= 1
            and (not rule.kinds or t.kind in rule.kinds)
            and (not rule.offers or t.offer in rule.offers)
            and (not rule.events or t.event in rule.events)
            and rule.url in t.url
        )
        total += sum(rule.points * 2 ** (-age / rule.half_life_days) for age in ages[: rule.at_most])
    assert qualify(TERMS, GROWER, history, NOW).interest_points == pytest.approx(total, rel=1e-9, abs=1e-9)


@given(histories, st.randoms(use_true_random=False))
def test_the_order_in_which_touches_are_read_does_not_matter(history, random):
    mixed = list(history)
    random.shuffle(mixed)
    assert qualify(TERMS, GROWER, mixed, NOW) == qualify(TERMS, GROWER, history, NOW)
