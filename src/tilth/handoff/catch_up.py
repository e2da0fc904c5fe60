"""Passing on who is ripe, automatically (R35): one handoff to one owner, or a named reason to wait. Nothing ages out.

Reads   qualify.Ripe, Holding, the running version
Writes  Handoff, Holding, Turn; what a ripe lead waits for
"""

from datetime import datetime, timedelta

from django.db import transaction
from django.db.models import Q

from tilth.agreement.models import Version, running
from tilth.qualify.catch_up import evaluate
from tilth.qualify.models import FAR, RESTING, Ripe, Standing

from . import joined
from .joining import join
from .models import Handoff, Holding
from .ranking import lay
from .recycling import resting
from .verbs import AlreadyHeld, DataMissing, NobodyAvailable, hand_off

BATCH = 200
ASK_AGAIN = timedelta(hours=1)


def catch_up(now: datetime, person: int | None = None) -> int:
    """Hand off who is ripe; returns how many were passed on or told to wait. At most BATCH a call."""
    version = running(now)
    if version is None:
        return 0
    ripe = Ripe.objects.filter(look_at__lte=now).order_by("since", "person")
    if person is not None:
        ripe = ripe.filter(person=person)
    dropped = _drop_held(list(ripe.values_list("pk", flat=True)[:BATCH]), now)
    return dropped + sum(_pass_on(pk, version, now) for pk in list(ripe.values_list("pk", flat=True)[:BATCH]))


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


@transaction.atomic
def _pass_on(person: int, version: Version, now: datetime) -> int:
    """Hand one lead off, or say what it waits for. Who qualifies locks the standing too, so nothing is overtaken."""
    standing = Standing.objects.select_for_update().filter(pk=person).first()
    anew = standing is not None and standing.version_id != version.pk
    if anew:  # ripe under another version: only this one says whether that still holds
        evaluate([person], version, now)
    ripe = Ripe.objects.select_related("person__company").filter(pk=person, look_at__lte=now).first()
    if ripe is None:
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
    try:
        hand_off(ripe.person, now)
    except DataMissing as e:
        ripe.wait(Ripe.Lack.DATA, now + FAR, e.fields)
    except NobodyAvailable:
        ripe.wait(Ripe.Lack.OWNER, now + ASK_AGAIN)
    except AlreadyHeld:
        ripe.delete()
    return 1


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
