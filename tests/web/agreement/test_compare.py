"""Two documents in plain sentences, never as a raw diff."""

import json
from copy import deepcopy
from typing import Any

import pytest
from django.utils.html import strip_tags

from tests.conftest import NOW
from tilth.agreement.drafts import open_draft
from tilth.agreement.models import Version
from tilth.core.compare import canonical
from tilth.web.agreement.changes import between

DELETE = object()


@pytest.fixture
def document(preset) -> dict[str, Any]:
    """The preset without the parts that an agreement may leave out, so that tests can bring them in."""
    out = json.loads(json.dumps(preset))
    for part in ("segments", "journey", "ripeness", "stages"):
        del out[part]
    for clause in ("documents", "hours", "within_days", "room_hours"):
        del out["sla"]["sales"][clause]
    del out["fit"]["exclude"]
    return out


def told(old: Any, new: Any) -> list[str]:
    return [strip_tags(s) for part in between(old, new) for s in part.sentences]


def changed(document: Any, path: str, value: Any) -> Any:
    """The document with another value at a path of names and numbers."""
    new = deepcopy(document)
    here: Any = new
    *way, last = (int(step) if step.isdecimal() and step not in "1234" else step for step in path.split("/"))
    for step in way:
        here = here.setdefault(step, {}) if isinstance(here, dict) else here[int(step)]
    last = int(last) if isinstance(here, list) else last
    if value is DELETE:
        del here[last]
    else:
        here[last] = value
    return new


