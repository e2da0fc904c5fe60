"""The inbox keeps before it tells, for many at once, and never more than it can."""

import asyncio
import errno
import stat
import threading
from collections.abc import Callable
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
from tilth.capture import spool
from tilth.capture.models import Received, Source

from .conftest import BASIC, KEY, Reply, over_asgi, over_wsgi, put

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
            assert call("POST", "/v1/batch", b"{}", authorization=BASIC).status == 200
    assert not Received.objects.exists()
    assert spool.waiting().deliveries == 2
    assert spool.drain(NOW) + spool.drain(NOW) == 2
    wsgi.inbox._away_until = 0
    assert over_wsgi("POST", "/v1/batch", b"{}", authorization=BASIC).status == 200
    assert Received.objects.count() == 3


def test_only_when_the_spool_fails_too_is_a_sender_told_to_come_back(
    inbox: Inbox, source: Source, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    def store(parcels: list[Parcel]) -> None:
        raise OperationalError("connection refused")

    def write(file: int, data: bytes) -> int:
        raise OSError(errno.ENOSPC, "No space left on device")

    monkeypatch.setattr(inbox_module, "_store", store)
    with monkeypatch.context() as patch:
        patch.setattr(spool.os, "write", write)
        for call in (over_wsgi, over_asgi):
            reply = call("POST", "/v1/batch", b"{}", authorization=BASIC)
            assert (reply.status, reply.json["code"]) == (503, "unavailable")
            assert int(reply.headers["Retry-After"]) > 0
    assert "No space left" in caplog.text
    assert over_wsgi("POST", "/v1/batch", b"{}", authorization=BASIC).status == 200
    assert spool.waiting().deliveries == 1


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

    def append(*_: Any) -> None:
        raise MemoryError

    with monkeypatch.context() as patch:
        patch.setattr(inbox_module, "_store", store)
        patch.setattr(spool.Spool, "append", append)
        with pytest.raises(NotKept):
            put(inbox, parcel(source)).result(5)
    assert put(inbox, parcel(source)).result(5) is None
    assert "Neither the database nor the spool" in caplog.text


def test_a_sender_that_has_gone_does_not_stop_the_others(inbox: Inbox, source: Source) -> None:
    loop = asyncio.new_event_loop()
    gone = loop.create_future()
    loop.close()
    asgi.inbox.put(parcel(source), gone)
    assert over_asgi("POST", "/v1/batch", b"{}", authorization=BASIC).status == 200
    assert Received.objects.count() == 2


@pytest.mark.parametrize(("module", "call"), [(wsgi, over_wsgi), (asgi, over_asgi)])
def test_nobody_waits_for_a_database_that_says_nothing(
    module: Any, call: Callable[..., Reply], source: Source, monkeypatch: pytest.MonkeyPatch
) -> None:
    gate, asked, real = threading.Event(), [], inbox_module._store

    def store(parcels: list[Parcel]) -> None:
        asked.append(len(parcels))
        gate.wait(10)
        real(parcels)

    monkeypatch.setattr(inbox_module, "_store", store)
    monkeypatch.setattr(inbox_module, "PATIENCE", 0.1)
    try:
        for _ in range(3):
            assert call("POST", "/v1/batch", b"{}", authorization=BASIC).status == 200
        assert asked == [1]  # one writer waits for it, never a second
        assert spool.waiting().deliveries == 3
    finally:
        gate.set()
    module.inbox._hanging.join(10)
    assert call("POST", "/v1/batch", b"{}", authorization=BASIC).status == 200
    spool.drain(NOW)
    assert Received.objects.count() == 5  # the one that hung came twice: its events are known by their ids


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
    assert keys.look_up((KEY,)) is None
    keys._read_at -= 1
    source = Source.objects.create(name="New", write_key=KEY, at=NOW)
    assert keys.look_up(("other", KEY)) == source.pk
    assert keys.is_ready((KEY,))


def test_known_keys_hold_while_the_database_is_away(source: Source, monkeypatch: pytest.MonkeyPatch) -> None:
    keys = Keys()
    keys.read()

    def away(*_: Any) -> None:
        raise OperationalError("away")

    monkeypatch.setattr(Source.objects.__class__, "values_list", away, raising=False)
    keys.read()
    assert keys.source((KEY,)) == source.pk
    assert Keys().look_up((KEY,)) == source.pk  # who has just started knows them from disk
    for call in (over_wsgi, over_asgi):
        assert call("POST", "/v1/batch", b"{}", authorization=BASIC).status == 200
        reply = call("POST", "/v1/batch", b'{"writeKey": "made since"}')
        assert (reply.status, reply.json["code"]) == (503, "unavailable")  # a 401 would make it drop its events


def test_a_database_that_says_nothing_holds_up_only_who_shows_a_new_key(
    source: Source, monkeypatch: pytest.MonkeyPatch
) -> None:
    keys, gate = Keys(), threading.Event()
    keys.read()

    def hang(*_: Any) -> Any:
        gate.wait(10)
        return [(KEY, source.pk)]

    monkeypatch.setattr("tilth.api.keys.PATIENCE", 0.05)
    monkeypatch.setattr(Source.objects.__class__, "values_list", hang, raising=False)
    keys._read_at -= 60
    assert keys.look_up((KEY,)) == source.pk
    assert keys.look_up(("another",)) is None
    assert not keys.is_sure
    gate.set()
    assert keys._reader
    keys._reader.join(10)
    assert keys.is_sure


def test_keys_on_disk_are_for_nobody_else_to_read(source: Source) -> None:
    Keys().read()
    file = spool.folder() / "keys.json"
    assert stat.S_IMODE(file.stat().st_mode) == 0o600
    file.write_text("{torn")
    assert Keys().look_up((KEY,)) == source.pk
