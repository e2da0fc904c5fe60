"""Two people fill in the same agreement at once: both keep what they wrote."""

import copy
import json
from typing import Any

from hypothesis import given, settings
from hypothesis import strategies as st

from tilth.agreement import presets
from tilth.core.blanks import blanks, fill
from tilth.core.entries import act
from tilth.core.places import get
from tilth.core.together import together

PRESET: Any = json.loads(json.dumps(presets.load("b2b-software")))
NUMBERS = sorted(
    n for n in blanks(PRESET) if n.endswith((".points", ".at_most", ".half_life_days")) or n.startswith("fit.grades")
)


def typed(document: Any, **texts: str) -> Any:
    return fill(document, {name: [text] for name, text in texts.items()})


def points(document: Any) -> dict[str, Any]:
    return {r["id"]: r["points"] for r in document["fit"]["rules"]}


def test_what_touches_other_places_goes_together():
    mine = typed(PRESET, **{"fit.rules[0].points": "21", "matrix.A[0]": "review"})
    theirs = typed(PRESET, **{"fit.rules[0].say": "Mid-sized", "matrix.A[1]": "hand_off", "sla.sales.calls[0]": "2"})
    both = together(PRESET, mine, theirs)
    assert (both.held, both.back) == ({}, ())
    assert both.document == typed(theirs, **{"fit.rules[0].points": "21", "matrix.A[0]": "review"})


def test_the_same_place_keeps_what_was_stored_and_holds_what_was_typed():
    both = together(
        PRESET, typed(PRESET, **{"fit.rules[0].points": "30"}), typed(PRESET, **{"fit.rules[0].points": "25"})
    )
    assert points(both.document)["size"] == 25
    assert both.held == {"fit.rules[0].points": ("30",)}


def test_what_is_held_is_named_where_it_stands_now():
    mine = typed(PRESET, **{"fit.rules[3].points": "30"})
    theirs = act(typed(PRESET, **{"fit.rules[3].points": "25"}), "remove", "fit.rules[0]", "")
    both = together(PRESET, mine, theirs)
    assert both.held == {"fit.rules[2].points": ("30",)}
    assert both.document["fit"]["rules"][2]["id"] == "country"


def test_a_rule_that_one_removes_and_the_other_changes_stays_changed():
    changed, removed = typed(PRESET, **{"fit.rules[0].points": "30"}), act(PRESET, "remove", "fit.rules[0]", "")
    for mine, theirs in ((changed, removed), (removed, changed)):
        both = together(PRESET, mine, theirs)
        assert points(both.document)["size"] == 30
        assert both.back == ("fit.rules[size]",)
        assert both.held == {}


def test_two_conditions_of_one_rule_are_one_place():
    mine = typed(PRESET, **{"fit.rules[0].when:value": "60 – 600"})
    theirs = typed(PRESET, **{"fit.rules[0].when:test": "unknown"})
    both = together(PRESET, mine, theirs)
    assert get(both.document, ["fit", "rules", 0, "when"]) == {"field": "company.employees", "known": False}
    assert both.held == {"fit.rules[0].when:value": ("60 – 600",)}


changes = st.dictionaries(st.sampled_from(NUMBERS), st.integers(1, 90).map(str), max_size=4)


@given(changes, changes)
@settings(max_examples=40, deadline=None)
def test_nothing_that_anybody_typed_is_lost(mine, theirs):
    """Every text is in the document, or held at its place; what others stored is always in the document."""
    both = together(PRESET, typed(PRESET, **mine), typed(copy.deepcopy(PRESET), **theirs))
    shown, began = blanks(both.document), blanks(PRESET)
    for name, text in theirs.items():
        if text != began[name].text:
            assert shown[name].text == text
    for name, text in mine.items():
        if text != began[name].text:
            assert shown[name].text == text or both.held[name] == (text,)
