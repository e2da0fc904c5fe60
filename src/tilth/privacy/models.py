"""What people may ask for: everything about them as a file, and to be erased; and for how long we keep what."""

from pathlib import Path

from django.conf import settings
from django.db import models
from django.utils.translation import gettext_lazy as _

from tilth.people.models import Person
from tilth.team.models import Member


class Takeout(models.Model):
    """Everything about one person, on its way into a ZIP file. `place` is how far the deliveries were searched."""

    person = models.ForeignKey(Person, models.CASCADE, related_name="takeouts")
    name = models.CharField(max_length=40, unique=True)
    by = models.ForeignKey(Member, models.SET_NULL, null=True, related_name="+")
    at = models.DateTimeField()
    place = models.BigIntegerField(default=0)
    until = models.BigIntegerField(default=0)
    found = models.PositiveIntegerField(default=0)
    written = models.BigIntegerField(default=0)
    finished_at = models.DateTimeField(null=True)
    size = models.BigIntegerField(default=0)

    class Meta:
        indexes = [
            models.Index(fields=["at"], name="takeout_to_do", condition=models.Q(finished_at__isnull=True)),
        ]

    @property
    def path(self) -> Path:
        return folder() / f"{self.name}.zip"

    @property
    def percent(self) -> int:
        """How much of the deliveries was searched, in whole percent."""
        return 100 if self.finished_at else int(99 * self.place / self.until) if self.until else 0


def folder() -> Path:
    """Where the files lie until somebody has fetched them, or a week is over."""
    path = Path(settings.HOME) / "takeouts"
    path.mkdir(parents=True, exist_ok=True, mode=0o700)
    return path


class Erasure(models.Model):
    """Somebody, erased, or some who were here too long: what is left to do, and how many rows of each table went.

    `ways` is by what they can still be found in what was not looked through yet; it is emptied with the last step. `people`
    are the numbers of the empty rows that are left.
    """

    class Step(models.TextChoices):
        SPOOL = "spool", _("what waited on the disk")
        DELIVERIES = "deliveries", _("deliveries as they came")
        MENTIONS = "mentions", _("mentions by others")
        FILES = "files", _("files")
        LAKE = "lake", _("the lake of the backtests")
        CHECK = "check", _("a last look")
        DONE = "done", _("done")

    people = models.JSONField(default=list)
    by = models.ForeignKey(Member, models.SET_NULL, null=True, related_name="+")
    at = models.DateTimeField()
    ways = models.JSONField(default=dict)
    step = models.CharField(max_length=10, choices=Step, default=Step.SPOOL)
    place = models.JSONField(default=dict)
    counts = models.JSONField(default=dict)
    finished_at = models.DateTimeField(null=True)

    class Meta:
        indexes = [
            models.Index(fields=["at"], name="erasure_to_do", condition=models.Q(finished_at__isnull=True)),
        ]

    @property
    def percent(self) -> int:
        """How far it is, in whole percent: steps that are done, and the part of the one under way."""
        steps = list(self.Step)
        share = self.place["at"] / self.place["until"] if self.place.get("until") else 0
        return int(100 * (steps.index(self.Step(self.step)) + share) / (len(steps) - 1))


class Rule(models.Model):
    """For how many days we keep one kind of thing; None: for ever. `ran_on` is the last day on which it was seen to."""

    kind = models.CharField(max_length=20, unique=True)
    days = models.PositiveIntegerField(null=True)
    by = models.ForeignKey(Member, models.SET_NULL, null=True, related_name="+")
    at = models.DateTimeField()
    ran_on = models.DateField(null=True)
    removed = models.PositiveIntegerField(default=0)
