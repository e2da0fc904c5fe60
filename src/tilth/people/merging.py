"""Making one row of two, wherever something refers to them, and taking that back to the byte.

No room is named here: what refers to a person or a company is found through the models. Every step is recorded as it is
done; `undo` goes back through them. What each room means by it (one owner, one stage) is for `deals.merging`.
Source: docs/algorithms/merge.md
"""

from collections.abc import Callable, Iterable, Iterator, Mapping
from contextlib import contextmanager
from typing import Any

from django.apps import apps
from django.db import models
from django.db.models.fields.reverse_related import ForeignObjectRel

from . import rows
from .models import Mark, Phone
from .rows import Row, column_of, key_of

Model = type[models.Model]
ALIKE: dict[Model, tuple[str, ...]] = {Phone: ("number",), Mark: ("key",)}  # twice the same for one person says no more
Watched = Iterable[tuple[Model, str]]  # a table, and its column that names the survivor


class Record:
    """What was done, as JSON can keep it: each step with the name of its table.

    move   model, column, from, to, keys     references that point elsewhere
    take   model, rows                       rows that are gone
    add    model, keys                       rows that are new
    turn   model, key, {column: [was, is]}   rows with other values
    """

    def __init__(self, steps: list[list[Any]] | None = None):
        self.steps: list[list[Any]] = [] if steps is None else steps

    def move(self, model: Model, column: str, was: int, to: int, keys: list[Any]) -> None:
        """Let the reference of these rows point to the survivor."""
        if keys:
            rows.point(model, column, to, keys, was)
            self.steps.append(["move", model._meta.label, column, was, to, keys])

    def take(self, model: Model, gone: list[Row]) -> None:
        """Remove rows that nothing refers to any more."""
        if gone:
            rows.delete(model, [row[key_of(model)] for row in gone])
            self.steps.append(["take", model._meta.label, gone])

    def put(self, model: Model, new: list[Row]) -> None:
        """Add rows with their keys."""
        if new:
            rows.insert(model, new)
            self.steps.append(["add", model._meta.label, [row[key_of(model)] for row in new]])

    @contextmanager
    def watching(self, survivor: int, watched: Watched) -> Iterator[None]:
        """Whatever the code inside does to the rows that name the survivor becomes steps."""
        before = [(model, column, _by_key(model, column, survivor)) for model, column in watched]
        yield
        for model, column, was in before:
            self._note(model, was, _by_key(model, column, survivor))

    def _note(self, model: Model, was: dict[Any, Row], now: dict[Any, Row]) -> None:
        name = model._meta.label
        for key in was.keys() & now.keys():
            if turned := {c: [was[key][c], now[key][c]] for c in now[key] if was[key][c] != now[key][c]}:
                self.steps.append(["turn", name, key, turned])
        if gone := [row for key, row in was.items() if key not in now]:
            self.steps.append(["take", name, gone])
        if new := [key for key in now if key not in was]:
            self.steps.append(["add", name, new])


def join(model: Model, survivor: int, merged: int, record: Record) -> None:
    """Everything that refers to `merged` refers to `survivor`; then `merged` is gone. Inside a transaction, both locked.

    Where the survivor has its own row of which there can be one only, the two become one in the same way.
    """
    for relation in _relations(model):
        _follow(relation, survivor, merged, record)
    record.take(model, rows.read(model, key_of(model), [merged]))


def undo(steps: list[list[Any]]) -> None:
    """Go back through what a record says, the last step first.

    What came since stays: a reference that points elsewhere by now, or a value that somebody changed, is left as it is.
    """
    for what, label, *rest in reversed(steps):
        model = apps.get_model(label)
        if what == "move":
            column, was, to, keys = rest
            rows.point(model, column, was, keys, to)
        elif what == "take":
            there = {row[key_of(model)] for row in rows.read(model, key_of(model), [r[key_of(model)] for r in rest[0]])}
            rows.insert(model, [row for row in rest[0] if row[key_of(model)] not in there])
        elif what == "add":
            rows.delete(model, rest[0])
        else:
            _turn_back(model, *rest)


