"""A document is read, or every fault in it is named with its place and its mend."""

import copy
from datetime import time

import pytest

from tests.conftest import silent
from tilth.agreement import presets
from tilth.core.agreement import fingerprint, read
from tilth.core.clauses.reader import Unsound, share
from tilth.core.terms import Moment, Recycling, Release, ReviewPromise


@pytest.fixture
def document():
    return presets.load("b2b-software")


def faults(document) -> dict[str, str]:
    with pytest.raises(Unsound) as refusal:
        read(document)
    return {f.path: f.what for f in refusal.value.faults}


def test_the_preset_is_sound(document):
    terms = read(document)
    assert terms.action("A", 4) == "hand_off"
    assert terms.value("A", 4) == 576_000  # 24% of 24,000.00
    assert terms.sales.qualify_by == Moment(2, time(17))


def test_the_usual_deal_is_in_minor_units_of_its_currency(document):
    assert read(at(document, ["currency"], "JPY")).deal_value == 24_000


@pytest.mark.parametrize("name", presets.names())
def test_every_preset_that_ships_is_sound(name):
    read(presets.load(name))


def at(document, path, value):
    """The document with one value replaced."""
    changed = copy.deepcopy(document)
    place = changed
    *way, last = path
    for step in way:
        place = place[step]
    place[last] = value
    return changed


@pytest.mark.parametrize(
    ("path", "value", "place"),
    [
        (["schema"], "tilth/agreement/9", "schema"),
        (["currency"], "euro", "currency"),
        (["time_zone"], "Mars/Olympus", "time_zone"),
        (["country"], "XX", "country"),
        (["region"], "Atlantis", "region"),
        (["working_week"], {}, "working_week"),
        (["working_week", "monday"], ["09:00Z-17:00"], "working_week.monday[0]"),
        (["sla", "sales", "qualify_by"], "wednesday 17:00+02:00", "sla.sales.qualify_by"),
        (["sla", "sales", "first_contact_hours"], 1e12, "sla.sales.first_contact_hours.1"),
        (["sla", "sales", "stale_after_days"], 10**9, "sla.sales.stale_after_days"),
        (["sla", "marketing", "leads"], 10**12, "sla.marketing.leads"),
        (["working_week", "monday"], ["17:00-09:00"], "working_week.monday[0]"),
        (["fit", "grades"], {"A": 10, "B": 20, "C": 5}, "fit.grades"),
        (["fit", "rules", 0, "when"], {"field": "company.shoe_size", "is": 1}, "fit.rules[0].when.field"),
        (["fit", "rules", 0, "when"], {"field": "company.employees"}, "fit.rules[0].when"),
        (["fit", "rules", 0, "when"], {"field": "company.employees", "between": [9, 1]}, "fit.rules[0].when.between"),
        (["fit", "rules", 0, "points"], float("nan"), "fit.rules[0].points"),
        (["interest", "rules", 0, "half_life_days"], 0, "interest.rules[0].half_life_days"),
        (["interest", "rules", 0, "when"], {"kind": "telepathy"}, "interest.rules[0].when.kind"),
        (["interest", "rules", 1, "id"], "demo", "interest.rules"),
        (["interest", "levels"], {2: 8, 3: 8, 4: 40}, "interest.levels"),
        (["matrix", "B"], ["nurture", "nurture"], "matrix.B"),
        (["matrix", "B"], ["nurture", "nurture", "sell", "review"], "matrix.B[2]"),
        (["expected", "chance", "A"], [0.1, "150%", 0.1, 0.1], "expected.chance.A[1]"),
        (["handoff", "required"], ["blood_type"], "handoff.required[0]"),
        (["sla", "marketing", "by"], "someday", "sla.marketing.by"),
        (["sla", "sales", "calls"], [5, 3], "sla.sales.calls"),
        (["return_reasons"], [], "return_reasons"),
        (["fit", "exclude"], [{"id": "x", "say": "X", "when": {"field": "company.domain"}}], "fit.exclude[0].when"),
        (["fit", "rules", 0, "when"], {"field": "person.email", "is": "a@b.nl"}, "fit.rules[0].when.field"),
        (["segments"], [{"id": "x", "when": {"field": "company.city", "is": "Venlo"}}], "segments[0].say"),
        (["journey"], {"awareness": ["guide"], "decision": ["demo", "guide"]}, "journey.decision[1]"),
        (["journey"], {"hesitation": ["guide"]}, "journey.hesitation"),
        (["journey"], {"awareness": "guide"}, "journey.awareness"),
        (["journey"], {"forget_days": 0}, "journey.forget_days"),
        (["ripeness"], {"stage": "green"}, "ripeness.stage"),
        (["ripeness"], {"touches": -1}, "ripeness.touches"),
        (["ripeness"], {"colour": "yellow"}, "ripeness.colour"),
        (["stages"], {"mql": {"responsible": "nobody"}}, "stages.mql.responsible"),
        (["stages"], {"suspect": {}}, "stages.suspect"),
        (["interest", "rules", 0, "at_most"], 1_001, "interest.rules[0].at_most"),
        (["sla", "sales", "hours"], [4, 0.5], "sla.sales.hours"),
        (["sla", "sales", "documents"], 3, "sla.sales.documents"),
        (["sla", "sales", "room_hours"], "many", "sla.sales.room_hours"),
        (["routing", "pools"], [], "routing.pools"),
        (
            ["routing", "pools", 0, "members"],
            {"bob@kasbouw.example": 0},
            "routing.pools[0].members.bob@kasbouw.example",
        ),
        (["routing", "accounts"], {"big.example": "Bob"}, "routing.accounts.big.example"),
        (["routing", "accounts"], ["big.example"], "routing.accounts"),
        (["routing", "dispatch"], "manual", "routing.dispatcher"),
        (["routing", "dispatch"], "by mood", "routing.dispatch"),
        (["routing", "first"], ["call"], "routing.first"),
        (["routing", "pools", 0, "skill"], 7, "routing.pools[0].skill"),
        (["routing", "pools", 0, "when"], [{"field": "company.city"}], "routing.pools[0].when[0]"),
        (["routing", "pools", 0, "when"], {"field": "segment", "is": "giants"}, "routing.pools[0].when.is"),
        (["segments"], [{"id": "x", "say": "X", "when": {"field": "segment", "is": "x"}}], "segments[0].when.field"),
        (["fitt"], {}, "fitt"),
    ],
)
def test_a_fault_is_named_by_its_place(document, path, value, place):
    assert place in faults(at(document, path, value))


