"""Standing is where a person is now (a projection); StageChange is how they got there (facts).

`Ripe` is the short list that handoff works on: people whose cell says hand off and whom nobody has.
"""

from datetime import datetime, timedelta

from django.db import models
from django.utils.translation import gettext_lazy as _

from tilth.agreement.models import Version
from tilth.people.models import Person

FAR = timedelta(days=36_500)
SEGMENT = 80  # letters of a segment's id that are kept


class Stage(models.TextChoices):
    """The field's standard stages (R18-R22). Marketing's half ends at MQL, sales' half begins there."""

    VISITOR = "visitor", _("Visitor")
    SUBSCRIBER = "subscriber", _("Subscriber")
    LEAD = "lead", _("Lead")
    MQL = "mql", _("MQL")
    SQL = "sql", _("SQL")
    CUSTOMER = "customer", _("Customer")


ORDER = {stage: i for i, stage in enumerate(Stage.values)}


class Standing(models.Model):
    """One row per person; can be rebuilt from touches, attributes and the agreement."""

    derived = True  # by rule, so it need not outlive a person who turns out to be another

    person = models.OneToOneField(Person, models.CASCADE, primary_key=True, related_name="standing")
    version = models.ForeignKey(Version, models.PROTECT, null=True, related_name="+")
    stage = models.CharField(max_length=10, choices=Stage)
    grade = models.CharField(max_length=1, blank=True)
    level = models.PositiveSmallIntegerField(default=1)
    fit_points = models.FloatField(default=0)
    interest_points = models.FloatField(default=0)
    action = models.CharField(max_length=10, blank=True)
    reasons = models.JSONField(default=dict)
    segment = models.CharField(max_length=SEGMENT, blank=True, default="", db_default="")
    at = models.DateTimeField()
    look_at = models.DateTimeField(null=True)
    round_ended_at = models.DateTimeField(null=True)

    class Meta:
        indexes = [
            models.Index(fields=["look_at"], name="standing_look_at", condition=models.Q(look_at__isnull=False)),
            models.Index(fields=["action", "-interest_points"], name="standing_action"),
            models.Index(fields=["segment", "-person"], name="standing_segment"),
        ]

    @property
    def cell(self) -> str:
        return f"{self.grade}{self.level}" if self.grade else ""


class StageChange(models.Model):
    """Somebody reached a stage (or fell back to one), under which version, and because of what."""

    derived = True

    person = models.ForeignKey(Person, models.CASCADE, related_name="stages")
    stage = models.CharField(max_length=10, choices=Stage)
    was = models.CharField(max_length=10, choices=Stage, blank=True)
    at = models.DateTimeField()
    version = models.ForeignKey(Version, models.PROTECT, null=True, related_name="+")
    because = models.CharField(max_length=200, blank=True)

    class Meta:
        indexes = [
            models.Index(fields=["person", "at"]),
            models.Index(fields=["stage", "at"]),
            models.Index(fields=["person", "id", "stage", "at"], name="stage_course"),
        ]

    @property
    def ends_round(self) -> bool:
        """Whether the lead's way through sales ended here: given back, lost, or bought."""
        return self.stage == Stage.CUSTOMER or bool(self.was and ORDER[self.stage] < ORDER[self.was])


class Waiting(models.QuerySet["Ripe"]):
    def too_late(self, since: datetime) -> "Waiting":
        """Those that are an alarm (R31): ripe since before `since`. Who rests by agreement never is."""
        return self.filter(since__lt=since, waits_for__in=ALARMING)


