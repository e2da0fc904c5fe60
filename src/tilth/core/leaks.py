"""What a leak costs: of a lead's expected value, what has faded while it waited.

Source: docs/algorithms/leaks.md
"""

from datetime import datetime

from .handoff import HOUR


def faded(value: int, since: datetime, now: datetime, fades_hours: float) -> int:
    """What of a value is gone by now, in minor units: half of it after each half-life; 0 for what lies ahead.

    value        expected value at `since`, in minor units
    fades_hours  the half-life, above zero
    """
    age = max((now - since).total_seconds() / HOUR, 0.0)
    return round(value * (1 - 0.5 ** (age / fades_hours)))
