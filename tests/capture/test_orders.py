"""In whatever order events arrive, together or apart, the same persons, browsers and touches come of them."""

import json
import os
import random
from collections.abc import Iterable, Sequence
from datetime import UTC, datetime
from itertools import permutations
from pathlib import Path
from typing import Any

import pytest
from django.db import transaction
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from tests.conftest import examples
from tilth.capture import understand
from tilth.capture.models import Received, Source
from tilth.people.known import Told, keep
from tilth.people.models import Person, Visitor
from tilth.touches import record
from tilth.touches.models import Origin, Touch

NOW = datetime(2026, 6, 16, 8, 40, tzinfo=UTC)
RECORDED = Path(os.environ.get("TILTH_DATA", "")) / "ingest" / "requests.jsonl"
Said = dict[str, Any]

pytestmark = pytest.mark.django_db


def at(minute: int, type: str, visitor: str = "", user: str = "", **more: Any) -> Said:
    """An event that happened so many minutes after eight."""
    named = {"anonymousId": visitor or None, "userId": user or None}
    when = f"2026-06-16T08:{minute:02}:00Z"
    return {"type": type, **named, "timestamp": when, "messageId": f"{minute} {type}", **more}


def form(minute: int, visitor: str = "", user: str = "", **fields: Any) -> Said:
    return at(minute, "track", visitor, user, event="Form Submitted", properties={"form": "demo", **fields})


def deliver(source: Source, events: Iterable[Said]) -> None:
    body = json.dumps({"batch": list(events)}).encode()
    Received.objects.create(source=source, at=NOW, path="/v1/batch", body=body)
    assert understand.catch_up(NOW) == 1


def person(row: Person | None) -> Any:
    """A person by all that is known, whatever number they got."""
    if row is None:
        return None
    ids = sorted(row.ids.values_list("system", "value"))
    emails, phones = sorted(e.address for e in row.emails.all()), sorted(p.number for p in row.phones.all())
    columns = (row.first_name, row.last_name, row.title, row.company and row.company.name, sorted(row.custom.items()))
    return (ids, emails, phones, *columns, row.at)


def graph() -> Any:
    """All that was understood, without the numbers of rows and the times at which it was learned."""
    people = {row.pk: repr(person(row)) for row in Person.objects.select_related("company")}
    visitors = Visitor.objects.values_list("key", "at", "person", "browser__key", "shared")
    touches = Touch.objects.values_list("event", "at", "kind", "evidence", "visitor__key", "person")
    origins = Origin.objects.values_list("person", "at", "touch__event")
    return (
        sorted(people.values()),
        sorted((key, when, people.get(pk, ""), browser or "", shared) for key, when, pk, browser, shared in visitors),
        sorted((*touch, people.get(pk, "")) for *touch, pk in touches),
        sorted((people[pk], *origin) for pk, *origin in origins),
    )


def after(*deliveries: Sequence[Said]) -> Any:
    """What is known once these deliveries were understood, one after the other, in a world of its own."""
    with transaction.atomic():
        source = Source.objects.create(name="Site", write_key="site", at=NOW)
        for events in deliveries:
            deliver(source, events)
        known = graph()
        transaction.set_rollback(True)
    return known


