"""People of one company who decide together on one question, each with a role once somebody has said which."""

from django.db import models
from django.utils.translation import gettext_lazy as _

from tilth.content.models import Offer
from tilth.people.models import Company, Person
from tilth.team.models import Member


class Part(models.TextChoices):
    """What somebody does in a decision; empty while nobody has said."""

    DECIDER = "decider", _("decides")
    INFLUENCER = "influencer", _("advises")
    USER = "user", _("uses it")
    BUYER = "buyer", _("buys")
    GATEKEEPER = "gatekeeper", _("guards the door")


class BuyingGroup(models.Model):
    """One question at one company. `offer` is what brought it up, where an offer did."""

    company = models.ForeignKey(Company, models.CASCADE, related_name="groups")
    about = models.CharField(max_length=120)
    offer = models.ForeignKey(Offer, models.SET_NULL, null=True, related_name="+")
    at = models.DateTimeField()
    by = models.ForeignKey(Member, models.SET_NULL, null=True, related_name="+")

    class Meta:
        constraints = [models.UniqueConstraint(fields=["company", "about"], name="one_group_per_question")]

    def __str__(self) -> str:
        return self.about


class Membership(models.Model):
    group = models.ForeignKey(BuyingGroup, models.CASCADE, related_name="memberships")
    person = models.ForeignKey(Person, models.CASCADE, related_name="memberships")
    role = models.CharField(max_length=12, choices=Part, blank=True)
    at = models.DateTimeField()
    by = models.ForeignKey(Member, models.SET_NULL, null=True, related_name="+")

    class Meta:
        constraints = [models.UniqueConstraint(fields=["group", "person"], name="one_membership_per_person")]
