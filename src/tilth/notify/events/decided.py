"""A return was looked at a second time (R46): told to who returned it, and to marketing."""

from datetime import datetime
from zoneinfo import ZoneInfo

from django.utils.translation import gettext as _

from tilth.handoff.models import Review
from tilth.notify.models import Event, Notice

from .fact import Facts, Told, marketing, named, once


def tell(row: Review, now: datetime) -> Told:
    returned = row.returned
    hearers = once(
        (returned.member, Notice.Why.GAVE), *((m, Notice.Why.MARKETING) for m in marketing()), but=row.reviewer
    )
    data = {"verdict": row.verdict, "charged_to": row.charged_to, "note": row.note, "reviewer": row.reviewer.name}
    return Told(Event.What.DECIDED, returned.handoff.person, hearers, returned.handoff, row.reviewer, data)


def title(event: Event, why: str) -> str:
    overturned = event.data["verdict"] == Review.Verdict.OVERTURNED
    said = _("Should have been accepted: %(who)s") if overturned else _("Rightly returned: %(who)s")
    return said % {"who": named(event.person)}


def lines(event: Event, why: str, zone: ZoneInfo) -> list[str]:
    said = event.data
    out = [_("Decided by %(who)s") % {"who": said["reviewer"]}]
    if said["charged_to"]:
        cause = Review.ChargedTo(said["charged_to"]).label
        out.append(_("It came from %(cause)s") % {"cause": cause})
    return out + ([said["note"]] if said["note"] else [])


JOINS = ("returned__member", "returned__handoff__person__company", "reviewer")
FACTS = Facts("review", Review, "returned__handoff__person", tell, JOINS)
