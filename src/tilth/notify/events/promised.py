"""A promise falls due soon, or was broken: told to who owes it, and what is broken to managers, too."""

from datetime import datetime
from zoneinfo import ZoneInfo

from django.utils.translation import gettext as _

from tilth.notify.models import Event, Notice
from tilth.promises import names
from tilth.promises.models import Alert
from tilth.team.models import Member, Role

from .fact import Facts, Hearers, Told, managers, marketing, moment, named, once


def tell(alert: Alert, now: datetime) -> Told:
    """Who owes it hears of every step; managers of what is broken."""
    owed, reminder = alert.obligation, alert.step == Alert.Step.REMINDER
    what = Event.What.DUE if reminder else Event.What.BREACH
    hearers = _owing(owed.debtor, owed.member)
    if not reminder:
        hearers = once(*hearers, *((m, Notice.Why.MANAGES) for m in managers()))
    data = {
        "promise": owed.kind, "due": owed.due_at.isoformat(), "step": alert.step, "debtor": owed.debtor,
        "owner": owed.member.name if owed.member else "",
    }  # fmt: skip
    return Told(what, owed.handoff.person if owed.handoff else None, hearers, owed.handoff, data=data)


def _owing(debtor: str, member: Member | None) -> Hearers:
    """The member who owes it; the whole team for what marketing, or managers, owe together."""
    if member is not None:
        return once((member, Notice.Why.HOLDS))
    if debtor == Role.MARKETING:
        return once(*((m, Notice.Why.MARKETING) for m in marketing()))
    return once(*((m, Notice.Why.MANAGES) for m in managers())) if debtor == Role.MANAGER else []


def title(event: Event, why: str) -> str:
    promise = names.name(event.data["promise"], first=True)
    if event.person is None:
        said = _("Due soon: %(promise)s") if event.what == Event.What.DUE else _("Late: %(promise)s")
    elif event.data["step"] == Alert.Step.REASSIGNMENT:
        said = _("Given to somebody else: %(who)s (%(promise)s was late)")
    else:
        said = _("Due soon: %(promise)s, %(who)s") if event.what == Event.What.DUE else _("Late: %(promise)s, %(who)s")
    return said % {"promise": promise, "who": named(event.person)}


def lines(event: Event, why: str, zone: ZoneInfo) -> list[str]:
    due = moment(datetime.fromisoformat(event.data["due"]), zone)
    out = [_("Due %(when)s") % {"when": due}]
    owner = event.data["owner"]
    return [*out, _("With %(owner)s") % {"owner": owner}] if owner and why != Notice.Why.HOLDS else out


JOINS = ("obligation__member", "obligation__handoff__person__company")
FACTS = Facts("alert", Alert, "obligation__handoff__person", tell, JOINS)
