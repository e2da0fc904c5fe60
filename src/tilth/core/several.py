"""Several conditions at one place of an agreement, of which all must hold; one may stand without a list.

Each kind is that of one condition (`kinds`), for the n-th of several. Behind the last there is room to add one.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from .kinds import FieldOf, OperandOf, TestOf
from .places import GONE


@dataclass(frozen=True)
class _OfSeveral:
    """Makes the kind that stands behind it in a class that of the n-th of several."""

    n: int = 0

    def show(self, value: Any, mark: str) -> tuple[str, ...]:
        return super().show(_nth(value, self.n), mark)  # type: ignore[misc]  # the kind behind it has one

    def read(self, texts: Sequence[str], was: Any) -> Any:
        return _with_nth(was, self.n, super().read(texts, _nth(was, self.n)))  # type: ignore[misc]


@dataclass(frozen=True)
class FieldAt(_OfSeveral, FieldOf):
    """The attribute of the n-th of several conditions, where one may stand without a list. Behind the last: to add one."""


@dataclass(frozen=True)
class TestAt(_OfSeveral, TestOf):
    """The test of the n-th of several conditions."""


@dataclass(frozen=True)
class OperandAt(_OfSeveral, OperandOf):
    """What the n-th of several conditions compares with."""


def _nth(value: Any, n: int) -> Any:
    """The n-th of several, or the only one; GONE behind the last."""
    if isinstance(value, list):
        return value[n] if n < len(value) else GONE
    return value if n == 0 else GONE


def _with_nth(value: Any, n: int, new: Any) -> Any:
    """Several with the n-th as it is now; one stays without a list."""
    if not isinstance(value, list):
        if n == 0:
            return new
        return value if new is GONE else [value, new]
    out = [*value[:n], *([] if new is GONE else [new]), *value[n + 1 :]]
    return out or GONE
