"""Opportunities. A deal is open until a `Won` or a `Lost` row says otherwise; money is minor units."""

from django.db import models

from tilth.handoff.models import Handoff
from tilth.people.models import Company, Person
from tilth.team.models import Member


class Deal(models.Model):
    name = models.CharField(max_length=200)
    person = models.ForeignKey(Person, models.SET_NULL, null=True, related_name="deals")
    company = models.ForeignKey(Company, models.SET_NULL, null=True, related_name="deals")
    handoff = models.ForeignKey(Handoff, models.SET_NULL, null=True, related_name="deals")
    owner = models.ForeignKey(Member, models.PROTECT, null=True, related_name="deals")
    seller = models.CharField(max_length=120, blank=True)
    product = models.CharField(max_length=120, blank=True)
    phase = models.CharField(max_length=40, blank=True)
    amount = models.BigIntegerField(null=True)
    currency = models.CharField(max_length=3)
    opened_at = models.DateTimeField(null=True, db_index=True)
    learned_at = models.DateTimeField()
    system = models.CharField(max_length=40, blank=True)
    external_id = models.CharField(max_length=200, null=True)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["system", "external_id"], name="one_deal_per_id")]

    def __str__(self) -> str:
        return self.name


class Closed(models.Model):
    deal = models.OneToOneField(Deal, models.CASCADE, related_name="%(class)s")
    member = models.ForeignKey(Member, models.SET_NULL, null=True, related_name="+")
    at = models.DateTimeField(db_index=True)

    class Meta:
        abstract = True


class Won(Closed):
    """Bought. `amount` is what was agreed, in minor units of the deal's currency."""

    amount = models.BigIntegerField()


class Lost(Closed):
    """Not bought, with a reason of the agreement (or as the importing system had it)."""

    reason = models.CharField(max_length=120, blank=True)
    note = models.TextField(blank=True)


class Flag(models.Model):
    """Something odd about a deal that a human should see. Nothing is dropped for it."""

    deal = models.ForeignKey(Deal, models.CASCADE, related_name="flags")
    kind = models.CharField(max_length=40)
    say = models.CharField(max_length=300)
    at = models.DateTimeField()

    class Meta:
        constraints = [models.UniqueConstraint(fields=["deal", "kind"], name="one_flag_per_kind_and_deal")]
