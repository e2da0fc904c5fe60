"""An agreement as a form to fill in: what is shown and sent back is the same document, and what is typed is read."""

import copy
import json
from typing import Any

import pytest
from hypothesis import Phase, given, reject, settings
from hypothesis import strategies as st

from tilth.agreement import presets
from tilth.core import blanks as form
from tilth.core.agreement import read
from tilth.core.blanks import Known, blanks, fill, lasting, place
from tilth.core.clauses.reader import Fault, Unsound
from tilth.core.entries import act
from tilth.core.kinds import Days, Number, Share, Spans
from tilth.core.places import GONE, get, put
from tilth.core.terms import ACTIONS, DAYS, GRADES, LEVELS, PERSON_FIELDS, TELL, TOLD, TOUCH_KINDS
from tilth.core.written import listed, words

PRESET = json.loads(json.dumps(presets.load("b2b-software")))
UNSHRUNK = (Phase.explicit, Phase.reuse, Phase.generate)  # a document is large: to shrink one takes minutes
KNOWN = Known(("demo", "guide"), ("person.custom.size",), ("bob@kasbouw.example", "ruben@kasbouw.example"))

texts = st.text(st.characters(exclude_categories=("Cs", "Cc")), min_size=1, max_size=12)
word = st.text("abcdefgh ,;\"'é–", min_size=1, max_size=10).map(str.strip).filter(bool)
numbers = st.integers(-(10**9), 10**9) | st.floats(-1e6, 1e6).map(lambda x: round(x, 4))
more = st.floats(0.05, 900).map(lambda x: round(x, 3)) | st.integers(1, 900)
shares = st.sampled_from(["60%", "1/3", "12.5%", 0.25, 0, 1, "0.5"])
moments = st.builds("{} {:02d}:{:02d}".format, st.sampled_from(DAYS), st.integers(0, 23), st.integers(0, 59))
names = st.lists(st.from_regex(r"[a-z][a-z-]{0,8}", fullmatch=True), min_size=1, max_size=4, unique=True)
scalars = st.none() | st.booleans() | numbers | texts
anything = st.recursive(
    scalars, lambda inside: st.lists(inside, max_size=3) | st.dictionaries(texts, inside, max_size=3), max_leaves=6
)


@st.composite
def conditions(draw: st.DrawFn) -> dict[str, Any]:
    low = draw(numbers)
    test, value = draw(
        st.sampled_from(
            [
                ("is", draw(word)), ("in", draw(st.lists(word, max_size=3))), ("contains", draw(st.lists(word, max_size=3))),
                ("between", [low, low + draw(st.integers(0, 99))]), ("at_least", low), ("at_most", low), ("known", draw(st.booleans())),
            ]
        )
    )  # fmt: skip
    return {"field": draw(st.sampled_from(["company.industry", "company.employees", "person.custom.a.b"])), test: value}


