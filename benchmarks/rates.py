"""Honest rates and lead value over a lake of full size, beside SQL written by hand and the bare scan of the same Parquet.

    python benchmarks/rates.py [--people 2500000] [--touches 20] [--rounds 3]

Writes a lake as `insight/export.py` leaves it: so many people who became leads during a year, from twelve sources, of whom a third
become MQLs and one in twenty-five buys; their touches, stages, outcomes, deals and six facts each. Prints CPU seconds of a process,
all threads, the least of some rounds, each kind of work in a process of its own, from a new connection each round:

scan       DuckDB reads the columns that the reports read, of each table once
SQL        what somebody would write by hand in DuckDB for the aggregates of the report: of each source and of all together the n, hits
           and open ones, Aalen and Johansen's share by the horizon and its variance; for the value the revenue and the mean too
report     everything that the page tells, with the currency, until when leads are watched, pooling, curves

Before that it checks that report and SQL say the same of each source. Segments are what `by_segment` adds to a report that is cut by them:
its own scan reads person, moment and pair of the facts, and its SQL is written by hand too.
"""

import argparse
import math
import os
import subprocess
import sys
import tempfile
from collections.abc import Callable, Iterator
from datetime import UTC, date, datetime
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

from lakes import MEDIA, SHARES, full, words
from measuring import least

HOUR = 3_600 * 1_000_000
DAY = 24 * HOUR
BEGIN, END = 1_735_689_600_000_000, 1_767_225_600_000_000  # 2025
NOW = datetime(2026, 1, 1, tzinfo=UTC)
RATES, VALUE = 90, 365  # days: the usual horizons of both reports
PIECE = 100_000  # people written at once
OFFERS, TITLES = ["demo", "guide", "webinar", "price", ""], ["Owner", "Clerk", "Buyer", "CEO", "CFO", "Planner"]
COUNTRIES, SIZES = ["NL", "BE", "DE", "FR", "US"], [1, 5, 12, 30, 80, 150, 400, 900]
PAIRS = [
    *(("company.country", f'"{c}"') for c in COUNTRIES), *(("company.employees", str(n)) for n in SIZES),
    *(("person.title", f'"{t}"') for t in TITLES), *((f"person.{f}", "true") for f in ("email", "first_name", "last_name")),
]  # fmt: skip
TABLES = ("people", "touches", "facts", "stages", "outcomes", "deals")

SCAN = """
    SELECT source AS of, count(*) AS n, max(person) AS person, max(epoch_us(lead_at)) AS at, 0 AS revenue FROM people GROUP BY of
    UNION ALL SELECT stage || was AS of, count(*), max(person), max(epoch_us("at")), 0 FROM stages GROUP BY of
    UNION ALL SELECT kind AS of, count(*), max(person), max(epoch_us("at")), 0 FROM outcomes GROUP BY of
    UNION ALL SELECT currency AS of, count(won), max(person), max(epoch_us(opened_at) + epoch_us(closed_at)), sum(revenue) FROM deals GROUP BY of
"""
SCAN_FACTS = 'SELECT pair, count(*), max(person), max(epoch_us("at")) FROM facts GROUP BY pair'
CASES = f"""
    WITH course AS (
        SELECT person, min("at") FILTER (bought) AS bought, max("at") FILTER (up) AS up, max("at") FILTER (down) AS down,
            bool_or(dealing) AS dealing
        FROM (
            SELECT person, "at", stage = 'customer' AS bought, false AS dealing,
                list_position(['mql', 'sql', 'customer'], stage) > ifnull(list_position(['mql', 'sql', 'customer'], was), 0) AS up,
                ifnull(list_position(['mql', 'sql', 'customer'], stage), 0) < list_position(['mql', 'sql', 'customer'], was) AS down
            FROM stages WHERE stage IN ('mql', 'sql', 'customer') OR was IN ('mql', 'sql', 'customer')
            UNION ALL
            SELECT person, "at", kind = 'won', false, kind IN ('handoff', 'accepted', 'sql', 'won'), kind IN ('returned', 'handed_back', 'lost')
            FROM outcomes
            UNION ALL
            SELECT person, NULL, false, true, false, false FROM deals WHERE won IS NULL AND person IS NOT NULL
        ) GROUP BY person
    ), fate AS (
        SELECT person, source AS cut, lead_at, bought,
            CASE WHEN bought IS NULL AND dealing IS NOT TRUE AND (up IS NULL OR down >= up) THEN down END AS lost
        FROM people LEFT JOIN course USING (person)
        WHERE lead_at >= make_timestamp({BEGIN}) AND lead_at < make_timestamp({END})
    ), cases AS (
        SELECT person, cut, lead_at, greatest(epoch(ifnull(ifnull(bought, lost), make_timestamp({END}))::TIMESTAMP) // 1 - epoch(lead_at) // 1, 0) AS lasted,
            CASE WHEN bought IS NOT NULL THEN 1 WHEN lost IS NOT NULL THEN 2 ELSE 0 END AS ended
        FROM fate
    )
"""