class Ripe(models.Model):
    """Ripe and waiting to be handed off. `waits_for` is empty, or names what is lacking.

    worked    sales had it already, and its owner is gone or its day has come: it goes, whatever its points say now
    """

    derived = True

    class Lack(models.TextChoices):
        DATA = "data", _("missing data")
        OWNER = "owner", _("nobody available")
        DESK = "desk", _("waits at the dispatcher’s desk")
        ROOM = "room", _("sales has no hours for it now")
        NEWS = "news", _("came back from sales, waits for something new")
        ROUNDS = "rounds", _("through its rounds, stays with marketing")

    person = models.OneToOneField(Person, models.CASCADE, primary_key=True, related_name="ripe")
    since = models.DateTimeField()
    counted_at = models.DateTimeField()
    waits_for = models.CharField(max_length=8, choices=Lack, blank=True)
    missing = models.JSONField(default=list)
    look_at = models.DateTimeField()
    worked = models.BooleanField(default=False, db_default=False)
    raised = models.BooleanField(default=False, db_default=False)
    rank = models.FloatField(default=0, db_default=0)
    lane = models.CharField(max_length=60, blank=True, default="", db_default="")

    objects = Waiting.as_manager()

    class Meta:
        indexes = [
            models.Index(fields=["look_at"]),
            models.Index(fields=["waits_for", "since"]),
            models.Index(fields=["waits_for", "-rank", "-person"], name="ripe_in_line"),
        ]

    def is_too_late(self, since: datetime) -> bool:
        """As `Waiting.too_late` asks of many."""
        return self.since < since and self.waits_for in ALARMING

    def wait(self, lack: str, until: datetime, missing: list[str] | None = None, lane: str = "") -> None:
        self.waits_for, self.look_at, self.missing, self.lane = lack, until, missing or [], lane[:60]
        self.save()


class NewLead(models.Model):
    """Somebody has just become a lead, and nobody was told yet. A work list: taken away by who tells."""

    person = models.ForeignKey(Person, models.CASCADE, related_name="+")
    at = models.DateTimeField()


SALES_LATE = (Ripe.Lack.OWNER, Ripe.Lack.DESK)  # marketing has done its part
KEPT = (*SALES_LATE, Ripe.Lack.ROOM)  # who cools while sales has nobody, or no hours, for them stays ripe
RESTING = (Ripe.Lack.NEWS, Ripe.Lack.ROUNDS)  # by agreement: nobody is late with it
ALARMING = ("", Ripe.Lack.DATA, Ripe.Lack.OWNER, Ripe.Lack.DESK)


def falls_back_to(person: int) -> str:
    """Where a way through sales leaves who did not buy: a lead, or the customer that they were before."""
    bought = Standing.objects.filter(person=person, stage=Stage.CUSTOMER).exists()
    return Stage.CUSTOMER if bought else Stage.LEAD


def move(person: int, stage: str, at: datetime, version: Version | None, because: str) -> StageChange | None:
    """Record that a person is at `stage` from now on; None when they already were.

    Falling back ends a round, and so does each way through sales of a customer, whatever came of it: only
    what happens afterwards makes them ripe again.
    """
    new = {"stage": Stage.VISITOR, "at": at}
    standing, _new = Standing.objects.select_for_update().get_or_create(person_id=person, defaults=new)
    if standing.stage == stage and stage != Stage.CUSTOMER:
        return None
    change = StageChange.objects.create(
        person_id=person, stage=stage, was=standing.stage, at=at, version=version, because=because[:200]
    )
    ended = max(filter(None, [standing.round_ended_at, at if change.ends_round else None]), default=None)
    Standing.objects.filter(pk=person).update(stage=stage, round_ended_at=ended)
    return change


def unmove(change: StageChange) -> bool:
    """Take a stage change back; False when the person has moved on since."""
    Standing.objects.select_for_update().filter(pk=change.person_id).first()
    last = StageChange.objects.filter(person=change.person_id).order_by("-id").first()
    if last is None or last.pk != change.pk:
        return False
    change.delete()
    ended = [c.at for c in StageChange.objects.filter(person=change.person_id) if c.ends_round]
    Standing.objects.filter(pk=change.person_id).update(stage=change.was, round_ended_at=max(ended, default=None))
    return True
