"""A visitor has become a lead (R38): told to who has them or would get them, and to marketing."""

from datetime import datetime
from zoneinfo import ZoneInfo

from django.utils.translation import gettext as _

from tilth.handoff.hearing import who_hears
from tilth.notify.models import Event, Notice
from tilth.qualify.models import NewLead
from tilth.touches.models import Origin

from .fact import Facts, Told, came, marketing, named, once


def tell(row: NewLead, now: datetime) -> Told:
    why, sellers = who_hears(row.person, now)
    origin = Origin.objects.select_related("offer", "campaign", "touch__member").filter(person=row.person).first()
    brought = origin.touch.member if origin and origin.touch else None
    hearers = once(*((m, why) for m in sellers), *((m, Notice.Why.MARKETING) for m in marketing()), but=brought)
    return Told(Event.What.LEAD, row.person, hearers, by=brought, data={"came": came(origin)})


def title(event: Event, why: str) -> str:
    return _("New lead: %(who)s") % {"who": named(event.person)}


def lines(event: Event, why: str, zone: ZoneInfo) -> list[str]:
    return [event.data["came"]] if event.data.get("came") else []


FACTS = Facts("lead", NewLead, "person", tell, ("person__company",), taken=True)
