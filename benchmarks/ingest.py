"""Ingest: events per second that were acknowledged after their commit, and understood after that.

    python benchmarks/ingest.py [--seconds 5] [--senders 32] [--postgres]

Starts the real server and sends it real requests over loopback connections: single events, and batches of 100; each sender waits for
its answer before it sends again. In the same run, for comparison: the bare insert of the same bytes (one delivery per commit, and 500
per commit), a no-op answer of the same server, a no-op Django page with all middleware, and a hand-written Django view that keeps the
same delivery through the ORM. Then lets the conveyor understand what came in, beside the bare insert of the touches that came of
it. Events per second by the clock, CPU microseconds of the server (of this process, for what has none) per event, and
milliseconds until the answer. The load generator shares the machine.
"""

import argparse
import base64
import json
import os
import re
import selectors
import signal
import socket
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from datetime import UTC, datetime
from itertools import count, cycle, islice, repeat
from pathlib import Path
from statistics import quantiles
from typing import Any

from databases import database

KEY = "benchmark"
HERE = Path(__file__).parent
NOW = datetime(2026, 6, 16, 8, 40, tzinfo=UTC)
DOORS = (("ASGI", "asginl", "tilth.api.asgi:application"), ("WSGI", "wsgi", "ingest:in_front"))
VISITORS = 5_000
TICK = os.sysconf("SC_CLK_TCK")


def main() -> None:
    options = argparse.ArgumentParser()
    options.add_argument("--seconds", type=float, default=5)
    options.add_argument("--senders", type=int, default=32)
    options.add_argument("--postgres", action="store_true", help="on a PostgreSQL that starts and stops with this")
    given = options.parse_args()
    with tempfile.TemporaryDirectory() as home, database(Path(home), given.postgres) as url:
        os.environ |= {"TILTH_HOME": home, "DJANGO_SETTINGS_MODULE": "tilth.site.settings", "TILTH_DATABASE": url}
        os.environ |= {"PYTHONPATH": str(HERE), "TILTH_RATE": "1000000"}
        run(given.seconds, given.senders)


def run(seconds: float, senders: int) -> None:
    import django

    django.setup()
    from django.core.management import call_command
    from django.db import connection

    from tilth.capture.models import Received, Source

    call_command("migrate", verbosity=0)
    source = Source.objects.create(name="Benchmark", write_key=KEY, at=NOW)
    print(f"{connection.vendor}, {senders} senders, {seconds:g} s each")
    for size in (1, 100):
        numbers = count()
        one = body(numbers, size)
        print(f"{size} event{'s' * (size > 1)} in a delivery of {len(one):,} bytes")
        limits = [bare(seconds, source.pk, one, size, together) for together in (1, 500)]
        say("bare insert, one delivery per commit", *limits[0])
        say("bare insert, 500 deliveries per commit", *limits[1])
        for door, interface, application in DOORS:
            with server(interface, application) as (port, group):
                nothing = send(port, group, seconds / 2, senders, 1, repeat(request("OPTIONS", "/v1/batch", b"")))
                say(f"{door}: no-op answer", *nothing)
                if interface == "wsgi":
                    page = send(port, group, seconds / 2, senders, 1, repeat(request("GET", "/noop", b"")))
                    say(f"{door}: no-op Django page", *page)
                    by_hand = send(port, group, seconds / 2, senders, size, deliveries(numbers, size, "/orm"))
                    say(f"{door}: hand-written Django view, ORM", *by_hand)
                    Received.objects.filter(path="/orm").delete()
                kept = send(port, group, seconds, senders, size, deliveries(numbers, size))
                say(f"{door}: acknowledged", *kept)
                print(
                    f"      {kept[0] / limits[0][0]:.2f} of one per commit, {kept[0] / limits[1][0]:.2f} of 500 per"
                    f" commit, {kept[0] / size / nothing[0]:.2f} of the no-op's requests"
                )
        understand(size)


def say(what: str, per_second: float, cpu: float, *waited: float) -> None:
    times = f"   p50 {waited[0]:6.1f}  p99 {waited[1]:6.1f} ms" if waited else ""
    print(f"  {what:44} {per_second:9,.0f} /s {cpu * 1e6:8,.1f} CPU us each{times}")


def body(numbers: Iterator[int], size: int) -> bytes:
    events = [event(next(numbers)) for _ in range(size)]
    return json.dumps({"batch": events, "sentAt": "2026-06-16T08:40:00Z"}).encode()


