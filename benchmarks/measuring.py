"""What a kind of work takes that runs in a process of its own."""

import resource
import time
from collections.abc import Callable
from typing import Any


def least(work: Callable[[], Any], rounds: int) -> tuple[Any, float, float]:
    """What it found, the least CPU seconds of some rounds, of all threads, and the peak of memory in megabytes.

    A first round, which compiles and warms, does not count.
    """
    spent = []
    for _ in range(rounds + 1):
        begin = time.process_time()
        found = work()
        spent.append(time.process_time() - begin)
    return found, min(spent[1:]), resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1e3
