"""Results of reports, kept for who looks next: pages ask here and never work anything out; the stage does.

Reads   Kept rows that somebody looks at, the lake (which it brings up to date first), the running version
Writes  what was found, with its moment, version and state of the lake

A result is worked out when somebody asks for the first time, when it is older than `FRESH` and still looked at, and
when another version of the agreement runs. Where nothing came into the lake since, only its moment moves.
"""

import hashlib
import json
import logging
import secrets
import time
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager, suppress
from datetime import date, datetime, timedelta
from threading import Event, Thread
from typing import Any

from django.db import OperationalError, connection, transaction
from django.db.models import F, Q, QuerySet

from tilth.agreement.models import Version, house_zone, running

from .models import Kept
from .period import named
from .report import Asked, Report, Result, as_json, of_json

log = logging.getLogger(__name__)

FRESH = timedelta(minutes=15)
LOOKED_AT = timedelta(days=7)  # so long after the last look it is kept fresh
FORGOTTEN = timedelta(days=30)
SILENT = timedelta(minutes=5)  # so long without a word: whoever worked on it is gone
BEAT = timedelta(minutes=1)
PEOPLE = 1_000  # behind a figure, at most
ME = secrets.token_hex(8)  # this process


def ask(report: Report, chosen: Mapping[str, str], now: datetime, row: str = "", column: str = "") -> Kept:
    """The kept result of a report, or of the people behind one of its figures; its `result` may still be None.

    chosen   of every filter of the report, and "period": see `Report.chosen`
    """
    return ask_all([(report, chosen)], now, row, column)[0]


def ask_all(
    asked: Sequence[tuple[Report, Mapping[str, str]]], now: datetime, row: str = "", column: str = ""
) -> list[Kept]:
    """The same of several reports, in their order; in one query, as long as all are there."""
    wanted = [_wanted(report, chosen, now, row, column) for report, chosen in asked]
    there = {kept.key: kept for kept in Kept.objects.filter(key__in=[new.key for new in wanted])}
    seen = [kept.pk for kept in there.values() if kept.wanted_at < now - timedelta(minutes=1)]
    if seen:
        Kept.objects.filter(pk__in=seen).update(wanted_at=now)
    return [there.get(new.key) or _made(new) for new in wanted]


def _wanted(report: Report, chosen: Mapping[str, str], now: datetime, row: str, column: str) -> Kept:
    told = dict(sorted(chosen.items()))
    key = hashlib.sha256(json.dumps([report.name, told, row, column]).encode()).hexdigest()
    return Kept(key=key, report=report.name, chosen=told, row=row, column=column, wanted_at=now)


def _made(new: Kept) -> Kept:
    """The row that waits from now on, or the one that somebody else made meanwhile."""
    told = {name: getattr(new, name) for name in ("report", "chosen", "row", "column", "wanted_at")}
    return Kept.objects.get_or_create(key=new.key, defaults=told)[0]


def again(kept: Kept) -> None:
    """Work it out anew, as soon as the worker gets to it."""
    Kept.objects.filter(pk=kept.pk).update(anew=True, why="")


def result_of(kept: Kept) -> Result | None:
    """What was found, in the language that runs now; None before anything was."""
    from .reports import REPORTS

    if kept.result is None:
        return None
    result, report = of_json(kept.result), REPORTS.get(kept.report)
    return report.worded(result) if report else result


def catch_up(now: datetime, person: int | None = None) -> int:
    """Work out the one that waits longest. 0 when none waits."""
    forgotten = Kept.objects.filter(wanted_at__lt=now - FORGOTTEN)
    if forgotten.exists():  # asked first: the loop comes by all the time, and SQLite has one writer
        forgotten.delete()
    kept = _claim(now) if _due(now).exists() else None
    if kept is None:
        return 0
    begin = time.perf_counter()
    try:
        with _held(kept, now):
            found = {"as_of": now, **_worked_out(kept, now)}
    except Exception as e:  # one that breaks must not hold up the next one
        log.exception("%s failed", kept)
        found = {"why": f"{type(e).__name__}: {e}"[:500]}
    told = {"anew": False, "worker": "", "took_ms": round((time.perf_counter() - begin) * 1000)}
    Kept.objects.filter(pk=kept.pk, worker=ME).update(**told | found)
    return 1


def work_out(report: Report, chosen: Mapping[str, str], now: datetime, row: str = "", column: str = "") -> Result:
    """What is found now, in this process, of the lake as it is.

    row, column   of a list of people: its only row has "people", their ids, and "more", whether there are others
    raises        ValueError for a period that means none
    """
    from .engine import Engine

    version = running(now)
    period = named(chosen.get("period", "12-months"), _day(now, version), house_zone(version))
    asked = Asked(chosen, period, now, version, Engine())
    if not column:
        return report.work(asked)
    people = list(report.people(asked, row, column))
    return Result(
        [{"people": [int(p) for p in people[:PEOPLE]], "more": len(people) > PEOPLE}], said={"n": len(people)}
    )


def _worked_out(kept: Kept, now: datetime) -> dict[str, Any]:
    """The columns of the row that change."""
    from . import export
    from .lake import ours
    from .reports import REPORTS

    export.catch_up(now)
    version, generation = running(now), ours().manifest.generation
    same = kept.result is not None and not kept.anew and kept.generation == generation and not kept.why
    if same and kept.version == version and kept.as_of and _day(kept.as_of, version) == _day(now, version):
        return {}
    result = work_out(REPORTS[kept.report], kept.chosen, now, kept.row, kept.column)
    return {"result": as_json(result), "version": version, "generation": generation, "why": ""}


def _day(at: datetime, version: Version | None) -> date:
    """The day on the wall of the firm: periods end with it."""
    return at.astimezone(house_zone(version)).date()


def _due(now: datetime) -> QuerySet[Kept]:
    """What waits to be worked out: never was, wanted anew, or too old and still looked at; what broke rests for a while."""
    looked_at = Q(wanted_at__gt=now - LOOKED_AT)
    old = Q(as_of__lt=now - FRESH) | Q(as_of=None)
    free = Q(worker="") | Q(beat_at__lt=now - SILENT)
    rests = Q(why__gt="", beat_at__gt=now - FRESH)
    return Kept.objects.filter(free, ~rests, Q(anew=True) | (looked_at & old)).order_by(
        F("as_of").asc(nulls_first=True), "pk"
    )


@transaction.atomic
def _claim(now: datetime) -> Kept | None:
    """The next one to work out, taken for this process."""
    kept = _due(now).select_for_update(skip_locked=True).first()
    if kept:
        kept.worker, kept.beat_at = ME, now
        kept.save(update_fields=["worker", "beat_at"])
    return kept


@contextmanager
def _held(kept: Kept, now: datetime) -> Iterator[None]:
    """Meanwhile it is said every `BEAT` that somebody works on it: some results take longer than `SILENT`."""
    over, begin = Event(), time.monotonic()

    def beat() -> None:
        try:
            while not over.wait(BEAT.total_seconds()):
                at = now + timedelta(seconds=time.monotonic() - begin)
                with suppress(OperationalError):  # the database is busy: the next beat says it
                    Kept.objects.filter(pk=kept.pk, worker=ME).update(beat_at=at)
        finally:
            connection.close()  # that of this thread

    heart = Thread(target=beat, daemon=True)
    heart.start()
    try:
        yield
    finally:
        over.set()
        heart.join()