def curve(horizon: int, groups: str, brought: str, squares: str) -> str:
    """Aalen and Johansen's share and its variance from `cases`, of each group by its `cut`, and of all."""
    return f"""
    , moments AS (
        SELECT cut, least(lasted, {horizon * 86_400 + 1}) AS t, count(*) AS leaves, count(*) FILTER (ended > 0) AS d, {brought} AS h, {squares} AS q
        FROM {groups} GROUP BY GROUPING SETS ((cut, t), (t))
    ), watched AS (
        SELECT *, sum(leaves) OVER (PARTITION BY cut ORDER BY t DESC) AS n FROM moments
    ), before AS (
        SELECT *, coalesce(exp(sum(ln(CASE WHEN d < n THEN 1 - d / n END)) OVER (PARTITION BY cut ORDER BY t ROWS BETWEEN UNBOUNDED PRECEDING AND 1 PRECEDING)), 1) AS s
        FROM watched WHERE d > 0 AND t <= {horizon * 86_400}
    ), shares AS (
        SELECT *, sum(s * h / n) OVER (PARTITION BY cut ORDER BY t) AS f, CASE WHEN n > d THEN d / (n * (n - d)) ELSE 0 END AS lost FROM before
    ), found AS (
        SELECT cut, max(f) AS share,
            max(f) ** 2 * sum(lost) - 2 * max(f) * sum(lost * f) + sum(lost * f * f) + sum(s * s * (q - h * h / n) / (n * n))
            - 2 * (max(f) * sum(s * h / (n * n)) - sum(s * h / (n * n) * f)) AS variance
        FROM shares GROUP BY cut
    )"""


ROOM = f"""(SELECT count(DISTINCT person) FROM outcomes WHERE kind IN ('accepted', 'sql', 'returned', 'won', 'lost')
            AND "at" >= make_timestamp({BEGIN}) AND "at" < make_timestamp({END})) AS room"""
UNTIL = """(SELECT greatest(max(lead_at), (SELECT max("at") FROM stages), (SELECT max("at") FROM outcomes),
            (SELECT greatest(max(opened_at), max(closed_at)) FROM deals)) FROM people) AS until"""
