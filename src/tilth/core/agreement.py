"""The agreement as a value: read a document, name every fault with its place and its mend.

`read(document)` turns the parsed YAML or JSON into `Terms`, or raises `Unsound` with all faults at
once. A document is plain data (dict, list, str, int, float, bool, None); nothing in here touches
files or the database. Source: docs/algorithms/agreement.md
"""

import hashlib
import json
import re
from collections.abc import Mapping, Sequence, Set
from dataclasses import dataclass, field
from datetime import date, time
from fractions import Fraction
from typing import Any
from zoneinfo import ZoneInfo

from . import holiday
from .figures import DIGITS

SCHEMA = "tilth/agreement/1"
GRADES = ("A", "B", "C", "D")
LEVELS = (1, 2, 3, 4)
ACTIONS = ("hand_off", "review", "nurture", "disqualify")
DAYS = ("monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday")
TOUCH_KINDS = (
    "page", "form", "download", "subscribe", "unsubscribe", "mail_open", "mail_click", "mail_reply", "webinar",
    "event", "card", "list", "call", "mail", "meeting", "chat", "note", "track",
)  # fmt: skip
PERSON_FIELDS = ("first_name", "last_name", "email", "phone", "title", "country", "language")
COMPANY_FIELDS = ("name", "domain", "industry", "employees", "country", "city")
TESTS = ("is", "in", "contains", "between", "at_least", "at_most", "known")
FREE_MAIL = "email.free"
SEGMENT_FIELD = "segment"  # of a lead: the id of the segment that it is in
DISPATCH = ("automatic", "manual")
NAMES_A_PERSON = tuple(f"person.{f}" for f in ("first_name", "last_name", "email", "phone"))
JOURNEY = ("awareness", "consideration", "decision")
STEPS = ("visitor", "subscriber", "lead", "mql", "sql", "customer")
RESPONSIBLE = ("marketing", "sales", "manager", "service")
MOST_CONDITIONS = 60  # fit rules, exclusions, segments and required fields together: each is a bit of one number
MOST_COUNTED = 1_000
_ADDRESS = re.compile(r"[^@\s]+@[^@\s]+")


@dataclass(frozen=True)
class Fault:
    """One thing wrong with a document: where, what, and how to mend it."""

    path: str
    what: str
    mend: str

    def __str__(self) -> str:
        return f"{self.path}: {self.what} {self.mend}"


class Unsound(ValueError):
    """The document cannot be an agreement; `faults` says why, in document order."""

    def __init__(self, faults: Sequence[Fault]):
        self.faults = tuple(faults)
        super().__init__("\n".join(map(str, self.faults)))


@dataclass(frozen=True)
class FitRule:
    """A condition on who a person and a company are: attribute, test, value, points."""

    id: str
    say: str
    field: str
    test: str
    value: Any
    points: float


@dataclass(frozen=True)
class InterestRule:
    """Which touches count for how much: halves every `half_life_days`, newest `at_most` counted.

    Empty `kinds`, `offers`, `events` or `url` do not narrow. `raises_hand` makes an MQL by itself.
    """

    id: str
    say: str
    kinds: frozenset[str]
    offers: frozenset[str]
    events: frozenset[str]
    url: str
    points: float
    half_life_days: float
    at_most: int
    raises_hand: bool


@dataclass(frozen=True)
class Condition:
    """A named condition without points: a hard exclusion, or a segment of the ideal customers."""

    id: str
    say: str
    field: str
    test: str
    value: Any


@dataclass(frozen=True)
class Ripeness:
    """When a lead is ripe: not too early, not too late (R31). A raised hand is ripe at once.

    stage         the least stage of the buyer's journey: 1 awareness (anybody), 2 consideration, 3 decision
    touches       so many touches that counted
    days          and so many days since the first of them
    alarm_hours   working hours after which a ripe lead that waits is an alarm
    """

    stage: int = 1
    touches: int = 0
    days: float = 0
    alarm_hours: float = 24


@dataclass(frozen=True)
class Step:
    """One stage of the funnel: the one role that is responsible for it, and what it does there (R33, R59)."""

    responsible: str
    does: str


@dataclass(frozen=True)
class Reason:
    """A coded reason for a return, a recycling or a loss, in the words of both teams."""

    id: str
    say: str
    hint: str = ""


@dataclass(frozen=True)
class Pool:
    """A group of owners. `members` maps e-mail to weight; empty means everyone in sales, equally.

    when    conditions on the lead that must all hold; without any, the pool takes every lead
    skill   what its members must be able to do, such as a language; empty asks for nothing
    """

    id: str
    say: str
    members: Mapping[str, float]
    when: tuple[Condition, ...] = ()
    skill: str = ""