ANOUK = {"email": "anouk@kas.example", "firstName": "Anouk"}
BRAM = {"email": "bram@bloem.example", "firstName": "Bram"}
FOUR = {
    "page, identify, form, alias": (
        [at(1, "page", "v1"), at(2, "identify", "v1", "u1"), form(3, "v1", email="anouk@kas.example", name="Anouk Z"),
         at(4, "alias", "", "u1", previousId="v1")], 1,
    ),
    "page, identify, track by the user, alias of another browser": (
        [at(1, "page", "v0"), at(2, "identify", "v1", "u1", traits=ANOUK), at(3, "track", "", "u1", event="Docs Read"),
         at(4, "alias", "", "u1", previousId="v0")], 1,
    ),
    "a form before anybody has an id": (
        [at(1, "page", "v1"), form(2, "v1", email="anouk@kas.example"), at(3, "identify", "v1", "u1", traits={"plan": "gold"}),
         form(4, "v2", "u1", email="anouk@kas.example", phone="0105550142")], 1,
    ),
    "a user id that is renamed": (
        [at(1, "identify", "v1", "u1"), at(2, "alias", "", "u2", previousId="u1"), at(3, "identify", "v2", "u2", traits=ANOUK),
         at(4, "page", "v1")], 1,
    ),
    "an id and an address that turn out to be one person's": (
        [form(1, "v1", email="anouk@kas.example", company="Kas"), at(2, "identify", "v2", "u1", traits={"plan": "gold"}),
         at(3, "page", "v2"), at(4, "identify", "v2", "u1", traits=ANOUK)], 1,
    ),
    "two persons at one browser, and what is done in between": (
        [at(1, "identify", "v1", "u1", traits=ANOUK), at(2, "page", "v1"), at(3, "identify", "v1", "u2", traits=BRAM),
         at(4, "page", "v1")], 2,
    ),
    "two ids at one browser, and an address between them": (
        [at(1, "identify", "v1", "u1"), form(2, "v1", email="anouk@kas.example", name="Anouk"),
         at(3, "identify", "v1", "u2"), at(4, "page", "v1")], 2,
    ),
    "who comes back to a shared browser": (
        [at(1, "identify", "v1", "u1", traits=ANOUK), at(2, "identify", "v1", "u2", traits=BRAM),
         at(3, "track", "v1", "u1", event="Pricing Viewed"), at(4, "page", "v1")], 2,
    ),
    "two addresses at one browser": (
        [at(1, "page", "v1"), form(2, "v1", email="anouk@kas.example"), form(3, "v1", email="bram@bloem.example"),
         at(4, "page", "v1")], 2,
    ),
    "ids that mean nobody": (
        [at(1, "page", "v1", "undefined"), at(2, "identify", "v1", "u1", traits=ANOUK), form(3, "v2", "null", email="bram@bloem.example"),
         at(4, "alias", "", "u1", previousId="[object Object]")], 2,
    ),
    "somebody changes their name": (
        [at(1, "identify", "v1", "u1", traits={**ANOUK, "lastName": "Zon"}), at(2, "identify", "v1", "u1", traits={"title": "CTO"}),
         at(3, "identify", "v1", "u1", traits={"lastName": "Zonneveld"}), form(4, "v1", email="anouk@kas.example", title="CEO")], 1,
    ),
    "an invitation to somebody else": (
        [at(1, "identify", "v1", "u1", traits={"plan": "gold"}), at(2, "track", "v1", "u1", event="Invited", properties={"email": "bram@bloem.example"}),
         form(3, "v2", email="bram@bloem.example"), at(4, "identify", "v1", "u1", traits=ANOUK)], 2,
    ),
}  # fmt: skip


@pytest.mark.parametrize("case", FOUR)
def test_the_24_orders_of_four_events_come_to_the_same(case: str) -> None:
    events, persons = FOUR[case]
    known = after(events)
    assert len(known[0]) == persons
    for order in permutations(events):
        assert after(order) == known, [e["messageId"] for e in order]
        assert after(*([e] for e in order)) == known, [e["messageId"] for e in order]


def test_before_the_change_of_hands_it_was_the_first_and_after_it_the_second() -> None:
    source = Source.objects.create(name="Site", write_key="site", at=NOW)
    pages = [at(minute, "page", "v1", name=f"Page {minute}") for minute in (1, 3, 5, 7)]
    hands = [at(2, "identify", "v1", "u1", traits=ANOUK), at(4, "identify", "v1", "u2", traits=BRAM)]
    deliver(source, [*pages, *hands])
    deliver(source, [at(6, "track", "v1", "u1", event="Docs Read")])
    whose = dict(Touch.objects.values_list("event", "person__first_name"))
    assert whose == {"Page 1": "Anouk", "Page 3": "Anouk", "Page 5": "Bram", "Docs Read": "Anouk", "Page 7": "Anouk"}


