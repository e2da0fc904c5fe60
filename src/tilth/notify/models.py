"""What is told to whom, and how. An event is a fact that somebody should hear of. A notice tells it on the page, a message is a
mail, a delivery goes to an address outside; each is a row, written in the transaction of what causes it, and sent by a stage.
"""

from datetime import datetime, time

from django.db import models
from django.utils.translation import gettext_lazy as _

from tilth.core.telling import AT_ONCE, DIGEST, MONTH, NOT, WEEK
from tilth.handoff.models import Handoff
from tilth.people.models import Person
from tilth.team.models import Member

MORNING = time(8, 30)


class Event(models.Model):
    """One fact that is told. `row` names it, so that it is told once; `data` is what is said of it, as it was then."""

    class What(models.TextChoices):
        LEAD = "lead", _("A visitor becomes a lead")
        HANDOFF = "handoff", _("A lead is handed over")
        JOINED = "joined", _("Somebody joins a lead’s buying group")
        RETURNED = "returned", _("A lead comes back from sales")
        DECIDED = "decided", _("A return is decided")
        DUE = "due", _("A promise falls due soon")
        BREACH = "breach", _("A promise is broken")
        PLAN_B = "plan_b", _("A plan B comes true")
        TRIAL = "trial", _("A trial")

    what = models.CharField(max_length=10, choices=What)
    row = models.CharField(max_length=80, unique=True)
    person = models.ForeignKey(Person, models.CASCADE, null=True, related_name="events")
    handoff = models.ForeignKey(Handoff, models.CASCADE, null=True, related_name="events")
    by = models.ForeignKey(Member, models.SET_NULL, null=True, related_name="+")
    at = models.DateTimeField()
    told_at = models.DateTimeField()
    data = models.JSONField(default=dict)

    def __str__(self) -> str:
        return f"{self.get_what_display()}: {self.person}"


class Heard(models.Model):
    """How far a list of facts was told (its last id), and when that last moved."""

    of = models.CharField(max_length=20, primary_key=True)
    last = models.BigIntegerField(default=0)
    at = models.DateTimeField(null=True)


class Choice(models.Model):
    """How a member wants to hear of one kind of event by one channel. What is not chosen is as `hearing.USUAL` says."""

    class How(models.TextChoices):
        AT_ONCE = AT_ONCE, _("at once")
        DIGEST = DIGEST, _("once a day")
        NOT = NOT, _("not")

    member = models.ForeignKey(Member, models.CASCADE, related_name="choices")
    what = models.CharField(max_length=10, choices=Event.What)
    channel = models.CharField(max_length=10)
    how = models.CharField(max_length=8, choices=How)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["member", "what", "channel"], name="one_choice_per_channel")]


class Hours(models.Model):
    """When a member does not want to hear, and when the mail of the day comes: see `core.telling`."""

    member = models.OneToOneField(Member, models.CASCADE, primary_key=True, related_name="quiet_hours")
    begins = models.TimeField(null=True)
    ends = models.TimeField(null=True)
    days_off = models.BooleanField(default=True)
    digest_at = models.TimeField(default=MORNING)


class Endpoint(models.Model):
    """An address outside: of the house, which is told everything of some kinds, or of a member, who is told what concerns them.

    secrets       of a webhook: they sign what is sent; the one before counts until `before_until`
    rests_until   it asked to be left alone, or did not answer
    """

    channel = models.CharField(max_length=10)
    name = models.CharField(max_length=80)
    url = models.CharField(max_length=1000)
    member = models.ForeignKey(Member, models.CASCADE, null=True, related_name="endpoints")
    events = models.JSONField(default=list)
    secret = models.CharField(max_length=120, blank=True)
    secret_before = models.CharField(max_length=120, blank=True)
    before_until = models.DateTimeField(null=True)
    made_by = models.ForeignKey(Member, models.SET_NULL, null=True, related_name="+")
    made_at = models.DateTimeField()
    rests_until = models.DateTimeField(null=True)
    stopped_at = models.DateTimeField(null=True)
    stopped_why = models.CharField(max_length=300, blank=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["member", "channel"], condition=models.Q(member__isnull=False), name="one_endpoint_per_channel"
            )
        ]

    def __str__(self) -> str:
        return self.name


class Sending(models.Model):
    """What the outbox knows of anything that is sent: it is leased while it is being sent, and marked afterwards."""

    made_at = models.DateTimeField()
    due_at = models.DateTimeField()
    leased_until = models.DateTimeField(null=True)
    attempts = models.PositiveSmallIntegerField(default=0)
    sent_at = models.DateTimeField(null=True)
    given_up_at = models.DateTimeField(null=True)
    trouble = models.CharField(max_length=300, blank=True)

    class Meta:
        abstract = True


class Message(Sending):
    """One mail. `key` makes writing it twice harmless.

    event           what it tells of: when that was undone meanwhile, it is not sent
    text            empty for the mail of a day, which is written from its lines when it goes: whoever was erased is not in it
    withdrawn_at    whoever wrote it does not want it sent any more; nobody can send it again
    """

    key = models.CharField(max_length=120, unique=True)
    to = models.CharField(max_length=254)
    subject = models.CharField(max_length=300)
    text = models.TextField(blank=True)
    html = models.TextField(blank=True)
    headers = models.JSONField(default=dict)
    person = models.ForeignKey(Person, models.CASCADE, null=True, related_name="messages")
    member = models.ForeignKey(Member, models.CASCADE, null=True, related_name="messages")
    event = models.ForeignKey(Event, models.CASCADE, null=True, related_name="messages")
    withdrawn_at = models.DateTimeField(null=True)

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


