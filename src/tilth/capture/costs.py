"""Rows of costs: what was spent on a day, for which campaign. A cost is never edited: another amount for
a line that is known fails, and says what is known."""

from collections.abc import Sequence
from zoneinfo import ZoneInfo

from tilth.campaigns.models import Cost
from tilth.core.figures import Unreadable
from tilth.core.rows import Said, amount
from tilth.touches.bulk import campaigns
from tilth.touches.record import key

from .run import CREATED, FAILED, NOTHING_NEW, Outcome, Run


def take_in(rows: Sequence[Said], run: Run) -> list[Outcome]:
    """Take in rows of a file of costs; an outcome for each. Inside a transaction."""
    named = campaigns((said.more.get("campaign", "") for said in rows), run.now)
    lines = [_line(said, run, named) for said in rows]
    keys = [line.key for line in lines if isinstance(line, Cost)]
    known = {bytes(cost.key): cost for cost in Cost.objects.filter(key__in=keys)}
    new: list[Cost] = []
    outcomes = []
    for line in lines:
        if isinstance(line, str):
            outcomes.append(Outcome(FAILED, line))
        elif bytes(line.key) not in known:
            known[bytes(line.key)] = line
            new.append(line)
            outcomes.append(Outcome(CREATED))
        else:
            outcomes.append(_again(known[bytes(line.key)], line))
    Cost.objects.bulk_create(new, batch_size=500)
    return outcomes


def _again(known: Cost, line: Cost) -> Outcome:
    if (known.amount, known.currency) == (line.amount, line.currency):
        return NOTHING_NEW
    return Outcome(
        FAILED, f"{known.amount} {known.currency} minor units are known for this line; another amount was not taken"
    )


def _line(said: Said, run: Run, campaigns: dict[str, int]) -> Cost | str:
    """The cost of one row, or why it is none."""
    more = said.more
    currency = more.get("currency", run.mapping.currency).strip().upper()[:3]
    try:
        price = amount(said, currency)
    except Unreadable as e:
        return f"amount: {e}"
    if price is None or "day" not in more:
        return "no amount" if price is None else "no day"
    day = more["day"].at.astimezone(ZoneInfo(run.mapping.zone)).date()
    campaign, source, what = more.get("campaign", ""), more.get("source", ""), more.get("what", "")
    name = more.get("cost_id") or "\0".join((day.isoformat(), campaign, source, what))
    return Cost(
        campaign_id=campaigns.get(campaign), source=source[:80], day=day, amount=price, currency=currency, what=what[:200],
        key=key(f"cost {run.mapping.system}", name),
    )  # fmt: skip
