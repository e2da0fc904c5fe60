"""How and when somebody is told: as they chose, at least as both teams agreed, and not in their quiet hours.

Source: docs/algorithms/telling.md
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo

from .clock import Calendar, NoOpenHours, due, instant

NOT, DIGEST, AT_ONCE = "not", "digest", "at_once"
HOW = (NOT, DIGEST, AT_ONCE)  # from the least to the most
PAGE, MAIL = "page", "mail"
WEEK, MONTH = "week", "month"
MOMENT, DAY = timedelta(seconds=1), timedelta(days=1)
LONGEST = 60  # days that nobody is silent for: then it is told all the same


@dataclass(frozen=True)
class Quiet:
    """When somebody does not want to hear: from `begins` until `ends` on the wall, over midnight when it ends earlier.

    days_off   nor on days on which they do not work
    """

    begins: time | None = None
    ends: time | None = None
    days_off: bool = False


def ways(chosen: Mapping[str, str], agreed: str = NOT) -> dict[str, str]:
    """How each channel tells somebody of one kind of event.

    chosen     channel to one of HOW; every channel that reaches them is named, PAGE and MAIL always
    agreed     at least so much, by one channel that reaches them away from the page: by MAIL, where none of theirs does.
               The page then tells it, too.
    returns    channel to one of HOW
    """
    out = dict(chosen)
    if agreed == NOT:
        return out
    out[PAGE] = AT_ONCE
    if max(HOW.index(how) for channel, how in out.items() if channel != PAGE) < HOW.index(agreed):
        out[MAIL] = agreed
    return out


def goes_at(now: datetime, quiet: Quiet, calendar: Calendar, agreed: bool = False) -> datetime:
    """When what should be told at once is told: now, or when the quiet hours end.

    agreed     both teams want it told at once: quiet hours then hold only outside working hours
    returns    aware, UTC
    """
    free = _free(now, quiet, calendar)
    if not agreed or free == now:
        return free
    try:
        opens = due(now, MOMENT, calendar) - MOMENT
    except NoOpenHours:
        return free
    return min(free, opens)


def digest_at(now: datetime, at: time, calendar: Calendar) -> datetime:
    """When what happens now is told with the rest of the day: at the next such time on a working day.

    at         wall time, in the calendar's zone
    returns    aware, UTC, after `now`
    """
    day = calendar.day_of(now)
    for _ in range(LONGEST):
        if calendar.opens_on(day) and (found := instant(day, at, calendar.zone)) > now:
            return found
        day += DAY
    return instant(day, at, calendar.zone)


def recurs_at(now: datetime, every: str, at: time, zone: ZoneInfo) -> datetime:
    """When something that comes every week (on Monday) or every month (on the first) comes next; on the wall of a zone.

    every      WEEK or MONTH
    returns    aware, after `now`
    """
    day = now.astimezone(zone).date()
    while True:
        if (day.day == 1 if every == MONTH else day.weekday() == 0) and (found := instant(day, at, zone)) > now:
            return found
        day += DAY


def _free(now: datetime, quiet: Quiet, calendar: Calendar) -> datetime:
    """The first moment from now on at which nothing is quiet."""
    moment = now.astimezone(UTC)
    for _ in range(2 * LONGEST):
        ends = _ends(moment, quiet, calendar)
        if ends is None:
            return moment
        moment = ends
    return moment


def _ends(moment: datetime, quiet: Quiet, calendar: Calendar) -> datetime | None:
    """When the silence ends that holds at this moment; None when there is none."""
    local = moment.astimezone(calendar.zone)
    day, at = local.date(), local.time()
    if quiet.days_off and not calendar.opens_on(day):
        return instant(day + DAY, time(), calendar.zone)
    begins, ends = quiet.begins, quiet.ends
    if begins is None or ends is None or begins == ends:
        return None
    if begins < ends:
        return _later(moment, day, ends, calendar) if begins <= at < ends else None
    if at < ends:
        return _later(moment, day, ends, calendar)
    return _later(moment, day + DAY, ends, calendar) if at >= begins else None


def _later(moment: datetime, day: date, at: time, calendar: Calendar) -> datetime:
    """That time of that day; a moment later where clocks go back over it, so that silence always ends."""
    return max(instant(day, at, calendar.zone), moment + MOMENT)
