"""Campaigns bring touches and cost money. A cost is a fact with a day; it is never edited."""

from django.db import models

from tilth.team.models import Member


class Campaign(models.Model):
    key = models.CharField(max_length=200, unique=True)
    name = models.CharField(max_length=200)
    at = models.DateTimeField()

    def __str__(self) -> str:
        return self.name


class Cost(models.Model):
    """Money spent on a day, in minor units. `key` makes importing the same line twice harmless."""

    campaign = models.ForeignKey(Campaign, models.PROTECT, null=True, related_name="costs")
    source = models.CharField(max_length=80, blank=True)
    day = models.DateField(db_index=True)
    amount = models.BigIntegerField()
    currency = models.CharField(max_length=3)
    what = models.CharField(max_length=200, blank=True)
    key = models.BinaryField(max_length=16, unique=True)


class Briefing(models.Model):
    """Sales was told of a campaign: what it says, and what to say to who comes through it."""

    campaign = models.ForeignKey(Campaign, models.CASCADE, related_name="briefings")
    by = models.ForeignKey(Member, models.PROTECT, related_name="+")
    at = models.DateTimeField()
    said = models.TextField()
