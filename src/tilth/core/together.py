"""Two people fill in the same form: everything that does not touch the same place goes together, and nothing is lost.

Source: docs/algorithms/agreement.md
"""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from .blanks import Blank, Known, blanks
from .compare import merge
from .places import get, put, steps


@dataclass(frozen=True)
class Together:
    """What is stored, and what could not be brought together.

    document   every change of both; a place that both filled in says what was stored first
    held       blank of `document` to what was typed there, to be decided by who typed it
    back       entries that one removed while the other changed them, as they are in `document`: changing wins
    """

    document: Any
    held: Mapping[str, tuple[str, ...]]
    back: tuple[str, ...]


def together(base: Any, mine: Any, stored: Any, known: Known | None = None, mark: str = ".") -> Together:
    """What I made of a document, together with what others stored meanwhile.

    base     what I began with
    stored   what others made of it
    """
    found = merge(base, stored, mine)  # where both changed the same, what is stored stays
    back = []
    for clash in found.clashes:
        if isinstance(entry := clash.theirs, Mapping) and clash.mine is None and clash.path.endswith("]"):
            place = steps(clash.path.rpartition("[")[0])
            put(found.document, place, [*(get(found.document, place) or []), entry])
        if clash.path.endswith("]") and None in (clash.mine, clash.theirs):
            back.append(clash.path)
    return Together(found.document, _held(base, mine, found.document, known or Known(), mark), tuple(back))


def _held(base: Any, mine: Any, document: Any, known: Known, mark: str) -> dict[str, tuple[str, ...]]:
    """What I typed that the document does not say."""
    began, typed = (_lasting(d, known, mark) for d in (base, mine))
    return {
        blank.name: typed[blank.lasting].texts
        for blank in blanks(document, known, mark).values()
        if blank.lasting in typed
        and not _says(typed[blank.lasting], blank)
        and not (blank.lasting in began and _says(typed[blank.lasting], began[blank.lasting]))
    }


def _lasting(document: Any, known: Known, mark: str) -> dict[str, Blank]:
    return {b.lasting: b for b in blanks(document, known, mark).values()}


def _says(one: Blank, other: Blank) -> bool:
    return set(one.texts) == set(other.texts)
