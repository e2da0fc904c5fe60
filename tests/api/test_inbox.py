"""The inbox keeps before it tells, for many at once, and never more than it can."""

import asyncio
import threading
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime
from typing import Any

import pytest
from django.db import IntegrityError, OperationalError, connection

from tilth.api import asgi, wsgi
from tilth.api import inbox as inbox_module
from tilth.api.inbox import Full, Inbox, NotKept
from tilth.api.ingest import Parcel
from tilth.api.keys import Keys
from tilth.capture.models import Received, Source

from .conftest import BASIC, KEY, over_asgi, over_wsgi, put

NOW = datetime(2026, 6, 16, 8, 40, 0, 123456, tzinfo=UTC)


def parcel(source: Source, body: bytes = b"{}") -> Parcel:
    return Parcel(source.pk, NOW, "/v1/batch", body, "")


def test_what_was_told_is_there_to_the_microsecond(inbox: Inbox, source: Source) -> None:
    assert put(inbox, parcel(source, b"\x00\xff")).result(5) is None
    row = Received.objects.get()
    assert (row.at, bytes(row.body), row.taken_at) == (NOW, b"\x00\xff", None)


def test_whoever_waits_shares_one_transaction(inbox: Inbox, source: Source, monkeypatch: pytest.MonkeyPatch) -> None:
    sizes: list[int] = []
    gate, real = threading.Event(), inbox_module._store

    def store(parcels: list[Parcel]) -> None:
        gate.wait(5)
        sizes.append(len(parcels))
        real(parcels)

    monkeypatch.setattr(inbox_module, "_store", store)
    told = [put(inbox, parcel(source)) for _ in range(50)]
    gate.set()
    assert [t.result(5) for t in told] == [None] * 50
    assert sum(sizes) == Received.objects.count() == 50
    assert len(sizes) <= 2


def test_many_threads_lose_nothing(inbox: Inbox, source: Source) -> None:
    with ThreadPoolExecutor(8) as pool:
        list(pool.map(lambda n: put(inbox, parcel(source, str(n).encode())).result(15), range(400)))
    assert {int(bytes(r.body)) for r in Received.objects.all()} == set(range(400))


def test_its_own_connection_flushes_to_the_disk(inbox: Inbox, source: Source, monkeypatch: pytest.MonkeyPatch) -> None:
    seen: list[Any] = []
    real = inbox_module._store

    def store(parcels: list[Parcel]) -> None:
        real(parcels)
        with connection.cursor() as cursor:
            cursor.execute("PRAGMA synchronous" if connection.vendor == "sqlite" else "SHOW synchronous_commit")
            seen.append(cursor.fetchone()[0])

    monkeypatch.setattr(inbox_module, "_store", store)
    put(inbox, parcel(source)).result(5)
    assert seen in ([2], ["on"])


def test_one_that_the_database_refuses_costs_the_others_nothing(
    inbox: Inbox, source: Source, monkeypatch: pytest.MonkeyPatch
) -> None:
    gate, real = threading.Event(), inbox_module._store

    def store(parcels: list[Parcel]) -> None:
        gate.wait(5)
        if any(p.source == -1 for p in parcels):
            raise IntegrityError("no such source")
        real(parcels)

    monkeypatch.setattr(inbox_module, "_store", store)
    gone = Parcel(-1, NOW, "/v1/batch", b"{}", "")
    told = [put(inbox, p) for p in (parcel(source), gone, parcel(source))]
    gate.set()
    assert told[0].result(5) is None
    with pytest.raises(NotKept):
        told[1].result(5)
    assert told[2].result(5) is None
    assert Received.objects.count() == 2


