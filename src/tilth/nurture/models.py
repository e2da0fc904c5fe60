"""Care before sales has somebody: tracks of mails, who runs through them, the mails that came of it, and what a colleague noted.

An `Edition` of a track never changes; who is halfway goes on with the newest. The verbs are in `tracks.py`, `enrolling.py` and
`noting.py`.
"""

from functools import cached_property

from django.db import models
from django.utils.translation import gettext_lazy as _

from tilth.content.models import Offer
from tilth.core import nurture as core
from tilth.notify.models import Message
from tilth.people.models import Person
from tilth.team.models import Member
from tilth.touches.models import Touch


class Track(models.Model):
    """A row of mails under one name. `edition` is the version that holds now; until it is started, and while it rests, no mail goes out.

    sender      whose name stands below the mails, and who gets the answers
    looked_to   how far its rule has gone through everybody, by number; it begins anew at `look_at`
    """

    name = models.CharField(max_length=120)
    edition = models.ForeignKey("Edition", models.PROTECT, null=True, related_name="+")
    sender = models.ForeignKey(Member, models.PROTECT, related_name="+")
    at = models.DateTimeField()
    started_at = models.DateTimeField(null=True)
    closed_at = models.DateTimeField(null=True)
    looked_to = models.BigIntegerField(default=0)
    look_at = models.DateTimeField(null=True)

    def __str__(self) -> str:
        return self.name

    @property
    def says(self) -> core.Spec:
        """The version that holds now; a track has one from the moment that it is made."""
        assert self.edition is not None
        return self.edition.says

    @property
    def runs(self) -> bool:
        return self.started_at is not None and self.closed_at is None


class Edition(models.Model):
    """One version of a track, as plain data of core.nurture.Spec."""

    track = models.ForeignKey(Track, models.CASCADE, related_name="editions")
    number = models.PositiveIntegerField()
    spec = models.JSONField()
    at = models.DateTimeField()
    by = models.ForeignKey(Member, models.SET_NULL, null=True, related_name="+")

    class Meta:
        constraints = [models.UniqueConstraint(fields=["track", "number"], name="one_edition_of_a_track_per_number")]

    @cached_property
    def says(self) -> core.Spec:
        return core.read(self.spec)


class Enrolments(models.QuerySet["Enrolment"]):
    def going_on(self) -> "Enrolments":
        """Ways that are not over, through tracks that run: of one that rests nobody gets a mail, as `Track.runs` says."""
        return self.filter(ended_at=None, track__started_at__isnull=False, track__closed_at=None)


class Enrolment(models.Model):
    """One person on their way through one track; over once `ended_at` is there.

    by         who put them in; None: the track's rule
    next_at    when the next mail may go; None when there is none left
    look_at    when the stage looks again whether it is over, or the next mail is due
    """

    class Ended(models.TextChoices):
        DONE = "done", _("had every mail")
        ANSWERED = "answered", _("answered")
        UNSUBSCRIBED = "unsub", _("wants no more mail")
        HANDED_OVER = "handed", _("sales has them")
        BOUNCED = "bounced", _("a mail could not be delivered")
        TAKEN_OUT = "out", _("taken out by a colleague")
        CLOSED = "closed", _("the track was closed")

    person = models.ForeignKey(Person, models.CASCADE, related_name="enrolments")
    track = models.ForeignKey(Track, models.PROTECT, related_name="enrolments")
    since = models.DateTimeField()
    by = models.ForeignKey(Member, models.SET_NULL, null=True, related_name="+")
    next_at = models.DateTimeField(null=True)
    look_at = models.DateTimeField()
    ended_at = models.DateTimeField(null=True)
    ended_because = models.CharField(max_length=8, choices=Ended, blank=True)
    ended_by = models.ForeignKey(Member, models.SET_NULL, null=True, related_name="+")

    objects = Enrolments.as_manager()

    class Meta:
        indexes = [
            models.Index(fields=["look_at"], name="enrolment_look_at", condition=models.Q(ended_at=None)),
            models.Index(fields=["track", "-since"], name="enrolment_track"),
            models.Index(
                fields=["person", "track"], name="enrolment_of"
            ),  # or rules read a whole track for each person
        ]
        constraints = [
            models.UniqueConstraint(
                fields=["person", "track"], condition=models.Q(ended_at=None), name="once_at_a_time_in_a_track"
            )
        ]

    def __str__(self) -> str:
        return f"{self.person} in {self.track}"


class Mailing(models.Model):
    """One mail of a track to one person, made in the transaction that puts it into the outbox: each step once.

    ground        why we may: they agreed, or they are a customer
    sent_at       when the mail server took it; None until then
    stopped_at    it never went: something ended the track before, or the server refused it
    touch         the contact that it is in the person's timeline, once it went
    """

    class Ground(models.TextChoices):
        CONSENT = "consent", _("they agreed to mail")
        CUSTOMER = "customer", _("they are a customer, and this is about what they bought")

    enrolment = models.ForeignKey(Enrolment, models.CASCADE, related_name="mailings")
    edition = models.ForeignKey(Edition, models.PROTECT, related_name="+")
    step = models.CharField(max_length=12)
    offer = models.ForeignKey(Offer, models.PROTECT, null=True, related_name="+")
    ground = models.CharField(max_length=8, choices=Ground)
    message = models.ForeignKey(Message, models.SET_NULL, null=True, related_name="+")
    at = models.DateTimeField()
    sent_at = models.DateTimeField(null=True)
    stopped_at = models.DateTimeField(null=True)
    touch = models.ForeignKey(Touch, models.SET_NULL, null=True, related_name="+")

    class Meta:
        indexes = [
            models.Index(fields=["id"], name="mailing_under_way", condition=models.Q(sent_at=None, stopped_at=None))
        ]
        constraints = [models.UniqueConstraint(fields=["enrolment", "step"], name="each_step_once")]


class Noted(models.Model):
    """Care that no mail of ours shows, as a colleague noted it: what, from when, until when (None: that day, or still)."""

    class Kind(models.TextChoices):
        MAIL = "mail", _("Mails by hand or from elsewhere")
        CALL = "call", _("Calls")
        MEETING = "meeting", _("Meetings")
        EVENT = "event", _("Events and webinars")
        POST = "post", _("Post or gifts")
        OTHER = "other", _("Something else")

    person = models.ForeignKey(Person, models.CASCADE, related_name="noted_care")
    member = models.ForeignKey(Member, models.SET_NULL, null=True, related_name="+")
    kind = models.CharField(max_length=8, choices=Kind)
    what = models.CharField(max_length=200)
    since = models.DateField()
    until = models.DateField(null=True)
    at = models.DateTimeField()

    def __str__(self) -> str:
        return self.what
