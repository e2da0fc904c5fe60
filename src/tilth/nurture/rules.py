"""Whom tracks take in by themselves: everybody is gone through by number, in portions, and anew every hour.

Once per person and track; after a round through sales that came to nothing, once more.
"""

from datetime import datetime, timedelta

from django.db import transaction
from django.db.models import Exists, OuterRef, Q, QuerySet

from tilth.core.nurture import Rule
from tilth.deals.models import Lost
from tilth.handoff.models import HandBack, Holding, Return
from tilth.people.models import Person
from tilth.qualify.models import Standing

from .enrolling import enrol
from .models import Enrolment, Track

BATCH = 200
ANEW = timedelta(hours=1)


def catch_up(now: datetime) -> int:
    """One portion of each track that runs; returns how many came in."""
    due = Q(look_at=None) | Q(look_at__lte=now)
    running = Track.objects.filter(due, started_at__isnull=False, closed_at=None)
    return sum(_take_in(pk, now) for pk in list(running.order_by("pk").values_list("pk", flat=True)))


@transaction.atomic
def _take_in(pk: int, now: datetime) -> int:
    track = Track.objects.select_for_update(of=("self",)).select_related("edition").get(pk=pk)
    rule = track.says.rule
    found = list(
        matching(rule, track).filter(pk__gt=track.looked_to).order_by("pk").values_list("pk", flat=True)[:BATCH]
    )
    came = enrol(track, list(Person.objects.filter(pk__in=found)), None, now).rows if found else []
    more = len(found) == BATCH
    track.looked_to, track.look_at = (found[-1], None) if more else (0, now + ANEW)
    track.save(update_fields=["looked_to", "look_at"])
    return len(came)


def matching(rule: Rule, track: Track) -> QuerySet[Standing]:
    """The standings of those who meet a rule now and may come in, but for consent, which is asked when they do."""
    rows = Standing.objects.filter(person__erased_at=None) if rule else Standing.objects.none()
    if rule.stages:
        rows = rows.filter(stage__in=rule.stages)
    if rule.nurture:
        rows = rows.filter(action="nurture")
    if rule.segments:
        rows = rows.filter(segment__in=rule.segments)
    if rule.recycled:
        rows = rows.filter(_came_back(rule))
    been = Enrolment.objects.filter(track=track, person=OuterRef("pk"))
    since = been.filter(Q(ended_at=None) | Q(since__gte=OuterRef("round_ended_at")))
    held = Holding.objects.filter(person=OuterRef("pk"))
    never = ~Exists(been) if not rule.recycled else ~Exists(since)
    return rows.filter(never, ~Exists(held))


def _came_back(rule: Rule) -> Q:
    """That somebody's last round ended with one of these reasons: returned, handed back, or lost."""
    named = {"at": OuterRef("round_ended_at"), "reason__in": rule.recycled}
    returned, handed_back = (
        model.objects.filter(handoff__person=OuterRef("pk"), **named) for model in (Return, HandBack)
    )
    lost = Lost.objects.filter(deal__person=OuterRef("pk"), **named)
    return Q(Exists(returned)) | Q(Exists(handed_back)) | Q(Exists(lost))
