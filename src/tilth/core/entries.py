"""The entries of an agreement's lists, as a form adds, removes and moves them.

Source: docs/algorithms/agreement.md
"""

import copy
from typing import Any

from .kinds import EVERYONE
from .places import get, put, steps

LISTS = (
    "fit.rules", "fit.exclude", "segments", "interest.rules", "return_reasons", "recycle_reasons", "lost_reasons",
    "routing.pools",
)  # fmt: skip
FREE = ("glossary", "routing.accounts")  # parts whose names people choose


def act(document: Any, what: str, name: str, new_id: str) -> Any:
    """The document with an entry added, removed or moved.

    what      "add" (name is a list, `fit.rules`, or `glossary`), "remove", "up" or "down" (name is an entry of one)
    new_id    the id of an entry that is added; must not be there yet
    returns   a new document; the same one when there is nothing to do
    """
    out = copy.deepcopy(document) if isinstance(document, dict) else {}
    if what == "add" and name in (*LISTS, *FREE):
        _add(out, name, new_id)
        return out
    part, _bracket, place = name.removesuffix("]").partition("[")
    entries = get(out, steps(part))
    if part not in (*LISTS, *FREE) or not place.isdecimal() or not isinstance(entries, list | dict):
        return out
    n = int(place)
    if n < len(entries):
        put(out, steps(part), _without(entries, n) if what == "remove" else _moved(entries, n, what))
    return out


def _without(entries: Any, n: int) -> Any:
    if isinstance(entries, list):
        return [e for i, e in enumerate(entries) if i != n]
    return {k: v for i, (k, v) in enumerate(entries.items()) if i != n}


def _moved(entries: Any, n: int, what: str) -> Any:
    to = n + (1 if what == "down" else -1)
    if what not in ("up", "down") or not 0 <= to < len(entries):
        return entries
    pairs = list(entries if isinstance(entries, list) else entries.items())
    pairs[n], pairs[to] = pairs[to], pairs[n]
    return pairs if isinstance(entries, list) else dict(pairs)


def _add(document: dict[str, Any], name: str, new_id: str) -> None:
    way = steps(name)
    entries = get(document, way)
    if name in FREE:
        put(document, way, {**(entries if isinstance(entries, dict) else {}), "": ""})
        return
    condition = {"field": "company.industry", "in": []}
    new: dict[str, Any] = {"id": new_id, "say": ""}
    if name == "interest.rules":
        new |= {"when": {}, "points": 10, "half_life_days": 30, "at_most": 1}
    elif not name.endswith("_reasons"):
        new |= {"when": condition}
    if name == "fit.rules":
        new |= {"points": 10}
    have = entries if isinstance(entries, list) else []
    if name == "routing.pools":
        new |= {"members": EVERYONE}
        if not have:  # the last pool takes whoever is left
            del new["when"]
        put(document, way, [*have[:-1], new, *have[-1:]])
    else:
        put(document, way, [*have, new])
