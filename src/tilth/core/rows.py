"""What one row of a file says, read with its mapping: plain values, or a reason why it cannot be."""

from collections import Counter
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field, replace
from decimal import Decimal
from functools import lru_cache, partial
from typing import Any
from zoneinfo import ZoneInfo

from rapidfuzz import fuzz, process

from . import countries, figures, identity, moments
from .figures import MISSING, Unreadable
from .mapping import DATES, Column, Mapping, code

NEAR = 70  # of 100: how alike a value must be to be named as what was perhaps meant
LONGEST = 4_000  # characters of a text that is kept


@dataclass(slots=True)
class Said:
    """What a row says about a person, a company, and about the touch, deal or cost that it tells of.

    `more` holds the fields of touch, deal or cost; `odd` what a human should look at: (kind, text).
    """

    line: int = 0
    ids: list[tuple[str, str]] = field(default_factory=list)
    emails: list[str] = field(default_factory=list)
    phones: list[str] = field(default_factory=list)
    person: dict[str, Any] = field(default_factory=dict)
    company: dict[str, Any] = field(default_factory=dict)
    company_ids: list[tuple[str, str]] = field(default_factory=list)
    website: str = ""
    more: dict[str, Any] = field(default_factory=dict)
    properties: dict[str, Any] = field(default_factory=dict)
    odd: list[tuple[str, str]] = field(default_factory=list)


# What a person and a company have by themselves, and what is remembered about them under such a name.
OURS = {
    "person": frozenset("first_name last_name title country language email phone company".split()),
    "company": frozenset("name industry employees country city domain".split()),
}
Step = tuple[int, str, Callable[[Said, str], None]]


class Reading:
    """Reads the rows of one file. The mapping must have been laid over its columns (`mapping.fit`)."""

    def __init__(self, mapping: Mapping):
        self.mapping = mapping
        self.zone = ZoneInfo(mapping.zone)
        self.empty = MISSING | frozenset(mapping.empty)
        self.steps: list[Step] = [(i, c.header, self._step(c)) for i, c in enumerate(mapping.columns) if c.field]
        filled = mapping.filled()
        self.constants = {k: v for k, v in mapping.constants.items() if k not in filled}

    def row(self, cells: Sequence[str], line: int = 0) -> Said:
        """What the cells say.

        raises     Unreadable, naming the column
        """
        said = Said(line, more=dict(self.constants))
        for i, header, step in self.steps:
            text = cells[i].strip()
            if text and text not in self.empty:
                try:
                    step(said, text)
                except Unreadable as e:
                    raise Unreadable(f"column “{header}”: {e}") from None
        return said

    def _step(self, column: Column) -> Callable[[Said, str], None]:
        """How the cells of one column are read and where they go."""
        if own := _OWN.get(column.field):
            return partial(own, self.mapping, column)
        if column.field in DATES:
            return partial(_moment, column.field, column.order or self.mapping.dates, self.zone)
        read = partial(_value, column, self.zone, self.mapping.dates)
        return partial(_keep, *_place(column), read)


def amount(said: Said, currency: str) -> int | None:
    """The money that a row names, in minor units of `currency`; None when it names none.

    raises     Unreadable
    """
    written = said.more.get("amount")
    return figures.money(written[0], currency, written[1], written[2]) if written else None


class Scan:
    """Looks at every cell of the columns whose reading must be found out: dates and decimal marks."""

    def __init__(self, mapping: Mapping):
        numeric = [
            i for i, c in enumerate(mapping.columns) if c.field in ("amount", "employees") or c.reads == "number"
        ]
        dated = [i for i, c in enumerate(mapping.columns) if c.field in DATES or (c.field and c.reads == "day")]
        self.mapping = mapping
        self.orders = {i: moments.Orders() for i in dated} if not mapping.dates else {}
        self.marks = {i: figures.Decimals() for i in numeric} if not mapping.decimal else {}

    def see(self, cells: Sequence[str]) -> None:
        for i, orders in self.orders.items():
            orders.see(cells[i])
        for i, marks in self.marks.items():
            if cells[i]:
                marks.see(cells[i])

    def settled(self) -> tuple[Mapping, list[str]]:
        """The mapping with every column's order and mark; and what could not be told for certain."""
        columns, doubts = list(self.mapping.columns), []
        for i, orders in self.orders.items():
            columns[i] = replace(columns[i], order=orders.order)
            if orders.ambiguous:
                doubts.append(
                    f"“{columns[i].header}”: every date can be read day first and month first; read day first."
                )
        for i, marks in self.marks.items():
            columns[i] = replace(columns[i], mark=marks.mark, mixed=marks.mixed)
            if marks.mixed:
                doubts.append(
                    f"“{columns[i].header}”: uses both 1.000,00 and 1,000.00; what can be read in two ways fails."
                )
        return replace(self.mapping, columns=tuple(columns)), doubts

    def plain(self) -> dict[str, Any]:
        """What was seen so far, as data, so that a scan can go on after a stop."""
        return {
            "orders": {str(i): [o.seen, o.dmy, o.mdy, o.ymd] for i, o in self.orders.items()},
            "marks": {str(i): [m.point, m.comma] for i, m in self.marks.items()},
        }

    def go_on(self, data: dict[str, Any]) -> "Scan":
        for i, counts in data.get("orders", {}).items():
            self.orders[int(i)] = moments.Orders(*counts)
        for i, counts in data.get("marks", {}).items():
            self.marks[int(i)] = figures.Decimals(*counts)
        return self