@dataclass(frozen=True)
class Routes:
    """Who gets a lead (B5, R34): whoever has its account, else who works leads first, else the first pool that fits.

    accounts     domain of a named account, in lower case, to the e-mail of its owner
    first        the skill of those who work every other lead first; empty: nobody does
    by_hand      leads wait until `dispatcher`, an e-mail, passes them on
    """

    pools: tuple[Pool, ...]
    accounts: Mapping[str, str] = field(default_factory=dict)
    first: str = ""
    by_hand: bool = False
    dispatcher: str = ""


@dataclass(frozen=True)
class Moment:
    """A moment of the week: Monday 09:00."""

    weekday: int
    at: time

    def __str__(self) -> str:
        return f"{DAYS[self.weekday]} {self.at:%H:%M}"


@dataclass(frozen=True)
class MarketingPromise:
    """So many leads by a moment each week, of which a share of good fit."""

    leads: int
    by: Moment
    good_fit: float
    good_grades: tuple[str, ...]


@dataclass(frozen=True)
class SalesPromise:
    """First contact in working hours (by interest level), a verdict by a moment, floor and ceiling.

    calls, mails, documents   the fewest and the most in `within_days` working days
    hours                     time to invest in one lead, the least and the most
    room_hours                hours a week that all of sales has for new leads; 0 when nobody said
    """

    first_contact_hours: Mapping[int, float]
    qualify_by: Moment
    calls: tuple[int, int]
    mails: tuple[int, int]
    stale_after_days: int
    documents: tuple[int, int] = (0, 99)
    hours: tuple[float, float] = (0.5, 4)
    within_days: int = 21
    room_hours: float = 0


@dataclass(frozen=True)
class Terms:
    """A sound agreement. Money is in minor units of `currency`, shares are fractions 0..1."""

    name: str
    currency: str
    zone: ZoneInfo
    country: str
    region: str
    hours: tuple[tuple[tuple[time, time], ...], ...]
    closing_days: frozenset[date]
    open_days: frozenset[date]
    glossary: Mapping[str, str]
    fit_rules: tuple[FitRule, ...]
    grades: Mapping[str, float]
    interest_rules: tuple[InterestRule, ...]
    levels: Mapping[int, float]
    matrix: Mapping[str, tuple[str, ...]]
    chances: Mapping[str, tuple[float, ...]]
    deal_value: int
    fades_hours: float
    required: tuple[str, ...]
    missing_blocks: bool
    marketing: MarketingPromise
    sales: SalesPromise
    return_reasons: tuple[Reason, ...]
    recycle_reasons: tuple[Reason, ...]
    lost_reasons: tuple[Reason, ...]
    routing: Routes
    exclusions: tuple[Condition, ...]
    segments: tuple[Condition, ...]
    journey: Mapping[str, int]
    forget_days: float
    ripeness: Ripeness
    steps: Mapping[str, Step]
    document: Mapping[str, Any] = field(repr=False, compare=False)

    @property
    def pools(self) -> tuple[Pool, ...]:
        return self.routing.pools

    def action(self, grade: str, level: int) -> str:
        """What the matrix says for this cell: one of `ACTIONS`."""
        return self.matrix[grade][level - 1]

    def value(self, grade: str, level: int) -> int:
        """Expected value of a lead in this cell, in minor units: chance times the usual deal."""
        return round(self.chances[grade][level - 1] * self.deal_value)


def fingerprint(document: Mapping[str, Any]) -> str:
    """The SHA-256 of a document, the same whatever the order of its keys. Both teams sign this."""
    text = json.dumps(document, sort_keys=True, ensure_ascii=False, separators=(",", ":"))
    return hashlib.sha256(text.encode()).hexdigest()


