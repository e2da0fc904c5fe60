"""A handoff passes one lead to one owner. What happens to it are rows: accepted, returned, qualified,
handed back, merged, taken away, looked at once more, joined by a colleague of the same firm. `Holding` is a projection
and a lock in one: who has the lead now. A person can have one.

The verbs are in `verbs.py`.
"""

from django.db import models
from django.utils.translation import gettext_lazy as _

from tilth.agreement.models import Version
from tilth.content.models import Offer
from tilth.people.models import Person
from tilth.team.models import Member


class Handoff(models.Model):
    """The fact and its reasons, as they were. `why` sums to the score; `routing` says why this owner.

    continues    the handoff whose owner the lead was taken from: for marketing it is the same delivery
    recycles     the handoff of the round before, which came to nothing: it says what was learned then
    """

    person = models.ForeignKey(Person, models.CASCADE, related_name="handoffs")
    owner = models.ForeignKey(Member, models.PROTECT, related_name="handoffs")
    by = models.ForeignKey(Member, models.SET_NULL, null=True, related_name="+")
    version = models.ForeignKey(Version, models.PROTECT, related_name="+")
    at = models.DateTimeField(db_index=True)
    grade = models.CharField(max_length=1)
    level = models.PositiveSmallIntegerField()
    value = models.BigIntegerField()
    offer = models.ForeignKey(Offer, models.PROTECT, null=True, related_name="+")
    why = models.JSONField()
    routing = models.JSONField()
    continues = models.OneToOneField("self", models.SET_NULL, null=True, related_name="continued")
    recycles = models.ForeignKey("self", models.SET_NULL, null=True, related_name="recycled")

    class Meta:
        indexes = [models.Index(fields=["owner", "at"]), models.Index(fields=["person", "at"])]

    def __str__(self) -> str:
        return f"handoff {self.pk} to {self.owner}"


class Holding(models.Model):
    """Who has the lead now. Gone when it was returned, handed back, won or lost.

    rank           where it belongs in its owner's queue, the highest first: see `ranking`
    fades_hours    the half-life under which that was worked out; 0: it is to be worked out anew
    """

    person = models.OneToOneField(Person, models.CASCADE, primary_key=True, related_name="holding")
    handoff = models.OneToOneField(Handoff, models.CASCADE, related_name="holding")
    owner = models.ForeignKey(Member, models.PROTECT, related_name="holdings")
    since = models.DateTimeField()
    open_deals = models.PositiveSmallIntegerField(default=0)
    rank = models.FloatField(default=0, db_default=0)
    fades_hours = models.FloatField(default=0, db_default=0, db_index=True)

    class Meta:
        indexes = [models.Index(fields=["owner", "open_deals", "-rank", "-person"], name="holding_in_queue")]


class Happened(models.Model):
    """What one member did to a handoff, at most once each."""

    handoff = models.OneToOneField(Handoff, models.CASCADE, related_name="the_%(class)s")
    member = models.ForeignKey(Member, models.PROTECT, related_name="+")
    at = models.DateTimeField(db_index=True)

    class Meta:
        abstract = True


class Acceptance(Happened):
    """The owner takes it on."""


class GivenUp(Happened):
    """Back to marketing, with a reason of the agreement and a note.

    rests_on      the field of the lead that the reason rests on, such as "company.employees"; "" when none does
    comes_back    what must happen before it may come back, and `event` its name where that is an event
    wake_on       not before this day; with DATE, on this day
    """

    class When(models.TextChoices):
        NEWS = "news", _("when something that counts happens")
        DATE = "date", _("on a day")
        EVENT = "event", _("when a named event happens")

    reason = models.CharField(max_length=40)
    note = models.TextField(blank=True)
    rests_on = models.CharField(max_length=80, blank=True, default="", db_default="")
    comes_back = models.CharField(max_length=8, choices=When, default=When.NEWS, db_default="news")
    event = models.CharField(max_length=80, blank=True, default="", db_default="")
    wake_on = models.DateField(null=True)

    class Meta(Happened.Meta):
        abstract = True