def deliveries(numbers: Iterator[int], size: int, path: str = "/v1/batch") -> Iterator[bytes]:
    """Requests without end, made in advance but for the ids of their messages, so that the generator costs little."""
    made = []
    for first in range(0, VISITORS, size):
        whole = request("POST", path, body(iter(range(first, first + size)), size))
        made.append(re.sub(rb"message-\d{9}", b"message-%09d", whole.replace(b"%", b"%%")))
    for template in cycle(made):
        yield template % tuple(islice(numbers, size))


def event(n: int) -> dict[str, Any]:
    """Mostly pages of visitors who come back, some by known users; a form now and then."""
    context = {
        "page": {"url": f"https://kas.example/docs/{n % 50}?utm_source=linkedin&utm_medium=cpc", "title": "Docs"},
        "userAgent": "Mozilla/5.0 (X11; Linux x86_64; rv:150.0) Gecko/20100101 Firefox/150.0",
        "library": {"name": "analytics.js", "version": "npm:next-1.84.3"},
    }
    common = {"messageId": f"message-{n:09}", "anonymousId": f"visitor-{n % VISITORS}", "context": context}
    common["timestamp"] = "2026-06-16T08:39:58.123Z"
    if n % 100 == 0:
        told = {"email": f"visitor{n % VISITORS}@firm{n % 500}.example", "form": "demo"}
        return {**common, "type": "track", "event": "Form Submitted", "properties": told}
    if n % 5 == 0:
        return {**common, "type": "track", "event": "Pricing Viewed", "properties": {"plan": "gold", "seats": n % 40}}
    return {**common, "type": "page", "name": "Docs", "properties": {"title": "Docs"}}


def request(method: str, path: str, body: bytes) -> bytes:
    token = base64.b64encode(f"{KEY}:".encode()).decode()
    head = f"{method} {path} HTTP/1.1\r\nHost: localhost\r\nAuthorization: Basic {token}\r\nContent-Length: {len(body)}\r\n\r\n"
    return head.encode() + body


def bare(seconds: float, source: int, body: bytes, size: int, together: int) -> tuple[float, float]:
    """Nothing but the insert of these bytes, flushed to the disk at each commit."""
    from django.db import connection

    from tilth.api import inbox
    from tilth.api.ingest import Parcel
    from tilth.capture.models import Received

    connection.close()  # the inbox opens its own way
    parcels = [Parcel(source, NOW, "/v1/batch", body, "")] * together
    done, cpu, begin = 0, time.process_time(), time.perf_counter()
    while time.perf_counter() - begin < seconds / 2:
        inbox._store(parcels)
        done += together * size
    spent, clock = time.process_time() - cpu, time.perf_counter() - begin
    Received.objects.all().delete()
    connection.close()
    return done / clock, spent / done


@contextmanager
def server(interface: str, application: str) -> Iterator[tuple[int, int]]:
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    command = [sys.executable, "-m", "granian", "--port", str(port), "--interface", interface, "--log-level", "error"]
    threads = ["--blocking-threads", "4"] if interface == "wsgi" else []
    process = subprocess.Popen([*command, "--no-ws", *threads, application], start_new_session=True)
    try:
        for _ in range(300):
            with socket.socket() as probe:
                if probe.connect_ex(("127.0.0.1", port)) == 0:
                    break
            time.sleep(0.1)
        yield port, process.pid
    finally:
        os.killpg(process.pid, signal.SIGKILL)
        process.wait()


def send(
    port: int, group: int, seconds: float, senders: int, size: int, requests: Iterator[bytes]
) -> tuple[float, float, float, float]:
    """Events per second that were acknowledged, the server's CPU seconds for each, and milliseconds waited: p50, p99."""
    with ExitStack() as closing:
        connections = [closing.enter_context(socket.create_connection(("127.0.0.1", port))) for _ in range(senders)]
        answers_within(0.5, connections, requests)
        cpu, begin = cpu_of(group), time.perf_counter()
        waited = answers_within(seconds, connections, requests)
        clock, spent = time.perf_counter() - begin, cpu_of(group) - cpu
    done = len(waited) * size
    percentiles = quantiles(waited, n=100)
    return done / clock, spent / done, 1e3 * percentiles[49], 1e3 * percentiles[98]


