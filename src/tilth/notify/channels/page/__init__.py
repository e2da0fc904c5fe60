"""In the page: a line under Notices, a number in the menu, and a toast on whatever page is open."""

from datetime import datetime

from tilth.notify.models import Event, Notice
from tilth.team.models import Member


def put(event: Event, to: Member, why: str, due: datetime, now: datetime) -> None:
    """Write the line. A page makes no noise, so quiet hours do not hold it back."""
    Notice.objects.create(member=to, event=event, person=event.person, why=why, at=event.at)
