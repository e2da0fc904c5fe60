"""A lead was handed over: told to its owner, and to who had it until then."""

from datetime import datetime
from zoneinfo import ZoneInfo

from django.utils.translation import get_language
from django.utils.translation import gettext as _

from tilth.core.saying import money
from tilth.handoff.models import Handoff
from tilth.notify.models import Event, Notice
from tilth.promises.models import Obligation
from tilth.touches.models import Origin

from .fact import Facts, Told, came, moment, named, once


def tell(handoff: Handoff, now: datetime) -> Told:
    had = handoff.continues.owner if handoff.continues else None
    hearers = once((handoff.owner, Notice.Why.HOLDS), (had, Notice.Why.HAD), but=handoff.by)
    first = Obligation.objects.filter(handoff=handoff, kind=Obligation.Kind.FIRST_CONTACT).first()
    origin = Origin.objects.select_related("offer", "campaign").filter(person=handoff.person_id).first()
    data = {
        "owner": handoff.owner.name, "owner_email": handoff.owner.email, "grade": handoff.grade, "level": handoff.level,
        "value": handoff.value, "currency": handoff.version.terms.currency, "came": came(origin),
        "first_contact_by": first.due_at.isoformat() if first else "",
    }  # fmt: skip
    return Told(Event.What.HANDOFF, handoff.person, hearers, handoff, handoff.by, data)


def title(event: Event, why: str) -> str:
    said = _("Yours: %(who)s") if why == Notice.Why.HOLDS else _("%(who)s went to %(owner)s")
    return said % {"who": named(event.person), "owner": event.data["owner"]}


def lines(event: Event, why: str, zone: ZoneInfo) -> list[str]:
    said = event.data
    worth = money(said["value"], said["currency"], get_language() or "en")
    out = [
        _("Fit %(grade)s, interest %(level)s, worth %(worth)s")
        % {"grade": said["grade"], "level": said["level"], "worth": worth}
    ]
    if by := said["first_contact_by"]:
        out.append(_("First contact by %(when)s") % {"when": moment(datetime.fromisoformat(by), zone)})
    return out + ([said["came"]] if said["came"] else [])


JOINS = ("person__company", "owner", "by", "version", "continues__owner")
FACTS = Facts("handoff", Handoff, "person", tell, JOINS)
