"""Dates and times as files write them. Day-month order is a property of a whole column, never of one cell.

`Orders` looks at every date of a column and says in which order they were written; `moment` reads
one with that order. What no order explains is refused, never guessed.
"""

import re
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta, timezone, tzinfo
from functools import lru_cache
from zoneinfo import ZoneInfo

from .figures import Unreadable

ORDERS = ("dmy", "mdy", "ymd")
EARLIEST, LATEST = 1900, 2200
_MONTHS = {
    name: number
    for number, names in enumerate(
        (
            "jan januari januar january", "feb februari februar february", "mar mrt maart märz mär mrz march",
            "apr april", "may mei mai", "jun juni june", "jul juli july", "aug augustus august",
            "sep sept september", "oct okt oktober october", "nov november", "dec dez december dezember",
        ),
        start=1,
    )
    for name in names.split()
}  # fmt: skip
_NUMERIC = re.compile(r"(\d{1,4})([-/.])\s?(\d{1,2})\2\s?(\d{1,4})")
_COMPACT = re.compile(r"((?:19|20)\d\d)(\d\d)(\d\d)")
_NAMED = re.compile(r"(\d{1,2})(?:\.|st|nd|rd|th)?[\s-]+([^\W\d]+)\.?,?[\s-]+(\d{4}|\d\d)")
_NAMED_FIRST = re.compile(r"([^\W\d]+)\.?\s+(\d{1,2})(?:st|nd|rd|th)?,?\s+(\d{4})")
_CLOCK = re.compile(r"(\d{1,2}):(\d\d)(?::(\d\d)(?:[.,](\d{1,9}))?)?\s*([AaPp])?\.?(?:[Mm]\.?)?\s*(?:Uhr|uur)?")
_OFFSET = re.compile(r"\s*(?:(Z|UTC|GMT)|([+-])(\d\d):?(\d\d)?)$")
_EPOCH = re.compile(r"1\d{9}(?:\d{3})?")


@dataclass(frozen=True)
class Moment:
    """An instant in UTC. `whole_day` when only a date was written: then it is where that day begins."""

    at: datetime
    whole_day: bool


@dataclass
class Orders:
    """How many dates of a column each day-month order explains."""

    seen: int = 0
    dmy: int = 0
    mdy: int = 0
    ymd: int = 0

    def see(self, text: str) -> None:
        possible = explains(text)
        if possible:
            self.seen += 1
            self.dmy += "dmy" in possible
            self.mdy += "mdy" in possible
            self.ymd += "ymd" in possible

    @property
    def order(self) -> str:
        """The order that explains most; day first when two explain as much. "" when no date needs one."""
        return max(ORDERS, key=lambda o: getattr(self, o)) if self.seen else ""

    @property
    def ambiguous(self) -> bool:
        """Every date can be read day first and month first."""
        return self.seen > 0 and self.dmy == self.mdy >= self.ymd


@lru_cache(maxsize=50_000)
def explains(text: str) -> tuple[str, ...]:
    """The orders in which a date of figures can be read; () when it needs none or is none."""
    found = _NUMERIC.match(text.strip())
    if not found or len(found[1]) == 4:
        return ()
    return tuple(order for order in ORDERS if _in_order(found[1], found[3], found[4], order))


def moment(text: str, zone: ZoneInfo, order: str = "") -> Moment:
    """The instant that a text names; without an offset it is local time in `zone`.

    order      "dmy", "mdy" or "ymd" for dates like 03-04-2018; "" takes day first
    raises     Unreadable
    """
    text = text.strip()
    if "T" in text[:11] or (len(text) >= 19 and text[4:5] == "-"):
        try:
            return _settled(datetime.fromisoformat(text), zone)
        except ValueError:
            pass
    if _EPOCH.fullmatch(text):
        return Moment(datetime.fromtimestamp(int(text[:10]), UTC), False)
    day, rest = _day(text, order)
    return _settled(_with_clock(day, rest, text), zone) if rest else Moment(_begin(day, zone), True)