RATES_SQL = f"""
    {CASES} {curve(RATES, "cases", "count(*) FILTER (ended = 1)", "count(*) FILTER (ended = 1)")}, counts AS (
        SELECT cut, count(*) AS n, count(*) FILTER (ended = 1 AND lasted <= {RATES * 86_400}) AS hits,
            count(*) FILTER (ended = 0 AND lasted < {RATES * 86_400}) AS open
        FROM cases GROUP BY GROUPING SETS ((cut), ())
    )
    SELECT counts.cut, n, hits, open, share, variance, {UNTIL} FROM counts LEFT JOIN found ON counts.cut IS NOT DISTINCT FROM found.cut
"""
VALUE_SQL = f"""
    {CASES}, sales AS (
        SELECT person, sum(revenue) AS revenue FROM deals JOIN (SELECT person, lead_at FROM cases WHERE ended = 1) USING (person)
        WHERE won AND currency = 'EUR' AND revenue IS NOT NULL AND epoch(closed_at) // 1 - epoch(lead_at) // 1 <= {VALUE * 86_400} GROUP BY person
    ), sold AS (SELECT cases.*, revenue FROM cases LEFT JOIN sales USING (person)
    ), counts AS (
        SELECT cut, count(*) AS n, count(*) FILTER (ended = 1 AND lasted <= {VALUE * 86_400}) AS hits,
            count(*) FILTER (ended = 1 AND lasted <= {VALUE * 86_400} AND revenue IS NULL) AS unpriced,
            sum(revenue) FILTER (ended = 1 AND lasted <= {VALUE * 86_400}) AS revenue
        FROM sold GROUP BY GROUPING SETS ((cut), ())
    ), means AS (SELECT cut, revenue / (hits - unpriced) AS mean FROM counts
    ), both_ways AS (
        SELECT sold.cut, lasted, ended, CASE WHEN ended = 1 THEN ifnull(revenue, own.mean) END AS own,
            CASE WHEN ended = 1 THEN ifnull(revenue, every.mean) END AS every
        FROM sold JOIN means own USING (cut) CROSS JOIN (SELECT mean FROM means WHERE cut IS NULL) every
    )
    {curve(VALUE, "both_ways", "ifnull(CASE WHEN grouping(cut) = 0 THEN sum(own) ELSE sum(every) END, 0)", "ifnull(CASE WHEN grouping(cut) = 0 THEN sum(own * own) ELSE sum(every * every) END, 0)")}
    SELECT counts.cut, n, hits, unpriced, revenue::BIGINT AS revenue, share AS value, variance, {UNTIL}, {ROOM}
    FROM counts LEFT JOIN found ON counts.cut IS NOT DISTINCT FROM found.cut
"""
SEGMENTS_SQL = """
    WITH known AS (
        SELECT person, arg_max(pair, "at") FILTER (pair BETWEEN 5 AND 12) AS size, arg_max(pair, "at") FILTER (pair BETWEEN 13 AND 18) AS title
        FROM facts WHERE pair BETWEEN 5 AND 18 GROUP BY person
    )
    SELECT CASE WHEN size >= 10 THEN 'large' WHEN title IN (13, 16) THEN 'chief' ELSE '' END AS cut, count(*) AS n
    FROM people LEFT JOIN known USING (person) GROUP BY cut ORDER BY cut
"""


def main() -> None:
    options = argparse.ArgumentParser()
    options.add_argument("--people", type=int, default=2_500_000)
    options.add_argument("--touches", type=int, default=20, help="per person")
    options.add_argument("--rounds", type=int, default=3)
    options.add_argument("--lake", help="a folder that such a lake was written to, or is to be, and that stays")
    options.add_argument("--measure", nargs=2, help=argparse.SUPPRESS)
    given = options.parse_args()
    if given.measure:
        measured(Path(given.measure[0]), given.measure[1], given.rounds)
        return
    with tempfile.TemporaryDirectory() as folder:
        home = Path(given.lake or folder)
        if not (home / "lake").exists():
            write(home / "lake", given.people, given.touches)
        told(home, given.people, given.touches, given.rounds)


def told(home: Path, people: int, touches: int, rounds: int) -> None:
    print(f"{people * touches:,} touches of {people:,} people")
    for title, names in {
        "Honest rates": ("scan", "rates: SQL", "rates: report"),
        "Lead value": ("scan", "value: SQL", "value: report"),
        "Segments": ("scan of facts", "segments: SQL", "segments: ours"),
    }.items():
        print(title)
        cpu = {name: child(home, name, rounds) for name in names}
        scan, sql, _ours = (cpu[name][0] for name in names)
        for name, (spent, memory) in cpu.items():
            print(
                f"  {name:15} {spent:7.2f} s of CPU, {spent / scan:5.2f}x the scan, {spent / sql:5.2f}x the SQL, {memory:,.0f} MB"
            )


