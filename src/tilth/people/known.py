"""Finding and keeping who we know. One person at a time; file imports have their own bulk way.

Who somebody is, in this order: an id of a system, then an address. A phone number never decides.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from django.db import transaction

from tilth.core import identity
from tilth.team.models import Member

from . import suppressed
from .models import Company, CompanyId, Email, Learned, Person, PersonId, Phone, Visitor, news

PERSON = ("first_name", "last_name", "title", "country", "language")
COMPANY = ("name", "industry", "employees", "country", "city")
NAME = "name"  # the system of companies that are known by nothing but their name, or by another one, too
DOMAIN = "domain"  # the system of a company's other domains


@dataclass
class Told:
    """What a form, a call or a system told us about one person. Empty values say nothing.

    `person` and `company` map attribute to value; names outside PERSON and COMPANY are kept as custom.
    """

    emails: list[str] = field(default_factory=list)
    phones: list[str] = field(default_factory=list)
    ids: list[tuple[str, str]] = field(default_factory=list)
    person: dict[str, Any] = field(default_factory=dict)
    company: dict[str, Any] = field(default_factory=dict)
    company_ids: list[tuple[str, str]] = field(default_factory=list)
    domain: str = ""


def find(ids: Iterable[tuple[str, str]], emails: Iterable[str]) -> Person | None:
    """The person behind an id or an address, if we know one."""
    for system, value in ids:
        if row := PersonId.objects.filter(system=system, value=value).select_related("person__company").first():
            return row.person
    mail = Email.objects.filter(address__in=list(emails)).select_related("person__company").order_by("id").first()
    return mail.person if mail else None


@transaction.atomic
def keep(
    told: Told,
    now: datetime,
    origin: str,
    by: Member | None = None,
    at: datetime | None = None,
    person: Person | None = None,
) -> tuple[Person, bool]:
    """The person that was told of, made or brought up to date; True when made.

    now      when we learned it
    at       when it was true for the person (first contact); `now` when not given
    origin   where from, for the record: "form", "import 12", "typed in"
    person   who it is, where the caller knows; else found by ids and addresses
    raises   suppressed.Suppressed: they were erased on request; nothing has been written
    """
    if suppressed.is_suppressed(told.emails, told.ids):
        raise suppressed.Suppressed
    emails = [e for e in map(identity.email, told.emails) if e]
    person = person or find(told.ids, emails)
    made = person is None
    if person is None:
        person = Person.objects.create(at=at or now)
    firm = _company(told, emails, now, origin, by, person.company)
    changed = _apply(person, told.person, PERSON)
    columns, joined = _columns(changed, PERSON), None
    if (
        firm
        and person.company_id != firm.pk
        and (person.company_id is None or told.domain or told.company_ids or told.company)
    ):
        person.company = firm
        changed["company"], joined = str(firm), firm
        columns.add("company")
    if columns:
        person.save(update_fields=columns)
    new = [a for a in emails if Email.objects.get_or_create(address=a, defaults={"person": person})[1]]
    changed |= told_of(new)
    for raw in told.phones:
        number = identity.phone(raw, person.country or (firm.country if firm else "") or "NL")
        if number and Phone.objects.get_or_create(person=person, number=number)[1]:
            changed["phone"] = number
    for system, value in told.ids:
        PersonId.objects.get_or_create(system=system, value=value, defaults={"person": person})
    if changed or made:
        Learned.objects.create(person=person, joined=joined, at=now, values=changed, origin=origin, by=by)
        news([person.pk], now)
    return person, made


@transaction.atomic
def keep_company(told: Told, now: datetime, origin: str, by: Member | None = None) -> Company | None:
    """The company that was told of, made or brought up to date; None when nothing names one."""
    return _company(told, [], now, origin, by)


def recognise(key: str, person: Person | None, now: datetime) -> Visitor:
    """The visitor with this random key; bound to a person the first time we learn who it is."""
    visitor, _new = Visitor.objects.get_or_create(key=key[:100], defaults={"at": now})
    if person and visitor.person_id is None:
        visitor.person = person
        visitor.save(update_fields=["person"])
    return visitor


def _company(
    told: Told, emails: list[str], now: datetime, origin: str, by: Member | None, mine: Company | None = None
) -> Company | None:
    """The company that was told of, made or brought up to date; `mine` is the one that the person is with already."""
    domain = identity.website(told.domain) or next(filter(None, map(identity.domain, emails)), "")
    firm = None
    for system, value in told.company_ids:
        if row := CompanyId.objects.filter(system=system, value=value).select_related("company").first():
            firm = row.company
            break
    if firm is None and domain:
        firm = Company.objects.filter(domain=domain).first() or _known_as(DOMAIN, domain)
    name = str(told.company.get("name") or "").strip()[:200]
    if firm is None and not (domain or told.company_ids):
        if not name:
            return None
        same = mine and mine.name.casefold() == name.casefold()
        firm = mine if same else Company.objects.filter(name__iexact=name, domain=None).order_by("id").first()
        firm = firm or _known_as(NAME, folded(name))
    made = firm is None
    if firm is None:
        firm = Company.objects.create(domain=domain or None, name=name or domain[:200], at=now)
    changed = _apply(firm, told.company, COMPANY)
    columns = _columns(changed, COMPANY)
    if (
        domain
        and firm.domain is None
        and not (Company.objects.filter(domain=domain).exists() or _known_as(DOMAIN, domain))
    ):
        firm.domain = changed["domain"] = domain
        columns.add("domain")
    if columns:
        firm.save(update_fields=columns)
    if made:
        changed = {"name": firm.name, **({"domain": firm.domain} if firm.domain else {}), **changed}
    if changed:
        Learned.objects.create(company=firm, at=now, values=changed, origin=origin, by=by)
        if not made:
            news(list(firm.people.values_list("pk", flat=True)), now)
    for system, value in told.company_ids:
        CompanyId.objects.get_or_create(system=system, value=value, defaults={"company": firm})
    return firm


def _known_as(system: str, value: str) -> Company | None:
    """The company that has another domain or name, too."""
    row = CompanyId.objects.filter(system=system, value=value).select_related("company").first()
    return row.company if row else None


def folded(name: str) -> str:
    """A company's name as names are compared."""
    return " ".join(name.casefold().split())[:200]


