"""Making a track, changing it, letting it run or rest, and closing it for good."""

from datetime import datetime

from django.db import transaction

from tilth.core.nurture import Spec, faults
from tilth.journal.models import note
from tilth.team.models import Member

from .endings import end_all
from .models import Edition, Enrolment, Track


class NotReady(ValueError):
    """Something that each of these mails needs is missing; `faults` of core.nurture say what."""


@transaction.atomic
def make(name: str, spec: Spec, sender: Member, by: Member, now: datetime) -> Track:
    """A new track, which does not run yet."""
    track = Track.objects.create(name=name, sender=sender, at=now)
    note("made track", track, now, by, name=name)
    save(track, name, spec, sender, by, now)
    return track


@transaction.atomic
def save(track: Track, name: str, spec: Spec, sender: Member, by: Member, now: datetime) -> Edition:
    """What it sends from now on, also to who is halfway; the same as before makes no new version.

    raises   NotReady: it runs, and could not go on like this
    """
    track = Track.objects.select_for_update().get(pk=track.pk)
    if track.runs and faults(spec):
        raise NotReady("The track runs, so every mail must be whole.")
    last = Edition.objects.filter(track=track).order_by("-number").first()
    if last is None or last.spec != spec.plain():
        number = last.number + 1 if last else 1
        last = Edition.objects.create(track=track, number=number, spec=spec.plain(), at=now, by=by)
        if number > 1:
            note("changed track", track, now, by, number=number)
        track.looked_to, track.look_at = 0, None
    track.edition, track.name, track.sender = last, name, sender
    track.save(update_fields=["edition", "name", "sender", "looked_to", "look_at"])
    return last


@transaction.atomic
def run(track: Track, runs: bool, by: Member, now: datetime) -> None:
    """Let its mails go out, or let it rest: whoever is in it stays where they are.

    raises   NotReady
    """
    track = Track.objects.select_for_update(of=("self",)).select_related("edition").get(pk=track.pk)
    if track.closed_at or track.runs == runs:
        return
    if runs and faults(track.says):
        raise NotReady("Not every mail of the track is whole yet.")
    track.started_at = now if runs else None
    track.save(update_fields=["started_at"])
    note("started track" if runs else "rested track", track, now, by)
    Enrolment.objects.filter(track=track, ended_at=None).update(look_at=now)


@transaction.atomic
def close(track: Track, by: Member, now: datetime) -> None:
    """It ends for everybody who is in it, and takes in nobody any more."""
    track = Track.objects.select_for_update().get(pk=track.pk)
    if track.closed_at is None:
        track.closed_at = now
        track.save(update_fields=["closed_at"])
        note("closed track", track, now, by)
        rows = Enrolment.objects.filter(track=track, ended_at=None)
        end_all(list(rows.values_list("pk", flat=True)), Enrolment.Ended.CLOSED, now, by)
