"""For how long we keep what: one rule a kind, switched on by an administrator, seen to once a night.

Nothing is removed until somebody says for how many days a kind is kept. What would go can be counted before. It goes in portions, each in
a transaction of its own; the line in the journal says how much.
"""

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any

from django.db import models, transaction
from django.db.models import Exists, OuterRef, Q, QuerySet
from django.utils.translation import gettext_lazy as _

from tilth.capture.models import FailedRow, Received
from tilth.consent.models import Consent
from tilth.core.forgetting import Ways
from tilth.deals.models import Deal
from tilth.forms.models import Submission
from tilth.handoff.models import Holding
from tilth.journal.models import note
from tilth.notify.models import Event, Message
from tilth.people.models import Person, Visitor
from tilth.qualify.models import Stage
from tilth.team.models import Member
from tilth.touches.models import Evidence, Touch

from . import erasures, lake
from .models import Rule

NIGHT = 2  # o'clock, UTC: the first pass after it sees to today's rules
PORTION, PEOPLE = 1_000, 50  # rows in one call; people, whom all deliveries are searched for
SHORTEST = 7  # days: less than a week is a slip of the hand


@dataclass(frozen=True)
class Kind:
    """Something that can be kept for a while.

    old      the rows that were there before a moment and are not needed
    remove   takes some of them away
    portion  how many at once
    """

    key: str
    name: Any
    says: Any
    old: Callable[[datetime], QuerySet]
    remove: Callable[[list[int], datetime], None]
    portion: int = PORTION


def rules() -> dict[str, Rule]:
    """The rules that somebody made, by kind."""
    return {rule.kind: rule for rule in Rule.objects.select_related("by")}


def would_go(kind: Kind, days: int, now: datetime) -> int:
    """How many rows would go if they were kept for so many days."""
    return kind.old(now - timedelta(days=days)).count()


@transaction.atomic
def keep_for(kind: Kind, days: int | None, by: Member, now: datetime) -> None:
    """Keep a kind for so many days from now on; None: for ever. It is seen to for the first time in the coming night.

    raises     ValueError: less than a week
    """
    if days is not None and days < SHORTEST:
        raise ValueError(f"{days} days are too few.")
    rule = Rule.objects.select_for_update().filter(kind=kind.key).first()
    if (rule.days if rule else None) != days:
        values = {"days": days, "by": by, "at": now, "ran_on": now.date()}
        rule, _new = Rule.objects.update_or_create(kind=kind.key, defaults=values)
        note("keeps for", rule, now, by, kind=kind.key, days=days)


def catch_up(now: datetime, person: int | None = None) -> int:
    """One portion of what is too old; how many rows went. Nothing until the night, and nothing once the day is seen to."""
    due = Rule.objects.filter(days__isnull=False).exclude(ran_on__gte=now.date())
    rule = due.order_by("pk").first() if now.hour >= NIGHT else None
    if rule is None:
        return 0
    kind = KINDS[rule.kind]
    ids = list(kind.old(now - timedelta(days=rule.days or 0)).values_list("pk", flat=True)[: kind.portion])
    if not ids:
        return _done(rule, kind, now)
    with transaction.atomic():
        kind.remove(ids, now)
        Rule.objects.filter(pk=rule.pk).update(removed=models.F("removed") + len(ids))
    return len(ids)


def _done(rule: Rule, kind: Kind, now: datetime) -> int:
    """The day is seen to; the lake, which has the touches too, is made anew if some of them went."""
    if rule.removed and kind.key in IN_THE_LAKE and not lake.clear(Ways(), now):
        return 0
    with transaction.atomic():
        if rule.removed:
            note("removed", rule, now, None, kind=rule.kind, rows=rule.removed)
        Rule.objects.filter(pk=rule.pk).update(ran_on=now.date(), removed=0)
    return 1


def next_night(now: datetime, rule: Rule) -> date:
    """When a rule is seen to next."""
    return max(now.date(), (rule.ran_on or now.date()) + timedelta(days=1))


def _delete(model: type[models.Model]) -> Callable[[list[int], datetime], None]:
    def remove(ids: list[int], now: datetime) -> None:
        model._base_manager.filter(pk__in=ids).delete()

    return remove


def _nameless(before: datetime) -> QuerySet[Visitor]:
    """Browsers without a name that were not seen since; what they agreed to is kept as long as they are."""
    since = Touch.objects.filter(visitor=OuterRef("pk"), at__gte=before)
    agreed = Consent.objects.filter(visitor=OuterRef("pk"), at__gte=before)
    used = Visitor.objects.filter(browser=OuterRef("pk"))
    gone = Visitor.objects.filter(~Exists(since), ~Exists(agreed), ~Exists(used), person=None, at__lt=before)
    return gone.order_by("pk")


def _forget_visitors(ids: list[int], now: datetime) -> None:
    Touch.objects.filter(visitor__in=ids, person=None).delete()
    Visitor.objects.filter(pk__in=ids).delete()


def _asleep(before: datetime) -> QuerySet[Person]:
    """People who did nothing since, with whom nobody works, and who never bought anything nor were about to."""
    since = Touch.objects.filter(person=OuterRef("pk"), at__gte=before)
    busy = (Holding.objects.filter(person=OuterRef("pk")), Deal.objects.filter(person=OuterRef("pk")))
    people = Person.objects.filter(~Exists(since), *(~Exists(rows) for rows in busy), at__lt=before)
    return people.exclude(standing__stage=Stage.CUSTOMER).order_by("pk")


def _erase(ids: list[int], now: datetime) -> None:
    erasures.begin_many(ids, None, now)


def _kinds(kinds: Iterable[Kind]) -> dict[str, Kind]:
    return {kind.key: kind for kind in kinds}


IN_THE_LAKE = ("machines",)
KINDS = _kinds((
    Kind("deliveries", _("Deliveries as they came"), _("After them, an event that was refused cannot be read again."),
         lambda before: Received.objects.filter(at__lt=before, taken_at__isnull=False).order_by("pk"), _delete(Received)),
    Kind("visitors", _("Visitors without a name"), _("Browsers that were not seen since, with what they did."), _nameless, _forget_visitors),
    Kind("machines", _("What machines did"), _("Contacts that count for nothing: bots, scanners, monitors."),
         lambda before: Touch.objects.filter(at__lt=before, evidence=Evidence.MACHINE).order_by("pk"), _delete(Touch)),
    Kind("leads", _("Leads who fell silent"), _("No contact since, nobody has them, no deal ever: they are erased, and may come back."), _asleep, _erase, PEOPLE),
    Kind("mails", _("Mails that were sent"), _("Or given up."),
         lambda before: Message.objects.filter(Q(sent_at__lt=before) | Q(given_up_at__lt=before)).order_by("pk"), _delete(Message)),
    Kind("told", _("What colleagues and channels were told"), _("Notices, and what was sent of each."),
         lambda before: Event.objects.filter(told_at__lt=before).order_by("pk"), _delete(Event)),
    Kind("failed", _("Rows that imports could not read"), _("The counts of the import stay."),
         lambda before: FailedRow.objects.filter(Q(run__finished_at__lt=before) | Q(run__stopped_at__lt=before)).order_by("pk"), _delete(FailedRow)),
    Kind("spam", _("Forms that somebody took for spam"), _("What was held and not judged stays."),
         lambda before: Submission.objects.filter(spam_at__lt=before).order_by("pk"), _delete(Submission)),
))  # fmt: skip
