"""Persons and companies. What we know is a projection of `Learned` rows; who is who, of the id rows.

Whatever may change somebody's standing leaves a row in `News`, in the same transaction; the stage
that qualifies takes it from there.
"""

from datetime import datetime
from typing import Any

from django.db import models
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from tilth.core.identity import is_free_mail
from tilth.team.models import Member


class Company(models.Model):
    """One firm: known by its domain (never a free-mail domain), or by an id that others use."""

    name = models.CharField(max_length=200, db_index=True)
    domain = models.CharField(max_length=253, null=True, unique=True)
    industry = models.CharField(max_length=120, blank=True)
    employees = models.PositiveIntegerField(null=True)
    country = models.CharField(max_length=2, blank=True)
    city = models.CharField(max_length=120, blank=True)
    custom = models.JSONField(default=dict)
    at = models.DateTimeField()

    def __str__(self) -> str:
        return self.name or self.domain or f"company {self.pk}"


class Known(models.Manager["Person"]):
    """Those whom we know: who was erased is in no list, no search and no judgement."""

    def get_queryset(self) -> models.QuerySet["Person"]:
        return super().get_queryset().filter(erased_at=None)


class Person(models.Model):
    """One human being. Names may be empty: an address or an id is enough to be someone.

    Of somebody who was erased an empty row stays, so that what was counted stays counted (docs/decisions/erasure.md).
    """

    first_name = models.CharField(max_length=120, blank=True, db_index=True)
    last_name = models.CharField(max_length=120, blank=True, db_index=True)
    title = models.CharField(max_length=120, blank=True)
    country = models.CharField(max_length=2, blank=True)
    language = models.CharField(max_length=8, blank=True)
    company = models.ForeignKey(Company, models.SET_NULL, null=True, related_name="people")
    custom = models.JSONField(default=dict)
    at = models.DateTimeField()
    erased_at = models.DateTimeField(null=True)

    objects = Known()
    everyone: "models.Manager[Person]" = models.Manager()

    def __str__(self) -> str:
        return self.name

    @property
    def name(self) -> str:
        if self.erased_at:
            return gettext("(erased)")
        return f"{self.first_name} {self.last_name}".strip() or f"#{self.pk}"

    @property
    def initials(self) -> str:
        return (self.first_name[:1] + self.last_name[:1]).upper() or "#"


class Email(models.Model):
    """An address, in lower case. The lowest id is the one we write to."""

    person = models.ForeignKey(Person, models.CASCADE, related_name="emails")
    address = models.CharField(max_length=254, unique=True)


class Phone(models.Model):
    """A number in E.164 where it could be read (+31105550142), else as it was typed."""

    person = models.ForeignKey(Person, models.CASCADE, related_name="phones")
    number = models.CharField(max_length=40, db_index=True)


class PersonId(models.Model):
    """What another system calls a person: a CRM's lead id, a site's user id."""

    person = models.ForeignKey(Person, models.CASCADE, related_name="ids")
    system = models.CharField(max_length=40)
    value = models.CharField(max_length=200)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["system", "value"], name="one_person_per_id")]


class CompanyId(models.Model):
    """What another system calls a company; also a bare account name, where that is all there is."""

    company = models.ForeignKey(Company, models.CASCADE, related_name="ids")
    system = models.CharField(max_length=40)
    value = models.CharField(max_length=200)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["system", "value"], name="one_company_per_id")]


class Visitor(models.Model):
    """A browser by its random id (`key`), or one way in which events name somebody: a `Use` of tilth.core.whose.

    What was done without a name hangs on the browser; what was done under a name, on its use. `person` is who we now
    think it is; of a browser, who was there first. One that two persons used is `shared`: what was done there without
    a name is of whoever was seen there last.
    """

    key = models.CharField(max_length=100, unique=True)
    person = models.ForeignKey(Person, models.SET_NULL, null=True, related_name="visitors")
    at = models.DateTimeField()
    browser = models.ForeignKey("self", models.SET_NULL, null=True, related_name="uses")
    user = models.CharField(max_length=95, blank=True, default="", db_default="")
    address = models.CharField(max_length=254, blank=True, default="", db_default="")
    says = models.SmallIntegerField(default=0, db_default=0)
    shared = models.BooleanField(default=False, db_default=False)

    class Meta:
        indexes = [
            models.Index(fields=["user"], name="visitor_user", condition=~models.Q(user="")),
            models.Index(fields=["address"], name="visitor_address", condition=~models.Q(address="")),
        ]


