"""The outbox: a message is a row, written in the transaction of what causes it, and sent by a stage."""

from django.db import models

from tilth.people.models import Person
from tilth.team.models import Member


class Message(models.Model):
    """One mail. `key` makes writing it twice harmless; it is leased while it is being sent."""

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
