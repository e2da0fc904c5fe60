"""Drafts that both teams write together, versions of the agreement, and their signatures.

A draft changes until it is proposed: then it is a version, which never changes. A version runs from `takes_effect_at`,
which is set when both teams have signed exactly its fingerprint for the same moment. `running(now)` is the version that
everything is decided under. What is done with a draft is in `drafts.py`, how it is discussed in `comments.py`.

    Refused
    ├── NotYours         this member may not sign for that team
    ├── OpenComments     somebody has asked something about it that is not answered yet
    ├── NotThen          it cannot take effect at that moment
    └── Settled          signed by both, or withdrawn: nothing about it changes any more
"""

from collections.abc import Iterable
from datetime import datetime, timedelta
from functools import cached_property, lru_cache
from typing import Any
from zoneinfo import ZoneInfo

from django.db import models, transaction
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from tilth.core.agreement import fingerprint, read
from tilth.core.terms import Terms
from tilth.journal.models import note
from tilth.team.models import Member

TEAMS = ("marketing", "sales")
FARTHEST = timedelta(days=366)


class Refused(ValueError):
    """What was asked is not possible; the message says why, and what is."""


class NotYours(Refused): ...


class OpenComments(Refused): ...


class NotThen(Refused): ...


class Settled(Refused): ...


class Version(models.Model):
    number = models.PositiveIntegerField(unique=True)
    document = models.JSONField()
    fingerprint = models.CharField(max_length=64)
    written_at = models.DateTimeField()
    written_by = models.ForeignKey(Member, models.SET_NULL, null=True, related_name="+")
    takes_effect_at = models.DateTimeField(null=True, db_index=True)
    withdrawn_at = models.DateTimeField(null=True)

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
        return _terms(self.fingerprint)

    @property
    def is_proposed(self) -> bool:
        """Whether it waits for signatures: not signed by both, not withdrawn."""
        return self.takes_effect_at is None and self.withdrawn_at is None

    @transaction.atomic
    def sign(self, by: Member, team: str, now: datetime, effect_at: datetime | None = None) -> "Signature":
        """Sign exactly this version for one team. With the second team it is agreed, and takes effect at that moment.

        effect_at  when it takes effect; None: as soon as both have signed. Who signs first chooses, who signs second
                   signs for the same moment. One that passed in the meantime means at once.
        raises     NotYours, Settled, OpenComments, NotThen
        """
        if team not in TEAMS or not by.may_sign_for(team):
            raise NotYours(_("%(who)s cannot sign for this team.") % {"who": by.name})
        row = Version.objects.select_for_update().get(pk=self.pk)  # two teams at once take turns
        signed = {s.team: s for s in self.signatures.all()}
        if team in signed:
            return signed[team]
        row.still_proposed()
        if questions := open_comments(row).count():
            raise OpenComments(
                ngettext(
                    "One comment is open. Close it first.", "%(n)s comments are open. Close them first.", questions
                ) % {"n": questions}
            )  # fmt: skip
        _possible(effect_at, signed.values(), now)
        signature = Signature.objects.create(
            version=self, team=team, member=by, name=by.name, role=by.role, fingerprint=self.fingerprint, at=now,
            effect_at=effect_at,
        )  # fmt: skip
        moment = effect_at and effect_at.isoformat()
        note("signed", self, now, by, version=self.number, team=team, fingerprint=self.fingerprint, effect_at=moment)
        if len(signed) + 1 == len(TEAMS):
            self.takes_effect_at = max(effect_at or now, now)
            self.save(update_fields=["takes_effect_at"])
            note("agreed", self, now, version=self.number, takes_effect_at=self.takes_effect_at.isoformat())
        return signature

    @transaction.atomic
    def withdraw_signature(self, team: str, by: Member, now: datetime) -> None:
        """Take a team's signature back, as long as the other has not signed. The journal keeps both lines.

        raises     NotYours, Settled
        """
        if not by.may_sign_for(team):
            raise NotYours(_("%(who)s cannot sign for this team.") % {"who": by.name})
        row = Version.objects.select_for_update().get(pk=self.pk)
        row.still_proposed()
        if Signature.objects.filter(version=row, team=team).delete()[0]:
            note("withdrew signature", self, now, by, version=self.number, team=team)

    def still_proposed(self) -> None:
        """Raises Settled when this version is signed by both or withdrawn."""
        if self.withdrawn_at is not None:
            raise Settled(_("Version %(n)s was withdrawn.") % {"n": self.number})
        if self.takes_effect_at is not None:
            raise Settled(_("Version %(n)s is signed by both teams and never changes.") % {"n": self.number})


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
    effect_at = models.DateTimeField(null=True)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["version", "team"], name="one_signature_per_team")]


