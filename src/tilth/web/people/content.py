"""What a person has seen of our content, and what not yet of what fits where they are on the buyer's journey (R37)."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.db.models import Count, Max, Q

from tilth.content.models import Offer
from tilth.core.terms import JOURNEY, Terms
from tilth.people.models import Person
from tilth.qualify.models import Standing
from tilth.touches.models import Evidence, Team, Touch
from tilth.web.words import JOURNEYS

SHOWN = 8


@dataclass(frozen=True)
class Piece:
    """One offer: when they last took it up (None: never), how often, and when we last sent it."""

    offer: Offer
    stage: str
    seen: datetime | None = None
    times: int = 0
    sent: datetime | None = None


@dataclass(frozen=True)
class Content:
    """Newest first what was seen; of their stage and then of the next what was not. `stage` is theirs, in words."""

    seen: Sequence[Piece]
    unseen: Sequence[Piece]
    stage: str


def content(person: Person, terms: Terms | None, standing: Standing | None) -> Content:
    """Three questions, however much there is. An offer that nobody ever took up and no form has is none of the library."""
    journey = terms.journey if terms else {}
    here = max((standing.reasons.get("journey") or 1) if standing else 1, 1)
    taken = _taken(person)
    seen = sorted((row for row in taken.values() if row["seen"]), key=lambda row: row["seen"], reverse=True)[:SHOWN]
    rows = Offer.objects.in_bulk([row["offer"] for row in seen])
    fitting = [key for key, n in journey.items() if n in (here, here + 1)]
    library = [o for o in Offer.objects.filter(key__in=fitting).order_by("name", "pk") if not _is_seen(taken, o)]
    library.sort(key=lambda o: journey[o.key])
    return Content(
        [_piece(rows[row["offer"]], journey, row) for row in seen],
        [_piece(o, journey, taken.get(o.pk)) for o in library[:SHOWN]],
        _stage(here) if journey else "",
    )


def _taken(person: Person) -> dict[int, dict[str, Any]]:
    """Offer to when and how often the person took it up, and when we last sent it."""
    theirs, ours = Q(team=Team.PERSON), Q(team__in=(Team.MARKETING, Team.SALES), kind="mail")
    rows = Touch.objects.filter(person=person, offer__isnull=False, evidence__gt=Evidence.MACHINE).values("offer")
    told = rows.annotate(seen=Max("at", filter=theirs), times=Count("pk", filter=theirs), sent=Max("at", filter=ours))
    return {row["offer"]: dict(row) for row in told.order_by()}


def _is_seen(taken: dict[int, dict[str, Any]], offer: Offer) -> bool:
    return offer.pk in taken and taken[offer.pk]["seen"] is not None


def _piece(offer: Offer, journey: Any, row: dict[str, Any] | None) -> Piece:
    told = {k: row[k] for k in ("seen", "times", "sent")} if row else {}
    return Piece(offer, _stage(journey[offer.key]) if offer.key in journey else "", **told)


def _stage(n: int) -> str:
    return str(JOURNEYS[JOURNEY[n - 1]])