class Sighting(models.Model):
    """Somebody said who they are at a browser, by an event that leaves no touch."""

    visitor = models.ForeignKey(Visitor, models.CASCADE, related_name="sightings")
    at = models.DateTimeField()


class Link(models.Model):
    """A link in a mail that is one person's own: whose, where it leads, and in which mail it stood.

    `hidden`: no reader sees it, so whoever follows it is a machine.
    """

    person = models.ForeignKey(Person, models.CASCADE, related_name="links")
    url = models.TextField()
    mail = models.CharField(max_length=120, blank=True)
    hidden = models.BooleanField(default=False)

    class Meta:
        indexes = [models.Index(fields=["person", "mail"], name="link_person_mail")]


class Telltale(models.Model):
    """By what machines and our own people are told from customers, and which websites are ours."""

    class Kind(models.TextChoices):
        DOMAIN = "domain", _("Mail domain of our own people")
        NETWORK = "network", _("Network of our own people")
        AGENT = "agent", _("Words in what a machine calls itself")
        SCANNER = "scanner", _("Network of a mail scanner")
        SITE = "site", _("Website of ours")

    kind = models.CharField(max_length=10, choices=Kind)
    value = models.CharField(max_length=200)
    at = models.DateTimeField()
    by = models.ForeignKey(Member, models.SET_NULL, null=True, related_name="+")

    class Meta:
        constraints = [models.UniqueConstraint(fields=["kind", "value"], name="one_telltale_per_value")]

    def __str__(self) -> str:
        return self.value


class Learned(models.Model):
    """What we came to know about a person or a company, when and from where; absent fields did not change.

    These rows alone say what was known at any moment: of a person, `joined` is the company that they are
    with from then on, and of several addresses in `emails` the first is the one we write to.
    `visitor` is who told it, where an event did, and `said` when; what was said later stays.
    """

    person = models.ForeignKey(Person, models.CASCADE, null=True, related_name="learned")
    company = models.ForeignKey(Company, models.CASCADE, null=True, related_name="learned")
    joined = models.ForeignKey(Company, models.SET_NULL, null=True, related_name="+")
    at = models.DateTimeField()
    values = models.JSONField()
    origin = models.CharField(max_length=80)
    by = models.ForeignKey(Member, models.SET_NULL, null=True, related_name="+")
    visitor = models.ForeignKey(Visitor, models.SET_NULL, null=True, related_name="+", db_index=False)
    said = models.DateTimeField(null=True)


class Merge(models.Model):
    """Two persons (or companies) turned out to be one: what was of the one that is gone refers to the survivor since.

    `kept` is what was done, step by step, so that a `Split` can undo it; `merged_id` is the number of the one that is gone.
    """

    person = models.ForeignKey(Person, models.CASCADE, null=True, related_name="merges")
    company = models.ForeignKey(Company, models.CASCADE, null=True, related_name="merges")
    merged_id = models.BigIntegerField()
    name = models.CharField(max_length=250)
    kept = models.JSONField()
    at = models.DateTimeField()
    by = models.ForeignKey(Member, models.SET_NULL, null=True, related_name="+")

    class Meta:
        indexes = [models.Index(fields=["merged_id"], name="merge_of")]
        constraints = [
            models.CheckConstraint(
                condition=models.Q(person=None) ^ models.Q(company=None), name="persons_or_companies_are_merged"
            )
        ]

    def __str__(self) -> str:
        return self.name

    @property
    def survivor(self) -> "Person | Company":
        survivor = self.person or self.company
        assert survivor is not None
        return survivor