@st.composite
def sound(draw: st.DrawFn) -> dict[str, Any]:
    """The preset with its parts written anew."""
    out = copy.deepcopy(PRESET)
    out["fit"]["rules"] = [
        {"id": n, "say": draw(word), "when": draw(conditions()), "points": draw(numbers)} for n in draw(names)
    ]
    out["interest"]["rules"] = [
        {
            "id": n, "say": draw(word), "points": draw(numbers), "half_life_days": draw(more), "at_most": draw(st.integers(1, 1000)),
            "when": draw(st.fixed_dictionaries(
                {"kind": st.sampled_from(TOUCH_KINDS) | st.lists(st.sampled_from(TOUCH_KINDS), min_size=1, unique=True)},
                optional={"offer": word | st.lists(word, min_size=1, unique=True), "event": word, "url": word})),
        } | draw(st.sampled_from([{}, {"raises_hand": True}]))
        for n in draw(names)
    ]  # fmt: skip
    out["matrix"] = {g: draw(st.lists(st.sampled_from(ACTIONS), min_size=4, max_size=4)) for g in GRADES}
    out["expected"]["chance"] = {g: draw(st.lists(shares, min_size=4, max_size=4)) for g in GRADES}
    out["handoff"]["required"] = draw(st.lists(st.sampled_from(PERSON_FIELDS), unique=True))
    out["sla"]["marketing"] |= {"by": draw(moments), "good_fit": draw(shares), "leads": draw(st.integers(0, 999))}
    hours = st.integers(0, 99) | st.floats(0, 99).map(lambda x: round(x, 2))
    out["sla"]["sales"]["first_contact_hours"] = draw(hours | st.fixed_dictionaries({str(n): hours for n in LEVELS}))
    out["glossary"] = draw(st.dictionaries(word, word, max_size=3))
    out["closing_days"] = [d.isoformat() for d in draw(st.lists(st.dates(), max_size=2))]
    out["routing"] |= draw(
        st.fixed_dictionaries(
            {},
            optional={
                "accounts": st.dictionaries(word, st.just("bob@kasbouw.example"), max_size=3),
                "first": word,
                "dispatch": st.just("automatic"),
                "dispatcher": st.just("ann@kasbouw.example"),
            },
        )
    )
    out["sla"] |= draw(st.fixed_dictionaries({}, optional={"review": reviews}))
    out |= draw(st.fixed_dictionaries({}, optional={"recycling": st.just({"rounds": 3, "rest_days": 30})}))
    out |= draw(
        st.fixed_dictionaries({}, optional={"tell": st.dictionaries(st.sampled_from(TOLD), st.sampled_from(TELL))})
    )
    out |= draw(st.fixed_dictionaries({}, optional={"release": releases}))
    when = draw(conditions() | st.lists(conditions(), min_size=1, max_size=3))
    out["routing"]["pools"] = [
        {"id": "some", "say": draw(word), "when": when, "members": draw(members)} | draw(skills),
        *out["routing"]["pools"],
    ]
    try:
        read(out)
    except Unsound:
        reject()  # rules that were drawn contradict each other
    return out


reviews = st.fixed_dictionaries(
    {},
    optional={
        "reviewer": st.just("ann@kasbouw.example"),
        "within_hours": st.integers(0, 99),
        "blind": st.sampled_from([True, False, "yes", "no"]),
    },
)
releases = st.fixed_dictionaries(
    {},
    optional={
        "by_capacity": st.sampled_from([True, False, "yes", "no"]),
        "hours": st.dictionaries(st.sampled_from(["1", "2", "3", "4"]), st.sampled_from([0.5, 1, 2])),
    },
)
skills = st.fixed_dictionaries({}, optional={"skill": word})
members = st.sampled_from(
    ["everyone in sales", ["bob@kasbouw.example"], {"bob@kasbouw.example": 2, "new@kasbouw.example": 0.5}]
)


@st.composite
def faulty(draw: st.DrawFn) -> dict[str, Any]:
    """A sound document in which some places hold anything."""
    out = draw(sound())
    for _n in range(draw(st.integers(1, 4))):
        here: Any = out
        while True:
            steps = list(here) if isinstance(here, dict) else list(range(len(here)))
            step = draw(st.sampled_from(steps)) if steps else None
            if step is None:
                break
            if not isinstance(here[step], dict | list) or not here[step] or draw(st.booleans()):
                here[step] = draw(anything)
                break
            here = here[step]
    return out


def as_sent(shown: dict[str, form.Blank]) -> dict[str, list[str]]:
    """What a browser sends of an untouched form: ticks in the order of the page, no line ends in a line."""
    return {
        n: ["", *sorted(b.texts)] if isinstance(b.kind, form.Picks) else [b.text.replace("\n", "")]
        for n, b in shown.items()
    }


@given(sound() | faulty() | st.dictionaries(st.sampled_from(sorted(PRESET)), anything), st.sampled_from([".", ","]))
@settings(max_examples=60, deadline=None, phases=UNSHRUNK)
def test_what_was_not_touched_is_the_same_document(document, mark):
    shown = blanks(document, KNOWN, mark)
    assert len({b.name for b in shown.values()}) == len(shown)
    again = fill(document, as_sent(shown), KNOWN, mark)
    assert json.dumps(again) == json.dumps(document)


