"""How colleagues want to hear, read for telling them: their choices, quiet hours and working weeks.

A fixed number of questions, however many colleagues.
"""

from collections import defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, time, timedelta
from zoneinfo import ZoneInfo

from tilth.agreement.models import running
from tilth.core.clock import Calendar, years_around
from tilth.core.telling import AT_ONCE, MAIL, NOT, PAGE, Quiet, digest_at, goes_at, ways
from tilth.core.terms import Terms
from tilth.core.week import calendar
from tilth.team.models import Member, days_away
from tilth.team.weeks import USUAL as USUAL_WEEK
from tilth.team.weeks import weeks

from .models import MORNING, Choice, Endpoint, Hours

USUAL = {PAGE: AT_ONCE, MAIL: NOT}  # what nobody chose; a channel of one's own is chosen by setting it up
OWN = AT_ONCE
NIGHT = Quiet(time(19), time(7), days_off=True)  # the quiet hours of who never said anything
ALWAYS = Calendar(ZoneInfo("UTC"), (((time(), time.max),),) * 7)


@dataclass(frozen=True)
class Ear:
    """How one colleague hears.

    chosen      (what, channel) to how
    channels    endpoints of their own that work, by channel
    agreed      what to how, of the agreement in force
    """

    chosen: Mapping[tuple[str, str], str]
    channels: Mapping[str, Endpoint]
    agreed: Mapping[str, str]
    quiet: Quiet
    daily: time
    calendar: Calendar

    def ways(self, what: str) -> dict[str, str]:
        """Channel to how they are told of this kind of event, but for those by which they are not."""
        usual = USUAL | dict.fromkeys(self.channels, OWN)
        chosen = {channel: self.chosen.get((what, channel), how) for channel, how in usual.items()}
        return {c: how for c, how in ways(chosen, self.agreed.get(what, NOT)).items() if how != NOT}

    def when(self, what: str, how: str, now: datetime) -> datetime:
        """When a message about something that happens now may go."""
        if how == AT_ONCE:
            return goes_at(now, self.quiet, self.calendar, self.agreed.get(what) == AT_ONCE)
        return digest_at(now, self.daily, self.calendar)


def ears(members: Iterable[Member], now: datetime) -> dict[int, Ear]:
    """How each of these hears, by id."""
    ids = {m.pk for m in members}
    version = running(now)
    chosen: dict[int, dict[tuple[str, str], str]] = defaultdict(dict)
    for member, what, channel, how in Choice.objects.filter(member__in=ids).values_list(
        "member", "what", "channel", "how"
    ):
        chosen[member][what, channel] = how
    own: dict[int, dict[str, Endpoint]] = defaultdict(dict)
    for endpoint in Endpoint.objects.filter(member__in=ids, stopped_at=None):
        own[endpoint.member_id or 0][endpoint.channel] = endpoint
    hours = Hours.objects.in_bulk(ids)
    calendars = _calendars(ids, version.terms if version else None, now)
    agreed = version.terms.tell if version else {}
    return {
        pk: Ear(chosen[pk], own[pk], agreed, _quiet(hours.get(pk)), _daily(hours.get(pk)), calendars[pk]) for pk in ids
    }


def _quiet(hours: Hours | None) -> Quiet:
    return NIGHT if hours is None else Quiet(hours.begins, hours.ends, hours.days_off)


def _daily(hours: Hours | None) -> time:
    return MORNING if hours is None else hours.digest_at


def _calendars(ids: set[int], terms: Terms | None, now: datetime) -> dict[int, Calendar]:
    """When each of them works; without an agreement nobody said, so they always may."""
    if terms is None:
        return dict.fromkeys(ids, ALWAYS)
    known, years = weeks(ids), years_around(now)
    away = days_away(ids, now.astimezone(UTC).date() - timedelta(days=1))
    return {pk: calendar(known.get(pk, USUAL_WEEK), terms, years).without(away.get(pk, frozenset())) for pk in ids}
