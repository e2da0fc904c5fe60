"""Somebody of the same buying group joined an open handoff (B8): told to its owner."""

from datetime import datetime
from zoneinfo import ZoneInfo

from django.utils.translation import gettext as _

from tilth.handoff.models import Joining
from tilth.notify.models import Event, Notice

from .fact import Facts, Told, named, once


def tell(row: Joining, now: datetime) -> Told:
    hearers = once((row.handoff.owner, Notice.Why.HOLDS))
    data = {"owner": row.handoff.owner.name, "lead": row.handoff.person.name}
    return Told(Event.What.JOINED, row.person, hearers, row.handoff, data=data)


def title(event: Event, why: str) -> str:
    return _("%(who)s joined %(lead)s") % {"who": named(event.person), "lead": event.data["lead"]}


def lines(event: Event, why: str, zone: ZoneInfo) -> list[str]:
    return [_("The same buying group, so the same owner: %(owner)s") % {"owner": event.data["owner"]}]


FACTS = Facts("joining", Joining, "person", tell, ("person__company", "handoff__owner", "handoff__person"))