def _turn_back(model: Model, key: Any, turned: Mapping[str, list[Any]]) -> None:
    now = next(iter(rows.read(model, key_of(model), [key])), None)
    if now is not None:
        rows.change(model, key, {c: was for c, (was, then) in turned.items() if now.get(c) == then})


def _follow(relation: ForeignObjectRel, survivor: int, merged: int, record: Record) -> None:
    """One kind of reference: moved, or made one with what the survivor has already."""
    model, field = relation.related_model, relation.field
    assert not isinstance(model, str)
    rivals, others = _rivals(model, field, survivor, merged), _others(model, field)
    moved = list(model._base_manager.filter(**{field.attname: merged}).order_by("pk").values_list("pk", flat=True))
    if rivals or others or field.primary_key:
        stay = {row[key_of(model)]: row for row in rows.read(model, column_of(field), [merged])}
        moved = []
        for key, row in stay.items():
            double = next((rival for of in rivals if (rival := of(row)) is not None), None)
            if any(_number(row[column_of(f)]) == survivor for f in others):
                _drop(model, row, record)  # a row about two that are one says nothing any more
            elif double is not None:
                join(model, double, key, record)
            elif field.primary_key:
                record.take(model, [row])
                record.put(model, [{**row, column_of(field): _like(key, survivor)}])
            else:
                moved.append(_number(key))
    record.move(model, column_of(field), merged, survivor, moved)


Rival = Callable[[Row], Any]  # to a row, the key of the one beside which it cannot stand; None where it can


def _rivals(model: Model, field: models.Field, survivor: int, merged: int) -> list[Rival]:
    """One for each rule by which there can be only one row of a kind."""
    rules: list[tuple[tuple[str, ...], models.Q]] = [((), models.Q())] if field.unique else []
    rules += [
        (tuple(n for n in c.fields if n != field.name), c.condition or models.Q())
        for c in model._meta.constraints
        if isinstance(c, models.UniqueConstraint) and field.name in c.fields
    ]
    if model in ALIKE:
        rules.append((ALIKE[model], models.Q()))
    return [_rival(model, field, names, condition, survivor, merged) for names, condition in rules]


def _rival(
    model: Model, field: models.Field, names: Iterable[str], condition: models.Q, survivor: int, merged: int
) -> Rival:
    fields = {f.name: f for f in model._meta.concrete_fields}
    columns = [column_of(fields[n]) for n in names]

    def of(person: int) -> list[Row]:
        keys = model._base_manager.filter(condition, **{field.attname: person}).values_list("pk", flat=True)
        return rows.read(model, key_of(model), list(keys))

    mine = {tuple(row[c] for c in columns): row[key_of(model)] for row in of(survivor)}
    subject = {row[key_of(model)] for row in of(merged)} if mine else set()

    def rival(row: Row) -> Any:
        told = tuple(row[c] for c in columns)
        return mine.get(told) if row[key_of(model)] in subject and None not in told else None

    return rival


def _others(model: Model, field: models.Field) -> list[models.Field]:
    """The other references of a table to the same kind."""
    return [f for f in model._meta.concrete_fields if f.related_model is field.related_model and f is not field]


def _drop(model: Model, row: Row, record: Record) -> None:
    """Take a row away, with what stands on it."""
    for relation in _relations(model):
        other = relation.related_model
        assert not isinstance(other, str)
        for standing in rows.read(other, column_of(relation.field), [_number(row[key_of(model)])]):
            _drop(other, standing, record)
    record.take(model, [row])


def _relations(model: Model) -> list[ForeignObjectRel]:
    """Everything that refers to a model, also what it gave no name for."""
    return [
        f
        for f in model._meta.get_fields(include_hidden=True)
        if isinstance(f, ForeignObjectRel) and not f.many_to_many and f.field.concrete
    ]


def _by_key(model: Model, column: str, value: int) -> dict[Any, Row]:
    return {row[key_of(model)]: row for row in rows.read(model, column, [value])}


def _number(value: Any) -> Any:
    """A key as a number: PostgreSQL tells everything as text."""
    return int(value) if isinstance(value, str) and value.isdigit() else value


def _like(value: Any, number: int) -> Any:
    return str(number) if isinstance(value, str) else number
