"""The shared goal and the plan that it stands in: money, basis, period, and both teams' signatures. Revising makes a new row.

A `Goal` that is a scenario is tried out and signed by nobody; `versions.py` copies, saves, proposes. Its `document` is what
`core.planning` reads; {} where only a goal was set. `current(day)` is the goal that both teams work for.

    Refused
    ├── NotYours         this member may not sign for that team
    ├── OpenRemarks      somebody has asked something about it that is not answered yet
    ├── Stale            somebody else saved since
    └── Settled          signed, thrown away, or still a scenario: this cannot be done with it
"""

from datetime import date, datetime
from decimal import Decimal
from typing import Any

from django.db import models, transaction
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from tilth.campaigns.models import Campaign
from tilth.core import figures
from tilth.journal.models import note
from tilth.team.models import Member

TEAMS = ("marketing", "sales")


class Refused(ValueError):
    """What was asked is not possible; the message says why, and what is."""


class NotYours(Refused, PermissionError): ...


class OpenRemarks(Refused): ...


class Stale(Refused): ...


class Settled(Refused): ...


class Goals(models.QuerySet["Goal"]):
    def proposed(self) -> "Goals":
        """Those that both teams are asked to sign, or have signed."""
        return self.filter(scenario=False, thrown_away_at=None)

    def scenarios(self) -> "Goals":
        """Those that are being tried out, the newest first."""
        return self.filter(scenario=True, thrown_away_at=None).order_by("-set_at", "-pk")

    def signed(self) -> "Goals":
        """Those that both teams have signed."""
        return self.proposed().annotate(teams=models.Count("signatures__team", distinct=True)).filter(teams=len(TEAMS))


class Goal(models.Model):
    class Basis(models.TextChoices):
        REVENUE = "revenue"
        PROFIT = "profit"

    amount = models.BigIntegerField()
    currency = models.CharField(max_length=3)
    basis = models.CharField(max_length=8, choices=Basis, default=Basis.REVENUE)
    first = models.DateField()
    last = models.DateField()
    set_by = models.ForeignKey(Member, models.SET_NULL, null=True, related_name="+")
    set_at = models.DateTimeField()
    name = models.CharField(max_length=120, blank=True, default="", db_default="")
    document = models.JSONField(default=dict)
    scenario = models.BooleanField(default=False, db_default=False)
    based_on = models.ForeignKey("self", models.SET_NULL, null=True, related_name="copies")
    why = models.CharField(max_length=300, blank=True, default="", db_default="")
    revision = models.PositiveIntegerField(default=0, db_default=0)
    thrown_away_at = models.DateTimeField(null=True)

    objects = Goals.as_manager()

    class Meta:
        constraints = [
            models.CheckConstraint(condition=models.Q(last__gt=models.F("first")), name="goal_period_in_order")
        ]

    def __str__(self) -> str:
        return self.name or f"{self.first:%Y}"

    @property
    def is_signed(self) -> bool:
        """Whether both teams have signed it: then it never changes."""
        return len({s.team for s in self.signatures.all()}) == len(TEAMS)

    def told(self) -> dict[str, Any]:
        """The document with the goal and its days as they stand in the columns."""
        amount = Decimal(self.amount).scaleb(-figures.DIGITS.get(self.currency, 2))
        return {
            "goal": f"{amount:f}",
            **self.document,
            "currency": self.currency,
            "basis": self.basis,
            "first": self.first.isoformat(),
            "last": self.last.isoformat(),
        }

    @transaction.atomic
    def sign(self, by: Member, team: str, now: datetime) -> "GoalSignature":
        """Sign it for one team; signed already is no change.

        raises     NotYours, OpenRemarks, Settled
        """
        if not by.may_sign_for(team):
            raise NotYours(_("%(who)s cannot sign for this team.") % {"who": by.name})
        row = Goal.objects.select_for_update().get(pk=self.pk)
        if row.scenario or row.thrown_away_at:
            raise Settled(_("This is a scenario. Propose it to both teams first."))
        if n := row.remarks.filter(closed_at=None).count():
            raise OpenRemarks(
                ngettext("One remark is open. Close it first.", "%(n)s remarks are open. Close them first.", n)
                % {"n": n}
            )
        signature, new = GoalSignature.objects.get_or_create(
            goal=row, team=team, defaults={"member": by, "name": by.name, "at": now}
        )
        if new:
            note("signed goal", self, now, by, team=team)
        if row.signatures.count() == len(TEAMS):  # what was agreed for bad times goes along with who takes its place
            Contingency.objects.filter(goal__in=earlier(row), ended_at=None).update(goal=row)
        return signature


class GoalSignature(models.Model):
    goal = models.ForeignKey(Goal, models.PROTECT, related_name="signatures")
    team = models.CharField(max_length=12)
    member = models.ForeignKey(Member, models.SET_NULL, null=True)
    name = models.CharField(max_length=120)
    at = models.DateTimeField()

    class Meta:
        constraints = [models.UniqueConstraint(fields=["goal", "team"], name="one_goal_signature_per_team")]


