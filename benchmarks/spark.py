"""Spark on two executors beside DuckDB, on the same lake: what each asks of a machine, and how that grows with the touches.

    python benchmarks/spark.py [--touches 10000000 100000000] [--rounds 2] [--memory 2048]

Writes a lake of `benchmarks/attribution.py`'s journeys, and for a third of its people, who are leads, stages. Each engine works in a
process of its own: first it begins (Spark starts its executors), then it is asked each question once to warm, then some rounds, of which
the least counts. CPU is that of the process and of all below it: Spark's driver, its executors, and their Python.

funnel        leads by source, how far they came
rates         share of customers within 90 days, by source
attribution   every model, by channel, of people

`--memory` is what each executor may take, in MB; the driver, to which attribution's portions come, may take twice that.
"""

import argparse
import os
import subprocess
import sys
import tempfile
import time
from collections import defaultdict
from collections.abc import Callable
from datetime import UTC, date, datetime
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

sys.path.insert(0, str(Path(__file__).parent))
from attribution import BEGIN, DAY, END, write
from lakes import full

QUESTIONS = ("begin", "funnel", "rates", "attribution")
UNTIL = datetime(2026, 1, 1, tzinfo=UTC)
QUIET = "spark.log.level ERROR\nspark.ui.showConsoleProgress false\n"
TICKS = os.sysconf("SC_CLK_TCK")


def main() -> None:
    options = argparse.ArgumentParser()
    options.add_argument("--touches", type=int, nargs="+", default=[10_000_000, 100_000_000])
    options.add_argument("--rounds", type=int, default=2)
    options.add_argument("--memory", type=int, default=2048)
    options.add_argument("--measure", nargs=2, help=argparse.SUPPRESS)
    given = options.parse_args()
    if given.measure:
        measured(Path(given.measure[0]), given.measure[1], given.rounds)
        return
    before: dict[tuple[str, str], float] = {}
    for touches in given.touches:
        with tempfile.TemporaryDirectory() as folder:
            n = written(Path(folder), touches)
            print(f"{n:,} touches", flush=True)
            told(folder, given.rounds, given.memory, before)


def told(folder: str, rounds: int, memory: int, before: dict[tuple[str, str], float]) -> None:
    """A line for each question and engine. `before` has the CPU of a smaller lake, and gets that of this one."""
    duckdb: dict[str, tuple[float, float]] = {}
    for engine in ("duckdb", f"spark:local-cluster[2,1,{memory}]"):
        name = engine.partition(":")[0]
        for question, (wall, cpu) in child(folder, engine, rounds, memory).items():
            beside = "" if name == "duckdb" else ", {:.1f}x and {:.1f}x DuckDB".format(
                *(mine / max(its, 0.001) for mine, its in zip((wall, cpu), duckdb[question], strict=True))
            )  # fmt: skip
            grown = f", {cpu / before[name, question]:.1f}x the lake before" if (name, question) in before else ""
            print(
                f"  {name:8} {question:12} {wall:8.2f} s by the clock, {cpu:8.2f} s of CPU{beside}{grown}", flush=True
            )
            before[name, question] = cpu
            if name == "duckdb":
                duckdb[question] = wall, cpu


def child(folder: str, engine: str, rounds: int, memory: int) -> dict[str, tuple[float, float]]:
    """What one engine took for each question: seconds by the clock, and of CPU."""
    with tempfile.TemporaryDirectory() as settings:
        driver = f"spark.driver.memory {2 * memory}m\nspark.driver.maxResultSize 0\n"
        (Path(settings) / "spark-defaults.conf").write_text(f"spark.executor.memory {memory}m\n{driver}{QUIET}")
        ran = subprocess.run(
            [sys.executable, __file__, "--measure", folder, engine, "--rounds", str(rounds)], check=True,
            stdout=subprocess.PIPE, text=True, env=os.environ | {"TILTH_HOME": "/nowhere", "SPARK_CONF_DIR": settings},
        )  # fmt: skip
    lines = [line.split() for line in ran.stdout.splitlines() if line.startswith(QUESTIONS)]
    return {name: (float(wall), float(cpu)) for name, wall, cpu in lines}


