"""Small lakes without a database: rows as a lake's tables have them, what is not said is empty."""

from collections.abc import Iterable, Mapping
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pyarrow as pa

from tilth.insight.engine import Engine
from tilth.insight.lake import Lake, Manifest, in_order
from tilth.insight.shapes import TABLES

DAY_0 = datetime(2026, 1, 5, tzinfo=UTC).replace(tzinfo=None)  # a Monday
DICTIONARIES = ("whats", "pairs")  # their numbers are their places
EMPTY = {pa.string(): "", pa.bool_(): None}


def day(n: float) -> datetime:
    return DAY_0 + timedelta(days=n)


def lake_of(folder: Path, **tables: Iterable[Mapping[str, Any]]) -> Engine:
    """An engine over a lake with these rows."""
    folder.mkdir(parents=True, exist_ok=True)
    lake, files = Lake(folder), []
    for name, rows in tables.items():
        schema = TABLES[name].columns
        full = [{f.name: row.get(f.name, EMPTY.get(f.type)) for f in schema} for row in rows]
        if name in DICTIONARIES:
            full = [row | {"id": n} for n, row in enumerate(full)]
        if file := lake.write(name, [in_order(name, pa.Table.from_pylist(full, schema))], 1, "base"):
            files.append(file)
    lake.commit(Manifest(1, "", files=files), datetime.now().astimezone())
    return Engine(Lake(folder))


def lead(person: int, at: float, **more: Any) -> dict[str, Any]:
    return {"person": person, "at": day(at), "lead_at": day(at), **more}


def stage(person: int, at: float, stage: str, was: str = "lead") -> dict[str, Any]:
    return {"person": person, "at": day(at), "id": round(at * 1_000) + person, "was": was, "stage": stage}


def outcome(person: int, at: float, kind: str, **more: Any) -> dict[str, Any]:
    return {"person": person, "at": day(at), "learned_at": day(at), "kind": kind, **more}


def won(person: int, at: float, revenue: int | None, currency: str = "EUR", **more: Any) -> dict[str, Any]:
    """A deal that was won."""
    return {
        "deal": person, "person": person, "closed_at": day(at), "won": True, "revenue": revenue, "currency": currency,
        "learned_at": day(at), **more,
    }  # fmt: skip


def touch(person: int, at: float, what: int, team: str = "person", **more: Any) -> dict[str, Any]:
    """A touch of the sort that stands at place `what` of the lake's `whats`."""
    return {
        "person": person,
        "at": day(at),
        "id": round(at * 1_000_000) + person * 100 + what,
        "what": what,
        "team": team,
        **more,
    }


def what(kind: str, offer: str = "", event: str = "", url: str = "", human: bool = True) -> dict[str, Any]:
    return {"kind": kind, "offer": offer, "event": event, "url": url, "human": human}
