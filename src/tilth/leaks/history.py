"""Which leads leaked at moments that are over: `held` and `free` once more, replayed from what was written down when it happened.

Reads   Handoff and what ended it, Deal, Obligation and its Settlement, NextStep, Absence, Week, the journal, StageChange,
        Return and HandBack, Joining, Enrolment

Not every kind can be found so: what a lead waited for in line is a work list, gone once it was handed off. REPLAYED are those that can.
Source: docs/algorithms/leaks.md, "Over time"
"""

from bisect import bisect_left, bisect_right
from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, time, timedelta
from itertools import islice, pairwise
from typing import Any, NamedTuple

from django.db.models import Q, QuerySet
from django.db.models.functions import Coalesce

from tilth.core.clock import instant
from tilth.core.terms import Terms
from tilth.deals.models import Deal
from tilth.handoff.models import GivenUp, HandBack, Handoff, Joining, Return
from tilth.journal.models import Entry
from tilth.nurture.models import Enrolment
from tilth.promises.models import Obligation
from tilth.qualify.models import Stage, StageChange, Standing
from tilth.team.models import AT_MOST_AWAY, Absence, Week
from tilth.touches.models import NextStep

from .free import QUALIFIED
from .kinds import Kind

REPLAYED = (Kind.OWNER_GONE, Kind.OVERDUE, Kind.STALE, Kind.NO_STEP, Kind.NO_PLAN)
AT_ONCE = 2_000  # leads that are looked at together
EVER = datetime.max.replace(tzinfo=UTC)
DAY = timedelta(days=1)
WAYS_OUT = ("the_return__at", "the_handback__at", "the_merged__at", "the_withdrawal__at")

Span = tuple[datetime, datetime]  # from the first moment on, and no more at the second
Spans = Mapping[int, Sequence[Span]]
Ids = Sequence[int] | QuerySet[Any, Any]


class Leaked(NamedTuple):
    """A lead that leaked at the moments from number `first` to before `last`; `worth` in minor units of the house's currency."""

    first: int
    last: int
    kind: Kind
    person: int
    worth: int


def leaked(moments: Sequence[datetime], terms: Terms) -> Iterator[Leaked]:
    """Every lead that leaked at one of these moments, under one kind at each, as `finding.found` would have told then.

    moments   ascending, all of them over
    terms     whose currency, zone and worths are counted in: those of today
    """
    if moments:
        yield from _held(moments, terms)
        yield from _given_up(moments, terms)


# Leads that somebody had


class Promise(NamedTuple):
    """`status`: to be heard of again; every other promise is owed a deed."""

    status: bool
    open: Span
    due: datetime


@dataclass
class Course:
    """One handoff while its owner had the lead."""

    person: int
    owner: int
    had: Span
    accepted: datetime
    value: int
    promises: list[Promise] = field(default_factory=list)
    deals: list[tuple[Span, int]] = field(default_factory=list)

    def kind(self, at: datetime, gone: Sequence[Span], planned: Sequence[Span]) -> Kind | None:
        """As which kind it leaked, the first that held; None when it did not."""
        if _within(at, gone):
            return Kind.OWNER_GONE
        if _within(at, planned):
            return None
        running = [p for p in self.promises if p.open[0] <= at < p.open[1]]
        if any(p.due < at and not p.status for p in running):
            return Kind.OVERDUE
        if any(p.due < at and p.status for p in running):
            return Kind.STALE
        return Kind.NO_STEP if self.accepted <= at and all(p.status for p in running) else None

    def worth(self, at: datetime) -> int:
        """The deals that were open, where there were any; else the lead's expected value."""
        amounts = [amount for span, amount in self.deals if span[0] <= at < span[1]]
        return sum(amounts) if amounts else self.value


def _held(moments: Sequence[datetime], terms: Terms) -> Iterator[Leaked]:
    over = Coalesce(*WAYS_OUT)
    had = Q(over=None) | Q(over__gte=moments[0])
    rows = Handoff.objects.annotate(over=over).filter(had, at__lte=moments[-1]).order_by("pk")
    gone = _gone(terms)
    for some in _some(rows.values_list("pk", flat=True)):
        # Asked for by what they are: a list of so many ids takes longer to write than to answer.
        these = rows.filter(pk__gte=some[0], pk__lte=some[-1]).order_by()
        courses = _courses(these.values("pk"), terms)
        steps = _steps(these.values("person"), terms)
        for one in courses:
            yield from _leaks_of(one, moments, gone.get(one.owner, ()), steps.get(one.person, ()))


