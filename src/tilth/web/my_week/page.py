"""My week: the hours for new leads that somebody said, what came of them, and who waits for the next. Others see everybody's."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any

from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils.translation import gettext as _

from tilth.agreement.models import Version
from tilth.core.release import Capacity
from tilth.handoff import releasing
from tilth.handoff.models import Handoff
from tilth.qualify.models import Ripe
from tilth.team.models import Member, Role
from tilth.web import charts, shell, words
from tilth.web.access import members

SHOWN = 10


@dataclass(frozen=True)
class Row:
    """One seller's hours in a week; `hours` is None when they said none."""

    member: Member
    hours: Capacity | None

    @property
    def free(self) -> float:
        return max(self.hours.free, 0) if self.hours else 0

    @property
    def over(self) -> float:
        """Hours beyond what was said, by raised hands."""
        return max(-self.hours.free, 0) if self.hours else 0

    @property
    def meter(self) -> str:
        """What is taken of what there is."""
        assert self.hours is not None
        there = self.hours.room + max(self.hours.carried, 0)
        used = self.hours.taken + max(-self.hours.carried, 0)
        label = _("%(taken)s of %(room)s hours taken") % {
            "taken": words.number(self.hours.taken, 1), "room": words.number(self.hours.room, 1),
        }  # fmt: skip
        share = used / there if there else float(used > 0)
        return charts.meter([(share, "plum" if self.over else "leaf")], label, height=10)


@members(Role.SALES, Role.MANAGER, Role.MARKETING)
def my_week(request: HttpRequest) -> HttpResponse:
    here = shell.of(request)
    if here.version is None:
        return render(request, "my_week/week.html", {"rows": None})
    sellers = list(_sellers(here))
    hours = releasing.capacities(here.version, here.now, [m.pk for m in sellers])
    monday = releasing.monday_of(here.version.terms, here.now)
    context: dict[str, Any] = {
        "rows": [Row(member, hours.get(member.pk)) for member in sellers],
        "monday": monday,
        "sunday": monday + timedelta(days=6),
        "release": here.version.terms.release,
        "held_back": releasing.by_capacity(here.version),
        "waiting": _waiting()[:SHOWN],
        "waiting_n": _waiting().count(),
    }
    if here.me.role == Role.SALES:
        context |= {"mine": context["rows"][0], "came": _came(here.me, here.version, monday), "past": _past(here)}
    return render(request, "my_week/week.html", context)


def _sellers(here: shell.Shell) -> Iterable[Member]:
    """Oneself; who does not sell sees everybody who does."""
    return [here.me] if here.me.role == Role.SALES else Member.objects.selling().order_by("name")


def _waiting() -> QuerySet[Ripe]:
    """Who waits for hours, the one that goes first in front."""
    rows = Ripe.objects.filter(waits_for=Ripe.Lack.ROOM).select_related("person__company", "person__standing")
    return rows.order_by("-rank", "-person")


def _came(member: Member, version: Version, monday: date) -> list[tuple[Handoff, float]]:
    """The leads of this week, the newest first, with the hours that each takes."""
    rows = releasing.came(version.terms, monday, [member.pk]).select_related("person__company").order_by("-at")
    return [(row, version.terms.release.hours[row.level]) for row in rows]


def _past(here: shell.Shell) -> list[tuple[date, Capacity]]:
    assert here.version is not None
    return releasing.past(here.version, here.me, here.now)
