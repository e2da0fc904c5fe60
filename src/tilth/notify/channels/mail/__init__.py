"""By mail, as text and as HTML: one at once, or one a day with everything of that day."""

from datetime import datetime
from zoneinfo import ZoneInfo

from tilth.agreement.models import house_zone, running
from tilth.notify import outbox
from tilth.notify.models import Event, Message
from tilth.team.models import Member, Week

from . import writing


def put(event: Event, to: Member, why: str, due: datetime, now: datetime) -> None:
    """Write the mail of one event, to be sent at `due`."""
    letter = writing.one(event, why, zone_of(to, now))
    outbox.put(
        f"told {event.pk} {to.pk}", to.email, letter.subject, letter.text, letter.html, now,
        person=event.person, member=to, event=event, headers=writing.headers(event, why), due=due,
    )  # fmt: skip


def of_the_day(message: Message, now: datetime) -> writing.Letter | None:
    """The mail of a day, as it stands now; None when nothing is left of it."""
    if message.member is None:
        return None
    return writing.several(list(writing.left(message)), zone_of(message.member, now))


def zone_of(member: Member | None, now: datetime) -> ZoneInfo:
    """The zone on whose wall a colleague reads times: their own, else the agreement's, which is everybody's."""
    own = Week.objects.filter(pk=member.pk).exclude(zone="").values_list("zone", flat=True).first() if member else ""
    if own:
        return ZoneInfo(own)
    return house_zone(running(now))
