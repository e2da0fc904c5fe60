"""Exporting to the lake, beside the bare read of the same rows.

    python benchmarks/export.py [--people 1000000] [--touches 20] [--postgres]
    python benchmarks/export.py --people 2500000 --written [--home DIR]

Fills a company by SQL (a benchmark may; the product never does), reads its touches the same way and throws them away (ADBC on PostgreSQL, Python's
cursor on SQLite), makes the lake from nothing, then brings it up to date after 10,000 touches, 1,000 stages and 500 leads with what
sales made of them, after one verdict was undone, after a hundredth more touches, and without news; then reads everybody in batches. Seconds by the clock and of CPU, of this
process and of the PostgreSQL process that serves it. With `--written` the lake is written beside the database instead, which takes a fifth of the time, and
the bare read is of a million touches. `--home` keeps the company for the next time.
"""

import argparse
import os
import resource
import time
from collections.abc import Callable
from pathlib import Path

import filled
from databases import house
from filled import NOW


def main() -> None:
    options = argparse.ArgumentParser()
    options.add_argument("--people", type=int, default=1_000_000)
    options.add_argument("--touches", type=int, default=20, help="per person")
    options.add_argument("--postgres", action="store_true", help="on a PostgreSQL that starts and stops with this")
    options.add_argument("--written", action="store_true", help="write the lake instead of exporting it")
    options.add_argument("--home", default="", help="a folder in which the company stays (SQLite)")
    given = options.parse_args()
    with house(given.postgres, stays=given.home):
        run(given.people, given.people * given.touches, given.written)


def run(people: int, touches: int, written: bool) -> None:
    from tilth.insight import export
    from tilth.people.models import Person

    there = Person.objects.exists()
    if not there:
        filled.company(people, touches)
    print(f"{people:,} people, {touches:,} touches, {people // 10:,} handed off; load {os.getloadavg()[0]:.1f}")
    rows = min(touches, 1_000_000) if written else touches
    floor = measured(f"bare read of {rows:,} touches", lambda: bare(rows))
    if written and not there:
        filled.lake(people, touches)
    elif not written:
        took = measured("the lake from nothing", lambda: export.rebuild(NOW))
        print(f"  {took / floor:.1f} x the bare read")
    size = sum(file.stat().st_size for file in (Path(os.environ["TILTH_HOME"]) / "lake").glob("touches*base.parquet"))
    print(f"  touches in {size / 1e6:,.0f} MB, {size / touches:.1f} bytes each; peak memory {peak():,.0f} MB")
    follow(people)


def follow(people: int) -> None:
    """What an export costs when there is something new, and when there is not."""
    from tilth.handoff.models import Acceptance, Handoff
    from tilth.insight import export
    from tilth.qualify.models import StageChange
    from tilth.touches.models import Touch

    touches, stages, handed = (model.objects.latest("pk").pk for model in (Touch, StageChange, Handoff))
    filled.meet(people, touches + 1, touches + 10_000)
    filled.become(people, stages + 1, stages + 1_000)
    filled.hand_off(people, handed + 1, handed + 500)
    measured("up to date after 10,000 touches, 1,000 stages, 500 leads more", lambda: export.catch_up(NOW))
    measured("up to date, nothing new", lambda: export.catch_up(NOW))
    Acceptance.objects.latest("pk").delete()
    measured("up to date after one verdict was undone", lambda: export.catch_up(NOW))
    filled.meet(people, touches + 10_001, touches + 10_000 + touches // 100)
    measured("up to date after a hundredth more", lambda: export.catch_up(NOW))
    measured("everybody in batches, deltas merged in", batches)
    print(f"  peak memory {peak():,.0f} MB")


def bare(rows: int) -> int:
    from tilth.insight import source

    sql = (
        "SELECT id, person_id, at, kind, offer_id, event, url, evidence, team, source, medium, campaign_id, learned_at"
    )
    with source.opened() as opened, opened.snapshot() as read:
        return sum(batch.num_rows for batch in read(f"{sql} FROM touches_touch WHERE id <= {rows}"))


def batches() -> int:
    from tilth.insight.engine import Engine

    return sum(len(batch.touch_at) for batch in Engine().batches())


def measured(what: str, call: Callable[[], int]) -> float:
    """CPU seconds of a call, which are printed with those by the clock."""
    begin, cpu = time.perf_counter(), processor()
    rows = call()
    took, used = time.perf_counter() - begin, processor() - cpu
    print(
        f"{what}: {rows:,} rows, {took:.1f} s, {used:.1f} s of CPU, {rows / used / 1e3:,.0f} thousand rows per s of CPU",
        flush=True,
    )
    return used


def processor() -> float:
    """CPU seconds so far: ours, and those of our PostgreSQL, of its processes that have ended too."""
    spent, tick = time.process_time(), os.sysconf("SC_CLK_TCK")
    postmaster = Path(os.environ["TILTH_HOME"]) / "postgres" / "postmaster.pid"
    if postmaster.exists():
        server = postmaster.read_text().split()[0]
        for status in Path("/proc").glob("[0-9]*/stat"):
            try:
                fields = status.read_text().rpartition(") ")[2].split()  # from the state on: parent is 1, user time 11
            except (FileNotFoundError, ProcessLookupError):
                continue
            own = status.parent.name == server
            if own or fields[1] == server:
                spent += sum(map(int, fields[11:15] if own else fields[11:13])) / tick
    return spent


def peak() -> float:
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1e3


if __name__ == "__main__":
    main()
