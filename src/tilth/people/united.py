"""What is known of two that turned out to be one: the survivor's values, the other's where it has none or was chosen.

What both had told differently is said once more as `Learned`, so that these rows alone still say what is known.
"""

from collections.abc import Collection, Mapping
from datetime import datetime
from typing import Any

from tilth.team.models import Member

from .known import COMPANY, DOMAIN, NAME, PERSON, folded
from .models import Company, CompanyId, Learned, Person, Position

Values = dict[str, Any]


def values_of(row: Person | Company) -> Values:
    """What we know of somebody, by attribute: their own columns, then what is only kept as told."""
    own = PERSON if isinstance(row, Person) else (*COMPANY, "domain")
    return {name: getattr(row, name) for name in own} | row.custom


def together(mine: Mapping[str, Any], theirs: Mapping[str, Any], chosen: Collection[str]) -> tuple[Values, Values]:
    """The values of both, and of those the ones that the two told differently.

    chosen    attributes of which the other's value stays
    """
    every = {
        n: theirs.get(n) if _told(theirs.get(n)) and (n in chosen or not _told(mine.get(n))) else mine.get(n)
        for n in {**mine, **theirs}
    }
    return every, {
        n: v for n, v in every.items() if _told(mine.get(n)) and _told(theirs.get(n)) and mine[n] != theirs[n]
    }


def person(survivor: Person, merged: Person, chosen: Collection[str], now: datetime, by: Member | None) -> None:
    """Write what is known of both into the survivor. The other's company stays as a second position."""
    every, told = together(values_of(survivor), values_of(merged), chosen)
    before = survivor.title
    _write(survivor, every, PERSON)
    both = survivor.company, merged.company
    main, other = both if "company" not in chosen or both[1] is None else both[::-1]
    main, other = main or other, other if main else None
    last = Learned.objects.filter(person=survivor, joined__isnull=False).order_by("-id").first()
    joined = main if main and (last is None or last.joined_id != main.pk) else None
    survivor.company = main
    survivor.save()
    if joined:
        told["company"] = str(joined)
    if told:
        Learned.objects.create(person=survivor, joined=joined, at=now, values=told, origin="merge", by=by)
    if other and main and other.pk != main.pk:
        title = merged.title if other == both[1] else before
        Position.objects.get_or_create(
            person=survivor, company=other, until=None, defaults={"title": title, "at": now, "by": by}
        )


def company(survivor: Company, merged: Company, chosen: Collection[str], now: datetime, by: Member | None) -> None:
    """Write what is known of both into the survivor. It is found by the other's domain and name from now on, too."""
    every, told = together(values_of(survivor), values_of(merged), chosen)
    names = {(NAME, folded(merged.name)), (NAME, folded(survivor.name))} if merged.name else set()
    domains = {(DOMAIN, domain) for domain in (survivor.domain, merged.domain) if domain and domain != every["domain"]}
    _write(survivor, every, (*COMPANY, "domain"))
    survivor.save()
    for system, value in sorted(names | domains):
        CompanyId.objects.get_or_create(system=system, value=value, defaults={"company": survivor})
    if told:
        Learned.objects.create(company=survivor, at=now, values=told, origin="merge", by=by)


def _write(row: Person | Company, every: Values, own: Collection[str]) -> None:
    for name in own:
        setattr(row, name, every[name])
    row.custom = {name: value for name, value in every.items() if name not in own}


def _told(value: Any) -> bool:
    return value not in (None, "")
