"""What people type into an agreement, and the value that it stands for: numbers, shares, lists, times, conditions.

A kind shows a value as text and reads a text as a value. What cannot be read stays as it was typed, so that nothing
typed is lost: the document then holds a text where a number belongs, and `agreement.read` names the place.
Source: docs/algorithms/agreement.md
"""

import json
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any, Protocol

from .places import GONE
from .terms import DAYS, FREE_MAIL, NAMES_A_PERSON, TESTS
from .written import hour, is_number, listed, number, shown, words

EVERYONE = "everyone in sales"
_BETWEEN = re.compile(r"\s*(?:–|—|;|\.\.|\b(?:to|and|tot|en|bis|und)\b)\s*|(?<=\d)\s*-\s*(?=\d)|\s+-\s+|,\s+")
_DAY = re.compile(r"(\d{1,2})[-.](\d{1,2})[-.](\d{4})")


class Kind(Protocol):
    """How one place of a document is shown and read.

    show   a value, or GONE when the place is not there; the decimal mark of the page -> the texts of the control
    read   what was typed, and the value before -> the new value; GONE takes the place away
    """

    def show(self, value: Any, mark: str) -> tuple[str, ...]: ...

    def read(self, texts: Sequence[str], was: Any) -> Any: ...


@dataclass(frozen=True)
class Text:
    """Plain text. An empty `optional` one is taken away."""

    optional: bool = False

    def show(self, value: Any, mark: str) -> tuple[str, ...]:
        return (_plain(value),)

    def read(self, texts: Sequence[str], was: Any) -> Any:
        text = _last(texts)
        return GONE if self.optional and not text else text


@dataclass(frozen=True)
class Number:
    """A number, with a point or a comma. A text that looks like a number is shown in quotation marks."""

    def show(self, value: Any, mark: str) -> tuple[str, ...]:
        if isinstance(value, str):
            return (json.dumps(value) if not isinstance(number(value), str) else value,)
        return (shown(value, mark) if is_number(value) else _plain(value),)

    def read(self, texts: Sequence[str], was: Any) -> Any:
        text = _last(texts)
        return number(text) if text else GONE


@dataclass(frozen=True)
class Share:
    """A share: "60%", "1/3" and "0,6" stay as they are meant; a bare number above 1 is a percentage."""

    def show(self, value: Any, mark: str) -> tuple[str, ...]:
        return (shown(value, mark) if is_number(value) else _plain(value),)

    def read(self, texts: Sequence[str], was: Any) -> Any:
        text = re.sub(r"\s*([%/])\s*", r"\1", _last(texts))
        if re.fullmatch(r"\d*,\d+%?", text):
            text = text.replace(",", ".")
        if re.fullmatch(r"\d+(?:\.\d+)?", text) and 1 < float(text) <= 100:
            text += "%"
        return text or GONE


@dataclass(frozen=True)
class Choice:
    """One of a few words; choosing nothing takes the place away."""

    options: tuple[str, ...]

    def show(self, value: Any, mark: str) -> tuple[str, ...]:
        return (_plain(value),)

    def read(self, texts: Sequence[str], was: Any) -> Any:
        return _last(texts) or GONE


@dataclass(frozen=True)
class Flag:
    """Yes, or not there. A document may spell it in words."""

    def show(self, value: Any, mark: str) -> tuple[str, ...]:
        return ("yes",) if value and value != "no" else ()

    def read(self, texts: Sequence[str], was: Any) -> Any:
        return True if "yes" in texts else GONE


@dataclass(frozen=True)
class Picks:
    """Some of a few words, ticked. `one` allows a single one to stand without a list; none takes the place away."""

    options: tuple[str, ...]
    one: bool = False

    def show(self, value: Any, mark: str) -> tuple[str, ...]:
        return tuple(map(_plain, _items(value)))

    def read(self, texts: Sequence[str], was: Any) -> Any:
        ticked = [t for t in texts if t]
        kept = [v for v in _items(was) if _plain(v) in ticked]
        chosen = kept + [t for t in dict.fromkeys(ticked) if t not in set(map(_plain, kept))]
        if self.one and (not chosen or (len(chosen) == 1 and not isinstance(was, list))):
            return chosen[0] if chosen else GONE
        return chosen


@dataclass(frozen=True)
class More:
    """Words to add to a list of picks; always shown empty."""

    def show(self, value: Any, mark: str) -> tuple[str, ...]:
        return ("",)

    def read(self, texts: Sequence[str], was: Any) -> Any:
        have = list(_items(was))
        new = [w for w in words(_last(texts)) if w not in have]
        return have + new if have or len(new) > 1 else new[0] if new else was


