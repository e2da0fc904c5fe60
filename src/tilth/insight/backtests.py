"""Backtests as they are asked for, run and kept: the stage that replays drafts, one batch a step.

Reads   Backtest rows that wait, the lake (which it brings up to date first), the running version
Writes  how far each is; what was found, in a file that belongs to the row
"""

import logging
import os
import secrets
from collections.abc import Iterator
from contextlib import suppress
from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

from django.db import transaction
from django.db.models import Q

from tilth.agreement.models import Draft, running
from tilth.core.agreement import fingerprint, read
from tilth.core.qualify import micro
from tilth.team.models import Member

from .models import Backtest

log = logging.getLogger(__name__)

SILENT = timedelta(minutes=2)  # so long without a word: whoever replayed it is gone
KEPT = 5  # results per draft
ME = secrets.token_hex(8)  # this process
State = Backtest.State


@transaction.atomic
def ask(draft: Draft, by: Member | None, now: datetime) -> Backtest:
    """Replay the draft as it is now. The same document under the same running version is not replayed again today.

    What was asked for this draft before, and is not done, is stopped.
    raises     core.agreement.Unsound: what cannot be read cannot be replayed
    """
    read(draft.document)
    Draft.objects.select_for_update().get(pk=draft.pk)
    print_, version = fingerprint(draft.document), running(now)
    mine = Backtest.objects.filter(draft=draft)
    same = mine.filter(fingerprint=print_, running=version, asked_at__gt=now - timedelta(days=1))
    row = same.exclude(state__in=(State.STOPPED, State.FAILED)).order_by("-pk").first()
    if row and (
        row.state != State.DONE or Path(row.path).exists()
    ):  # a lake that was thrown away took its results along
        return row
    mine.filter(state__in=(State.WAITING, State.RUNNING)).update(state=State.STOPPED, ended_at=now)
    return Backtest.objects.create(
        draft=draft, running=version, document=draft.document, fingerprint=print_, asked_by=by, asked_at=now
    )


def stop(row: Backtest, now: datetime) -> None:
    """Nobody needs it any more; whoever replays it notices at the next batch."""
    Backtest.objects.filter(pk=row.pk, state__in=(State.WAITING, State.RUNNING)).update(
        state=State.STOPPED, ended_at=now
    )


@dataclass
class _UnderWay:
    row: Backtest
    steps: Iterator[dict[str, Any]]


_under_way: _UnderWay | None = None


def catch_up(now: datetime, person: int | None = None) -> int:
    """One step of the backtest that waits longest: a batch of people. 0 when none waits."""
    global _under_way
    if _under_way is None:
        row = _claim(now)
        if row is None:
            return 0
        _under_way = _UnderWay(row, _replay(row, now))
    row = _under_way.row
    try:
        told = next(_under_way.steps, None)
    except Exception as e:  # a document or a lake that breaks must not hold up the next one
        log.exception("%s failed", row)
        _under_way = None
        _mine(row).update(state=State.FAILED, why=f"{type(e).__name__}: {e}"[:500], ended_at=now)
        _tidy(row)
        return 1
    if told is None:
        _under_way = None
        _mine(row).update(state=State.DONE, ended_at=now)
        _tidy(row)
    elif not _mine(row).update(beat_at=now, **told):
        _under_way = None
        _tidy(row)
    return 1


def _mine(row: Backtest) -> Any:
    return Backtest.objects.filter(pk=row.pk, state=State.RUNNING, worker=ME)


@transaction.atomic
def _claim(now: datetime) -> Backtest | None:
    """The next one to replay, taken for this process."""
    left = Q(state=State.RUNNING) & Q(beat_at__lt=now - SILENT)
    row = Backtest.objects.select_for_update().filter(Q(state=State.WAITING) | left).order_by("asked_at", "pk").first()
    if row:
        row.state, row.worker, row.beat_at, row.until = State.RUNNING, ME, now, now
        row.save(update_fields=["state", "worker", "beat_at", "until"])
    return row


def _replay(row: Backtest, now: datetime) -> Iterator[dict[str, Any]]:
    """The steps of one backtest; each yields what to tell of its course."""
    import numpy as np

    from . import export
    from .engine import Engine
    from .replay import Replay, frontier, one_in, real_outcomes

    yield {}
    export.catch_up(now)
    engine = Engine()
    agreements = [read(row.document), *([row.running.terms] if row.running else [])]
    replay = Replay(engine, agreements, micro(now))
    yield {"people": len(replay.people)}
    for done in replay.run():
        yield {"replayed": done, "touches": replay.touches}
    people = engine.table("people")
    columns: dict[str, Any] = {"people": replay.people}
    for name in ("source", "offer"):
        words = people.column(name).combine_chunks().dictionary_encode()
        columns[f"{name}_words"] = np.asarray(words.dictionary.to_pylist(), dtype=str)
        columns[name] = words.indices.to_numpy()
    real = real_outcomes(engine, replay.until)
    for kind, stream in zip(real._fields, real, strict=True):
        columns[f"real_{kind}_person"], columns[f"real_{kind}_at"] = stream
    for side, found in zip(("draft", "running"), (s.found() for s in replay.sides), strict=False):
        columns |= {f"{side}_{name}": column for name, column in zip(found._fields, found, strict=True)}
    _write(Path(row.path), columns)
    for points in frontier(replay, replay.sides[0], real):
        yield {"frontier": [list(p) for p in points], "one_in": one_in(replay.touches)} if points else {}


def _write(path: Path, columns: dict[str, Any]) -> None:
    import numpy as np

    beside = path.with_name(f"{path.name}.{ME}")
    try:
        with beside.open("wb") as file:
            np.savez(file, **columns)
            file.flush()
            os.fsync(file.fileno())
        beside.replace(path)
    finally:
        beside.unlink(missing_ok=True)


def _tidy(row: Backtest) -> None:
    """Keep the newest results of a draft, and only their files. What another process is replaying is left alone."""
    ended = list(
        Backtest.objects.filter(draft=row.draft_id)
        .exclude(state__in=(State.WAITING, State.RUNNING))
        .order_by("-pk")
        .defer("document")
    )
    kept = [old for old in ended if old.state == State.DONE][:KEPT]
    for old in ended:
        if old not in kept:
            _drop(old)
            if old != ended[0]:  # of the last one the page says what became of it
                old.delete()
    if not Backtest.objects.filter(pk=row.pk).exists():
        _drop(row)


def _drop(row: Backtest) -> None:
    with suppress(FileNotFoundError):
        os.unlink(row.path)
