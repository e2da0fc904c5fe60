"""Importing leads: rows per second, beside the bare insert of the same resulting rows into the same tables.

    python benchmarks/import_leads.py [--rows 1000000] [--postgres]

Writes a file of generated leads (ten columns: name, address, phone, title, company, country, date, source, offer; a
tenth of them at companies of their own, one row in fifty a duplicate), imports it as `tilth import` does, then
empties the tables and inserts what had come out of it again with nothing but the insert. CPU seconds of this
process and of the PostgreSQL process that serves it, and seconds by the clock, both in one run. Memory of the import: the
peak, and what is this process's own in the first tenth and in all (SQLite maps up to 256 MB of its file besides).
"""

import argparse
import csv
import os
import pickle
import random
import resource
import tempfile
import time
from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path

from databases import database

NOW = datetime(2026, 6, 16, 8, 40, tzinfo=UTC)
HEADER = ["E-mail", "Voornaam", "Achternaam", "Telefoon", "Functie", "Bedrijf", "Land", "Datum", "Bron", "Aanbod"]
FIRST = (
    "Anouk Bram Carla Daan Eva Fleur Gijs Hanna Ivo Jasmijn Koen Lotte Milan Noor Olaf Petra Roos Sem Tess Wout".split()
)
LAST = (
    "Bakker Bos Dekker Hendriks Jansen Kok Mulder Peters Smit Visser Vos Zonneveld Müller Schäfer Peeters Maes".split()
)
TITLES = ["Operations manager", "Owner", "Directeur", "Hoofd teelt", "Leiter IT", "Student", "Head of production"]
SOURCES = ["organic_search", "paid_search", "social", "direct", "referral", "fair", ""]
OFFERS = ["demo", "price list", "guide to irrigation", "webinar march", "newsletter", "calculator"]
SLICE = 2_000


def main() -> None:
    options = argparse.ArgumentParser()
    options.add_argument("--rows", type=int, default=1_000_000)
    options.add_argument("--postgres", action="store_true", help="on a PostgreSQL that starts and stops with this")
    given = options.parse_args()
    with tempfile.TemporaryDirectory() as home, database(Path(home), given.postgres) as url:
        os.environ |= {"TILTH_HOME": home, "DJANGO_SETTINGS_MODULE": "tilth.site.settings", "TILTH_DATABASE": url}
        run(Path(home), given.rows)


def run(home: Path, rows: int) -> None:
    import django

    django.setup()
    from django.core.management import call_command
    from django.db import connection

    call_command("migrate", verbosity=0)
    path = home / "leads.csv"
    write(path, rows)
    print(f"{connection.vendor}: {rows:,} rows, {path.stat().st_size / 1e6:.0f} MB")
    own: list[tuple[int, float]] = []
    ours = timed(lambda: take_in(path, own))
    print(f"  import  {say(rows, ours)}, peak {resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024:.0f} MB")
    early, all_of_it = max(mb for done, mb in own if done <= rows / 10), max(mb for _, mb in own)
    print(f"  memory of its own: at most {early:.0f} MB in the first tenth, {all_of_it:.0f} MB in all")
    dump(home / "dump")
    afresh(home)
    bare = timed(lambda: insert(home / "dump"))
    print(f"  insert  {say(rows, bare)}")
    print(
        f"  the import reaches {bare[0] / ours[0]:.2f} of the bare insert by CPU, {bare[1] / ours[1]:.2f} by the clock"
    )


def say(rows: int, spent: tuple[float, float]) -> str:
    return f"{spent[0]:7.1f} CPU s, {spent[1]:7.1f} s, {rows / spent[1]:8,.0f} rows/s"


def timed(work: Callable[[], None]) -> tuple[float, float]:
    cpu, clock = cpu_seconds(), time.perf_counter()
    work()
    return cpu_seconds() - cpu, time.perf_counter() - clock