def tally(odd: Sequence[tuple[str, str]]) -> Counter[str]:
    return Counter(kind for kind, _say in odd)


def _place(column: Column) -> tuple[str, str]:
    """Which part of `Said` a column's values belong to, and under which name."""
    match column.field:
        case "custom":
            return "person", _apart("person", column.called)
        case "company_custom":
            return "company", _apart("company", column.called)
        case "property":
            return "properties", column.called
        case "first_name" | "last_name" | "title" | "language":
            return "person", column.field
        case "company" | "industry" | "company_city":
            return "company", {"company": "name", "company_city": "city"}.get(column.field, column.field)
    return "more", column.field


def _apart(part: str, name: str) -> str:
    """What a custom attribute is called: never as one of our own, whose column may not even hold it."""
    return f"{name}_as_written" if name in OURS[part] else name


def _keep(part: str, name: str, read: Callable[[Said, str], Any], said: Said, text: str) -> None:
    """Keep a value; what cannot be read as its column says is kept as it was written, and noted."""
    try:
        getattr(said, part)[name] = read(said, text)
    except Unreadable as e:
        getattr(said, part)[name] = text[:LONGEST]
        said.odd.append((name, str(e)))


def _moment(field: str, order: str, zone: ZoneInfo, said: Said, text: str) -> None:
    said.more[field] = moments.moment(text, zone, order)


def _nation(said: Said, about: dict[str, Any], text: str, column: Column) -> None:
    if found := countries.code(text):
        about["country"] = found
    else:
        about[f"{column.called}_as_written"] = text[:200]
        said.odd.append(("country", f"“{text[:60]}” is no country that we know"))


def _value(column: Column, zone: ZoneInfo, dates: str, said: Said, text: str) -> Any:
    """One cell as its column is read; what is not among the expected values is kept and noted."""
    if column.reads == "yes":
        return figures.yes(text)
    if column.reads == "number":
        return _plain_number(figures.number(text, column.mark, column.mixed), text)
    if column.reads == "day":
        return moments.moment(text, zone, column.order or dates).at.astimezone(zone).date().isoformat()
    if len(text) > LONGEST:
        said.odd.append((column.field, f"longer than {LONGEST:,} characters; the rest was left out"))
    value = code(text[:LONGEST]) if column.reads == "code" else text[:LONGEST]
    if column.known and value not in column.known:
        said.odd.append((column.field, _unexpected(value, column.known)))
    return value


def _plain_number(value: Decimal, text: str) -> int | float:
    if abs(value) > figures.LARGEST:
        raise Unreadable(f"“{text}” is out of range: more than a thousand trillion")
    return int(value) if value == value.to_integral_value() else float(value)


@lru_cache(maxsize=10_000)
def _unexpected(value: str, known: tuple[str, ...]) -> str:
    near = process.extractOne(value, known, scorer=fuzz.ratio, score_cutoff=NEAR)
    return f"“{value}” is not among the expected values" + (f"; the nearest is “{near[0]}”" if near else "")


def _id(mapping: Mapping, column: Column, said: Said, text: str) -> None:
    said.ids.append((mapping.system, text[:200]))


def _company_id(mapping: Mapping, column: Column, said: Said, text: str) -> None:
    said.company_ids.append((mapping.system, text[:200]))


def _email(mapping: Mapping, column: Column, said: Said, text: str) -> None:
    address = identity.email(text)
    if address:
        said.emails.append(address)
    else:
        said.odd.append(("e-mail", f"“{text[:60]}” is not an e-mail address"))


def _phone(mapping: Mapping, column: Column, said: Said, text: str) -> None:
    if sum(c.isdigit() for c in text) >= 5:
        said.phones.append(text[:60])
    else:
        said.odd.append(("phone", f"“{text[:60]}” is not a phone number"))


def _name(mapping: Mapping, column: Column, said: Said, text: str) -> None:
    last, comma, first = text.partition(",")
    if not comma:
        first, _, last = text.partition(" ")
    said.person.setdefault("first_name", first.strip())
    said.person.setdefault("last_name", last.strip())


def _country(mapping: Mapping, column: Column, said: Said, text: str) -> None:
    _nation(said, said.person, text, column)


def _company_country(mapping: Mapping, column: Column, said: Said, text: str) -> None:
    _nation(said, said.company, text, column)


def _website(mapping: Mapping, column: Column, said: Said, text: str) -> None:
    said.website = identity.website(text)


def _employees(mapping: Mapping, column: Column, said: Said, text: str) -> None:
    try:
        count = int(figures.number(text, column.mark or mapping.decimal))
    except Unreadable:
        count = -1
    if 0 <= count < 2**31:
        said.company["employees"] = count
    else:
        said.company[_apart("company", column.called)] = text[:200]
        said.odd.append(("employees", f"“{text[:60]}” is not a number of people"))


def _amount(mapping: Mapping, column: Column, said: Said, text: str) -> None:
    said.more["amount"] = (text, column.mark or mapping.decimal, column.mixed)


_OWN = {
    "id": _id, "company_id": _company_id, "email": _email, "phone": _phone, "name": _name, "country": _country,
    "company_country": _company_country, "website": _website, "employees": _employees, "amount": _amount,
}  # fmt: skip
