"""Passing on who is ripe, automatically (R35): one handoff to one owner, or a named reason to wait. Nothing ages out.

Reads   qualify.Ripe, Holding, the running version
Writes  Handoff, Holding, Turn; what a ripe lead waits for
"""

from collections.abc import Sequence
from datetime import datetime, timedelta
from itertools import islice

from django.db import transaction
from django.db.models import Q

from tilth.agreement.models import Version, running
from tilth.core.release import Hours
from tilth.core.routing import Seller
from tilth.qualify.catch_up import evaluate
from tilth.qualify.models import FAR, RESTING, Ripe, Standing

from . import joined, releasing
from .joining import join
from .models import Handoff, Holding
from .ranking import lay
from .recycling import resting
from .routing import Limits, sellers
from .verbs import AlreadyHeld, DataMissing, NobodyAvailable, NoRoom, hand_off

BATCH = 200
RELEASED = 50  # in one transaction: until it ends, nobody else gives out hours
ASK_AGAIN = timedelta(hours=1)


def catch_up(now: datetime, person: int | None = None) -> int:
    """Hand off who is ripe; returns how many were passed on or told to wait. At most BATCH a call."""
    version = running(now)
    if version is None:
        return 0
    ripe = Ripe.objects.filter(look_at__lte=now).order_by("since", "person")
    if person is not None:
        ripe = ripe.filter(person=person)
    taken = _drop_held(list(ripe.values_list("pk", flat=True)[:BATCH]), now)
    taken += sum(_pass_on(pk, version, now) for pk in list(ripe.values_list("pk", flat=True)[:BATCH]))
    return taken + _release(version, now, person)


@transaction.atomic
def _drop_held(people: list[int], now: datetime) -> int:
    """Take off the short list, all at once, whom somebody has already, or who joined somebody's handoff; their standings are locked as in `_pass_on`."""
    owned, in_ones = Holding.objects.values("person"), joined.open_ones().values("person")
    taken = owned.filter(person__in=people).union(in_ones.filter(person__in=people))
    if not (held := list(taken.values_list("person", flat=True))):
        return 0
    list(Standing.objects.select_for_update().filter(pk__in=held).order_by("pk").values_list("pk"))
    still = Q(person__in=owned.filter(person__in=held)) | Q(person__in=in_ones.filter(person__in=held))
    return Ripe.objects.filter(still, look_at__lte=now).delete()[0]


def _release(version: Version, now: datetime, person: int | None) -> int:
    """Let go of those in line while sales has hours for them, the one that waiting costs most first."""
    if not releasing.by_capacity(version):
        return 0
    waiting = Ripe.objects.filter(waits_for=Ripe.Lack.ROOM)
    if person is None:
        return _let_go(None, version, now) if waiting.exists() else 0
    one = waiting.filter(pk=person).first()
    return _let_go(person, version, now) if one and releasing.is_first(one) else 0


@transaction.atomic
def _let_go(person: int | None, version: Version, now: datetime) -> int:
    hours, team = releasing.hours(version, now), sellers(version.terms, now)
    people = islice(releasing.line(hours), RELEASED) if person is None else [person]
    return sum(_pass_on(pk, version, now, hours, team) for pk in people)


@transaction.atomic
def _pass_on(
    person: int, version: Version, now: datetime, hours: Hours | None = None, team: Sequence[Seller] | None = None
) -> int:
    """Hand one lead off, or say what it waits for. Who qualifies locks the standing too, so nothing is overtaken.

    hours, team    it stood in line for these: those that sales has left, and who may own it
    """
    standing = Standing.objects.select_for_update().filter(pk=person).first()
    anew = standing is not None and standing.version_id != version.pk
    if anew:  # ripe under another version: only this one says whether that still holds
        evaluate([person], version, now)
    ripe = Ripe.objects.select_related("person__company", "person__standing").filter(pk=person).first()
    if ripe is None or (ripe.look_at > now and hours is None):
        return int(anew)
    if Holding.objects.filter(person=ripe.person_id).exists() or joined.of(ripe.person_id):
        ripe.delete()
        return 1
    if not ripe.worked and (rest := resting(ripe, version, now)):
        ripe.wait(rest.why, rest.until or now + FAR)
        return 1
    if ripe.waits_for in RESTING:
        ripe.since = now  # until now it rested by agreement: nobody was too late with it
    if not ripe.worked and join(ripe.person, now):
        return 1
    if version.terms.routing.by_hand:
        ripe.wait(Ripe.Lack.DESK, now + FAR)
        return 1
    if hours is None and releasing.in_line(ripe, version):
        ripe.wait(Ripe.Lack.ROOM, now + FAR)
        return 1
    try:
        _hand_off(ripe, version, now, hours, team)
    except NoRoom as e:
        return _stay_in_line(ripe, e.lane, now, hours)
    except DataMissing as e:
        ripe.wait(Ripe.Lack.DATA, now + FAR, e.fields)
    except NobodyAvailable:
        ripe.wait(Ripe.Lack.OWNER, now + ASK_AGAIN)
    except AlreadyHeld:
        ripe.delete()
    return 1


def _stay_in_line(ripe: Ripe, lane: str, now: datetime, hours: Hours | None) -> int:
    """Whoever stands behind this lead waits too; returns 0 when it stood there already."""
    if hours:
        hours.blocked.add(lane)
    if (ripe.waits_for, ripe.lane) == (Ripe.Lack.ROOM, lane):
        return 0
    ripe.wait(Ripe.Lack.ROOM, now + FAR, lane=lane)
    return 1


def _hand_off(ripe: Ripe, version: Version, now: datetime, hours: Hours | None, team: Sequence[Seller] | None) -> None:
    """With hours to give out, to who has some; what is never held back goes to who has some first."""
    if not releasing.by_capacity(version):
        hand_off(ripe.person, now)
        return
    hours, level = hours or releasing.left(version, now), ripe.person.standing.level
    must = not releasing.in_line(ripe, version)
    done = hand_off(ripe.person, now, limits=Limits(hours.full(level), frozenset(hours.blocked), must, team))
    hours.take(done.row.owner_id, level)
    releasing.wake_group(ripe.person_id, now)


def rebuild(now: datetime) -> int:
    """Work out anew who holds which lead, from the facts of this room. Deals end holdings on their storey."""
    with transaction.atomic():
        Holding.objects.all().delete()
        known = Handoff.objects.filter(person__erased_at=None)
        over = {"the_return": None, "the_handback": None, "the_merged": None, "the_withdrawal": None}
        open_ones = known.filter(**over).order_by("at", "id")
        latest = {h.person_id: h for h in open_ones.iterator()}
        Holding.objects.bulk_create(
            [Holding(person_id=p, handoff=h, owner_id=h.owner_id, since=h.at) for p, h in latest.items()],
            batch_size=2_000,
        )
        if version := running(now):
            lay(latest, version.terms.fades_hours)
    return len(latest)