def answers_within(seconds: float, connections: list[socket.socket], requests: Iterator[bytes]) -> list[float]:
    """How long each answer took, in seconds; every connection sends, waits for its answer, and sends again."""
    waited, asked = [], {}
    until = time.perf_counter() + seconds
    with selectors.DefaultSelector() as ready:
        for connection in connections:
            ready.register(connection, selectors.EVENT_READ)
            asked[connection] = time.perf_counter()
            connection.sendall(next(requests))
        while asked:
            for key, _ in ready.select(30):
                connection = key.fileobj
                read_answer(connection)
                now = time.perf_counter()
                waited.append(now - asked.pop(connection))
                if now < until:
                    connection.sendall(next(requests))
                    asked[connection] = now
    return waited


def read_answer(connection: socket.socket) -> None:
    answer = connection.recv(4_096)
    while b"\r\n\r\n" not in answer:
        answer += connection.recv(4_096)
    assert answer[9:12] in (b"200", b"204"), answer
    head, _, said = answer.partition(b"\r\n\r\n")
    length = re.search(rb"(?i)content-length: *(\d+)", head)
    while length and len(said) < int(length[1]):
        said += connection.recv(4_096)


def cpu_of(group: int) -> float:
    """CPU seconds of all processes of a group so far."""
    total = 0
    for stat in Path("/proc").glob("[0-9]*/stat"):
        try:
            fields = stat.read_text().rpartition(")")[2].split()
        except OSError:
            continue
        if int(fields[2]) == group:
            total += int(fields[11]) + int(fields[12])
    return total / TICK


def understand(size: int) -> None:
    """Take what came in, up to 40,000 events; then insert the same touches with nothing but the insert."""
    from django.db import connection

    from tilth.capture import understand
    from tilth.capture.models import Received
    from tilth.touches.models import Touch

    enough = list(Received.objects.order_by("id").values_list("pk", flat=True)[: 40_000 // size])
    Received.objects.filter(pk__gt=enough[-1]).delete()
    cpu, begin = time.process_time(), time.perf_counter()
    while understand.catch_up(NOW):
        pass
    spent, clock = time.process_time() - cpu, time.perf_counter() - begin
    touches = Touch.objects.count()
    say("understood", touches / clock, spent / touches)
    with connection.cursor() as cursor:
        names = [f.column for f in Touch._meta.fields if f.column != "id"]
        cursor.execute(f"SELECT {', '.join(names)} FROM touches_touch")
        rows = cursor.fetchall()
    empty()
    insert = f"INSERT INTO touches_touch ({', '.join(names)}) VALUES ({', '.join(['%s'] * len(names))})"
    cpu, begin = time.process_time(), time.perf_counter()
    with connection.cursor() as cursor:
        for at in range(0, len(rows), 1_000):
            cursor.executemany(insert, rows[at : at + 1_000])
    alone = (len(rows) / (time.perf_counter() - begin), (time.process_time() - cpu) / len(rows))
    say("bare insert of the touches, 1,000 at once", *alone)
    print(f"      {touches / clock / alone[0]:.2f} of the bare insert by the clock")
    empty()
    Received.objects.all().delete()
    connection.close()


def empty() -> None:
    from tilth.touches.models import Origin, Touch

    Origin.objects.all().delete()
    Touch.objects.all()._raw_delete("default")


def in_front(environ: dict[str, Any], start: Callable[..., Any]) -> Any:
    """What granian serves: the WSGI door before a Django with one page that does nothing."""
    return APPLICATION(environ, start)


if __name__ == "__main__":
    main()
elif "granian" in sys.argv[0] or os.environ.get("TILTH_DATABASE"):
    from django.conf import settings
    from django.core.wsgi import get_wsgi_application
    from django.http import HttpResponse, JsonResponse
    from django.urls import path
    from django.views.decorators.csrf import csrf_exempt

    @csrf_exempt
    def by_orm(request: Any) -> JsonResponse:
        """What somebody writes who thinks of neither speed nor outages: as durable as ours, and no more."""
        from django.db import connection

        from tilth.capture.models import Received, Source
        from tilth.capture.parcels import make_durable

        key = base64.b64decode(request.headers["Authorization"].split()[1]).decode().rstrip(":")
        if connection.connection is None:
            make_durable()
        json.loads(request.body)
        Received.objects.create(
            source=Source.objects.get(write_key=key), at=datetime.now(UTC), path=request.path, body=request.body
        )
        return JsonResponse({"success": True})

    settings.ROOT_URLCONF = "ingest"
    urlpatterns = [path("noop", lambda request: HttpResponse(b"ok")), path("orm", by_orm)]
    PAGES = get_wsgi_application()

    from tilth.api.wsgi import in_front_of

    APPLICATION = in_front_of(PAGES)
