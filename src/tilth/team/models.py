"""Members sign in and own leads; absence keeps leads away; an invitation lets one person in, once."""

import hashlib
import secrets
from collections.abc import Iterable
from datetime import date, datetime, timedelta

from django.contrib.auth.models import AbstractBaseUser, BaseUserManager
from django.db import models, transaction
from django.utils.translation import gettext_lazy as _


class Role(models.TextChoices):
    MARKETING = "marketing", _("Marketing")
    SALES = "sales", _("Sales")
    MANAGER = "manager", _("Manager")
    SERVICE = "service", _("Service")
    ADMIN = "admin", _("Administrator")


class Members(BaseUserManager["Member"]):
    def get_by_natural_key(self, username: str | None) -> "Member":
        return self.get(email=(username or "").strip().lower())

    def selling(self) -> models.QuerySet["Member"]:
        """Everyone who may own a lead, in a fixed order."""
        return self.filter(role=Role.SALES, is_active=True).order_by("id")


class Member(AbstractBaseUser):
    """A colleague. The role decides which workspace they see and which verbs they may use."""

    email = models.EmailField(unique=True)
    name = models.CharField(max_length=120)
    role = models.CharField(max_length=12, choices=Role)
    is_active = models.BooleanField(default=True)
    joined_at = models.DateTimeField()
    theme = models.CharField(
        max_length=5, choices=[("auto", "auto"), ("light", "light"), ("dark", "dark")], default="auto"
    )

    objects = Members()

    USERNAME_FIELD = "email"
    REQUIRED_FIELDS = ["name", "role"]

    def __str__(self) -> str:
        return self.name

    @property
    def initials(self) -> str:
        words = self.name.split()
        return (words[0][:1] + words[-1][:1]).upper() if len(words) > 1 else self.name[:2].upper()

    def may_sign_for(self, team: str) -> bool:
        return self.role == team or self.role in (Role.MANAGER, Role.ADMIN)


class Week(models.Model):
    """How one member works, as far as it is not as the agreement says: see `core.week`, and `weeks` for reading it.

    hours    as in an agreement, {"monday": ["09:00-13:00"]}; empty for the agreement's
    room     hours a week for new leads; None when nobody said
    """

    member = models.OneToOneField(Member, models.CASCADE, primary_key=True, related_name="week")
    zone = models.CharField(max_length=64, blank=True)
    hours = models.JSONField(default=dict)
    country = models.CharField(max_length=2, blank=True)
    region = models.CharField(max_length=8, blank=True)
    room = models.FloatField(null=True)
    skills = models.JSONField(default=list)
    begins = models.DateField(null=True)
    ramp_weeks = models.PositiveSmallIntegerField(default=0)
    last_day = models.DateField(null=True)


class Absence(models.Model):
    """Days on which a member gets no leads; both days included. Who stands in gets them in their place."""

    member = models.ForeignKey(Member, models.CASCADE, related_name="absences")
    stand_in = models.ForeignKey(Member, models.SET_NULL, null=True, related_name="+")
    first = models.DateField()
    last = models.DateField()
    why = models.CharField(max_length=80, blank=True)

    class Meta:
        indexes = [models.Index(fields=["last", "first"])]


def away_on(day: date) -> set[int]:
    """The ids of members who are absent on a day."""
    return set(Absence.objects.filter(first__lte=day, last__gte=day).values_list("member_id", flat=True))


AT_MOST_AWAY = timedelta(days=30)


def days_away(members: Iterable[int], since: date) -> dict[int, frozenset[date]]:
    """Member to the days of absence from `since` on, for the next AT_MOST_AWAY; who is never away is left out.

    Beyond that a promise does not wait: a lead whose owner is away for longer needs another owner.
    """
    until = since + AT_MOST_AWAY
    out: dict[int, set[date]] = {}
    rows = Absence.objects.filter(member__in=list(members), last__gte=since, first__lte=until)
    for member, first, last in rows.values_list("member_id", "first", "last"):
        start, end = max(first, since), min(last, until)
        out.setdefault(member, set()).update(start + timedelta(days=n) for n in range((end - start).days + 1))
    return {member: frozenset(days) for member, days in out.items()}


class Unwelcome(ValueError):
    """An invitation that cannot be used: unknown, used, or too old."""


class Invitation(models.Model):
    """A one-time link for one person. Only a hash of its secret is kept."""

    email = models.EmailField(blank=True)
    role = models.CharField(max_length=12, choices=Role)
    secret_hash = models.CharField(max_length=64, unique=True)
    invited_by = models.ForeignKey(Member, models.CASCADE, null=True, related_name="invitations")
    at = models.DateTimeField()
    expires_at = models.DateTimeField()
    member = models.OneToOneField(Member, models.SET_NULL, null=True, related_name="came_by")

    @classmethod
    def write(cls, role: str, now: datetime, email: str = "", by: Member | None = None) -> tuple["Invitation", str]:
        """A new invitation and its secret, which is shown once and never stored."""
        secret = secrets.token_urlsafe(24)
        row = cls.objects.create(
            email=email.strip().lower(), role=role, secret_hash=_hash(secret), invited_by=by, at=now,
            expires_at=now + timedelta(days=14),
        )  # fmt: skip
        return row, secret

    @classmethod
    def open(cls, secret: str, now: datetime) -> "Invitation":
        row = cls.objects.filter(secret_hash=_hash(secret), member=None, expires_at__gt=now).first()
        if row is None:
            raise Unwelcome("This link was used before or is too old. Ask for a new one.")
        return row

    @transaction.atomic
    def accept(self, name: str, email: str, password: str, now: datetime) -> Member:
        if self.member_id is not None:
            raise Unwelcome("This link was used before.")
        member = Member(name=name, email=email.strip().lower(), role=self.role, joined_at=now)
        member.set_password(password)
        member.save()
        taken = Invitation.objects.filter(pk=self.pk, member=None).update(member=member)
        if not taken:
            raise Unwelcome("This link was used before.")
        self.member = member
        return member


class Token(models.Model):
    """What a member's program shows to read reports: see `tokens.py`. It goes when it ends."""

    member = models.ForeignKey(Member, models.CASCADE, related_name="tokens")
    name = models.CharField(max_length=80)
    secret_hash = models.CharField(max_length=64, unique=True)
    made_at = models.DateTimeField()
    used_at = models.DateTimeField(null=True)

    def __str__(self) -> str:
        return self.name


class Knock(models.Model):
    """A wrong password, by a hash of who was tried from where. See `knocks.py`."""

    key = models.CharField(max_length=64)
    at = models.DateTimeField(db_index=True)

    class Meta:
        indexes = [models.Index(fields=["key", "at"])]


def _hash(secret: str) -> str:
    return hashlib.sha256(secret.encode()).hexdigest()
