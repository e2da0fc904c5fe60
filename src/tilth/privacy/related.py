"""Every row of every room that is about one person, found by how tables refer to each other: a new room joins by existing.

A row belongs to the person that it names itself; where it names none, to the person of the row that it hangs on (a
verdict on its handoff, a nameless touch on its visitor).
"""

from collections.abc import Iterator
from dataclasses import dataclass
from itertools import chain

from django.apps import apps
from django.db.models import ForeignKey, Model, Q, QuerySet

from tilth.capture.understand import USER
from tilth.core import identity
from tilth.core.forgetting import Ways
from tilth.journal.models import Entry
from tilth.people import links
from tilth.people.models import Email, Link, Merge, Person, PersonId, Phone, Visitor

DEEPEST = 4  # tables from the person: handoff, obligation, settlement


@dataclass(frozen=True)
class Table:
    """One table, and which of its rows are about a person."""

    model: type[Model]
    depth: int
    who: tuple[str, ...]  # columns that name a person
    paths: tuple[str, ...]  # ways to a person over other tables

    @property
    def label(self) -> str:
        return self.model._meta.label_lower

    def rows(self, person: int) -> QuerySet:
        named = Q(*(Q(**{name: person}) for name in self.who), _connector=Q.OR) if self.who else Q(pk__in=[])
        hanging = Q(*(Q(**{path: person}) for path in self.paths), _connector=Q.OR) if self.paths else Q(pk__in=[])
        nameless = Q(**{f"{name}__isnull": True for name in self.who}) if self.who else Q()
        rows = self.model._base_manager.filter(named | (hanging & nameless))
        return rows.filter(pk__in=rows.values("pk")) if self.paths else rows  # joins may find a row twice


def tables() -> list[Table]:
    """The tables that can hold something about a person, those nearest to the person first."""
    paths: dict[type[Model], set[str]] = {Person: {"pk"}}
    depth: dict[type[Model], int] = {Person: 0}
    for step in range(1, DEEPEST + 1):
        for parent in [model for model, at in depth.items() if at == step - 1]:
            for model, field in pointing_at(parent):
                mine = field.name if parent is Person else None
                over = {f"{field.name}__{path}" for path in paths[parent] if parent is not Person}
                paths.setdefault(model, set()).update({mine} if mine else over)
                depth.setdefault(model, step)
    out = [Table(m, depth[m], *_split(sorted(found))) for m, found in paths.items() if m is not Person]
    return sorted(out, key=lambda table: (table.depth, table.label))


def entries(person: int) -> QuerySet[Entry]:
    """The lines of the journal about a person, under every number that they had: it names rows without foreign keys."""
    before = Merge.objects.filter(person=person).values_list("merged_id", flat=True)
    return Entry.objects.filter(person_id__in=[person, *before])


def ways(person: Person) -> Ways:
    """By what this person is told from everybody else."""
    ids = list(PersonId.objects.filter(person=person).values_list("system", "value"))
    browsers = Visitor.objects.filter(person=person).values_list("key", flat=True)
    tokens = (
        links.token(person, *link) for link in Link.objects.filter(person=person).values_list("url", "mail", "hidden")
    )
    return Ways(
        emails=frozenset(Email.objects.filter(person=person).values_list("address", flat=True)),
        users=frozenset(value for system, value in ids if system == USER),
        browsers=frozenset(chain(browsers, tokens)),
        others=frozenset(chain(_numbers(person), (value for system, value in ids if system != USER and _long(value)))),
    )


def _numbers(person: Person) -> Iterator[str]:
    """Numbers that nobody else has: colleagues may share one."""
    mine = set(Phone.objects.filter(person=person).values_list("number", flat=True))
    for number in mine - set(
        Phone.objects.filter(number__in=mine).exclude(person=person).values_list("number", flat=True)
    ):
        yield from {number, identity.spoken(number)}


def _long(value: str) -> bool:
    """Whether an id of another system is theirs wherever it stands: letters and digits, and many of them."""
    return len(value) >= 12 and any(c.isdigit() for c in value) and any(c.isalpha() for c in value)


def pointing_at(parent: type[Model]) -> Iterator[tuple[type[Model], ForeignKey]]:
    """Every table and column that refers to a table."""
    for model in apps.get_models():
        for field in model._meta.concrete_fields:
            if isinstance(field, ForeignKey) and field.related_model is parent:
                yield model, field


def _split(found: list[str]) -> tuple[tuple[str, ...], tuple[str, ...]]:
    return tuple(path for path in found if "__" not in path), tuple(path for path in found if "__" in path)
