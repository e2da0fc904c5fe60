"""Plan B: agreed in advance what we do when a figure stays beyond a bound, watched every week, told to both teams, answered.

Reads   Contingency, what `watched` reads
Writes  Sample, Fired

A rule fires when its figure was beyond its bound at the end of each of so many weeks, and not again before it was back within it.

    Refused
    └── Unkeepable       there is no such figure, bound or deed
"""

import logging
from datetime import date, datetime, time, timedelta

from django.db import IntegrityError, transaction
from django.utils.translation import gettext as _

from tilth.agreement.models import house_zone, running
from tilth.campaigns.models import Campaign
from tilth.core.clock import week_begins
from tilth.journal.models import note
from tilth.team.models import Member

from .models import Contingency, Fired, Goal, Sample
from .versions import Unkeepable
from .watched import FIGURES, value_of

log = logging.getLogger(__name__)
BATCH = 50
MOST_WEEKS = 12
LONGEST = 500


def make(
    of: Goal | Campaign,
    figure: str,
    under: bool,
    bound: float,
    weeks: int,
    then: str,
    owner: Member | None,
    by: Member,
    now: datetime,
) -> Contingency:
    """Agree on a plan B.

    raises     Unkeepable
    """
    kind = "goal" if isinstance(of, Goal) else "campaign"
    if figure not in FIGURES or FIGURES[figure].of != kind:
        raise Unkeepable(_("Choose a figure that is watched."))
    if not -1e9 <= bound <= 1e9:
        raise Unkeepable(_("Write a bound, such as 90."))
    if not 1 <= weeks <= MOST_WEEKS:
        raise Unkeepable(_("Write 1 to %(n)s weeks.") % {"n": MOST_WEEKS})
    said = then.replace("\0", "").strip()
    if not said or len(said) > LONGEST:
        raise Unkeepable(_("Write what we then do, in a sentence."))
    with transaction.atomic():
        row = Contingency.objects.create(
            **{kind: of},
            figure=figure,
            under=under,
            bound=bound,
            weeks=weeks,
            then=said,
            owner=owner,
            made_by=by,
            made_at=now,
        )
        note("made plan b", row, now, by)
    return row


def end(rule: Contingency, by: Member, now: datetime) -> None:
    """It is watched no more; what it told stays."""
    if Contingency.objects.filter(pk=rule.pk, ended_at=None).update(ended_at=now):
        note("ended plan b", rule, now, by)


def answer(fired: Fired, text: str, by: Member, now: datetime) -> None:
    """Write down what was done about it.

    raises     Unkeepable
    """
    said = text.replace("\0", "").strip()
    if not said or len(said) > LONGEST * 4:
        raise Unkeepable(_("Write what was done."))
    if Fired.objects.filter(pk=fired.pk, answered_at=None).update(answer=said, answered_by=by, answered_at=now):
        note("answered plan b", fired, now, by)


def catch_up(now: datetime, person: int | None = None) -> int:
    """Look at each rule once a week, the first time after the week in which it was made; returns how many were looked at.

    At most BATCH a call.
    """
    if person is not None:
        return 0
    zone = house_zone(running(now))
    today = now.astimezone(zone).date()
    monday = week_begins(today)
    there = Contingency.objects.filter(ended_at=None, made_at__lt=datetime.combine(monday, time(), zone))
    due = there.exclude(samples__monday=monday).select_related("goal", "campaign")
    return sum(_look(rule, monday, today, now) for rule in due.order_by("pk")[:BATCH])


def _look(rule: Contingency, monday: date, today: date, now: datetime) -> int:
    """Keep this week's sample, and fire when it is time; 0 when somebody else did."""
    over = rule.goal is not None and (rule.goal.last < today or rule.goal.first > today)
    value = None if over else _value(rule, now)
    try:
        with transaction.atomic():
            sample = Sample.objects.create(contingency=rule, monday=monday, value=value)
            if _fires(rule, monday):
                Fired.objects.create(contingency=rule, sample=sample, at=now)
    except IntegrityError:
        if not Sample.objects.filter(contingency=rule, monday=monday).exists():
            raise
        return 0
    return 1


def _value(rule: Contingency, now: datetime) -> float | None:
    """What the figure is; one that cannot be worked out says nothing, and holds up no other rule."""
    try:
        return value_of(rule, now)
    except Exception:
        log.exception("plan b %s: %s cannot be worked out", rule.pk, rule.figure)
        return None


def _fires(rule: Contingency, monday: date) -> bool:
    """Beyond the bound in so many weeks on end, and within it at some time since it fired last."""
    since = monday - timedelta(weeks=rule.weeks - 1)
    lately = list(rule.samples.filter(monday__gte=since).values_list("value", flat=True))
    if len(lately) < rule.weeks or any(value is None or not rule.beyond(value) for value in lately):
        return False
    last = rule.fired.order_by("-at").select_related("sample").first()
    if last is None:
        return True
    between = rule.samples.filter(monday__gt=last.sample.monday).values_list("value", flat=True)
    return any(value is not None and not rule.beyond(value) for value in between)
