"""Two documents clause by clause, and two people's work brought together."""

import json
from copy import deepcopy
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tilth.core.compare import Change, Clash, Merged, changes, clause, merge


@pytest.fixture
def document(preset: dict[str, Any]) -> dict[str, Any]:
    return json.loads(json.dumps(preset))


def test_a_clause_is_named_by_its_path_and_an_entry_by_its_id(document):
    new = deepcopy(document)
    new["interest"]["rules"][0]["points"] = 30
    new["sla"]["marketing"]["leads"] = 40
    new["matrix"]["C"][2] = "review"
    assert changes(document, new) == [
        Change("interest.rules[demo].points", 45, 30),
        Change("matrix.C[2]", "nurture", "review"),
        Change("sla.marketing.leads", 50, 40),
    ]
    assert changes(document, new)[0].part == "interest"


def test_an_entry_comes_and_goes_whole_and_moves_no_other(document):
    new = deepcopy(document)
    gone = new["fit"]["rules"].pop(0)
    new["fit"]["rules"].append(
        {"id": "city", "say": "Near us", "when": {"field": "company.city", "is": "Delft"}, "points": 5}
    )
    assert changes(document, new) == [
        Change("fit.rules[size]", gone, None),
        Change("fit.rules[city]", None, new["fit"]["rules"][-1]),
    ]


def test_the_order_of_entries_is_a_clause_of_its_own(document):
    new = deepcopy(document)
    new["lost_reasons"].reverse()
    (change,) = changes(document, new)
    assert (change.path, change.was[0], change.now[0]) == ("lost_reasons", "price", "timing")


def test_a_test_changes_as_one(document):
    new = deepcopy(document)
    new["fit"]["rules"][0]["when"] = {"field": "company.employees", "at_least": 50}
    (change,) = changes(document, new)
    assert change.path == "fit.rules[size].when"
    assert change.was == {"field": "company.employees", "between": [50, 500]}


def test_a_part_that_was_not_there_is_named_clause_by_clause(document):
    document.pop("ripeness")
    new = document | {"ripeness": {"touches": 2, "days": 0}}
    assert changes(document, new) == [Change("ripeness.touches", None, 2), Change("ripeness.days", None, 0)]
    assert changes(new, document) == [Change("ripeness.touches", 2, None), Change("ripeness.days", 0, None)]


def test_one_is_not_true(document):
    new = deepcopy(document)
    new["interest"]["rules"][0]["raises_hand"] = 1
    assert changes(document, new) == [Change("interest.rules[demo].raises_hand", True, 1)]


@pytest.mark.parametrize(
    ("old", "new", "expected"),
    [
        ({"a": [1]}, {"a": [1, 2]}, [Change("a", [1], [1, 2])]),
        ({"matrix": {"A": ["x"]}}, {"matrix": {"A": ["x", "y"]}}, [Change("matrix.A", ["x"], ["x", "y"])]),
        ({"a": [{"id": "x"}, {"id": "x"}]}, {"a": [{"id": "x"}]}, [Change("a", [{"id": "x"}, {"id": "x"}], [{"id": "x"}])]),
        ({"a": "text"}, {"a": {"b": 1}}, [Change("a", "text", {"b": 1})]),
        ({"a": {"b": 1}}, {"a": [1]}, [Change("a", {"b": 1}, [1])]),
        ({}, {}, []),
    ],
)  # fmt: skip
def test_what_is_no_agreement_yet_is_compared_too(old, new, expected):
    assert changes(old, new) == expected


def test_a_place_has_a_name_that_lasts(document):
    assert clause(document, "interest.rules[0].half_life_days") == "interest.rules[demo].half_life_days"
    assert clause(document, "matrix.A[2]") == "matrix.A[2]"
    assert clause(document, "sla.sales.first_contact_hours.4") == "sla.sales.first_contact_hours.4"
    assert clause(document, "fit.rules[99].points") == "fit.rules[99].points"
    assert clause(document, "nothing.here[0]") == "nothing.here[0]"


