"""What is told to whom. The outbox: a message is a row, written in the transaction of what causes it, and sent by a stage.
A notice is a line that a member finds on the page."""

from datetime import datetime

from django.db import models
from django.utils.translation import gettext_lazy as _

from tilth.people.models import Person
from tilth.team.models import Member


class Message(models.Model):
    """One mail. `key` makes writing it twice harmless; it is leased while it is being sent.

    withdrawn_at    whoever wrote it does not want it sent any more; nobody can send it again
    """

    key = models.CharField(max_length=120, unique=True)
    to = models.CharField(max_length=254)
    subject = models.CharField(max_length=300)
    text = models.TextField()
    html = models.TextField(blank=True)
    headers = models.JSONField(default=dict)
    person = models.ForeignKey(Person, models.CASCADE, null=True, related_name="messages")
    member = models.ForeignKey(Member, models.CASCADE, null=True, related_name="messages")
    made_at = models.DateTimeField()
    due_at = models.DateTimeField()
    leased_until = models.DateTimeField(null=True)
    attempts = models.PositiveSmallIntegerField(default=0)
    sent_at = models.DateTimeField(null=True)
    given_up_at = models.DateTimeField(null=True)
    withdrawn_at = models.DateTimeField(null=True)
    trouble = models.CharField(max_length=300, blank=True)

    class Meta:
        indexes = [
            models.Index(
                fields=["due_at"],
                name="message_due",
                condition=models.Q(sent_at__isnull=True, given_up_at__isnull=True),
            )
        ]

    def __str__(self) -> str:
        return f"{self.subject} to {self.to}"


class Notice(models.Model):
    """What a member should hear of: somebody has become a lead (R38). Read once they said so."""

    class Why(models.TextChoices):
        HOLDS = "holds", _("you have this lead")
        COMPANY = "company", _("you have a lead of the same company")
        POOL = "pool", _("leads like this come to you")
        MARKETING = "marketing", _("marketing brought it")

    member = models.ForeignKey(Member, models.CASCADE, related_name="notices")
    person = models.ForeignKey(Person, models.CASCADE, related_name="notices")
    why = models.CharField(max_length=10, choices=Why)
    at = models.DateTimeField()
    read_at = models.DateTimeField(null=True)

    class Meta:
        indexes = [models.Index(fields=["member"], name="notice_unread", condition=models.Q(read_at__isnull=True))]

    def __str__(self) -> str:
        return f"{self.person} to {self.member}"


def unread(member: Member) -> tuple[int, int]:
    """How many notices wait for a member, and the newest of them (0 without one); one query."""
    told = Notice.objects.filter(member=member, read_at=None).aggregate(n=models.Count("pk"), newest=models.Max("pk"))
    return told["n"], told["newest"] or 0


def read_all(member: Member, now: datetime) -> None:
    """The member has seen everything that waits."""
    Notice.objects.filter(member=member, read_at=None).update(read_at=now)
