"""Keeping very many deals of another system: made, brought up to date, won, lost, flagged; for file imports.

A file tells each thing once: what its journal entries say it told before is not news when it is read again.
"""

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from tilth.journal.models import Entry
from tilth.people import bulk
from tilth.qualify.models import Stage, move
from tilth.team.models import Member

from .models import Deal, Flag, Lost, Won

FIELDS = (
    "name",
    "person_id",
    "company_id",
    "owner_id",
    "seller",
    "product",
    "phase",
    "amount",
    "currency",
    "opened_at",
)
JUDGED = ("unknown lead", "no account", "product", "phase", "no closing date", "closed before opened", "outcome")


@dataclass(slots=True)
class Telling:
    """One deal that a file tells of. `values` has FIELDS; None and "" say nothing."""

    external_id: str
    values: dict[str, Any]
    outcome: str = ""
    closed_at: datetime | None = None
    reason: str = ""
    odd: dict[str, str] = field(default_factory=dict)


@dataclass(slots=True)
class _Row:
    """A deal as this batch knows it, and what this file told of it before."""

    pk: int
    values: dict[str, Any]
    closed: str = ""
    made: bool = False
    touched: bool = False
    told: list[dict[str, Any]] = field(default_factory=list)
    flags: dict[str, int] = field(default_factory=dict)


class Book:
    """The deals of one batch of rows of one system. Inside a transaction; `keep` each row, then `write`."""

    def __init__(self, tellings: Sequence[Telling], system: str, file: str, by: Member | None, now: datetime):
        self.system, self.file, self.by, self.now = system, file, by, now
        self.new: dict[type, list[tuple[Any, ...]]] = defaultdict(list)
        self.customers: list[tuple[int, datetime]] = []
        self.cured: list[int] = []
        names = {t.external_id for t in tellings}
        self._find(names)
        self.spare = iter(bulk.ids(Deal, len(names - self.deals.keys())))

    def keep(self, telling: Telling) -> str:
        """created, updated or skipped: what became of the deal."""
        row = self.deals.get(telling.external_id)
        if row is None:
            row = _Row(
                next(self.spare),
                dict.fromkeys(FIELDS) | dict.fromkeys(("name", "seller", "product", "phase"), ""),
                made=True,
            )
            self.deals[telling.external_id] = row
        first = row.made and not row.touched
        changed = self._learn(row, telling)
        if not (changed or first):
            return "skipped"
        row.touched = True
        row.told.append(changed)
        self._note("imported" if first else "updated", row, changed)
        self._flag(row, telling.odd)
        return "created" if first else "updated"

    def write(self) -> None:
        """Everything that is new, table by table; who bought is a customer from then on."""
        touched = {name: row for name, row in self.deals.items() if row.touched}
        rows = {name: tuple(map(_plain, row.values.values())) for name, row in touched.items()}
        made = [(*rows[n], bulk.stamp(self.now), self.system, n, r.pk) for n, r in touched.items() if r.made]
        bulk.insert(Deal, (*FIELDS, "learned_at", "system", "external_id", "id"), made)
        bulk.update(Deal, FIELDS, [(*rows[n], r.pk) for n, r in touched.items() if not r.made])
        bulk.insert(Won, ("deal_id", "member_id", "at", "amount"), self.new[Won])
        bulk.insert(Lost, ("deal_id", "member_id", "at", "reason", "note"), self.new[Lost])
        bulk.insert(Flag, ("deal_id", "kind", "say", "at"), self.new[Flag])
        bulk.insert(
            Entry, ("at", "by_id", "by_name", "verb", "subject", "subject_id", "person_id", "data"), self.new[Entry]
        )
        Flag.objects.filter(pk__in=self.cured).delete()
        for person, at in self.customers:
            move(person, Stage.CUSTOMER, at, None, "won, as another system has it")

    def _find(self, names: set[str]) -> None:
        mine = Deal.objects.filter(system=self.system, external_id__in=names).order_by("pk")
        found = mine.select_for_update().values_list("external_id", "pk", *FIELDS)
        self.deals = {name: _Row(pk, dict(zip(FIELDS, values, strict=True))) for name, pk, *values in found}
        rows = {row.pk: row for row in self.deals.values()}
        for closed, model in (("won", Won), ("lost", Lost)):
            for (pk,) in bulk.lookup(model, "deal_id", rows, "deal_id"):
                rows[pk].closed = closed
        told = Entry.objects.filter(subject="deal", subject_id__in=rows, verb__in=("imported", "updated"))
        for pk, data in told.values_list("subject_id", "data"):
            if data.get("file") == self.file:
                rows[pk].told.append(data)
        for deal, kind, pk in Flag.objects.filter(deal__in=rows).values_list("deal_id", "kind", "pk"):
            rows[deal].flags[kind] = pk

    def _learn(self, row: _Row, telling: Telling) -> dict[str, Any]:
        """Take over what is new; returns it as the journal keeps it."""
        changed: dict[str, Any] = {}
        for name, value in telling.values.items():
            said = _plain(value)
            if value not in (None, "") and row.values[name] != value and not _heard(row, name, said):
                row.values[name], changed[name] = value, said
        if telling.outcome and not _heard(row, "outcome", telling.outcome):
            if not row.closed:
                self._close(row, telling)
                changed["outcome"] = telling.outcome
            elif row.closed != telling.outcome:
                telling.odd["outcome"] = (
                    f"the file says {telling.outcome}, but it was {row.closed}; kept as {row.closed}"
                )
                changed["outcome"] = telling.outcome
        return changed

    def _close(self, row: _Row, telling: Telling) -> None:
        row.closed = telling.outcome
        at, owner = telling.closed_at or self.now, row.values["owner_id"]
        if telling.outcome == "lost":
            self.new[Lost].append((row.pk, owner, bulk.stamp(at), telling.reason[:120], ""))
            return
        self.new[Won].append((row.pk, owner, bulk.stamp(at), row.values["amount"] or 0))
        if person := row.values["person_id"]:
            self.customers.append((person, at))

    def _flag(self, row: _Row, odd: dict[str, str]) -> None:
        """Flag what is odd now; what was and is no longer loses its flag."""
        self.cured += [pk for kind, pk in row.flags.items() if kind in JUDGED and kind not in odd and pk]
        for kind, say in odd.items():
            if kind not in row.flags:
                row.flags[kind] = 0
                self.new[Flag].append((row.pk, kind, say[:300], bulk.stamp(self.now)))

    def _note(self, verb: str, row: _Row, changed: dict[str, Any]) -> None:
        by = (self.by.pk, self.by.name) if self.by else (None, "")
        data = bulk.text({"file": self.file, **changed})
        self.new[Entry].append((bulk.stamp(self.now), *by, verb, "deal", row.pk, row.values["person_id"], data))


def _heard(row: _Row, name: str, value: Any) -> bool:
    return any(told.get(name) == value for told in row.told)


def _plain(value: Any) -> Any:
    return bulk.stamp(value) if isinstance(value, datetime) else value
