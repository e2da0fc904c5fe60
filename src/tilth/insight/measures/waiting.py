"""Where open deals wait: how long since their last sign of life.

Grain   one row a phase, team, person, segment, product or source; an open deal counts in one
"""

from datetime import datetime
from typing import TYPE_CHECKING, Any

import numpy as np

from tilth.insight.engine import Engine

from .cohort import bare, in_days

if TYPE_CHECKING:
    import ibis

SILENT = 30  # days without a sign of life: such deals are counted apart


def waiting(engine: Engine, cuts: "ibis.Table", now: datetime) -> "ibis.Table":
    """Each open deal: deal, person, cut, amount, currency, days since the last sign of life.

    A sign of life is the last touch by a human with its person, in either direction, or that the deal was opened, or heard of.

    cuts   deal and `cut`
    """
    import ibis

    t, until = engine.tables(), ibis.literal(bare(now))
    human = t.whats.filter(t.whats.human).select(what="id")
    met = t.touches.inner_join(human, "what")
    met = met.filter(met.at <= until).group_by("person").agg(met_at=met.at.max())
    deals = t.deals.filter(t.deals.won.isnull()).inner_join(cuts, "deal")
    deals = deals.left_join(met, "person")
    begun = ibis.coalesce(deals.opened_at, deals.learned_at)
    last = ibis.greatest(begun, ibis.coalesce(deals.met_at, begun))
    days = in_days(last, until)
    return deals.select("deal", "person", "cut", "amount", "currency", days=ibis.greatest(days, 0.0))


def by_phase(engine: Engine) -> "ibis.Table":
    """Each deal and its phase as `cut`."""
    return engine.tables().deals.select("deal", cut="phase")


def counted(engine: Engine, deals: "ibis.Table", currency: str) -> list[dict[str, Any]]:
    """Of each cut: n deals, money in a currency, how many have no amount in it, median and most days, how many are silent."""
    ours = (deals.currency == currency) & deals.amount.notnull()
    silent = deals.days >= SILENT
    found = deals.group_by("cut").agg(
        n=deals.count(), amount=deals.amount.sum(where=ours).fill_null(0), unpriced=(~ours).sum(),
        most=deals.days.max(), silent=silent.sum(), silent_amount=deals.amount.sum(where=ours & silent).fill_null(0),
    )  # fmt: skip
    rows = engine.run(found).to_pylist()
    days = engine.run(deals.select("cut", "days"))
    cut, values = np.array(days["cut"].to_pylist(), dtype=object), days["days"].to_numpy()
    return [row | {"median": float(np.median(values[cut == row["cut"]]))} for row in rows]


def behind(engine: Engine, deals: "ibis.Table", silent: bool) -> list[int]:
    """With whom these deals are, who waits longest first."""
    some = deals.filter(deals.person.notnull())
    some = some.filter(some.days >= SILENT) if silent else some
    found = some.group_by("person").agg(days=some.days.max())
    return engine.run(found.order_by(found.days.desc(), "person").select("person"))["person"].to_pylist()
