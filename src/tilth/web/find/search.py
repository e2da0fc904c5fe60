"""Search by beginnings, so that indexes answer it however many people there are."""

from dataclasses import dataclass, field

from django.db import connection
from django.db.models import Q

from tilth.people.models import Company, Email, Person

END = "\U0010ffff"


@dataclass
class Found:
    people: list[Person] = field(default_factory=list)
    companies: list[Company] = field(default_factory=list)


def search(text: str, limit: int = 8) -> Found:
    """People by name, address or company, and companies by name or domain, that begin with `text`.

    text      as typed; capitals do not matter at the beginning of words
    limit     at most so many of each
    """
    if len(text) < 2:
        return Found()
    firms = list(Company.objects.filter(begins("name", text) | begins("domain", text.lower(), exact=True))[:limit])
    people = Person.objects.select_related("company", "standing", "holding__owner")
    ids: dict[int, None] = {}
    for query in _who(text, [f.pk for f in firms]):
        if len(ids) < limit:
            ids |= dict.fromkeys(people.filter(query).values_list("pk", flat=True)[: limit - len(ids)])
    rows = people.in_bulk(list(ids)[:limit])
    return Found([rows[pk] for pk in rows], firms)


def begins(name: str, text: str, exact: bool = False) -> Q:
    """A column that begins with `text`, written as people write names, in the form that this database has an index for.

    SQLite compares text by code point, so a beginning is a range; PostgreSQL has an index for LIKE 'text%'.
    """
    spellings = {text} if exact else {text, text.lower(), text.upper(), text.title(), text[:1].upper() + text[1:]}
    query = Q()
    for spelling in sorted(spellings):
        if connection.vendor == "sqlite":
            query |= Q((f"{name}__gte", spelling), (f"{name}__lt", spelling + END))
        else:
            query |= Q((f"{name}__startswith", spelling))
    return query


def _who(text: str, firms: list[int]) -> list[Q]:
    """The ways to name a person, the surest first."""
    ways = [Q(pk__in=_behind_address(text))] if "@" in text or "." in text else []
    first, _space, last = text.partition(" ")
    if last:
        ways.append(begins("first_name", first) & begins("last_name", last))
    return [
        *ways,
        begins("last_name", text),
        begins("first_name", text),
        Q(pk__in=_behind_address(text)),
        Q(company__in=firms),
    ]


def _behind_address(text: str) -> list[int]:
    return list(
        Email.objects.filter(begins("address", text.lower(), exact=True)).values_list("person_id", flat=True)[:8]
    )
