"""One person at several companies: the main one is `Person.company`, the others are positions beside it."""

from datetime import date, datetime
from typing import Any

from django.db import transaction
from django.db.models import Q, QuerySet

from tilth.journal.models import Entry, note
from tilth.team.models import Member

from .known import Told, keep_company
from .models import Company, Learned, Person, Position, news


@transaction.atomic
def add_position(
    person: Person,
    company: str,
    by: Member,
    now: datetime,
    domain: str = "",
    title: str = "",
    since: date | None = None,
) -> Entry | None:
    """They work there, too. The company is found by name or domain, or made.

    returns    the journal's line; None when that is known, or names no company
    """
    told = Told(company={"name": company} if company else {}, domain=domain)
    firm = keep_company(told, now, "typed in", by)
    if firm is None or firm.pk == person.company_id:
        return None
    row, new = Position.objects.get_or_create(
        person=person, company=firm, until=None, defaults={"title": title[:120], "since": since, "at": now, "by": by}
    )
    return note("added position", row, now, by, person.pk, company=str(firm)) if new else None


@transaction.atomic
def end_position(row: Position, by: Member, now: datetime, until: date) -> Entry | None:
    """They left that company; None when somebody said so before."""
    if not Position.objects.filter(pk=row.pk, until=None).update(until=until):
        return None
    return note("ended position", row, now, by, row.person_id, company=str(row.company))


@transaction.atomic
def make_main(row: Position, by: Member, now: datetime) -> Entry | None:
    """Their position there is the main one from now on, the former main one stands beside it."""
    person, row = _locked(row)
    if row.until is not None:
        return None
    company, title = person.company_id, person.title
    _swap(person, row, now, by)
    return note("made main", row, now, by, person.pk, company=company, title=title)


def undo_position(entry: Entry, by: Member, now: datetime) -> bool:
    """Undo one of the verbs above; False when the entry tells of something else. See `deals.verbs.undo`."""
    rows = Position.objects.filter(pk=entry.subject_id)
    if entry.verb == "added position":
        rows.delete()
    elif entry.verb == "ended position":
        rows.update(until=None)
    elif entry.verb == "made main":
        row = rows.filter(company=entry.data["company"], title=entry.data["title"], until=None).first()
        if row is None:  # they had no main one before, or moved on since
            return False
        _swap(*_locked(row), now, by)
    else:
        return False
    return True


def current(of: Person | Company) -> QuerySet[Position]:
    """Where somebody works beside their main company; or who works at a company beside their own."""
    mine = Q(person=of) if isinstance(of, Person) else Q(company=of, person__erased_at=None)
    return Position.objects.filter(mine, until=None).select_related("person__company", "company").order_by("pk")


def _locked(row: Position) -> tuple[Person, Position]:
    person = Person.objects.select_for_update(of=("self",)).select_related("company").get(pk=row.person_id)
    return person, Position.objects.select_for_update(of=("self",)).select_related("company").get(pk=row.pk)


def _swap(person: Person, row: Position, now: datetime, by: Member) -> None:
    """The position becomes the main one, and the main one the position; where there was none, the position goes."""
    firm, former, title = row.company, person.company, person.title
    values: dict[str, Any] = {"company": str(firm)}
    if row.title and row.title != title:
        values["title"] = person.title = row.title
    person.company = firm
    person.save(update_fields=["company", "title"])
    if former is None:
        Position.objects.filter(pk=row.pk).delete()
    else:
        Position.objects.filter(person=person, company=former, until=None).delete()
        row.company, row.title, row.since = former, title, None
        row.save()
    Learned.objects.create(person=person, joined=firm, at=now, values=values, origin="typed in", by=by)
    news([person.pk], now)
