"""The ledger: who owes what to whom by when, and the event that met it. Never a status edit (B4)."""

from django.db import models
from django.utils.translation import gettext_lazy as _

from tilth.agreement.models import Version
from tilth.handoff.models import Handoff
from tilth.team.models import Member


class Obligation(models.Model):
    """One promise. Of each kind a handoff has one, but of STATUS one for each time in which something had to be heard.

    quantity, value   of a delivery: how many leads, and what they are to be worth in minor units (0: not promised)
    was_due_at        by when it was owed before `late_by`, a delivery of the other team that came late, moved it
    look_at           when something is to be done about it: a reminder, the cause of a breach, an escalation
    """

    class Kind(models.TextChoices):
        FIRST_CONTACT = "first_contact"
        VERDICT = "verdict"
        FOLLOW_UP = "follow_up"
        STATUS = "status"
        REVIEW = "review"
        DELIVERY = "delivery"

    kind = models.CharField(max_length=16, choices=Kind)
    debtor = models.CharField(max_length=12)
    member = models.ForeignKey(Member, models.PROTECT, null=True, related_name="+")
    handoff = models.ForeignKey(Handoff, models.CASCADE, null=True, related_name="obligations")
    version = models.ForeignKey(Version, models.PROTECT, related_name="+")
    quantity = models.PositiveIntegerField(default=1)
    value = models.BigIntegerField(default=0, db_default=0)
    since = models.DateTimeField()
    due_at = models.DateTimeField()
    was_due_at = models.DateTimeField(null=True)
    late_by = models.ForeignKey("self", models.SET_NULL, null=True, related_name="moved")
    open = models.BooleanField(default=True)
    look_at = models.DateTimeField(null=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["kind", "handoff"],
                condition=~models.Q(kind="status"),
                name="one_obligation_per_kind_and_handoff",
            ),
            models.UniqueConstraint(
                fields=["handoff", "since"], condition=models.Q(kind="status"), name="one_silence_at_a_time"
            ),
            models.UniqueConstraint(
                fields=["kind", "due_at"], condition=models.Q(handoff=None), name="one_delivery_per_week"
            ),
        ]
        indexes = [
            models.Index(fields=["due_at"], condition=models.Q(open=True), name="obligation_open_due"),
            models.Index(fields=["member", "due_at", "handoff"], condition=models.Q(open=True), name="obligation_of"),
            models.Index(fields=["look_at"], condition=models.Q(look_at__isnull=False), name="obligation_look"),
            models.Index(fields=["kind", "due_at"]),
        ]


class Settlement(models.Model):
    """The event that ended an obligation: met (in time or late), or void because it lost its object.

    A projection of events (core.promises.Settled): taken away when its event is, and made anew.
    """

    obligation = models.OneToOneField(Obligation, models.CASCADE, related_name="settlement")
    at = models.DateTimeField()
    kept = models.BooleanField()
    void = models.BooleanField(default=False)
    quantity = models.PositiveIntegerField(default=1)
    good = models.PositiveIntegerField(null=True)
    value = models.BigIntegerField(null=True)
    evidence = models.CharField(max_length=120)


class Breach(models.Model):
    """Why a promise was broken: exactly one cause, found by rule, never chosen by hand (B4). `because` says what was seen."""

    class Cause(models.TextChoices):
        NO_OWNER = "no_owner", _("nobody had the lead")
        ABSENT = "absent", _("the owner was away")
        OVER_CAPACITY = "capacity", _("more leads than agreed hours")
        DATA_MISSING = "data", _("data was missing")
        DELIVERED_LATE = "late", _("the other team delivered late")
        NOT_ATTEMPTED = "idle", _("not attempted")

    obligation = models.OneToOneField(Obligation, models.CASCADE, related_name="breach")
    cause = models.CharField(max_length=10, choices=Cause)
    at = models.DateTimeField()
    because = models.JSONField(default=dict)


class Alert(models.Model):
    """What was done about an open promise before it was broken or after. A fact that others tell of; once per step."""

    class Step(models.TextChoices):
        REMINDER = "reminder", _("reminder")
        ESCALATION = "escalation", _("escalation")
        REASSIGNMENT = "reassign", _("given to somebody else")

    obligation = models.ForeignKey(Obligation, models.CASCADE, related_name="alerts")
    step = models.CharField(max_length=10, choices=Step)
    member = models.ForeignKey(Member, models.SET_NULL, null=True, related_name="+")
    at = models.DateTimeField(db_index=True)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["obligation", "step"], name="one_alert_per_step")]


class Bookmark(models.Model):
    """How far a list of facts was read (its last id), and when that last moved."""

    of = models.CharField(max_length=40, primary_key=True)
    last = models.BigIntegerField()
    at = models.DateTimeField()