def read(document: Any) -> Terms:
    """The terms that a document states.

    document   parsed YAML or JSON
    returns    Terms, with `document` kept for the record
    raises     Unsound, with every fault that was found
    """
    r = _Reader()
    if not isinstance(document, Mapping):
        raise Unsound([Fault("(document)", "is not a set of named parts.", "Start with `schema: tilth/agreement/1`.")])
    doc = dict(document)
    if doc.get("schema") != SCHEMA:
        r.fault("schema", f"is {doc.get('schema')!r}.", f"This Tilth reads `schema: {SCHEMA}`.")
    known = {
        "schema", "name", "currency", "time_zone", "country", "region", "working_week", "closing_days", "open_days", "glossary",
        "fit", "interest", "matrix", "expected", "handoff", "sla", "return_reasons", "recycle_reasons",
        "lost_reasons", "routing", "segments", "journey", "ripeness", "stages",
    }  # fmt: skip
    for key in doc:
        if key not in known:
            r.fault(str(key), "is not a part of an agreement.", f"Parts are: {', '.join(sorted(known))}.")
    terms = Terms(
        name=r.text(doc, "name", ""),
        currency=r.currency(doc),
        zone=r.zone(doc),
        country=r.text(doc, "country", "").upper(),
        region=r.region(doc),
        hours=r.hours(doc),
        closing_days=r.dates(doc, "closing_days"),
        open_days=r.dates(doc, "open_days"),
        glossary=r.glossary(doc),
        fit_rules=r.fit_rules(doc),
        grades=r.grades(doc),
        interest_rules=r.interest_rules(doc),
        levels=r.levels(doc),
        matrix=r.grid(doc, "matrix", _an_action),
        chances=r.grid(r.part(doc, "expected"), "chance", _a_share, "expected."),
        deal_value=round(
            r.number(r.part(doc, "expected"), "deal", "expected.", low=0)
            * 10 ** DIGITS.get(str(doc.get("currency")), 2)
        ),
        fades_hours=r.number(r.part(doc, "expected"), "fades_hours", "expected.", low=1, default=72),
        required=r.required(doc),
        missing_blocks=r.choice(r.part(doc, "handoff"), "missing", ("block", "flag"), "handoff.") == "block",
        marketing=r.marketing(doc),
        sales=r.sales(doc),
        return_reasons=r.reasons(doc, "return_reasons"),
        recycle_reasons=r.reasons(doc, "recycle_reasons"),
        lost_reasons=r.reasons(doc, "lost_reasons"),
        routing=r.routing(doc),
        exclusions=r.conditions(r.part(doc, "fit"), "exclude", "fit."),
        segments=r.conditions(doc, "segments"),
        journey=r.journey(doc),
        forget_days=r.number(r.part(doc, "journey"), "forget_days", "journey.", low=1, default=180, high=3_650),
        ripeness=r.ripeness(doc),
        steps=r.steps(doc),
        document=doc,
    )
    r.contradictions(terms)
    conditions = len(terms.fit_rules) + len(terms.exclusions) + len(terms.segments) + len(terms.required)
    if conditions > MOST_CONDITIONS:
        r.fault(
            "fit",
            f"has {conditions} conditions with exclusions, segments and required fields.",
            f"Keep {MOST_CONDITIONS}.",
        )
    if r.faults:
        raise Unsound(r.faults)
    return terms


def _an_action(value: Any) -> str | None:
    return value if value in ACTIONS else None


_an_action.say = f"one of {', '.join(ACTIONS)}"  # type: ignore[attr-defined]


def share(value: Any) -> float | None:
    """A fraction 0..1 from a number, "12%" or "1/3"; None when it is none of these."""
    try:
        if isinstance(value, bool):
            return None
        if isinstance(value, str):
            text = value.strip()
            value = float(Fraction(text[:-1].strip())) / 100 if text.endswith("%") else float(Fraction(text))
        value = float(value)
    except (ValueError, TypeError, ZeroDivisionError, OverflowError):
        return None
    return value if 0 <= value <= 1 else None


def _a_share(value: Any) -> float | None:
    return share(value)


_a_share.say = "a share such as 0.12, 12% or 1/8"  # type: ignore[attr-defined]


