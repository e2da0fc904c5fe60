"""How long people are in each stage.

Grain        one row a stage; whoever enters a stage twice counts twice
Denominator  everybody who entered the stage in the period, also who is still in it
Source: docs/algorithms/durations.md
"""

from datetime import datetime
from typing import TYPE_CHECKING, NamedTuple

import numpy as np

from tilth.core.lasting import Lasts, lasting
from tilth.core.rates import ENOUGH
from tilth.insight.engine import Engine
from tilth.insight.period import Period

from .cohort import bare, in_days

if TYPE_CHECKING:
    import ibis

LAST = "customer"  # the stage that does not end
OVER = 10  # so many must have left a stage, at least


class Stage(NamedTuple):
    """One stage. `quartiles` is empty where it is too few."""

    stage: str
    n: int
    still: int
    quartiles: list[Lasts]

    @property
    def lacks(self) -> int:
        return max(ENOUGH - self.n, OVER - (self.n - self.still), 0)


def stays(engine: Engine, period: Period, until: datetime) -> "ibis.Table":
    """Each stay in a stage that began in the period: person, stage, begin, over (or not yet), days."""
    import ibis

    stages = engine.tables().stages
    moves = stages.filter(stages.stage != stages.was)
    order = ibis.window(group_by="person", order_by=["at", "id"])
    moves = moves.mutate(left=moves.at.lead().over(order))
    began = moves.filter(moves.at >= bare(period.start), moves.at < bare(min(period.end, until)), moves.stage != LAST)
    over = began.left.notnull() & (began.left <= bare(until))
    end = ibis.ifelse(over, began.left, ibis.literal(bare(until)))
    days = in_days(began.at, end)
    return began.select("person", "stage", begin="at", over=over, days=days)


def durations(engine: Engine, stays: "ibis.Table") -> list[Stage]:
    """How long each stage takes, as far as it is known."""
    rows = engine.run(stays.select("stage", "over", "days"))
    stage = np.array(rows["stage"].to_pylist(), dtype=object)
    over, days = np.array(rows["over"].to_pylist(), dtype=bool), rows["days"].to_numpy().astype(float)
    found = []
    for name in sorted(set(stage.tolist())):
        some = stage == name
        n, still = int(some.sum()), int((some & ~over).sum())
        enough = n >= ENOUGH and n - still >= OVER
        found.append(Stage(name, n, still, lasting(days[some], over[some]) if enough else []))
    return found


def behind(engine: Engine, stays: "ibis.Table", stage: str, still: bool) -> list[int]:
    """Who entered a stage, or is still in it: the longest first, each once."""
    some = stays.filter(stays.stage == stage) if stage else stays
    some = some.filter(~some.over) if still else some
    found = some.group_by("person").agg(days=some.days.max())
    return engine.run(found.order_by(found.days.desc(), "person").select("person"))["person"].to_pylist()