def told_of(addresses: list[str]) -> dict[str, Any]:
    """New addresses as `Learned` keeps them: the first, and all of them where there are more."""
    return {"email": addresses[0], **({"emails": addresses} if len(addresses) > 1 else {})} if addresses else {}


def _apply(row: Person | Company, values: Mapping[str, Any], own: tuple[str, ...]) -> dict[str, Any]:
    """Write what is new into a row; returns what changed. Empty values change nothing."""
    changed: dict[str, Any] = {}
    for name, value in values.items():
        if value is None or value == "":
            continue
        if name in own:
            kept = _fitting(row, name, value)
            if kept is not None and getattr(row, name) != kept:
                setattr(row, name, kept)
                changed[name] = kept
        elif row.custom.get(name) != value:
            row.custom[name] = value
            changed[name] = value
    return changed


def _columns(changed: Mapping[str, Any], own: tuple[str, ...]) -> set[str]:
    """The columns that hold what changed. Only these are written, so that somebody else's change beside ours stays."""
    return {name if name in own else "custom" for name in changed}


def _fitting(row: Person | Company, name: str, value: Any) -> Any:
    """The value as the column can hold it; None when it cannot."""
    if name == "employees":
        try:
            number = int(float(value))
        except (TypeError, ValueError, OverflowError):
            return None
        return number if 0 <= number <= 2_147_483_647 else None
    if name == "country":
        code = str(value).strip().upper()
        return code if len(code) == 2 and code.isalpha() else None
    return str(value).strip()[: getattr(row._meta.get_field(name), "max_length", None)]
