"""Erasing one person: how fast all that came in is looked through, and every text of every table.

    python benchmarks/erasure.py [--deliveries 20000] [--touches 200000] [--postgres]

Deliveries of ten events each; the one to be erased is in every thousandth. The floor reads the same bodies and the same texts and
does nothing with them; the other floor also parses every body as JSON, as understanding must.
"""

import argparse
import json
import os
import time
from collections.abc import Callable, Iterable
from datetime import UTC, datetime
from typing import Any

from databases import house

NOW = datetime(2026, 6, 16, 8, 40, tzinfo=UTC)
MAIL = "quirine@weidevogel.example"
EVENTS = 10


def main() -> None:
    options = argparse.ArgumentParser()
    options.add_argument("--deliveries", type=int, default=20_000)
    options.add_argument("--touches", type=int, default=200_000)
    options.add_argument("--postgres", action="store_true", help="on a PostgreSQL that starts and stops with this")
    given = options.parse_args()
    with house(given.postgres):
        run(given.deliveries, given.touches)


def run(deliveries: int, touches: int) -> None:
    from django.db import connection

    person = fill(deliveries, touches)
    from tilth.capture.models import Received
    from tilth.privacy import erasures
    from tilth.privacy.models import Erasure
    from tilth.touches.models import Touch

    print(
        f"{connection.vendor}: {deliveries:,} deliveries of {EVENTS} events, {touches:,} touches; load average {os.getloadavg()[0]:.1f}"
    )
    bodies, texts = (
        Received.objects.values_list("body", flat=True),
        Touch.objects.values_list("url", "event", "properties"),
    )
    clock("bodies read", deliveries * EVENTS, lambda: [bytes(body) for body in bodies.iterator(chunk_size=50)])
    clock(
        "bodies read and parsed",
        deliveries * EVENTS,
        lambda: [json.loads(bytes(b)) for b in bodies.iterator(chunk_size=50)],
    )
    clock("texts of touches read", touches, lambda: exhaust(texts.iterator(chunk_size=2_000)))
    clock("erased from every page", 1, lambda: erasures.begin(person, None, NOW))
    for step, per in ((Erasure.Step.DELIVERIES, deliveries * EVENTS), (Erasure.Step.MENTIONS, touches)):
        Erasure.objects.update(step=step, place={})
        clock(f"looked through: {step}", per, lambda step=step: until_past(step))
    left = sum(MAIL.encode() in bytes(body) for body in bodies.iterator(chunk_size=50))
    assert not left, f"{left} deliveries still name them"


def until_past(step: Any) -> None:
    from tilth.privacy import erasures
    from tilth.privacy.models import Erasure

    while Erasure.objects.get().step == step:
        erasures.catch_up(NOW)


def fill(deliveries: int, touches: int) -> Any:
    from tilth.capture.models import Received
    from tilth.people.known import Told, keep
    from tilth.touches.models import Touch

    person = keep(Told(emails=[MAIL], phones=["+31105550199"], ids=[("user", "u-q-4711")]), NOW, "typed in")[0]
    rows = (Received(at=NOW, path="/v1/batch", body=body(n), taken_at=NOW) for n in range(deliveries))
    Received.objects.bulk_create(rows, batch_size=1_000)
    seen = (
        Touch(
            at=NOW,
            kind="page",
            team="person",
            learned_at=NOW,
            url=f"https://x.example/{n}",
            properties={"title": f"Page {n}"},
        )
        for n in range(touches)
    )
    Touch.objects.bulk_create(seen, batch_size=2_000)
    return person


def body(n: int) -> bytes:
    context = {
        "page": {"url": f"https://x.example/{n}", "title": "Hello"},
        "userAgent": "Mozilla/5.0 (X11; Linux x86_64)",
    }
    events = [
        {"type": "page", "messageId": f"m-{n}-{i}", "anonymousId": f"b-{n}-{i}", "userId": f"u-{n}-{i}", "timestamp": NOW.isoformat(), "context": context}
        for i in range(EVENTS)
    ]  # fmt: skip
    if n % 1_000 == 0:
        events[0]["userId"], events[0]["traits"] = "u-q-4711", {"email": MAIL}
    return json.dumps({"batch": events}).encode()


def exhaust(rows: Iterable[Any]) -> None:
    for _row in rows:
        pass


def clock(what: str, count: int, work: Callable[[], Any]) -> None:
    begun, cpu = time.perf_counter(), time.process_time()
    work()
    took, cpu = time.perf_counter() - begun, time.process_time() - cpu
    print(f"{what:<28} {took:8.2f} s {cpu:8.2f} s of CPU {count / took:12,.0f} a second")


if __name__ == "__main__":
    main()