def test_an_event_that_comes_late_moves_nobody_whom_a_colleague_has_taken_up() -> None:
    source = Source.objects.create(name="Site", write_key="site", at=NOW)
    deliver(source, [at(3, "identify", "v1", "u2"), form(2, "v1", email="anouk@kas.example")])
    known = Person.objects.get()
    record.record("call", NOW, NOW, person=known, team="sales")
    deliver(source, [at(1, "identify", "v1", "u1")])
    assert known.emails.get().address == "anouk@kas.example"
    assert Person.objects.count() == 2


def test_two_persons_that_we_know_from_elsewhere_are_never_made_one() -> None:
    source = Source.objects.create(name="Site", write_key="site", at=NOW)
    anouk, _ = keep(Told(emails=["anouk@kas.example"]), NOW, "import 1")
    other, _ = keep(Told(ids=[("user", "u1")]), NOW, "import 1")
    deliver(source, [at(1, "identify", "v1", "u1", traits=ANOUK), at(2, "page", "v1")])
    assert set(Person.objects.all()) == {anouk, other}
    assert Touch.objects.get().person == other


IDS = st.sampled_from(["", "u1", "u2", "u3"])
PLACES = st.sampled_from(["", "v1", "v2"])
MAILS = st.sampled_from(["", "anouk@gmail.com", "bram@gmail.com"])


@st.composite
def days(draw: st.DrawFn) -> list[Said]:
    """Some events of three users with two addresses at two browsers, who contradict themselves as they please."""
    out = []
    for minute in range(draw(st.integers(2, 9))):
        type, visitor, user, mail = (
            draw(st.sampled_from(["page", "identify", "form", "alias"])),
            draw(PLACES),
            draw(IDS),
            draw(MAILS),
        )
        if type == "alias":
            previous = draw(st.sampled_from(["v1", "v2", "u1", "u2"]))
            out.append(at(minute, "alias", visitor, user or "u1", previousId=previous))
        elif type == "form":
            out.append(form(minute, visitor or "v1", user, **({"email": mail} if mail else {})))
        elif type == "identify":
            out.append(at(minute, "identify", visitor, user or "u1", traits={"email": mail} if mail else {}))
        else:
            out.append(at(minute, "page", visitor or "v1", user))
    return out


@settings(max_examples=examples(40), deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(day=days(), seed=st.randoms(use_true_random=False))
def test_any_day_in_any_order_in_any_deliveries_comes_to_the_same(day: list[Said], seed: random.Random) -> None:
    known = after(day)
    shuffled = seed.sample(day, len(day))
    cut = seed.randrange(len(day))
    assert after(shuffled[:cut], shuffled[cut:]) == known
    assert after(*([event] for event in shuffled)) == known


@pytest.mark.data
@pytest.mark.skipif(not os.environ.get("TILTH_DATA"), reason="TILTH_DATA does not point to the real data")
def test_a_recorded_day_that_is_sent_three_times_and_shuffled_comes_to_the_same() -> None:
    told = [json.loads(line) for line in RECORDED.read_text().splitlines()]
    sent = [(r["path"].partition("?")[0][:80], json.dumps(r["json"]).encode()) for r in told if r["json"] is not None]
    day = datetime(2026, 11, 22, 5, 30, tzinfo=UTC)

    def known(requests: list[tuple[str, bytes]]) -> Any:
        with transaction.atomic():
            source = Source.objects.create(name="Site", write_key="site", at=NOW)
            Received.objects.bulk_create(
                [Received(source=source, at=day, path=path, body=body) for path, body in requests]
            )
            while understand.catch_up(day):
                pass
            out = graph()
            transaction.set_rollback(True)
        return out

    once = known(sent)
    assert len(once[2]) > 50
    for seed in range(5):
        assert known(random.Random(seed).sample(3 * sent, 3 * len(sent))) == once