def measured(folder: Path, engine: str, rounds: int) -> None:
    from tilth.insight.engine import Engine
    from tilth.insight.lake import Lake

    lake = Lake(folder / "lake")
    first = Engine(lake, engine)
    say("begin", [clocked(lambda: first.run(first.tables().deals.count()))])
    for name, ask in {"funnel": funnel, "rates": rates, "attribution": attribution}.items():
        ask(first)
        say(name, [clocked(lambda ask=ask: ask(Engine(lake, engine))) for _ in range(rounds) if forgotten(engine)])
    if engine.startswith("spark"):
        from pyspark.sql import SparkSession

        SparkSession.builder.getOrCreate().stop()


def forgotten(engine: str) -> bool:
    """Nothing is kept of the question before: Spark knows the same table again, whoever asks."""
    if engine.startswith("spark"):
        from pyspark.sql import SparkSession

        SparkSession.builder.getOrCreate().catalog.clearCache()
    return True


def say(name: str, took: list[tuple[float, float]]) -> None:
    print(name, *(min(column) for column in zip(*took, strict=True)), flush=True)


def clocked(work: Callable[[], Any]) -> tuple[float, float]:
    begin, cpu = time.perf_counter(), spent()
    work()
    return time.perf_counter() - begin, spent() - cpu


def spent() -> float:
    """CPU seconds of this process and of all below it that still run."""
    below, cpu = defaultdict(list), {}
    for folder in Path("/proc").glob("[0-9]*"):
        try:
            fields = (folder / "stat").read_text().rpartition(")")[2].split()
        except OSError:
            continue
        below[int(fields[1])].append(int(folder.name))
        cpu[int(folder.name)] = sum(int(field) for field in fields[11:13]) / TICKS
    some, total = [os.getpid()], 0.0
    while some:
        one = some.pop()
        some += below[one]
        total += cpu[one]
    return total


def funnel(engine: Any) -> Any:
    from tilth.insight.measures import funnel

    return funnel.counted(engine, leads(engine), UNTIL)


def rates(engine: Any) -> Any:
    from tilth.insight.measures import rates

    return rates.rates(engine, leads(engine), "customer", 90, UNTIL)


def attribution(engine: Any) -> Any:
    from tilth.insight.measures.attribution import Attribution, Span

    return Attribution(engine, Span(BEGIN, END, 90), "EUR").found("markov")


def leads(engine: Any) -> Any:
    from tilth.insight.measures.cohort import cohort
    from tilth.insight.period import Period

    return cohort(engine, Period(date(2024, 12, 1), date(2025, 12, 31), ZoneInfo("UTC")), "source", None)


def written(folder: Path, touches: int) -> int:
    """The lake of attribution, with stages; returns how many touches there are."""
    from tilth.insight.lake import Lake, Manifest

    n = write(folder, touches, peers=False)
    to = Lake(folder / "lake")
    people = to.table("people", ["person"]).column("person").to_numpy()
    rows = full("stages", stages(people[::3]))
    pieces = (rows.slice(k, 1_000_000) for k in range(0, rows.num_rows, 1_000_000))
    file = to.write("stages", pieces, 2, "base")
    to.commit(Manifest(2, files=[*to.manifest.files, *([file] if file else [])]), datetime.now(UTC))
    return n


def stages(person: Any) -> dict[str, Any]:
    """Each is a lead for ten days; every second is an MQL then, every fourth an SQL ten days later."""
    import numpy as np

    steps = np.where(person % 4 == 0, 3, np.where(person % 2 == 0, 2, 1))
    who = np.repeat(person, steps)
    nth = np.arange(len(who)) - np.repeat(np.cumsum(steps) - steps, steps)
    names = np.array(["visitor", "lead", "mql", "sql"])
    at = BEGIN + (nth * 10 + who % 90) * DAY
    return {"person": who, "at": at, "id": np.arange(1, len(who) + 1), "was": names[nth], "stage": names[nth + 1]}


if __name__ == "__main__":
    main()
