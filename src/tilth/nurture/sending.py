"""Making the next mail of somebody's track, and learning what became of those that were made.

A mail is made with its row in the outbox in one transaction, each step once: whoever dies before has done nothing, whoever dies
after has done it. Nobody gets the mails of two tracks on one day. Source: docs/algorithms/nurture.md
"""

from datetime import datetime, timedelta

from django.db import models, transaction

from tilth.core.clock import instant
from tilth.core.nurture import Step, next_step, send_at
from tilth.notify import outbox
from tilth.notify.deliver import TOO_LATE
from tilth.notify.models import Message
from tilth.people.models import Person
from tilth.touches.models import Evidence, Team, Touch
from tilth.touches.record import key, offer, record

from .endings import end_all
from .enrolling import house, next_at
from .grounds import addresses, grounds
from .letters import letter, mail_key
from .models import Enrolment, Mailing, Track

BATCH = 500
SOON = timedelta(minutes=1)  # after which we look whether a mail that waits is still wanted


def send(row: Enrolment, now: datetime) -> bool:
    """Make the mail that is due on this way, or say when it is; True when one was made. Inside a transaction, the row locked."""
    spec = row.track.says
    done = set(row.mailings.values_list("step", flat=True))
    step = next_step(spec.steps, done)
    person = Person.objects.select_for_update(of=("self",)).select_related("company").get(pk=row.person_id)
    ground = grounds([person.pk], spec.customers).get(person.pk)
    if step is None:
        row.next_at = None
    if step is None or ground is None:
        return False
    if (free := _free_from(person, now)) > now:
        row.next_at = free
        return False
    _write(row, step, person, ground, now)
    row.next_at = next_at(row, now)
    return True


def _free_from(person: Person, now: datetime) -> datetime:
    """From when on somebody may get a mail of a track: now, or on the next day on which the house works."""
    calendar = house(now)
    today = instant(calendar.day_of(now), datetime.min.time(), calendar.zone)
    had = Mailing.objects.filter(enrolment__person=person, at__gte=today, stopped_at=None).exists()
    return send_at(today, 1, calendar) if had else now


def _write(row: Enrolment, step: Step, person: Person, ground: str, now: datetime) -> None:
    assert row.track.edition is not None
    mail = letter(row.track, row.track.says, step, person, ground)
    name = f"care {row.pk} {step.id}"
    to = addresses([person.pk])[person.pk]
    outbox.put(name, to, mail.subject, mail.text, mail.html, now, person=person, headers=mail.headers)
    Mailing.objects.create(
        enrolment=row, edition=row.track.edition, step=step.id, offer=offer(step.offer, now), ground=ground, at=now,
        message=outbox.written(name),
    )  # fmt: skip


def learn(now: datetime) -> int:
    """Take in what became of mails: on the timeline once they went, the end of the way when one could not be delivered."""
    rows = Mailing.objects.filter(sent_at=None, stopped_at=None)
    gone = models.Q(message=None) | models.Q(message__sent_at__isnull=False)
    given_up = models.Q(message__given_up_at__isnull=False) & (
        models.Q(message__leased_until=None) | models.Q(message__leased_until__lte=now)
    )
    known = rows.filter(gone | given_up).order_by("pk").values_list("pk", flat=True)
    return sum(_learn(pk, now) for pk in list(known[:BATCH]))


@transaction.atomic
def _learn(pk: int, now: datetime) -> int:
    row = Mailing.objects.select_for_update(of=("self",)).filter(pk=pk, sent_at=None, stopped_at=None).first()
    if row is None:
        return 0  # another worker did it
    message = row.message
    if message is not None and message.sent_at is not None:
        row.sent_at = message.sent_at
        row.touch = _on_the_timeline(row, message.subject, now)
    else:
        row.stopped_at = now
    row.save(update_fields=["sent_at", "stopped_at", "touch"])
    if message is not None and row.stopped_at and _bounced(message):
        end_all([row.enrolment_id], Enrolment.Ended.BOUNCED, now)
    Enrolment.objects.filter(pk=row.enrolment_id, next_at=None, ended_at=None).update(look_at=now)
    return 1


def _bounced(message: Message) -> bool:
    """Whether a mail that never went was refused; not when we took it back, or our server took nothing for days."""
    assert message.given_up_at is not None
    return message.withdrawn_at is None and message.given_up_at < message.due_at + TOO_LATE


def _on_the_timeline(row: Mailing, subject: str, now: datetime) -> Touch:
    assert row.sent_at is not None
    track = Track.objects.select_related("sender").get(enrolments=row.enrolment_id)
    touch, _new = record(
        "mail", row.sent_at, now, person=row.enrolment.person, team=Team.MARKETING, evidence=Evidence.DECLARED,
        member=track.sender, offer=row.offer, event="Email Sent", key=key("nurture", str(row.pk)),
        properties={"mail": mail_key(track.pk, row.step), "subject": subject, "direction": "out", "track": track.name},
    )  # fmt: skip
    return touch
