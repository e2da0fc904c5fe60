"""Attribution: all models at once over a lake, beside the bare scan of the same Parquet and two libraries that do a part of it.

    python benchmarks/attribution.py [--touches 1000000 10000000] [--rounds 3] [--peer-python PYTHON]

Writes lakes as `insight/export.py` leaves them: journeys of four touches on average among twelve channels, of which one in 33 led to
a deal. Prints CPU seconds of a process, all threads, the least of some rounds, each kind of work in a process of its own:

scan        DuckDB groups the columns that attribution reads (person, moment, sort, medium) by medium
all models  one pass: first, last, linear, position, W, time decay, Shapley, and what Markov needs; then its credit
figures     that and the credit to the cent, and 200 draws for the intervals of Markov
groups      all models, by companies of three people each, whose touches are brought together

`--peer-python` is an interpreter that has ChannelAttribution, marketing-attribution-models, pandas and pyarrow; only up to a million
touches each, and their input is made ready for them before the clock runs (a path a row for one, a touch a row for the other).
"""

import argparse
import os
import subprocess
import sys
import tempfile
from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from lakes import MEDIA, SHARES, full, words
from measuring import least

DAY = 86_400 * 1_000_000
BEGIN, END = 1_735_689_600_000_000, 1_767_225_600_000_000  # 2025
PEERS_AT_MOST = 1_000_000  # touches
OURS = ("scan", "all models", "figures", "groups")

CHANNEL_ATTRIBUTION = """
import pandas, ChannelAttribution as peer
paths = pandas.read_parquet(where + "/paths.parquet")
def work():
    peer.markov_model(paths, "path", "won", var_value="worth", var_null="lost", verbose=False, flg_pro=False)
"""
MAM = """
import polars, mam
touches = polars.read_parquet(where + "/flat.parquet")
def work():
    told = mam.MAM(touches, "format_1", "channel", "won", datetime_colname="at", user_id_colname="person", conversion_value_colname="worth")
    told.run_markov()
"""
CLOCKED = """
import sys, time
where, rounds = sys.argv[1], int(sys.argv[2])
{code}
spent = []
for _ in range(rounds):
    begin = time.process_time()
    work()
    spent.append(time.process_time() - begin)
import resource
print(min(spent), resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1e3, file=sys.stderr)
"""


def main() -> None:
    options = argparse.ArgumentParser()
    options.add_argument("--touches", type=int, nargs="+", default=[1_000_000, 10_000_000])
    options.add_argument("--rounds", type=int, default=3)
    options.add_argument("--peer-python", help="an interpreter that has the two libraries; without, they are left out")
    options.add_argument("--measure", nargs=2, help=argparse.SUPPRESS)
    given = options.parse_args()
    if given.measure:
        measured(Path(given.measure[0]), given.measure[1], given.rounds)
        return
    for touches in given.touches:
        with tempfile.TemporaryDirectory() as folder:
            told(Path(folder), touches, given.rounds, given.peer_python)


def told(folder: Path, touches: int, rounds: int, peer_python: str | None) -> None:
    n = write(folder, touches, peers=bool(peer_python) and touches <= PEERS_AT_MOST)
    print(f"{n:,} touches")
    scan = 0.0
    for name in OURS:
        cpu, memory = child([sys.executable, __file__, "--measure", str(folder), name, "--rounds", str(rounds)])
        scan = scan or cpu
        print(f"  {name:45} {cpu:8.3f} s of CPU, {cpu / scan:6.1f}x the scan, {memory:,.0f} MB")
        if name == "all models":
            ours = cpu
    if not peer_python:
        print("  Other libraries are left out: no --peer-python.")
    for name, code in {
        "ChannelAttribution, its Markov alone": CHANNEL_ATTRIBUTION,
        "marketing-attribution-models, its Markov": MAM,
    }.items():
        if peer_python and touches <= PEERS_AT_MOST:
            peer(name, [peer_python, "-c", CLOCKED.format(code=code), str(folder), str(rounds)], ours)


def peer(name: str, command: list[str], ours: float) -> None:
    try:
        cpu, memory = child(command)
    except subprocess.CalledProcessError as failed:
        print(f"  {name:45} left out: {failed.stderr.strip().splitlines()[-1]}")
        return
    print(f"  {name:45} {cpu:8.3f} s of CPU, {cpu / ours:6.1f}x all our models, {memory:,.0f} MB")


def child(command: list[str]) -> tuple[float, float]:
    """CPU seconds and megabytes that a process says it took, in its last line."""
    ran = subprocess.run(
        command, check=True, capture_output=True, text=True, env=os.environ | {"TILTH_HOME": "/nowhere"}
    )
    cpu, memory = ran.stderr.strip().splitlines()[-1].split()
    return float(cpu), float(memory)


def measured(folder: Path, name: str, rounds: int) -> None:
    """One kind of work."""
    work = {"scan": scan, "all models": models, "figures": figures, "groups": groups}[name](folder)
    _found, cpu, memory = least(work, rounds)
    print(cpu, memory, file=sys.stderr)


