"""Leads that came back from sales, and why: returned before work began, or handed back after it.

Asked of the transaction tables for now; the lake takes over with the backtest, behind these same functions.
"""

from collections import Counter
from dataclasses import dataclass

from django.db.models import Count

from tilth.core.rates import Rate
from tilth.handoff.models import HandBack, Handoff, Return, Review

from .period import Period

OVERTURNED = Review.Verdict.OVERTURNED


@dataclass(frozen=True)
class Because:
    """One reason of the agreement (its id) and how many of `of` handoffs came back for it."""

    reason: str
    returned: int
    handed_back: int
    of: int

    @property
    def share(self) -> Rate:
        """Share of the handoffs of the period that came back for this reason."""
        return Rate(self.returned + self.handed_back, self.of)


def by_reason(period: Period) -> list[Because]:
    """Why handoffs of the period came back, the commonest reason first; empty when none did.

    Grain: one row per reason id. Denominator: handoffs made in the period, whenever they came back. A return that was
    overturned is none: neither it nor the handoff that it ended is counted, but the one that went on.
    """
    overturned = {"the_return__the_review__verdict": OVERTURNED}
    of = Handoff.objects.filter(the_withdrawal=None, **period.within("at")).exclude(**overturned).count()
    returned, back = (
        Counter(
            dict(
                model.objects.filter(**period.within("handoff__at"))
                .exclude(**{f"handoff__{name}": verdict for name, verdict in overturned.items()})
                .values_list("reason")
                .annotate(n=Count("pk"))
                .order_by()
            )
        )
        for model in (Return, HandBack)
    )
    rows = [Because(reason, returned[reason], back[reason], of) for reason in {*returned, *back}]
    return sorted(rows, key=lambda r: (-(r.returned + r.handed_back), r.reason))
