"""The spool keeps what it was given through torn writes, damage and kills, and gives it to the inbox in order, once."""

import errno
import os
import stat
import struct
import subprocess
import sys
import time
import zlib
from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from django.db import DataError, OperationalError

from tilth.capture import catch_up, spool
from tilth.capture.models import Received, Source
from tilth.capture.parcels import Parcel
from tilth.capture.spool import Spool

NOW = datetime(2026, 6, 16, 8, 40, 0, 123456, tzinfo=UTC)


@pytest.fixture(autouse=True)
def home(settings: Any, tmp_path: Path) -> Path:
    settings.HOME = tmp_path
    return tmp_path


@pytest.fixture
def source(transactional_db: None) -> Source:
    return Source.objects.create(name="Website", write_key="W", at=NOW)


@pytest.fixture
def parcel(source: Source) -> Callable[..., Parcel]:
    def parcel(n: int, size: int = 0) -> Parcel:
        body = f"{n}".encode() + b"\xff\x00" * size
        at = NOW + timedelta(seconds=n)
        return Parcel(source.pk, at, "/v1/batch", body, "2026-06-16", "203.0.113.0", "Probe/1.0")

    return parcel


def drained() -> list[bytes]:
    """All that the inbox has once the spool is empty, in its order."""
    while spool.drain(NOW):
        pass
    return [bytes(r.body) for r in Received.objects.order_by("id")]


def files() -> list[Path]:
    return sorted(spool.folder().glob("*"))


def test_what_was_spooled_arrives_as_it_came_in_order_and_once(parcel: Callable[..., Parcel], source: Source) -> None:
    one = Spool()
    one.append([parcel(1), parcel(2)], NOW)
    one.append([parcel(3)], NOW)
    assert len(files()) == 1
    assert drained() == [b"1", b"2", b"3"]
    row = Received.objects.first()
    assert row
    assert (row.source, row.at, row.path, row.sent_at, row.network, row.agent, row.taken_at) == (
        source, NOW + timedelta(seconds=1), "/v1/batch", "2026-06-16", "203.0.113.0", "Probe/1.0", None,
    )  # fmt: skip
    assert files() == []
    assert drained() == [b"1", b"2", b"3"]


def test_the_conveyor_drains_and_understands(parcel: Callable[..., Parcel]) -> None:
    told = b'{"batch": [{"type": "track", "event": "Docs Read", "userId": "u", "messageId": "m"}]}'
    Spool().append([replace(parcel(1), body=told)], NOW)
    assert catch_up.catch_up(NOW) == 2
    assert Received.objects.get().taken_at == NOW


def test_others_on_this_machine_cannot_read_it(parcel: Callable[..., Parcel]) -> None:
    Spool().append([parcel(1)], NOW)
    assert stat.S_IMODE(spool.folder().stat().st_mode) == 0o700
    assert stat.S_IMODE(files()[0].stat().st_mode) == 0o600


