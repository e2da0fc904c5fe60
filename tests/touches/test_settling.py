"""Clicks and openings count once a minute has shown that no scanner made them; scanners' never do."""

import json
import random
from collections.abc import Iterable
from datetime import datetime, timedelta
from typing import Any

import pytest
from hypothesis import HealthCheck, given
from hypothesis import settings as runs
from hypothesis import strategies as st

from tests.conftest import NOW, SIGNED, examples
from tests.touches.bursts import CHROME, OFFICE, READERS, SCANNERS, Done, delivered, happens, mail_to
from tilth import conveyor
from tilth.agreement.models import Version
from tilth.capture.models import Received, Source
from tilth.core import evidence
from tilth.people.known import recognise
from tilth.people.models import News, Person
from tilth.qualify.models import StageChange, Standing
from tilth.team.models import Member
from tilth.touches import settling
from tilth.touches.models import Correction, Evidence, Origin, Touch
from tilth.touches.record import adopt, offer, record

SECOND, MINUTE = timedelta(seconds=1), timedelta(minutes=1)


@pytest.fixture
def mailed(anouk: Person) -> Person:
    mail_to(anouk)
    return anouk


def settle(now: datetime) -> None:
    while settling.catch_up(now):
        pass


def outcome(person: Person) -> dict[tuple[datetime, str], tuple[int, Any]]:
    rows = Touch.objects.filter(person=person, kind__in=evidence.OF_MAILS).order_by("pk")
    return {(t.at, t.url): (t.evidence, evidence.marks_of(t.properties).get("machine")) for t in rows}


def test_a_click_waits_a_minute_and_then_counts(mailed: Person, django_assert_max_num_queries) -> None:
    touch = happens(mailed, (900, "a", CHROME, OFFICE))
    at = touch.at
    News.objects.all().delete()
    assert settling.catch_up(at + 59 * SECOND) == 0
    with django_assert_max_num_queries(12):
        assert settling.catch_up(at + MINUTE) == 1
    touch.refresh_from_db()
    assert touch.evidence == Evidence.OBSERVED
    assert list(Correction.objects.values_list("touch", flat=True)) == [touch.pk]
    assert list(News.objects.values_list("person", flat=True)) == [mailed.pk]
    assert settling.catch_up(at + MINUTE) == 0


@pytest.mark.parametrize("name", SCANNERS)
def test_what_a_scanner_does_is_a_machines_doing(name: str, mailed: Person) -> None:
    delivered(mailed)
    touches = [happens(mailed, done) for done in SCANNERS[name]]
    settle(touches[-1].at + MINUTE)
    assert {machine for _evidence, machine in outcome(mailed).values()} <= {"scanner", "bot"}
    assert {e for e, _machine in outcome(mailed).values()} == {Evidence.MACHINE}


@pytest.mark.parametrize("name", READERS)
def test_what_a_reader_does_counts(name: str, mailed: Person) -> None:
    delivered(mailed)
    touches = [happens(mailed, done) for done in READERS[name]]
    settle(touches[-1].at + MINUTE)
    assert {e for e, _machine in outcome(mailed).values()} == {Evidence.OBSERVED}


def test_a_reader_counts_beside_a_scanner(mailed: Person) -> None:
    delivered(mailed)
    for done in (*SCANNERS["every link within ten seconds"], *READERS["reads and follows a link"]):
        happens(mailed, done)
    settle(NOW + timedelta(hours=1))
    human = Touch.objects.filter(person=mailed, evidence=Evidence.OBSERVED).exclude(event="Email Delivered")
    assert [(t.kind, t.at) for t in human.order_by("at")] == [
        ("mail_open", NOW + 400 * SECOND), ("mail_click", NOW + 460 * SECOND),
    ]  # fmt: skip


