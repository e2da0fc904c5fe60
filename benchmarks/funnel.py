"""The ordered funnel: four steps within thirty days, beside the bare scan of the same Parquet, DuckDB's SQL and chDB's windowFunnel.

    python benchmarks/funnel.py [--events 10000000 100000000] [--rounds 3] [--peer-python PYTHON]

Writes lakes as `insight/export.py` leaves them: twenty events a person in a year, of forty sorts. Four of these are the steps, half of
all events: one in five is the first, 15%, 10% and 5% are the others. Prints CPU seconds of a process,
all threads, the least of some rounds, each kind of work in a process of its own; and how many people came to each step.

scan       DuckDB counts and adds up the columns that are needed (person, moment, sort)
ours       `measures/steps.py`, from the lake to who came how far and when
read       our reading of the same columns alone
kernel     the walk through them alone, in memory
sql        DuckDB, the same by three window functions; not above ten million events
chdb       windowFunnel over the same file, by `--peer-python`, an interpreter that has chdb
arrived    the same over a file of these three columns in the order in which events come in; not above ten million
"""

import argparse
import os
import subprocess
import sys
import tempfile
from collections.abc import Callable, Iterator
from datetime import UTC, date, datetime
from pathlib import Path
from typing import Any

from lakes import full
from measuring import least

DAY = 86_400 * 1_000_000
BEGIN = 1_735_689_600_000_000  # 2025
EACH = 20  # events of a person
PEOPLE = 250_000  # made at once
SORTS, SHARES = 40, (0.20, 0.15, 0.10, 0.05)  # the steps are the first four sorts
DAYS = 30
SQL_AT_MOST = 10_000_000
OURS = ("scan", "ours", "read", "kernel", "sql")

CHDB = """
import sys, time, resource
import chdb
file, rounds, spent = sys.argv[1], int(sys.argv[2]), []
query = f'''
    SELECT countIf(n >= 1), countIf(n >= 2), countIf(n >= 3), countIf(n >= 4) FROM (
        SELECT windowFunnel({days} * 86400 * 1000000)(
            toUInt64(toUnixTimestamp64Micro(at)), what = 0, what = 1, what = 2, what = 3) AS n
        FROM file('{{file}}', Parquet) GROUP BY person)
'''
for _ in range(rounds):
    begin = time.process_time()
    found = str(chdb.query(query, "CSV")).strip()
    spent.append(time.process_time() - begin)
print(min(spent), resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1e3, found.replace(",", " "))
"""


def main() -> None:
    options = argparse.ArgumentParser()
    options.add_argument("--events", type=int, nargs="+", default=[10_000_000, 100_000_000])
    options.add_argument("--rounds", type=int, default=3)
    options.add_argument("--peer-python", help="an interpreter that has chdb; without, it is left out")
    options.add_argument("--measure", nargs=2, help=argparse.SUPPRESS)
    given = options.parse_args()
    if given.measure:
        measured(Path(given.measure[0]), given.measure[1], given.rounds)
        return
    for events in given.events:
        with tempfile.TemporaryDirectory() as folder:
            told(Path(folder) / "lake", events, given.rounds, given.peer_python)


def told(folder: Path, events: int, rounds: int, peer_python: str | None) -> None:
    write(folder, events)
    print(f"{events:,} events of {events // EACH:,} people")
    spent: dict[str, float] = {}
    counts: dict[str, str] = {}
    for name in OURS:
        if name != "sql" or events <= SQL_AT_MOST:
            command = [sys.executable, __file__, "--measure", str(folder), name, "--rounds", str(rounds)]
            line(name, command, spent, counts)
    files = {"chdb": next(folder.glob("touches-*.parquet")), "arrived": arrived(folder)}
    for name, file in files.items():
        if peer_python and file.exists():
            line(name, [peer_python, "-c", CHDB.format(days=DAYS), str(file), str(rounds)], spent, counts)
    if not peer_python:
        print("  chDB is left out: no --peer-python.")
    agree = {name: found for name, found in counts.items() if name in ("ours", "sql", *files)}
    print(f"  by step: {counts['ours']}; the same from {', '.join(n for n in agree if agree[n] == counts['ours'])}")
    if len(set(agree.values())) > 1:
        raise SystemExit(f"They disagree: {agree}")


def line(name: str, command: list[str], spent: dict[str, float], counts: dict[str, str]) -> None:
    """Run one kind of work and print what it took."""
    env = os.environ | {"TILTH_HOME": "/nowhere"}
    ran = subprocess.run(command, check=True, stdout=subprocess.PIPE, text=True, env=env)
    cpu, memory, counts[name] = ran.stdout.strip().splitlines()[-1].split(maxsplit=2)
    spent[name] = float(cpu)
    beside = f", {spent[name] / spent['ours']:5.1f}x ours" if "ours" in spent else ""
    print(
        f"  {name:8} {spent[name]:8.3f} s of CPU, {spent[name] / spent['scan']:5.2f}x the scan{beside}, {float(memory):,.0f} MB"
    )


def measured(folder: Path, name: str, rounds: int) -> None:
    """One kind of work."""
    work = {"scan": scan, "ours": ours, "read": read, "kernel": kernel, "sql": sql}[name](folder)
    found, cpu, memory = least(work, rounds)
    print(cpu, memory, *found)


def scan(folder: Path) -> Callable[[], Any]:
    return asked(
        folder, 'SELECT count(*), sum(person), min(epoch_us("at")), max(epoch_us("at")), sum(what) FROM {file}'
    )


