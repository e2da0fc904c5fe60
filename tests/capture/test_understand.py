"""Deliveries become persons, companies, visitors and touches; what cannot be understood stays, with a reason."""

import json
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from tilth.capture import understand
from tilth.capture.models import Received, Refusal, Source, Taken
from tilth.consent import models as consents
from tilth.consent.models import Consent
from tilth.people import links, suppressed
from tilth.people.known import Told, keep
from tilth.people.models import Company, Email, Learned, News, Person, Visitor
from tilth.touches.models import Evidence, Origin, Touch

NOW = datetime(2026, 6, 16, 8, 40, tzinfo=UTC)
AT = "2026-06-16T08:00:00Z"

pytestmark = pytest.mark.django_db


@pytest.fixture
def site() -> Source:
    return Source.objects.create(name="Website", write_key="site", team="person", at=NOW)


@pytest.fixture
def deliver(site: Source) -> Callable[..., Received]:
    """Put a delivery of these events in the inbox, and let it be understood."""

    def deliver(*events: dict[str, Any], source: Source = site, taken: bool = True, body: bytes = b"") -> Received:
        told = [{"messageId": f"m{i}", "timestamp": AT, "sentAt": AT, **e} for i, e in enumerate(events)]
        received = Received.objects.create(
            source=source, at=NOW, path="/v1/batch", body=body or json.dumps({"batch": told}).encode()
        )
        if taken:
            assert understand.catch_up(NOW) == 1
        return received

    return deliver


def identify(user: str = "", visitor: str = "", id: str = "i", **traits: Any) -> dict[str, Any]:
    return {"type": "identify", "userId": user, "anonymousId": visitor, "traits": traits, "messageId": id}


def track(event: str, user: str = "", visitor: str = "", id: str = "", **properties: Any) -> dict[str, Any]:
    return {
        "type": "track", "event": event, "userId": user, "anonymousId": visitor, "properties": properties,
        "messageId": id or event + user + visitor,
    }  # fmt: skip


def test_identify_makes_a_person_with_a_company(deliver: Callable[..., Received]) -> None:
    deliver(identify("u1", email="Anouk@zonneveld.example", firstName="Anouk", last_name="Zonneveld", plan="gold"))
    person = Email.objects.get(address="anouk@zonneveld.example").person
    assert (person.name, person.custom) == ("Anouk Zonneveld", {"plan": "gold"})
    assert person.company.domain == "zonneveld.example"
    assert person.at == NOW


def test_a_person_known_from_elsewhere_is_found_by_their_address(deliver: Callable[..., Received]) -> None:
    known, _ = keep(Told(emails=["anouk@zonneveld.example"]), NOW, "import 1")
    deliver(track("Pricing Viewed", "u1"), identify("u1", email="anouk@zonneveld.example"))
    assert Person.objects.get() == known
    assert Touch.objects.get().person == known


def test_what_a_user_did_before_we_knew_them_is_theirs(deliver: Callable[..., Received]) -> None:
    deliver(track("Pricing Viewed", "u1"), track("Docs Read", visitor="v1"))
    assert [t.evidence for t in Touch.objects.all()] == [Evidence.ANONYMOUS, Evidence.ANONYMOUS]
    assert not Person.objects.exists()
    deliver(identify("u1", "v1", email="anouk@zonneveld.example"))
    person = Person.objects.get()
    assert Touch.objects.filter(person=person).count() == 2
    assert News.objects.filter(person=person).exists()


def test_a_form_tells_who_filled_it_in(deliver: Callable[..., Received]) -> None:
    deliver(
        track(
            "Form Submitted", visitor="v1", form="demo", email="a@kas.example", name="Anouk Zonneveld", company="Kas"
        ),
        track("Docs Read", visitor="v1"),
    )
    person = Person.objects.get()
    form, docs = Touch.objects.order_by("id")
    assert (form.kind, form.offer.key, form.person, form.evidence) == ("form", "demo", person, Evidence.DECLARED)
    assert docs.person == person
    assert (person.first_name, person.last_name, person.company.name) == ("Anouk", "Zonneveld", "Kas")
    assert Origin.objects.get(person=person).touch == form


def test_the_campaign_comes_from_the_client_else_from_the_address(deliver: Callable[..., Received]) -> None:
    said = {"campaign": {"source": "linkedin", "medium": "cpc", "name": "q4_nl"}}
    url = "https://kas.example/?utm_source=google&utm_medium=organic&utm_campaign=spring"
    deliver(
        {**track("A", visitor="v"), "context": said},
        {**track("B", visitor="v"), "context": {"page": {"url": url}}},
        {**track("C", visitor="v"), "context": {"page": {"search": "?gclid=x"}}},
        track("D", visitor="v"),
    )
    rows = Touch.objects.order_by("event").values_list("source", "medium", "campaign__key")
    assert list(rows) == [
        ("linkedin", "cpc", "q4_nl"), ("google", "organic", "spring"), ("google", "cpc", None), ("", "", None),
    ]  # fmt: skip


