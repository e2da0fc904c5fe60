"""Insight's pages with a million people: from kept results, and the work behind them when somebody asks something new.

    python benchmarks/pages.py [--people 1000000] [--touches 20] [--postgres] [--only funnel rates] [--home DIR]

Fills a company by SQL (a benchmark may; the product never does), makes its lake, and asks through the whole stack of middleware:
the list, every report as it usually is and as two other choices have it, the people behind a figure, and how each is computed. Prints
p50 and p95 of the pages in milliseconds by the clock and of CPU, and the seconds that the worker takes for what was never asked before: `kept.catch_up`, from the row
that waits until the result is there. What is over an aim is marked. `--home` keeps the company for the next time.
"""

import argparse
import os
import statistics
import time
from typing import Any

import filled
from databases import house
from filled import NOW

KEPT, FRESH = 300, 3.0  # milliseconds at p95, and seconds


def main() -> None:
    options = argparse.ArgumentParser()
    options.add_argument("--people", type=int, default=1_000_000)
    options.add_argument("--touches", type=int, default=20, help="per person")
    options.add_argument("--rounds", type=int, default=40)
    options.add_argument("--postgres", action="store_true", help="on a PostgreSQL that starts and stops with this")
    options.add_argument("--first", action="store_true", help="while measuring, other work waits (real time; as root)")
    options.add_argument("--only", nargs="*", default=[], help="these reports")
    options.add_argument("--home", default="", help="a folder in which the company stays (SQLite)")
    given = options.parse_args()
    with house(given.postgres, stays=given.home):
        import time_machine
        from django.core.management import call_command

        call_command("collectstatic", interactive=False, verbosity=0)
        built(given.people, given.people * given.touches)
        with time_machine.travel(NOW, tick=True):
            run(given.only, given.rounds, given.first)


def built(people: int, touches: int) -> None:
    """The company and its lake, if they are not there yet."""
    from django.db import connection

    from tilth.people.models import Person

    if not Person.objects.exists():
        filled.company(people, touches)
        filled.lake(people, touches)
    print(f"{connection.vendor}: {people:,} people, {touches:,} touches; load {os.getloadavg()[0]:.1f}")


def run(only: list[str], rounds: int, first: bool) -> None:
    from django.test import Client

    from tilth.insight.models import Kept
    from tilth.insight.reports import REPORTS
    from tilth.team.models import Member

    Kept.objects.all().delete()
    client = Client(HTTP_HOST="localhost")
    client.force_login(Member.objects.get(name="Ann"))
    reports = [report for name, report in REPORTS.items() if name in only or not only]
    fresh(reports[0], {"period": "quarter"})  # whoever works loads its libraries once
    if first:
        os.sched_setscheduler(0, os.SCHED_RR, os.sched_param(1))
    print(
        "| page | kept: p50 / p95, ms | usual, fresh: s (of CPU) | other choices | | people behind a figure: s | page, p95 ms |"
    )
    print("|---|---|---|---|---|---|---|")
    for report in reports:
        line(client, report, rounds)
    for name, path in (("the list", "/insight/"), ("how it is computed, the list", "/how/"), ("how rates are computed", "/how/survival/")):  # fmt: skip
        print(f"| {name} | {pages(client, path, rounds)} | | | | | |", flush=True)


def line(client: Any, report: Any, rounds: int) -> None:
    took = [fresh(report, chosen) for chosen in choices(report)]
    kept = pages(client, f"/insight/{report.name}/", rounds)
    behind = people(client, report, rounds)
    print(f"| {report.name} | {kept} | {' | '.join(took)} | {behind} |", flush=True)


def choices(report: Any) -> list[dict[str, str]]:
    """What is usual; everything its second option since the beginning; everything its last option, this year."""
    seconds, lasts = ({f.name: list(f.options)[n] for f in report.filters if f.options} for n in (1, -1))
    return [
        {"period": "12-months", **report.chosen({})},
        {"period": "all", **report.chosen(seconds)},
        {"period": "year", **report.chosen(lasts)},
    ]


def fresh(report: Any, chosen: dict[str, str], row: str = "", column: str = "") -> str:
    """What the worker takes for a row that was never worked out."""
    from tilth.insight import kept

    asked = kept.ask(report, report.chosen(chosen) | {"period": chosen["period"]}, NOW, row, column)
    begin, cpu = time.perf_counter(), time.process_time()
    while kept.catch_up(NOW):
        pass
    took, used = time.perf_counter() - begin, time.process_time() - cpu
    asked.refresh_from_db()
    if asked.result is None:
        return f"failed: {asked.why}"
    return marked(f"{took:.1f} ({used:.1f})", took > FRESH)


def people(client: Any, report: Any, rounds: int) -> str:
    """The people behind the first figure that has any."""
    from tilth.insight import kept
    from tilth.insight.cells import table
    from tilth.insight.choice import forgiving
    from tilth.insight.kept import result_of

    chosen = choices(report)[0]
    found = result_of(kept.ask(report, chosen, NOW))
    choice = forgiving(report, chosen, NOW.date(), NOW.tzinfo)
    asks = [cell.people for line in table(choice, found) for cell in line if cell.people] if found else []
    if not asks:
        return "| "
    from urllib.parse import parse_qs

    told = {name: values[0] for name, values in parse_qs(asks[0], keep_blank_values=True).items()}
    took = fresh(report, chosen, told["row"], told["column"])
    return f"{took} | {pages(client, f'/insight/{report.name}/people/?{asks[0]}', rounds)}"


def pages(client: Any, path: str, rounds: int) -> str:
    """p50 and p95 of a page whose result is kept, by the clock and of CPU."""
    took, used = [], []
    for _ in range(rounds + 3):
        begin, cpu = time.perf_counter(), time.process_time()
        answer = client.get(path)
        took.append((time.perf_counter() - begin) * 1000)
        used.append((time.process_time() - cpu) * 1000)
        assert answer.status_code == 200, (path, answer.status_code)
    (p50, p95), (cpu50, cpu95) = (
        (statistics.median(t[3:]), statistics.quantiles(t[3:], n=20)[-1]) for t in (took, used)
    )
    return marked(f"{p50:.0f} / {p95:.0f} ({cpu50:.0f} / {cpu95:.0f})", p95 > KEPT)


def marked(said: str, over: bool) -> str:
    return f"**{said} over**" if over else said


if __name__ == "__main__":
    main()