@given(sound(), st.sampled_from([".", ","]))
@settings(max_examples=40, deadline=None, phases=UNSHRUNK)
def test_everything_typed_anew_says_the_same(document, mark):
    """Each text is read, as if it had been typed: the terms are the same, and so is the form."""
    shown, anew = blanks(document, KNOWN, mark), copy.deepcopy(document)
    for blank in shown.values():
        if not isinstance(blank.kind, form.More):
            put(anew, blank.steps, blank.kind.read(blank.texts, get(anew, blank.steps)))
    assert read(anew) == read(document)


@given(faulty())
@settings(max_examples=40, deadline=None, phases=UNSHRUNK)
def test_every_fault_has_its_place(document):
    try:
        read(document)
        return
    except Unsound as e:
        faults = e.faults
    shown = blanks(document, KNOWN)
    at, rest = place(faults, shown)
    assert sum(map(len, at.values())) + len(rest) == len(faults)
    assert at.keys() <= shown.keys()


def test_a_fault_stands_at_the_control_that_mends_it():
    document = typed(
        {"interest.rules[3].points": "many", "sla.marketing.by:time": "late", "fit.rules[0].when:value": "some"}
    )
    document["fit"]["rules"][1]["id"] = "size"
    document["routing"]["pools"][0]["members"] = {"bob@kasbouw.example": 0}
    with pytest.raises(Unsound) as refusal:
        read(document)
    at, rest = place(refusal.value.faults, blanks(document, KNOWN))
    assert list(at) == [
        "fit.rules[0].when:value", "interest.rules[3].points", "sla.marketing.by:day", "routing.pools[0].members:bob@kasbouw.example",
    ]  # fmt: skip
    assert [f.path for f in rest] == ["fit.rules"]
    assert place([Fault("pricing", "is no part.", "")], blanks(document))[1] != []


def typed(texts: dict[str, str | list[str]], document: Any = None) -> Any:
    """The preset (or another document) after these texts were typed into its form."""
    sent = {name: [text] if isinstance(text, str) else text for name, text in texts.items()}
    assert sent.keys() <= blanks(document or PRESET, KNOWN).keys()
    return fill(document or PRESET, sent, KNOWN)


