"""Leaks among the leads that nobody has: qualified without an owner, blocked by missing data, back from sales without a plan.

Waiting is no leak as long as it is agreed: for hours that sales will have, for rest, for the rounds to be over.
"""

from datetime import datetime
from typing import Any

from django.db.models import Case, CharField, DateTimeField, Exists, OuterRef, Q, QuerySet, Subquery, Value, When
from django.db.models.functions import Coalesce

from tilth.core.promises import too_late_since
from tilth.core.terms import Terms
from tilth.handoff.joined import open_ones
from tilth.handoff.models import GivenUp, HandBack, Return
from tilth.nurture.models import Enrolment
from tilth.qualify.models import Ripe, Stage, StageChange, Standing
from tilth.touches.models import NextStep

from .kinds import Kind

QUALIFIED = (Stage.MQL, Stage.SQL)
ON_THEIR_WAY = ("", Ripe.Lack.OWNER, Ripe.Lack.DESK)


def leaking(terms: Terms, now: datetime) -> QuerySet[Any, Any]:
    """Standings with their `kind` of leak, and `since` when nobody took them further."""
    today = now.astimezone(terms.zone).date()
    mine = OuterRef("person")
    since = Coalesce("person__ripe__since", "round_ended_at", _reached(), output_field=DateTimeField())
    late, waits = Q(since__lt=too_late_since(terms, now)), "person__ripe__waits_for"
    back = Q(round_ended_at__isnull=False) & (Q(person__ripe=None) | Q(**{waits: Ripe.Lack.NEWS}))
    kind = Case(
        When(Q(**{waits: Ripe.Lack.DATA}), then=Value(Kind.BLOCKED)),
        When(late & Q(**{f"{waits}__in": ON_THEIR_WAY}), then=Value(Kind.NO_OWNER)),
        When(late & Q(person__ripe=None, stage__in=QUALIFIED), then=Value(Kind.NO_OWNER)),
        When(back & ~Q(stage__in=(*QUALIFIED, Stage.CUSTOMER)) & ~_has_plan(terms, now), then=Value(Kind.NO_PLAN)),
        default=Value(""),
        output_field=CharField(),
    )
    nobody = Standing.objects.filter(
        Q(stage__in=QUALIFIED) | Q(person__ripe__isnull=False) | Q(round_ended_at__isnull=False), person__holding=None
    ).exclude(action="disqualify")
    free = nobody.exclude(
        Q(Exists(open_ones().filter(person=mine)))
        | Q(Exists(NextStep.objects.filter(person=mine, done_at=None, on__gte=today)))
    )
    return free.annotate(since=since, kind=kind).exclude(kind="")


def _reached() -> Subquery:
    """When they reached the stage at which they are."""
    last = StageChange.objects.filter(person=OuterRef("person")).order_by("-pk")
    return Subquery(last.values("at")[:1])


def _has_plan(terms: Terms, now: datetime) -> Q:
    """Care goes on, or whoever gave them up named a day or an event on which they come back."""
    today = now.astimezone(terms.zone).date()
    care = Enrolment.objects.going_on().filter(person=OuterRef("person"))
    named = Q(wake_on__gte=today) | Q(comes_back=GivenUp.When.EVENT)
    ended = Q(handoff__person=OuterRef("person"), at=OuterRef("round_ended_at"))
    plans = [Q(Exists(model.objects.filter(named & ended))) for model in (Return, HandBack)]
    return Q(Exists(care)) | plans[0] | plans[1]
