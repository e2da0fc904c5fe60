"""Finding who was kept twice, and remembering who was not.

Reads   Learned, since the last time; persons and companies with what they have in common with others
Writes  Mark, Duplicate, Looked

Whoever something was learned of is compared with those who share a mark, never everybody with everybody. A mark
that many share (a switchboard) tells nobody from anybody and is passed over.
Source: docs/algorithms/duplicates.md
"""

import hashlib
from collections import defaultdict
from collections.abc import Callable, Iterable, Mapping
from datetime import datetime, timedelta
from itertools import combinations, takewhile
from typing import Any, NamedTuple

from django.db import models, transaction
from django.db.models import Q

from tilth.core import duplicates
from tilth.core.duplicates import Alike, Firm, Somebody
from tilth.journal.models import Entry, note
from tilth.team.models import Member

from .models import Company, Duplicate, Email, Learned, Looked, Mark, Person, Phone

BATCH = 500  # rows of what was learned in one pass
SHARED = 12  # by so many at most, or a mark says nothing
SETTLED = timedelta(seconds=30)  # what is younger may still be committed out of order


class Kind(NamedTuple):
    """Persons or companies: how they are read, compared and referred to."""

    model: type[models.Model]
    column: str
    other: str
    read: Callable[[Iterable[int]], Mapping[int, Any]]
    alike: Callable[[Any, Any], Alike | None]


def catch_up(now: datetime, person: int | None = None) -> int:
    """Compare those of whom something was learned; returns how many rows were read. At most BATCH a call."""
    with transaction.atomic():
        looked, _new = Looked.objects.select_for_update().get_or_create(of="learned", defaults={"last": 0})
        fresh = Learned.objects.filter(pk__gt=looked.last).order_by("pk")[:BATCH]
        rows = fresh.values_list("pk", "at", "person", "company")
        old = list(takewhile(lambda row: row[1] <= now - SETTLED, rows))
        if not old:
            return 0
        look_at(PERSONS, {row[2] for row in old if row[2]}, now)
        look_at(COMPANIES, {row[3] for row in old if row[3]}, now)
        Looked.objects.filter(pk=looked.pk).update(last=old[-1][0])
    return len(old)


def look_at(kind: Kind, ids: Iterable[int], now: datetime) -> None:
    """Compare these with whoever shares a mark with them, and propose who may be one."""
    mine = kind.read(ids)
    pairs = _with_same_marks(kind, _mark(kind, mine))
    every = {**kind.read({pk for pair in pairs for pk in pair} - mine.keys()), **mine}
    compared = {
        (one, other): kind.alike(every[one], every[other]) for one, other in pairs if one in mine or other in mine
    }
    found = {pair: alike for pair, alike in compared.items() if alike}
    _propose(kind, mine.keys(), found, now)


@transaction.atomic
def dismiss(row: Duplicate, by: Member, now: datetime) -> Entry | None:
    """They are two. Said once, nobody asks again; None when it was said before."""
    if not Duplicate.objects.filter(pk=row.pk, dismissed_at=None).update(dismissed_at=now, dismissed_by=by):
        return None
    return note("told apart", row, now, by, row.person_id, None, other=row.other_id or row.other_company_id)


def undo_dismissal(entry: Entry) -> bool:
    """Propose them again; False when the entry tells of something else."""
    if entry.verb != "told apart":
        return False
    Duplicate.objects.filter(pk=entry.subject_id).update(dismissed_at=None, dismissed_by=None)
    return True


def _mark(kind: Kind, who: Mapping[int, Any]) -> set[int]:
    """Write down the marks of these; returns them all."""
    wanted = {(pk, _number(mark)) for pk, one in who.items() for mark in duplicates.marks_of(one)}
    column = f"{kind.column}_id"
    rows = Mark.objects.filter(**{f"{kind.column}__in": list(who)}).values_list("pk", column, "key")
    there = {(pk, key): row for row, pk, key in rows}
    Mark.objects.filter(pk__in=[row for pair, row in there.items() if pair not in wanted]).delete()
    new = sorted(wanted - there.keys())
    Mark.objects.bulk_create([Mark(**{column: pk, "key": key}) for pk, key in new], batch_size=2_000)
    return {key for _pk, key in wanted}


