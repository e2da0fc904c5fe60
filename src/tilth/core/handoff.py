"""Which lead comes first: an order by what waiting costs, the same for everyone who looks. Who gets it: `routing`.

Source: docs/algorithms/routing.md
"""

from datetime import datetime
from math import log2

HOUR = 3600.0


def rank(value: int, since: datetime, fades_hours: float) -> float:
    """A place in the queue that stays right for ever: of two leads, the higher rank costs more to leave waiting.

    Where all values fade with one half-life, their order never changes, so the rank is stored once and nothing is worked
    out anew as time goes by: log2(value) + since / half-life.

    value        expected value at `since`, in minor units; below 1 counts as 1
    fades_hours  the half-life, above zero
    returns      in half-lives since 1970; comparable among leads of one `fades_hours` only
    """
    return log2(max(value, 1)) + since.timestamp() / HOUR / fades_hours


def cost_at(rank: float, now: datetime, fades_hours: float) -> float:
    """What the next hour of waiting costs a lead of this rank, in minor units; see `cost_of_waiting`.

    fades_hours  under which the rank was worked out
    """
    left = 2 ** (rank - now.timestamp() / HOUR / fades_hours)
    return left * (1 - 0.5 ** (1 / fades_hours))


def cost_of_waiting(value: int, since: datetime, now: datetime, fades_hours: float) -> float:
    """What the next hour of waiting takes off a lead's expected value, in minor units.

    What is left of the value after its age, times the share that fades in one hour.
    """
    age = max((now - since).total_seconds() / HOUR, 0.0)
    return value * 0.5 ** (age / fades_hours) * (1 - 0.5 ** (1 / fades_hours))
