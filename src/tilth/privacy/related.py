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
ELSEWHERE = {"people.learned": ("company",)}  # what was learned of a company is about the company, whoever told it


@dataclass(frozen=True)
class Table:
    """One table, and which of its rows are about a person.

    who       columns that name a person
    hangs     columns that name a row of a table that can be about a person
    """

    model: type[Model]
    depth: int
    who: tuple[str, ...]
    hangs: "tuple[tuple[str, Table], ...]"

    @property
    def rank(self) -> int:
        """How many tables stand between: what hangs goes before that on which it hangs."""
        return 1 + max((parent.rank for _name, parent in self.hangs), default=0)

    @property
    def label(self) -> str:
        return self.model._meta.label_lower

    def rows(self, person: int) -> QuerySet:
        """The rows that name this person; and those that name nobody and hang on a row of theirs."""
        named, hanging = Q(pk__in=[]), Q(pk__in=[])
        for name in self.who:
            named |= Q(**{name: person})
        for name, parent in self.hangs:
            hanging |= Q(**{f"{name}__in": parent.rows(person).values("pk")})
        nobody = Q(**{f"{name}__isnull": True for name in (*self.who, *ELSEWHERE.get(self.label, ()))})
        return self.model._base_manager.filter(named | (hanging & nobody))

    def of_others(self, person: int) -> Iterator[tuple[str, QuerySet]]:
        """Rows that are somebody else's and only hang on a row of theirs, by the column that could hang on nothing."""
        for name, parent in self.hangs if self.who else ():
            if self.model._meta.get_field(name).null:
                rows = self.model._base_manager.filter(**{f"{name}__in": parent.rows(person).values("pk")})
                yield name, rows.exclude(pk__in=self.rows(person).values("pk"))


def tables() -> list[Table]:
    """The tables that can hold something about a person, those nearest to the person first."""
    depth: dict[type[Model], int] = {Person: 0}
    for step in range(1, DEEPEST + 1):
        for parent in [model for model, at in depth.items() if at == step - 1]:
            for model, _field in pointing_at(parent):
                depth.setdefault(model, step)
    made = [_table(model, depth, frozenset()) for model in depth if model is not Person]
    return sorted(made, key=lambda table: (table.depth, table.label))


def _table(model: type[Model], depth: dict[type[Model], int], above: frozenset[type[Model]]) -> Table:
    fields = [field for field in model._meta.concrete_fields if isinstance(field, ForeignKey)]
    who = tuple(field.name for field in fields if field.related_model is Person)
    hangs = [(f.name, f.related_model) for f in fields if f.related_model in depth and f.related_model is not Person]
    above |= {model}
    parents = ((name, _table(parent, depth, above)) for name, parent in hangs if parent not in above)
    own = ((name, Table(model, depth[model], who, ())) for name, parent in hangs if parent is model)
    return Table(model, depth[model], who, (*parents, *own))


def entries(person: int) -> QuerySet[Entry]:
    """The lines of the journal about a person, under every number that they had: it names rows without foreign keys."""
    before = Merge.objects.filter(person=person).values_list("merged_id", flat=True)
    return Entry.objects.filter(person_id__in=[person, *before])


def ways(person: Person) -> Ways:
    """By what this person is told from everybody else."""
    ids = list(PersonId.objects.filter(person=person).values_list("system", "value"))
    uses = list(Visitor.objects.filter(person=person).values_list("user", "address"))
    tokens = (
        links.token(person, *link) for link in Link.objects.filter(person=person).values_list("url", "mail", "hidden")
    )
    others = (value for system, value in ids if system != USER and _long(value))
    return Ways(
        emails=frozenset(Email.objects.filter(person=person).values_list("address", flat=True))
        | {a for _u, a in uses if a},
        users=frozenset(value for system, value in ids if system == USER) | {user for user, _a in uses if user},
        browsers=frozenset(chain(browsers(person), tokens)),
        others=frozenset(chain(_numbers(person), others)),
    )


def browsers(person: Person) -> set[str]:
    """The keys of browsers at which nobody else was ever seen."""
    mine = Visitor.objects.filter(person=person)
    used = mine.filter(browser__isnull=False, browser__shared=False).values_list("browser__key", flat=True)
    return {*mine.filter(user="", address="", browser=None, shared=False).values_list("key", flat=True), *used}


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
