"""A draft as the editor shows it: parts with sentences, each with its controls, what it was, and what is wrong.

Everything here is a value: the same document, shown twice, gives equal rows. So the editor knows which sentences of a
page that somebody has open are out of date, and sends only those.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any

from django.utils.safestring import SafeString
from django.utils.translation import gettext as _

from tilth.core.blanks import Blank, Known, blanks, lasting, place
from tilth.core.clauses.reader import Fault
from tilth.core.entries import FREE, LISTS
from tilth.core.kinds import OperandOf, TestOf
from tilth.core.several import FieldAt, OperandAt, TestAt
from tilth.core.terms import GRADES, LEVELS
from tilth.core.written import number

from . import sentences
from .controls import control, ident, said
from .writing import LABELS, PARTS, sentence

GRID = ("matrix.", "expected.chance.", "fit.grades", "interest.levels")
MOVABLE = ("segments", "routing.pools", "return_reasons", "recycle_reasons", "lost_reasons")


@dataclass(frozen=True)
class Held:
    """What somebody typed where somebody else had saved another text meanwhile."""

    texts: tuple[str, ...]
    theirs: str
    who: str


@dataclass(frozen=True)
class Row:
    """One sentence. `name` is its place now, `lasting` with ids; `was` and `new` compare with the version it is based on."""

    name: str
    lasting: str
    sentence: SafeString
    was: str = ""
    new: bool = False
    faults: tuple[Fault, ...] = ()
    held: tuple[tuple[str, Held], ...] = ()
    acts: tuple[str, ...] = ()
    called: str = ""

    @property
    def id(self) -> str:
        return "row-" + ident(self.name)

    @property
    def why(self) -> str:
        return "why-" + ident(self.name)


@dataclass(frozen=True)
class Part:
    """One sheet of the editor. `adds` is the list that its button adds to; `gone` are entries of the older version."""

    key: str
    title: str
    rows: tuple[Row, ...]
    hint: str = ""
    adds: str = ""
    add: str = ""
    gone: tuple[tuple[str, str], ...] = ()
    faults: tuple[Fault, ...] = ()
    grid: Any = None

    @property
    def outline(self) -> tuple[Any, ...]:
        """What makes the sheet another one than before, apart from its sentences."""
        return self.key, [(r.name, r.lasting) for r in self.rows], self.gone, self.faults, self.grid


@dataclass(frozen=True)
class Page:
    parts: tuple[Part, ...]
    faults: tuple[tuple[str, Fault], ...]  # each with the id of where it can be mended
    changed: int

    def rows(self) -> Iterator[Row]:
        return (row for part in self.parts for row in part.rows)


@dataclass
class Drafting:
    """A document on its way to the page. `based_on` is the document of the version that it changes, if any."""

    document: Any
    based_on: Any
    known: Known
    mark: str = "."
    faults: Sequence[Fault] = ()
    held: Mapping[str, Held] = field(default_factory=dict)

    def page(self) -> Page:
        self.form = blanks(self.document, self.known, self.mark)
        older = blanks(self.based_on, self.known, self.mark) if self.based_on else {}
        self.older = {b.lasting: b for b in older.values()}
        self.wrong, rest = place(self.faults, self.form)
        self.by_row: dict[str, list[Blank]] = {}
        for blank in self.form.values():
            self.by_row.setdefault(blank.row, []).append(blank)
        parts = tuple(self._part(key, rest) for key in PARTS)
        changed = sum(len(p.gone) + sum(bool(r.was or r.new) for r in p.rows) for p in parts)
        changed += sum(self._was(name) != "" for name in self.form if name.startswith(GRID))
        return Page(parts, tuple((self._home(f), f) for f in self.faults), changed)

    def _part(self, key: str, rest: list[Fault]) -> Part:
        part = PARTS[key]
        inside = tuple(f"{n}[" for n in part.names)
        return Part(
            key, str(part.title),
            tuple(self._row(name) for n in part.names for name in self._rows_of(n)), str(part.hint),
            next((n for n in part.names if n in (*LISTS, *FREE)), ""), str(part.add), self._gone(part.names),
            tuple(f for f in rest if f.path in part.names or f.path.startswith(inside)),
            self._grid() if key == "matrix" else None,
        )  # fmt: skip

    def _rows_of(self, name: str) -> Iterator[str]:
        if name in (*LISTS, *FREE):
            return (row for row in self.by_row if row.startswith(f"{name}["))
        return iter([name] if name in self.by_row else [])

    def _row(self, name: str) -> Row:
        mine, part = self.by_row[name], name.partition("[")[0]
        listed = part in (*LISTS, *FREE)
        older = [(b, self.older.get(b.lasting)) for b in mine]
        new = bool(self.older) and listed and not any(o for _b, o in older)
        was = [
            said(o) if o else _("nothing")
            for b, o in older
            if self.older and set(b.texts) - {""} != (set(o.texts) if o else set()) - {""}
        ]
        acts = ("up", "down", "remove") if part in MOVABLE else ("remove",) if listed else ()
        return Row(
            name, lasting(self.document, name), sentence(part, self._controls(name, mine)),
            "" if new else sentences.both(was), new,
            tuple(f for b in mine for f in self.wrong.get(b.name, ())),
            tuple((b.name, self.held[b.name]) for b in mine if b.name in self.held), acts,
            next((b.text for b in mine if b.name.endswith((".say", ".word"))), ""),
        )  # fmt: skip

    def _controls(self, row: str, mine: Sequence[Blank]) -> dict[str, SafeString]:
        """The controls of a row, by the last step of their names."""
        by_step = {_last_step(row, b.name): b for b in mine}
        out = {}
        for step, blank in by_step.items():
            nth = _nth(blank)
            more = dict(_label(row, blank, step))
            if step == "offer" and "more" in by_step:
                more["after"] = self._control(by_step["more"], LABELS["more"])
            if isinstance(blank.kind, OperandOf):
                looks_at, test = by_step[f"field{nth}"].text, by_step[f"test{nth}"].text
                more |= {"none": test in ("known", "unknown") or not looks_at, "yes_no": looks_at == "email.free"}
            if isinstance(blank.kind, TestOf):
                more["none"] = not by_step[f"field{nth}"].text
            out[step] = self._control(blank, more)
        return out

    def _control(self, blank: Blank, more: Mapping[str, Any]) -> SafeString:
        if held := self.held.get(blank.name):
            blank = replace(blank, texts=held.texts)
        given: dict[str, Any] = {k: v if isinstance(v, bool | SafeString) else str(v) for k, v in more.items()}
        return control(blank, given.pop("label", ""), blank.name in self.wrong, **given)

    def _gone(self, names: Sequence[str]) -> tuple[tuple[str, str], ...]:
        """Entries of the older version that this one no longer has: their lasting name, and what they say."""
        have = {lasting(self.document, row) for row in self.by_row if "[" in row}
        return tuple(
            (entry, blank.text)
            for name, blank in self.older.items()
            if name.endswith(("].say", "].word")) and name.partition("[")[0] in names
            for entry in [name.rpartition(".")[0]]
            if entry not in have
        )

    def _grid(self) -> dict[str, Any]:
        """The matrix: where levels and grades begin, and a cell for each pair."""
        return {
            "heads": [self._begins("interest.levels", str(n)) for n in LEVELS],
            "rows": [{**self._begins("fit.grades", g), "cells": [self._cell(g, i) for i in range(len(LEVELS))]} for g in GRADES],
            "faults": tuple(f for name, faults in self.wrong.items() if name.startswith(GRID) for f in faults),
            "held": tuple((name, held) for name, held in self.held.items() if name.startswith(GRID)),
        }  # fmt: skip

    def _begins(self, part: str, step: str) -> dict[str, Any]:
        name = f"{part}.{step}"
        points = number(self.form[name].text) if name in self.form else ""
        slider = (
            {"at": str(points), "least": str(min(0, points)), "most": str(max(100, 2 * points))}
            if isinstance(points, int | float)
            else None
        )
        label = _("Fit %(step)s begins at") if part == "fit.grades" else _("Interest %(step)s begins at")
        there = name in self.form
        return {
            "step": step,
            "from": self._control(self.form[name], {"label": label % {"step": step}}) if there else None,
            "id": ident(name), "slider": slider, "was": self._was(name) if there else "",
        }  # fmt: skip

    def _cell(self, grade: str, i: int) -> dict[str, Any]:
        do, chance = f"matrix.{grade}[{i}]", f"expected.chance.{grade}[{i}]"
        where = {"grade": grade, "level": LEVELS[i]}
        return {
            "look": sentences.LOOKS.get(self.form[do].text, ("drop", "x"))[0],
            "do": self._control(self.form[do], {"label": _("Fit %(grade)s, interest %(level)s") % where}),
            "chance": self._control(self.form[chance], {"label": _("Chance of a sale at fit %(grade)s, interest %(level)s") % where}),
            "was": self._was(do), "was_chance": self._was(chance),
        }  # fmt: skip

    def _was(self, name: str) -> str:
        now = self.form[name]
        then = self.older.get(now.lasting)
        return said(then) if then and then.texts != now.texts else ""

    def _home(self, fault: Fault) -> str:
        """The id of the control where a fault can be mended, or of its part; "" when the editor does not show it."""
        name = next((n for n, faults in self.wrong.items() if fault in faults), None)
        if name:
            return ident(name)
        return next((f"part-{key}" for key, p in PARTS.items() if fault.path.startswith(tuple(p.names))), "")


def _label(row: str, blank: Blank, step: str) -> Mapping[str, Any]:
    """What a control is called: by its whole name, by its list and last step, or by that step alone."""
    if nth := _nth(blank):
        step = step.removesuffix(nth)
        if isinstance(blank.kind, FieldAt):
            step = "more field"
    found = LABELS.get(blank.name) or LABELS.get(f"{row.partition('[')[0]}.{step}") or LABELS.get(step)
    return found or {"label": step.removeprefix("offer ")}


def _nth(blank: Blank) -> str:
    """Which of several conditions a control belongs to: "" for the first, "2", …"""
    kind = blank.kind
    return str(kind.n + 1) if isinstance(kind, FieldAt | TestAt | OperandAt) and kind.n else ""


def _last_step(row: str, name: str) -> str:
    """What a control is called in its sentence: the part after ":", or else the last step of the path."""
    inside = name.removeprefix(row).lstrip(".") or name
    _path, colon, part = inside.partition(":")
    return part if colon else inside.rpartition(".")[2]