class Comment(models.Model):
    """What somebody asks or says about a clause of a draft, or of a version that was not written as a draft here.

    `path` names the clause as `core.compare` does; empty for the whole. Open until it has a Closing.
    """

    draft = models.ForeignKey(Draft, models.CASCADE, null=True, related_name="comments")
    version = models.ForeignKey(Version, models.CASCADE, null=True, related_name="comments")
    path = models.CharField(max_length=200, blank=True)
    text = models.TextField()
    by = models.ForeignKey(Member, models.SET_NULL, null=True, related_name="+")
    at = models.DateTimeField()
    answers = models.ForeignKey("self", models.CASCADE, null=True, related_name="answered")

    class Meta:
        constraints = [
            models.CheckConstraint(
                condition=models.Q(draft=None, version__isnull=False) | models.Q(draft__isnull=False, version=None),
                name="comment_on_a_draft_or_a_version",
            )
        ]


class Closing(models.Model):
    """Who found a comment settled, and when. Reopening removes the row, the journal keeps both lines."""

    comment = models.OneToOneField(Comment, models.CASCADE, related_name="closing")
    by = models.ForeignKey(Member, models.SET_NULL, null=True, related_name="+")
    at = models.DateTimeField()


def comments_on(version: Version) -> models.QuerySet[Comment]:
    """All that was said about a version, while it was a draft and since."""
    return Comment.objects.filter(models.Q(version=version) | models.Q(draft__proposed=version))


def open_comments(version: Version) -> models.QuerySet[Comment]:
    return comments_on(version).filter(answers=None, closing=None)


def _possible(effect_at: datetime | None, signed: Iterable[Signature], now: datetime) -> None:
    """The first to sign chooses a moment that is to come; the second signs for the same one."""
    for first in signed:
        if first.effect_at != effect_at:
            raise NotThen(_("%(who)s signed for another moment. Look at it again.") % {"who": first.name})
        return
    if effect_at and effect_at < now:
        raise NotThen(_("That moment has passed. Choose one that is to come."))
    if effect_at and effect_at > now + FARTHEST:
        raise NotThen(_("That is more than a year ahead. Choose an earlier moment."))


def running(now: datetime) -> Version | None:
    """The version in force at a moment; None before the first one was signed by both."""
    return Version.objects.filter(takes_effect_at__lte=now).order_by("-takes_effect_at", "-number").first()


def signed_by_both() -> list[tuple[datetime, Version]]:
    """Every version that was ever in force or will be, with since when; ascending, without their documents."""
    rows = Version.objects.filter(takes_effect_at__isnull=False).order_by("takes_effect_at", "number").defer("document")
    return [(row.takes_effect_at, row) for row in rows if row.takes_effect_at]


def house_zone(version: Version | None) -> ZoneInfo:
    """The zone on whose wall the firm reads days and hours; UTC before there is an agreement."""
    return version.terms.zone if version else ZoneInfo("UTC")


@lru_cache(maxsize=64)
def _terms(fingerprint: str) -> Terms:
    """Terms of a stored version; versions are immutable and the same document means the same, so reading each once is enough."""
    return read(Version.objects.filter(fingerprint=fingerprint).values_list("document", flat=True)[0])
