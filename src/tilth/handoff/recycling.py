"""Leads that came back from sales: what they wait for, how often they went round, and waking them when it is time.

Reads   Return, HandBack, Handoff, touches, Standing
Writes  Ripe
"""

from collections.abc import Iterable
from datetime import datetime

from django.db import transaction
from django.db.models import Count, Exists, OuterRef, Q, QuerySet
from django.db.models.functions import Lower

from tilth.agreement.models import Version, running
from tilth.core.qualify import HUMAN, Seen, matches
from tilth.core.recycling import End, Rest, Since, is_through, rests
from tilth.core.terms import Terms
from tilth.qualify.models import FAR, Ripe, Stage, StageChange, Standing
from tilth.touches.models import Touch

from .models import GivenUp, HandBack, Handoff, Holding, Return

BATCH = 200
GIVEN_UP: tuple[type[Return], type[HandBack]] = (Return, HandBack)


def catch_up(now: datetime, person: int | None = None) -> int:
    """Put back in line whose day has come, or whose event has happened; at most BATCH of each kind a call."""
    version = running(now)
    if version is None:
        return 0
    woken = 0
    for model in GIVEN_UP:
        rows = due(model, version.terms, now)
        if person is not None:
            rows = rows.filter(handoff__person=person)
        woken += sum(_wake(row.pk, model, version, now) for row in list(rows.order_by("at", "pk")[:BATCH]))
    return woken


def due(model: type[Return] | type[HandBack], terms: Terms, now: datetime) -> QuerySet:
    """What ended and may come back by itself now: nobody has it since, and it is not in line again."""
    mine = OuterRef("handoff__person")
    today = now.astimezone(terms.zone).date()
    happened = Touch.objects.filter(person=mine, at__gt=OuterRef("at"), at__lte=now, evidence__gte=HUMAN)
    happened = happened.annotate(named=Lower("event")).filter(named=Lower(OuterRef("event")))
    in_line = Ripe.objects.filter(Q(worked=True) | Q(waits_for=Ripe.Lack.ROUNDS), person=mine)
    return model.objects.filter(
        Q(comes_back=GivenUp.When.DATE) | Q(Exists(happened), comes_back=GivenUp.When.EVENT),
        ~Exists(Handoff.objects.filter(person=mine, at__gt=OuterRef("at"))),
        ~Exists(Holding.objects.filter(person=mine)),
        ~Exists(in_line),
        Q(wake_on=None) | Q(wake_on__lte=today),
        at__lte=now,
        handoff__person__erased_at=None,
    ).exclude(handoff__person__standing__action="disqualify")


@transaction.atomic
def _wake(pk: int, model: type[Return] | type[HandBack], version: Version, now: datetime) -> bool:
    """Put one back in line, whatever its points say now; or say that it is through its rounds."""
    row = model.objects.select_related("handoff").filter(pk=pk).first()
    if row is None:
        return False
    who = row.handoff.person_id
    standing = Standing.objects.select_for_update().filter(pk=who).first()
    if standing is None or standing.round_ended_at != row.at or Holding.objects.filter(person=who).exists():
        return False
    rest = _rest(row, None, version.terms, now)
    if rest is not None and rest.why != Ripe.Lack.ROUNDS:
        return False
    line = {"counted_at": row.at, "missing": [], "worked": rest is None}
    line |= {"waits_for": rest.why, "look_at": now + FAR} if rest else {"waits_for": "", "look_at": now}
    Ripe.objects.update_or_create(person_id=who, defaults=line, create_defaults={"since": now, **line})
    return True


def resting(ripe: Ripe, version: Version, now: datetime) -> Rest | None:
    """Why and until when a lead on the short list is left alone; None when it may go to sales."""
    standing = Standing.objects.filter(pk=ripe.person_id).first()
    if standing is None or standing.round_ended_at is None:
        return None
    row = ended_by(ripe.person_id, standing.round_ended_at)
    if row is not None:
        return _rest(row, ripe.counted_at, version.terms, now)
    ended = standing.round_ended_at
    if standing.stage == Stage.CUSTOMER:
        return None if ripe.counted_at > ended else Rest(Ripe.Lack.NEWS)
    since = Since(ripe.counted_at, None, raised_hand(ripe.person_id, version.terms, ended, now))
    return rests(version.terms, End(ended), since, rounds([ripe.person_id])[ripe.person_id], now)


def ended_by(person: int, at: datetime) -> Return | HandBack | None:
    """The return or hand-back that ended a round at this moment; None when something else did."""
    for model in GIVEN_UP:
        if row := model.objects.select_related("handoff").filter(handoff__person=person, at=at).first():
            return row
    return None


def rounds(people: Iterable[int]) -> dict[int, int]:
    """Person to how often they went through sales since they last bought. Taken up again by the next is one round."""
    ids = list(people)
    bought = StageChange.objects.filter(person=OuterRef("person"), stage=Stage.CUSTOMER, at__gte=OuterRef("at"))
    begun = Handoff.objects.filter(~Exists(bought), person__in=ids, continues=None)
    counted = begun.values("person").annotate(n=Count("pk")).order_by()
    return dict.fromkeys(ids, 0) | {row["person"]: row["n"] for row in counted}


def round_before(person: int) -> Handoff | None:
    """The newest handoff that came to nothing, which the next one should know of; None for who is new or bought since."""
    last = Handoff.objects.filter(person=person, the_merged=None, holding=None).order_by("-at", "-pk").first()
    if last is None:
        return None
    bought = StageChange.objects.filter(person=person, stage=Stage.CUSTOMER, at__gte=last.at).exists()
    return None if bought else last


def through(terms: Terms, people: Iterable[int]) -> set[int]:
    """Who of these has had all the rounds that were agreed."""
    return {person for person, n in rounds(people).items() if is_through(terms, n)}


def raised_hand(person: int, terms: Terms, since: datetime, now: datetime) -> bool:
    """Whether they asked for somebody after a moment, by a rule that raises a hand."""
    rules = [rule for rule in terms.interest_rules if rule.raises_hand]
    rows = Touch.objects.filter(person=person, at__gt=since, at__lte=now, evidence__gte=HUMAN)
    seen = rows.values_list("pk", "at", "kind", "offer__key", "event", "url")
    return any(
        matches(rule, Seen(pk, at, kind, offer or "", event, url))
        for pk, at, kind, offer, event, url in seen
        for rule in rules
    )


def _rest(row: Return | HandBack, counted_at: datetime | None, terms: Terms, now: datetime) -> Rest | None:
    person, end = row.handoff.person_id, End(row.at, row.comes_back, row.wake_on)
    since = Since(counted_at, _event_at(row, person, now), raised_hand(person, terms, row.at, now))
    return rests(terms, end, since, rounds([person])[person], now)


def _event_at(row: Return | HandBack, person: int, now: datetime) -> datetime | None:
    if row.comes_back != GivenUp.When.EVENT:
        return None
    rows = Touch.objects.filter(person=person, event__iexact=row.event, at__gt=row.at, at__lte=now)
    return rows.filter(evidence__gte=HUMAN).order_by("at").values_list("at", flat=True).first()