def child(home: Path, name: str, rounds: int) -> tuple[float, float]:
    """CPU seconds and megabytes that a process says it took, in its last line."""
    command = [sys.executable, __file__, "--measure", str(home), name, "--rounds", str(rounds)]
    env = os.environ | {"TILTH_HOME": str(home), "DJANGO_SETTINGS_MODULE": "tilth.site.settings"}
    ran = subprocess.run(command, check=True, stdout=subprocess.PIPE, text=True, env=env)
    cpu, memory = ran.stdout.strip().splitlines()[-1].split()
    return float(cpu), float(memory)


def measured(home: Path, name: str, rounds: int) -> None:
    """One kind of work."""
    import django

    django.setup()
    work = works(home / "lake")[name]
    if name in {"rates: report", "value: report"}:
        same(home / "lake", name, work())
    if name == "segments: ours" and work() != sql(home / "lake", SEGMENTS_SQL):
        raise SystemExit(f"{work()}\n{sql(home / 'lake', SEGMENTS_SQL)}")
    _found, cpu, memory = least(work, rounds)
    print(cpu, memory)


def works(lake: Path) -> dict[str, Callable[[], Any]]:
    from tilth.insight.reports import rates, value

    return {
        "scan": lambda: sql(lake, SCAN),
        "scan of facts": lambda: sql(lake, SCAN_FACTS),
        "rates: SQL": lambda: sql(lake, RATES_SQL),
        "value: SQL": lambda: sql(lake, VALUE_SQL),
        "segments: SQL": lambda: sql(lake, SEGMENTS_SQL),
        "rates: report": lambda: rates.REPORT.work(asked(lake, rates.REPORT)),
        "value: report": lambda: value.REPORT.work(asked(lake, value.REPORT, by="source")),
        "segments: ours": lambda: segments(lake),
    }


def sql(lake: Path, query: str) -> list[dict[str, Any]]:
    import duckdb

    with duckdb.connect() as connected:
        for name in TABLES:
            connected.execute(f"CREATE VIEW {name} AS FROM read_parquet('{next(lake.glob(f'{name}-*.parquet'))}')")
        rows: list[dict[str, Any]] = connected.execute(query).to_arrow_table().to_pylist()
        return rows


def asked(lake: Path, report: Any, **chosen: str) -> Any:
    from tilth.insight.engine import Engine
    from tilth.insight.lake import Lake
    from tilth.insight.period import Period
    from tilth.insight.report import Asked

    year = Period(date(2025, 1, 1), date(2025, 12, 31), ZoneInfo("UTC"))
    return Asked(report.chosen(chosen), year, NOW, None, Engine(Lake(lake), "duckdb"))


def segments(lake: Path) -> list[dict[str, Any]]:
    """How many people each of two segments has."""
    from tilth.core.terms import Condition
    from tilth.insight.engine import Engine
    from tilth.insight.lake import Lake
    from tilth.insight.measures.cohort import by_segment

    engine = Engine(Lake(lake), "duckdb")
    two = (
        Condition("large", "", "company.employees", "at_least", 150),
        Condition("chief", "", "person.title", "in", ["Owner", "CEO"]),
    )
    found = by_segment(engine, engine.tables(), two)
    rows: list[dict[str, Any]] = engine.run(found.group_by("cut").agg(n=found.count()).order_by("cut")).to_pylist()
    return rows


