"""The starting agreements: sound, whole, and sensible about people whom everybody knows."""

from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest

from tests.conftest import NOW, silent
from tilth.agreement import presets
from tilth.agreement.writing import read_text, write_text
from tilth.core import qualify as rules
from tilth.core.agreement import read
from tilth.core.qualify import Seen, qualify
from tilth.core.terms import GRADES, LEVELS, TOLD, Recycling, Release, ReviewPromise, Terms

every = pytest.mark.parametrize("name", presets.names())
GOOD = {
    "b2b-software": {"company.employees": 120, "company.industry": "Horticulture", "company.country": "NL", "person.title": "Directeur"},
    "professional-services": {"company.employees": 300, "company.industry": "Health care", "company.country": "NL", "person.title": "CFO"},
    "manufacturing-wholesale": {"company.employees": 45, "company.industry": "Food", "company.country": "BE", "person.title": "Inkoper, eigenaar"},
    "agency": {"company.employees": 80, "company.industry": "Retail", "company.country": "DE", "person.title": "Head of marketing"},
}  # fmt: skip
RAISED = {
    "b2b-software": "demo",
    "professional-services": "intake",
    "manufacturing-wholesale": "sample",
    "agency": "brief",
}
ORDINARY = [
    "International account manager", "Production planner", "Coordinator internal affairs", "Hoofd onboarding",
    "Studio manager", "Internal auditor", "Product owner",
]  # fmt: skip


def terms_of(name: str) -> Terms:
    return read(presets.load(name))


def excluded(terms: Terms, about: dict[str, Any]) -> bool:
    return any(rules.test(c.test, c.value, about.get(c.field)) for c in terms.exclusions)


def touch(kind: str, offer: str = "", hours: int = 1, n: int = 1) -> Seen:
    return Seen(n, NOW - timedelta(hours=hours), kind, offer=offer)


def test_there_are_four_and_software_comes_first() -> None:
    assert presets.names() == ["b2b-software", "professional-services", "manufacturing-wholesale", "agency"]
    assert len({terms_of(name).name for name in presets.names()}) == 4
    with pytest.raises(KeyError):
        presets.load("../b2b-software")


def test_every_file_is_offered() -> None:
    assert {p.stem for p in presets.FOLDER.glob("*.yaml")} == set(presets.names())


@every
def test_it_survives_being_written_as_text_and_read(name: str) -> None:
    assert read(read_text(write_text(presets.load(name)))) == terms_of(name)


@every
def test_no_text_was_cut_at_a_comma(name: str) -> None:
    """In {does: One thing, and another} the second half would be a part of its own without a value."""

    def empty(value: Any, at: str = "") -> list[str]:
        if isinstance(value, dict):
            return [f for k, v in value.items() for f in empty(v, f"{at}.{k}")]
        return [f for v in value for f in empty(v, at)] if isinstance(value, list) else [at] * (value is None)

    assert empty(presets.load(name)) == []


@every
def test_more_fit_and_more_interest_are_never_worth_less(name: str) -> None:
    terms = terms_of(name)
    worth = [[terms.value(grade, level) for level in LEVELS] for grade in GRADES]
    assert all(row == sorted(row) for row in worth)
    assert all(list(column) == sorted(column, reverse=True) for column in zip(*worth, strict=True))
    care = {"disqualify": 0, "nurture": 1, "review": 2, "hand_off": 3}
    done = [[care[terms.action(grade, level)] for level in LEVELS] for grade in GRADES]
    assert all(row == sorted(row) for row in done)
    assert all(list(column) == sorted(column, reverse=True) for column in zip(*done, strict=True))


@every
def test_it_says_everything_that_both_teams_owe(name: str) -> None:
    terms = terms_of(name)
    owed = terms.sales
    assert terms.marketing.leads > 0
    assert [owed.first_contact_hours[n] for n in LEVELS] == sorted(owed.first_contact_hours.values(), reverse=True)
    assert {"documents", "hours", "within_days", "room_hours"} <= set(terms.document["sla"]["sales"])
    assert terms.marketing.leads * owed.hours[0] <= owed.room_hours  # the promises fit into the room that sales has
    assert set(terms.steps) == set(terms.document["stages"])
    assert all(step.does for step in terms.steps.values())
    assert {"lead", "MQL", "SQL", "customer", "handoff", "return", "hand back"} <= set(terms.glossary)