def test_what_is_known_later_changes_what_was_settled_before(mailed: Person) -> None:
    """A delivery that comes late tells of the hidden link."""
    touch = happens(mailed, (900, "a", CHROME, OFFICE))
    settle(touch.at + MINUTE)
    late = touch.at + timedelta(hours=1)
    happens(mailed, (904, "hidden", CHROME, OFFICE), learned=late)
    News.objects.all().delete()
    settle(late + MINUTE)
    touch.refresh_from_db()
    assert (touch.evidence, evidence.marks_of(touch.properties)["sign"]) == (Evidence.MACHINE, "hidden")
    assert Correction.objects.filter(touch=touch).count() == 2
    assert News.objects.filter(person=mailed).exists()


def test_a_colleague_who_looks_is_no_scanner_and_no_customer(mailed: Person) -> None:
    reader = happens(mailed, (900, "a", CHROME, OFFICE))
    colleague = happens(mailed, (901, "b", CHROME, OFFICE))
    colleague.properties = evidence.marked(colleague.properties, {"machine": "colleague"})
    colleague.save()
    settle(reader.at + timedelta(hours=1))
    reader.refresh_from_db()
    colleague.refresh_from_db()
    assert (reader.evidence, colleague.evidence) == (Evidence.OBSERVED, Evidence.MACHINE)


def test_what_a_member_said_stays(mailed: Person) -> None:
    touches = [happens(mailed, done) for done in SCANNERS["two links in the same second"]]
    first = touches[0]
    first.evidence, first.properties = Evidence.OBSERVED, evidence.marked(first.properties, {"said": "person"})
    first.save()
    settle(first.at + timedelta(hours=1))
    assert list(Touch.objects.order_by("pk").values_list("evidence", flat=True)) == [
        Evidence.OBSERVED,
        Evidence.MACHINE,
    ]


def test_properties_of_a_client_are_no_marks(mailed: Person) -> None:
    """Somebody's own `hidden` or `machine` says nothing about how sure we are."""
    own = {"mail": "spring", "hidden": True, "machine": "press", "said": "hello"}
    touch, _new = record("mail_click", NOW, NOW, person=mailed, evidence=Evidence.UNSETTLED, properties=own)
    settle(NOW + MINUTE)
    touch.refresh_from_db()
    assert touch.evidence == Evidence.OBSERVED
    assert touch.properties == own


def test_a_nameless_visitor_is_settled_too(anouk: Person) -> None:
    visitor = recognise("browser", None, NOW)
    for n in range(3):
        record(
            "mail_click",
            NOW + n * SECOND,
            NOW,
            visitor=visitor,
            evidence=Evidence.UNSETTLED,
            url=f"https://a.example/{n}",
        )
    alone, _new = record("mail_click", NOW + MINUTE, NOW, visitor=visitor, evidence=Evidence.UNSETTLED)
    settle(NOW + 2 * MINUTE)
    alone.refresh_from_db()
    assert alone.evidence == Evidence.ANONYMOUS
    assert Touch.objects.filter(evidence=Evidence.MACHINE).count() == 3
    adopt(recognise("browser", anouk, NOW), NOW)
    assert set(Touch.objects.values_list("person", flat=True)) == {anouk.pk}


def test_who_becomes_a_lead_by_a_click_that_settles_has_an_origin_then(anouk: Person) -> None:
    """A download may be unsettled too."""
    touch, _new = record("download", NOW, NOW, person=anouk, evidence=Evidence.UNSETTLED, offer=offer("guide", NOW))
    assert not Origin.objects.exists()
    settling.decide([_with(touch, Evidence.OBSERVED)], NOW)
    assert Origin.objects.get().touch == touch
    earlier, _new = record("form", NOW - MINUTE, NOW, person=anouk)
    assert Origin.objects.get().touch == earlier
    settling.decide([_with(earlier, Evidence.MACHINE)], NOW)
    assert Origin.objects.get().touch == touch
    settling.decide([_with(touch, Evidence.MACHINE)], NOW)
    assert not Origin.objects.exists()


def _with(touch: Touch, level: Evidence) -> Touch:
    touch.evidence = level
    return touch