def same(lake: Path, name: str, result: Any) -> None:
    """Whether the report says of each source what the SQL says."""
    rows = {row["key"]: row for row in [*result.rows, result.together]}
    for said in sql(lake, RATES_SQL if name == "rates: report" else VALUE_SQL):
        row = rows.pop(said["cut"] or "")
        if name == "rates: report":
            ours, theirs = (row["leads"], row["reached"], row["unfinished"]), (said["n"], said["hits"], said["open"])
            share, low = row["share"].value, _low(said["share"], said["variance"])
            near = math.isclose(share, said["share"], rel_tol=1e-9) and math.isclose(
                row["share"].low, low, rel_tol=1e-9
            )
        else:
            ours, theirs = (row["leads"], row["customers"], row["revenue"]), (said["n"], said["hits"], said["revenue"])
            wide = math.exp(1.6448536269514722 * math.sqrt(said["variance"]) / said["value"])
            figure = row["value"]
            near = math.isclose(figure.value, said["value"], rel_tol=1e-9) and math.isclose(
                figure.high, said["value"] * wide, rel_tol=1e-9
            )
        if ours != theirs or not near:
            raise SystemExit(f"{name} of {said['cut']}: {row}\n{said}")
    if rows:
        raise SystemExit(f"{name}: the SQL does not know {list(rows)}.")


def _low(share: float, variance: float) -> float:
    """The low end of nine in ten, on the scale of log(-log)."""
    return float(share ** math.exp(1.6448536269514722 * math.sqrt(variance) / (share * abs(math.log(share)))))


def write(folder: Path, people: int, touches: int) -> None:
    """A lake of one base, as after a compaction."""
    import numpy as np

    from tilth.insight.lake import Lake, Manifest

    folder.mkdir(parents=True)
    to, files = Lake(folder), []
    for name in ("people", "touches", "facts", "stages", "outcomes", "deals"):
        pieces = (
            full(name, piece(name, begin, min(begin + PIECE, people), touches)) for begin in range(0, people, PIECE)
        )
        files.append(to.write(name, pieces, 1, "base"))
    columns = {
        "id": np.arange(400),
        "kind": ["page"] * 400,
        "url": [f"https://x.example/{n}" for n in range(400)],
        "human": np.arange(400) % 20 > 0,
    }
    files.append(to.write("whats", [full("whats", columns)], 1, "base"))
    fields, values = zip(*PAIRS, strict=True)
    files.append(
        to.write("pairs", [full("pairs", {"id": range(len(PAIRS)), "field": fields, "value": values})], 1, "base")
    )
    to.commit(Manifest(1, files=[file for file in files if file]), NOW)


def piece(name: str, begin: int, end: int, touches: int) -> dict[str, Any]:
    """The rows of a table that belong to some people; the same people for the same numbers."""
    import numpy as np

    chance = np.random.default_rng([7, begin])
    person, lives = np.arange(begin + 1, end + 1), lived(chance, end - begin)
    own: dict[str, Callable[..., dict[str, Any]]] = {
        "people": of_people, "touches": of_touches, "facts": of_facts, "stages": of_stages, "outcomes": of_outcomes, "deals": of_deals,
    }  # fmt: skip
    return own[name](np.random.default_rng([TABLES.index(name), begin]), person, lives, touches)


def lived(chance: Any, n: int) -> dict[str, Any]:
    """When each person came to each step, in microseconds; END or later: not yet."""
    import numpy as np

    def after(at: Any, share: float, days: float) -> Any:
        return np.where(chance.random(n) < share, at + (chance.exponential(days, n) * DAY).astype(np.int64) + HOUR, END)

    lead = BEGIN + chance.integers(0, END - BEGIN, n)
    mql = after(lead, 0.35, 10)
    sql = after(mql, 0.4, 12)
    won, lost = after(sql, 0.3, 25), after(sql, 0.6, 40)
    lost = np.where(won < END, END, lost)
    returned = np.where(sql < END, END, after(mql, 0.5, 8))
    return {"lead": lead, "mql": mql, "sql": sql, "customer": won, "lost": lost, "returned": returned}


def of_people(chance: Any, person: Any, lives: dict[str, Any], touches: int) -> dict[str, Any]:
    n = len(person)
    source, offer = (
        words(MEDIA, chance.choice(len(MEDIA), n, p=SHARES)),
        words(OFFERS, chance.integers(0, len(OFFERS), n)),
    )
    return {
        "person": person,
        "at": lives["lead"],
        "lead_at": lives["lead"],
        "source": source,
        "offer": offer,
        "company": person // 3 + 1,
    }


