"""What an event means on the sales floor."""

from datetime import UTC, datetime
from typing import Any

import pytest

from tilth.core import meaning
from tilth.core.delivery import Event
from tilth.core.meaning import CameFrom
from tilth.core.terms import TOUCH_KINDS

NOW = datetime(2026, 6, 16, 8, 40, tzinfo=UTC)


def event(name: str = "", type: str = "track", **parts: Any) -> Event:
    return Event(0, type, "m", NOW, name=name, user_id="u1", **parts)


@pytest.mark.parametrize(
    ("name", "kind"),
    [
        ("Form Submitted", "form"), ("form_submitted", "form"), ("FORM-SUBMIT", "form"), ("Content Downloaded", "download"),
        ("Subscribed", "subscribe"), ("Webinar Attended", "webinar"), ("E-mail Link Clicked", "mail_click"),
        ("Pricing Viewed", "track"), ("", "track"), ("Formule", "track"),
    ],
)  # fmt: skip
def test_names_that_clients_use_have_their_kind(name: str, kind: str) -> None:
    assert meaning.kind(event(name)) == kind


def test_every_kind_in_the_table_is_one_that_an_agreement_knows() -> None:
    assert set(meaning.KINDS.values()) <= set(TOUCH_KINDS)
    assert set(TOUCH_KINDS) >= meaning.GIVES_DETAILS


def test_pages_and_screens_are_pages_whatever_their_name() -> None:
    assert {meaning.kind(event("Form Submitted", type)) for type in ("page", "screen")} == {"page"}


def test_an_offer_is_named_by_any_event_and_by_the_form_where_details_were_given() -> None:
    assert meaning.offer(event(properties={"offer": "Demo"}), "track") == "Demo"
    assert meaning.offer(event(properties={"form_id": 7}), "form") == "7"
    assert meaning.offer(event(properties={"form_id": 7}), "track") == ""


@pytest.mark.parametrize(
    ("context", "came"),
    [
        ({"campaign": {"source": "li", "name": "q4"}}, CameFrom("li", "", "q4")),
        ({"campaign": {"term": "crm"}, "page": {"search": "?utm_source=x"}}, CameFrom("x")),
        ({"page": {"url": "https://x.nl/?utm_source=Google&utm_medium=cpc#a"}}, CameFrom("Google", "cpc")),
        ({"page": {"url": "https://x.nl/?gclid=1"}}, CameFrom("google", "cpc")),
        ({"page": {"url": "https://x.nl/?UTM_Campaign=b%C3%A9"}}, CameFrom(campaign="bé")),
        ({"page": {"url": "https://[x/?utm_source=a"}}, CameFrom()),
        ({"page": "nonsense", "campaign": 7}, CameFrom()),
        ({}, CameFrom()),
    ],
)
def test_where_it_came_from(context: dict[str, Any], came: CameFrom) -> None:
    assert meaning.came_from(event(context=context)) == came


@pytest.mark.parametrize(
    ("address", "kept"), [("https://x.nl/a", "https://x.nl/a"), ("javascript:alert(1)", ""), (7, ""), (None, "")]
)
def test_only_web_addresses_are_addresses(address: Any, kept: str) -> None:
    assert meaning.url(event(properties={"url": address})) == kept
    assert meaning.url(event(context={"page": {"url": address}})) == kept


def test_identify_tells_of_a_person_and_their_company_in_both_spellings() -> None:
    traits = {
        "email": "A@Kas.example", "first_name": "Anouk", "lastName": "Zonneveld", "jobTitle": "Manager", "phone": 31105550142,
        "address": {"country": "Netherlands"}, "company": {"name": "Kas", "id": 7, "employee_count": 12, "plan": "x"},
        "locale": "nl_NL", "plan": "gold", "password": "geheim", "nested": {"a": 1}, "empty": "",
    }  # fmt: skip
    card = meaning.card(event(type="identify", traits=traits))
    assert (card.emails, card.phones) == (["a@kas.example"], ["31105550142"])
    assert card.person == {
        "first_name": "Anouk", "last_name": "Zonneveld", "title": "Manager", "country": "NL", "language": "nl-NL", "plan": "gold",
    }  # fmt: skip
    assert (card.company, card.company_id) == ({"name": "Kas", "employees": "12"}, "7")


def test_one_name_is_cut_at_its_first_space() -> None:
    card = meaning.card(event(type="identify", traits={"name": "Anouk van der Meer"}))
    assert card.person == {"first_name": "Anouk", "last_name": "van der Meer"}


def test_traits_in_the_context_count_for_identify_and_the_events_own_come_first() -> None:
    said = {"traits": {"name": "Old Name", "email": "a@kas.example"}}
    card = meaning.card(event(type="identify", context=said, traits={"name": "Anouk Zonneveld"}))
    assert (card.person["first_name"], card.emails) == ("Anouk", ["a@kas.example"])


def test_a_form_tells_who_filled_it_in_and_its_other_fields_stay_with_the_touch() -> None:
    told = {"email": "a@kas.example", "first name": "Anouk", "Company": "Kas", "message": "hello"}
    card = meaning.card(event("Form Submitted", properties=told))
    assert (card.person, card.company, card.emails) == ({"first_name": "Anouk"}, {"name": "Kas"}, ["a@kas.example"])


def test_any_other_event_tells_an_address_at_most() -> None:
    card = meaning.card(event("Docs Read", properties={"email": "a@kas.example", "name": "Docs"}))
    assert (card.emails, card.person) == (["a@kas.example"], {})


def test_group_tells_of_a_company_and_never_takes_its_address_for_the_persons() -> None:
    traits = {
        "name": "Acme",
        "email": "info@acme.example",
        "website": "https://acme.example",
        "employees": 12,
        "plan": "gold",
    }
    card = meaning.card(event(type="group", group_id="g1", traits=traits))
    assert (card.company_id, card.domain, card.emails) == ("g1", "https://acme.example", [])
    assert card.company == {"name": "Acme", "employees": "12", "plan": "gold"}