def test_all_faults_are_named_at_once(document):
    broken = at(at(document, ["currency"], "euro"), ["time_zone"], "Mars")
    assert set(faults(broken)) == {"currency", "time_zone"}


@pytest.mark.parametrize("document", [None, [], "text", 7, {}])
def test_what_is_no_document_is_refused_not_crashed_on(document):
    with pytest.raises(Unsound):
        read(document)


def test_the_fingerprint_does_not_depend_on_the_order_of_keys(document):
    assert fingerprint(dict(reversed(document.items()))) == fingerprint(document)
    assert fingerprint(at(document, ["currency"], "USD")) != fingerprint(document)


@pytest.mark.parametrize(
    ("typed", "read_as"),
    [("12%", 0.12), ("1/3", 1 / 3), (0.5, 0.5), ("2", None), (-1, None), (True, None), ("x", None), ("1/0", None)],
)
def test_shares_may_be_typed_as_people_write_them(typed, read_as):
    assert share(typed) == (None if read_as is None else pytest.approx(read_as))


def test_what_an_older_document_does_not_say_has_a_plain_meaning(document):
    for part in ("segments", "journey", "ripeness", "stages"):
        document.pop(part, None)
    del document["fit"]["exclude"]
    terms = read(document)
    assert (terms.exclusions, terms.segments, dict(terms.journey)) == ((), (), {})
    assert (terms.ripeness.stage, terms.ripeness.touches, terms.ripeness.days) == (1, 0, 0)
    assert [terms.steps[s].responsible for s in ("lead", "mql")] == ["marketing", "sales"]


def test_a_journey_says_of_each_offer_how_far_it_shows_somebody_to_be(document):
    document["journey"] = {"awareness": ["guide"], "decision": ["demo"], "forget_days": 90}
    assert read(document).journey == {"guide": 1, "demo": 3}