def test_pages_keep_their_address(deliver: Callable[..., Received]) -> None:
    page = {"type": "page", "anonymousId": "v", "category": "Docs", "name": "Install"}
    deliver(
        {**page, "properties": {"url": "https://kas.example/docs"}}, {**page, "properties": {"url": "javascript:x"}}
    )
    assert list(Touch.objects.values_list("kind", "event", "url")) == [
        ("page", "Docs Install", "https://kas.example/docs"), ("page", "Docs Install", ""),
    ]  # fmt: skip


def test_group_gives_a_person_their_company(deliver: Callable[..., Received]) -> None:
    group = {"type": "group", "userId": "u1", "groupId": "acme", "traits": {"name": "Acme", "employees": 120}}
    deliver(group, identify("u1", email="a@gmail.com"))
    assert (Person.objects.get().company.name, Company.objects.get().employees) == ("Acme", 120)


def test_alias_gives_a_visitor_a_name(deliver: Callable[..., Received]) -> None:
    deliver(track("Docs Read", visitor="v1"))
    deliver({"type": "alias", "previousId": "v1", "userId": "u1", "messageId": "a"})
    assert Touch.objects.get().person == Person.objects.get()
    assert Visitor.objects.get(key="v1").person == Person.objects.get()


def test_a_shared_device_keeps_two_persons_apart(deliver: Callable[..., Received]) -> None:
    deliver(identify("u1", "v1", "1", email="a@kas.example"), identify("u2", "v1", "2", email="b@kas.example"))
    deliver(identify("u3", "v1", "3", plan="gold"))
    assert Person.objects.count() == 3
    assert Visitor.objects.get(key="v1").person == Email.objects.get(address="a@kas.example").person


def test_a_name_given_at_a_known_browser_is_that_persons(deliver: Callable[..., Received]) -> None:
    deliver(track("Form Submitted", visitor="v1", email="a@kas.example"))
    deliver(identify("u1", "v1", firstName="Anouk"))
    assert Person.objects.get().first_name == "Anouk"


def test_traits_without_an_id_or_an_address_make_nobody(deliver: Callable[..., Received]) -> None:
    deliver(identify("", "v1", theme="dark"))
    assert not Person.objects.exists()


def test_events_of_the_service_desk_are_made_by_service(deliver: Callable[..., Received]) -> None:
    desk = Source.objects.create(name="Desk", write_key="desk", team="service", at=NOW)
    deliver(track("Ticket Solved", visitor="v"), source=desk)
    assert Touch.objects.get().team == "service"


def test_the_client_may_name_the_kind_itself(deliver: Callable[..., Received]) -> None:
    deliver(track("Kennismaking", visitor="v", kind="webinar"), track("X", visitor="v", kind="nonsense"))
    assert list(Touch.objects.order_by("id").values_list("kind", flat=True)) == ["webinar", "track"]


def test_a_browser_that_says_it_is_a_machine_counts_for_nothing(deliver: Callable[..., Received]) -> None:
    deliver({**track("Docs Read", visitor="v"), "context": {"userAgent": "Mozilla/5.0 (compatible; Googlebot/2.1)"}})
    assert Touch.objects.get().evidence == Evidence.MACHINE


def test_a_retry_changes_nothing(deliver: Callable[..., Received]) -> None:
    old = identify("u1", email="a@kas.example", firstName="Anouk")
    deliver(old, track("Docs Read", "u1"))
    deliver(identify("u1", id="later", firstName="Annouk"))
    deliver(old, track("Docs Read", "u1"))
    assert Person.objects.get().first_name == "Annouk"
    assert (Touch.objects.count(), Taken.objects.count()) == (1, 2)


def test_the_same_event_twice_in_one_delivery_counts_once(deliver: Callable[..., Received]) -> None:
    deliver(track("Docs Read", visitor="v"), track("Docs Read", visitor="v"))
    assert Touch.objects.count() == 1


def test_the_same_message_id_of_two_sources_is_two_events(deliver: Callable[..., Received], site: Source) -> None:
    other = Source.objects.create(name="App", write_key="app", at=NOW)
    deliver(track("A", visitor="v", id="1"))
    deliver(track("A", visitor="v", id="1"), source=other)
    assert Touch.objects.count() == 2


