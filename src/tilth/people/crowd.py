"""Finding and keeping very many people at once: what `known.keep` does, for the rows of a file.

A file tells each thing once. What it told before (its `Learned` rows have its origin) is not news when
it is read again, even if somebody has corrected it since, or a later row of the same file says otherwise.
"""

from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from tilth.core import identity
from tilth.core.mapping import slug
from tilth.core.rows import Said
from tilth.team.models import Member

from . import bulk, suppressed
from .known import COMPANY, DOMAIN, NAME, PERSON, folded, told_of
from .models import Company, CompanyId, Email, Learned, News, Person, PersonId, Phone

PHONE = "phone"  # the system of people who are known by nothing but their name and number
_LENGTHS = {
    "first_name": 120,
    "last_name": 120,
    "title": 120,
    "country": 2,
    "language": 8,
    "name": 200,
    "industry": 120,
    "city": 120,
}


@dataclass(slots=True)
class Known:
    """A person or company as this batch knows it: attributes, and what this file told of it before."""

    pk: int
    values: dict[str, Any]
    custom: dict[str, Any]
    company: int | None = None
    domain: str | None = None
    at: datetime | None = None
    made: bool = False
    touched: bool = False
    told: list[dict[str, Any]] = field(default_factory=list)
    told_before: list[str] = field(default_factory=list)
    phones: set[str] = field(default_factory=set)

    def learn(self, values: dict[str, Any]) -> dict[str, Any]:
        """Take over what is new; returns it."""
        changed: dict[str, Any] = {}
        for name, value in values.items():
            if value == "":
                continue
            mine = self.values if name in self.values else self.custom
            if mine is self.values and name in _LENGTHS:
                value = value[: _LENGTHS[name]]
            if mine.get(name) != value and not self.heard(name, value):
                mine[name] = changed[name] = value
        return changed

    def heard(self, name: str, value: Any) -> bool:
        """Whether this file said so already, in this batch or before."""
        if self.told_before:
            self.told += map(bulk.values, self.told_before)
            self.told_before.clear()
        return bool(self.told) and any(
            told.get(name) == value or (name == "email" and value in told.get("emails", ())) for told in self.told
        )


@dataclass(slots=True)
class Kept:
    """What became of one row: who it is about (None: nobody we know), made or changed, and what was odd."""

    person: int | None
    company: int | None
    made: bool = False
    changed: bool = False


