"""Ripe leads that wait longer than the agreement allows (R31). Who is one, and how many are, is said here only."""

from dataclasses import dataclass
from datetime import datetime, timedelta

from django.db.models import Count

from tilth.core.clock import calendar_of, elapsed, years_around
from tilth.core.promises import too_late_since
from tilth.core.terms import Terms
from tilth.qualify.models import Ripe
from tilth.web.shell import Shell

NAMED = 3
ORDER = (Ripe.Lack.DATA, Ripe.Lack.OWNER, Ripe.Lack.DESK, "")


@dataclass(frozen=True)
class Waits:
    """Leads that wait too long for the same thing: `lack` as of Ripe, how many, and the oldest of them."""

    lack: str
    count: int
    oldest: list[Ripe]

    @property
    def more(self) -> int:
        return self.count - len(self.oldest)


@dataclass(frozen=True)
class Alarm:
    """What the running agreement calls too late, at one moment."""

    terms: Terms
    now: datetime
    since: datetime
    waits: list[Waits]

    @property
    def count(self) -> int:
        return sum(w.count for w in self.waits)

    @property
    def hours(self) -> float:
        return self.terms.ripeness.alarm_hours

    def waited(self, ripe: Ripe) -> timedelta | None:
        """The working time that a lead has waited too long; None when it is no alarm."""
        if not ripe.is_too_late(self.since):
            return None
        return elapsed(ripe.since, self.now, calendar_of(self.terms, years_around(ripe.since, self.now)))


def alarm(around: Shell) -> Alarm | None:
    """All alarms, by what they wait for; at most four questions. None while no agreement is in force."""
    if around.terms is None:
        return None
    since = too_late_since(around.terms, around.now)
    late = Ripe.objects.too_late(since)
    counts = dict(late.values_list("waits_for").annotate(n=Count("pk")).order_by())
    rows = late.select_related("person").order_by("since", "pk")
    waits = [Waits(lack, counts[lack], list(rows.filter(waits_for=lack)[:NAMED])) for lack in ORDER if counts.get(lack)]
    return Alarm(around.terms, around.now, since, waits)


def of_one(around: Shell, ripe: Ripe | None) -> timedelta | None:
    """How long this one has waited, when it is an alarm."""
    if around.terms is None or ripe is None:
        return None
    return Alarm(around.terms, around.now, too_late_since(around.terms, around.now), []).waited(ripe)