def test_good_events_never_suffer_for_a_bad_one(deliver: Callable[..., Received]) -> None:
    received = deliver(
        track("A", visitor="v"), {"type": "track", "event": "B"}, {"type": "wave"}, track("C", visitor="v")
    )
    assert list(received.refusals.values_list("index", "reason")) == [(1, "no_identity"), (2, "unknown_type")]
    assert Touch.objects.count() == 2
    received.refresh_from_db()
    assert received.taken_at == NOW


def test_a_body_that_is_no_json_is_kept_with_its_reason(deliver: Callable[..., Received]) -> None:
    received = deliver(body=b"{nonsense")
    assert received.refusals.get().reason == "not_json"
    assert bytes(received.body) == b"{nonsense"


def test_an_event_that_breaks_the_reading_is_refused_alone(
    deliver: Callable[..., Received], monkeypatch: pytest.MonkeyPatch
) -> None:
    real = understand.meaning.kind

    def kind(event: Any) -> str:
        if event.name == "Cursed":
            raise ValueError("boom")
        return real(event)

    with monkeypatch.context() as patch:
        patch.setattr(understand.meaning, "kind", kind)
        received = deliver(track("A", visitor="v"), track("Cursed", visitor="v"), track("C", visitor="v"))
    assert list(received.refusals.values_list("index", "reason", "detail")) == [
        (1, "not_understood", "ValueError('boom')")
    ]
    assert Touch.objects.count() == 2
    assert understand.replay(received, NOW) == []
    assert Touch.objects.count() == 3
    assert not Refusal.objects.exists()


def test_a_delivery_that_breaks_the_opening_is_kept(
    deliver: Callable[..., Received], monkeypatch: pytest.MonkeyPatch
) -> None:
    def read(*_: Any) -> Any:
        raise KeyError("bug")

    monkeypatch.setattr(understand.delivery, "read", read)
    assert deliver(track("A", visitor="v")).refusals.get().reason == "not_understood"


def test_a_crash_halfway_loses_nothing(deliver: Callable[..., Received], monkeypatch: pytest.MonkeyPatch) -> None:
    deliver(identify("u1", email="a@kas.example"), track("A", "u1"), taken=False)

    def crash(*_: Any, **__: Any) -> None:
        raise KeyboardInterrupt

    with monkeypatch.context() as patch:
        patch.setattr(Refusal.objects.__class__, "bulk_create", crash)
        with pytest.raises(KeyboardInterrupt):
            understand.catch_up(NOW)
    assert not Touch.objects.exists()
    assert understand.catch_up(NOW) == 1
    assert Touch.objects.count() == 1