class Return(GivenUp):
    """Not taken on. A reviewer looks at each once more: see `Review`."""


class Qualified(Happened):
    """The owner found it ready to buy: an SQL (R22)."""

    note = models.TextField(blank=True)


class HandBack(GivenUp):
    """Taken on and worked, but no opportunity came of it: recycled with the cause."""


class Merged(Happened):
    """The lead turned out to be somebody whom another owner has: this handoff holds nobody any more."""


class Withdrawal(models.Model):
    """Taken from its owner, who did not give it up: it goes to the next one, and marketing's part stays done."""

    class Why(models.TextChoices):
        LEFT = "left", _("the owner left")
        WORKED = "worked", _("worked first, and passed on")
        REASSIGNED = "reassigned", _("given to somebody else")

    handoff = models.OneToOneField(Handoff, models.CASCADE, related_name="the_withdrawal")
    by = models.ForeignKey(Member, models.SET_NULL, null=True, related_name="+")
    at = models.DateTimeField(db_index=True)
    why = models.CharField(max_length=10, choices=Why)


class Review(models.Model):
    """What the named reviewer found of one return (R46): upheld and charged to its cause, or overturned: back to its owner.

    blind    they decided without seeing who had returned it
    reason   for what they would have returned it themselves, a reason of the agreement; "" when they would not
    """

    class Verdict(models.TextChoices):
        UPHELD = "upheld", _("rightly returned")
        OVERTURNED = "overturned", _("should have been accepted")

    class ChargedTo(models.TextChoices):
        DEFINITION = "definition", _("our definition of a good lead")
        CONTENT = "content", _("the content that brought it")
        DATA = "data", _("wrong or missing data")

    returned = models.OneToOneField(Return, models.CASCADE, related_name="the_review")
    reviewer = models.ForeignKey(Member, models.PROTECT, related_name="+")
    at = models.DateTimeField(db_index=True)
    verdict = models.CharField(max_length=10, choices=Verdict)
    charged_to = models.CharField(max_length=10, choices=ChargedTo, blank=True)
    note = models.TextField(blank=True)
    blind = models.BooleanField(default=False)
    reason = models.CharField(max_length=40, blank=True, default="", db_default="")


class Joining(models.Model):
    """A second person of the same buying group joins the open handoff (B8): same owner, more urgent, value counted once.

    why       the reasons of who joined, as `Handoff.why`
    out_at    when the owner took them out again; they do not join this handoff a second time
    """

    handoff = models.ForeignKey(Handoff, models.CASCADE, related_name="joinings")
    person = models.ForeignKey(Person, models.CASCADE, related_name="joinings")
    at = models.DateTimeField(db_index=True)
    why = models.JSONField(default=dict)
    out_at = models.DateTimeField(null=True)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["handoff", "person"], name="joins_a_handoff_once")]

    @property
    def owner(self) -> Member:
        """Whose the lead is now; while it waits for the next one, whose it was."""
        holding = getattr(self.handoff.person, "holding", None)
        return holding.owner if holding else self.handoff.owner


class Turn(models.Model):
    """How many leads each seller of a pool is ahead of their share; the lock that routing takes."""

    pool = models.CharField(max_length=40)
    member = models.ForeignKey(Member, models.CASCADE)
    ahead = models.FloatField(default=0)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["pool", "member"], name="one_turn_per_pool_and_member")]


class Capacity(models.Model):
    """One seller's hours for new leads in the week of a Monday: see `core.release`. What was taken of them, handoffs say."""

    member = models.ForeignKey(Member, models.CASCADE, related_name="capacities")
    monday = models.DateField()
    room = models.FloatField()
    carried = models.FloatField(default=0)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["member", "monday"], name="one_capacity_per_week")]