@given(data=st.data())
@runs(max_examples=examples(15), deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_it_comes_to_the_same_in_whatever_order_it_becomes_known(data: st.DataObject, mailed: Person) -> None:
    names = data.draw(st.lists(st.sampled_from([*SCANNERS, *READERS]), min_size=2, max_size=4, unique=True))
    done = [d for name in names for d in (SCANNERS | READERS)[name]]
    results = []
    for seed in (None, data.draw(st.integers(0, 10**6))):
        Touch.objects.all().delete()
        order, now = list(done), NOW + timedelta(days=2)
        if seed is not None:
            random.Random(seed).shuffle(order)
        for one in order:
            happens(mailed, one, learned=now)
            now += timedelta(seconds=random.Random(str(seed)).choice([0, 20, 90]))
            settling.catch_up(now)
        settle(now + MINUTE)
        results.append({what: level for what, (level, _machine) in outcome(mailed).items()})
    assert results[0] == results[1]


# Through the doors: no stage moves


@pytest.fixture
def eager(preset: dict[str, Any], ann: Member, bob: Member) -> Version:
    """An agreement under which one click in a mail makes anybody ripe."""
    rule = next(r for r in preset["interest"]["rules"] if r["id"] == "mail-click")
    rule |= {"points": 40, "raises_hand": True}
    version = Version.write(preset, ann, SIGNED)
    version.sign(ann, "marketing", SIGNED)
    version.sign(bob, "sales", SIGNED)
    return version


@pytest.fixture
def lead(eager: Version, mailed: Person) -> Person:
    record("download", NOW - MINUTE, NOW - MINUTE, person=mailed, evidence=Evidence.DECLARED, offer=offer("ebook", NOW))
    mailed.ids.create(system="user", value="anouk")
    conveyor.run_dry(NOW - MINUTE)
    return mailed


def through_the_door(done: Iterable[Done]) -> None:
    """As a mail service tells of it: one delivery each, from its own servers; the conveyor runs all the time."""
    source = Source.objects.create(name="Mail", write_key="mail", team="person", at=NOW)
    told = sorted([(-0.5, "Email Delivered", "", "", ""), *((d[0], "", *d[1:]) for d in done)])
    for after, event, link, agent, network in told:
        at = NOW + timedelta(seconds=after)
        body = {
            "type": "track", "event": event or ("Email Link Clicked" if link else "Email Opened"), "userId": "anouk",
            "messageId": f"{after} {event} {link} {network}", "timestamp": at.isoformat(),
            "properties": {"campaign_id": "spring"} | ({"url": f"https://kasbouw.example/{link}"} if link else {}),
            "context": {"userAgent": agent, "ip": network},
        }  # fmt: skip
        said = json.dumps({"batch": [body], "sentAt": at.isoformat()}).encode()
        Received.objects.create(source=source, at=at, path="/v1/batch", body=said, agent="node-fetch/1.0")
        conveyor.run(at)
    for seconds in (1, 30, 59, 60, 61, 3_600):
        conveyor.run(NOW + timedelta(seconds=told[-1][0] + seconds))


@pytest.mark.parametrize("name", [n for n, done in SCANNERS.items() if all(d[1] != "hidden" for d in done)])
def test_no_stage_moves_by_a_burst(name: str, lead: Person) -> None:
    before = Standing.objects.get(person=lead)
    changes = StageChange.objects.count()
    through_the_door(SCANNERS[name])
    assert not Touch.objects.filter(kind__in=evidence.OF_MAILS).exclude(evidence=Evidence.MACHINE).exists()
    after = Standing.objects.get(person=lead)
    assert (after.stage, StageChange.objects.count()) == (before.stage, changes) == ("lead", changes)
    assert after.interest_points <= before.interest_points  # it cools


@pytest.mark.parametrize("name", [n for n, done in READERS.items() if any(d[1] for d in done)])
def test_a_readers_click_moves_it(name: str, lead: Person) -> None:
    through_the_door(READERS[name])
    assert "mql" in StageChange.objects.values_list("stage", flat=True)