def _leaks_of(
    one: Course, moments: Sequence[datetime], gone: Sequence[Span], planned: Sequence[Span]
) -> Iterator[Leaked]:
    """Its leaks, stretch by stretch: between two changes it is the same at every moment."""
    first, last = _numbers(moments, one.had)
    changes = {first, last, bisect_left(moments, one.accepted), *(bisect_right(moments, p.due) for p in one.promises)}
    spans = (*gone, *planned, *(p.open for p in one.promises), *(span for span, _amount in one.deals))
    changes.update(bisect_left(moments, at) for span in spans for at in span)
    for begin, upto in pairwise(sorted(nth for nth in changes if first <= nth <= last)):
        if kind := one.kind(moments[begin], gone, planned):
            yield Leaked(begin, upto, kind, one.person, one.worth(moments[begin]))


def _courses(handoffs: Ids, terms: Terms) -> list[Course]:
    """What became of these handoffs. Three queries."""
    of = {
        pk: Course(person, owner, (at, over or EVER), took or EVER, value)
        for pk, person, owner, at, over, took, value in _rows(handoffs)
    }
    closings = defaultdict(list)
    for pk, amount, currency, since, until in _deals(handoffs):
        closings[pk].append(until)
        if amount is not None and currency == terms.currency:
            of[pk].deals.append(((since, until or EVER), amount))
    for pk, ends in closings.items():
        if of[pk].had[1] == EVER and None not in ends:
            of[pk].had = of[pk].had[0], max(ends)
    for pk, kind, since, due, until in Obligation.objects.filter(handoff__in=handoffs).values_list(
        "handoff", "kind", "since", "due_at", "settlement__at"
    ):
        of[pk].promises.append(Promise(kind == Obligation.Kind.STATUS, (since, until or EVER), due))
    return list(of.values())


def _rows(handoffs: Ids) -> Iterable[tuple[Any, ...]]:
    over = Coalesce(*WAYS_OUT, "person__erased_at")
    rows = Handoff.objects.filter(pk__in=handoffs).annotate(over=over)
    return rows.values_list("pk", "person", "owner", "at", "over", "the_acceptance__at", "value")


def _deals(handoffs: Ids) -> Iterable[tuple[Any, ...]]:
    """Handoff, amount, currency, and from when to when the deal was open."""
    rows = Deal.objects.filter(handoff__in=handoffs)
    rows = rows.annotate(since=Coalesce("opened_at", "learned_at"), until=Coalesce("won__at", "lost__at"))
    return rows.values_list("handoff", "amount", "currency", "since", "until")


def _gone(terms: Terms) -> Spans:
    """Members to when they could not see to a lead: see `held.gone`. Three queries.

    Of an account that was closed, the journal says when; where it says nothing, nobody knows.
    """
    out = defaultdict(list)
    for member, last_day in Week.objects.exclude(last_day=None).values_list("member", "last_day"):
        out[member].append((_over(last_day, terms), EVER))
    for member, first, last in Absence.objects.values_list("member", "first", "last"):
        out[member].append((_midnight(first, terms), _midnight(last - AT_MOST_AWAY, terms)))
    closed: dict[int, datetime] = {}
    doors = Entry.objects.filter(subject="member", verb__in=("closed account", "opened account")).order_by("at", "pk")
    for member, verb, at in doors.values_list("subject_id", "verb", "at"):
        if verb == "closed account":
            closed.setdefault(member, at)
        elif member in closed:
            out[member].append((closed.pop(member), at))
    for member, at in closed.items():
        out[member].append((at, EVER))
    return out


# Leads that came back from sales


def _given_up(moments: Sequence[datetime], terms: Terms) -> Iterator[Leaked]:
    rows = Standing.objects.filter(round_ended_at__isnull=False).exclude(action="disqualify").order_by("pk")
    for some in _some(rows.values_list("pk", flat=True)):
        plans, taken = _plans(some, terms), _taken(some, terms)
        cells = Standing.objects.filter(pk__in=some).values_list("pk", "grade", "level")
        worth = {pk: terms.value(grade, level) if grade else 0 for pk, grade, level in cells}
        for person, back, ended in _came_back(some):
            for span in without(back, (*taken.get(person, ()), *plans.get((person, ended), ()))):
                first, last = _numbers(moments, span)
                if first < last:
                    yield Leaked(first, last, Kind.NO_PLAN, person, worth[person])