def of_touches(chance: Any, person: Any, lives: dict[str, Any], touches: int) -> dict[str, Any]:
    import numpy as np

    n = len(person)
    at = (lives["lead"][:, None] + np.sort(chance.integers(-60 * DAY, 90 * DAY, (n, touches)), axis=1)).ravel()
    medium = words(MEDIA, chance.choice(len(MEDIA), n * touches, p=SHARES))
    ids = np.arange(n * touches) + int(person[0] - 1) * touches
    return {
        "person": np.repeat(person, touches),
        "at": at,
        "id": ids,
        "what": ids % 400,
        "learned_at": at,
        "medium": medium,
    }


def of_facts(chance: Any, person: Any, lives: dict[str, Any], touches: int) -> dict[str, Any]:
    """A country, a size, a title and three that are merely known; all learned when they became a lead."""
    import numpy as np

    n, first = len(person), 0
    numbers = []
    for many in (len(COUNTRIES), len(SIZES), len(TITLES), 1, 1, 1):
        numbers.append(first + chance.integers(0, many, n))
        first += many
    return {
        "person": np.repeat(person, 6),
        "at": np.repeat(lives["lead"], 6),
        "pair": np.stack(numbers, axis=1).ravel(),
    }


def of_stages(chance: Any, person: Any, lives: dict[str, Any], touches: int) -> dict[str, Any]:
    """Upwards step by step; who was returned or lost falls back to a lead."""
    steps = [
        ("visitor", "lead", "lead"),
        ("lead", "mql", "mql"),
        ("mql", "sql", "sql"),
        ("sql", "customer", "customer"),
    ]
    steps += [("mql", "lead", "returned"), ("sql", "lead", "lost")]
    who, at, was, stage = happened(person, lives, [(step, was, stage) for was, stage, step in steps])
    return {"person": who, "at": at, "id": person[0] * 8 + range(len(who)), "was": was, "stage": stage}


def of_outcomes(chance: Any, person: Any, lives: dict[str, Any], touches: int) -> dict[str, Any]:
    steps = [
        ("mql", "handoff", 1),
        ("mql", "accepted", 20),
        ("sql", "sql", 0),
        ("customer", "won", 0),
        ("lost", "lost", 0),
        ("returned", "returned", 0),
    ]
    who, at, kind, hours = happened(person, lives, [(step, kind, str(hours)) for step, kind, hours in steps])
    at = at + hours.cast("int64").to_numpy() * HOUR
    return {"person": who, "at": at, "kind": kind, "learned_at": at, "owner": who % 50 + 1}


def of_deals(chance: Any, person: Any, lives: dict[str, Any], touches: int) -> dict[str, Any]:
    import numpy as np
    import pyarrow as pa

    some = np.flatnonzero(lives["sql"] < END)
    closed = np.minimum(lives["customer"], lives["lost"])[some]
    won, over, who = lives["customer"][some] < END, closed < END, person[some]
    worth = (chance.lognormal(0, 1, len(some)) * 1_000_000).astype(np.int64)
    return {
        "deal": who, "person": who, "opened_at": lives["sql"][some], "learned_at": lives["sql"][some],
        "closed_at": pa.array(closed, mask=~over), "won": pa.array(won, mask=~over), "amount": worth,
        "revenue": pa.array(worth, mask=~won), "currency": words(["EUR", "USD"], (who % 40 == 0).astype(np.int64)),
    }  # fmt: skip


def happened(person: Any, lives: dict[str, Any], steps: list[tuple[str, str, str]]) -> Iterator[Any]:
    """Who came to some steps, when, and two words of each; by person and moment."""
    import numpy as np

    at = np.stack([lives[step] for step, *_ in steps])
    step, who = np.nonzero(at < END)
    when = at[step, who]
    order = np.lexsort([when, who])
    yield from (person[who[order]], when[order])
    for word in (1, 2):
        yield words([one[word] for one in steps], step[order])


if __name__ == "__main__":
    main()
