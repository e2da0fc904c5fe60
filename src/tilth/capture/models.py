"""What came in, as it came in. Understanding it is a stage; what cannot be understood stays, with a
named reason, and can be replayed."""

import secrets
from datetime import datetime

from django.db import models, transaction

from tilth.journal.models import note
from tilth.team.models import Member


class Source(models.Model):
    """Something that may send us events: a site, an app, a service desk. Its key can only write."""

    name = models.CharField(max_length=80)
    write_key = models.CharField(max_length=64, unique=True)
    team = models.CharField(max_length=10, default="person")
    at = models.DateTimeField()

    def __str__(self) -> str:
        return self.name

    @classmethod
    @transaction.atomic
    def open(cls, name: str, team: str, by: Member | None, now: datetime) -> "Source":
        """A new source, with a key of its own. `team` is who makes what it tells of: "person", or one of ours."""
        row = cls.objects.create(name=name, write_key=secrets.token_urlsafe(18), team=team, at=now)
        note("opened source", row, now, by, name=name)
        return row


class Received(models.Model):
    """One delivery, byte for byte, kept before it was answered. Nothing here has been parsed."""

    source = models.ForeignKey(Source, models.PROTECT, related_name="deliveries", null=True, db_index=False)
    at = models.DateTimeField()
    path = models.CharField(max_length=80)
    body = models.BinaryField()
    sent_at = models.CharField(max_length=40, blank=True)
    network = models.CharField(max_length=45, blank=True, default="", db_default="")  # the sender's address, shortened
    agent = models.CharField(max_length=300, blank=True, default="", db_default="")
    taken_at = models.DateTimeField(null=True)

    class Meta:
        indexes = [models.Index(fields=["id"], name="received_waiting", condition=models.Q(taken_at__isnull=True))]


class Spooled(models.Model):
    """How far a file of the spool is drained, in bytes: written together with what was drained of it."""

    name = models.CharField(max_length=80, primary_key=True)
    place = models.PositiveBigIntegerField(default=0)
    at = models.DateTimeField()


class Refusal(models.Model):
    """One event (or whole delivery) that could not be understood, and why: a closed set of reasons."""

    received = models.ForeignKey(Received, models.CASCADE, related_name="refusals")
    index = models.PositiveIntegerField(default=0)
    reason = models.CharField(max_length=40)
    detail = models.CharField(max_length=300, blank=True)
    at = models.DateTimeField()

    class Meta:
        indexes = [models.Index(fields=["reason", "-id"], name="refusal_by_reason")]


class Taken(models.Model):
    """An event that left no touch (identify, group, alias) and was taken: a retry changes nothing."""

    key = models.BinaryField(max_length=16, primary_key=True)


class Mapping(models.Model):
    """How the columns of a kind of file are read. `spec` is core.mapping.Mapping as plain data."""

    name = models.CharField(max_length=120, unique=True)
    kind = models.CharField(max_length=10)
    spec = models.JSONField()
    by = models.ForeignKey(Member, models.SET_NULL, null=True, related_name="+")
    at = models.DateTimeField()


class Import(models.Model):
    """One file on its way in. done = created + updated + skipped + failed, always.

    `place` is how far it has come, written together with the rows, so that it can go on after any stop.
    `notes` is what its reader should know. Who works on it is its `holder`, until `held_until` at most.
    """

    class Kind(models.TextChoices):
        LEADS = "leads"
        TOUCHES = "touches"
        DEALS = "deals"
        COSTS = "costs"
        VERDICTS = "verdicts"

    kind = models.CharField(max_length=10, choices=Kind)
    name = models.CharField(max_length=200)
    path = models.CharField(max_length=400)
    digest = models.CharField(max_length=64, blank=True)
    spec = models.JSONField(default=dict)
    by = models.ForeignKey(Member, models.SET_NULL, null=True, related_name="+")
    at = models.DateTimeField()
    started_at = models.DateTimeField(null=True)
    finished_at = models.DateTimeField(null=True)
    stopped_at = models.DateTimeField(null=True)
    holder = models.CharField(max_length=16, blank=True)
    held_until = models.DateTimeField(null=True)
    trouble = models.CharField(max_length=500, blank=True)
    place = models.JSONField(default=dict)
    notes = models.JSONField(default=dict)
    rows = models.PositiveIntegerField(null=True)
    done = models.PositiveIntegerField(default=0)
    created = models.PositiveIntegerField(default=0)
    updated = models.PositiveIntegerField(default=0)
    skipped = models.PositiveIntegerField(default=0)
    failed = models.PositiveIntegerField(default=0)
    flagged = models.PositiveIntegerField(default=0)

    class Meta:
        constraints = [
            models.CheckConstraint(
                condition=models.Q(
                    done=models.F("created") + models.F("updated") + models.F("skipped") + models.F("failed")
                ),
                name="every_row_is_accounted_for",
            )
        ]

    @property
    def working(self) -> bool:
        return bool(self.started_at) and not (self.finished_at or self.stopped_at or self.trouble)

    @property
    def phase(self) -> str:
        """What is done now: read (the whole file is looked through), count, or rows (they are taken in)."""
        return self.place.get("phase", "read")


class FailedRow(models.Model):
    """A row that could not be taken in: its line in the file, its cells, and the reason."""

    run = models.ForeignKey(Import, models.CASCADE, related_name="failures")
    line = models.PositiveIntegerField()
    reason = models.CharField(max_length=300)
    cells = models.JSONField()