@pytest.mark.parametrize(
    ("path", "value", "sentence"),
    [
        ("name", "Ours", "Name: B2B software → Ours"),
        ("currency", "CHF", "Currency: EUR → CHF"),
        ("region", "Bavaria", "Region whose holidays count: nothing → Bavaria"),
        ("working_week/friday", ["09:00-12:00", "13:00-16:00"], "Friday: 09:00-17:00 → 09:00-12:00, 13:00-16:00"),
        ("working_week/friday", DELETE, "Friday: 09:00-17:00 → nothing"),
        ("closing_days", ["2026-12-24"], "Closing days: new: 24 December 2026"),
        ("glossary/hand back", "Gone cold.", "hand back: Sales worked a lead, no opportunity came of it, marketing takes it on again. → Gone cold."),
        ("fit/rules/0/points", 25, "50 to 500 employees: 20 → 25 points"),
        ("fit/rules/0/say", "The right size", "“50 to 500 employees” is now called “The right size”"),
        ("fit/rules/0/when", {"field": "company.employees", "at_least": 50}, "50 to 500 employees: employees from 50 to 500 → employees is 50 or more"),
        ("fit/rules/0", DELETE, "Gone: 50 to 500 employees, employees from 50 to 500: 20 points"),
        ("fit/grades/A", 50, "Fit A begins at 45 → 50 points"),
        ("interest/rules/0/points", 30, "Asked for a demo: 45 → 30 points"),
        ("interest/rules/0/half_life_days", 0.5, "Asked for a demo: halves every 14 → 0.5 days"),
        ("interest/rules/0/at_most", DELETE, "Asked for a demo: the newest 2 → 1 count"),
        ("interest/rules/0/raises_hand", False, "Asked for a demo: no longer raises a hand"),
        ("interest/rules/4/raises_hand", True, "Talked to us at a fair: raises a hand from now on"),
        ("interest/rules/0/when/offer", ["demo", "tour"], "Asked for a demo: form with the offer demo → form with the offer demo or tour"),
        ("interest/rules/3/when", {"event": "Trial Started"}, "Started a trial: Signed Up or Trial Started → Trial Started"),
        ("interest/levels/4", 45, "Interest 4 begins at 40 → 45 points"),
        ("matrix/C/2", "review", "Fit C with interest 3: Keep ripening → Review"),
        ("expected/chance/A/3", "30%", "Chance of a sale at fit A and interest 4: 24% → 30%"),
        ("expected/deal", 30_000, "The usual deal: €24,000 → €30,000"),
        ("handoff/required", ["first_name", "last_name", "email", "title"], "What must be known at handoff: new: job title; gone: phone"),
        ("handoff/missing", "flag", "Without it: the lead waits with marketing → the lead is flagged"),
        ("sla/marketing/leads", 1_200, "Marketing hands off 50 → 1,200 leads a week"),
        ("sla/marketing/by", "tuesday 10:00", "Marketing hands them off by Monday 09:00 → Tuesday 10:00"),
        ("sla/marketing/good_fit", 0.625, "Of good fit are at least 60% → 62.5%"),
        ("sla/sales/first_contact_hours/4", 2, "First contact at interest 4 within 4 → 2 working hours"),
        ("sla/sales/calls", [3, 6], "Calls for one lead: 3–5 → 3–6"),
        ("sla/sales/hours", [0.5, 4], "Hours for one lead: nothing → 0.5–4"),
        ("sla/review/reviewer", "carla@k.example", "Who looks at every return once more: nothing → carla@k.example"),
        ("sla/review/within_hours", 8, "A return is decided within nothing → 8 working hours"),
        ("sla/review/blind", True, "Returns are decided without seeing who returned them"),
        ("release/by_capacity", True, "Leads are let go only as far as sales has hours for them"),
        ("release/hours/4", 1.5, "A lead with interest 4 takes nothing → 1.5 hours"),
        ("recycling/rounds", 3, "A lead goes through sales nothing → 3 times at most"),
        ("recycling/rest_days", 30, "A lead rests nothing → 30 days between two rounds"),
        ("lost_reasons/0", DELETE, "Gone: Price"),
        ("return_reasons/0/hint", "soon", "Not ready yet, what to ask with it: comes back when ripe → soon"),
        ("routing/pools/0/members", {"bob@kasbouw.example": 2}, "Everyone in sales, turns of bob@kasbouw.example: nothing → 2"),
        ("routing/pools/0/skill", "German", "Everyone in sales, the skill that is needed: nothing → German"),
        ("routing/accounts", {"big.example": "bob@k.example"}, "Leads of big.example go to nothing → bob@k.example"),
        ("routing/first", "call team", "Who works every other lead first: nothing → call team"),
        ("routing/dispatch", "manual", "Leads are passed on nothing → by hand"),
        ("routing/dispatcher", "ann@k.example", "Who passes leads on: nothing → ann@k.example"),
        ("routing/pools/0/when", [{"field": "segment", "is": "x"}, {"field": "person.country", "is": "DE"}], "Everyone in sales: nothing → segment is x and country is DE"),
        ("ripeness/stage", "consideration", "Nobody is called before nothing → consideration"),
        ("ripeness/touches", 2, "A lead is ripe after nothing → 2 touches that counted"),
        ("journey/decision", ["demo", "quote"], "Offers of decision: new: demo and quote"),
        ("stages/mql/responsible", "sales", "MQL: responsible is nothing → sales"),
        ("matrix/A", "all", "What we do: A: nurture, nurture, hand_off, hand_off → all"),
        ("expected/deal", "much", "The usual deal: €24,000 → much"),
        ("sla/sales/calls", {"few": 1}, "Calls for one lead: 3–5 → {&#x27;few&#x27;: 1}"),
        ("odd", {"part": 1}, "odd: part: nothing → 1"),
    ],
)  # fmt: skip
def test_every_kind_of_clause_has_a_sentence(document, path, value, sentence):
    assert told(document, changed(document, path, value)) == [sentence]


def test_new_entries_say_what_they_do(document):
    new = deepcopy(document)
    new["fit"]["exclude"] = [
        {"id": "rival", "say": "A competitor", "when": {"field": "company.domain", "in": ["rival.example"]}}
    ]
    new["interest"]["rules"].append(
        {"id": "visit", "say": "Came to see us", "when": {"kind": "meeting"}, "points": -5, "half_life_days": 3}
    )  # fmt: skip
    new["segments"] = [{"id": "core", "say": "Growers", "when": {"field": "company.industry", "in": ["Horticulture"]}}]
    assert told(document, new) == [
        "New: A competitor, company domain is rival.example",
        "New: Growers, industry is Horticulture",
        "New: Came to see us, meeting: −5 points",
    ]


