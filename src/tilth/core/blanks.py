"""An agreement as a form to fill in: every place of the document is a blank with a name, and back.

`blanks` lists the places of one document; a name is the place's path, such as `interest.rules[3].points`. `fill` writes
what was typed back: only what differs from what was shown is written, so whatever a form cannot show (an odd type, a
part of a later Tilth, a number as text) stays as it is. Documents may be unsound here. Source: docs/algorithms/agreement.md
"""

import copy
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from .clauses.reader import Fault
from .entries import FREE, LISTS
from .kinds import (
    Choice,
    DayOf,
    Days,
    FieldOf,
    Flag,
    HoursOf,
    Kind,
    MeaningAt,
    More,
    Number,
    OperandOf,
    Picks,
    Share,
    Spans,
    StageOf,
    TestOf,
    Text,
    TimeOf,
    WeightOf,
    WordAt,
    Words,
)  # fmt: skip
from .places import GONE, get, put, steps
from .several import FieldAt, OperandAt, TestAt
from .terms import (
    ACTIONS,
    COMPANY_FIELDS,
    DAYS,
    DISPATCH,
    FREE_MAIL,
    GRADES,
    JOURNEY,
    LEVELS,
    PERSON_FIELDS,
    RESPONSIBLE,
    SEGMENT_FIELD,
    STEPS,
    TELL,
    TESTS,
    TOLD,
    TOUCH_KINDS,
)

FIELDS = (FREE_MAIL, *(f"person.{f}" for f in PERSON_FIELDS), *(f"company.{f}" for f in COMPANY_FIELDS))
REQUIRABLE = (*PERSON_FIELDS, "company")
MISSING = ("block", "flag")


@dataclass(frozen=True)
class Known:
    """What a form may offer: the offers, custom attributes and sellers that there are."""

    offers: tuple[str, ...] = ()
    fields: tuple[str, ...] = ()
    sellers: tuple[str, ...] = ()


@dataclass(frozen=True)
class Blank:
    """One place to fill in.

    name    its path now, unique in the form: `interest.rules[3].points`
    lasting the same with the id of the entry: `interest.rules[demo].points`, to find it in another version
    row     the sentence that it belongs to: `interest.rules[3]`, `sla.sales.calls`, `fit.grades`
    texts   what it shows: one text, or the picks that are ticked
    faulty  the paths under which a Fault belongs here
    """

    name: str
    lasting: str
    row: str
    kind: Kind
    texts: tuple[str, ...]
    steps: tuple[str | int, ...]
    faulty: tuple[str, ...]

    @property
    def text(self) -> str:
        return self.texts[0] if self.texts else ""


def blanks(document: Any, known: Known | None = None, mark: str = ".") -> dict[str, Blank]:
    """Every place of a document that a form shows, by name, in the order of the form.

    document   plain data with text keys, as JSON keeps it
    mark       the decimal mark of the page
    """
    return {b.name: b for b in _Form(document, known or Known(), mark).all()}


def fill(document: Any, typed: Mapping[str, Sequence[str]], known: Known | None = None, mark: str = ".") -> Any:
    """The document with what was typed into its form.

    typed      name to the texts that a browser sent; names that the form does not have are passed over
    known, mark   as the form was shown with
    returns    a new document; it equals `document` when everything was sent back as it was shown
    """
    out = copy.deepcopy(document) if isinstance(document, dict) else {}
    for blank in blanks(document, known, mark).values():
        texts = typed.get(blank.name)
        if texts is None or _same(texts, blank):
            continue
        put(out, blank.steps, blank.kind.read([_sent(t) for t in texts], get(out, blank.steps)))
    return out


def place(faults: Iterable[Fault], form: Mapping[str, Blank]) -> tuple[dict[str, list[Fault]], list[Fault]]:
    """Faults at the blank where they can be mended, and those that have none.

    returns    blank name to its faults; the faults of whole parts and of what the form does not show
    """
    by_path: dict[str, str] = {}
    for blank in form.values():
        for path in blank.faulty:
            by_path.setdefault(path, blank.name)
    at: dict[str, list[Fault]] = {}
    rest = []
    for fault in faults:
        name = None if fault.path in (*LISTS, *FREE) else _nearest(fault.path, by_path)
        rest.append(fault) if name is None else at.setdefault(name, []).append(fault)
    return at, rest


