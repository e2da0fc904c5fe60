"""Consent by purpose, and the legal basis on which we keep somebody. Rows are added, never changed.

A consent is a short story of acts: asked (the mail that asks to confirm went out), given, confirmed (double opt-in),
withdrawn. Each row holds what was read at that moment, so that it can be shown years later.
"""

import hashlib
from collections.abc import Iterable
from datetime import datetime

from django.db import models
from django.utils.translation import gettext_lazy as _

from tilth.people.models import Person, Visitor
from tilth.team.models import Member


class Purpose(models.TextChoices):
    MAIL = "mail", _("Marketing by e-mail")
    PHONE = "phone", _("Marketing by phone")
    TRACKING = "tracking", _("Recognition on our websites")


class Act(models.TextChoices):
    ASKED = "asked", _("asked to confirm")
    GIVEN = "given", _("given")
    CONFIRMED = "confirmed", _("confirmed")
    WITHDRAWN = "withdrawn", _("withdrawn")


class Method(models.TextChoices):
    FORM = "form", _("a form")
    TRACKER = "tracker", _("the website's banner")
    LINK = "link", _("a link in a mail")
    IMPORT = "import", _("an import")
    PHONE = "phone", _("by phone")
    PAPER = "paper", _("on paper")


class Consent(models.Model):
    """One act of one person, or of a browser that has no name yet (it is theirs once it has)."""

    person = models.ForeignKey(Person, models.CASCADE, null=True, related_name="consents")
    visitor = models.ForeignKey(Visitor, models.CASCADE, null=True, related_name="consents")
    purpose = models.CharField(max_length=40, choices=Purpose)
    act = models.CharField(max_length=10, choices=Act)
    at = models.DateTimeField()
    text = models.TextField(blank=True)
    text_hash = models.CharField(max_length=64, blank=True)
    page = models.TextField(blank=True)
    method = models.CharField(max_length=10, choices=Method)
    network = models.CharField(max_length=45, blank=True)
    agent = models.CharField(max_length=300, blank=True)
    token_hash = models.CharField(max_length=64, blank=True)
    by = models.ForeignKey(Member, models.SET_NULL, null=True, related_name="+")
    learned_at = models.DateTimeField()

    class Meta:
        indexes = [
            models.Index(fields=["token_hash"], name="consent_token", condition=~models.Q(token_hash="")),
        ]
        constraints = [
            models.CheckConstraint(
                condition=models.Q(person__isnull=False) | models.Q(visitor__isnull=False), name="somebody_consents"
            )
        ]

    @property
    def holds(self) -> bool:
        """Whether this, as the last act, lets us use the purpose."""
        return self.act in (Act.GIVEN, Act.CONFIRMED)


def text_hash(text: str) -> str:
    """SHA-256 of a consent text, in hex; "" for no text."""
    return hashlib.sha256(text.encode()).hexdigest() if text else ""


def record(
    act: str,
    purpose: str,
    at: datetime,
    now: datetime,
    *,
    person: Person | None = None,
    visitor: Visitor | None = None,
    method: str = Method.FORM,
    text: str = "",
    page: str = "",
    network: str = "",
    agent: str = "",
    token_hash: str = "",
    by: Member | None = None,
) -> Consent:
    """Write down one act.

    at, now   when it happened, and when we learned of it; both aware
    network   the address it came from, shortened
    """
    return Consent.objects.create(
        act=act, purpose=purpose, at=at, learned_at=now, person=person, visitor=visitor, method=method, text=text,
        text_hash=text_hash(text), page=page[:2000], network=network[:45], agent=agent[:300], token_hash=token_hash, by=by,
    )  # fmt: skip


def standing(people: Iterable[int]) -> dict[int, dict[str, Consent]]:
    """Person to purpose to the last act that says whether we may; who never said anything is left out.

    Asking changes nothing. Acts of a browser count for the person it belongs to.
    """
    ids = list(people)
    said = Consent.objects.exclude(act=Act.ASKED)
    at_browsers = said.filter(person=None, visitor__person__in=ids).select_related("visitor")
    # Two questions, each by its own index: asked as one, every consent there is would be read.
    rows = sorted([*said.filter(person__in=ids), *at_browsers], key=lambda row: (row.at, row.pk))
    out: dict[int, dict[str, Consent]] = {}
    for row in rows:
        who = row.person_id or (row.visitor and row.visitor.person_id)
        if who:
            out.setdefault(who, {})[row.purpose] = row
    return out


def may(person: int, purpose: str) -> bool:
    """Whether this person lets us: given or confirmed, not withdrawn since, and no limit stands against it."""
    return person in who_may([person], purpose)


def who_may(people: Iterable[int], purpose: str) -> set[int]:
    """Those of these people who let us, as `may` says of one."""
    said = standing(people)
    agreed = {who for who, acts in said.items() if purpose in acts and acts[purpose].holds}
    return agreed - limited(agreed)


def limited(people: Iterable[int]) -> set[int]:
    """Those of these people who want us to do no more than keep them."""
    return set(Limit.objects.filter(person__in=list(people), lifted_at=None).values_list("person", flat=True))


class Basis(models.TextChoices):
    """GDPR, article 6 (1), as far as a business uses it."""

    CONSENT = "consent", _("consent (6.1a)")
    CONTRACT = "contract", _("contract, or steps before one (6.1b)")
    OBLIGATION = "obligation", _("legal obligation (6.1c)")
    INTEREST = "interest", _("legitimate interest (6.1f)")


class LegalBasis(models.Model):
    """On which ground we keep a person, from then on; the newest row holds."""

    person = models.ForeignKey(Person, models.CASCADE, related_name="bases")
    basis = models.CharField(max_length=12, choices=Basis)
    note = models.CharField(max_length=300, blank=True)
    at = models.DateTimeField()
    by = models.ForeignKey(Member, models.SET_NULL, null=True, related_name="+")


class Limit(models.Model):
    """Somebody does not want us to do more than keep them (GDPR, articles 18 and 21), until the limit is lifted."""

    class Kind(models.TextChoices):
        OBJECTION = "objection", _("objects to marketing")
        RESTRICTION = "restriction", _("wants us to keep the data and do nothing with it")

    person = models.ForeignKey(Person, models.CASCADE, related_name="limits")
    kind = models.CharField(max_length=12, choices=Kind)
    why = models.CharField(max_length=300, blank=True)
    at = models.DateTimeField()
    by = models.ForeignKey(Member, models.SET_NULL, null=True, related_name="+")
    lifted_at = models.DateTimeField(null=True)
    lifted_by = models.ForeignKey(Member, models.SET_NULL, null=True, related_name="+")

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["person", "kind"], condition=models.Q(lifted_at=None), name="one_open_limit_per_kind"
            )
        ]


def limits(person: int) -> list[Limit]:
    """The limits that hold now, the oldest first."""
    return list(Limit.objects.filter(person=person, lifted_at=None).select_related("by").order_by("at", "pk"))
