"""Pieces of content, and who met which of them before something became of them.

A piece is an offer, a page (its address without what stands behind it) or a webinar. Which mail somebody read is not in the
lake: of a click it knows the page. Only what people did themselves counts, and only what no machine did.
"""

from collections.abc import Sequence
from typing import TYPE_CHECKING
from urllib.parse import urlsplit

import pyarrow as pa

from tilth.core.qualify import What
from tilth.insight.engine import Engine

if TYPE_CHECKING:
    import ibis

BEFORE = {
    "mql": "mql",
    "sql": "sql",
    "customer": "customer",
    "returned": "mql",
}  # an outcome, and before what counts for it


def met(engine: Engine, people: "ibis.Table", of: str) -> "ibis.Table":
    """person, piece, the first `at`, and whether it `converted` them: made them a lead. Grain: one row a person and piece.

    people   of whom it is asked
    of       offers, pages or webinars
    """
    t = engine.tables()
    theirs = t.touches.semi_join(people.select("person"), "person")
    touches = theirs.filter(theirs.team == "person").inner_join(_pieces(engine.whats(), of), "what")
    touches = touches.inner_join(t.people.select("person", "lead_at"), "person")
    by_offer = of == "offers"
    converted = False if by_offer else (touches.at == touches.lead_at).fill_null(False)
    rows = touches.select("person", "piece", "at", converted=converted)
    if by_offer:
        leads = t.people.filter(t.people.lead_at.notnull(), t.people.offer != "")
        rows = rows.union(leads.select("person", piece="offer", at="lead_at", converted=True))
    return rows.group_by("person", "piece").agg(at=rows.at.min(), converted=rows.converted.any())


def met_by(engine: Engine, people: "ibis.Table", of: str) -> "ibis.Table":
    """`met` of the people of a cohort, with their columns."""
    return met(engine, people, of).inner_join(people, "person")


def before(found: "ibis.Table", step: str) -> "ibis.BooleanValue":
    """Whether a piece was met before its person was at a step: mql, sql or customer. Of who never was, whenever it was met."""
    return found[step].isnull() | (found.at <= found[step])


def _pieces(whats: Sequence[What], of: str) -> "ibis.Table":
    """The sorts of touches that are of a piece, and which."""
    import ibis

    found = [(n, piece) for n, what in enumerate(whats) if what.human and (piece := piece_of(what, of))]
    numbers, names = pa.array([n for n, _ in found], pa.int32()), pa.array([name for _, name in found], pa.string())
    return ibis.memtable(pa.table({"what": numbers, "piece": names}))


def piece_of(what: What, of: str) -> str:
    """Which piece somebody met by a touch of this sort; "" for none."""
    match of:
        case "offers":
            return what.offer
        case "pages":
            return path(what.url) if what.kind in {"page", "form"} and what.url else ""
        case _:
            return (what.offer or what.event) if what.kind == "webinar" else ""


def path(address: str) -> str:
    """The path of an address; "" of what came as an address and is none."""
    try:
        return urlsplit(address).path.rstrip("/") or "/"
    except ValueError:
        return ""