class _Form:
    """Walks a document part by part and makes its blanks."""

    def __init__(self, document: Any, known: Known, mark: str) -> None:
        self.document, self.known, self.mark = document, known, mark

    def all(self) -> Iterator[Blank]:
        yield from self.fit()
        yield from self.interest()
        yield from self.cells()
        yield from self.journey()
        yield from self.promises()
        yield from self.reasons()
        yield from self.way_back()
        yield from self.told()
        yield from self.routing()
        yield from self.release()
        yield from self.words()
        yield from self.calendar()

    def fit(self) -> Iterator[Blank]:
        for part in ("fit.rules", "fit.exclude", "segments"):
            for at in self.entries(part):
                yield from self.condition(at, FieldOf(self.fields()))
                if part == "fit.rules":
                    yield self.blank(f"{at}.points", at, Number())
                yield self.blank(f"{at}.say", at, Text())
        for grade in GRADES[:-1]:
            yield self.blank(f"fit.grades.{grade}", "fit.grades", Number())

    def interest(self) -> Iterator[Blank]:
        for at in self.entries("interest.rules"):
            offers = self.offers(at)
            yield self.blank(f"{at}.when.kind", at, Picks(TOUCH_KINDS, one=True))
            yield self.blank(f"{at}.when.offer", at, Picks(offers, one=True))
            yield self.blank(f"{at}.when.offer", at, More(), part="more")
            yield self.blank(f"{at}.when.event", at, Words(optional=True, one=True))
            yield self.blank(f"{at}.when.url", at, Text(optional=True))
            for name, kind in (("points", Number()), ("half_life_days", Number()), ("at_most", Number())):
                yield self.blank(f"{at}.{name}", at, kind)
            yield self.blank(f"{at}.raises_hand", at, Flag())
            yield self.blank(f"{at}.say", at, Text())
        for level in LEVELS[1:]:
            yield self.blank(f"interest.levels.{level}", "interest.levels", Number())

    def cells(self) -> Iterator[Blank]:
        for grade in GRADES:
            for n in range(len(LEVELS)):
                yield self.blank(f"matrix.{grade}[{n}]", "matrix", Choice(ACTIONS))
                yield self.blank(f"expected.chance.{grade}[{n}]", "matrix", Share())
        yield self.blank("expected.deal", "expected.deal", Number())
        yield self.blank("expected.fades_hours", "expected.fades_hours", Number())

    def journey(self) -> Iterator[Blank]:
        there = get(self.document, ["journey"])
        named = there if isinstance(there, Mapping) else {}
        told = [str(o) for s in JOURNEY for o in _as_list(named.get(s))]
        for offer in dict.fromkeys([*told, *self.known.offers]):
            yield self.blank("journey", "journey", StageOf(offer, JOURNEY), part=f"offer {offer}")
        yield self.blank("journey.forget_days", "journey.forget_days", Number())
        yield self.blank("ripeness.stage", "ripeness.stage", Choice(JOURNEY))
        yield self.blank("ripeness.touches", "ripeness.touches", Number())
        yield self.blank("ripeness.days", "ripeness.touches", Number())
        yield self.blank("ripeness.alarm_hours", "ripeness.alarm_hours", Number())
        yield self.blank("handoff.required", "handoff.required", Picks(REQUIRABLE))
        yield self.blank("handoff.missing", "handoff.required", Choice(MISSING))
        for stage in STEPS:
            yield self.blank(f"stages.{stage}.responsible", f"stages.{stage}", Choice(RESPONSIBLE))
            yield self.blank(f"stages.{stage}.does", f"stages.{stage}", Text(optional=True))

    def promises(self) -> Iterator[Blank]:
        owed = "sla.marketing"
        yield self.blank(f"{owed}.leads", f"{owed}.leads", Number())
        yield from self.moment(f"{owed}.by", f"{owed}.leads")
        yield self.blank(f"{owed}.good_fit", f"{owed}.leads", Share())
        yield self.blank(f"{owed}.good_grades", f"{owed}.leads", Picks(GRADES))
        yield self.blank(f"{owed}.value", f"{owed}.value", Number())
        owed = "sla.sales"
        levels = tuple(map(str, LEVELS))
        for n in levels:
            hours, path = HoursOf(n, levels), f"{owed}.first_contact_hours"
            yield self.blank(path, path, hours, part=f"level {n}", faulty=(f"{path}.{n}",))
        yield from self.moment(f"{owed}.qualify_by", f"{owed}.qualify_by")
        for name in ("calls", "mails", "documents", "hours"):
            for end in (0, 1):
                yield self.blank(f"{owed}.{name}[{end}]", f"{owed}.{name}", Number())
        for name in ("within_days", "room_hours", "stale_after_days"):
            yield self.blank(f"{owed}.{name}", f"{owed}.{name}", Number())
        for name in ("remind_hours", "escalate_hours", "reassign_hours"):
            yield self.blank(f"{owed}.{name}", f"{owed}.{name}", Number())
        yield self.blank(f"{owed}.late_moves", f"{owed}.late_moves", Flag())

    def reasons(self) -> Iterator[Blank]:
        for part in ("return_reasons", "recycle_reasons", "lost_reasons"):
            for at in self.entries(part):
                yield self.blank(f"{at}.say", at, Text())
                yield self.blank(f"{at}.hint", at, Text(optional=True))

    def way_back(self) -> Iterator[Blank]:
        yield self.blank("sla.review.reviewer", "sla.review", Text(optional=True))
        yield self.blank("sla.review.within_hours", "sla.review", Number())
        yield self.blank("sla.review.blind", "sla.review", Flag())
        yield self.blank("recycling.rounds", "recycling", Number())
        yield self.blank("recycling.rest_days", "recycling", Number())

    def told(self) -> Iterator[Blank]:
        for what in TOLD:
            yield self.blank(f"tell.{what}", "tell", Choice(TELL))

    def routing(self) -> Iterator[Blank]:
        yield from self.named("routing.accounts")
        yield self.blank("routing.first", "routing.first", Text(optional=True))
        yield self.blank("routing.dispatch", "routing.dispatcher", Choice(DISPATCH))
        yield self.blank("routing.dispatcher", "routing.dispatcher", Text(optional=True))
        for at in self.entries("routing.pools"):
            yield from self.all_of(at)
            yield self.blank(f"{at}.skill", at, Text(optional=True))
            members = get(self.document, [*steps(at), "members"])
            named = list(members) if isinstance(members, dict | list) else []
            for email in dict.fromkeys([*map(str, named), *self.known.sellers]):
                path = f"{at}.members"
                yield self.blank(path, at, WeightOf(email), part=email, faulty=(f"{path}.{email}",))
            yield self.blank(f"{at}.say", at, Text())

    def release(self) -> Iterator[Blank]:
        yield self.blank("release.by_capacity", "release", Flag())
        for level in LEVELS:
            yield self.blank(f"release.hours.{level}", "release", Number())

    def words(self) -> Iterator[Blank]:
        return self.named("glossary")

    def named(self, part: str) -> Iterator[Blank]:
        """A part whose names people choose: each name, and what stands for it."""
        there = get(self.document, steps(part))
        for n, word in enumerate(there if isinstance(there, Mapping) else ()):
            at, lasting = f"{part}[{n}]", f"{part}[{word}]"
            yield self.blank(part, at, WordAt(n), name=f"{at}.word", lasting=f"{lasting}.word")
            yield self.blank(
                part,
                at,
                MeaningAt(n),
                name=f"{at}.meaning",
                lasting=f"{lasting}.meaning",
                faulty=(f"{part}.{word}",),
            )

    def calendar(self) -> Iterator[Blank]:
        for name in ("name", "currency", "time_zone", "country"):
            yield self.blank(name, name, Text())
        yield self.blank("region", "country", Text(optional=True))
        for day in DAYS:
            yield self.blank(f"working_week.{day}", "working_week", Spans())
        yield self.blank("closing_days", "closing_days", Days())
        yield self.blank("open_days", "open_days", Days())

    def moment(self, path: str, row: str) -> Iterator[Blank]:
        yield self.blank(path, row, DayOf(), part="day")
        yield self.blank(path, row, TimeOf(), part="time")

    def condition(self, at: str, looks_at: FieldOf) -> Iterator[Blank]:
        path = f"{at}.when"
        yield self.blank(path, at, looks_at, part="field", faulty=(f"{path}.field",))
        yield self.blank(path, at, TestOf(), part="test")
        yield self.blank(path, at, OperandOf(), part="value", faulty=tuple(f"{path}.{t}" for t in TESTS))

    def all_of(self, at: str) -> Iterator[Blank]:
        """Several conditions that must all hold, and room for one more; the last first, so that none moves when one goes."""
        path = f"{at}.when"
        there, fields = get(self.document, steps(path)), (*self.fields(), SEGMENT_FIELD)
        many = isinstance(there, list)
        count = len(there) if many else 0 if there is GONE else 1
        for n in reversed(range(count + 1 if count else 1)):
            places = f"{path}[{n}]" if many else path
            tail = str(n + 1) if n else ""
            looks_at = FieldAt(fields, optional=True, n=n)
            yield self.blank(path, at, looks_at, part=f"field{tail}", faulty=(f"{places}.field", places))
            yield self.blank(path, at, TestAt(n=n), part=f"test{tail}", faulty=())
            yield self.blank(path, at, OperandAt(n), part=f"value{tail}", faulty=tuple(f"{places}.{t}" for t in TESTS))

    def entries(self, part: str) -> Iterator[str]:
        there = get(self.document, steps(part))
        for n, entry in enumerate(there if isinstance(there, list) else ()):
            if isinstance(entry, dict):
                yield f"{part}[{n}]"

    def fields(self) -> tuple[str, ...]:
        return tuple(dict.fromkeys([*FIELDS, *self.known.fields]))

    def offers(self, at: str) -> tuple[str, ...]:
        told = _as_list(get(self.document, [*steps(at), "when", "offer"]))
        return tuple(dict.fromkeys([*map(str, told), *self.known.offers]))

    def blank(
        self,
        path: str,
        row: str,
        kind: Kind,
        part: str = "",
        name: str = "",
        lasting: str = "",
        faulty: tuple[str, ...] = (),
    ) -> Blank:
        way = steps(path)
        name = name or (f"{path}:{part}" if part else path)
        if not lasting:
            tail = f":{part}" if part else ""
            lasting = f"{self.lasting(way)}{tail}"
        return Blank(name, lasting, row, kind, kind.show(get(self.document, way), self.mark), way, faulty or (path,))

    def lasting(self, way: Sequence[str | int]) -> str:
        out = ""
        for i, step in enumerate(way):
            if isinstance(step, int):
                name = get(self.document, [*way[: i + 1], "id"])
                out += f"[{name if isinstance(name, str) else step}]"
            else:
                out += f".{step}" if out else step
        return out