@pytest.mark.parametrize(
    ("name", "text", "steps", "value"),
    [
        ("fit.rules[0].points", "−7,5", ["fit", "rules", 0, "points"], -7.5),
        ("fit.rules[0].points", "", ["fit", "rules", 0, "points"], GONE),
        ("fit.rules[0].points", "a lot", ["fit", "rules", 0, "points"], "a lot"),
        ("fit.rules[0].when:value", "10 tot 20", ["fit", "rules", 0, "when", "between"], [10, 20]),
        ("fit.rules[0].when:value", "1,5-2.000", ["fit", "rules", 0, "when", "between"], [1.5, 2000]),
        ("fit.rules[0].when:value", "-5 – -1", ["fit", "rules", 0, "when", "between"], [-5, -1]),
        ("fit.rules[0].when:test", "at_least", ["fit", "rules", 0, "when"], {"field": "company.employees", "at_least": "50 – 500"}),
        ("fit.rules[2].when:test", "unknown", ["fit", "rules", 2, "when"], {"field": "company.industry", "known": False}),
        ("fit.rules[2].when:field", "email.free", ["fit", "rules", 2, "when"], {"field": "email.free", "is": "True"}),
        ("fit.rules[2].when:field", "person.phone", ["fit", "rules", 2, "when"], {"field": "person.phone", "known": True}),
        ("fit.rules[3].when:value", 'NL; BE, "Isle, of Man"', ["fit", "rules", 3, "when", "in"], ["NL", "BE", "Isle, of Man"]),
        ("expected.deal", "€ 24.500,00", ["expected", "deal"], 24_500),
        ("sla.marketing.good_fit", "60 %", ["sla", "marketing", "good_fit"], "60%"),
        ("sla.marketing.good_fit", "70", ["sla", "marketing", "good_fit"], "70%"),
        ("sla.marketing.good_fit", "0,7", ["sla", "marketing", "good_fit"], "0.7"),
        ("sla.marketing.good_fit", "1 / 3", ["sla", "marketing", "good_fit"], "1/3"),
        ("sla.marketing.by:day", "friday", ["sla", "marketing", "by"], "friday 09:00"),
        ("sla.marketing.by:time", "8.30", ["sla", "marketing", "by"], "monday 08:30"),
        ("sla.sales.first_contact_hours:level 4", "2", ["sla", "sales", "first_contact_hours", "4"], 2),
        ("sla.sales.calls[1]", "6", ["sla", "sales", "calls"], [3, 6]),
        ("sla.review.reviewer", "ann@kasbouw.example", ["sla", "review", "reviewer"], "ann@kasbouw.example"),
        ("sla.review.blind", "yes", ["sla", "review", "blind"], True),
        ("release.by_capacity", "yes", ["release", "by_capacity"], True),
        ("release.hours.4", "1,5", ["release", "hours", "4"], 1.5),
        ("recycling.rounds", "3", ["recycling", "rounds"], 3),
        ("recycling.rest_days", "7,5", ["recycling", "rest_days"], 7.5),
        ("tell.handoff", "at_once", ["tell", "handoff"], "at_once"),
        ("tell.due", "", ["tell", "due"], GONE),
        ("working_week.saturday", "9-12:30, 13–17", ["working_week", "saturday"], ["09:00-12:30", "13:00-17:00"]),
        ("closing_days", "24-12-2026, 31.12.2026", ["closing_days"], ["2026-12-24", "2026-12-31"]),
        ("interest.rules[0].when.kind", ["", "form", "chat"], ["interest", "rules", 0, "when", "kind"], ["form", "chat"]),
        ("interest.rules[0].when.offer", [""], ["interest", "rules", 0, "when", "offer"], GONE),
        ("interest.rules[0].when.offer:more", "trial", ["interest", "rules", 0, "when", "offer"], ["demo", "trial"]),
        ("interest.rules[0].raises_hand", [""], ["interest", "rules", 0, "raises_hand"], GONE),
        ("journey:offer guide", "decision", ["journey", "decision", 4], "guide"),
        ("routing.pools[0].members:bob@kasbouw.example", "1,5", ["routing", "pools", 0, "members"], {"bob@kasbouw.example": 1.5}),
        ("glossary[0].word", "lead", ["glossary", "lead (2)"], "Anyone on our site or channels, known or not."),
        ("matrix.C[2]", "review", ["matrix", "C", 2], "review"),
        ("fit.rules[0].say", "NUL\0 and\r\nlines", ["fit", "rules", 0, "say"], "NUL and\nlines"),
    ],
)  # fmt: skip
def test_what_is_typed_is_read_as_it_is_meant(name, text, steps, value):
    assert get(typed({name: text}), steps) == value


def test_a_range_that_is_emptied_is_not_there():
    plain = copy.deepcopy(PRESET)
    del plain["sla"]["sales"]["documents"]
    document = typed({"sla.sales.documents[0]": "1", "sla.sales.documents[1]": "3"}, plain)
    assert document["sla"]["sales"]["documents"] == [1, 3]
    assert typed({"sla.sales.documents[0]": "", "sla.sales.documents[1]": ""}, document) == plain


def test_names_that_are_no_blank_change_nothing():
    assert fill(PRESET, {"schema": ["x"], "fit.rules[99].points": ["1"], "fit.grades.D": ["1"], "": ["1"]}) == PRESET


def test_a_number_that_is_text_is_shown_in_quotes_so_that_taking_them_away_mends_it():
    document = copy.deepcopy(PRESET)
    document["fit"]["rules"][0]["points"] = "20"
    assert blanks(document)["fit.rules[0].points"].text == '"20"'
    assert typed({"fit.rules[0].points": "20"}, document) == PRESET