def test_a_full_inbox_asks_to_come_back_later(inbox: Inbox, source: Source, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(inbox_module, "WAITING", 10)
    with pytest.raises(Full):
        put(inbox, parcel(source))
    for call in (over_wsgi, over_asgi):
        reply = call("POST", "/v1/batch", b"{}", authorization=BASIC)
        assert (reply.status, reply.json["code"], reply.headers["Retry-After"]) == (429, "busy", "3")


def test_a_database_that_is_away_is_said_so_and_comes_back(
    inbox: Inbox, source: Source, monkeypatch: pytest.MonkeyPatch
) -> None:
    def store(parcels: list[Parcel]) -> None:
        raise OperationalError("connection refused")

    with monkeypatch.context() as patch:
        patch.setattr(inbox_module, "_store", store)
        for call in (over_wsgi, over_asgi):
            reply = call("POST", "/v1/batch", b"{}", authorization=BASIC)
            assert (reply.status, reply.json["code"]) == (503, "unavailable")
            assert int(reply.headers["Retry-After"]) > 0
    assert over_wsgi("POST", "/v1/batch", b"{}", authorization=BASIC).status == 200
    assert Received.objects.count() == 1


def test_a_connection_that_died_meanwhile_is_opened_anew(
    inbox: Inbox, source: Source, monkeypatch: pytest.MonkeyPatch
) -> None:
    troubles, real = [OperationalError("server closed the connection")], inbox_module._store

    def store(parcels: list[Parcel]) -> None:
        if troubles:
            raise troubles.pop()
        real(parcels)

    monkeypatch.setattr(inbox_module, "_store", store)
    assert put(inbox, parcel(source)).result(5) is None


def test_a_trouble_that_nobody_thought_of_is_told_too(
    inbox: Inbox, source: Source, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    def store(parcels: list[Parcel]) -> None:
        raise MemoryError

    with monkeypatch.context() as patch:
        patch.setattr(inbox_module, "_store", store)
        with pytest.raises(NotKept):
            put(inbox, parcel(source)).result(5)
    assert put(inbox, parcel(source)).result(5) is None
    assert "could not be kept" in caplog.text


def test_a_sender_that_has_gone_does_not_stop_the_others(inbox: Inbox, source: Source) -> None:
    loop = asyncio.new_event_loop()
    gone = loop.create_future()
    loop.close()
    asgi.inbox.put(parcel(source), gone)
    assert over_asgi("POST", "/v1/batch", b"{}", authorization=BASIC).status == 200
    assert Received.objects.count() == 2


def test_a_sender_that_lost_patience_is_told_to_come_back(source: Source, monkeypatch: pytest.MonkeyPatch) -> None:
    gate, real = threading.Event(), inbox_module._store

    def store(parcels: list[Parcel]) -> None:
        gate.wait(5)
        real(parcels)

    monkeypatch.setattr(inbox_module, "_store", store)
    for module, call in ((wsgi, over_wsgi), (asgi, over_asgi)):
        monkeypatch.setattr(module, "PATIENCE", 0.05)
        assert call("POST", "/v1/batch", b"{}", authorization=BASIC).status == 503
    gate.set()


def test_an_idle_writer_gives_its_connection_back_and_a_new_one_starts(inbox: Inbox, source: Source) -> None:
    put(inbox, parcel(source)).result(5)
    writer = inbox._writer
    assert writer
    writer.join(5)
    assert inbox._writer is None
    put(inbox, parcel(source)).result(5)
    assert Received.objects.count() == 2


def test_a_new_key_is_known_at_once(transactional_db: None) -> None:
    keys = Keys()
    assert keys.is_due((KEY,))
    keys.read()
    assert keys.source((KEY,)) is None
    keys._read_at -= 1
    source = Source.objects.create(name="New", write_key=KEY, at=NOW)
    assert keys.is_due((KEY,))
    keys.read()
    assert keys.source(("other", KEY)) == source.pk
    assert not keys.is_due((KEY,))


def test_known_keys_hold_while_the_database_is_away(source: Source, monkeypatch: pytest.MonkeyPatch) -> None:
    keys = Keys()
    keys.read()

    def away(*_: Any) -> None:
        raise OperationalError("away")

    monkeypatch.setattr(Source.objects.__class__, "values_list", away, raising=False)
    keys.read()
    assert keys.source((KEY,)) == source.pk
    with pytest.raises(OperationalError):
        Keys().read()
    reply = over_wsgi("POST", "/v1/batch", b"{}", authorization=BASIC)
    assert reply.status == 503
