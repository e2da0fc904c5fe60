"""What was known about somebody at each moment, from what was learned and when. Source: docs/algorithms/lake.md

Moments are whole numbers here (the lake's are microseconds since 1970, UTC); rows come in the order in which they were
written, and a moment that lies before the row in front of it is moved up to that one.
"""

from collections.abc import Iterable, Mapping, Sequence
from typing import Any, NamedTuple

from .identity import is_free_mail

PERSON = ("first_name", "last_name", "title", "country", "language")
COMPANY = ("name", "domain", "industry", "employees", "country", "city")
NAMES = ("first_name", "last_name")  # of these, and of address and number, only that they are known


class Fact(NamedTuple):
    """From `at` on, an attribute has this value; None: it is no longer known."""

    at: int
    field: str
    value: Any


class Row(NamedTuple):
    """One row of what was learned of a person; `joined` is the company that they are with from then on, if it says so."""

    at: int
    values: Mapping[str, Any]
    joined: int | None = None


def of_company(rows: Iterable[tuple[int, Mapping[str, Any]]]) -> list[Fact]:
    """What was known of a company, in order of time."""
    out, latest = [], 0
    for at, values in rows:
        latest = max(at, latest)
        for name, value in values.items():
            if value not in (None, ""):
                out.append(Fact(latest, f"company.{name}" if name in COMPANY else f"company.custom.{name}", value))
    return out


def of_person(rows: Iterable[Row], companies: Mapping[int, Sequence[Fact]]) -> list[Fact]:
    """What was known of a person and of the company that they were with, in order of time.

    companies    of each company that the rows name, what `of_company` gives
    returns      at most one fact for each moment and field
    """
    out: list[Fact] = []
    spells: list[tuple[int, int]] = []
    latest, written_to = 0, False
    for at, values, joined in rows:
        latest = max(at, latest)
        for name, value in values.items():
            if value in (None, "") or (name == "company" and joined) or (name == "emails" and "email" in values):
                continue
            if name == "email":
                if not written_to:
                    out += (Fact(latest, "person.email", True), Fact(latest, "email.free", is_free_mail(value)))
                written_to = True
            elif name in NAMES or name == "phone":
                out.append(Fact(latest, f"person.{name}", True))
            else:
                out.append(Fact(latest, f"person.{name}" if name in PERSON else f"person.custom.{name}", value))
        if joined:
            spells.append((latest, joined))
    if spells:
        out += _through(spells, companies)
    last = {(fact.at, fact.field): fact for fact in out}
    return sorted(last.values(), key=lambda fact: fact.at)


def _through(spells: Sequence[tuple[int, int]], companies: Mapping[int, Sequence[Fact]]) -> Iterable[Fact]:
    """What was known of the companies somebody was with, each from the day they joined to the day they left."""
    had: dict[str, Any] = {}
    for n, (begin, company) in enumerate(spells):
        end = spells[n + 1][0] if n + 1 < len(spells) else None
        facts = companies.get(company, ())
        has = {fact.field: fact.value for fact in facts if fact.at <= begin}
        for field in had:
            if field not in has:
                yield Fact(begin, field, None)
        for field, value in has.items():
            yield Fact(begin, field, value)
        for fact in facts:
            if fact.at > begin and (end is None or fact.at < end):
                has[fact.field] = fact.value
                yield fact
        had = has
