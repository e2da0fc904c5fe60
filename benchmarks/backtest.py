"""Backtests: everybody's history under one agreement, beside the bare scan of the same Parquet and SQL of the same result.

    python benchmarks/backtest.py [--people 1000000] [--touches 20] [--sql 100000] [--growth]

Writes a lake as `insight/export.py` leaves it (people with that many touches over two years, six facts each, one round in
twenty ended), and reads it from the page cache. Prints CPU seconds of this process, all threads; two cores. The SQL is
what somebody would write by hand in DuckDB for the same handoffs; it runs on `--sql` people, and the kernel on the same.
Peak memory is of the replay alone, in a process of its own. `--growth` replays 1, 5, 20 and 50 million touches.
"""

import argparse
import os
import resource
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

DAY = 86_400 * 1_000_000
BEGIN = 1_704_067_200_000_000  # 2024-01-01
UNTIL = BEGIN + 760 * DAY
WHATS = [
    ("page", "", "", "https://x.example/", True), ("page", "", "", "https://x.example/pricing", True),
    ("mail_open", "", "", "", True), ("mail_click", "", "", "", True), ("download", "guide", "", "", True),
    ("webinar", "webinar", "", "", True), ("form", "demo", "", "", True), ("page", "", "", "https://x.example/blog", True),
    ("unsubscribe", "", "", "", True), ("page", "", "", "https://x.example/", False),
]  # fmt: skip
SHARES = [0.49, 0.06, 0.16, 0.08, 0.05, 0.03, 0.01, 0.08, 0.005, 0.035]
PAIRS = [
    ("company.employees", "10"), ("company.employees", "30"), ("company.employees", "120"), ("company.country", '"NL"'),
    ("company.country", '"US"'), ("person.title", '"Owner"'), ("person.title", '"Clerk"'), ("person.phone", "true"),
    ("person.email", "true"), ("person.first_name", "true"), ("person.last_name", "true"),
]  # fmt: skip


def main() -> None:
    options = argparse.ArgumentParser()
    options.add_argument("--people", type=int, default=1_000_000)
    options.add_argument("--touches", type=int, default=20, help="per person")
    options.add_argument("--sql", type=int, default=100_000, help="people that the SQL is asked about; 0: leave it out")
    options.add_argument("--growth", action="store_true")
    options.add_argument("--replay", help=argparse.SUPPRESS)
    given = options.parse_args()
    os.environ.setdefault("TILTH_HOME", "/nowhere")
    if given.replay:
        replay(Path(given.replay))
        return
    start_up()
    with tempfile.TemporaryDirectory() as home:
        if given.growth:
            for people in (50_000, 250_000, 1_000_000, 2_500_000):
                folder = write(Path(home) / str(people), people, 20)
                measure(folder, people, 20, scan_too=True)
            return
        folder = write(Path(home) / "lake", given.people, given.touches)
        measure(folder, given.people, given.touches, scan_too=True)
        if given.sql:
            compare(write(Path(home) / "small", given.sql, given.touches), given.sql, given.touches)


def start_up() -> None:
    """How long a process waits for the kernel: importing Numba and loading what was compiled before."""
    code = "import time; b = time.process_time(); from tilth.core import kernel; kernel.compiled(); print(time.process_time() - b)"
    subprocess.run([sys.executable, "-c", code], check=True, capture_output=True)
    took = subprocess.run([sys.executable, "-c", code], check=True, capture_output=True, text=True).stdout
    print(f"kernel loaded in a cold process: {float(took):.2f} s of CPU")