class Crowd:
    """The people and companies of one batch of rows. Inside a transaction; `keep` once, then `write`."""

    def __init__(self, rows: Sequence[Said], now: datetime, origin: str, by: Member | None = None):
        self.now, self.origin, self.by = bulk.stamp(now), origin, by.pk if by else None
        self.learned: list[tuple[Any, ...]] = []
        self.new: dict[type, list[tuple[Any, ...]]] = defaultdict(list)
        for said in rows:
            _name_without_address(said)
        self._find_people(rows)
        self._find_companies(rows)
        strangers = sum(self._person(said) is None for said in rows)
        self.new_people = iter(bulk.ids(Person, strangers))

    def keep(self, said: Said, at: datetime | None, make: bool = True) -> Kept:
        """The person and the company that a row tells of, made where new (`make`) or brought up to date.

        at     when it was true: the moment of first contact; the moment of import when None
        """
        firm = self._firm(said)
        person = self._person(said)
        if person is None:
            if not make or not (said.ids or said.emails):
                return Kept(None, firm.pk if firm else None)
            person = Known(next(self.new_people), dict.fromkeys(PERSON, ""), {}, at=at, made=True)
            self.people[person.pk] = person
        first = person.made and not person.touched
        changed = person.learn(said.person)
        joined = firm.pk if firm and _joins(person, firm, said, changed) else None
        self._reach(person, said, firm, changed)
        if changed or first:
            person.touched = True
            person.told.append(changed)
            self.learned.append((person.pk, None, joined, self.now, bulk.text(changed), self.origin, self.by))
        return Kept(person.pk, firm.pk if firm else None, first, bool(changed) and not first)

    def write(self) -> None:
        """Everything that is new, table by table."""
        self._write_companies()
        self._write_people()
        bulk.insert(Email, ("person_id", "address"), self.new[Email])
        bulk.insert(Phone, ("person_id", "number"), self.new[Phone])
        bulk.insert(PersonId, ("person_id", "system", "value"), self.new[PersonId])
        bulk.insert(CompanyId, ("company_id", "system", "value"), self.new[CompanyId])
        columns = ("person_id", "company_id", "joined_id", "at", "values", "origin", "by_id")
        bulk.insert(Learned, columns, self.learned)

    def changed_people(self) -> set[int]:
        """Who must be looked at again: those made or changed, and the people of changed companies."""
        firms = [f.pk for f in self.firms.values() if f.touched and not f.made]
        colleagues = bulk.lookup(Person, "company_id", firms, "id")
        return {p.pk for p in self.people.values() if p.touched} | {pk for (pk,) in colleagues}

    # Who is who

    def _find_people(self, rows: Sequence[Said]) -> None:
        self.by_id = _pairs(PersonId, "person_id", {pair for said in rows for pair in said.ids})
        addresses = {address for said in rows for address in said.emails}
        self.by_address = dict(bulk.lookup(Email, "address", addresses, "address", "person_id"))
        known = {*self.by_id.values(), *self.by_address.values()}
        self.people = {
            pk: Known(pk, dict(zip(PERSON, values, strict=True)), bulk.values(custom), company)
            for pk, company, custom, *values in bulk.lookup(
                Person, "id", known, "id", "company_id", "custom", *PERSON, lock=True
            )
        }
        for pk, number in bulk.lookup(Phone, "person_id", known, "person_id", "number"):
            self.people[pk].phones.add(number)
        for pk, told in bulk.lookup(Learned, "person_id", known, "person_id", "values", origin=self.origin):
            self.people[pk].told_before.append(told)

    def _find_companies(self, rows: Sequence[Said]) -> None:
        pairs = {pair for said in rows for pair in said.company_ids}
        names = {said.company["name"] for said in rows if "name" in said.company}
        domains = {domain for said in rows if (domain := _domain(said))}
        also = {(NAME, folded(n)) for n in names} | {(DOMAIN, d) for d in domains}
        self.firm_by_id = _pairs(CompanyId, "company_id", pairs | also)
        found = {pk for (pk,) in bulk.lookup(Company, "domain", domains, "id")}
        found |= {pk for (pk,) in bulk.lookup(Company, "name", names, "id")}
        found |= {*self.firm_by_id.values()}
        self.firms = {
            pk: Known(pk, dict(zip(COMPANY, values, strict=True)), bulk.values(custom), domain=domain)
            for pk, domain, custom, *values in bulk.lookup(
                Company, "id", found, "id", "domain", "custom", *COMPANY, lock=True
            )
        }
        self.new_firms = iter(bulk.ids(Company, len(pairs) + len(domains) + len(names)))
        others = {d: pk for d in domains if (pk := self.firm_by_id.get((DOMAIN, d)))}
        self.by_domain = others | {f.domain: f.pk for f in self.firms.values() if f.domain}
        self.by_name = {folded(self.firms[pk].values["name"]): pk for pk in sorted(self.firms, reverse=True)}
        for pk, told in bulk.lookup(Learned, "company_id", self.firms, "company_id", "values", origin=self.origin):
            self.firms[pk].told_before.append(told)

    def _person(self, said: Said) -> Known | None:
        pk = next(filter(None, map(self.by_id.get, said.ids)), None)
        pk = pk or next(filter(None, map(self.by_address.get, said.emails)), None)
        return self.people[pk] if pk else None

    def _firm(self, said: Said) -> Known | None:
        domain, name = _domain(said), said.company.get("name", "")
        if not (domain or name or said.company_ids):
            return None
        pk = next(filter(None, map(self.firm_by_id.get, said.company_ids)), None) or self.by_domain.get(domain)
        if pk is None and name and not said.company_ids:
            pk = self._by_name(folded(name), domain)
        firm = self.firms[pk] if pk else self._new_firm(domain, name, said)
        first = firm.made and not firm.touched
        changed = firm.learn(said.company)
        if domain and firm.domain is None and domain not in self.by_domain and not firm.heard("domain", domain):
            firm.domain = changed["domain"] = domain
            self.by_domain[domain] = firm.pk
        for pair in said.company_ids:
            self._own(self.firm_by_id, CompanyId, pair, firm.pk)
        if first:
            changed = {"name": firm.values["name"], **({"domain": firm.domain} if firm.domain else {}), **changed}
        if changed:
            firm.touched = True
            firm.told.append(changed)
            self.learned.append((None, firm.pk, None, self.now, bulk.text(changed), self.origin, self.by))
        return firm

    def _by_name(self, name: str, domain: str) -> int | None:
        """A company of this name; where a domain is given, only one whose domain is not yet known."""
        pk = self.firm_by_id.get((NAME, name)) or self.by_name.get(name)
        return pk if pk and not (domain and self.firms[pk].domain) else None

    def _new_firm(self, domain: str, name: str, said: Said) -> Known:
        values: dict[str, Any] = dict.fromkeys(COMPANY, "") | {"name": "" if name else domain[:200], "employees": None}
        firm = Known(next(self.new_firms), values, {}, domain=domain or None, made=True)
        self.firms[firm.pk] = firm
        if domain:
            self.by_domain[domain] = firm.pk
        elif name and not said.company_ids:
            self._own(self.firm_by_id, CompanyId, (NAME, folded(name)), firm.pk)
        return firm

    def _reach(self, person: Known, said: Said, firm: Known | None, changed: dict[str, Any]) -> None:
        """Addresses, numbers and ids that are not yet anybody's."""
        new = []
        for address in said.emails:
            owner = self.by_address.get(address)
            if owner is None and not person.heard("email", address):
                self.by_address[address] = person.pk
                self.new[Email].append((person.pk, address))
                new.append(address)
            elif owner and owner != person.pk:
                said.odd.append(("e-mail", f"{address} belongs to somebody else"))
        changed |= told_of(new)
        country = person.values["country"] or (firm.values["country"] if firm else "") or "NL"
        for raw in said.phones:
            number = identity.phone(raw, country)
            if number not in person.phones and not person.heard("phone", number):
                person.phones.add(number)
                self.new[Phone].append((person.pk, number))
                changed["phone"] = number
        for pair in said.ids:
            self._own(self.by_id, PersonId, pair, person.pk)

    def _own(self, owners: dict[tuple[str, str], int], model: type, pair: tuple[str, str], pk: int) -> None:
        if pair not in owners:
            owners[pair] = pk
            self.new[model].append((pk, *pair))

    # Writing

    def _write_people(self) -> None:
        columns = (*PERSON, "company_id", "custom")
        touched = [p for p in self.people.values() if p.touched]
        rows = [(*p.values.values(), p.company, bulk.text(p.custom)) for p in touched]
        new = [
            (*row, bulk.stamp(p.at) if p.at else self.now, p.pk) for row, p in zip(rows, touched, strict=True) if p.made
        ]
        bulk.insert(Person, (*columns, "at", "id"), new)
        bulk.update(Person, columns, [(*row, p.pk) for row, p in zip(rows, touched, strict=True) if not p.made])

    def _write_companies(self) -> None:
        columns = (*COMPANY, "domain", "custom")
        touched = [f for f in self.firms.values() if f.touched]
        rows = [(*f.values.values(), f.domain, bulk.text(f.custom)) for f in touched]
        bulk.insert(
            Company,
            (*columns, "at", "id"),
            [(*r, self.now, f.pk) for r, f in zip(rows, touched, strict=True) if f.made],
        )
        bulk.update(Company, columns, [(*r, f.pk) for r, f in zip(rows, touched, strict=True) if not f.made])


