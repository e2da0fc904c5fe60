"""Why a promise was broken: exactly one cause, by rule, in a fixed order; the first that fits (B4). Nobody chooses it.

Source: docs/algorithms/promises.md
"""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

NO_OWNER, ABSENT, OVER_CAPACITY, DATA_MISSING = "no_owner", "absent", "capacity", "data"
DELIVERED_LATE, NOT_ATTEMPTED = "late", "idle"


@dataclass(frozen=True)
class Seen:
    """What was seen of a broken promise about one lead, when it was broken.

    gone         nobody owed it any more: the account is closed, the last day is over, or there is no reviewer
    excused      with the days off that are known now it would not be due yet
    taken, room  hours that the leads of that week ask for, and that were agreed; room None: nobody said
    missing      what the agreement asks for at handoff, and was not known
    late         the lead came after marketing had promised it
    tried        somebody tried, or did it too late
    """

    gone: bool = False
    excused: bool = False
    taken: float = 0
    room: float | None = None
    missing: tuple[str, ...] = ()
    late: bool = False
    tried: bool = False


def cause(seen: Seen) -> tuple[str, Mapping[str, Any]]:
    """The cause, and what shows it. Who tried was not stopped by missing data; who did not try has no excuse in a late lead."""
    if seen.gone:
        return NO_OWNER, {}
    if seen.excused:
        return ABSENT, {}
    if seen.room is not None and seen.taken > seen.room:
        return OVER_CAPACITY, {"taken": round(seen.taken, 1), "room": round(seen.room, 1)}
    if seen.missing and not seen.tried:
        return DATA_MISSING, {"missing": list(seen.missing)}
    if seen.late and seen.tried:
        return DELIVERED_LATE, {}
    return NOT_ATTEMPTED, {}


@dataclass(frozen=True)
class Waiting:
    """How many ripe leads waited when a delivery fell short: for an owner or the desk, for room, for data."""

    owner: int = 0
    room: int = 0
    data: int = 0


def cause_of_delivery(short: int, waiting: Waiting) -> tuple[str, Mapping[str, Any]]:
    """Why marketing delivered too few: what so many leads waited for as were missing, in the same order.

    short    leads that were missing; 0 when there were enough and too few of good fit
    """
    held_up = ((NO_OWNER, waiting.owner), (OVER_CAPACITY, waiting.room), (DATA_MISSING, waiting.data))
    for why, leads in held_up:
        if 0 < short <= leads:
            return why, {"short": short, "waited": leads}
    return NOT_ATTEMPTED, {"short": short}
