"""Exporting to the lake, beside the bare read of the same rows.

    python benchmarks/export.py [--people 1000000] [--touches 20] [--postgres]

Fills a database by SQL (a benchmark may; the product never does), reads the touches through ADBC and throws them away,
then makes the lake from nothing (touches, facts, people, compaction), then brings it up to date after a hundredth more touches, then
reads everybody in batches. Seconds by the clock and of CPU, of this process and of the PostgreSQL process that serves it.
"""

import argparse
import os
import resource
import tempfile
import time
from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from databases import database

NOW = datetime(2026, 6, 16, 8, 40, tzinfo=UTC)
NUMBERS = "WITH RECURSIVE n(i) AS (SELECT CAST({first} AS BIGINT) UNION ALL SELECT i + 1 FROM n WHERE i < {last})"


def main() -> None:
    options = argparse.ArgumentParser()
    options.add_argument("--people", type=int, default=1_000_000)
    options.add_argument("--touches", type=int, default=20, help="per person")
    options.add_argument("--postgres", action="store_true", help="on a PostgreSQL that starts and stops with this")
    given = options.parse_args()
    with tempfile.TemporaryDirectory() as home, database(Path(home), given.postgres) as url:
        os.environ |= {"TILTH_HOME": home, "TILTH_DATABASE": url, "DJANGO_SETTINGS_MODULE": "tilth.site.settings"}
        run(given.people, given.people * given.touches)


def run(people: int, touches: int) -> None:
    import django

    django.setup()
    from django.core.management import call_command

    call_command("migrate", verbosity=0)
    fill(people, 1, touches)
    from tilth.insight import export, source
    from tilth.insight.engine import Engine

    def bare() -> int:
        sql = "SELECT id, person_id, at, kind, offer_id, event, url, evidence, team, source, medium, campaign_id, learned_at"
        with source.opened() as opened, opened.snapshot() as read:
            return sum(batch.num_rows for batch in read(f"{sql} FROM touches_touch"))

    def batches() -> int:
        return sum(len(batch.touch_at) for batch in Engine().batches())

    print(f"{people:,} people, {touches:,} touches")
    measured("bare read of the touches", bare)
    measured("the lake from nothing", lambda: export.rebuild(NOW))
    size = sum(file.stat().st_size for file in (Path(os.environ["TILTH_HOME"]) / "lake").glob("*base.parquet"))
    print(f"  {size / 1e6:,.0f} MB, {size / touches:.1f} bytes per touch; peak memory {peak():,.0f} MB")
    measured("everybody in batches", batches)
    fill(0, touches + 1, touches + touches // 100)
    measured("up to date after a hundredth more", lambda: export.catch_up(NOW))
    measured("everybody in batches, deltas merged in", batches)
    measured("up to date, nothing new", lambda: export.catch_up(NOW))
    print(f"  peak memory {peak():,.0f} MB")


def measured(what: str, call: Callable[[], int]) -> None:
    begin, cpu = time.perf_counter(), processor()
    rows = call()
    took, used = time.perf_counter() - begin, processor() - cpu
    print(
        f"{what}: {rows:,} rows, {took:.1f} s, {used:.1f} s of CPU, {rows / used / 1e3:,.0f} thousand rows per s of CPU"
    )


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


def fill(people: int, first: int, last: int) -> None:
    """People with a company, what was learned of both; touches over two years, dealt out among whoever is there."""
    from django.db import connection

    def insert(into: str, columns: str, values: str, first: int, last: int, **parameters: Any) -> None:
        for begin in range(first, last + 1, 1_000_000):
            numbers = NUMBERS.format(first=begin, last=min(begin + 999_999, last))
            if connection.vendor == "sqlite":
                sql = f"INSERT INTO {into} ({columns}) {numbers} SELECT {values} FROM n"
            else:
                sql = f"{numbers} INSERT INTO {into} ({columns}) SELECT {values} FROM n"
            with connection.cursor() as cursor:
                cursor.execute(sql)

    def ago(seconds: str) -> str:
        if connection.vendor == "sqlite":
            return f"strftime('%Y-%m-%d %H:%M:%f', '{NOW:%F %T}', '-' || ({seconds}) || ' seconds') || '000'"
        return f"'{NOW:%F %T}+00'::timestamptz - ({seconds}) * interval '1 second'"

    if people:
        firms = people // 5
        long_ago = ago("70000000 - i")
        json = "" if connection.vendor == "sqlite" else "::jsonb"
        insert("people_company", "id, name, industry, country, city, custom, at",
               f"i, 'Firm ' || i, 'Horticulture', 'NL', 'Bleiswijk', '{{}}', {long_ago}", 1, firms)  # fmt: skip
        insert("people_person", "id, first_name, last_name, title, country, language, company_id, custom, at",
               f"i, 'First', 'Last', 'Manager', 'NL', 'nl', i % {firms} + 1, '{{}}', {long_ago}", 1, people)  # fmt: skip
        insert("people_learned", 'company_id, at, "values", origin',
               f"""i, {long_ago}, ('{{"name": "Firm ' || i || '", "industry": "Horticulture", "employees": ' || (i % 900)
               || ', "country": "NL", "city": "Bleiswijk"}}'){json}, 'file'""", 1, firms)  # fmt: skip
        insert("people_learned", 'person_id, joined_id, at, "values", origin',
               f"""i, i % {firms} + 1, {long_ago}, ('{{"first_name": "First", "last_name": "Last", "title": "Manager ' || (i % 50)
               || '", "country": "NL", "email": "p' || i || '@firm.example", "phone": "+31105550142", "company": "Firm"}}'){json},
               'file'""", 1, people)  # fmt: skip
        insert("content_offer", "id, key, name, at", f"i, 'offer ' || i, 'Offer', {long_ago}", 1, 20)
    insert("touches_touch", "id, at, kind, team, evidence, person_id, offer_id, source, medium, event, url, properties, learned_at",
           f"""i, {ago(f"63000000 - (i / {max(last // 63_000_000, 1)}) % 63000000")},
           CASE i % 9 WHEN 0 THEN 'form' WHEN 1 THEN 'download' WHEN 2 THEN 'mail_open' ELSE 'page' END, 'person', 2,
           i * 7919 % (SELECT max(id) FROM people_person) + 1, CASE WHEN i % 9 < 2 THEN i % 20 + 1 END, 'google', 'organic', '',
           'https://kasbouw.example/page/' || (i * 31 % 400), '{{}}', {ago("0")}""", first, last)  # fmt: skip
    if people:
        insert("touches_origin", "person_id, at, door, source, offer_id, touch_id", f"i, {ago('60000000')}, 'person', 'google', i % 20 + 1, i",
               1, people)  # fmt: skip


if __name__ == "__main__":
    main()