@every
def test_it_says_what_is_done_about_a_promise_in_time(name: str) -> None:
    owed = terms_of(name).sales
    assert 0 < owed.remind_hours < owed.first_contact_hours[4]  # who owes the hottest lead is reminded, too
    assert owed.escalate_hours > 0
    assert owed.late_moves


@every
def test_a_lead_goes_to_somebody_else_only_when_they_agree_and_the_file_says_how(name: str) -> None:
    assert terms_of(name).sales.reassign_hours == 0
    text = (presets.FOLDER / f"{name}.yaml").read_text()
    agreed = read(read_text(text.replace("# reassign_hours:", "reassign_hours:"))).sales
    assert agreed.reassign_hours > agreed.escalate_hours


@every
def test_it_says_who_looks_at_a_return_and_how_often_a_lead_comes_back(name: str) -> None:
    terms = terms_of(name)
    assert set(terms.document["sla"]["review"]) == {"within_hours", "blind"}
    assert terms.review.reviewer == ""  # nobody is there yet: any manager
    assert terms.review.within_hours > 0
    assert terms.recycling.rounds > 1
    assert 0 < terms.recycling.rest_days < terms.forget_days / 2  # what it did before says something still


@every
def test_the_promised_leads_fit_into_the_hours_that_sales_has(name: str) -> None:
    terms = terms_of(name)
    assert terms.release.by_capacity
    hours = [terms.release.hours[level] for level in LEVELS]
    least, most = terms.sales.hours
    assert hours == sorted(hours)
    assert least <= hours[0] <= hours[-1] <= most
    assert terms.marketing.leads * terms.release.hours[3] <= terms.sales.room_hours


@every
def test_it_says_of_everything_how_it_is_told(name: str) -> None:
    tell = terms_of(name).tell
    assert set(tell) == set(TOLD)
    assert {what for what in tell if tell[what] == "at_once"} == {"handoff", "joined", "due", "breach"}


@every
def test_without_these_clauses_it_means_what_it_meant_before_there_were_any(name: str) -> None:
    now = terms_of(name)
    sales = replace(now.sales, remind_hours=0, escalate_hours=0, reassign_hours=0, late_moves=False)
    before = replace(now, sales=sales, review=ReviewPromise(), recycling=Recycling(), release=Release(), tell={})
    assert read(silent(presets.load(name))) == before


@every
def test_offers_that_raise_a_hand_stand_at_the_end_of_the_journey(name: str) -> None:
    terms = terms_of(name)
    hands = {offer for rule in terms.interest_rules if rule.raises_hand for offer in rule.offers}
    assert hands <= {offer for offer, stage in terms.journey.items() if stage == 3}
    assert set(terms.journey.values()) == {1, 2, 3}


@every
def test_a_good_lead_that_asks_is_handed_off(name: str) -> None:
    terms = terms_of(name)
    verdict = qualify(terms, GOOD[name], [touch("form", RAISED[name])], NOW)
    assert (verdict.grade, verdict.action, verdict.raised_hand) == ("A", "hand_off", True)
    assert not excluded(terms, GOOD[name])


@every
def test_who_only_looks_around_is_left_to_ripen(name: str) -> None:
    verdict = qualify(terms_of(name), GOOD[name], [touch("page", hours=n, n=n) for n in range(1, 6)], NOW)
    assert verdict.action == "nurture"


@every
def test_students_are_never_a_lead_and_ordinary_people_are(name: str) -> None:
    terms = terms_of(name)
    assert excluded(terms, {"person.title": "Student bedrijfskunde"})
    assert excluded(terms, {"person.title": "Stagiair marketing"})
    assert [title for title in ORDINARY if excluded(terms, {"person.title": title})] == []


@every
def test_a_segment_is_named_for_a_good_lead(name: str) -> None:
    terms = terms_of(name)
    assert any(rules.test(s.test, s.value, GOOD[name].get(s.field)) for s in terms.segments)
