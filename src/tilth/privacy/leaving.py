"""What erasing somebody does to the rows of every room, in one transaction.

A row that says something about the person goes. A row that others need for their sums stays and says nothing any more: that a
lead was handed off, by when sales answered, that a deal was won. It refers to the person's row, which stays, empty.
Which rows stay is said here, in `STAYS`; everything else goes, so that a new room forgets by itself.
Source: docs/decisions/erasure.md
"""

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from django.db.models import CharField, Field, JSONField, Q, QuerySet, TextField

from tilth.core.forgetting import Ways, redacted
from tilth.people.models import Company, CompanyId, Learned, Person
from tilth.touches.models import FOLLOW_UP, Team, Touch

from . import related
from .related import Table

# The tables whose rows stay, and what is put in the columns that may say something.
STAYS: Mapping[str, Mapping[str, Any]] = {
    "handoff.handoff": {"why": {}, "routing": {}},
    "handoff.acceptance": {}, "handoff.merged": {}, "handoff.qualified": {"note": ""}, "handoff.return": {"note": ""}, "handoff.handback": {"note": ""},
    "handoff.review": {"note": ""}, "handoff.joining": {"why": {}},
    "handoff.withdrawal": {},
    "deals.deal": {"name": "deal"}, "deals.won": {}, "deals.lost": {"note": ""},
    "promises.obligation": {}, "promises.settlement": {}, "promises.breach": {"because": {}}, "promises.alert": {},
    "qualify.stagechange": {"because": ""}, "touches.origin": {},
    "touches.touch": {"visitor": None, "source": "", "medium": "", "event": "", "url": "", "properties": {}, "offer": None, "campaign": None},
    "touches.correction": {},
}  # fmt: skip
OF_SALES = Q(team=Team.SALES, kind__in=FOLLOW_UP)  # the contacts that promises are measured by


def would_go(person: Person) -> dict[str, tuple[int, int]]:
    """For each table with rows about somebody: how many would go, and how many would stay and say nothing."""
    out = {}
    for table in related.tables():
        rows = table.rows(person.pk)
        stay = _staying(table, rows).count()
        if whole := rows.count():
            out[table.label] = whole - stay, stay
    if said := related.entries(person.pk).count():
        out["journal.entry"] = 0, said
    return out


def leave(person: Person, ways: Ways, now: datetime) -> dict[str, int]:
    """Take somebody out of every table; returns how many rows of each went or were emptied. Inside a transaction."""
    counts = {
        "journal.entry": _journal(person, ways)
    }  # first, while merges still say under which numbers they were known
    tables = sorted(related.tables(), key=lambda table: -table.rank)
    for table in tables:
        _let_go_of_others(table, person.pk)
    for table in tables:
        counts[table.label] = _take_out(table, person.pk)
    firm, person.company = person.company, None
    _empty(person, now)
    if firm and _says_nothing(firm):
        firm.delete()
        counts["people.company"] = 1
    return {label: count for label, count in counts.items() if count}


def _staying(table: Table, rows: QuerySet) -> QuerySet:
    if table.label not in STAYS:
        return rows.none()
    return rows.filter(OF_SALES) if table.model is Touch else rows


def _take_out(table: Table, person: int) -> int:
    rows = table.rows(person)
    stay = _staying(table, rows)
    if (blank := STAYS.get(table.label)) and stay:
        table.model._base_manager.filter(pk__in=list(stay.values_list("pk", flat=True))).update(**blank)
    emptied = stay.count() if blank else 0
    if table.model is Touch:
        rows = rows.exclude(pk__in=stay.values("pk"))
    elif table.label in STAYS:
        return emptied
    gone = rows.delete()[1] if rows.exists() else {}
    return emptied + gone.get(table.model._meta.label, 0)


def _let_go_of_others(table: Table, person: int) -> None:
    """Somebody else's rows that only hang on one of theirs (a consent given at a browser that both used) stay, and hang no more."""
    for column, rows in table.of_others(person):
        ids = list(rows.values_list("pk", flat=True))
        table.model._base_manager.filter(pk__in=ids).update(**{column: None})


def _journal(person: Person, ways: Ways) -> int:
    """Who did what stays; what was said goes, and so do the names."""
    names = {name for name in (person.first_name, person.last_name) if len(name) > 2}
    told = Ways(emails=ways.emails, others=frozenset(names) | ways.others)
    count = 0
    for entry in related.entries(person.pk).exclude(data={}):
        entry.data = _silent(redacted(entry.data, told))
        entry.save(update_fields=["data"])
        count += 1
    return count


def _silent(data: dict[str, Any]) -> dict[str, Any]:
    return {name: value for name, value in data.items() if name not in ("note", "name", "text", "subject")}


def _empty(person: Person, now: datetime) -> None:
    """The row that is left: a number, and since when."""
    for field in Person._meta.concrete_fields:
        if field.name not in ("id", "at", "erased_at", "company"):
            setattr(person, field.name, _nothing(field))
    person.erased_at = now
    person.save()


def _nothing(field: Field) -> Any:
    if field.null:
        return None
    return (
        "" if isinstance(field, CharField | TextField) else {} if isinstance(field, JSONField) else field.get_default()
    )


def _says_nothing(firm: Company) -> bool:
    """Whether a company is known for nothing but somebody who is gone."""
    own = {(CompanyId, "company"), (Learned, "company")}
    hanging = ((model, field.name) for model, field in related.pointing_at(Company) if (model, field.name) not in own)
    return not any(model._base_manager.filter(**{name: firm.pk}).exists() for model, name in hanging)
