"""Telling sales of a campaign before its leads come: a fact with what was said, and an undo."""

from datetime import datetime

from django.db import transaction

from tilth.journal.models import Entry, note
from tilth.team.models import Member

from .models import Briefing, Campaign

BRIEFED = "briefed sales"


@transaction.atomic
def brief(campaign: Campaign, by: Member, said: str, now: datetime) -> tuple[Briefing, Entry]:
    """Write down what sales was told of a campaign. Told again, the newest counts."""
    row = Briefing.objects.create(campaign=campaign, by=by, at=now, said=said)
    return row, note(BRIEFED, row, now, by, campaign=campaign.name)


def undo_briefing(entry: Entry) -> bool:
    """Undo the verb above; False when the entry tells of something else. See `deals.verbs.undo`."""
    if entry.verb != BRIEFED:
        return False
    return bool(Briefing.objects.filter(pk=entry.subject_id).delete()[0])