def cpu_seconds() -> float:
    """What this process has used, and the server's process at the other end of the connection."""
    from django.db import connection

    if connection.vendor != "postgresql":
        return time.process_time()
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_backend_pid()")
        used = Path(f"/proc/{cursor.fetchone()[0]}/stat").read_text().rpartition(")")[2].split()
    return time.process_time() + (int(used[11]) + int(used[12])) / os.sysconf("SC_CLK_TCK")


def write(path: Path, rows: int) -> None:
    rng = random.Random(2026)
    with path.open("w", newline="", encoding="utf-8") as file:
        out = csv.writer(file)
        out.writerow(HEADER)
        for i in range(rows):
            out.writerow(lead(rng, i if rng.random() > 0.02 else rng.randrange(i + 1), rows))


def lead(rng: random.Random, i: int, rows: int) -> list[str]:
    firm = i * 7919 % max(1, rows // 10)
    day = NOW - timedelta(days=rng.randrange(2_000), seconds=rng.randrange(86_400))
    return [
        f"lead{i}@firm{firm}.example", rng.choice(FIRST), rng.choice(LAST), f"+31 6 {rng.randrange(10**7, 10**8)}",
        rng.choice(TITLES), f"Firm {firm} B.V.", rng.choice(["NL", "NL", "DE", "BE"]), f"{day:%Y-%m-%d %H:%M:%S}",
        rng.choice(SOURCES), rng.choice(OFFERS),
    ]  # fmt: skip


def take_in(path: Path, own: list[tuple[int, float]]) -> None:
    from tilth.capture import files, imports

    mapping = files.propose(files.look(path), "leads")
    row = imports.begin(imports.take(path, path.name, mapping, None, NOW), NOW)
    while imports.advance(row, NOW, most=SLICE):
        own.append((row.done, own_memory()))
    assert row.done == row.rows, row.trouble
    assert not row.failed


def own_memory() -> float:
    """MB of this process that are no pages of a file."""
    status = Path("/proc/self/status").read_text()
    return int(status.partition("RssAnon:")[2].split()[0]) / 1024


def tables() -> list:
    from tilth.campaigns.models import Campaign
    from tilth.content.models import Offer
    from tilth.people.models import Company, CompanyId, Email, Learned, News, Person, PersonId, Phone
    from tilth.touches.models import Origin, Touch

    return [Offer, Campaign, Company, CompanyId, Person, Email, Phone, PersonId, Learned, News, Touch, Origin]


def columns(model) -> list[str]:
    return [f.column for f in model._meta.concrete_fields]


def dump(path: Path) -> None:
    """What the import wrote, as slices of tuples, so that only inserting is timed."""
    from django.db import connection

    cast = "::text" if connection.vendor == "postgresql" else ""
    with path.open("wb") as file, connection.cursor() as cursor:
        for number, model in enumerate(tables()):
            names = ", ".join(f'"{c}"{cast}' for c in columns(model))
            cursor.execute(f'SELECT {names} FROM "{model._meta.db_table}" ORDER BY 1')
            while some := cursor.fetchmany(SLICE):
                pickle.dump((number, some), file)


def slices(path: Path) -> Iterator[tuple[int, list]]:
    with path.open("rb") as file:
        while True:
            try:
                yield pickle.load(file)
            except EOFError:
                return


def afresh(home: Path) -> None:
    """The same tables, empty: a new file, or truncated."""
    from django.core.management import call_command
    from django.db import connection

    if connection.vendor == "postgresql":
        with connection.cursor() as cursor:
            cursor.execute("TRUNCATE " + ", ".join(f'"{m._meta.db_table}"' for m in tables()) + " CASCADE")
        return
    connection.close()
    connection.settings_dict["NAME"] = str(home / "bare.sqlite3")
    call_command("migrate", verbosity=0)


def insert(path: Path) -> None:
    from django.db import transaction

    from tilth.people import bulk

    for number, rows in slices(path):
        with transaction.atomic():
            bulk.insert(tables()[number], columns(tables()[number]), rows)


if __name__ == "__main__":
    main()
