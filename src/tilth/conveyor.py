"""The business as one list of stages, in the order in which data flows.

Each stage offers `catch_up(now, person=None) -> int`: read the facts not yet taken, ask core, append
new facts; safe to repeat, safe to run twice at once, bounded per call. `tilth work` loops over
`run`; a page that just wrote a fact about one person calls `catch_up_on`, so that what it shows is right.
"""

from collections.abc import Callable
from datetime import datetime

import tilth.capture.catch_up
import tilth.deals.holdings
import tilth.forms.submissions
import tilth.handoff.catch_up
import tilth.handoff.leaving
import tilth.handoff.ranking
import tilth.handoff.recycling
import tilth.insight.backtests
import tilth.insight.kept
import tilth.notify.deliver
import tilth.notify.digest
import tilth.notify.reports
import tilth.notify.sending
import tilth.notify.telling
import tilth.nurture.catch_up
import tilth.people.duplicates
import tilth.plan.contingency
import tilth.plan.outlooks
import tilth.privacy.catch_up
import tilth.promises.catch_up
import tilth.qualify.catch_up
import tilth.touches.record
import tilth.touches.settling

STAGES = {
    "capture": tilth.capture.catch_up.catch_up,
    "forms": tilth.forms.submissions.catch_up,
    "settling": tilth.touches.settling.catch_up,
    "qualify": tilth.qualify.catch_up.catch_up,
    "leavers": tilth.handoff.leaving.catch_up,
    "recycling": tilth.handoff.recycling.catch_up,
    "handoff": tilth.handoff.catch_up.catch_up,
    "queues": tilth.handoff.ranking.catch_up,
    "promises": tilth.promises.catch_up.catch_up,
    "nurture": tilth.nurture.catch_up.catch_up,
    "contingency": tilth.plan.contingency.catch_up,
    "telling": tilth.notify.telling.catch_up,
    "digest": tilth.notify.digest.catch_up,
    "report mails": tilth.notify.reports.catch_up,
}

# What takes its time has a line of its own each, so that no handoff waits for it, nor a mail for a backtest.
APART = {
    "duplicates": tilth.people.duplicates.catch_up,
    "backtests": tilth.insight.backtests.catch_up,
    "reports": tilth.insight.kept.catch_up,
    "outlooks": tilth.plan.outlooks.catch_up,
    "mail": tilth.notify.deliver.catch_up,
    "deliveries": tilth.notify.sending.catch_up,
    "privacy": tilth.privacy.catch_up.catch_up,
}


def run(now: datetime) -> dict[str, int]:
    """One pass over all stages: how many facts each of them took."""
    return {name: catch_up(now) for name, catch_up in STAGES.items()}


def run_dry(now: datetime, passes: int = 10_000) -> int:
    """Passes until nothing is left to take; returns how many facts were taken in all.

    raises   RuntimeError, when something is taken in every pass: it names the stages
    """
    total, last = 0, {}
    for _ in range(passes):
        last = run(now)
        if not any(last.values()):
            return total
        total += sum(last.values())
    raise RuntimeError(f"After {passes} passes there is still something to take: {[n for n, k in last.items() if k]}")


def catch_up_on(person: int, now: datetime) -> None:
    """Bring everything about one person up to now."""
    for name in ("qualify", "recycling", "handoff", "promises", "nurture", "telling"):
        STAGES[name](now, person)


REBUILDS = {
    "origins": tilth.touches.record.rebuild,
    "holdings": tilth.handoff.catch_up.rebuild,
    "deals": tilth.deals.holdings.rebuild,
    "standings": tilth.qualify.catch_up.rebuild,
    "promises": tilth.promises.catch_up.rebuild,
}


def rebuild(now: datetime, say: Callable[[str, int], None] = lambda name, count: None) -> dict[str, int]:
    """Work out every projection anew from the facts, lowest storey first; rows per projection."""
    done = {}
    for name, rebuild_one in REBUILDS.items():
        done[name] = rebuild_one(now)
        say(name, done[name])
    return done