def _joins(person: Known, firm: Known, said: Said, changed: dict[str, Any]) -> bool:
    """Whether they are with this company from now on; an address alone takes nobody away from one that we know."""
    named = said.website or said.company_ids or "name" in said.company
    name = firm.values["name"] or firm.domain or ""
    if person.company != firm.pk and (person.company is None or named) and not person.heard("company", name):
        person.company, changed["company"] = firm.pk, name
        return True
    return False


def erased(rows: Iterable[Said]) -> set[int]:
    """The `id()` of those rows that are about somebody who was erased on request. The rest is for the `Crowd`."""
    ways: dict[int, list[str | tuple[str, str]]] = {}
    for said in rows:
        _name_without_address(said)
        ways[id(said)] = [*said.emails, *said.ids]
    gone = suppressed.among(way for some in ways.values() for way in some)
    return {row for row, some in ways.items() if gone.intersection(some)} if gone else set()


def name_and_number(first_name: str, last_name: str, number: str) -> tuple[str, str]:
    """The id of who is known by nothing but their name and number; `number` as `identity.phone` writes it."""
    return PHONE, f"{number} {slug(f'{first_name} {last_name}')}"[:200]


def look_again(people: Iterable[int], now: datetime) -> None:
    """Say of very many people that they should be looked at again."""
    at = bulk.stamp(now)
    bulk.insert(News, ("person_id", "at"), [(pk, at) for pk in people])


def _pairs(
    model: type[PersonId] | type[CompanyId], owner: str, pairs: set[tuple[str, str]]
) -> dict[tuple[str, str], int]:
    """Who owns each of these ids."""
    values = defaultdict(list)
    for system, value in pairs:
        values[system].append(value)
    return {
        (system, value): pk
        for system, some in values.items()
        for value, pk in bulk.lookup(model, "value", some, "value", owner, system=system)
    }


def _name_without_address(said: Said) -> None:
    """Who left only a name and a number is known by the two together."""
    if said.phones and not (said.ids or said.emails):
        number = identity.phone(said.phones[0], said.person.get("country") or "NL")
        names = (said.person.get("first_name", ""), said.person.get("last_name", ""))
        said.ids.append(name_and_number(*names, number))


def _domain(said: Said) -> str:
    return said.website or next(filter(None, map(identity.domain, said.emails)), "")