def test_what_two_people_wrote_in_different_clauses_goes_together(document):
    mine, theirs = deepcopy(document), deepcopy(document)
    mine["interest"]["rules"][0]["points"] = 30
    mine["matrix"]["A"][1] = "review"
    mine["fit"]["rules"].insert(1, {"id": "mine"})
    theirs["interest"]["rules"][0]["at_most"] = 1
    theirs["matrix"]["A"][0] = "review"
    theirs["fit"]["rules"].append({"id": "theirs"})
    del theirs["fit"]["rules"][2]
    theirs["glossary"]["pot"] = "What both grow in."
    both = merge(document, mine, theirs)
    assert both.clashes == ()
    assert both.document["interest"]["rules"][0] == document["interest"]["rules"][0] | {"points": 30, "at_most": 1}
    assert both.document["matrix"]["A"] == ["review", "review", "hand_off", "hand_off"]
    assert [r["id"] for r in both.document["fit"]["rules"]] == [
        "size", "mine", "size-near", "country", "role", "free-mail", "theirs",
    ]  # fmt: skip
    assert both.document["glossary"]["pot"] == "What both grow in."


def test_a_clause_that_both_changed_stays_as_i_wrote_it_and_is_named(document):
    mine, theirs = deepcopy(document), deepcopy(document)
    mine["sla"]["marketing"]["leads"] = 40
    theirs["sla"]["marketing"]["leads"] = 60
    both = merge(document, mine, theirs)
    assert both.clashes == (Clash("sla.marketing.leads", 50, 40, 60),)
    assert both.document == mine


def test_an_entry_that_one_changed_and_the_other_dropped_is_a_clash(document):
    mine, theirs = deepcopy(document), deepcopy(document)
    mine["fit"]["rules"][0]["points"] = 1
    dropped = theirs["fit"]["rules"].pop(0)
    both = merge(document, mine, theirs)
    assert both.clashes == (Clash("fit.rules[size]", dropped, mine["fit"]["rules"][0], None),)
    assert "size" in [r["id"] for r in both.document["fit"]["rules"]]


def test_the_same_change_twice_is_no_clash(document):
    mine = deepcopy(document)
    mine["name"] = "Ours"
    assert merge(document, mine, deepcopy(mine)) == Merged(mine, ())


leaves = st.none() | st.booleans() | st.integers(0, 3) | st.sampled_from(["a", "b"])
entries = st.lists(
    st.fixed_dictionaries({"id": st.sampled_from("abcd"), "points": st.integers(0, 3)}),
    max_size=4, unique_by=lambda e: e["id"],
)  # fmt: skip
documents = st.fixed_dictionaries(
    {},
    optional={
        "name": leaves,
        "fit": st.fixed_dictionaries({"rules": entries}),
        "matrix": st.fixed_dictionaries({"A": st.lists(leaves, min_size=2, max_size=3)}),
        "sla": st.dictionaries(st.sampled_from("xyz"), leaves, max_size=3),
    },
)


@settings(deadline=None)
@given(documents, documents)
def test_merging_with_somebody_who_did_nothing_is_my_own_work(base, mine):
    for both in (merge(base, mine, base), merge(base, base, mine)):
        assert changes(both.document, mine) == []
        assert both.clashes == ()


@settings(deadline=None)
@given(documents, documents, documents)
def test_merging_keeps_every_change_or_names_it_as_a_clash(base, mine, theirs):
    both = merge(base, mine, theirs)
    kept = changes(base, both.document)
    for change in [*changes(base, mine), *changes(base, theirs)]:
        named = any(c.path.startswith(change.path) or change.path.startswith(c.path) for c in both.clashes)
        an_order = change.path.endswith("rules") and not isinstance(change.was or change.now, dict)
        assert change in kept or named or an_order, change


@settings(deadline=None)
@given(documents, documents)
def test_no_change_means_the_same_document(old, new):
    def said(d: Any) -> Any:
        """Without what says nothing: absent and null are the same."""
        return (
            {k: v for k, v in ((k, said(v)) for k, v in d.items()) if v not in (None, {}, [])}
            if isinstance(d, dict)
            else d
        )

    assert changes(old, old) == []
    if not changes(old, new):
        assert said(old) == said(new)
