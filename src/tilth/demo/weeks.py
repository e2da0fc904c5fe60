"""How Kasbouw's sellers work: one of them part-time, one new, who is away when, and who stands in."""

from datetime import date, datetime, timedelta
from zoneinfo import ZoneInfo

from tilth.agreement.models import running
from tilth.core.clock import week_begins
from tilth.handoff.routing import sellers
from tilth.team.models import Absence, Member, Week

from . import cast

ZONE = ZoneInfo("Europe/Amsterdam")
PART_TIME = {day: ["09:00-17:00"] for day in ("monday", "tuesday", "wednesday")}
ROOM = {"bob": 14.0, "femke": 12.0, "mehmet": 14.0}
NEW_AFTER = 0.8  # of the story, when somebody new begins


def arrange(members: dict[str, Member], begin: datetime, now: datetime) -> None:
    """Hours for new leads, part-time, and who will be away."""
    for name, room in ROOM.items():
        Week.objects.create(member=members[name], room=room)
    Week.objects.create(member=members["katrin"], room=8.0, hours=PART_TIME)
    _away(members, "femke", _monday(begin + (now - begin) * 0.45), 4, "Holiday", "bob")
    _away(members, "mehmet", _monday(begin + (now - begin) * 0.65) + timedelta(days=1), 2, "Flu")
    _away(members, "katrin", now.date() + timedelta(days=9), 4, "Holiday", "femke")


def welcome(members: dict[str, Member], begin: datetime, now: datetime, moment: datetime) -> None:
    """Somebody new begins when the time has come, with few leads at first."""
    if "lotte" not in members and moment >= begin + (now - begin) * NEW_AFTER:
        lotte = members["lotte"] = cast.join(cast.NEW, moment)
        Week.objects.create(member=lotte, room=12.0, begins=moment.astimezone(ZONE).date(), ramp_weeks=8)


def at_work(moment: datetime) -> set[int]:
    """The ids of the sellers who work on this day."""
    version = running(moment)
    return {seller.id for seller in sellers(version.terms, moment) if not seller.away} if version else set()


def _away(members: dict[str, Member], who: str, first: date, days: int, why: str, stand_in: str = "") -> None:
    last, other = first + timedelta(days=days), members.get(stand_in)
    Absence.objects.create(member=members[who], first=first, last=last, why=why, stand_in=other)


def _monday(moment: datetime) -> date:
    return week_begins(moment.astimezone(ZONE).date())
