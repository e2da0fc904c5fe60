"""The shared goal: money, basis, period, and both teams' signatures. Revising makes a new row."""

from datetime import date, datetime

from django.db import models, transaction

from tilth.journal.models import note
from tilth.team.models import Member


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

    class Meta:
        constraints = [
            models.CheckConstraint(condition=models.Q(last__gt=models.F("first")), name="goal_period_in_order")
        ]

    @transaction.atomic
    def sign(self, by: Member, team: str, now: datetime) -> "GoalSignature":
        if not by.may_sign_for(team):
            raise PermissionError(f"{by.name} cannot sign for {team}.")
        row, new = GoalSignature.objects.get_or_create(
            goal=self, team=team, defaults={"member": by, "name": by.name, "at": now}
        )
        if new:
            note("signed goal", self, now, by, team=team)
        return row


class GoalSignature(models.Model):
    goal = models.ForeignKey(Goal, models.PROTECT, related_name="signatures")
    team = models.CharField(max_length=12)
    member = models.ForeignKey(Member, models.SET_NULL, null=True)
    name = models.CharField(max_length=120)
    at = models.DateTimeField()

    class Meta:
        constraints = [models.UniqueConstraint(fields=["goal", "team"], name="one_goal_signature_per_team")]


def current(day: date) -> Goal | None:
    """The goal whose period holds a day; the newest, when it was revised."""
    return Goal.objects.filter(first__lte=day, last__gte=day).order_by("-set_at", "-id").first()
