"""Standing: how soon it is right while touches stream in, what that costs, and the kernel that works it out.

    python benchmarks/standing.py [--people 20000] [--history 20] [--rate 500] [--seconds 30] [--postgres] [--first]

`tilth work` runs in a process of its own, as in the field. This process records touches ten times a second, in the
order of the clock, and reads every 10 ms whose news is left: a touch is taken in when the news of it is gone, which the
conveyor takes away in the transaction that writes the standing. In the end stored standings are held against
the kernel. CPU of the conveyor counts the PostgreSQL processes that serve it too. Then the kernel alone: `qualify` for
one person after the other, plain, as the conveyor calls it; the same replay compiled, as a backtest calls it. Last, a web
process from nothing until it has answered a page.
"""

import argparse
import os
import signal
import statistics
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from pathlib import Path
from random import Random
from typing import Any

from databases import database

KINDS = [("page", "", "/"), ("page", "", "/prices"), ("mail_open", "", ""), ("mail_click", "", ""), ("download", "guide", ""),
         ("webinar", "webinar", ""), ("form", "demo", "")]  # fmt: skip
WEIGHTS = [50, 10, 16, 10, 8, 5, 1]
EVERY, LOOK = 0.1, 0.01
PATIENCE = 60  # seconds after the last touch
CHECKED = 500
TICK = os.sysconf("SC_CLK_TCK")
ANSWERS = """
import time; began = time.perf_counter()
import sys
from wsgiref.util import setup_testing_defaults
from tilth.site.wsgi import application
environ, said = {"PATH_INFO": "/sign-in/", "HTTP_HOST": "localhost"}, []
setup_testing_defaults(environ)
b"".join(application(environ, lambda status, headers: said.append(status)))
heavy = {"numba", "numpy", "pyarrow", "duckdb"} & set(sys.modules)
print(said[0][:3], time.perf_counter() - began, time.process_time(), ",".join(heavy) or "none")
"""


def main() -> None:
    options = argparse.ArgumentParser()
    options.add_argument("--people", type=int, default=20_000)
    options.add_argument("--history", type=int, default=20, help="touches of each before it begins")
    options.add_argument("--rate", type=int, default=500, help="touches a second")
    options.add_argument("--seconds", type=int, default=30)
    options.add_argument("--postgres", action="store_true", help="on a PostgreSQL that starts and stops with this")
    options.add_argument("--first", action="store_true", help="while measuring, other work waits (real time; as root)")
    given = options.parse_args()
    with tempfile.TemporaryDirectory() as home, database(Path(home), given.postgres) as url:
        os.environ |= {"TILTH_HOME": home, "DJANGO_SETTINGS_MODULE": "tilth.site.settings", "TILTH_DATABASE": url}
        run(given.people, given.history, given.rate, given.seconds, given.first)


def run(people: int, history: int, rate: int, seconds: int, first_of_all: bool) -> None:
    import django

    django.setup()
    from django.core.management import call_command
    from django.db import connection

    call_command("migrate", verbosity=0)
    call_command("collectstatic", interactive=False, verbosity=0)
    random = Random(1)
    first = fill(people, history, random)
    print(f"{connection.vendor}: {people:,} people with {history} touches each; load average {os.getloadavg()[0]:.1f}")
    with conveyor() as pid:
        settled()
        if first_of_all:
            go_first([os.getpid(), pid, *others(), *own()])
        took, cpu = stream(pid, first, people, rate, seconds, random)
    took.sort()
    p95 = statistics.quantiles(took, n=20)[-1]
    print(
        f"{len(took):,} touches, {rate} a second: taken in after p50 {statistics.median(took):.2f} s, p95 {p95:.2f} s,"
        f" max {took[-1]:.2f} s; within 2 s {sum(t <= 2 for t in took) / len(took):.1%}"
    )
    print(f"conveyor: {cpu / len(took) * 1e3:.2f} ms of CPU per touch; load average {os.getloadavg()[0]:.1f}")
    check(random, first, people)
    kernel(history)
    web()