def write(folder: Path, people: int, touches: int) -> Path:
    """A lake of one base, as after a compaction."""
    import numpy as np
    import pyarrow as pa

    from tilth.insight.lake import TABLES, Lake, Manifest

    folder.mkdir(parents=True)
    lake, random = Lake(folder), np.random.default_rng(1)
    texts = {"team": "person", "source": "google", "medium": "organic", "campaign": ""}

    def pieces() -> Iterator[tuple[Any, Any]]:
        for begin in range(1, people + 1, 50_000):
            ids = np.arange(begin, min(begin + 50_000, people + 1))
            at = BEGIN + np.sort(random.integers(0, 730 * 86_400, (len(ids), touches)), axis=1).reshape(-1) * 1_000_000
            yield ids, at

    def table(name: str, columns: dict[str, Any]) -> Any:
        schema = TABLES[name].columns
        size = len(next(iter(columns.values())))
        made = {f.name: columns.get(f.name, pa.nulls(size)) for f in schema}
        return pa.table({k: v if isinstance(v, pa.Array) else pa.array(v) for k, v in made.items()}).cast(schema)

    def touch_tables() -> Iterator[Any]:
        last = 0
        for ids, at in pieces():
            n = len(at)
            columns = {
                "person": np.repeat(ids, touches),
                "at": at,
                "id": np.arange(last + 1, last + n + 1),
                "learned_at": at,
            }
            columns["what"] = random.choice(len(WHATS), n, p=SHARES).astype(np.int32)
            last += n
            yield table("touches", columns | {k: pa.array([v] * n) for k, v in texts.items()})

    def fact_tables() -> Iterator[Any]:
        for ids, at in pieces():
            pair = np.stack([random.integers(0, 3, len(ids)), random.integers(3, 5, len(ids)), random.integers(5, 7, len(ids)),
                             *(np.full(len(ids), i) for i in (8, 9, 10, 7))], axis=1)  # fmt: skip
            when = np.repeat(at.reshape(len(ids), touches)[:, :1], 7, axis=1)
            when[:, 6] += random.integers(0, 90, len(ids)) * DAY  # the telephone number comes later
            yield table("facts", {"person": np.repeat(ids, 7), "at": when.reshape(-1), "pair": pair.reshape(-1)})

    everybody = np.arange(1, people + 1)
    some = everybody[::20]
    small = {
        "whats": {"id": np.arange(len(WHATS)), **dict(zip(("kind", "offer", "event", "url", "human"), map(pa.array, zip(*WHATS, strict=True)), strict=True))},
        "pairs": {"id": np.arange(len(PAIRS)), "field": pa.array([p[0] for p in PAIRS]), "value": pa.array([p[1] for p in PAIRS])},
        "people": {"person": everybody, "at": np.full(people, BEGIN)},
        "ends": {"person": some, "at": np.full(len(some), BEGIN + 300 * DAY)},
    }  # fmt: skip
    files = [lake.write("touches", touch_tables(), 1, "base"), lake.write("facts", fact_tables(), 1, "base")]
    files += [lake.write(name, [table(name, columns)], 1, "base") for name, columns in small.items()]
    lake.commit(Manifest(1, "bench", files=[f for f in files if f]), datetime.now(UTC))
    return folder


def agreement() -> Any:
    from tilth.agreement import presets
    from tilth.core.agreement import read

    return read(presets.load("b2b-software"))


def found(folder: Path) -> Any:
    from tilth.insight.engine import Engine
    from tilth.insight.lake import Lake
    from tilth.insight.replay import Replay

    run = Replay(Engine(Lake(folder)), [agreement()], UNTIL)
    for _done in run.run():
        pass
    return run.sides[0].found()


def scan(folder: Path) -> None:
    """Every value that the replay reads, read by DuckDB and summed."""
    import duckdb

    with duckdb.connect() as db:
        db.execute("SET threads = 2")
        for name, column in (("touches", "what"), ("facts", "pair")):
            files = sorted(str(p) for p in folder.glob(f"{name}-*.parquet"))
            query = f'SELECT count(*), sum(person), min("at"), max("at"), sum({column}) FROM read_parquet(?)'
            db.execute(query, [files]).fetchall()


def cpu(do: Callable[[], Any], times: int = 3) -> tuple[float, float]:
    """The least CPU seconds and the least seconds by the clock of some runs."""
    rounds = []
    for _ in range(times):
        began, clock = time.process_time(), time.perf_counter()
        do()
        rounds.append((time.process_time() - began, time.perf_counter() - clock))
    return min(r[0] for r in rounds), min(r[1] for r in rounds)


def measure(folder: Path, people: int, touches: int, scan_too: bool) -> None:
    found(folder)  # what is compiled and cached is not what is measured
    mine, clock = cpu(lambda: found(folder))
    bare, _ = cpu(lambda: scan(folder))
    peak = subprocess.run(
        [sys.executable, __file__, "--replay", str(folder)], check=True, capture_output=True, text=True
    ).stdout
    print(
        f"{people * touches:>12,} touches: replay {mine:6.2f} s of CPU ({clock:.2f} by the clock), bare scan {bare:5.2f} s, "
        f"ratio {mine / bare:.2f}; {people / mine:,.0f} people/s; peak {float(peak):,.0f} MB"
    )


def replay(folder: Path) -> None:
    found(folder)
    print(resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024)


def compare(folder: Path, people: int, touches: int) -> None:
    """The same handoffs by SQL: for each touch that counts, all newer hits of each rule, halved by age."""
    found(folder)
    mine, _ = cpu(lambda: found(folder))
    result: list[Any] = []
    sql, _ = cpu(lambda: result.append(by_sql(folder)), times=1)
    handed = found(folder)
    ours = sorted(zip(handed.person.tolist(), handed.at.tolist(), strict=True))
    first = {}
    for person, at in ours:
        first.setdefault(person, at)
    same = first == dict(result[-1])
    print(
        f"{people * touches:>12,} touches by SQL: {sql:.2f} s of CPU, replay {mine:.2f} s, {sql / mine:.0f} times; "
        f"first handoffs {'the same' if same else 'DIFFERENT'}: {len(first):,}"
    )


