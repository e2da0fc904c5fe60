"""The values of an agreement: what both teams signed, ready for a rule to read.

Money is in minor units of `currency`, shares are fractions 0..1. `agreement.read` makes them from a document.
Source: docs/algorithms/agreement.md
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date, time
from typing import Any
from zoneinfo import ZoneInfo

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
TOLD = ("handoff", "joined", "returned", "decided", "due", "breach")
TELL = ("at_once", "digest")


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
    """So many leads by a moment each week, of which a share of good fit.

    value   that they are worth together, in minor units (R10); 0: not promised
    """

    leads: int
    by: Moment
    good_fit: float
    good_grades: tuple[str, ...]
    value: int = 0


@dataclass(frozen=True)
class SalesPromise:
    """First contact in working hours (by interest level), a verdict by a moment, floor and ceiling.

    calls, mails, documents   the fewest and the most in `within_days` working days
    hours                     time to invest in one lead, the least and the most
    remind_hours              working hours before a promise is due at which its owner is reminded; 0: not
    escalate_hours            working hours after it was due at which a manager is told; 0: not
    reassign_hours            working hours after it was due at which a lead that nobody contacted goes to somebody else; 0: never
    late_moves                leads that marketing promised for earlier are judged later: sales keeps its working time
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
    remind_hours: float = 0
    escalate_hours: float = 0
    reassign_hours: float = 0
    late_moves: bool = False


@dataclass(frozen=True)
class ReviewPromise:
    """Who looks at every return a second time (R46), within so many working hours.

    reviewer   an e-mail address; empty: any manager may
    blind      the reviewer does not see who returned it before they have decided
    """

    reviewer: str = ""
    within_hours: float = 16
    blind: bool = False


@dataclass(frozen=True)
class Recycling:
    """How often a lead may go through sales, and how long it rests between two rounds (R47).

    rounds      the most rounds; 0: as many as it takes
    rest_days   days before it may come back, unless it raises its hand
    """

    rounds: int = 0
    rest_days: float = 0


@dataclass(frozen=True)
class Release:
    """Whether leads are let go only as far as sales has hours for them (B5).

    hours   that one lead takes, by interest level
    """

    by_capacity: bool = False
    hours: Mapping[int, float] = field(default_factory=lambda: dict.fromkeys(LEVELS, 1.0))


@dataclass(frozen=True)
class Terms:
    """A sound agreement.

    tell   what must be told (one of TOLD), and how: at_once or digest; on what it leaves out, each person chooses
    """

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
    review: ReviewPromise
    recycling: Recycling
    release: Release
    tell: Mapping[str, str]
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
