"""The states of a lead that sales has, as columns: what is in each, and which verb brings a lead there.

Nobody sets a state. A state follows from facts, so moving a card is doing the verb whose fact it is.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.db.models import Exists, OuterRef, Q, QuerySet
from django.utils.translation import gettext_lazy as _

from tilth.deals.models import Deal
from tilth.handoff.models import Holding
from tilth.touches.models import BY_SALES, Touch
from tilth.web.queue import Lead, shown

SHOWN = 20
MANY = 500  # more are not counted

_contacts = Touch.objects.filter(BY_SALES, person=OuterRef("person"), at__gte=OuterRef("handoff__at"))
_taken = Q(open_deals=0, handoff__the_acceptance__isnull=False)


@dataclass(frozen=True)
class Column:
    """A state, in the order of the way through sales.

    holds     whose leads stand in it; None: leads leave the board here
    brings    the states from which a verb brings a lead here
    else_     what to say about all others
    """

    name: str
    label: Any
    empty: Any
    holds: Q | None
    brings: tuple[str, ...]
    else_: Any


NEW, ACCEPTED, CONTACTED, SQL, DEAL, BACK = "new", "accepted", "contacted", "sql", "deal", "back"
COLUMNS = [
    Column(
        NEW, _("New"), _("No new leads."), Q(open_deals=0, handoff__the_acceptance=None), (),
        _("A lead does not become new again. Undo the last step, or give the lead back."),
    ),
    Column(
        ACCEPTED, _("Accepted"), _("Nothing waits for a first contact."), _taken & Q(~Exists(_contacts), handoff__the_qualified=None),
        (NEW,), _("It was accepted already. Undo the last step, or hand the lead back."),
    ),
    Column(
        CONTACTED, _("Contacted"), _("Nobody is being followed up."), _taken & Q(Exists(_contacts), handoff__the_qualified=None),
        (ACCEPTED, CONTACTED), _("Only who was accepted and has no verdict yet is followed up here."),
    ),
    Column(
        SQL, _("SQL"), _("No SQL without a deal."), _taken & Q(handoff__the_qualified__isnull=False),
        (ACCEPTED, CONTACTED), _("Accept the lead first: only an accepted lead can become an SQL."),
    ),
    Column(
        DEAL, _("In a deal"), _("No open deals."), Q(open_deals__gt=0),
        (ACCEPTED, CONTACTED, SQL), _("Accept the lead first."),
    ),
    Column(
        BACK, _("Back to marketing"), _("Drop a lead here to return it or hand it back; its reason is asked."), None,
        (NEW, ACCEPTED, CONTACTED, SQL), _("A deal is open. Say that it was won or lost first."),
    ),
]  # fmt: skip


@dataclass(frozen=True)
class Filled:
    """A column with its first leads; `count` of them in all, and whether there are more than are counted."""

    column: Column
    leads: Sequence[Lead]
    count: int

    @property
    def many(self) -> bool:
        return self.count > MANY

    @property
    def cut(self) -> bool:
        return self.count > len(self.leads)


def filled(holdings: QuerySet[Holding], now: datetime) -> list[Filled]:
    """What stands in each column, the most urgent first; a fixed number of questions for each."""
    return [_fill(column, holdings, now) for column in COLUMNS]


def ways(state: str) -> list[Column]:
    """Where a verb brings a lead of this state."""
    return [column for column in COLUMNS if state in column.brings]


def _fill(column: Column, holdings: QuerySet[Holding], now: datetime) -> Filled:
    if column.holds is None:
        return Filled(column, [], 0)
    rows = holdings.filter(column.holds)
    leads = shown(rows.order_by("-rank", "-person")[:SHOWN], now)
    if column.name == DEAL:
        _name_deals(leads)
    return Filled(column, leads, rows.order_by()[: MANY + 1].count() if len(leads) == SHOWN else len(leads))


def _name_deals(leads: Sequence[Lead]) -> None:
    """The oldest open deal of each."""
    people = [lead.person.pk for lead in leads]
    rows = Deal.objects.filter(person__in=people, won=None, lost=None).order_by("-pk")
    of = {deal.person_id: deal for deal in rows}
    for lead in leads:
        lead.deal = of.get(lead.person.pk)