def fill(people: int, history: int, random: Random) -> int:
    """People with a past, all of them judged; the first one's id. Half have all that is required at handoff."""
    from django.utils import timezone

    from tilth.agreement import presets
    from tilth.agreement.models import Version
    from tilth.people.models import Company, Email, News, Person, Phone
    from tilth.qualify.catch_up import rebuild
    from tilth.team.models import Member, Role
    from tilth.touches.record import record_all

    now = timezone.now()
    past = now - timedelta(days=400)
    ann = Member.objects.create(name="Ann", email="ann@bench.example", role=Role.MARKETING, joined_at=past)
    bob = Member.objects.create(name="Bob", email="bob@bench.example", role=Role.SALES, joined_at=past)
    version = Version.write(presets.load("b2b-software"), ann, past)
    version.sign(ann, "marketing", past)
    version.sign(bob, "sales", past)
    firms = Company.objects.bulk_create(
        [Company(name=f"Firm {n}", employees=n % 400, country="NL", at=past) for n in range(people // 5)],
        batch_size=2_000,
    )
    made = Person.objects.bulk_create(
        [Person(first_name="A", last_name=f"Nr {n}", title="Owner", country="NL", company=firms[n // 5], at=past) for n in range(people)],
        batch_size=2_000,
    )  # fmt: skip
    Phone.objects.bulk_create([Phone(person=p, number=f"+3110{p.pk:07}") for p in made[::2]], batch_size=2_000)
    Email.objects.bulk_create([Email(person=p, address=f"p{p.pk}@firm.example") for p in made], batch_size=2_000)
    for begin in range(0, people, 500):
        moments = [
            (p.pk, now - timedelta(seconds=random.randrange(1, 300 * 86_400)))
            for p in made[begin : begin + 500]
            for _ in range(history)
        ]
        record_all([touch(who, at, random) for who, at in moments], now)
    News.objects.all().delete()
    began, used = time.perf_counter(), time.process_time()
    rebuild(timezone.now())
    print(
        f"everybody judged anew: {people / (time.perf_counter() - began):,.0f} people a second by the clock, {people / (time.process_time() - used):,.0f} by CPU"
    )
    return made[0].pk


def touch(who: int, at: datetime, random: Random) -> Any:
    from django.utils import timezone

    from tilth.touches.models import Touch
    from tilth.touches.record import offer

    [(kind, named, url)] = random.choices(KINDS, WEIGHTS)
    if named not in OFFERS:
        OFFERS[named] = offer(named, timezone.now())
    return Touch(person_id=who, at=at, kind=kind, offer=OFFERS[named], url=url, team="person", evidence=2)


OFFERS: dict[str, Any] = {}


@contextmanager
def conveyor() -> Iterator[int]:
    """`tilth work`, beside this process."""
    code = "from tilth.site.command import main; main()"
    process = subprocess.Popen([sys.executable, "-c", code, "work"])
    try:
        yield process.pid
    finally:
        process.send_signal(signal.SIGTERM)
        process.wait(60)


def settled() -> None:
    """Until the conveyor has nothing left to do: no news, no lead to hand off."""
    from django.utils import timezone

    from tilth.people.models import News
    from tilth.qualify.models import Ripe

    until = time.perf_counter() + 600
    while News.objects.exists() or Ripe.objects.filter(look_at__lte=timezone.now()).exists():
        assert time.perf_counter() < until, "the conveyor does not get ready"
        time.sleep(0.5)
    time.sleep(2)


def stream(pid: int, first: int, people: int, rate: int, seconds: int, random: Random) -> tuple[list[float], float]:
    """Seconds from each touch until it was taken in, and the CPU seconds of the conveyor meanwhile."""
    from django.db import connection, transaction
    from django.utils import timezone

    from tilth.people.models import News
    from tilth.touches.record import record_all

    waiting: dict[int, list[float]] = {}  # news to the moments of its touches
    took: list[float] = []
    ended = threading.Event()

    def watch() -> None:
        while not ended.is_set() or waiting:
            mine = list(waiting)
            left = set(News.objects.filter(pk__lte=max(mine, default=0)).values_list("pk", flat=True))
            seen = time.perf_counter()
            for pk in mine:
                if pk not in left:
                    took.extend(seen - at for at in waiting.pop(pk))
            time.sleep(LOOK)
        connection.close()

    backends = others()
    used = cpu_of(pid, backends)
    watcher = threading.Thread(target=watch)
    watcher.start()
    began, batch, behind = time.perf_counter(), round(rate * EVERY), 0.0
    for n in range(round(seconds / EVERY)):
        time.sleep(max(0.0, began + n * EVERY - time.perf_counter()))
        behind = max(behind, time.perf_counter() - began - n * EVERY)
        at, now = began + n * EVERY, timezone.now()  # when it should have begun: waiting for a lock counts
        touches = [touch(random.randrange(first, first + people), now, random) for _ in range(batch)]
        with transaction.atomic():
            record_all(touches, now)
            news = dict(
                News.objects.filter(at=now, person__in={t.person_id for t in touches}).values_list("person", "pk")
            )
        told: dict[int, list[float]] = {}
        for one in touches:
            told.setdefault(news[one.person_id], []).append(at)
        waiting.update(told)
    ended.set()
    watcher.join(PATIENCE)
    assert not watcher.is_alive(), f"{sum(map(len, waiting.values()))} touches were not taken in within {PATIENCE} s"
    print(f"recording was at most {behind:.2f} s behind its clock")
    return took, cpu_of(pid, backends) - used


def others() -> list[int]:
    """The PostgreSQL processes that serve the conveyor: all but this one's, before the watcher connects."""
    from django.db import connection

    if connection.vendor != "postgresql":
        return []
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT pid FROM pg_stat_activity WHERE datname = current_database() AND pid <> pg_backend_pid()"
            " AND backend_type = 'client backend'"
        )
        return [pid for (pid,) in cursor.fetchall()]


def own() -> list[int]:
    """The PostgreSQL process that serves this one."""
    from django.db import connection

    if connection.vendor != "postgresql":
        return []
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_backend_pid()")
        return [cursor.fetchone()[0]]


def go_first(pids: list[int]) -> None:
    """Before all other work of the machine, each thread of these processes and what they start."""
    for pid in pids:
        for thread in Path(f"/proc/{pid}/task").iterdir():
            os.sched_setscheduler(int(thread.name), os.SCHED_RR, os.sched_param(1))


def cpu_of(pid: int, backends: list[int]) -> float:
    fields = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
    served = sum(
        int(Path(f"/proc/{b}/schedstat").read_text().split()[0]) for b in backends if Path(f"/proc/{b}").exists()
    )
    return (int(fields[11]) + int(fields[12])) / TICK + served / 1e9


def check(random: Random, first: int, people: int) -> None:
    """What is stored is what the kernel says of that moment."""
    from tilth.core.qualify import qualify
    from tilth.people.models import Email, Person, Phone, about
    from tilth.qualify.catch_up import _lists, _touches
    from tilth.qualify.models import Standing

    ids = random.sample(range(first, first + people), min(people, CHECKED))
    persons = Person.objects.select_related("company").in_bulk(ids)
    emails, phones = _lists(Email, "address", ids), _lists(Phone, "number", ids)
    for standing in Standing.objects.filter(pk__in=ids).select_related("version"):
        seen = _touches([standing.pk], standing.at).get(standing.pk, [])
        facts = about(persons[standing.pk], emails.get(standing.pk, []), phones.get(standing.pk, []))
        verdict = qualify(standing.version.terms, facts, seen, standing.at)
        assert abs(verdict.interest_points - standing.interest_points) < 1e-9, standing.pk
        assert (verdict.grade, verdict.level, verdict.action) == (standing.grade, standing.level, standing.action)
    print(f"{len(ids)} standings are what the kernel says of their moment")


def kernel(history: int, plain: int = 2_000, many: int = 100_000) -> None:
    """People a second: `qualify` one by one, and the same replay compiled, of many."""
    import numpy as np

    from tilth.agreement import presets
    from tilth.core import kernel as compiled
    from tilth.core import qualify as core
    from tilth.core.agreement import read

    terms, random, now = read(presets.load("b2b-software")), Random(2), datetime(2026, 6, 16, 8, 40, tzinfo=UTC)
    about = {"company.employees": 120, "company.country": "NL", "person.title": "Owner", "person.email": "a@b.example"}
    crowd = []
    for _ in range(plain):
        acts = random.choices(KINDS, WEIGHTS, k=history)
        crowd.append(
            [
                core.Seen(i, now - timedelta(seconds=random.randrange(1, 300 * 86_400)), k, o, "", u)
                for i, (k, o, u) in enumerate(acts)
            ]
        )
    used = time.process_time()
    for seen in crowd:
        core.qualify(terms, about, seen, now)
    print(f"kernel, plain, with its verdict: {plain / (time.process_time() - used):,.0f} people a second of CPU")
    arrays = np.random.default_rng(2)
    pairs = list(about.items())
    whats = [core.What(k, o, "", u) for k, o, u in KINDS]
    until, ids = core.micro(now), np.arange(many)
    batch = compiled.Batch(
        people=ids,
        touch_person=np.repeat(ids, history),
        touch_at=until - np.sort(arrays.integers(1, 300 * 86_400, (many, history)), axis=1)[:, ::-1].reshape(-1) * 1_000_000,
        touch_what=arrays.choice(len(whats), many * history, p=np.array(WEIGHTS) / sum(WEIGHTS)).astype(np.int32),
        fact_person=np.repeat(ids, len(pairs)),
        fact_at=np.full(many * len(pairs), until - 300 * 86_400 * 1_000_000),
        fact_pair=np.tile(np.arange(len(pairs), dtype=np.int32), many),
        end_person=np.zeros(0, np.int64), end_at=np.zeros(0, np.int64), end_wake=np.zeros(0, np.int64),
    )  # fmt: skip
    rules, meaning = core.rules_of(terms), core.meaning_of(terms, whats, pairs)
    core.replay_all(batch, rules, meaning, until)
    used = time.process_time()
    core.replay_all(batch, rules, meaning, until)
    print(f"kernel, compiled, whole history: {many / (time.process_time() - used):,.0f} people a second of CPU")


def web(times: int = 5) -> None:
    """A web process from nothing until it has answered the page at the door."""
    wall, cpu = [], []
    for _ in range(times):
        began = time.perf_counter()
        said = subprocess.run(
            [sys.executable, "-c", ANSWERS], check=True, capture_output=True, text=True
        ).stdout.split()
        wall.append(time.perf_counter() - began)
        cpu.append(float(said[2]))
        assert (said[0], said[3]) == ("200", "none"), said
    print(
        f"web process, cold, until it answered: {statistics.median(wall):.2f} s by the clock, {statistics.median(cpu):.2f} s of CPU; load average {os.getloadavg()[0]:.1f}"
    )


if __name__ == "__main__":
    main()