def _with_same_marks(kind: Kind, keys: set[int]) -> set[tuple[int, int]]:
    """Pairs that share a mark, of those marks that few share; the lower id first."""
    by_mark: dict[int, set[int]] = defaultdict(set)
    some = sorted(keys)
    for begin in range(0, len(some), 5_000):
        rows = Mark.objects.filter(key__in=some[begin : begin + 5_000], **{f"{kind.column}__isnull": False})
        for key, pk in rows.values_list("key", f"{kind.column}_id"):
            by_mark[key].add(pk)
    few = (sorted(who) for who in by_mark.values() if len(who) <= SHARED)
    return {pair for who in few for pair in combinations(who, 2)}


def _propose(kind: Kind, looked_at: Iterable[int], found: dict[tuple[int, int], Alike], now: datetime) -> None:
    """Bring what is proposed about these in line with what was found. What a member told apart stays so."""
    ids, (one, other) = list(looked_at), (kind.column, kind.other)
    rows = Duplicate.objects.filter(Q(**{f"{one}__in": ids}) | Q(**{f"{other}__in": ids})).order_by("pk")
    there: dict[tuple[int, ...], Duplicate] = {}
    stale = []
    for row in rows:
        pair = tuple(sorted((getattr(row, f"{one}_id"), getattr(row, f"{other}_id"))))
        first = there.setdefault(pair, row)
        if first is not row or (row.dismissed_at is None and pair not in found):
            stale.append(row.pk)
    Duplicate.objects.filter(pk__in=stale).delete()
    changed = [row for pair, row in there.items() if pair in found and row.score != found[pair].score]
    for row in changed:
        pair = tuple(sorted((getattr(row, f"{one}_id"), getattr(row, f"{other}_id"))))
        row.score, row.reasons = found[pair].score, list(found[pair].reasons)
    Duplicate.objects.bulk_update(changed, ["score", "reasons"])
    new = [
        Duplicate(**{f"{one}_id": a, f"{other}_id": b}, score=alike.score, reasons=list(alike.reasons), at=now)
        for (a, b), alike in sorted(found.items())
        if (a, b) not in there
    ]
    Duplicate.objects.bulk_create(new, batch_size=1_000)


def _number(mark: str) -> int:
    """A mark as a number that tells nobody what it was."""
    return int.from_bytes(hashlib.blake2b(mark.encode(errors="surrogatepass"), digest_size=8).digest(), signed=True)


def somebodies(ids: Iterable[int]) -> dict[int, Somebody]:
    """These persons, as they are compared."""
    ids = list(ids)
    lists: list[dict[int, list[str]]] = [defaultdict(list), defaultdict(list)]
    for (model, value), out in zip(((Email, "address"), (Phone, "number")), lists, strict=True):
        rows = model._default_manager.filter(person__in=ids).order_by("id")
        for who, text in rows.values_list("person_id", value):
            out[who].append(text)
    emails, phones = lists
    columns = ("first_name", "last_name", "company_id", "country")
    return {
        pk: Somebody(first, last, tuple(emails.get(pk, ())), tuple(phones.get(pk, ())), company or 0, country)
        for pk, first, last, company, country in Person.objects.filter(pk__in=ids).values_list("pk", *columns)
    }


def firms(ids: Iterable[int]) -> dict[int, Firm]:
    """These companies, as they are compared."""
    rows = Company.objects.filter(pk__in=list(ids)).values_list("pk", "name", "domain", "city", "country")
    return {pk: Firm(name, domain or "", city, country) for pk, name, domain, city, country in rows}


PERSONS = Kind(Person, "person", "other", somebodies, duplicates.alike)
COMPANIES = Kind(Company, "company", "other_company", firms, duplicates.alike_firms)
