"""Working time: deadlines one by one and a million at once, beside businesstimedelta and the bare search in a sorted array.

    python -m pip install businesstimedelta && python benchmarks/clock.py [--deadlines 1000000]

All three count the same Dutch office of 2026, 09:00 to 17:30, with its public holidays. CPU seconds in one run; the deadlines
of businesstimedelta are held against ours, to the microsecond.
"""

import argparse
import time as clocks
from collections.abc import Callable
from datetime import UTC, date, datetime, time, timedelta
from typing import Any
from zoneinfo import ZoneInfo

import numpy as np

from tilth.core.clock import Calendar, due, elapsed
from tilth.core.holiday import public_holidays
from tilth.core.openings import EPOCH, MICROSECOND, openings

ZONE = ZoneInfo("Europe/Amsterdam")
HOLIDAYS = public_holidays("NL", "", [2026, 2027])
OFFICE = Calendar(ZONE, (((time(9), time(17, 30)),),) * 5 + ((), ()), HOLIDAYS)
BEGIN = datetime(2026, 1, 5, tzinfo=UTC)
FEW, SOME = 200, 20_000
WORK = timedelta(hours=8)


def main() -> None:
    options = argparse.ArgumentParser()
    options.add_argument("--deadlines", type=int, default=1_000_000)
    count = options.parse_args().deadlines
    random = np.random.default_rng(8)
    seconds = random.integers(0, 300 * 86_400, count)
    since = (BEGIN - EPOCH) // MICROSECOND + seconds * 1_000_000
    work = random.integers(1, 40 * 3_600, count) * 1_000_000
    moments = [BEGIN + timedelta(seconds=int(s)) for s in seconds[:SOME]]
    table = openings(OFFICE, date(2026, 1, 1), date(2027, 12, 31))
    deadlines = table.due(since, work)
    print(f"{count:,} deadlines")
    at_once = measured(
        "a million at once" if count == 1_000_000 else "all at once", lambda: table.due(since, work), count
    )
    measured("working time between, at once", lambda: table.elapsed(since, deadlines), count)
    bare = measured(
        "bare: two searches in a sorted array",
        lambda: (np.searchsorted(table.opens, since), np.searchsorted(table.worked, since)),
        count,
    )
    single = measured("one by one", lambda: [due(m, WORK, OFFICE) for m in moments], SOME)
    measured(
        "working time between, one by one", lambda: [elapsed(m, m + timedelta(days=5), OFFICE) for m in moments], SOME
    )
    print(f"at once to the bare search: {at_once / bare:.1f}")
    beside(moments[:FEW], at_once, single)


def beside(moments: list[datetime], at_once: float, single: float) -> None:
    """The same deadlines by businesstimedelta, where it is installed."""
    try:
        import businesstimedelta
        import pytz
    except ImportError:
        print("businesstimedelta is not installed: pip install businesstimedelta")
        return
    zone = pytz.timezone(ZONE.key)
    week = businesstimedelta.WorkDayRule(
        start_time=time(9), end_time=time(17, 30), working_days=[0, 1, 2, 3, 4], tz=zone
    )
    rules = businesstimedelta.Rules([week, businesstimedelta.HolidayRule(dict.fromkeys(HOLIDAYS, "holiday"), tz=zone)])
    added = businesstimedelta.BusinessTimeDelta(rules, timedelta=WORK)
    peer = measured("businesstimedelta", lambda: [m + added for m in moments], len(moments))
    differ = sum((m + added) != due(m, WORK, OFFICE) for m in moments)
    print(
        f"businesstimedelta takes {peer / at_once:,.0f} times as long as all at once, {peer / single:,.0f} times as long as one by one; {differ} of {len(moments)} differ"
    )


def measured(what: str, work: Callable[[], Any], count: int) -> float:
    """CPU seconds of each, the best of three."""
    took = []
    for _ in range(3):
        began = clocks.process_time()
        work()
        took.append(clocks.process_time() - began)
    print(f"{what}: {count / min(took):,.0f} a second, {min(took) * 1e3:,.1f} ms in all")
    return min(took) / count


if __name__ == "__main__":
    main()
