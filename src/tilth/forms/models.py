"""Forms for offers, in versions; what was sent through them; the files behind offers.

What comes in is kept whole as a `Submission` before anything is made of it; `submissions.py` makes of it a person, a
touch and consents. An `Edition` never changes: a submission knows the one that it was shown.
"""

import secrets
from datetime import datetime
from functools import cached_property
from typing import Any

from django.db import models, transaction

from tilth.core import forms as core
from tilth.journal.models import note
from tilth.people.models import Person
from tilth.team.models import Member
from tilth.touches.models import Touch


class File(models.Model):
    """What somebody gets for their details. It lies in the folder of files under `place`, a random name."""

    name = models.CharField(max_length=200)
    place = models.CharField(max_length=40, unique=True)
    size = models.PositiveBigIntegerField()
    at = models.DateTimeField()
    by = models.ForeignKey(Member, models.SET_NULL, null=True, related_name="+")

    def __str__(self) -> str:
        return self.name


class Form(models.Model):
    """A form under one address for ever. `edition` is the version that is shown now; closed, it takes nothing in."""

    key = models.CharField(max_length=24, unique=True)
    name = models.CharField(max_length=120)
    edition = models.ForeignKey("Edition", models.PROTECT, null=True, related_name="+")
    at = models.DateTimeField()
    closed_at = models.DateTimeField(null=True)

    def __str__(self) -> str:
        return self.name

    @classmethod
    @transaction.atomic
    def make(cls, name: str, spec: core.Spec, by: Member | None, now: datetime) -> "Form":
        form = cls.objects.create(key=secrets.token_hex(6), name=name, at=now)
        note("made form", form, now, by, name=name)
        form.save_as(spec, by, now)
        return form

    @transaction.atomic
    def save_as(self, spec: core.Spec, by: Member | None, now: datetime) -> "Edition":
        """What it asks from now on; the same as before makes no new version."""
        Form.objects.select_for_update().get(pk=self.pk)
        last = Edition.objects.filter(form=self).order_by("-number").first()
        if last and self.edition_id == last.pk and last.spec == spec.plain():
            return last
        new = Edition.objects.create(form=self, number=last.number + 1 if last else 1, spec=spec.plain(), at=now, by=by)
        self.edition = new
        self.save(update_fields=["edition"])
        if last:
            note("changed form", self, now, by, number=new.number)
        return new

    @transaction.atomic
    def close(self, closes: bool, by: Member, now: datetime) -> None:
        """Take nothing in any more, or again."""
        if bool(self.closed_at) != closes:
            self.closed_at = now if closes else None
            self.save(update_fields=["closed_at"])
            note("closed form" if closes else "opened form", self, now, by)


class Edition(models.Model):
    """One version of a form, as plain data of core.forms.Spec."""

    form = models.ForeignKey(Form, models.CASCADE, related_name="editions")
    number = models.PositiveIntegerField()
    spec = models.JSONField()
    at = models.DateTimeField()
    by = models.ForeignKey(Member, models.SET_NULL, null=True, related_name="+")

    class Meta:
        constraints = [models.UniqueConstraint(fields=["form", "number"], name="one_edition_per_number")]

    @cached_property
    def asks(self) -> core.Spec:
        return core.read(self.spec)


class Submission(models.Model):
    """What one person sent, as they sent it. `doubt` says why it is held; it waits for `taken_at`, or for a member.

    key       of the form as it was given out and what was typed: sending it twice makes no second row
    house     under which address we were reached, for the links in mails
    token     hash of the secret in a mail, where somebody whom we erased must confirm before we keep anything
    """

    edition = models.ForeignKey(Edition, models.PROTECT, related_name="submissions")
    key = models.BinaryField(max_length=16, unique=True)
    at = models.DateTimeField()
    said = models.JSONField(default=dict)
    agreed = models.BooleanField(default=False)
    language = models.CharField(max_length=8)
    page = models.TextField(blank=True)
    referrer = models.TextField(blank=True)
    came = models.JSONField(default=dict)
    visitor = models.CharField(max_length=100, blank=True)
    network = models.CharField(max_length=45, blank=True)
    agent = models.CharField(max_length=300, blank=True)
    house = models.CharField(max_length=300)
    doubt = models.CharField(max_length=20, blank=True)
    judged_by = models.ForeignKey(Member, models.SET_NULL, null=True, related_name="+")
    spam_at = models.DateTimeField(null=True)
    taken_at = models.DateTimeField(null=True)
    token = models.CharField(max_length=64, blank=True)
    person = models.ForeignKey(Person, models.CASCADE, null=True, related_name="submissions")
    touch = models.ForeignKey(Touch, models.SET_NULL, null=True, related_name="+")

    class Meta:
        indexes = [
            models.Index(fields=["network", "at"], name="submission_network"),
            models.Index(fields=["id"], name="submission_waiting", condition=models.Q(taken_at=None, spam_at=None)),
            models.Index(fields=["token"], name="submission_token", condition=~models.Q(token="")),
        ]

    @property
    def form(self) -> Form:
        return self.edition.form

    def answers(self) -> list[tuple[str, Any]]:
        """Label and answer in the order of the form, in the form's own language."""
        asks = self.edition.asks
        return [(asks.said(f.label, asks.languages[0]), self.said[f.name]) for f in asks.fields if f.name in self.said]
