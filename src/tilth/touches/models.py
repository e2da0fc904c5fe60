"""Touches: one row per contact between a person and us, in either direction. Added, never edited.

`person` is who we now think it was (a visitor becomes known later); everything else is as recorded.
`evidence` says how sure we are that a human did it; a touch that was logged by mistake is retracted,
which is evidence too. `Origin` is a projection: the touch that made somebody a lead.
"""

from datetime import datetime

from django.db import models
from django.utils.translation import gettext_lazy as _

from tilth.campaigns.models import Campaign
from tilth.content.models import Offer
from tilth.core import evidence
from tilth.people.models import Person, Visitor
from tilth.team.models import Member


class Evidence(models.IntegerChoices):
    UNSETTLED = evidence.UNSETTLED  # what a scanner may have done: it counts once a minute has shown that none did
    RETRACTED = evidence.RETRACTED
    MACHINE = evidence.MACHINE
    ANONYMOUS = evidence.ANONYMOUS
    OBSERVED = evidence.OBSERVED
    DECLARED = evidence.DECLARED


class Team(models.TextChoices):
    """Who made the touch: one of ours, or the person."""

    MARKETING = "marketing"
    SALES = "sales"
    SERVICE = "service"
    PERSON = "person"


class Touch(models.Model):
    at = models.DateTimeField()
    kind = models.CharField(max_length=16)
    team = models.CharField(max_length=10, choices=Team)
    evidence = models.SmallIntegerField(choices=Evidence, default=Evidence.OBSERVED)
    person = models.ForeignKey(Person, models.CASCADE, null=True, related_name="touches", db_index=False)
    visitor = models.ForeignKey(Visitor, models.SET_NULL, null=True, related_name="touches", db_index=False)
    member = models.ForeignKey(Member, models.SET_NULL, null=True, related_name="+", db_index=False)
    offer = models.ForeignKey(Offer, models.PROTECT, null=True, related_name="+", db_index=False)
    campaign = models.ForeignKey(Campaign, models.PROTECT, null=True, related_name="+", db_index=False)
    source = models.CharField(max_length=80, blank=True)
    medium = models.CharField(max_length=80, blank=True)
    event = models.CharField(max_length=120, blank=True)
    url = models.TextField(blank=True)
    properties = models.JSONField(default=dict)
    learned_at = models.DateTimeField()
    key = models.BinaryField(max_length=16, null=True, unique=True)

    class Meta:
        indexes = [
            models.Index(fields=["person", "at"], name="touch_person_at"),
            models.Index(fields=["visitor"], name="touch_visitor", condition=models.Q(visitor__isnull=False)),
            models.Index(fields=["learned_at"], name="touch_unsettled", condition=models.Q(evidence=-2)),
        ]

    def __str__(self) -> str:
        return f"{self.kind} {self.at:%Y-%m-%d %H:%M}"


class Correction(models.Model):
    """A touch that was recorded means something else from now on: it was retracted, or those of a visitor are another's.

    Touches themselves only show what we now think. Who follows them row by row, as the lake does, reads these too.
    `was` is the number of the person whose they were; no reference, since it says what was, also after a merge.
    """

    at = models.DateTimeField()
    touch = models.ForeignKey(Touch, models.CASCADE, null=True, related_name="+")
    visitor = models.ForeignKey(Visitor, models.CASCADE, null=True, related_name="+")
    was = models.BigIntegerField(null=True)

    class Meta:
        constraints = [
            models.CheckConstraint(
                condition=models.Q(touch=None) ^ models.Q(visitor=None), name="a_touch_or_a_visitor_is_corrected"
            )
        ]


class Origin(models.Model):
    """How a person became a lead (R20): the door, the offer, the source as it was written.

    An empty `source` means that nobody said; "unknown" is a value that somebody wrote down.
    """

    derived = True

    person = models.OneToOneField(Person, models.CASCADE, primary_key=True, related_name="origin")
    at = models.DateTimeField(db_index=True)
    door = models.CharField(max_length=10, choices=Team)
    source = models.CharField(max_length=80, blank=True)
    offer = models.ForeignKey(Offer, models.PROTECT, null=True, related_name="+")
    campaign = models.ForeignKey(Campaign, models.PROTECT, null=True, related_name="+")
    touch = models.ForeignKey(Touch, models.SET_NULL, null=True, related_name="+")


class NextStep(models.Model):
    """What somebody of ours said they would do next with a person, by a day."""

    person = models.ForeignKey(Person, models.CASCADE, related_name="next_steps")
    member = models.ForeignKey(Member, models.CASCADE, related_name="next_steps")
    what = models.CharField(max_length=200)
    on = models.DateField(null=True)
    at = models.DateTimeField()
    touch = models.ForeignKey(Touch, models.SET_NULL, null=True, related_name="+")
    done_at = models.DateTimeField(null=True)
    done_by = models.ForeignKey(Member, models.SET_NULL, null=True, related_name="+")

    class Meta:
        indexes = [models.Index(fields=["member", "on"], name="next_step_open", condition=models.Q(done_at=None))]

    def __str__(self) -> str:
        return self.what


class Referral(models.Model):
    """Somebody who came because another person told them (R28): who, how we know, and the words in which it was said.

    `by` is None while nobody knows whom those words mean; a person of ours can still say so.
    """

    class How(models.TextChoices):
        LINK = "link", _("by their link")
        TOLD = "told", _("as they told us")
        HAND = "hand", _("as a colleague wrote down")

    person = models.ForeignKey(Person, models.CASCADE, related_name="referrals")
    by = models.ForeignKey(Person, models.CASCADE, null=True, related_name="referred")
    named = models.CharField(max_length=200, blank=True)
    how = models.CharField(max_length=4, choices=How)
    at = models.DateTimeField()
    touch = models.ForeignKey(Touch, models.SET_NULL, null=True, related_name="+")
    member = models.ForeignKey(Member, models.SET_NULL, null=True, related_name="+")

    def __str__(self) -> str:
        return f"{self.person} by {self.by or self.named}"


LEAD_MAKING = ("form", "download", "webinar", "event", "card", "chat", "list")


FOLLOW_UP = ("call", "mail", "meeting")  # of which the agreement says how many, or how long
BY_SALES = models.Q(team=Team.SALES, kind__in=FOLLOW_UP, evidence__gt=Evidence.MACHINE)


def of_sales(people: list[int], since: datetime) -> models.QuerySet[Touch]:
    """Calls, mails and meetings by sales with these people, oldest first."""
    return Touch.objects.filter(BY_SALES, person__in=people, at__gte=since).order_by("at", "id")
