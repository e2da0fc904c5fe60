"""This week's promise of marketing, drawn: how many, how good, and what the last weeks brought."""

from typing import Any

from tilth.promises import ledger
from tilth.promises.ledger import Delivery
from tilth.promises.models import Obligation
from tilth.web import charts
from tilth.web.shell import Shell

PACE = 8  # weeks that say what is usual


def promise(here: Shell) -> dict[str, Any]:
    """What `today/_promise.html` shows; `week` is None without a promise."""
    week = ledger.delivery(here.version, here.now) if here.version else None
    if week is None:
        return {"week": None}
    rows = Obligation.objects.filter(kind=Obligation.Kind.DELIVERY, settlement__void=False).order_by("-due_at")
    usual = sorted(rows.values_list("settlement__quantity", flat=True)[:PACE])
    return {"week": week, "usual": usual, "count_bar": _count_bar(week, here), "fit_bar": _fit_bar(week)}


def _count_bar(week: Delivery, here: Shell) -> str:
    """The tick is where an even pace would be by now."""
    passed = (here.now - week.since) / (week.due - week.since)
    label = f"{week.delivered} / {week.promised}"
    return charts.meter([(week.delivered / week.promised, "leaf")], label, target=passed, height=10)


def _fit_bar(week: Delivery) -> str:
    share = week.good / week.delivered if week.delivered else 0
    return charts.meter([(share, "leaf")], f"{week.good} / {week.delivered}", target=week.good_share, height=10)
