"""Deals as figures of selling need them: how long each was open, how it ended, and for how much.

Grain   one entry a deal, in the order of when they were opened
"""

from collections.abc import Mapping
from dataclasses import dataclass, fields
from datetime import datetime
from typing import TYPE_CHECKING, Any

import numpy as np
import pyarrow as pa

from tilth.core.survival import LOST, OPEN, WON
from tilth.core.terms import Condition
from tilth.insight.engine import Engine
from tilth.insight.shapes import MOMENT

from .cohort import NONE, by_segment

if TYPE_CHECKING:
    import ibis
    from numpy.typing import NDArray

DAY = 86_400.0
CUTS = ("all", "team", "person", "segment", "product", "source")
OURS, THEIRS = "member:", "seller:"  # who sells: one of us, or who a file named


@dataclass(frozen=True)
class Dealt:
    """Some deals.

    opened, closed   float64, days since 1970; NaN: nobody said when it was opened, or it is open
    days             float64, open for so long, until it closed or was last watched; NaN: nobody said since when
    ended            int64: OPEN, WON or LOST
    revenue          float64, minor units; NaN: not won, in another currency, or nobody said
    person, deal     int64; person is -1 where a deal has none
    """

    deal: "NDArray[np.int64]"
    person: "NDArray[np.int64]"
    opened: "NDArray[np.float64]"
    closed: "NDArray[np.float64]"
    days: "NDArray[np.float64]"
    ended: "NDArray[np.int64]"
    revenue: "NDArray[np.float64]"

    def __len__(self) -> int:
        return len(self.deal)

    def take(self, some: Any) -> "Dealt":
        """Some of them, by a mask or by their places; places may come twice."""
        return Dealt(*(getattr(self, f.name)[some] for f in fields(self)))


def dealt(engine: Engine, currency: str, until: datetime, cuts: "ibis.Table", alone: bool = False) -> dict[str, Dealt]:
    """Cut to its deals.

    cuts    person and `cut`; with `lead_at` only deals that closed since then, or are open. Or deal and `cut`
    until   open deals were watched until then
    alone   only deals in this currency
    """
    deals = engine.tables().deals
    by = "deal" if "deal" in cuts.columns else "person"
    joined = deals.inner_join(cuts, by)
    if "lead_at" in cuts.columns:
        joined = joined.filter(joined.closed_at.isnull() | (joined.closed_at >= joined.lead_at.truncate("D")))
    if alone:
        joined = joined.filter(joined.currency == currency)
    ours = (joined.currency == currency) & joined.won
    columns = joined.select(
        "cut", "deal", person=joined.person.fill_null(-1),
        opened=joined.opened_at, closed=joined.closed_at,
        won=joined.won, revenue=ours.ifelse(joined.revenue, None),
    )  # fmt: skip
    rows = engine.run(columns.order_by("opened", "deal"))
    everything, found = _arrays(rows, until), np.array(rows["cut"].to_pylist(), dtype=object)
    return {cut: everything.take(found == cut) for cut in sorted(set(found.tolist()))}


def cut_by(engine: Engine, by: str, segments: tuple[Condition, ...], teams: Mapping[int, str]) -> "ibis.Table":
    """Each deal and its `cut`; NONE where nobody said.

    by      one of CUTS
    teams   member to the team they sell in
    """
    import ibis

    t = engine.tables()
    deals = t.deals
    match by:
        case "all":
            return deals.select("deal", cut=ibis.literal(NONE))
        case "product":
            return deals.select("deal", cut="product")
        case "person":
            said = ibis.ifelse(deals.seller == NONE, NONE, ibis.literal(THEIRS).concat(deals.seller))
            return deals.select(
                "deal", cut=deals.owner.isnull().ifelse(said, ibis.literal(OURS).concat(deals.owner.cast("string")))
            )
        case "team":
            cut = deals.owner.cases(*teams.items(), else_=NONE) if teams else ibis.literal(NONE)
            return deals.select("deal", cut=cut)
        case "segment":
            people = by_segment(engine, t, segments)
        case _:
            people = t.people.select("person", cut=t.people[by])
    joined = deals.select("deal", "person").left_join(people, "person")
    return joined.select("deal", cut=joined.cut.fill_null(NONE))


def _arrays(rows: pa.Table, until: datetime) -> Dealt:
    opened, closed = (_numbers(rows[name].cast(MOMENT).cast(pa.int64())) / (DAY * 1e6) for name in ("opened", "closed"))
    revenue = _numbers(rows["revenue"])
    won = np.array([{True: WON, False: LOST, None: OPEN}[w] for w in rows["won"].to_pylist()], dtype=np.int64)
    end = np.where(won == OPEN, until.timestamp() / DAY, closed)
    days = np.maximum(end - opened, 0.0)
    return Dealt(rows["deal"].to_numpy(), rows["person"].to_numpy(), opened, closed, days, won, revenue)


def _numbers(column: pa.ChunkedArray) -> "NDArray[np.float64]":
    return column.cast(pa.float64()).to_numpy().astype(np.float64)
