"""What is different between two documents of an agreement, clause by clause, and how two people's work goes together.

A clause is named by its path, as faults are: `sla.marketing.leads`, `matrix.A[2]`. An entry of a list is named by its
`id` instead of its place, so that a name stays right when an entry above it goes: `fit.rules[demo].points`. Documents
may be unsound here: they are compared while somebody writes them. Source: docs/algorithms/agreement.md
"""

import re
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from .clauses.reader import share
from .terms import DISPATCH, LEVELS

WHOLE = ("when",)  # a test is one clause: half of an old one and half of a new one is none
GRID = re.compile(r"(?:matrix|expected\.chance)\.\w+")
_STEP = re.compile(r"\[([^\]]*)\]|([^.\[]+)")


@dataclass(frozen=True)
class Change:
    """One clause that is different. None means that it is not there; an entry of a list comes and goes whole.

    The order of a list's entries is a clause of its own: the path of the list, with the ids before and after.
    """

    path: str
    was: Any
    now: Any

    @property
    def part(self) -> str:
        """The part of the document that it belongs to: `fit`, `sla`."""
        return re.split(r"[.\[]", self.path, maxsplit=1)[0]


@dataclass(frozen=True)
class Clash:
    """One clause that two people changed, each in their own way."""

    path: str
    was: Any
    mine: Any
    theirs: Any


@dataclass(frozen=True)
class Merged:
    """Both people's work in one document. Where they clash it keeps mine."""

    document: Any
    clashes: tuple[Clash, ...]


def changes(old: Any, new: Any) -> list[Change]:
    """What is different, in the order of the old document, and then what is new.

    old, new   documents, sound or not
    returns    one Change per clause; [] when both say the same
    """
    return list(_changes(old, new, ""))


def merge(base: Any, mine: Any, theirs: Any) -> Merged:
    """Bring together what two people made of the same document.

    base       what both began with
    returns    every change of both; a clause that both changed is as in `mine`, and named as a clash
    """
    clashes: list[Clash] = []
    return Merged(_merge(base, mine, theirs, "", clashes), tuple(clashes))


def clause(document: Any, path: str) -> str:
    """The lasting name of a place in a document: entries by their id instead of their number.

    path       as a Fault gives it: "interest.rules[3].half_life_days"
    returns    "interest.rules[demo].half_life_days"; a step that leads nowhere stays as it is
    """
    out, here = "", document
    for step in _STEP.finditer(path):
        place, name = step.groups()
        if name is not None:
            out += f".{name}" if out else name
            here = here.get(name) if isinstance(here, Mapping) else None
        else:
            entries, here = here, None
            if isinstance(entries, list) and place.isdecimal() and int(place) < len(entries):
                here = entries[int(place)]
                place = here["id"] if _has_id(here) else place
            out += f"[{place}]"
    return out


def canonical(document: Any) -> Any:
    """A document as it is meant, so that two that mean the same compare equal.

    Shares are fractions, one first contact stands for every level, what is empty or as if unsaid is left out. What
    cannot be read stays as it was written.
    """
    if not isinstance(document, Mapping):
        return document
    doc = _without_nothing(document)
    for at, meant in _MEANT:
        _at(doc, at.split("."), meant)
    return doc


def _changes(old: Any, new: Any, path: str) -> Iterator[Change]:
    if _same(old, new):
        return
    parts = [{} if d is None else d for d in (old, new)]
    if all(isinstance(d, Mapping) for d in parts) and not path.endswith(WHOLE):
        for key in _keys(*parts):
            yield from _changes(parts[0].get(key), parts[1].get(key), f"{path}.{key}" if path else str(key))
    elif _by_id(old, new):
        yield from _entries(old or [], new or [], path)
    elif GRID.fullmatch(path) and _as_long(old, new):
        for i, (was, now) in enumerate(zip(old, new, strict=True)):
            yield from _changes(was, now, f"{path}[{i}]")
    else:
        yield Change(path, old, new)


def _entries(old: Sequence[Mapping], new: Sequence[Mapping], path: str) -> Iterator[Change]:
    was, now = ({e["id"]: e for e in entries} for entries in (old, new))
    for name in _keys(was, now):
        if name in was and name in now:
            yield from _changes(was[name], now[name], f"{path}[{name}]")
        else:
            yield Change(f"{path}[{name}]", was.get(name), now.get(name))
    before, after = [n for n in was if n in now], [n for n in now if n in was]
    if before != after:
        yield Change(path, list(was), list(now))


_GONE = object()


def _merge(base: Any, mine: Any, theirs: Any, path: str, clashes: list[Clash]) -> Any:
    if _alike(mine, theirs) or _alike(theirs, base):
        return mine
    if _alike(mine, base):
        return theirs
    all_three = (base, mine, theirs)
    if all(isinstance(d, Mapping) for d in (mine, theirs)) and not path.endswith(WHOLE):
        began = base if isinstance(base, Mapping) else {}
        return _merged_parts(began, mine, theirs, path, clashes)
    if _by_id(mine, theirs) and _by_id(base if isinstance(base, list) else [], mine):
        return _merged_entries(base if isinstance(base, list) else [], mine, theirs, path, clashes)
    if GRID.fullmatch(path) and _as_long(base, mine, theirs):
        cells = enumerate(zip(base, mine, theirs, strict=True))
        return [_merge(*cell, f"{path}[{i}]", clashes) for i, cell in cells]
    clashes.append(Clash(path, *(None if d is _GONE else d for d in all_three)))
    return mine


