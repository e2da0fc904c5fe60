"""Two conveyors at once take each delivery once."""

import json
import threading
from datetime import UTC, datetime

import pytest
from django.db import connection

from tilth.capture import understand
from tilth.capture.models import Received, Source
from tilth.people.models import Person
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
