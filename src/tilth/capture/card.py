"""A card from a fair, typed on a phone: a person, a touch through our own door, and what is done next.

A phone without a connection sends again, so every card has an id of its own, and a card that was taken is
known for ever by it. Source: docs/decisions/card.md
"""

from dataclasses import dataclass
from datetime import date, datetime, timedelta

from django.db import transaction

from tilth.journal.models import note
from tilth.people.known import Told, keep
from tilth.team.models import Member, Role
from tilth.touches import record
from tilth.touches.models import Evidence, Team, Touch
from tilth.touches.next_steps import plan_step

OLDEST = timedelta(days=60)  # so long a phone may have waited; before that its clock is wrong


class _Known(Exception):
    """The same card was taken at this very moment by somebody else's hand."""


@dataclass(frozen=True)
class Card:
    """What was typed. Empty texts say nothing.

    id       random, made by the phone; the same whenever this card is sent
    at       when it was typed, by the phone's clock; aware
    event    the fair or event, as a campaign
    """

    id: str
    at: datetime
    name: str = ""
    company: str = ""
    email: str = ""
    phone: str = ""
    asked: str = ""
    event: str = ""
    next_step: str = ""
    next_on: date | None = None

    @property
    def told(self) -> Told:
        first, _, last = self.name.strip().partition(" ")
        return Told(
            emails=[self.email] if self.email else [],
            phones=[self.phone] if self.phone else [],
            person={"first_name": first, "last_name": last.strip()},
            company={"name": self.company} if self.company else {},
        )


def take_card(card: Card, by: Member, now: datetime) -> tuple[Touch, bool]:
    """The touch of a card, with its person; False when this card was taken before, and then nothing changes."""
    key = record.key("card", card.id)
    known = Touch.objects.select_related("person").filter(key=key)
    if touch := known.first():
        return touch, False
    try:
        return _take(card, key, by, now), True
    except _Known:
        return known.get(), False


@transaction.atomic
def _take(card: Card, key: bytes, by: Member, now: datetime) -> Touch:
    at = min(max(card.at, now - OLDEST), now)
    person, _made = keep(card.told, now, "card", by, at=at)
    touch, new = record.record(
        "card", at, now, person=person, team=Team.MARKETING if by.role == Role.MARKETING else Team.SALES,
        evidence=Evidence.DECLARED, member=by, campaign=record.campaign(card.event, now), source=card.event,
        medium="event" if card.event else "", properties={"note": card.asked} if card.asked else {}, key=key,
    )  # fmt: skip
    if not new:
        raise _Known
    if card.next_step:
        plan_step(person, by, card.next_step, card.next_on, now, touch)
    note("took card", touch, now, by, person.pk)
    return touch