def lasting(document: Any, name: str) -> str:
    """The lasting name of an entry or a part: `fit.rules[2]` -> `fit.rules[country]`, `glossary[0]` -> `glossary[lead]`."""
    part, bracket, at = name.partition("[")
    if not bracket:
        return name
    entries, n = get(document, steps(part)), int(at.removesuffix("]"))
    if isinstance(entries, Mapping):
        return f"{part}[{list(entries)[n]}]"
    entry = get(entries, [n, "id"])
    return f"{part}[{entry if isinstance(entry, str) else n}]"


def _sent(text: str) -> str:
    return text.replace("\r\n", "\n").replace("\0", "")


def _same(texts: Sequence[str], blank: Blank) -> bool:
    """Whether a browser sent back what was shown; it drops line ends from one-line fields and reorders ticks."""
    if isinstance(blank.kind, Picks | Flag):
        return {t for t in texts if t} == set(blank.texts)
    return [_flat(t) for t in texts[-1:]] == [_flat(blank.text)]


def _flat(text: str) -> str:
    return text.replace("\r", "").replace("\n", "")


def _as_list(value: Any) -> list[Any]:
    return value if isinstance(value, list) else [value] if value not in (None, GONE, "") else []


def _nearest(path: str, by_path: Mapping[str, str]) -> str | None:
    """The blank at a path, or at the nearest place around it, or the first one inside it."""
    around = path
    while around:
        if around in by_path:
            return by_path[around]
        around = around[: max(around.rfind("."), around.rfind("["), 0)]
    return next((name for p, name in by_path.items() if p.startswith((f"{path}.", f"{path}["))), None)
