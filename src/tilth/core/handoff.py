"""Which lead comes first: an order by what waiting costs, the same for everyone who looks. Who gets it: `routing`.

Source: docs/algorithms/routing.md
"""

from dataclasses import dataclass, field
from datetime import UTC, datetime
from math import log2

HOUR = 3600.0
NEVER = datetime.max.replace(tzinfo=UTC)


@dataclass(frozen=True, order=True)
class Priority:
    """A place in the queue: `sorted(...)` puts the lead to work on first in front.

    Late promises come before all others; then the highest cost, the earliest due moment, the
    lowest id, so no two leads tie. `cost` is what one more hour of waiting costs, in minor units.
    """

    in_time: bool
    minus_cost: float = field(repr=False)
    due: datetime
    id: int

    @property
    def cost(self) -> float:
        return -self.minus_cost


def priority(id: int, value: int, since: datetime, due: datetime | None, now: datetime, fades_hours: float) -> Priority:
    """Where a lead belongs in the queue: a broken promise first, then what waiting costs per hour.

    value        expected value at `since`, in minor units
    since        when it became ripe or was handed off
    due          of the promise that is still open; None without one
    fades_hours  hours in which an unworked lead loses half of its value; above zero
    """
    in_time = due is None or now <= due
    return Priority(in_time, -cost_of_waiting(value, since, now, fades_hours), due or NEVER, id)


def rank(value: int, since: datetime, fades_hours: float) -> float:
    """A place in the queue that stays right for ever: of two leads, the higher rank costs more to leave waiting.

    Where all values fade with one half-life, their order never changes, so the rank is stored once and nothing is worked
    out anew as time goes by: log2(value) + since / half-life.

    value        expected value at `since`, in minor units; below 1 counts as 1
    fades_hours  the half-life, above zero
    returns      in half-lives since 1970; comparable among leads of one `fades_hours` only
    """
    return log2(max(value, 1)) + since.timestamp() / HOUR / fades_hours


def cost_of_waiting(value: int, since: datetime, now: datetime, fades_hours: float) -> float:
    """What the next hour of waiting takes off a lead's expected value, in minor units.

    What is left of the value after its age, times the share that fades in one hour.
    """
    age = max((now - since).total_seconds() / HOUR, 0.0)
    return value * 0.5 ** (age / fades_hours) * (1 - 0.5 ** (1 / fades_hours))
