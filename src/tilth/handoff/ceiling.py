"""Not one more (R43): a contact that would go above the agreed ceiling is refused where a colleague logs it.

What a telephone system or a file brings in has happened: it is kept, and shown as above the ceiling.
Reads   Holding, Handoff, Qualified, Touch, the running version of the handoff
"""

from datetime import datetime

from django.utils.translation import gettext, ngettext

from tilth.core.clock import calendar_of, days_later, years_around
from tilth.core.follow_up import Contact, Effort, contact, effort, one_too_many
from tilth.people.models import Person
from tilth.touches.models import of_sales

from .models import Handoff, Holding

LONGEST_CHAIN = 50  # owners that one lead went through


def open_handoff(person: Person) -> Handoff | None:
    """The handoff of a lead that sales follows up: held, without a verdict yet. Locked, so that two who log take turns."""
    pk = Holding.objects.filter(person=person, open_deals=0).values_list("handoff", flat=True).first()
    if pk is None:
        return None
    handoff = Handoff.objects.select_for_update(of=("self",)).select_related("version").filter(pk=pk).first()
    return None if handoff is None or hasattr(handoff, "the_qualified") else handoff


def done_for(handoff: Handoff, now: datetime) -> Effort:
    """What sales did for a lead within the agreed days before now, whoever had it since marketing handed it over."""
    terms = handoff.version.terms
    frame = days_later(now, -terms.sales.within_days, calendar_of(terms, years_around(now)))
    rows = of_sales([handoff.person_id], max(_began(handoff), frame))
    told = rows.values_list("at", "pk", "kind", "properties")
    return effort(contact(at, f"touch {pk}", kind, said) for at, pk, kind, said in told)


def refusal(handoff: Handoff, more: Contact, now: datetime) -> str:
    """Why this contact is one too many; "" when it may be."""
    found = one_too_many(handoff.version.terms.sales, done_for(handoff, now), more)
    if found is None:
        return ""
    measure, most = found
    days = handoff.version.terms.sales.within_days
    said = gettext(
        "The agreement allows {most} in {days} with one lead. Qualify the lead, or give it back with what you found out."
    )
    return said.format(
        most=_amount(measure, most), days=ngettext("%(n)s working day", "%(n)s working days", days) % {"n": days}
    )


def _began(handoff: Handoff) -> datetime:
    """When marketing handed the lead over: the first handoff of those that continue one another."""
    at, before = handoff.at, handoff.continues_id
    for _ in range(LONGEST_CHAIN):
        if before is None:
            break
        at, before = Handoff.objects.values_list("at", "continues").get(pk=before)
    return at


def _amount(measure: str, most: float) -> str:
    said = {
        "calls": ngettext("%(n)s call", "%(n)s calls", int(most)),
        "mails": ngettext("%(n)s mail", "%(n)s mails", int(most)),
        "documents": ngettext("%(n)s document", "%(n)s documents", int(most)),
        "hours": ngettext("%(n)s hour", "%(n)s hours", int(most)),
    }
    return said[measure] % {"n": f"{most:g}"}