@dataclass(frozen=True)
class Words:
    """A list, written with commas. An empty `optional` one is taken away; `one` as in Picks."""

    optional: bool = False
    one: bool = False

    def show(self, value: Any, mark: str) -> tuple[str, ...]:
        return (listed(map(_plain, value)) if isinstance(value, list) else self._single(value),)

    def read(self, texts: Sequence[str], was: Any) -> Any:
        before = {_plain(v): v for v in _items(was)}
        found = [before.get(w, w) for w in map(self.item, words(_last(texts)))]
        if not found and self.optional:
            return GONE
        return found[0] if self.one and len(found) == 1 and not isinstance(was, list) else found

    def item(self, text: str) -> str:
        return text

    def _single(self, value: Any) -> str:
        return listed([value]) if isinstance(value, str) and value else _plain(value)


@dataclass(frozen=True)
class Days(Words):
    """A list of dates: 2026-12-24; 24-12-2026 and 24.12.2026 are the same."""

    def item(self, text: str) -> str:
        found = _DAY.fullmatch(text)
        try:
            return date(int(found[3]), int(found[2]), int(found[1])).isoformat() if found else text
        except ValueError:
            return text


@dataclass(frozen=True)
class Spans(Words):
    """Opening hours of a day: "09:00-12:30, 13:00-17:00"; "9-17" and "9.00 – 17.30" are understood."""

    def item(self, text: str) -> str:
        ends = [hour(end) for end in re.split(r"\s*[-–—]\s*", text)]
        return "-".join(ends) if len(ends) == 2 else text


@dataclass(frozen=True)
class DayOf:
    """The day of a moment of the week: "monday 09:00"."""

    options: tuple[str, ...] = DAYS

    def show(self, value: Any, mark: str) -> tuple[str, ...]:
        return (_moment(value)[0],)

    def read(self, texts: Sequence[str], was: Any) -> Any:
        return f"{_last(texts)} {_moment(was)[1]}".strip() or GONE


@dataclass(frozen=True)
class TimeOf:
    """The time of a moment of the week. A moment that cannot be read is shown here whole."""

    def show(self, value: Any, mark: str) -> tuple[str, ...]:
        return (_moment(value)[1],)

    def read(self, texts: Sequence[str], was: Any) -> Any:
        return f"{_moment(was)[0]} {hour(_last(texts))}".strip() or GONE


@dataclass(frozen=True)
class FieldOf:
    """Which attribute a condition looks at; `optional`: looking at none takes the condition away."""

    options: tuple[str, ...]
    optional: bool = False

    def show(self, value: Any, mark: str) -> tuple[str, ...]:
        return (_plain(_named(value).get("field", GONE)),)

    def read(self, texts: Sequence[str], was: Any) -> Any:
        name = _last(texts)
        if not name and self.optional:
            return GONE
        rest = {k: v for k, v in _named(was).items() if k not in TESTS}
        if name == FREE_MAIL:
            return {**rest, "field": name, "is": "True"}
        if name in NAMES_A_PERSON:
            return {**rest, "field": name, "known": True}
        tests = {k: v for k, v in _named(was).items() if k in TESTS}
        return {**rest, "field": name, **(tests or {"in": []})}


@dataclass(frozen=True)
class TestOf:
    """How a condition looks at its attribute: one of TESTS, or "unknown" for `known: false`. Not one test: ""."""

    options: tuple[str, ...] = (*TESTS, "unknown")

    def show(self, value: Any, mark: str) -> tuple[str, ...]:
        return (_test(value),)

    def read(self, texts: Sequence[str], was: Any) -> Any:
        test, text = _last(texts), OperandOf().show(was, ".")[0]
        if not isinstance(was, Mapping):
            return was
        rest = {k: v for k, v in _named(was).items() if k not in TESTS}
        if test in ("known", "unknown"):
            return {**rest, "known": test == "known"}
        return {**rest, test: operand(test, text)} if test in TESTS else rest


@dataclass(frozen=True)
class OperandOf:
    """What a condition compares with, as its test wants it: a list, two numbers, one, or a text."""

    def show(self, value: Any, mark: str) -> tuple[str, ...]:
        test = _test(value)
        wanted = _named(value).get(test, GONE)
        if test == "known":
            return ("",)
        if test == "between" and isinstance(wanted, list) and len(wanted) == 2 and all(map(is_number, wanted)):
            return (" – ".join(shown(w, mark) for w in wanted),)
        if test in ("in", "contains"):
            return Words().show(wanted, mark)
        return Number().show(wanted, mark) if test in ("at_least", "at_most") else (_plain(wanted),)

    def read(self, texts: Sequence[str], was: Any) -> Any:
        test = _test(was)
        if test not in TESTS or test == "known":
            return was
        return {**_named(was), test: operand(test, _last(texts), _named(was).get(test))}