def test_entries_come_and_go_and_move():
    added = act(PRESET, "add", "segments", "s-1")
    assert added["segments"][-1] == {"id": "s-1", "say": "", "when": {"field": "company.industry", "in": []}}
    assert act(added, "remove", "segments[2]", "")["segments"] == PRESET["segments"]
    down = act(PRESET, "down", "return_reasons[0]", "")
    assert [r["id"] for r in down["return_reasons"][:2]] == ["no-fit", "not-ready"]
    assert act(down, "up", "return_reasons[1]", "") == PRESET
    for what, name in (
        ("up", "return_reasons[0]"),
        ("down", "return_reasons[4]"),
        ("remove", "fit.rules[77]"),
        ("remove", "sla"),
        ("x", "y"),
    ):
        assert act(PRESET, what, name, "") == PRESET
    pools = act(PRESET, "add", "routing.pools", "p-1")["routing"]["pools"]
    assert [p["id"] for p in pools] == ["p-1", "everyone"]
    assert "when" not in act({}, "add", "routing.pools", "p-1")["routing"]["pools"][0]
    terms = act(PRESET, "add", "glossary", "")
    assert list(terms["glossary"])[-1] == ""
    assert act(terms, "remove", f"glossary[{len(terms['glossary']) - 1}]", "") == PRESET
    assert act({"fit": 5}, "add", "fit.rules", "r-1")["fit"]["rules"][0]["points"] == 10


def test_a_lasting_name_survives_what_goes_above_it():
    assert lasting(PRESET, "fit.rules[3]") == "fit.rules[country]"
    assert lasting(act(PRESET, "remove", "fit.rules[0]", ""), "fit.rules[2]") == "fit.rules[country]"
    assert lasting(PRESET, "glossary[1]") == "glossary[subscriber]"


@given(st.lists(word, max_size=5))
def test_a_list_that_is_shown_is_read_again(entries):
    assert words(listed(entries)) == entries


@given(numbers, st.sampled_from([".", ","]))
def test_a_number_that_is_shown_is_read_again(value, mark):
    assert Number().read(Number().show(value, mark), None) == value


def test_kinds_keep_what_they_cannot_read():
    assert Share().read(["most"], None) == "most"
    assert Days().read(["Christmas, 31-02-2026"], None) == ["Christmas", "31-02-2026"]
    assert Spans().read(["all day"], None) == ["all day"]


def test_conditions_of_a_pool_are_added_changed_and_taken_away() -> None:
    pool = "routing.pools[0].when"
    one = typed({f"{pool}:field": "person.country", f"{pool}:test": "is", f"{pool}:value": "DE"})
    assert one["routing"]["pools"][0]["when"] == {"field": "person.country", "is": "DE"}
    assert blanks(one)[f"{pool}:field2"].text == ""
    two = typed({f"{pool}:field2": "segment"}, one)
    two = typed({f"{pool}:test2": "is", f"{pool}:value2": "growers"}, two)
    german, growers = {"field": "person.country", "is": "DE"}, {"field": "segment", "is": "growers"}
    assert two["routing"]["pools"][0]["when"] == [german, growers]
    both = typed({f"{pool}:field": "", f"{pool}:value2": "florists", f"{pool}:field3": "company.city"}, two)
    assert both["routing"]["pools"][0]["when"] == [{**growers, "is": "florists"}, {"field": "company.city", "in": []}]
    none = typed({f"{pool}:field": "", f"{pool}:field2": ""}, two)
    assert "when" not in none["routing"]["pools"][0]


def test_named_accounts_come_and_go() -> None:
    added = act(PRESET, "add", "routing.accounts", "")
    named = typed({"routing.accounts[0].word": "big.example", "routing.accounts[0].meaning": "bob@k.example"}, added)
    assert named["routing"]["accounts"] == {"big.example": "bob@k.example"}
    assert lasting(named, "routing.accounts[0]") == "routing.accounts[big.example]"
    assert act(named, "remove", "routing.accounts[0]", "")["routing"]["accounts"] == {}