def _came_back(people: Sequence[int]) -> Iterator[tuple[int, Span, datetime]]:
    """A person, a stretch in which they were back and qualified for nothing else, and when their round had ended. One query."""
    back: dict[int, tuple[datetime, datetime]] = {}
    changes = StageChange.objects.filter(person__in=people).order_by("person", "at", "pk")
    for change in changes.only("person_id", "at", "stage", "was").iterator():
        who, ended = change.person_id, change.at if change.ends_round else None
        if who in back:
            since, before = back.pop(who)
            yield who, (since, change.at), before
            ended = ended or before
        if ended and change.stage not in (*QUALIFIED, Stage.CUSTOMER):
            back[who] = change.at, ended
    for who, (since, ended) in back.items():
        yield who, (since, EVER), ended


def _plans(people: Sequence[int], terms: Terms) -> dict[tuple[int, datetime], list[Span]]:
    """A person and the end of a round to when whoever gave them up had named a day or an event. Two queries."""
    out = defaultdict(list)
    named = Q(wake_on__isnull=False) | Q(comes_back=GivenUp.When.EVENT)
    for model in (Return, HandBack):
        rows = model.objects.filter(named, handoff__person__in=people)
        for person, at, wake_on, comes_back in rows.values_list("handoff__person", "at", "wake_on", "comes_back"):
            until = EVER if comes_back == GivenUp.When.EVENT else _over(wake_on, terms)
            out[person, at].append((at, until))
    return out


def _taken(people: Sequence[int], terms: Terms) -> dict[int, list[Span]]:
    """People to when they were in somebody's hands: an owner's, a colleague's handoff, care that runs, a next step. Six queries."""
    out = defaultdict(list, _steps(people, terms))
    handoffs = list(Handoff.objects.filter(person__in=people).values_list("pk", flat=True))
    for one in _courses(handoffs, terms):
        out[one.person].append(one.had)
    joinings = list(Joining.objects.filter(person__in=people).values_list("person", "handoff", "at", "out_at"))
    had = {pk: over or EVER for pk, _person, _owner, _at, over, *_rest in _rows([row[1] for row in joinings])}
    for person, handoff, at, out_at in joinings:
        out[person].append((at, min(out_at or EVER, had[handoff])))
    care = Enrolment.objects.filter(person__in=people, track__started_at__isnull=False)
    for person, since, began, ended, closed in care.values_list(
        "person", "since", "track__started_at", "ended_at", "track__closed_at"
    ):
        out[person].append((max(since, began or since), min(ended or EVER, closed or EVER)))
    return out


# What both need


def _steps(people: Ids, terms: Terms) -> dict[int, list[Span]]:
    """People to when somebody had said what they do next, by a day that was not over. One query."""
    out = defaultdict(list)
    rows = NextStep.objects.filter(person__in=people, on__isnull=False)
    for person, at, on, done in rows.values_list("person", "at", "on", "done_at"):
        out[person].append((at, min(done or EVER, _over(on, terms))))
    return out


def without(span: Span, taken: Iterable[Span]) -> list[Span]:
    """What is left of a span where none of the others is, ascending."""
    out, since = [], span[0]
    for first, last in sorted(one for one in taken if one[0] < one[1]):
        if first > since and since < span[1]:
            out.append((since, min(first, span[1])))
        since = max(since, last)
    return [*out, (since, span[1])] if since < span[1] else out


def _within(at: datetime, spans: Iterable[Span]) -> bool:
    return any(since <= at < until for since, until in spans)


def _numbers(moments: Sequence[datetime], span: Span) -> tuple[int, int]:
    """The numbers of the moments within a span: from the first to before the second."""
    return bisect_left(moments, span[0]), bisect_left(moments, span[1])


def _over(day: date | None, terms: Terms) -> datetime:
    """When a day is over; no day never is."""
    return _midnight(day + DAY, terms) if day else EVER


def _midnight(day: date, terms: Terms) -> datetime:
    return instant(day, time(), terms.zone)


def _some(ids: Any) -> Iterator[list[int]]:
    """AT_ONCE at a time."""
    left = ids.iterator(chunk_size=AT_ONCE)
    while some := list(islice(left, AT_ONCE)):
        yield some