def test_rules_that_contradict_each_other_are_named(document):
    rules, size = document["fit"]["rules"], document["fit"]["rules"][0]
    rules.append({**size, "id": "too-large", "points": -5})
    document["fit"]["exclude"].append({"id": "fifty", "say": "Fifty and more", "when": size["when"]})
    document["interest"]["rules"].append({**document["interest"]["rules"][0], "id": "tyre-kicker", "points": -10})
    named = faults(document)
    last = len(document["interest"]["rules"]) - 1
    assert named["fit.rules[0]"] == "gives points to whom the exclusion 'fifty' keeps out."
    assert named[f"fit.rules[{len(rules) - 1}]"] == "gives -5 points for what the rule 'size' gives +20."
    assert named[f"interest.rules[{last}]"] == "gives -10 points for what the rule 'demo' gives +45."


def test_rules_about_the_same_that_add_up_do_not_contradict(document):
    rules = document["fit"]["rules"]
    rules.append({**rules[0], "id": "more", "points": 5})
    read(document)


def test_more_conditions_than_a_replay_can_hold_are_refused(document):
    rule = document["fit"]["rules"][0]
    document["fit"]["rules"] = [{**rule, "id": f"r{i}"} for i in range(61)]
    assert "has 69 conditions" in faults(document)["fit"]


def test_routes_are_read_with_all_that_they_say(document):
    conditions = [{"field": "segment", "in": ["growers"]}, {"field": "person.country", "is": "DE"}]
    document["segments"] = [{"id": "growers", "say": "Growers", "when": {"field": "company.city", "is": "Venlo"}}]
    german = {"id": "de", "say": "Germany", "members": {"bea@firm.example": 2}, "skill": "German", "when": conditions}
    document["routing"] = {
        "pools": [german, *document["routing"]["pools"]],
        "accounts": {"Big.example": "Bob@firm.example"},
        "first": "call team",
        "dispatch": "manual",
        "dispatcher": "ann@firm.example",
    }
    routes = read(document).routing
    assert (routes.first, routes.by_hand, routes.dispatcher) == ("call team", True, "ann@firm.example")
    assert routes.accounts == {"big.example": "bob@firm.example"}
    first, last = routes.pools
    assert (first.skill, [(c.field, c.test) for c in first.when]) == (
        "German",
        [("segment", "in"), ("person.country", "is")],
    )
    assert (last.when, last.skill) == ((), "")


def test_what_an_agreement_does_not_say_of_the_way_back_is_as_it_was(document):
    terms = read(silent(document))
    assert (terms.review, terms.recycling) == (ReviewPromise(), Recycling())
    assert not terms.release.by_capacity
    assert terms.tell == {}


def test_the_way_back_is_read(document):
    document["sla"]["review"] = {"reviewer": "Eva@kasbouw.example", "within_hours": 8, "blind": "yes"}
    document["recycling"] = {"rounds": 3, "rest_days": 30}
    document["release"] = {"by_capacity": True, "hours": {1: 0.5, 2: 0.5, 3: 1, 4: 1.5}}
    document["tell"] = {"handoff": "at_once", "returned": "digest"}
    terms = read(document)
    assert terms.review == ReviewPromise("eva@kasbouw.example", 8, blind=True)
    assert terms.recycling == Recycling(3, 30)
    assert terms.release == Release(by_capacity=True, hours={1: 0.5, 2: 0.5, 3: 1, 4: 1.5})
    assert terms.tell == {"handoff": "at_once", "returned": "digest"}


@pytest.mark.parametrize(
    ("part", "value", "place"),
    [
        ("recycling", {"rounds": -1}, "recycling.rounds"),
        ("recycling", {"round": 3}, "recycling.round"),
        ("release", {"by_capacity": "perhaps"}, "release.by_capacity"),
        ("release", {"hours": {1: "long"}}, "release.hours.1"),
        ("tell", {"weather": "digest"}, "tell.weather"),
        ("tell", {"breach": "loudly"}, "tell.breach"),
    ],
)
def test_a_fault_on_the_way_back_is_named_by_its_place(document, part, value, place):
    assert place in faults(document | {part: value})


def test_a_reviewer_is_an_address(document):
    document["sla"]["review"] = {"reviewer": "Eva"}
    assert "sla.review.reviewer" in faults(document)