def day(text: str, order: str = "") -> date:
    """The calendar day of a text; a time of day behind it is passed over.

    raises     Unreadable
    """
    return _day(text.strip(), order)[0]


@lru_cache(maxsize=50_000)
def _day(text: str, order: str) -> tuple[date, str]:
    """The date that a text begins with, and what follows it."""
    found: date | None = None
    if hit := _NUMERIC.match(text):
        first, _, second, third = hit.groups()
        found = _in_order(first, second, third, "ymd" if len(first) == 4 else order or "dmy")
    elif hit := _COMPACT.match(text):
        found = _date(*map(int, hit.groups()))
    elif hit := _NAMED.match(text):
        found = _date(_year(hit[3]), _MONTHS.get(hit[2].casefold(), 0), int(hit[1]))
    elif hit := _NAMED_FIRST.match(text):
        found = _date(int(hit[3]), _MONTHS.get(hit[1].casefold(), 0), int(hit[2]))
    if found is None or hit is None:
        raise Unreadable(f"“{text[:60]}” is not a date{_in_words(order)}")
    return found, text[hit.end() :].strip().removeprefix("T").removeprefix(",").strip()


def _in_words(order: str) -> str:
    words = {"dmy": "day-month-year", "mdy": "month-day-year", "ymd": "year-month-day"}
    return f" (this column writes {words[order]})" if order else ""


def _in_order(first: str, second: str, third: str, order: str) -> date | None:
    if order == "ymd":
        return _date(_year(first), int(second), int(third)) if len(first) in (2, 4) and len(third) < 3 else None
    if len(first) > 2 or len(third) not in (2, 4):
        return None
    days, months = (first, second) if order == "dmy" else (second, first)
    return _date(_year(third), int(months), int(days))


def _year(text: str) -> int:
    """Two figures mean 1970 to 2069."""
    return int(text) if len(text) > 2 else int(text) + (2000 if int(text) < 70 else 1900)


def _date(year: int, month: int, day: int) -> date | None:
    try:
        return date(year, month, day) if EARLIEST <= year <= LATEST else None
    except ValueError:
        return None


def _with_clock(day: date, rest: str, text: str) -> datetime:
    """The day at the time of day written behind it, with its offset when there is one."""
    offset = _OFFSET.search(rest)
    clock = _CLOCK.fullmatch((rest[: offset.start()] if offset else rest).strip())
    if not clock:
        raise Unreadable(f"“{text[:60]}” has no time of day where one should be")
    hour, minute, second = int(clock[1]), int(clock[2]), int(clock[3] or 0)
    if clock[5]:
        hour = hour % 12 + (12 if clock[5] in "pP" else 0)
    try:
        at = datetime.combine(day, time(hour, minute, second, int((clock[4] or "0")[:6].ljust(6, "0"))))
        return at.replace(tzinfo=_offset(offset)) if offset else at
    except ValueError:
        raise Unreadable(f"“{text[:60]}” has no such time of day") from None


def _offset(found: re.Match[str]) -> tzinfo:
    if found[1]:
        return UTC
    ahead = timedelta(hours=int(found[3]), minutes=int(found[4] or 0))
    return timezone(ahead if found[2] == "+" else -ahead)


def _settled(at: datetime, zone: ZoneInfo) -> Moment:
    """In UTC; midnight sharp without an offset is a date with an empty time (" 00:00:00")."""
    if not EARLIEST <= at.year <= LATEST:
        raise Unreadable(f"“{at:%Y-%m-%d}” lies outside {EARLIEST} to {LATEST}")
    if at.tzinfo is None and at.time() == time.min:
        return Moment(_begin(at.date(), zone), True)
    return Moment((at if at.tzinfo else at.replace(tzinfo=zone)).astimezone(UTC), False)


@lru_cache(maxsize=50_000)
def _begin(day: date, zone: ZoneInfo) -> datetime:
    return datetime.combine(day, time.min, zone).astimezone(UTC)
