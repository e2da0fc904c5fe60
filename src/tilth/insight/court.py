"""What the return court shows: how often a return did not stand, how far reviewers agree with sales, and who was missed.

Source: docs/algorithms/court.md
"""

from collections import Counter
from dataclasses import dataclass
from datetime import datetime

from django.db.models import Exists, OuterRef, Q, QuerySet

from tilth.core.clock import calendar_of, days_later, years_around
from tilth.core.court import Kappa, kappa
from tilth.core.rates import Rate
from tilth.core.terms import Terms
from tilth.deals.models import Won
from tilth.handoff.models import Acceptance, Return, Review
from tilth.touches.models import BY_SALES, Touch

from .period import Period

Verdict = Review.Verdict
ACCEPTED = "accepted"  # what the reviewer of an overturned return called it


@dataclass(frozen=True)
class Court:
    """The figures of one period. Grain: one return, or one acceptance; each counts once.

    returned    returns of the period; `waiting` of these nobody decided yet
    overturned  of the decided ones
    charged     what the upheld ones are charged to, and how many of them
    agreement   salespeople's reasons against the reviewers', over the decided ones
    false_returns   of the returns that stand: the person or their company bought afterwards
    false_accepts   of the acceptances whose time for follow-up is over: nobody ever called, wrote or met them
    """

    returned: int
    waiting: int
    overturned: Rate
    charged: dict[str, int]
    agreement: Kappa
    false_returns: Rate
    false_accepts: Rate


def court(period: Period, terms: Terms | None, now: datetime) -> Court:
    """The figures for what was returned or accepted in a period. A fixed number of questions."""
    returned = returns(period)
    rows = list(returned.values_list("reason", "the_review__verdict", "the_review__reason", "the_review__charged_to"))
    decided = [row for row in rows if row[1]]
    overturned = sum(verdict == Verdict.OVERTURNED for _reason, verdict, _found, _charged in decided)
    ripe = due_accepts(period, terms, now)
    return Court(
        returned=len(rows),
        waiting=len(rows) - len(decided),
        overturned=Rate(overturned, len(decided)),
        charged=dict(Counter(charged for _reason, _verdict, _found, charged in decided if charged)),
        agreement=kappa((reason, found or ACCEPTED) for reason, _verdict, found, _charged in decided),
        false_returns=Rate(false_returns(period).count(), len(rows) - overturned),
        false_accepts=Rate(false_accepts(period, terms, now).count(), ripe.count()),
    )


def returns(period: Period) -> QuerySet[Return]:
    """What was returned in a period, by whom we still know."""
    return Return.objects.filter(handoff__person__erased_at=None, **period.within("at"))


def decided(period: Period, verdict: str = "") -> QuerySet[Return]:
    """Returns of a period that were decided, the newest first; of one verdict, or of both."""
    rows = returns(period).filter(the_review__isnull=False)
    return (rows.filter(the_review__verdict=verdict) if verdict else rows).order_by("-at", "-pk")


def false_returns(period: Period) -> QuerySet[Return]:
    """Returns that stand, although the person or somebody of their company bought afterwards, through whatever door."""
    later = Won.objects.filter(at__gt=OuterRef("at"))
    bought = later.filter(
        Q(deal__person=OuterRef("handoff__person")) | Q(deal__company=OuterRef("handoff__person__company"))
    )
    stands = returns(period).exclude(the_review__verdict=Verdict.OVERTURNED)
    return stands.filter(Exists(bought)).order_by("-at", "-pk")


def due_accepts(period: Period, terms: Terms | None, now: datetime) -> QuerySet[Acceptance]:
    """Acceptances of a period of which something should have come by now: the time for follow-up is over, or the lead is gone."""
    rows = Acceptance.objects.filter(handoff__person__erased_at=None, **period.within("at"))
    over = Q(handoff__holding=None)
    if terms is not None:
        calendar = calendar_of(terms, years_around(now))
        over |= Q(at__lt=days_later(now, -terms.sales.within_days, calendar))
    return rows.filter(over)


def false_accepts(period: Period, terms: Terms | None, now: datetime) -> QuerySet[Acceptance]:
    """Of `due_accepts`, those of people to whom nobody in sales spoke or wrote since the handoff; the newest first."""
    talked = Touch.objects.filter(BY_SALES, person=OuterRef("handoff__person"), at__gte=OuterRef("handoff__at"))
    return due_accepts(period, terms, now).filter(~Exists(talked)).order_by("-at", "-pk")