def by_sql(folder: Path) -> list[tuple[int, int]]:
    """Each person's first handoff under the preset, as hand-written DuckDB SQL: penalties and rounds are left out of it."""
    import duckdb

    from tilth.core.qualify import What, holds, meaning_of

    terms = agreement()
    rules, kinds = terms.interest_rules, [What(*w) for w in WHATS]
    meaning = meaning_of(terms, kinds, [(f, _value(v)) for f, v in PAIRS])
    of_what = [
        (w, r, rules[r].points, rules[r].half_life_days * DAY, rules[r].at_most, rules[r].raises_hand, rules[r].points > 0)
        for w in range(len(kinds)) for r in meaning.rule[meaning.rule_from[w] : meaning.rule_from[w + 1]]
    ]  # fmt: skip
    points = {i: sum(r.points for r in terms.fit_rules if holds(r, {f: _value(v)})) for i, (f, v) in enumerate(PAIRS)}
    with duckdb.connect() as db:
        db.execute("SET threads = 2")
        db.execute(
            "CREATE TABLE rule (what INT, rule INT, points DOUBLE, half DOUBLE, most INT, raises BOOL, gives BOOL)"
        )
        db.executemany("INSERT INTO rule VALUES (?, ?, ?, ?, ?, ?, ?)", of_what)
        db.execute("CREATE TABLE pair (pair INT, points DOUBLE, field VARCHAR)")
        db.executemany("INSERT INTO pair VALUES (?, ?, ?)", [(i, p, PAIRS[i][0]) for i, p in points.items()])
        db.execute("CREATE TABLE step (what INT, stage INT)")
        db.executemany("INSERT INTO step VALUES (?, ?)", [(w, s) for w, s in enumerate(meaning.stage)])
        g, lv, ripe = terms.grades, terms.levels, terms.ripeness
        rows = db.execute(f"""
            WITH touch AS (SELECT person, epoch_us("at") AS ts, id, what FROM read_parquet('{folder}/touches-*.parquet')),
            fact AS (SELECT person, epoch_us("at") AS ts, pair FROM read_parquet('{folder}/facts-*.parquet')),
            fit AS (SELECT person, sum(points) AS fit, max(ts) AS complete FROM fact JOIN pair USING (pair) GROUP BY person),
            hit AS (SELECT t.person, t.ts, t.id, r.* EXCLUDE (what) FROM touch t JOIN rule r USING (what)),
            moment AS (
                SELECT DISTINCT person, ts FROM hit
                UNION SELECT person, ts FROM touch JOIN step USING (what) WHERE stage > 0
                UNION SELECT person, complete FROM fit
            ),
            pairs AS (
                SELECT m.person, m.ts, h.rule, h.points * pow(0.5, (m.ts - h.ts) / h.half) AS worth, h.most,
                       row_number() OVER (PARTITION BY m.person, m.ts, h.rule ORDER BY h.ts DESC, h.id DESC) AS nth
                FROM moment m JOIN hit h ON h.person = m.person AND h.ts <= m.ts
            ),
            score AS (SELECT person, ts, sum(worth) AS score FROM pairs WHERE nth <= most GROUP BY person, ts),
            care AS (
                SELECT m.person, m.ts, count(DISTINCT h.id) FILTER (h.gives) AS touches,
                       max(h.ts) FILTER (h.raises) AS hand
                FROM moment m JOIN hit h ON h.person = m.person AND h.ts <= m.ts GROUP BY m.person, m.ts
            ),
            far AS (
                SELECT m.person, m.ts, max(s.stage) AS stage FROM moment m JOIN touch t ON t.person = m.person AND t.ts <= m.ts
                       AND t.ts >= m.ts - {terms.forget_days * DAY} JOIN step s USING (what) GROUP BY m.person, m.ts
            ),
            judged AS (
                SELECT s.person, s.ts,
                    CASE WHEN fit >= {g["A"]} THEN 'A' WHEN fit >= {g["B"]} THEN 'B' WHEN fit >= {g["C"]} THEN 'C' ELSE 'D' END AS grade,
                    1 + (score >= {lv[2]} - 1e-9)::INT + (score >= {lv[3]} - 1e-9)::INT + (score >= {lv[4]} - 1e-9)::INT AS level,
                    s.ts >= complete AS complete,
                    coalesce(hand >= s.ts - {terms.forget_days * DAY}, false)
                        OR (coalesce(stage, 0) >= {ripe.stage} AND touches >= {ripe.touches}) AS ripe
                FROM score s JOIN fit USING (person) JOIN care c ON c.person = s.person AND c.ts = s.ts
                     LEFT JOIN far f ON f.person = s.person AND f.ts = s.ts
            )
            SELECT person, min(ts) FROM judged
            WHERE complete AND ripe AND ((grade IN ('A', 'B') AND level >= 3) OR (grade = 'C' AND level = 4))
            GROUP BY person
        """).fetchall()
        return [(int(p), int(a)) for p, a in rows]


def _value(text: str) -> Any:
    import json

    return json.loads(text)


if __name__ == "__main__":
    main()
