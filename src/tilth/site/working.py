"""The conveyor as a process: pass after pass, in no hurry when there is nothing to take.

A stage that fails is logged and rests for a while; the others go on. `alive` is the heartbeat that
`tilth doctor` listens to.
"""

import logging
import signal
import threading
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path

from django.conf import settings
from django.db import close_old_connections, connections
from django.utils import timezone

from tilth import conveyor

log = logging.getLogger("tilth.work")

Stage = Callable[..., int]
SHORTEST, LONGEST = 0.25, 1.0  # seconds between passes that took nothing
REST, LONGEST_REST = 1.0, 60.0  # seconds that a failed stage is left alone
QUIET = timedelta(minutes=1)  # no heartbeat for so long: it does not run


@dataclass
class Resting:
    """How long a stage that failed is left alone, in seconds of the monotonic clock."""

    until: float = 0.0
    pause: float = 0.0

    def failed(self, at: float) -> None:
        self.pause = min(self.pause * 2 or REST, LONGEST_REST)
        self.until = at + self.pause


class Line:
    """Some stages, with the rests that they need."""

    def __init__(self, stages: Mapping[str, Stage]) -> None:
        self.stages = stages
        self.rests: dict[str, Resting] = {}

    def run(self) -> dict[str, int]:
        """One pass over every stage that is not resting: how many facts each of them took."""
        close_old_connections()
        return {name: self.take(name) for name in self.stages if not self.rests_now(name)}

    def rests_now(self, name: str) -> bool:
        return name in self.rests and time.monotonic() < self.rests[name].until

    def take(self, name: str) -> int:
        try:
            taken = self.stages[name](timezone.now())
        except Exception:  # whatever it is: the other stages must go on
            rest = self.rests.setdefault(name, Resting())
            rest.failed(time.monotonic())
            log.exception(
                "The stage %s failed and rests for %.0f s. What it could not take stays and is tried again.",
                name,
                rest.pause,
            )
            connections.close_all()
            return 0
        self.rests.pop(name, None)
        return taken


def once() -> None:
    """One pass, and what takes its time to its end; a failing stage is raised."""
    taken = conveyor.run(timezone.now())
    for name, stage in conveyor.APART.items():
        taken[name] = 0
        while step := stage(timezone.now()):
            taken[name] += step
    print("Took " + ", ".join(f"{n} in {name}" for name, n in taken.items()) + ".")


def stopped_by_signals() -> threading.Event:
    """Set by SIGINT or SIGTERM."""
    stopping = threading.Event()
    for number in (signal.SIGINT, signal.SIGTERM):
        signal.signal(number, lambda *_: stopping.set())
    return stopping


def until_stopped(stopping: threading.Event) -> None:
    """Pass after pass until somebody says stop; the pass under way is finished."""
    apart = [
        threading.Thread(target=_keep_running, args=(Line({name: stage}), stopping))
        for name, stage in conveyor.APART.items()
    ]
    for line in apart:
        line.start()
    _keep_running(Line(conveyor.STAGES), stopping, beat)
    for line in apart:
        line.join()
    heartbeat().unlink(missing_ok=True)


def _keep_running(line: Line, stopping: threading.Event, each: Callable[[], None] = lambda: None) -> None:
    """Pass after pass; a pause, longer each time, after one that took nothing."""
    pause = SHORTEST
    while not stopping.is_set():
        each()
        taken = line.run()
        if any(taken.values()):
            log.info("took %s", " ".join(f"{name}={n}" for name, n in taken.items() if n))
            pause = SHORTEST
        else:
            stopping.wait(pause)
            pause = min(pause * 2, LONGEST)
    connections.close_all()


def heartbeat() -> Path:
    return Path(settings.HOME) / "conveyor.alive"


def beat() -> None:
    heartbeat().touch()


def is_alive() -> bool:
    try:
        return time.time() - heartbeat().stat().st_mtime < QUIET.total_seconds()
    except OSError:
        return False
