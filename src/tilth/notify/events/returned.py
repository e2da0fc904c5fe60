"""A lead came back from sales: a return is told to who decides on it, and every lead that comes back to marketing."""

from collections.abc import Iterable
from datetime import datetime
from zoneinfo import ZoneInfo

from django.utils.translation import gettext as _

from tilth.core.terms import Reason
from tilth.handoff.court import reviewer
from tilth.handoff.models import GivenUp, HandBack, Return
from tilth.notify.models import Event, Notice
from tilth.team.models import Member

from .fact import Facts, Told, managers, marketing, named, once


def tell_return(row: Return, now: datetime) -> Told:
    terms = row.handoff.version.terms
    named_one = reviewer(terms)
    return _told(row, terms.return_reasons, [named_one] if named_one else managers(), {"blind": terms.review.blind})


def tell_hand_back(row: HandBack, now: datetime) -> Told:
    return _told(row, row.handoff.version.terms.recycle_reasons, [], {})


def title(event: Event, why: str) -> str:
    return _("Back from sales: %(who)s") % {"who": named(event.person)}


def lines(event: Event, why: str, zone: ZoneInfo) -> list[str]:
    said = event.data
    out = [_("Because: %(reason)s") % {"reason": said["reason"]}]
    if said["note"]:
        out.append(said["note"])
    if not (said.get("blind") and why == Notice.Why.REVIEWS):
        out.append(_("From %(who)s") % {"who": said["from"]})
    return out


def _told(row: GivenUp, reasons: Iterable[Reason], deciding: list[Member], more: dict[str, bool]) -> Told:
    handoff, by = row.handoff, row.member
    reason = next((r.say for r in reasons if r.id == row.reason), row.reason)
    hearers = once(
        *((m, Notice.Why.REVIEWS) for m in deciding), *((m, Notice.Why.MARKETING) for m in marketing()), but=by
    )
    data = {"reason": reason, "code": row.reason, "note": row.note, "from": by.name, **more}
    return Told(Event.What.RETURNED, handoff.person, hearers, handoff, by, data)


JOINS = ("handoff__person__company", "handoff__version", "member")
RETURNS = Facts("return", Return, "handoff__person", tell_return, JOINS)
HAND_BACKS = Facts("handback", HandBack, "handoff__person", tell_hand_back, JOINS)
