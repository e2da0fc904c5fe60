"""The lake follows when an event that comes late says that somebody was somebody else."""

import random
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest

from tests.capture.test_orders import ANOUK, BRAM, FOUR, NOW, at, deliver
from tests.insight.lakes import expected, known_at, known_now, told
from tilth.capture.models import Source
from tilth.insight import export
from tilth.insight.engine import Engine
from tilth.people.models import Email, Person


@pytest.fixture(autouse=True)
def home(transactional_db: None, tmp_path: Path, settings: Any) -> Path:
    settings.HOME = tmp_path
    return tmp_path / "lake"


@pytest.mark.parametrize("worn", [True, False], ids=["compacted", "in deltas"])
@pytest.mark.parametrize("case", FOUR)
def test_events_that_come_late_are_followed(case: str, worn: bool, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(export, "_is_worn", lambda files: worn)
    source = Source.objects.create(name="Site", write_key="site", at=NOW)
    events = random.Random(case).sample(FOUR[case][0], 4)
    for n, event in enumerate(events):
        deliver(source, [event])
        export.catch_up(NOW + timedelta(minutes=n))
    followed, asked = told(Engine()), Engine().sql("SELECT person, id FROM touches ORDER BY id")
    export.rebuild(NOW)
    assert followed == told(Engine())
    assert asked == Engine().sql("SELECT person, id FROM touches ORDER BY id")
    facts = followed.pop("facts")
    assert followed == expected()
    assert known_at(facts, NOW) == known_now()


def test_touches_leave_the_person_whose_they_were(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(export, "_is_worn", lambda files: len(files) == 1)  # what was first becomes the base
    source = Source.objects.create(name="Site", write_key="site", at=NOW)
    deliver(source, [at(1, "identify", "v1", "u1", traits=ANOUK), at(4, "page", "v1")])
    export.catch_up(NOW)
    deliver(source, [at(3, "identify", "v1", "u2", traits=BRAM)])
    export.catch_up(NOW)
    bram = Email.objects.get(address=BRAM["email"]).person
    assert [person for person, *_ in told(Engine())["touches"]] == [bram.pk]
    assert Engine().sql("SELECT person FROM touches").to_pylist() == [{"person": bram.pk}]
    assert {**told(Engine()), **expected()} == told(Engine())


def test_somebody_who_turned_out_to_be_another_is_gone() -> None:
    source = Source.objects.create(name="Site", write_key="site", at=NOW)
    events, _persons = FOUR["an id and an address that turn out to be one person's"]
    deliver(source, events[:3])
    export.catch_up(NOW)
    assert len(told(Engine())["people"]) == 2
    deliver(source, events[3:])
    export.catch_up(NOW)
    assert told(Engine())["people"] == [Person.objects.get().pk]
    assert {**told(Engine()), **expected()} == told(Engine())