def _merged_parts(base: Mapping, mine: Mapping, theirs: Mapping, path: str, clashes: list[Clash]) -> dict[Any, Any]:
    out = {}
    for key in _keys(mine, theirs):
        at = f"{path}.{key}" if path else str(key)
        value = _merge(base.get(key, _GONE), mine.get(key, _GONE), theirs.get(key, _GONE), at, clashes)
        if value is not _GONE:
            out[key] = value
    return out


def _merged_entries(
    base: Sequence[Mapping], mine: Sequence[Mapping], theirs: Sequence[Mapping], path: str, clashes: list[Clash]
) -> list[Any]:
    """Entries in the order of whoever changed it; those that only one of us added come after the entry they followed."""
    began, ours, others = ({e["id"]: e for e in entries} for entries in (base, mine, theirs))
    moved = [n for n in ours if n in began] != [n for n in began if n in ours]
    first, second = (list(ours), list(others)) if moved else (list(others), list(ours))
    for before, name in zip([None, *second], second, strict=False):
        if name not in first:
            first.insert(first.index(before) + 1 if before in first else 0 if before is None else len(first), name)
    out = []
    for name in first:
        entry = _merge(
            began.get(name, _GONE), ours.get(name, _GONE), others.get(name, _GONE), f"{path}[{name}]", clashes
        )
        if entry is not _GONE:
            out.append(entry)
    return out


def _without_nothing(value: Any) -> Any:
    if isinstance(value, Mapping):
        parts = {str(k): _without_nothing(v) for k, v in value.items()}
        return {k: v for k, v in parts.items() if v is not None and v != "" and v != [] and v != {}}
    return [_without_nothing(v) for v in value] if isinstance(value, list) else value


def _at(here: Any, steps: Sequence[str], meant: Callable[[Any], Any]) -> None:
    """Put what is meant in place of what is written: "*" is every entry, or every named part."""
    step, *rest = steps
    keys: Iterable[Any] = ()
    if isinstance(here, list):
        keys = range(len(here)) if step == "*" else ()
    elif isinstance(here, dict):
        keys = list(here) if step == "*" else [step] if step in here else []
    for key in keys:
        if rest:
            _at(here[key], rest, meant)
        else:
            here[key] = meant(here[key])


def _a_share(value: Any) -> Any:
    read = share(value)
    return value if read is None else read


def _by_level(value: Any) -> Any:
    return value if isinstance(value, Mapping) else {str(level): value for level in LEVELS}


def _listed(value: Any) -> Any:
    return value if isinstance(value, list) else [value]


def _members(value: Any) -> Any:
    if value == "everyone in sales":
        return {}
    return dict.fromkeys(map(str, value), 1) if isinstance(value, list) else value


def _conditions(value: Any) -> Any:
    return value[0] if isinstance(value, list) and len(value) == 1 else value


def _routes(value: Any) -> Any:
    """Leads go by themselves unless somebody passes them on."""
    if not isinstance(value, Mapping) or value.get("dispatch") != DISPATCH[0]:
        return value
    return {k: v for k, v in value.items() if k != "dispatch"}


def _rule(value: Any) -> Any:
    """An interest rule: it counts once and raises no hand unless it says so."""
    if not isinstance(value, Mapping):
        return value
    rule = {"at_most": 1, **value}
    return {k: v for k, v in rule.items() if k != "raises_hand" or v}


_MEANT: tuple[tuple[str, Callable[[Any], Any]], ...] = (
    ("expected.chance.*.*", _a_share),
    ("sla.marketing.good_fit", _a_share),
    ("sla.sales.first_contact_hours", _by_level),
    ("interest.rules.*.when.kind", _listed),
    ("interest.rules.*.when.offer", _listed),
    ("interest.rules.*.when.event", _listed),
    ("interest.rules.*", _rule),
    ("routing.pools.*.members", _members),
    ("routing.pools.*.when", _conditions),
    ("routing", _routes),
    ("working_week.*", _listed),
)


def _keys(one: Iterable[Any], other: Iterable[Any]) -> list[Any]:
    return list(dict.fromkeys([*one, *other]))


def _has_id(entry: Any) -> bool:
    return isinstance(entry, Mapping) and isinstance(entry.get("id"), str)


def _by_id(one: Any, other: Any) -> bool:
    """Whether both are lists (or nothing) whose entries have names of their own, and at least one has an entry."""
    lists = [[] if entries is None else entries for entries in (one, other)]
    return (
        any(lists)
        and all(isinstance(entries, list) and all(map(_has_id, entries)) for entries in lists)
        and all(len({e["id"] for e in entries}) == len(entries) for entries in lists)
    )


def _as_long(*lists: Any) -> bool:
    return all(isinstance(cells, list) for cells in lists) and len({len(cells) for cells in lists}) == 1


def _alike(one: Any, other: Any) -> bool:
    """Equal, and of the same kind: 1 is not True. Nothing is the same whether or not it is written down."""
    one, other = (None if d is _GONE else d for d in (one, other))
    return _same(one, other)


def _same(one: Any, other: Any) -> bool:
    if isinstance(one, bool) or isinstance(other, bool):
        return one is other
    if isinstance(one, list) and isinstance(other, list):
        return len(one) == len(other) and all(map(_same, one, other))
    if isinstance(one, Mapping) and isinstance(other, Mapping):
        return one.keys() == other.keys() and all(_same(one[k], other[k]) for k in one)
    return bool(one == other)
