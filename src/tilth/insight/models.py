"""What takes its time and was asked for: backtests, and results of reports. Both can be found again from the lake."""

from django.conf import settings
from django.db import models
from django.utils.translation import gettext_lazy as _

from tilth.agreement.models import Draft, Version
from tilth.team.models import Member


class Backtest(models.Model):
    """One replay of one document over the recorded history, beside the version that was running.

    `worker` is the process that replays it and `beat_at` when it last said so; another one takes over who went silent.
    """

    class State(models.TextChoices):
        WAITING = "waiting", _("waiting")
        RUNNING = "running", _("running")
        DONE = "done", _("done")
        STOPPED = "stopped", _("stopped")
        FAILED = "failed", _("failed")

    draft = models.ForeignKey(Draft, models.CASCADE, related_name="backtests")
    running = models.ForeignKey(Version, models.PROTECT, null=True, related_name="+")
    document = models.JSONField()
    fingerprint = models.CharField(max_length=64, db_index=True)
    asked_by = models.ForeignKey(Member, models.SET_NULL, null=True, related_name="+")
    asked_at = models.DateTimeField()
    state = models.CharField(max_length=8, choices=State, default=State.WAITING)
    worker = models.CharField(max_length=32, blank=True)
    beat_at = models.DateTimeField(null=True)
    until = models.DateTimeField(null=True)
    ended_at = models.DateTimeField(null=True)
    people = models.PositiveIntegerField(default=0)
    replayed = models.PositiveIntegerField(default=0)
    touches = models.PositiveBigIntegerField(default=0)
    frontier = models.JSONField(default=list)
    one_in = models.PositiveIntegerField(default=1)
    why = models.TextField(blank=True)

    class Meta:
        indexes = [
            models.Index(
                fields=["asked_at"], name="backtest_to_do", condition=models.Q(state__in=("waiting", "running"))
            )
        ]

    def __str__(self) -> str:
        return f"backtest {self.pk}"

    @property
    def path(self) -> str:
        return str(settings.HOME / "lake" / f"backtest-{self.pk}.npz")


class Kept(models.Model):
    """The result of one report as it was last worked out, for who looks next. May be thrown away at any time.

    chosen      of each filter, and "period"
    row, column    of a list of people: the figure they are behind; "" for the report itself
    result      see `report.as_json`; null until it was worked out once
    as_of, version, generation    the moment, agreement and state of the lake that it tells of
    wanted_at   when somebody last looked; what nobody looks at is not refreshed, and then forgotten
    anew        somebody wants it worked out again
    """

    key = models.CharField(max_length=64, unique=True)
    report = models.CharField(max_length=40)
    chosen = models.JSONField()
    row = models.CharField(max_length=300, blank=True)
    column = models.CharField(max_length=40, blank=True)
    result = models.JSONField(null=True)
    as_of = models.DateTimeField(null=True)
    version = models.ForeignKey(Version, models.PROTECT, null=True, related_name="+")
    generation = models.PositiveIntegerField(null=True)
    took_ms = models.PositiveIntegerField(default=0)
    wanted_at = models.DateTimeField(db_index=True)
    anew = models.BooleanField(default=False)
    why = models.CharField(max_length=500, blank=True)
    worker = models.CharField(max_length=32, blank=True)
    beat_at = models.DateTimeField(null=True)

    class Meta:
        verbose_name_plural = "kept"

    def __str__(self) -> str:
        return f"{self.report} as of {self.as_of}"