def test_deliveries_are_taken_in_bounded_portions(
    deliver: Callable[..., Received], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(understand, "AT_ONCE", 4)
    for n in range(5):
        deliver(track("A", visitor="v", id=f"{n}a"), track("B", visitor="v", id=f"{n}b"), taken=False)
    assert [understand.catch_up(NOW) for _ in range(4)] == [2, 2, 1, 0]
    assert Touch.objects.count() == 10


def test_any_order_of_delivery_gives_the_same_facts(deliver: Callable[..., Received]) -> None:
    """Page, identify, group and alias of one visitor, as browsers send them: in parallel."""
    from itertools import permutations

    events = [
        track("Docs Read", "u1", "v1"),
        identify("u1", "v1", email="a@kas.example"),
        {"type": "alias", "previousId": "v0", "userId": "u1", "messageId": "a"},
        track("Pricing Viewed", "", "v0"),
    ]
    for order in permutations(events):
        for model in (Touch, Taken, Visitor, Person):
            model.objects.all().delete()
        for event in order:
            deliver(event)
        assert Person.objects.count() == 1, order
        assert Touch.objects.filter(person=Person.objects.get()).count() == 2, order


def test_a_clock_that_is_ten_years_off_is_put_right(deliver: Callable[..., Received]) -> None:
    wrong = {"timestamp": "2036-06-16T08:00:00Z", "sentAt": "2036-06-16T08:00:05Z"}
    deliver({**track("A", visitor="v"), **wrong}, {**track("B", visitor="v"), **wrong, "sentAt": None})
    a, b = Touch.objects.order_by("event")
    assert a.at == NOW - timedelta(seconds=5)
    assert b.at == NOW + timedelta(minutes=1)
    assert b.properties["said_at"] == "2036-06-16T08:00:00Z"


@pytest.mark.parametrize(
    "event",
    [
        track("Docs Read", "u" * 98),
        identify("u", website="x" * 300 + ".nl"),
        identify("u", website=".".join(["x" * 50] * 4) + ".nl"),
        identify("u", email="a@" + ".".join(["x" * 50] * 4) + ".nl"),
        identify("u", company="x" * 300),
        identify("u", company={"id": "x" * 300, "name": "Kas"}),
        identify("u", title="x" * 300, locale="x" * 40, firstName="x" * 300, industry="x" * 300),
        track("Form Submitted", "u", phone="0" * 70, offer="x" * 300, email="a@kas.example"),
    ],
    ids=["user id", "website", "domain", "address", "company", "company id", "attributes", "form"],
)
def test_texts_longer_than_any_column_cost_no_event(deliver: Callable[..., Received], event: dict[str, Any]) -> None:
    deliver(event)
    assert not Refusal.objects.exists()


def test_a_company_id_that_means_nobody_joins_no_companies(deliver: Callable[..., Received]) -> None:
    for user, name in (("u1", "Kas"), ("u2", "Bloem")):
        deliver(identify(user, id=user, company={"id": "undefined", "name": name}))
    assert set(Company.objects.values_list("name", flat=True)) == {"Kas", "Bloem"}


def test_who_agrees_on_a_website_and_who_does_not_any_more(deliver: Callable[..., Received]) -> None:
    """A consent is no touch; it is the person's once the browser has a name."""
    said = {"purpose": "mail", "text": "Mail me.", "page": "https://kas.example/led"}
    deliver(track("Consent Given", visitor="v1", id="1", **said), track("Docs Read", visitor="v1"))
    row = Consent.objects.get()
    assert (row.act, row.purpose, row.text, row.page, row.method) == (
        "given", "mail", "Mail me.", "https://kas.example/led", "tracker",
    )  # fmt: skip
    deliver(track("Consent Given", visitor="v1", id="1", **said), identify("u1", "v1", email="a@kas.example"))
    person = Person.objects.get()
    assert consents.may(person.pk, "mail")
    deliver(track("Consent Withdrawn", visitor="v1", id="2", purpose="mail"))
    assert not consents.may(person.pk, "mail")
    assert (Consent.objects.count(), Touch.objects.get().event) == (2, "Docs Read")


def test_a_personal_link_says_who_came(deliver: Callable[..., Received]) -> None:
    anouk, _ = keep(Told(emails=["anouk@zonneveld.example"]), NOW, "import 1")
    link = {"link": links.token(anouk, "https://kas.example/led", "june")}
    deliver(track("Docs Read", visitor="v1"), {**track("Led Read", visitor="v1"), "context": link})
    deliver(track("Pricing Viewed", visitor="v1"))
    deliver({**track("Docs Read", visitor="v2", id="forged"), "context": {"link": link["link"][:-1] + "x"}})
    assert set(Touch.objects.filter(visitor__key__startswith="v2").values_list("person", flat=True)) == {None}
    assert anouk.touches.count() == 3


def test_nothing_is_kept_of_who_was_erased(deliver: Callable[..., Received]) -> None:
    suppressed.suppress(["a@kas.example", ("user", "u1")], "whose", NOW)
    deliver(
        identify("u2", "v1", id="1", email="A@kas.example"), track("Docs Read", "u1", "v2"), track("Docs Read", visitor="v3"),
        track("Form Submitted", visitor="v4", email="a@kas.example"),
    )  # fmt: skip
    assert not Person.objects.exists()
    assert list(Visitor.objects.values_list("key", flat=True)) == ["v3"]
    assert Touch.objects.count() == 1


def test_what_is_known_already_is_said_again_for_nothing(
    deliver: Callable[..., Received], django_assert_max_num_queries: Any
) -> None:
    told = {"email": "a@kas.example", "firstName": "Anouk", "plan": "gold"}
    deliver(*(identify(f"u{n}", f"v{n}", f"{n}", **{**told, "email": f"a{n}@gmail.com"}) for n in range(50)))
    with django_assert_max_num_queries(40):
        deliver(*(identify(f"u{n}", f"v{n}", f"{n}b", **{**told, "email": f"a{n}@gmail.com"}) for n in range(50)))
    assert Learned.objects.filter(person__isnull=False).count() == 50


def test_a_touch_keeps_no_secrets(deliver: Callable[..., Received]) -> None:
    deliver(
        track("Signed Up", visitor="v1", plan="gold", password="x", billing={"cardNumber": "4111", "city": "Delft"})
    )
    kept = Touch.objects.get().properties
    assert (kept.keys(), kept["billing"]) == ({"plan", "billing", "said_at"}, {"city": "Delft"})
