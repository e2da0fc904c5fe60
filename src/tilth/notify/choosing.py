"""What a member chooses: how they hear of what, when it is quiet, and a channel of their own."""

from collections.abc import Mapping
from datetime import datetime

from django.db import transaction

from tilth.core.telling import HOW, MAIL, PAGE
from tilth.team.models import Member

from . import wall
from .channels import OUTSIDE
from .hearing import NIGHT
from .models import Choice, Endpoint, Event, Hours

ASKED = [what for what in Event.What if what != Event.What.TRIAL]


def hours_of(member: Member) -> Hours:
    """The quiet hours of a member; of who never said anything, those that hold for them."""
    usual = Hours(member=member, begins=NIGHT.begins, ends=NIGHT.ends, days_off=NIGHT.days_off)
    return Hours.objects.filter(member=member).first() or usual


@transaction.atomic
def choose(member: Member, chosen: Mapping[tuple[str, str], str], hours: Hours) -> None:
    """Keep what a member wants: (what, channel) to how. What is no choice is passed over."""
    rows = [
        Choice(member=member, what=what, channel=channel, how=how)
        for (what, channel), how in chosen.items()
        if what in ASKED and channel in (PAGE, MAIL, *OUTSIDE) and how in HOW
    ]
    Choice.objects.bulk_create(
        rows, update_conflicts=True, unique_fields=["member", "what", "channel"], update_fields=["how"]
    )
    hours.member = member
    hours.save()


def set_up(member: Member, channel: str, url: str, now: datetime) -> Endpoint:
    """A channel of a member's own, anew: it tells them what concerns them.

    raises     Forbidden, Unreachable: we do not talk to this address
    """
    wall.check(url)
    values = {
        "url": url, "name": f"{OUTSIDE[channel].label}: {member.name}"[:80], "made_by": member, "made_at": now,
        "stopped_at": None, "stopped_why": "", "rests_until": None,
    }  # fmt: skip
    return Endpoint.objects.update_or_create(member=member, channel=channel, defaults=values)[0]


@transaction.atomic
def take_down(member: Member, channel: str) -> bool:
    """No such channel any more, and no choice about it; False when there was none."""
    Choice.objects.filter(member=member, channel=channel).delete()
    return bool(Endpoint.objects.filter(member=member, channel=channel).delete()[0])