class Delivery(Sending):
    """One event on its way to one endpoint; without an event, the lines of a day. `key` is what receivers know it by."""

    endpoint = models.ForeignKey(Endpoint, models.CASCADE, related_name="deliveries")
    event = models.ForeignKey(Event, models.CASCADE, null=True, related_name="deliveries")
    why = models.CharField(max_length=10, blank=True)
    key = models.CharField(max_length=60, unique=True)

    class Meta:
        indexes = [
            models.Index(
                fields=["due_at"],
                name="delivery_due",
                condition=models.Q(sent_at__isnull=True, given_up_at__isnull=True),
            ),
            models.Index(fields=["endpoint", "-id"], name="delivery_of_endpoint"),
        ]


class Attempt(models.Model):
    """One try of a delivery, and what was answered. Without a status nobody answered."""

    delivery = models.ForeignKey(Delivery, models.CASCADE, related_name="tries")
    at = models.DateTimeField()
    status = models.PositiveSmallIntegerField(null=True)
    trouble = models.CharField(max_length=300, blank=True)
    took = models.DurationField()


class Notice(models.Model):
    """What a member finds on the page. Read once they said so."""

    class Why(models.TextChoices):
        HOLDS = "holds", _("you have this lead")
        COMPANY = "company", _("you have a lead of the same company")
        POOL = "pool", _("leads like this come to you")
        MARKETING = "marketing", _("marketing brought it")
        HAD = "had", _("you had this lead")
        GAVE = "gave", _("you returned it")
        REVIEWS = "reviews", _("you look at returns a second time")
        MANAGES = "manages", _("you manage")
        GOAL = "goal", _("you share the goal")

    member = models.ForeignKey(Member, models.CASCADE, related_name="notices")
    event = models.ForeignKey(Event, models.CASCADE, related_name="notices")
    person = models.ForeignKey(Person, models.CASCADE, null=True, related_name="notices")
    why = models.CharField(max_length=10, choices=Why)
    at = models.DateTimeField()
    read_at = models.DateTimeField(null=True)

    class Meta:
        indexes = [models.Index(fields=["member"], name="notice_unread", condition=models.Q(read_at__isnull=True))]

    def __str__(self) -> str:
        return f"{self.event} to {self.member}"


class Line(models.Model):
    """One event in what a member is told of a day, by mail or by a channel of theirs; sent once it hangs on one."""

    member = models.ForeignKey(Member, models.CASCADE, related_name="lines")
    event = models.ForeignKey(Event, models.CASCADE, related_name="lines")
    channel = models.CharField(max_length=10)
    why = models.CharField(max_length=10, choices=Notice.Why)
    due_at = models.DateTimeField()
    message = models.ForeignKey(Message, models.CASCADE, null=True, related_name="lines")
    delivery = models.ForeignKey(Delivery, models.CASCADE, null=True, related_name="lines")

    class Meta:
        constraints = [models.UniqueConstraint(fields=["member", "event", "channel"], name="one_line_per_channel")]
        indexes = [
            models.Index(
                fields=["due_at"],
                name="line_due",
                condition=models.Q(message__isnull=True, delivery__isnull=True),
            )
        ]


class Subscription(models.Model):
    """A report that a member gets by mail, as they asked for it.

    chosen      of each of its filters, and "period"; `key` is one for each question
    language    of who asked
    next_at     when its figures are to be of; moved on with each mail, in the same transaction
    """

    class Every(models.TextChoices):
        WEEK = WEEK, _("every Monday at 8:00")
        MONTH = MONTH, _("on the first of every month at 8:00")

    member = models.ForeignKey(Member, models.CASCADE, related_name="subscriptions")
    report = models.CharField(max_length=40)
    chosen = models.JSONField()
    key = models.CharField(max_length=64)
    every = models.CharField(max_length=5, choices=Every)
    language = models.CharField(max_length=12)
    made_at = models.DateTimeField()
    next_at = models.DateTimeField()
    ended_at = models.DateTimeField(null=True)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["member", "key"], name="one_subscription_per_question")]
        indexes = [models.Index(fields=["next_at"], name="subscription_due", condition=models.Q(ended_at__isnull=True))]

    def __str__(self) -> str:
        return f"{self.report} to {self.member}"


class Feed(models.Model):
    """The secret address of a member's calendar. Only a hash is kept; making a new one ends the old."""

    member = models.OneToOneField(Member, models.CASCADE, primary_key=True, related_name="feed")
    secret_hash = models.CharField(max_length=64, unique=True)
    made_at = models.DateTimeField()
    read_at = models.DateTimeField(null=True)


def unread(member: Member) -> tuple[int, int]:
    """How many notices wait for a member, and the newest of them (0 without one); one query."""
    told = Notice.objects.filter(member=member, read_at=None).aggregate(n=models.Count("pk"), newest=models.Max("pk"))
    return told["n"], told["newest"] or 0


def read_all(member: Member, now: datetime) -> None:
    """The member has seen everything that waits."""
    Notice.objects.filter(member=member, read_at=None).update(read_at=now)
