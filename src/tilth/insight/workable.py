"""Which leads were more than sales had hours for (R9): marketing is judged on what sales can work.

Reads   Capacity (a seller's hours in a week, as it was opened), Handoff
"""

from collections import defaultdict
from datetime import date, datetime, time, timedelta

from tilth.core import release
from tilth.core.clock import week_begins
from tilth.core.terms import Terms
from tilth.handoff import releasing
from tilth.handoff.models import Capacity

WEEK = timedelta(days=7)


def beyond(terms: Terms, since: datetime, until: datetime) -> list[int] | None:
    """The handoffs from one moment until another for which their owners had no hours left; two questions.

    Each takes its owner's hours of the week in which it came, in the order in which they came. What was given to somebody
    else takes none, and an owner who said no hours has room for all.
    returns   None when no hours are known for any of these weeks
    """
    first, last = (week_begins(moment.astimezone(terms.zone).date()) for moment in (since, until))
    rooms: dict[date, dict[int, float]] = defaultdict(dict)
    for row in Capacity.objects.filter(monday__gte=first, monday__lte=last):
        rooms[row.monday][row.member_id] = row.room + row.carried
    if not rooms:
        return None
    sellers = {seller for week in rooms.values() for seller in week}
    rows = releasing.came_between(_midnight(first, terms), _midnight(last + WEEK, terms), sellers)
    came: dict[date, list[tuple[int, int, int]]] = defaultdict(list)
    for pk, owner, level, at in rows.order_by("at", "pk").values_list("pk", "owner", "level", "at"):
        came[week_begins(at.astimezone(terms.zone).date())].append((pk, owner, level))
    return [pk for monday in came for pk in release.beyond(came[monday], release.Hours(terms.release, rooms[monday]))]


def _midnight(day: date, terms: Terms) -> datetime:
    return datetime.combine(day, time(), terms.zone)
