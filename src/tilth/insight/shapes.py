"""The lake's tables: their columns, how their rows lie, and which row of several counts. Source: docs/algorithms/lake.md"""

from typing import NamedTuple

import pyarrow as pa

MOMENT = pa.timestamp("us")  # UTC, without a zone


class Shape(NamedTuple):
    """A table's columns, in which order its rows lie, and by which column the newest file wins (None: rows only add up).

    flat    the columns of a base that can also be read without unpacking, see `flat`
    """

    columns: pa.Schema
    order: tuple[str, ...]
    key: str | None = None
    flat: tuple[str, ...] = ()


TABLES = {
    "touches": Shape(
        pa.schema(
            {
                "person": pa.int64(), "at": MOMENT, "id": pa.int64(), "what": pa.int32(), "learned_at": MOMENT,
                "team": pa.string(), "source": pa.string(), "medium": pa.string(), "campaign": pa.string(),
            }
        ),
        ("person", "at", "id"),
        "id",
        ("person", "at", "id", "what", "team", "source", "medium", "campaign"),
    ),
    "facts": Shape(pa.schema({"person": pa.int64(), "at": MOMENT, "pair": pa.int32()}), ("person", "at"), "person"),
    "people": Shape(
        pa.schema(
            {
                "person": pa.int64(), "at": MOMENT, "lead_at": MOMENT, "door": pa.string(), "source": pa.string(),
                "offer": pa.string(), "campaign": pa.string(), "company": pa.int64(),
            }
        ),
        ("person",),
        "person",
    ),
    "whats": Shape(
        pa.schema(
            {
                "id": pa.int32(), "kind": pa.string(), "offer": pa.string(), "event": pa.string(), "url": pa.string(),
                "human": pa.bool_(),
            }
        ),
        ("id",),
    ),
    "pairs": Shape(pa.schema({"id": pa.int32(), "field": pa.string(), "value": pa.string()}), ("id",)),
    "ends": Shape(pa.schema({"person": pa.int64(), "at": MOMENT, "wake": MOMENT}), ("person", "at"), "person"),
    "outcomes": Shape(
        pa.schema(
            {
                "person": pa.int64(), "at": MOMENT, "kind": pa.string(), "handoff": pa.int64(), "deal": pa.int64(),
                "version": pa.int32(), "reason": pa.string(), "amount": pa.int64(), "currency": pa.string(),
                "owner": pa.int64(), "learned_at": MOMENT, "charged": pa.string(),
            }
        ),
        ("person", "at"),
        "person",
    ),
    "stages": Shape(
        pa.schema(
            {
                "person": pa.int64(), "at": MOMENT, "id": pa.int64(), "was": pa.string(), "stage": pa.string(),
                "version": pa.int32(),
            }
        ),
        ("person", "at", "id"),
        "id",
    ),
    "deals": Shape(
        pa.schema(
            {
                "deal": pa.int64(), "person": pa.int64(), "company": pa.int64(), "handoff": pa.int64(), "owner": pa.int64(),
                "opened_at": MOMENT, "learned_at": MOMENT, "amount": pa.int64(), "currency": pa.string(),
                "phase": pa.string(), "product": pa.string(), "seller": pa.string(), "closed_at": MOMENT, "won": pa.bool_(),
                "revenue": pa.int64(), "reason": pa.string(),
            }
        ),
        ("deal",),
    ),
    "costs": Shape(
        pa.schema(
            {
                "id": pa.int64(), "day": pa.date32(), "source": pa.string(), "campaign": pa.string(), "amount": pa.int64(),
                "currency": pa.string(), "what": pa.string(),
            }
        ),
        ("id",),
    ),
    "groups": Shape(
        pa.schema({"group": pa.int64(), "person": pa.int64(), "company": pa.int64(), "role": pa.string()}), ("group", "person")
    ),
    "gone": Shape(pa.schema({"person": pa.int64()}), ("person",)),
}  # fmt: skip


# Small, with rows that may be undone or change, and so written whole whenever one of them did.
WHOLE = ("deals", "costs", "groups", "gone")
# What comes by new rows of these streams; of them a row may be undone, and then the table is written anew.
FOLLOWED = {
    "stages": ("stage",),
    "ends": ("stage", "return", "handback"),
    "outcomes": ("handoff", "acceptance", "return", "review", "qualified", "handback", "won", "lost"),
}
UNITED = frozenset(("merge", "split"))  # they turn rows of these tables into another's
UNDONE = frozenset(stream for streams in FOLLOWED.values() for stream in streams)
MOVED = -1  # in `what`: from then on, this touch is not this person's any more; no reader sees such rows
