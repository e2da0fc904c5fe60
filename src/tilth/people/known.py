"""Finding and keeping who we know. One person at a time; file imports have their own bulk way.

Who somebody is, in this order: an id of a system, then an address. A phone number never decides.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from functools import cached_property
from typing import Any

from django.db import transaction
from django.db.models.functions import Coalesce

from tilth.core import identity
from tilth.core.whose import Says, Use
from tilth.team.models import Member

from . import suppressed
from .models import Company, CompanyId, Email, Learned, Person, PersonId, Phone, Visitor, news

PERSON = ("first_name", "last_name", "title", "country", "language")
COMPANY = ("name", "industry", "employees", "country", "city")
NAME = "name"  # the system of companies that are known by nothing but their name, or by another one, too
DOMAIN = "domain"  # the system of a company's other domains
REACHED_BY = ("email", "emails", "phone")  # what was learned and has rows of its own


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
    visitor: int | None = None,
) -> tuple[Person, bool]:
    """The person that was told of, made or brought up to date; True when made.

    now      when we learned it
    at       when it was true for the person (first contact), `now` when not given; what was said later than that stays
    origin   where from, for the record: "form", "import 12", "typed in"
    person   who it is, where the caller knows; else found by ids and addresses
    visitor  by which use of a name it was told
    raises   suppressed.Suppressed: they were erased on request; nothing has been written
    """
    if suppressed.is_suppressed(told.emails, told.ids):
        raise suppressed.Suppressed
    emails = [e for e in map(identity.email, told.emails) if e]
    person = person or find(told.ids, emails)
    made = person is None
    if person is None:
        person = Person.objects.create(at=at or now)
    firm = _company(told, emails, now, origin, by, person.company, at)
    later = _Later(at, person=person)
    changed = _apply(person, told.person, PERSON, later)
    columns, joined = _columns(changed, PERSON), None
    named = told.domain or told.company_ids or told.company
    if firm and person.company_id != firm.pk and (person.company_id is None or (named and "company" not in later.said)):
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
        Learned.objects.create(
            person=person, joined=joined, at=now, values=changed, origin=origin, by=by, visitor_id=visitor, said=at
        )
        news([person.pk], now)
    return person, made


def adds_nothing(
    told: Told, person: Person, addresses: Mapping[str, int], firms: Mapping[tuple[str, str], int]
) -> bool:
    """Whether `keep` would find that we know all this already: most of what clients say, they say again and again.

    person       with their company loaded
    addresses    to whom these addresses belong, as far as they are anybody's
    firms        to which company these ids belong
    """
    firm = person.company
    return (
        not (told.phones or told.ids or told.domain)
        and all(addresses.get(address) for address in told.emails)
        and (firm is not None or not (told.company or any(map(identity.domain, told.emails))))
        and all(firm is not None and firms.get(pair) == firm.pk for pair in told.company_ids)
        and (not told.company or (firm is not None and (bool(told.company_ids) or _named(firm, told.company))))
        and _has(person, told.person, PERSON)
        and (firm is None or _has(firm, told.company, COMPANY))
    )


def _named(firm: Company, told: Mapping[str, Any]) -> bool:
    """Whether what was told of a company was told of this one."""
    return firm.domain is None and str(told.get("name") or "").strip() == firm.name


def _has(row: Person | Company, values: Mapping[str, Any], own: tuple[str, ...]) -> bool:
    return all(
        value in (None, "") or (_fitting(row, name, value) if name in own else value) == _value(row, name, own)
        for name, value in values.items()
    )


def _value(row: Person | Company, name: str, own: tuple[str, ...]) -> Any:
    return getattr(row, name) if name in own else row.custom.get(name)


@transaction.atomic
def keep_company(
    told: Told, now: datetime, origin: str, by: Member | None = None, at: datetime | None = None
) -> Company | None:
    """The company that was told of, made or brought up to date; None when nothing names one."""
    return _company(told, [], now, origin, by, at=at)


@transaction.atomic
def recognise(key: str, person: Person | None, now: datetime) -> Visitor:
    """The browser with this random key; where we know who is at it now, their use of it. See touches.record.adopt."""
    browser, _new = Visitor.objects.get_or_create(key=key[:100], defaults={"at": now})
    if person is None:
        return browser
    if browser.person_id is None:
        browser.person = person
        browser.save(update_fields=["person"])
    use = Use(browser=browser.key, says=Says.VOUCHED, person=person.pk)
    made = {"browser": browser, "person": person, "says": use.says, "at": now}
    return Visitor.objects.get_or_create(key=use.key, defaults=made)[0]


def retell(person: Person) -> None:
    """Write what we know of somebody anew, from all that was learned: the later said, the newer."""
    row = Person(pk=person.pk, at=person.at)
    for told in person.learned.order_by(Coalesce("said", "at"), "id").select_related("joined"):
        for name, value in told.values.items():
            if name in PERSON:
                setattr(row, name, value)
            elif name not in REACHED_BY and not (name == "company" and told.joined):
                row.custom[name] = value
        row.company = told.joined or row.company
    row.save(update_fields=[*PERSON, "custom", "company"])


def _company(
    told: Told,
    emails: list[str],
    now: datetime,
    origin: str,
    by: Member | None,
    mine: Company | None = None,
    at: datetime | None = None,
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
    changed = _apply(firm, told.company, COMPANY, _Later(at, company=firm))
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
        Learned.objects.create(company=firm, at=now, values=changed, origin=origin, by=by, said=at)
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


class _Later:
    """What was said of somebody after a moment, by name; looked up once it matters."""

    def __init__(self, at: datetime | None, **whose: Person | Company):
        self.at, self.whose = at, whose

    @cached_property
    def said(self) -> set[str]:
        if self.at is None:
            return set()
        rows = Learned.objects.alias(when=Coalesce("said", "at")).filter(when__gt=self.at, **self.whose)
        return {name for values in rows.values_list("values", flat=True) for name in values}


def _apply(row: Person | Company, values: Mapping[str, Any], own: tuple[str, ...], later: _Later) -> dict[str, Any]:
    """Write what is new into a row; returns what changed. Empty values change nothing, nor does what is outdated."""
    changed: dict[str, Any] = {}
    untold = (None, "", getattr(row, "domain", ""))  # a company that nobody has named has its domain for a name
    for name, value in values.items():
        if value is None or value == "":
            continue
        kept = _fitting(row, name, value) if name in own else value
        before = getattr(row, name) if name in own else row.custom.get(name)
        if kept is None or before == kept or (before not in untold and name in later.said):
            continue
        if name in own:
            setattr(row, name, kept)
        else:
            row.custom[name] = kept
        changed[name] = kept
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