def sql(folder: Path) -> Callable[[], Any]:
    """Of each row, when the way began that is the last to have come to the step before; three times."""
    query, table = "", "{file}"
    for step in range(3):
        begun = f"begun{step}" if step else '"at"'
        fits = f"what = {step}" + (f' AND "at" - begun{step} <= INTERVAL {DAYS} DAY' if step else "")
        query += f"{',' if query else 'WITH'} t{step} AS (SELECT *, max(CASE WHEN {fits} THEN {begun} END) OVER w AS begun{step + 1} "
        query += f'FROM {table} WINDOW w AS (PARTITION BY person ORDER BY "at", id ROWS BETWEEN UNBOUNDED PRECEDING AND 1 PRECEDING)) '
        table = f"t{step}"
    came = [f"what = {n}" + (f' AND "at" - begun{n} <= INTERVAL {DAYS} DAY' if n else "") for n in range(4)]
    counts = ", ".join(f"count(DISTINCT person) FILTER (WHERE {one})" for one in came)
    return asked(folder, query + f"SELECT {counts} FROM t2")


def asked(folder: Path, query: str) -> Callable[[], Any]:
    import duckdb

    file = next(folder.glob("touches-*.parquet"))

    def work() -> Any:
        with duckdb.connect() as connected:
            return connected.execute(query.replace("{file}", f"read_parquet('{file}')")).fetchall()[0]

    return work


def ours(folder: Path) -> Callable[[], Any]:
    from zoneinfo import ZoneInfo

    from tilth.insight.engine import Engine
    from tilth.insight.lake import Lake
    from tilth.insight.measures.steps import Step, course, sorts
    from tilth.insight.period import Period

    year = Period(date(2025, 1, 1), date(2026, 12, 31), ZoneInfo("UTC"))

    def work() -> list[int]:
        engine = Engine(Lake(folder), "duckdb")
        steps = [sorts(engine.whats(), Step("page", f"/{n}/"), None, {}) for n in range(4)]
        found = course(engine, steps, year, DAYS, datetime(2026, 1, 1, tzinfo=UTC))
        return [int(found.people(step).sum()) for step in range(1, 5)]

    return work


def read(folder: Path) -> Callable[[], Any]:
    return lambda: [sum(rows.num_rows for rows in stretches(folder))]


def kernel(folder: Path) -> Callable[[], Any]:
    import numpy as np

    from tilth.core.steps import Span, Touches, went

    parts = [Touches(*(rows.column(n).to_numpy().copy() for n in range(3))) for rows in stretches(folder)]
    counts = np.array([1, 2, 4, 8, *[0] * (SORTS - 4)], np.uint8)
    span = Span(BEGIN, BEGIN + 800 * DAY, BEGIN + 800 * DAY, DAYS * DAY)

    def work() -> list[int]:
        reached = [went(part, counts, 4, span).reached for part in parts]
        return [sum(int((some >= step).sum()) for some in reached) for step in range(1, 5)]

    return work


def stretches(folder: Path) -> Iterator[Any]:
    """Person, moment and sort as the measure reads them."""
    import pyarrow as pa

    from tilth.insight.lake import Lake
    from tilth.insight.measures.steps import COLUMNS

    lake = Lake(folder)
    people = sum(file.rows for file in lake.manifest.of("people"))
    until = [*range(50_001, people + 1, 50_000), 2**62]
    for tables in lake.through(["touches"], COLUMNS, until):
        rows = tables["touches"]
        yield rows.set_column(1, "at", rows.column("at").cast(pa.int64()))


def write(folder: Path, events: int) -> None:
    import numpy as np
    import pyarrow.parquet as pq

    from tilth.insight.lake import Lake, Manifest

    people = events // EACH
    whats = {
        "id": np.arange(SORTS),
        "kind": ["page"] * SORTS,
        "url": [f"https://x.example/{n}/" for n in range(SORTS)],
        "human": np.ones(SORTS, bool),
    }
    known = (
        full("people", {"person": np.arange(n + 1, min(n + PEOPLE, people) + 1)}) for n in range(0, people, PEOPLE)
    )
    folder.mkdir()
    to = Lake(folder)
    files = [
        to.write("touches", touches(people), 1, "base"),
        to.write("people", known, 1, "base"),
        to.write("whats", [full("whats", whats)], 1, "base"),
    ]
    to.commit(Manifest(1, files=[file for file in files if file]), datetime.now(UTC))
    if events <= SQL_AT_MOST:
        pq.write_table(to.table("touches", ["person", "at", "what"]).sort_by("at"), arrived(folder), compression="zstd")


def arrived(folder: Path) -> Path:
    return folder.parent / "arrived.parquet"


def touches(people: int) -> Iterator[Any]:
    import numpy as np

    chance = np.random.default_rng(7)
    rest = [(1 - sum(SHARES)) / (SORTS - len(SHARES))] * (SORTS - len(SHARES))
    for first in range(0, people, PEOPLE):
        n = min(PEOPLE, people - first)
        at = np.sort(chance.integers(BEGIN, BEGIN + 365 * DAY, (n, EACH)), axis=1).ravel()
        yield full("touches", {
            "person": np.repeat(np.arange(first + 1, first + n + 1), EACH), "at": at, "id": np.arange(first * EACH, (first + n) * EACH),
            "what": chance.choice(SORTS, n * EACH, p=[*SHARES, *rest]), "learned_at": at,
        })  # fmt: skip


if __name__ == "__main__":
    main()