def test_a_large_file_is_followed_by_another(parcel: Callable[..., Parcel], monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(spool, "LARGEST", 10_000)
    one = Spool()
    for n in range(10):
        one.append([parcel(n, size=2_000)], NOW + timedelta(seconds=n))
    assert len(files()) == 4
    assert [int(body.split(b"\xff")[0]) for body in drained()] == list(range(10))


def test_who_writes_goes_on_while_it_is_drained(parcel: Callable[..., Parcel]) -> None:
    one = Spool()
    for n in range(5):
        one.append([parcel(n)], NOW)
        assert spool.drain(NOW) == 1
    with spool._locked(files()[0]) if files() else spool._locked(_appended(one, parcel(5))) as file:
        assert file is not None
        one.append([parcel(6)], NOW + timedelta(seconds=1))  # never waits for who drains
    assert drained() == [b"%d" % n for n in range(7)]


def _appended(one: Spool, parcel: Parcel) -> Path:
    one.append([parcel], NOW)
    return files()[0]


def test_a_torn_end_is_harmless_wherever_it_is_torn(parcel: Callable[..., Parcel]) -> None:
    Spool().append([parcel(1), parcel(2)], NOW)
    file = files()[0]
    content = file.read_bytes()
    first = next(spool._records(file, content)).end
    for end in range(first, len(content)):
        assert [x.parcel for x in spool._records(file, content[:end])] == [parcel(1)], end
    file.write_bytes(content[:-1])
    assert drained() == [b"1"]
    assert files() == []


def test_nothing_is_written_behind_what_was_torn(
    parcel: Callable[..., Parcel], monkeypatch: pytest.MonkeyPatch
) -> None:
    real, one = os.write, Spool()
    one.append([parcel(1)], NOW)

    def half(file: int, data: bytes) -> int:
        if len(data) < 40:
            raise OSError(errno.ENOSPC, "No space left on device")
        return real(file, data[: len(data) // 2])

    def full(*_: Any) -> None:
        raise OSError(errno.ENOSPC, "No space left on device")

    with monkeypatch.context() as patch:
        patch.setattr(spool.os, "write", half)
        patch.setattr(spool.os, "ftruncate", full)  # not even that works
        with pytest.raises(OSError, match="No space left"):
            one.append([parcel(2)], NOW)
    one.append([parcel(3)], NOW + timedelta(seconds=1))
    assert len(files()) == 2
    assert drained() == [b"1", b"3"]
    assert files() == []


def test_damage_in_the_middle_costs_only_what_is_damaged(
    parcel: Callable[..., Parcel], caplog: pytest.LogCaptureFixture
) -> None:
    Spool().append([parcel(1), parcel(2), parcel(3)], NOW)
    file = files()[0]
    content = bytearray(file.read_bytes())
    content[len(content) // 2] ^= 1
    file.write_bytes(content)
    assert drained() == [b"1", b"3"]
    assert [p.suffix for p in files()] == [".aside"]
    assert "is damaged" in caplog.text
    assert spool.waiting().aside == 2


def test_a_body_that_looks_like_a_record_is_none(parcel: Callable[..., Parcel]) -> None:
    told = spool._encoder.encode(parcel(666))
    forged = struct.pack("<4sII", spool.MARK, len(told), zlib.crc32(told)) + told
    Spool().append([replace(parcel(1), body=forged), parcel(2)], NOW)
    file = files()[0]
    content = bytearray(file.read_bytes())
    content[5] ^= 1  # so that the first record is searched for another
    file.write_bytes(content)
    assert drained() == [b"2"]


class Killed(BaseException):
    """What stops a process anywhere."""


@pytest.mark.parametrize("where", ["tilth.capture.spool.insert", "tilth.capture.spool._finish"])
def test_a_crash_while_draining_neither_loses_nor_doubles(
    where: str, parcel: Callable[..., Parcel], monkeypatch: pytest.MonkeyPatch
) -> None:
    one = Spool()
    one.append([parcel(1), parcel(2)], NOW)

    def killed(*_: Any) -> None:
        raise Killed

    with monkeypatch.context() as patch:
        patch.setattr(where, killed)
        with pytest.raises(Killed):
            spool.drain(NOW)
    one.append([parcel(3)], NOW)
    assert spool.waiting().deliveries == (3 if where.endswith("insert") else 1)
    assert drained() == [b"1", b"2", b"3"]
    assert files() == []


def test_while_the_database_is_away_all_stays_where_it_is(
    parcel: Callable[..., Parcel], monkeypatch: pytest.MonkeyPatch
) -> None:
    def away(*_: Any) -> None:
        raise OperationalError("connection refused")

    Spool().append([parcel(1)], NOW)
    with monkeypatch.context() as patch:
        patch.setattr(spool, "insert", away)
        with pytest.raises(OperationalError):
            spool.drain(NOW)
    assert drained() == [b"1"]


def test_one_that_the_database_refuses_is_set_aside(
    parcel: Callable[..., Parcel], monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    real = spool.insert

    def insert(parcels: list[Parcel]) -> None:
        if any(p.body == b"2" for p in parcels):
            raise DataError("it cannot hold this")
        real(parcels)

    monkeypatch.setattr(spool, "insert", insert)
    Spool().append([parcel(1), parcel(2), parcel(3)], NOW)
    assert drained() == [b"1", b"3"]
    assert spool.waiting() == spool.Waiting(0, None, 1)
    assert "it cannot hold this" in caplog.text


def test_a_delivery_outlives_its_source(parcel: Callable[..., Parcel], source: Source) -> None:
    Spool().append([parcel(1)], NOW)
    source.delete()
    assert drained() == [b"1"]
    assert Received.objects.get().source is None


def test_what_waits_for_another_database_stays_there(parcel: Callable[..., Parcel], home: Path) -> None:
    Spool().append([parcel(1)], NOW)
    other = home / "spool" / "00000000"
    spool.folder().rename(other)
    assert drained() == []
    assert len(list(other.glob("*.spool"))) == 1


def test_it_says_what_waits_and_since_when(parcel: Callable[..., Parcel]) -> None:
    assert spool.waiting() == spool.Waiting(0, None, 0)
    Spool().append([parcel(7), parcel(3)], NOW)
    Spool().append([parcel(5)], NOW)
    assert spool.waiting() == spool.Waiting(3, NOW + timedelta(seconds=3), 0)


def test_erasure_reaches_what_waits_and_what_was_set_aside(parcel: Callable[..., Parcel]) -> None:
    Spool().append([parcel(1)], NOW)
    aside = spool._begun(NOW, ".aside")
    assert spool._appended(aside, [parcel(2), parcel(3)])
    aside.write_bytes(aside.read_bytes() + b"torn 2")
    assert spool.erase(lambda p: p.body == b"2", NOW) == 1
    assert b"2" not in [r.parcel.body for r in spool._records(aside, aside.read_bytes())]
    assert b"torn" not in aside.read_bytes()
    assert spool.waiting().aside == 1
    assert spool.erase(lambda p: True, NOW) == 1
    assert files() == []
    assert drained() == [b"1"]


WRITER = """
import os, sys
os.environ["DJANGO_SETTINGS_MODULE"] = "tilth.site.settings"
import django
django.setup()
from datetime import UTC, datetime
from pathlib import Path
from django.db import connection
from tilth.capture import spool
from tilth.capture.parcels import Parcel
place = Path(sys.argv[1])
spool.folder = lambda: place
one, now = spool.Spool(), datetime(2026, 6, 16, 8, 40, tzinfo=UTC)
for n in range(int(sys.argv[3])):
    one.append([Parcel(None, now, "/v1/batch", f"{sys.argv[2]} {n}".encode(), "")], now)
    with open(sys.argv[4], "a") as told:
        print(n, file=told)
"""


def test_several_write_while_it_is_drained_and_one_is_killed(source: Source, home: Path) -> None:
    kept = {k: v for k, v in os.environ.items() if not k.startswith("TILTH_")} | {"TILTH_HOME": str(home)}
    names = ("one", "killed")
    command = [sys.executable, "-c", WRITER, str(spool.folder())]
    writers = [
        subprocess.Popen([*command, name, "100000" if name == "killed" else "100", str(home / name)], env=kept)
        for name in names
    ]
    for name in names:
        (home / name).touch()
    while (home / "killed").read_bytes().count(b"\n") < 20:
        spool.drain(NOW)
        time.sleep(0.02)
    writers[1].kill()
    for writer in writers:
        writer.wait(60)
    told = {name: (home / name).read_bytes().count(b"\n") for name in names}
    arrived = [body.decode().split() for body in drained()]
    for name in told:
        numbers = [int(n) for who, n in arrived if who == name]
        assert len(numbers) == len(set(numbers))
        assert set(numbers) in (set(range(told[name])), set(range(told[name] + 1)))  # with one that was under way
    assert files() == []
