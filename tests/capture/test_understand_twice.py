"""Two conveyors at once take each delivery once."""

import gzip
import json
import threading
from datetime import UTC, datetime
from typing import Any

import pytest
from django.db import IntegrityError, connection

from tilth.capture import understand
from tilth.capture.models import Received, Refusal, Source
from tilth.people.models import Person, Visitor
from tilth.touches.models import Touch

NOW = datetime(2026, 6, 16, 8, 40, tzinfo=UTC)


@pytest.mark.django_db(transaction=True)
def test_two_conveyors_at_once_take_each_delivery_once(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(understand, "AT_ONCE", 10)
    source = Source.objects.create(name="Site", write_key="k", at=NOW)
    for n in range(60):
        events = [
            {"type": "identify", "userId": f"u{n}", "messageId": f"i{n}", "traits": {"email": f"u{n}@kas.example"}},
            {"type": "track", "event": "Docs Read", "userId": f"u{n}", "messageId": f"t{n}"},
        ]
        Received.objects.create(source=source, at=NOW, path="/v1/batch", body=json.dumps({"batch": events}).encode())
    taken: list[int] = []

    def work() -> None:
        while count := understand.catch_up(NOW):
            taken.append(count)
        connection.close()

    workers = [threading.Thread(target=work) for _ in range(2)]
    for worker in workers:
        worker.start()
    for worker in workers:
        worker.join(60)
    assert sum(taken) == 60
    assert not Received.objects.filter(taken_at=None).exists()
    assert (Touch.objects.count(), Person.objects.count()) == (60, 60)
    assert not Touch.objects.filter(person=None).exists()


@pytest.mark.django_db
def test_what_somebody_else_made_at_that_moment_refuses_no_event(monkeypatch: pytest.MonkeyPatch) -> None:
    source = Source.objects.create(name="Site", write_key="k", at=NOW)
    event = {"type": "track", "event": "Docs Read", "anonymousId": "v1", "messageId": "t1"}
    Received.objects.create(source=source, at=NOW, path="/v1/batch", body=json.dumps({"batch": [event]}).encode())
    settle, times = understand.whose.Whose, iter(range(9))

    def overtaken(*told: Any) -> understand.whose.Whose:
        """The first and the second time, somebody else has just stored this visitor after it was looked for."""
        if next(times) < 2:
            raise IntegrityError("duplicate key")
        return settle(*told)

    monkeypatch.setattr(understand.whose, "Whose", overtaken)
    assert understand.catch_up(NOW) == 1
    assert not Refusal.objects.exists()
    assert Touch.objects.get().visitor == Visitor.objects.get()


@pytest.mark.django_db
def test_one_transaction_holds_so_many_bytes_however_small_they_came(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(understand, "BYTES_AT_ONCE", 10_000)
    source = Source.objects.create(name="Site", write_key="k", at=NOW)
    for n in range(3):
        event = {"type": "track", "event": "Docs Read", "userId": f"u{n}", "properties": {"text": "x" * 10_000}}
        body = gzip.compress(json.dumps({"batch": [event]}).encode())
        assert len(body) < 1_000
        Received.objects.create(source=source, at=NOW, path="/v1/batch", body=body)
    assert [understand.catch_up(NOW) for _ in range(4)] == [1, 1, 1, 0]