def scan(folder: Path) -> Callable[[], Any]:
    import duckdb

    file = next((folder / "lake").glob("touches-*.parquet"))
    query = f"SELECT medium, count(*), min(person), max(epoch_us(\"at\")), sum(what) FROM read_parquet('{file}') GROUP BY medium"

    def work() -> Any:
        with duckdb.connect() as connected:
            return connected.execute(query).fetchall()

    return work


def models(folder: Path, unit: str = "people") -> Callable[[], Any]:
    """First touch to Markov. The draws of the bootstrap come on top in `figures`."""
    asked = question(folder, unit)
    return lambda: asked().credits.of("markov")


def figures(folder: Path) -> Callable[[], Any]:
    asked = question(folder, "people")
    return lambda: asked().found("markov")


def groups(folder: Path) -> Callable[[], Any]:
    return models(folder, "companies")


def question(folder: Path, unit: str) -> Callable[[], Any]:
    from tilth.insight.engine import Engine
    from tilth.insight.lake import Lake
    from tilth.insight.measures.attribution import Attribution, Span

    return lambda: Attribution(Engine(Lake(folder / "lake"), "duckdb"), Span(BEGIN, END, 90), "EUR", unit=unit)


def write(folder: Path, touches: int, peers: bool) -> int:
    """The lake, and the same for the libraries; returns how many touches there are."""
    import numpy as np

    chance = np.random.default_rng(7)
    lengths = chance.geometric(0.25, touches // 4).clip(max=40)
    first = np.cumsum(lengths) - lengths
    person = np.repeat(np.arange(1, len(lengths) + 1), lengths)
    channel = chance.choice(len(MEDIA), len(person), p=SHARES)
    begin = BEGIN + chance.integers(0, 300, len(lengths)) * DAY
    at = np.cumsum(chance.integers(1, 2 * DAY, len(person)))
    at = np.repeat(begin - at[first], lengths) + at
    buyer = np.sort(chance.choice(len(lengths), len(lengths) // 33, replace=False))
    closed, worth = at[first[buyer] + lengths[buyer] - 1] + 1, chance.integers(100_000, 9_000_000, len(buyer))
    lake(folder / "lake", person, at, channel, buyer + 1, closed, worth)
    if peers:
        flat(folder, person, at, channel, first, lengths, buyer, worth)
    return len(person)


def lake(folder: Path, person: Any, at: Any, channel: Any, buyer: Any, closed: Any, worth: Any) -> None:
    import numpy as np

    from tilth.insight.lake import Lake, Manifest

    people = np.arange(1, person[-1] + 1)
    tables: dict[str, dict[str, Any]] = {
        "touches": {"person": person, "at": at, "id": np.arange(len(at)), "what": person % 400, "learned_at": at, "medium": words(MEDIA, channel)},
        "people": {"person": people, "at": np.full(len(people), BEGIN), "lead_at": np.full(len(people), BEGIN), "company": people // 3 + 1},
        "deals": {"deal": buyer, "person": buyer, "opened_at": closed, "learned_at": closed, "closed_at": closed,
                  "won": np.ones(len(buyer), bool), "revenue": worth, "currency": ["EUR"] * len(buyer)},
        "whats": {"id": np.arange(400), "kind": ["page"] * 400, "url": [f"https://x.example/{n}" for n in range(400)], "human": np.arange(400) % 20 > 0},
    }  # fmt: skip
    folder.mkdir()
    to, files = Lake(folder), []
    for name, columns in tables.items():
        rows = full(name, columns)
        pieces = (rows.slice(n, 1_000_000) for n in range(0, rows.num_rows, 1_000_000))
        files.append(to.write(name, pieces, 1, "base"))
    to.commit(Manifest(1, files=[file for file in files if file]), datetime.now(UTC))


def flat(folder: Path, person: Any, at: Any, channel: Any, first: Any, lengths: Any, buyer: Any, worth: Any) -> None:
    """A path a row and a touch a row."""
    import numpy as np
    import pyarrow as pa
    import pyarrow.parquet as pq

    named = np.array(MEDIA)[channel]
    paths = [" > ".join(named[b : b + n]) for b, n in zip(first.tolist(), lengths.tolist(), strict=True)]
    won, value = np.zeros(len(lengths), np.int64), np.zeros(len(lengths))
    won[buyer], value[buyer] = 1, worth / 100
    pq.write_table(pa.table({"path": paths, "won": won, "worth": value, "lost": 1 - won}), folder / "paths.parquet")
    last = np.zeros(len(person), bool)
    last[(first + lengths - 1)[buyer]] = True
    bought = np.where(last, np.repeat(value, lengths), 0.0)
    touches = {
        "person": person,
        "at": pa.array(at).cast(pa.timestamp("us")),
        "channel": named,
        "won": last,
        "worth": bought,
    }
    pq.write_table(pa.table(touches), folder / "flat.parquet")


if __name__ == "__main__":
    main()