class Split(models.Model):
    """A merge was taken back: they are two again."""

    merge = models.OneToOneField(Merge, models.CASCADE, related_name="split")
    at = models.DateTimeField()
    by = models.ForeignKey(Member, models.SET_NULL, null=True, related_name="+")


class Position(models.Model):
    """Somebody works at another company, too, beside the main one that `Person.company` names; `until` once that ended."""

    person = models.ForeignKey(Person, models.CASCADE, related_name="positions")
    company = models.ForeignKey(Company, models.CASCADE, related_name="positions")
    title = models.CharField(max_length=120, blank=True)
    since = models.DateField(null=True)
    until = models.DateField(null=True)
    at = models.DateTimeField()
    by = models.ForeignKey(Member, models.SET_NULL, null=True, related_name="+")

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["person", "company"], condition=models.Q(until=None), name="one_position_at_a_time_per_company"
            )
        ]


class Mark(models.Model):
    """What somebody has in common with others who may be the same, as a number (`core.duplicates.marks_of`)."""

    person = models.ForeignKey(Person, models.CASCADE, null=True, related_name="marks")
    company = models.ForeignKey(Company, models.CASCADE, null=True, related_name="marks")
    key = models.BigIntegerField(db_index=True)


class Duplicate(models.Model):
    """Two persons, or two companies, that may be one; kept when a member says that they are not, so that nobody asks again."""

    person = models.ForeignKey(Person, models.CASCADE, null=True, related_name="doubles")
    other = models.ForeignKey(Person, models.CASCADE, null=True, related_name="+")
    company = models.ForeignKey(Company, models.CASCADE, null=True, related_name="doubles")
    other_company = models.ForeignKey(Company, models.CASCADE, null=True, related_name="+")
    score = models.FloatField()
    reasons = models.JSONField()
    at = models.DateTimeField()
    dismissed_at = models.DateTimeField(null=True)
    dismissed_by = models.ForeignKey(Member, models.SET_NULL, null=True, related_name="+")

    class Meta:
        indexes = [
            models.Index(fields=["-score", "id"], name="duplicate_open", condition=models.Q(dismissed_at=None)),
        ]
        constraints = [
            models.UniqueConstraint(fields=["person", "other"], name="one_proposal_per_persons"),
            models.UniqueConstraint(fields=["company", "other_company"], name="one_proposal_per_companies"),
        ]


class Looked(models.Model):
    """How far a stage of this room has read a list of facts: the last id."""

    of = models.CharField(max_length=40, primary_key=True)
    last = models.BigIntegerField()


class Suppression(models.Model):
    """Somebody was erased and shall not come back by itself: one keyed hash for each way in which they were known.

    `whose` is a random word that the hashes of one person share, so that all go when that person comes back on their own.
    """

    hash = models.BinaryField(max_length=32, unique=True)
    whose = models.CharField(max_length=32, db_index=True)
    at = models.DateTimeField()


class News(models.Model):
    """Something happened that may change where this person stands. Taken away by who looked."""

    person = models.ForeignKey(Person, models.CASCADE, related_name="+")
    at = models.DateTimeField()


def about(person: Person, emails: list[str], phones: list[str]) -> dict[str, Any]:
    """What the fit rules may look at: attribute to value, for one person with `company` loaded."""
    out = {f"person.{f}": getattr(person, f) for f in ("first_name", "last_name", "title", "country", "language")}
    out |= {f"person.custom.{k}": v for k, v in person.custom.items()}
    out |= {"person.email": emails[0] if emails else "", "person.phone": phones[0] if phones else ""}
    out["email.free"] = is_free_mail(emails[0]) if emails else None
    if firm := person.company:
        out |= {
            f"company.{f}": getattr(firm, f) for f in ("name", "domain", "industry", "employees", "country", "city")
        }
        out |= {f"company.custom.{k}": v for k, v in firm.custom.items()}
    return out


def news(people: list[int], now: datetime) -> None:
    """Say that these people should be looked at again."""
    News.objects.bulk_create([News(person_id=p, at=now) for p in people], batch_size=2_000)
