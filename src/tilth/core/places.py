"""A place in a document of named parts and lists: what stands there, and writing there."""

import itertools
import re
from collections.abc import Iterable, Mapping, Sequence
from typing import Any

GONE: Any = type("Gone", (), {"__repr__": lambda _self: "GONE", "__bool__": lambda _self: False})()  # not there
_STEP = re.compile(r"\[(\d+)\]|([^.\[\]]+)")


def get(document: Any, steps: Iterable[Any]) -> Any:
    """The value at a place; GONE when it is not there."""
    here = document
    for step in steps:
        if isinstance(here, list):
            here = here[step] if isinstance(step, int) and step < len(here) else GONE
        else:
            here = here.get(step, GONE) if isinstance(here, Mapping) else GONE
    return here


def put(document: dict[str, Any], steps: Sequence[str | int], value: Any) -> None:
    """Write a value at a place, making the way to it; GONE takes it away, and a list of which nothing is left."""
    last = steps[-1]
    here: Any = document
    for step, after in itertools.pairwise(steps):
        there = get(here, [step])
        if not isinstance(there, list if isinstance(after, int) else dict):
            if value is GONE:
                return
            there = [] if isinstance(after, int) else {}
            _set(here, step, there)
        here = there
    if value is not GONE:
        _set(here, last, value)
    elif isinstance(here, dict):
        here.pop(last, None)
    elif isinstance(last, int) and last < len(here):
        here[last] = None
        if len(steps) > 1 and all(value is None for value in here):
            put(document, steps[:-1], GONE)


def steps(path: str) -> tuple[str | int, ...]:
    """The steps of a path that this module wrote: names and numbers only."""
    return tuple(int(n) if n else name for n, name in _STEP.findall(path))


def _set(here: Any, step: str | int, value: Any) -> None:
    if isinstance(step, int):
        here.extend([None] * (step + 1 - len(here)))
    here[step] = value