class Remark(models.Model):
    """Something that somebody said about a plan or a scenario; while it is open, the plan is not signed."""

    goal = models.ForeignKey(Goal, models.CASCADE, related_name="remarks")
    by = models.ForeignKey(Member, models.SET_NULL, null=True, related_name="+")
    at = models.DateTimeField()
    text = models.TextField()
    closed_at = models.DateTimeField(null=True)
    closed_by = models.ForeignKey(Member, models.SET_NULL, null=True, related_name="+")


class Outlook(models.Model):
    """What a plan's chance was on a day, and why it moved since the day before that was looked at.

    low, middle, high   revenue of the whole period, minor units, that 10, 50 and 90% of the simulated periods stay at or below
    period              what was simulated, so that the next one can say why; kept of the newest only
    because             what changed to by how much the chance moved, in order; adds up to the whole change
    parts               what the spread comes from: [share, name of the input, name of the kind]
    """

    goal = models.ForeignKey(Goal, models.CASCADE, related_name="outlooks")
    day = models.DateField()
    at = models.DateTimeField()
    chance = models.FloatField()
    low = models.BigIntegerField()
    middle = models.BigIntegerField()
    high = models.BigIntegerField()
    won = models.BigIntegerField()
    period = models.JSONField(default=dict)
    because = models.JSONField(default=dict)
    parts = models.JSONField(default=list)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["goal", "day"], name="one_outlook_a_day")]


class Contingency(models.Model):
    """Plan B (R58): when a watched figure stays beyond a bound for some weeks, this is what we then do.

    goal, campaign   what it belongs to: exactly one of them
    figure           a name of `watched.FIGURES`
    under            it fires below the bound; else above it
    bound            in the figure's own unit: a percentage, or a number
    """

    goal = models.ForeignKey(Goal, models.CASCADE, null=True, related_name="contingencies")
    campaign = models.ForeignKey(Campaign, models.CASCADE, null=True, related_name="contingencies")
    figure = models.CharField(max_length=20)
    under = models.BooleanField(default=True)
    bound = models.FloatField()
    weeks = models.PositiveSmallIntegerField(default=1)
    then = models.CharField(max_length=500)
    owner = models.ForeignKey(Member, models.SET_NULL, null=True, related_name="+")
    made_by = models.ForeignKey(Member, models.SET_NULL, null=True, related_name="+")
    made_at = models.DateTimeField()
    ended_at = models.DateTimeField(null=True)

    class Meta:
        constraints = [
            models.CheckConstraint(condition=models.Q(goal=None) ^ models.Q(campaign=None), name="contingency_of_one")
        ]

    def beyond(self, value: float) -> bool:
        return value < self.bound if self.under else value > self.bound


class Sample(models.Model):
    """What a watched figure was at the end of a week, by the Monday after it; None: nothing could be said."""

    contingency = models.ForeignKey(Contingency, models.CASCADE, related_name="samples")
    monday = models.DateField()
    value = models.FloatField(null=True)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["contingency", "monday"], name="one_sample_a_week")]


class Fired(models.Model):
    """A contingency has come true: both teams are told, and what was done about it is written here."""

    contingency = models.ForeignKey(Contingency, models.CASCADE, related_name="fired")
    sample = models.OneToOneField(Sample, models.PROTECT, related_name="fired")
    at = models.DateTimeField()
    answer = models.TextField(blank=True, default="")
    answered_by = models.ForeignKey(Member, models.SET_NULL, null=True, related_name="+")
    answered_at = models.DateTimeField(null=True)


def current(day: date) -> Goal | None:
    """The goal whose period holds a day: the newest that both teams have signed; before there is one, the newest that was proposed."""
    there = Goal.objects.proposed().filter(first__lte=day, last__gte=day)
    rows = list(there.annotate(teams=models.Count("signatures__team", distinct=True)).order_by("-set_at", "-id"))
    signed = [row for row in rows if row.teams == len(TEAMS)]
    return next(iter(signed or rows), None)


def waiting(day: date) -> list[Goal]:
    """The goals of a day's period that are newer than the one in force, and wait for signatures; the newest first."""
    now = current(day)
    rows = Goal.objects.proposed().filter(first__lte=day, last__gte=day).order_by("-set_at", "-id")
    return [row for row in rows if now and row.pk != now.pk and (row.set_at, row.pk) > (now.set_at, now.pk)]


def earlier(goal: Goal) -> list[Goal]:
    """The plans of some of the same days that both teams had signed before, oldest first: their targets stay in the charts."""
    rows = Goal.objects.signed().filter(first__lte=goal.last, last__gte=goal.first).exclude(pk=goal.pk)
    return [row for row in rows.order_by("set_at", "id") if (row.set_at, row.pk) < (goal.set_at, goal.pk)]
