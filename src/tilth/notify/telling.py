"""Telling sales, and marketing with it, that a visitor has become a lead (R38): on the page, and by mail for who wants it.

Reads   qualify.NewLead, who holds which lead, the running agreement
Writes  Notice, Message; takes NewLead away, in the same transaction: nobody is told twice, and nobody is left out
Source: docs/algorithms/telling.md
"""

from datetime import datetime

from django.db import transaction
from django.utils.translation import gettext as _

from tilth.handoff.hearing import who_hears
from tilth.people.models import Person
from tilth.qualify.models import NewLead
from tilth.team.models import Member, Role
from tilth.touches.models import Origin

from . import outbox
from .models import Notice

BATCH = 200


def catch_up(now: datetime, person: int | None = None) -> int:
    """Tell of who has just become a lead; returns of how many. At most BATCH a call."""
    rows = NewLead.objects.order_by("id") if person is None else NewLead.objects.filter(person=person)
    return sum(_tell(pk, now) for pk in list(rows.values_list("pk", flat=True)[:BATCH]))


@transaction.atomic
def _tell(pk: int, now: datetime) -> int:
    row = NewLead.objects.select_related("person__company").filter(pk=pk).first()
    if row is None or not NewLead.objects.filter(pk=pk).delete()[0]:
        return 0  # somebody else tells at this moment
    why, sellers = who_hears(row.person, now)
    marketing = Member.objects.filter(role=Role.MARKETING, is_active=True).order_by("id")
    origin = Origin.objects.select_related("offer", "campaign", "touch").filter(person=row.person).first()
    knows = origin and origin.touch and origin.touch.member_id  # who brought them in needs no telling
    told = [(m, why) for m in sellers] + [(m, Notice.Why.MARKETING) for m in marketing]
    notices = [Notice(member=m, person=row.person, why=because, at=row.at) for m, because in told if m.pk != knows]
    Notice.objects.bulk_create(notices)
    for notice in notices:
        if notice.member.mails_leads:
            _mail(f"lead {pk} {notice.member.pk}", notice, origin, now)
    return 1


def _mail(key: str, notice: Notice, origin: Origin | None, now: datetime) -> None:
    who = notice.person
    lines = [
        _("%(who)s has become a lead.") % {"who": _named(who)},
        came(origin),
        _("You hear of it because %(why)s.") % {"why": notice.get_why_display()},
        outbox.address(f"/people/{who.pk}/"),
        _("You chose these mails on your own page in Tilth, and end them there."),
    ]
    subject = _("New lead: %(who)s") % {"who": _named(who)}
    outbox.put(
        key, notice.member.email, subject, "\n\n".join(filter(None, lines)), "", now, person=who, member=notice.member
    )


def came(origin: Origin | None) -> str:
    """How somebody became a lead, in one line: "demo · google · campaign night-heating"."""
    if origin is None:
        return ""
    told = [str(origin.offer or ""), origin.source, str(origin.campaign or "")]
    return " · ".join(dict.fromkeys(filter(None, told)))


def _named(person: Person) -> str:
    title = f", {person.title}" if person.title else ""
    return f"{person.name}{title}, {person.company}" if person.company else f"{person.name}{title}"