class _Reader:
    """Reads one part after the other and collects faults instead of stopping at the first."""

    def __init__(self) -> None:
        self.faults: list[Fault] = []

    def fault(self, path: str, what: str, mend: str) -> None:
        self.faults.append(Fault(path, what, mend))

    def part(self, doc: Mapping, key: str, at: str = "") -> Mapping:
        value = doc.get(key)
        if value is None:
            return {}
        if not isinstance(value, Mapping):
            self.fault(at + key, "is not a set of named parts.", "Write `name: value` lines under it.")
            return {}
        return value

    def items(self, doc: Mapping, key: str, at: str = "") -> list[tuple[str, Mapping]]:
        value = doc.get(key)
        if value is None:
            return []
        if not isinstance(value, list):
            self.fault(at + key, "is not a list.", "Start each entry with `- `.")
            return []
        out = []
        for i, item in enumerate(value):
            if isinstance(item, Mapping):
                out.append((f"{at}{key}[{i}].", item))
            else:
                self.fault(f"{at}{key}[{i}]", "is not a set of named parts.", "Write `id:` and `say:`.")
        return out

    def listed(self, doc: Mapping, key: str, at: str = "") -> list[Any]:
        """The values of a plain list; [] when it is not there."""
        value = doc.get(key) or []
        if not isinstance(value, list | tuple):
            self.fault(at + key, f"is {value!r}, which is not a list.", "Write it in square brackets, with commas.")
            return []
        return list(value)

    def text(self, doc: Mapping, key: str, at: str = "", optional: bool = False) -> str:
        value = doc.get(key)
        if value is None or value == "":
            if not optional:
                self.fault(at + key, "is missing.", "Write it.")
            return ""
        if not isinstance(value, str):
            self.fault(at + key, f"is {value!r}, which is not text.", "Put it in quotation marks.")
            return ""
        return value

    def number(
        self,
        doc: Mapping,
        key: str,
        at: str = "",
        low: float | None = None,
        default: float | None = None,
        high: float | None = None,
    ) -> float:
        value = doc.get(key, default)
        if (
            isinstance(value, bool)
            or not isinstance(value, int | float)
            or value != value
            or abs(value) == float("inf")
        ):
            self.fault(
                at + key, "is missing." if value is None else f"is {value!r}, which is not a number.", "Write a number."
            )
            return low or 1
        if low is not None and value < low:
            self.fault(at + key, f"is {value}, too small.", f"Write {low} or more.")
            return low
        if high is not None and value > high:
            self.fault(at + key, f"is {value}, too large.", f"Write {high} or less.")
            return high
        return value

    def choice(self, doc: Mapping, key: str, choices: Sequence[str], at: str = "") -> str:
        value = doc.get(key)
        if value not in choices:
            self.fault(at + key, f"is {value!r}.", f"Write one of: {', '.join(choices)}.")
            return choices[0]
        return str(value)

    def currency(self, doc: Mapping) -> str:
        value = doc.get("currency")
        if not (isinstance(value, str) and len(value) == 3 and value.isalpha() and value.isupper()):
            self.fault("currency", f"is {value!r}.", "Write three capitals, such as EUR.")
            return "EUR"
        return value

    def zone(self, doc: Mapping) -> ZoneInfo:
        value = doc.get("time_zone")
        try:
            return ZoneInfo(value)  # type: ignore[arg-type]
        except Exception:  # zoneinfo raises six kinds, all of which mean this
            self.fault("time_zone", f"is {value!r}, which is not a time zone.", "Write one such as Europe/Amsterdam.")
            return ZoneInfo("UTC")

    def region(self, doc: Mapping) -> str:
        """The region, once its holidays (and its country's) are known to exist."""
        country, region = doc.get("country"), self.text(doc, "region", "", optional=True)
        try:
            if isinstance(country, str) and country:
                holiday.check(country.upper(), region)
        except holiday.UnknownPlace as e:
            self.fault("region" if region else "country", f"is {region or country!r}.", str(e))
        return region

    def hours(self, doc: Mapping) -> tuple[tuple[tuple[time, time], ...], ...]:
        week = self.part(doc, "working_week")
        for day in week:
            if day not in DAYS:
                self.fault(f"working_week.{day}", "is not a day.", f"Days are: {', '.join(DAYS)}.")
        out = []
        for day in DAYS:
            spans: list[tuple[time, time]] = []
            texts = week.get(day) or []
            for i, text in enumerate(texts if isinstance(texts, list) else [texts]):
                span = _span(text)
                if span is None or (spans and span[0] < spans[-1][1]):
                    self.fault(
                        f"working_week.{day}[{i}]", f"is {text!r}.", 'Write hours in order, such as "09:00-17:30".'
                    )
                else:
                    spans.append(span)
            out.append(tuple(spans))
        if not any(out):
            self.fault("working_week", "has no open hour.", 'Write `monday: ["09:00-17:00"]` and so on.')
        return tuple(out)

    def dates(self, doc: Mapping, key: str) -> frozenset[date]:
        out = set()
        for i, value in enumerate(self.listed(doc, key)):
            try:
                out.add(value if isinstance(value, date) else date.fromisoformat(value))
            except (TypeError, ValueError):
                self.fault(f"{key}[{i}]", f"is {value!r}.", "Write a date such as 2026-12-24.")
        return frozenset(out)

    def condition(self, when: Any, at: str, more: tuple[str, ...] = ()) -> tuple[str, str, Any]:
        if not isinstance(when, Mapping) or "field" not in when:
            self.fault(at, "does not say which field it looks at.", "Write `field: company.employees` and a test.")
            return "", "known", True
        name = str(when["field"])
        fields = (
            [FREE_MAIL]
            + [f"person.{f}" for f in PERSON_FIELDS]
            + [f"company.{f}" for f in COMPANY_FIELDS]
            + list(more)
        )  # fmt: skip
        if name not in fields and not name.startswith(("person.custom.", "company.custom.")):
            self.fault(
                f"{at}.field",
                f"is {name!r}, which nobody has.",
                f"Fields are: {', '.join(fields)}, or person.custom.… and company.custom.…",
            )
        tests = [t for t in TESTS if t in when]
        if name in NAMES_A_PERSON and tests != ["known"]:
            self.fault(
                f"{at}.field",
                f"is {name!r}, which names a person.",
                "Test only whether it is known, or use email.free.",
            )
        if len(tests) != 1:
            self.fault(at, f"has {len(tests)} tests.", f"Write exactly one of: {', '.join(TESTS)}.")
            return name, "known", True
        value = when[tests[0]]
        if tests[0] == "between" and not (
            isinstance(value, list) and len(value) == 2 and _numbers(value) and value[0] <= value[1]
        ):
            self.fault(f"{at}.between", f"is {value!r}.", "Write two numbers in order, such as [50, 500].")
        if tests[0] in ("at_least", "at_most") and not _numbers([value]):
            self.fault(f"{at}.{tests[0]}", f"is {value!r}.", "Write a number.")
        if tests[0] in ("in", "contains") and not isinstance(value, list):
            self.fault(f"{at}.{tests[0]}", f"is {value!r}.", "Write a list, such as [NL, BE].")
            value = [value]
        return name, tests[0], tuple(value) if isinstance(value, list) else value

    def conditions(self, doc: Mapping, key: str, at: str = "") -> tuple[Condition, ...]:
        out = []
        for place, item in self.items(doc, key, at):
            name, test, value = self.condition(item.get("when"), f"{place}when")
            out.append(Condition(self.text(item, "id", place), self.text(item, "say", place), name, test, value))
        self.unique(f"{at}{key}", [c.id for c in out])
        return tuple(out)

    def journey(self, doc: Mapping) -> Mapping[str, int]:
        part, out = self.part(doc, "journey"), {}
        for key in part:
            if key not in (*JOURNEY, "forget_days"):
                self.fault(f"journey.{key}", "is not a stage of the journey.", f"Stages are: {', '.join(JOURNEY)}.")
        for stage, name in enumerate(JOURNEY, 1):
            offers = part.get(name) or []
            if not isinstance(offers, list):
                self.fault(f"journey.{name}", f"is {offers!r}.", "Write a list of offers, such as [demo, quote].")
                continue
            for i, offer in enumerate(map(str, offers)):
                if offer in out:
                    self.fault(f"journey.{name}[{i}]", f"is {offer!r}, which stands in two stages.", "Leave it in one.")
                out[offer] = stage
        return out

    def ripeness(self, doc: Mapping) -> Ripeness:
        at, part = "ripeness.", self.part(doc, "ripeness")
        for key in part:
            if key not in ("stage", "touches", "days", "alarm_hours"):
                self.fault(at + str(key), "is not a part of ripeness.", "Parts are: stage, touches, days, alarm_hours.")
        stage = self.choice({"stage": JOURNEY[0], **part}, "stage", JOURNEY, at)
        return Ripeness(
            JOURNEY.index(stage) + 1,
            int(self.number(part, "touches", at, low=0, default=0, high=MOST_COUNTED)),
            self.number(part, "days", at, low=0, default=0, high=3_650),
            self.number(part, "alarm_hours", at, low=0, default=24, high=2_000),
        )

    def steps(self, doc: Mapping) -> Mapping[str, Step]:
        part, out = self.part(doc, "stages"), {}
        for name in part:
            if name not in STEPS:
                self.fault(f"stages.{name}", "is not a stage.", f"Stages are: {', '.join(STEPS)}.")
        for i, name in enumerate(STEPS):
            step, at = self.part(part, name, "stages."), f"stages.{name}."
            half = "marketing" if i <= STEPS.index("lead") else "sales"
            who = self.choice({"responsible": half, **step}, "responsible", RESPONSIBLE, at)
            out[name] = Step(who, self.text(step, "does", at, optional=True))
        return out

    def contradictions(self, terms: Terms) -> None:
        """Rules about the very same thing of which one gives what the other takes."""
        fit = [((c.field, c.test, c.value), c) for c in terms.fit_rules]
        interest = [((c.kinds, c.offers, c.events, c.url), c) for c in terms.interest_rules]
        rules: list[tuple[str, list[tuple[Any, Any]]]] = [("fit", fit), ("interest", interest)]
        for part, about in rules:
            for i, (what, rule) in enumerate(about):
                others = [other for same, other in about[:i] if same == what and other.points * rule.points < 0]
                if others:
                    self.fault(
                        f"{part}.rules[{i}]",
                        f"gives {rule.points:+g} points for what the rule {others[0].id!r} gives {others[0].points:+g}.",
                        "Keep one of the two.",
                    )
        for i, (what, rule) in enumerate(fit):
            never = [c for c in terms.exclusions if (c.field, c.test, c.value) == what and rule.points > 0]
            if never:
                self.fault(
                    f"fit.rules[{i}]",
                    f"gives points to whom the exclusion {never[0].id!r} keeps out.",
                    "Keep one of the two.",
                )

    def unique(self, at: str, ids: list[str]) -> None:
        for name in sorted({i for i in ids if ids.count(i) > 1}):
            self.fault(at, f"has two entries with the id {name!r}.", "Give each its own id.")

    def glossary(self, doc: Mapping) -> Mapping[str, str]:
        out = {str(k): str(v) for k, v in self.part(doc, "glossary").items()}
        if any(not term.strip() for term in out):
            self.fault("glossary.", "has a meaning without a term.", "Write the term, or remove it.")
        return out

    def fit_rules(self, doc: Mapping) -> tuple[FitRule, ...]:
        out = []
        for at, item in self.items(self.part(doc, "fit"), "rules", "fit."):
            name, test, value = self.condition(item.get("when"), f"{at}when")
            out.append(
                FitRule(
                    self.text(item, "id", at),
                    self.text(item, "say", at),
                    name,
                    test,
                    value,
                    self.number(item, "points", at),
                )
            )
        self.unique("fit.rules", [r.id for r in out])
        return tuple(out)

    def interest_rules(self, doc: Mapping) -> tuple[InterestRule, ...]:
        out = []
        for at, item in self.items(self.part(doc, "interest"), "rules", "interest."):
            when = self.part(item, "when", at)
            kinds = _words(when.get("kind"))
            for kind in sorted(kinds - set(TOUCH_KINDS)):
                self.fault(
                    f"{at}when.kind", f"is {kind!r}, which no touch is.", f"Kinds are: {', '.join(TOUCH_KINDS)}."
                )
            if not when:
                self.fault(
                    f"{at}when", "is empty, so every touch would count.", "Write `kind:`, `offer:`, `event:` or `url:`."
                )
            out.append(
                InterestRule(
                    id=self.text(item, "id", at),
                    say=self.text(item, "say", at),
                    kinds=kinds,
                    offers=_words(when.get("offer")),
                    events=_words(when.get("event")),
                    url=str(when.get("url") or ""),
                    points=self.number(item, "points", at),
                    half_life_days=self.number(item, "half_life_days", at, low=1 / 24, high=36_500),
                    at_most=int(self.number(item, "at_most", at, low=1, default=1, high=MOST_COUNTED)),
                    raises_hand=bool(item.get("raises_hand", False)),
                )
            )
        self.unique("interest.rules", [r.id for r in out])
        return tuple(out)

    def grades(self, doc: Mapping) -> Mapping[str, float]:
        part = self.part(self.part(doc, "fit"), "grades", "fit.")
        out = {g: self.number(part, g, "fit.grades.") for g in GRADES[:-1]}
        if not out["A"] > out["B"] > out["C"]:
            self.fault(
                "fit.grades", "are not in order.", "A needs more points than B, and B more than C; D is the rest."
            )
        return out

    def levels(self, doc: Mapping) -> Mapping[int, float]:
        part = {str(k): v for k, v in self.part(self.part(doc, "interest"), "levels", "interest.").items()}
        out = {n: self.number(part, str(n), "interest.levels.") for n in LEVELS[1:]}
        if not 0 < out[2] < out[3] < out[4]:
            self.fault(
                "interest.levels",
                "are not in order.",
                "Level 4 needs more points than 3, 3 more than 2, and 2 more than 0.",
            )
        return out

    def grid(self, doc: Mapping, key: str, cell: Any, at: str = "") -> Mapping[str, tuple]:
        part = self.part(doc, key, at)
        out = {}
        for grade in GRADES:
            row = part.get(grade)
            if not isinstance(row, list) or len(row) != len(LEVELS):
                self.fault(
                    f"{at}{key}.{grade}", "does not have four cells.", "Write one for each interest level, 1 to 4."
                )
                row = []
            cells = [cell(v) for v in row]
            for i, value in enumerate(cells):
                if value is None:
                    self.fault(f"{at}{key}.{grade}[{i}]", f"is {row[i]!r}.", f"Write {cell.say}.")
            out[grade] = tuple(cells) if len(cells) == 4 else (cell("nurture") or 0.0,) * 4
        for grade in part:
            if grade not in GRADES:
                self.fault(f"{at}{key}.{grade}", "is not a fit grade.", "Grades are A, B, C and D.")
        return out

    def required(self, doc: Mapping) -> tuple[str, ...]:
        fields = self.listed(self.part(doc, "handoff"), "required", "handoff.")
        for i, name in enumerate(fields):
            if name not in (*PERSON_FIELDS, "company"):
                self.fault(
                    f"handoff.required[{i}]", f"is {name!r}.", f"Write one of: {', '.join(PERSON_FIELDS)}, company."
                )
        return tuple(fields)

    def moment(self, doc: Mapping, key: str, at: str) -> Moment:
        value = doc.get(key)
        day, _, hour = str(value or "").strip().lower().partition(" ")
        try:
            return Moment(DAYS.index(day), _hour(hour))
        except ValueError:
            self.fault(at + key, f"is {value!r}.", "Write a day and a time, such as monday 09:00.")
            return Moment(0, time(9))

    def marketing(self, doc: Mapping) -> MarketingPromise:
        at = "sla.marketing."
        part = self.part(self.part(doc, "sla"), "marketing", "sla.")
        good = share(part.get("good_fit", 0))
        if good is None:
            self.fault(f"{at}good_fit", f"is {part.get('good_fit')!r}.", "Write a share such as 60%.")
        grades = tuple(self.listed(part, "good_grades", at) or ("A", "B"))
        if any(g not in GRADES for g in grades):
            self.fault(f"{at}good_grades", f"are {list(grades)!r}.", "Write grades, such as [A, B].")
        return MarketingPromise(
            int(self.number(part, "leads", at, low=0, high=1_000_000)), self.moment(part, "by", at), good or 0.0, grades
        )

    def sales(self, doc: Mapping) -> SalesPromise:
        at = "sla.sales."
        part = self.part(self.part(doc, "sla"), "sales", "sla.")
        hours = part.get("first_contact_hours")
        by_level = (
            {str(k): v for k, v in hours.items()} if isinstance(hours, Mapping) else {str(n): hours for n in LEVELS}
        )
        return SalesPromise(
            first_contact_hours={
                n: self.number(by_level, str(n), f"{at}first_contact_hours.", low=0, high=2_000) for n in LEVELS
            },
            qualify_by=self.moment(part, "qualify_by", at),
            calls=self.counts(part, "calls", at),
            mails=self.counts(part, "mails", at),
            stale_after_days=int(self.number(part, "stale_after_days", at, low=1, default=10, high=250)),
            documents=self.counts(part, "documents", at, [0, 99]),
            hours=self.floor_ceiling(part, "hours", at, [0.5, 4]),
            within_days=int(self.number(part, "within_days", at, low=1, default=21, high=250)),
            room_hours=self.number(part, "room_hours", at, low=0, default=0, high=1_000_000),
        )

    def counts(self, part: Mapping, key: str, at: str, default: Any = None) -> tuple[int, int]:
        fewest, most = self.floor_ceiling(part, key, at, default)
        return (int(fewest), int(most))

    def floor_ceiling(self, part: Mapping, key: str, at: str, default: Any = None) -> tuple[float, float]:
        value = part.get(key, default)
        if not (isinstance(value, list) and len(value) == 2 and _numbers(value) and 0 <= value[0] <= value[1]):
            self.fault(at + key, f"is {value!r}.", "Write the fewest and the most, such as [3, 5].")
            return (0, 99)
        return (value[0], value[1])

    def reasons(self, doc: Mapping, key: str) -> tuple[Reason, ...]:
        out = [
            Reason(self.text(i, "id", at), self.text(i, "say", at), str(i.get("hint") or ""))
            for at, i in self.items(doc, key)
        ]
        if not out:
            self.fault(key, "is empty, so nobody could give one.", "Write at least one with `id:` and `say:`.")
        self.unique(key, [r.id for r in out])
        return tuple(out)

    def routing(self, doc: Mapping) -> Routes:
        at, part = "routing.", self.part(doc, "routing")
        dispatch = self.choice({"dispatch": DISPATCH[0], **part}, "dispatch", DISPATCH, at)
        dispatcher = self.address(part, "dispatcher", at) if part.get("dispatcher") else ""
        if dispatch == "manual" and not dispatcher:
            self.fault("routing.dispatcher", "is missing, so nobody would pass leads on.", "Write who does.")
        first = self.text(part, "first", at, optional=True).strip()
        return Routes(self.pools(doc), self.accounts(part), first, dispatch == "manual", dispatcher)

    def accounts(self, part: Mapping) -> Mapping[str, str]:
        out = {}
        named = self.part(part, "accounts", "routing.")
        for domain in map(str, named):
            if not domain.strip():
                self.fault("routing.accounts.", "has an owner without a domain.", "Write the domain, or remove it.")
            out[domain.strip().lower()] = self.address(named, domain, "routing.accounts.")
        return out

    def address(self, part: Mapping, key: str, at: str) -> str:
        value = part.get(key)
        if not isinstance(value, str) or not _ADDRESS.fullmatch(value.strip()):
            self.fault(at + key, f"is {value!r}.", "Write the e-mail address of a colleague.")
            return ""
        return value.strip().lower()

    def pools(self, doc: Mapping) -> tuple[Pool, ...]:
        segments = {str(item.get("id")) for _at, item in self.items(doc, "segments")}
        out = []
        for at, item in self.items(self.part(doc, "routing"), "pools", "routing."):
            members, when = self.members(item, at), self.all_of(item, at, segments)
            skill = self.text(item, "skill", at, optional=True).strip()
            out.append(Pool(self.text(item, "id", at), self.text(item, "say", at), members, when, skill))
        if not out:
            self.fault(
                "routing.pools",
                "is empty, so no lead could reach anyone.",
                "Write one pool with `members: everyone in sales`.",
            )
        elif out[-1].when:
            self.fault(
                "routing.pools",
                "ends with a condition, so some leads would reach nobody.",
                "Let the last pool have no `when`.",
            )
        self.unique("routing.pools", [p.id for p in out])
        return tuple(out)

    def members(self, item: Mapping, at: str) -> Mapping[str, float]:
        members = item.get("members") or {}
        if members == "everyone in sales":
            members = {}
        if isinstance(members, list):
            members = dict.fromkeys(map(str, members), 1)
        if not isinstance(members, Mapping):
            self.fault(
                f"{at}members", f"is {members!r}.", "Write `everyone in sales`, or e-mail addresses with weights."
            )
            members = {}
        for email, weight in members.items():
            if not _numbers([weight]) or weight <= 0:
                self.fault(f"{at}members.{email}", f"has the weight {weight!r}.", "Write a number above 0.")
        return dict(members)

    def all_of(self, item: Mapping, at: str, segments: Set[str]) -> tuple[Condition, ...]:
        """The conditions of a pool: one, or a list of which all must hold."""
        if "when" not in item:
            return ()
        listed = item["when"] if isinstance(item["when"], list) else [item["when"]]
        places = [f"{at}when[{n}]" for n in range(len(listed))] if isinstance(item["when"], list) else [f"{at}when"]
        out = []
        for place, when in zip(places, listed, strict=True):
            name, test, value = self.condition(when, place, (SEGMENT_FIELD,))
            wanted = value if isinstance(value, tuple) else (value,)
            unknown = [w for w in map(str, wanted) if w not in segments] if test in ("is", "in") else []
            if name == SEGMENT_FIELD and unknown:
                self.fault(
                    f"{place}.{test}", f"names {unknown[0]!r}, which no segment is.", "Write the id of a segment."
                )
            out.append(Condition("", "", name, test, value))
        return tuple(out)


def _span(text: Any) -> tuple[time, time] | None:
    try:
        opens, closes = map(_hour, str(text).split("-"))
    except ValueError:
        return None
    return (opens, closes) if opens < closes else None


def _hour(text: str) -> time:
    """A time on the wall. One that names its own zone is none: the agreement has one zone."""
    found = time.fromisoformat(text.strip())
    if found.tzinfo:
        raise ValueError(text)
    return found


def _numbers(values: Sequence[Any]) -> bool:
    return all(isinstance(v, int | float) and not isinstance(v, bool) for v in values)


def _words(value: Any) -> frozenset[str]:
    if value is None:
        return frozenset()
    return frozenset(map(str, value)) if isinstance(value, list) else frozenset([str(value)])