@dataclass(frozen=True)
class WeightOf:
    """How many turns one member of a pool gets; without anybody the pool is everyone in sales."""

    email: str

    def show(self, value: Any, mark: str) -> tuple[str, ...]:
        return Number().show(_weights(value).get(self.email, GONE), mark)

    def read(self, texts: Sequence[str], was: Any) -> Any:
        weight = Number().read(texts, was)
        out = {who: n for who, n in _weights(was).items() if who != self.email or weight is not GONE}
        if weight is not GONE:
            out[self.email] = weight
        return out or EVERYONE


@dataclass(frozen=True)
class StageOf:
    """To which stage of the buyer's journey an offer belongs; to none is possible."""

    offer: str
    options: tuple[str, ...]

    def show(self, value: Any, mark: str) -> tuple[str, ...]:
        return (next((s for s in self.options if self.offer in map(_plain, _items(_named(value).get(s)))), ""),)

    def read(self, texts: Sequence[str], was: Any) -> Any:
        out = dict(_named(was))
        for stage in self.options:
            if self.offer in map(_plain, have := _items(out.get(stage))):
                out[stage] = [v for v in have if _plain(v) != self.offer]
        if stage := _last(texts):
            out[stage] = [*_items(out.get(stage)), self.offer]
        return out or was


@dataclass(frozen=True)
class HoursOf:
    """Hours of one interest level, where one number for all levels may stand as well."""

    level: str
    levels: tuple[str, ...]

    def show(self, value: Any, mark: str) -> tuple[str, ...]:
        return Number().show(value.get(self.level, GONE) if isinstance(value, Mapping) else value, mark)

    def read(self, texts: Sequence[str], was: Any) -> Any:
        new = Number().read(texts, was)
        out = dict(was) if isinstance(was, Mapping) else {} if was is GONE else dict.fromkeys(self.levels, was)
        out.pop(self.level, None) if new is GONE else out.update({self.level: new})
        return out or GONE


@dataclass(frozen=True)
class WordAt:
    """The n-th word of a glossary. A word that is there already gets a number, so that no meaning is lost."""

    n: int

    def show(self, value: Any, mark: str) -> tuple[str, ...]:
        return (list(value)[self.n],)

    def read(self, texts: Sequence[str], was: Any) -> Any:
        others = {k for i, k in enumerate(was) if i != self.n}
        word = new = _last(texts)
        for i in range(2, len(was) + 3):
            if new not in others:
                break
            new = f"{word} ({i})"
        return {new if i == self.n else k: v for i, (k, v) in enumerate(was.items())}


@dataclass(frozen=True)
class MeaningAt:
    """What the n-th word of a glossary means."""

    n: int

    def show(self, value: Any, mark: str) -> tuple[str, ...]:
        return (_plain(list(value.values())[self.n]),)

    def read(self, texts: Sequence[str], was: Any) -> Any:
        return {k: _last(texts) if i == self.n else v for i, (k, v) in enumerate(was.items())}


def operand(test: str, text: str, was: Any = None) -> Any:
    """What a test compares with, from text; the text itself where it cannot be read."""
    if test in ("in", "contains"):
        return Words().read([text], was)
    if test in ("at_least", "at_most"):
        return number(text)
    if test == "between":
        ends = [number(part) for part in _BETWEEN.split(text) if part]
        return ends if len(ends) == 2 and not any(isinstance(e, str) for e in ends) else text
    return text


def _last(texts: Sequence[str]) -> str:
    return texts[-1].strip() if texts else ""


def _plain(value: Any) -> str:
    if value is GONE or value is None:
        return ""
    return value if isinstance(value, str) else json.dumps(value, ensure_ascii=False)


def _items(value: Any) -> Sequence[Any]:
    return value if isinstance(value, list) else () if value in (None, GONE, "") else [value]


def _named(value: Any) -> Mapping[str, Any]:
    return value if isinstance(value, Mapping) else {}


def _moment(value: Any) -> tuple[str, str]:
    text = _plain(value).strip()
    day, _space, rest = text.partition(" ")
    return (day.lower(), rest.strip()) if day.lower() in DAYS else ("", text)


def _test(value: Any) -> str:
    tests = [t for t in TESTS if t in _named(value)]
    if len(tests) != 1:
        return ""
    return "unknown" if tests == ["known"] and not value["known"] else tests[0]


def _weights(value: Any) -> dict[str, Any]:
    if isinstance(value, list):
        return dict.fromkeys(map(_plain, value), 1)
    return dict(_named(value))