def test_another_order_is_named(document):
    new = deepcopy(document)
    new["lost_reasons"].reverse()
    assert told(document, new) == [
        "The order: price, competitor, no-decision, feature, timing → timing, feature, no-decision, competitor, price"
    ]


@pytest.mark.parametrize(
    ("path", "value"),
    [
        ("sla/marketing/good_fit", 0.6),
        ("expected/chance/A", [0.01, "4%", "12 %", "6/25"]),
        ("sla/sales/first_contact_hours", {"4": 4.0, "3": 8, "2": 16, "1": 16}),
        ("interest/rules/0/when", {"kind": ["form"], "offer": ["demo"]}),
        ("routing/pools/0/members", []),
        ("interest/rules/4/raises_hand", False),
        ("region", None),
        ("ripeness", {}),
        ("routing/dispatch", "automatic"),
    ],
)
def test_what_is_only_written_in_another_way_is_no_difference(document, path, value):
    assert between(document, changed(document, path, value)) == []


def test_one_first_contact_stands_for_every_level(document):
    one = changed(document, "sla/sales/first_contact_hours", 8)
    each = changed(document, "sla/sales/first_contact_hours", {"1": 8, "2": 8, "3": 8, "4": 8})
    assert between(one, each) == []
    assert canonical(one) == canonical(each)


@pytest.mark.parametrize(
    "odd", [{}, None, [], "text", {"fit": []}, {"fit": {"rules": [1]}}, {"interest": {"rules": {"a": 1}}}, {"matrix": {"A": [None]}},
            {"routing": {"pools": [{"id": "x", "members": 7}]}}, {"sla": 1}, {"expected": {"chance": {"A": "x"}}}, {"currency": 7}],
)  # fmt: skip
def test_a_document_that_is_none_is_compared_too(document, odd):
    assert isinstance(between(document, odd), list)
    assert isinstance(between(odd, document), list)


def test_the_page_shows_both_and_lets_choose_others(clock, agreement, preset, client_of, ann, dirk):
    draft = open_draft(preset | {"name": "<i>Ours</i>"}, ann, NOW, agreement)
    page = client_of(dirk).get(f"/agreement/compare/1/draft-{draft.pk}/").content.decode()
    assert "Name: <s>B2B software</s> → <b>&lt;i&gt;Ours&lt;/i&gt;</b>" in page
    assert "1 thing" in page
    assert client_of(dirk).get("/agreement/compare/1/1/").content.decode().count("Nothing: both say the same.") == 1
    chosen = client_of(dirk).get(f"/agreement/compare/?old=draft-{draft.pk}&new=1")
    assert chosen["Location"] == f"/agreement/compare/draft-{draft.pk}/1/"
    assert client_of(dirk).get("/agreement/compare/")["Location"] == f"/agreement/compare/1/draft-{draft.pk}/"
    for missing in ("1/2", "1/draft-99", "x/1", "1/draft-"):
        assert client_of(dirk).get(f"/agreement/compare/{missing}/").status_code == 404


def test_with_one_version_there_is_nothing_to_compare(agreement, client_of, ann):
    assert client_of(ann).get("/agreement/compare/")["Location"] == "/agreement/"


def test_a_version_links_to_what_it_changes(clock, agreement, preset, client_of, ann):
    Version.write(preset | {"name": "Next"}, ann, NOW)
    assert "/agreement/compare/1/2/" in client_of(ann).get("/agreement/2/").content.decode()
    assert "/agreement/compare/1/2/" in client_of(ann).get("/agreement/2/signatures/marketing/").content.decode()
