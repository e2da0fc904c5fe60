"""Conveyors in processes of their own, on the database of the test. Each may be killed at a step that the test names.

Run as a script it loads Tilth once and forks workers for each line that it reads.
"""

import importlib
import itertools
import json
import os
import signal
import subprocess
import sys
from datetime import datetime
from functools import wraps
from pathlib import Path
from typing import Any, NamedTuple
from urllib.parse import urlsplit

KILLED = -signal.SIGKILL


class Step(NamedTuple):
    """Where a worker dies: before or after a call of a function, such as "tilth.handoff.verbs:move"; the first, or the n-th."""

    when: str
    called: str
    nth: int = 1


class Workers:
    """Starts workers that pass until nothing is left to take, and says how each ended: 0, or KILLED."""

    def __init__(self, database: dict[str, Any]) -> None:
        self._parent = subprocess.Popen(
            [sys.executable, __file__], env=_environment(database), stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
        )  # fmt: skip

    def run(self, now: datetime, die: Step | None = None, workers: int = 1, kill_after: float = 0) -> list[int]:
        """kill_after   seconds after which each is killed, wherever it is; 0: never"""
        assert self._parent.stdin
        assert self._parent.stdout
        order = {"now": now.isoformat(), "die": die, "workers": workers, "kill_after": kill_after}
        print(json.dumps(order), file=self._parent.stdin, flush=True)
        return json.loads(self._parent.stdout.readline())

    def close(self) -> None:
        self._parent.communicate(timeout=30)


def _environment(database: dict[str, Any]) -> dict[str, str]:
    """The test's own database, as settings read it."""
    if database["ENGINE"].endswith("sqlite3"):
        url = f"sqlite:///{database['NAME']}"
    else:
        url = urlsplit(os.environ["TILTH_DATABASE"])._replace(path=f"/{database['NAME']}").geturl()
    return {**os.environ, "TILTH_DATABASE": url, "PYTHONPATH": str(Path(__file__).parents[1])}


def main() -> None:
    import django

    django.setup()
    from tilth.core import holiday
    from tilth.site import working  # noqa: F401  so that every worker is there at once

    holiday.check("NL", "")  # the library loads all of its countries for one

    for line in sys.stdin:
        order = json.loads(line)
        children = [_fork(order) for _ in range(order["workers"])]
        print(json.dumps([os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]) for child in children]), flush=True)


def _fork(order: dict[str, Any]) -> int:
    child = os.fork()
    if child:
        return child
    try:
        _work(order)
    except BaseException:
        sys.excepthook(*sys.exc_info())
        os._exit(1)
    os._exit(0)


def _work(order: dict[str, Any]) -> None:
    from tilth import conveyor

    if order["die"]:
        _die_at(Step(*order["die"]))
    if order["kill_after"]:
        signal.signal(signal.SIGALRM, lambda *_: _die())
        signal.setitimer(signal.ITIMER_REAL, order["kill_after"])
    conveyor.run_dry(datetime.fromisoformat(order["now"]))


def _die_at(step: Step) -> None:
    place, _, name = step.called.partition(":")
    module = importlib.import_module(place)
    called = getattr(module, name)

    calls = itertools.count(1)

    @wraps(called)
    def dies(*args: Any, **kwargs: Any) -> Any:
        if next(calls) < step.nth:
            return called(*args, **kwargs)
        if step.when == "after":
            called(*args, **kwargs)
        return _die()

    setattr(module, name, dies)


def _die() -> None:
    os.kill(os.getpid(), signal.SIGKILL)


if __name__ == "__main__":
    main()
