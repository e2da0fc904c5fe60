"""Drafts that both teams write together, versions of the agreement, and their signatures.

A draft changes until it is proposed: then it is a version, which never changes. A version runs from `takes_effect_at`,
which is set when both teams have signed exactly its fingerprint. `running(now)` is the version that everything is
decided under. What is done with a draft is in `drafts.py`.

    Refused
    └── NotYours         this member may not sign for that team
"""

from datetime import datetime
from functools import cached_property, lru_cache
from typing import Any

from django.db import models, transaction

from tilth.core.agreement import Terms, fingerprint, read
from tilth.journal.models import note
from tilth.team.models import Member

TEAMS = ("marketing", "sales")


class Refused(ValueError):
    """What was asked is not possible; the message says why, and what is."""


class NotYours(Refused): ...


class Version(models.Model):
    number = models.PositiveIntegerField(unique=True)
    document = models.JSONField()
    fingerprint = models.CharField(max_length=64)
    written_at = models.DateTimeField()
    written_by = models.ForeignKey(Member, models.SET_NULL, null=True, related_name="+")
    takes_effect_at = models.DateTimeField(null=True, db_index=True)

    def __str__(self) -> str:
        return f"agreement {self.number}"

    @classmethod
    @transaction.atomic
    def write(cls, document: Any, by: Member | None, now: datetime) -> "Version":
        """Store a new version.

        raises     core.agreement.Unsound, and then nothing is stored
        """
        read(document)
        last = cls.objects.aggregate(n=models.Max("number"))["n"] or 0
        row = cls.objects.create(
            number=last + 1, document=document, fingerprint=fingerprint(document), written_at=now, written_by=by
        )
        note("wrote", row, now, by, version=row.number)
        return row

    @cached_property
    def terms(self) -> Terms:
        return _terms(self.pk, self.fingerprint)

    @transaction.atomic
    def sign(self, by: Member, team: str, now: datetime) -> "Signature":
        """Sign exactly this version for one team; with the second team it takes effect.

        raises     NotYours
        """
        if team not in TEAMS or not by.may_sign_for(team):
            raise NotYours(f"{by.name} cannot sign for {team}.")
        Version.objects.select_for_update().get(pk=self.pk)  # two teams at once take turns; the second sees the first
        signature, new = Signature.objects.get_or_create(
            version=self, team=team,
            defaults={"member": by, "name": by.name, "role": by.role, "fingerprint": self.fingerprint, "at": now},
        )  # fmt: skip
        if new:
            note("signed", self, now, by, version=self.number, team=team, fingerprint=self.fingerprint)
            if self.signatures.count() == len(TEAMS) and self.takes_effect_at is None:
                self.takes_effect_at = now
                self.save(update_fields=["takes_effect_at"])
                note("took effect", self, now, version=self.number)
        return signature


class Draft(models.Model):
    """An agreement while it is being written, sound or not yet. Open until it was proposed or thrown away.

    `revision` counts the saves: who saves says which one they began with, so that nobody's work is lost.
    """

    name = models.CharField(max_length=120)
    document = models.JSONField()
    based_on = models.ForeignKey(Version, models.SET_NULL, null=True, related_name="+")
    revision = models.PositiveIntegerField(default=0)
    opened_by = models.ForeignKey(Member, models.SET_NULL, null=True, related_name="+")
    opened_at = models.DateTimeField()
    edited_by = models.ForeignKey(Member, models.SET_NULL, null=True, related_name="+")
    edited_at = models.DateTimeField()
    proposed = models.OneToOneField(Version, models.SET_NULL, null=True, related_name="draft")
    discarded_at = models.DateTimeField(null=True)

    def __str__(self) -> str:
        return f"draft {self.pk}, {self.name}"

    @property
    def is_open(self) -> bool:
        return self.proposed_id is None and self.discarded_at is None


class DraftChange(models.Model):
    """What one save changed: `changes` is a list of {path, was, now}, `before` the document as it was."""

    draft = models.ForeignKey(Draft, models.CASCADE, related_name="changes")
    revision = models.PositiveIntegerField()
    at = models.DateTimeField()
    by = models.ForeignKey(Member, models.SET_NULL, null=True, related_name="+")
    changes = models.JSONField()
    before = models.JSONField()

    class Meta:
        constraints = [models.UniqueConstraint(fields=["draft", "revision"], name="one_change_per_draft_and_revision")]


class Signature(models.Model):
    """Who signed exactly which document for which team. Name and role are kept as they were."""

    version = models.ForeignKey(Version, models.PROTECT, related_name="signatures")
    team = models.CharField(max_length=12)
    member = models.ForeignKey(Member, models.SET_NULL, null=True)
    name = models.CharField(max_length=120)
    role = models.CharField(max_length=12)
    fingerprint = models.CharField(max_length=64)
    at = models.DateTimeField()

    class Meta:
        constraints = [models.UniqueConstraint(fields=["version", "team"], name="one_signature_per_team")]


def running(now: datetime) -> Version | None:
    """The version in force at a moment; None before the first one was signed by both."""
    return Version.objects.filter(takes_effect_at__lte=now).order_by("-takes_effect_at", "-number").first()


@lru_cache(maxsize=64)
def _terms(pk: int, fingerprint: str) -> Terms:
    """Terms of a stored version; versions are immutable, so reading each once is enough."""
    return read(Version.objects.values_list("document", flat=True).get(pk=pk))
