"""What stands around every page: who looks, under which agreement, and the menu.

`of(request)` makes it once per request. A page takes `now`, `version`, `terms`, `zone` and `currency`
from here, so that one page has one clock and asks for the agreement once.
"""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import date, datetime
from functools import cache, cached_property
from typing import Any
from zoneinfo import ZoneInfo

from django.http import HttpRequest
from django.urls import NoReverseMatch, resolve, reverse
from django.utils.functional import SimpleLazyObject
from django.utils.translation import gettext_lazy as _
from django_htmx.middleware import HtmxDetails

from tilth.agreement.models import Version, house_zone, running
from tilth.core.terms import Terms
from tilth.forms import submissions
from tilth.handoff.court import sits, waiting
from tilth.handoff.models import Holding
from tilth.handoff.passing import passes_on
from tilth.notify.models import unread
from tilth.qualify.models import SALES_LATE, Ripe
from tilth.team.models import Member, Role

from . import clock


@dataclass(frozen=True)
class Place:
    """One line of the menu. It is shown when its page exists and lets the member in."""

    name: str
    label: Any
    icon: str
    section: Any = ""
    count: Callable[["Shell"], int] | None = None

    @property
    def is_counted(self) -> bool:
        return self.count is not None


def _waiting(desk: "Shell") -> int:
    """How many leads wait in the member's queue."""
    return Holding.objects.filter(owner=desk.me, open_deals=0).count() if desk.me.role == Role.SALES else 0


def _held(desk: "Shell") -> int:
    """How much came through forms that somebody should look at."""
    return submissions.held().count()


def _at_the_desk(desk: "Shell") -> int:
    """How many leads wait for an owner, for who gives them one."""
    return Ripe.objects.filter(waits_for__in=SALES_LATE).count() if passes_on(desk.me, desk.version) else 0


def _in_court(desk: "Shell") -> int:
    """How many returns wait for the member's verdict."""
    return waiting().exclude(member=desk.me).count() if sits(desk.me, desk.terms) else 0


PLACES = [
    Place("today", _("Today"), "home", count=_waiting),
    Place("notices", _("Notices"), "bell", count=lambda desk: desk.unread[0]),
    Place("board", _("Board"), "layout-dashboard"),
    Place("my-week", _("Week"), "calendar"),
    Place("leads", _("Leads"), "users"),
    Place("companies", _("Companies"), "building-community"),
    Place("deals", _("Deals"), "heart-handshake"),
    Place("desk", _("Desk"), "inbox", count=_at_the_desk),
    Place("court", _("Court"), "gavel", count=_in_court),
    Place("card", _("Card from the fair"), "id-badge-2"),
    Place("goal", _("Plan"), "target-arrow", _("Together")),
    Place("agreement", _("Agreement"), "writing-sign", _("Together")),
    Place("scoreboard", _("Scoreboard"), "chart-line", _("Together")),
    Place("insight", _("Insight"), "report", _("Together")),
    Place("promises", _("Promises"), "clipboard-check", _("Together")),
    Place("balance", _("Balance"), "scale", _("Together")),
    Place("leaks", _("Leaks"), "droplet", _("Together")),
    Place("tracks", _("Care"), "plant", _("House")),
    Place("forms", _("Forms"), "forms", _("House"), count=_held),
    Place("imports", _("Import"), "upload", _("House")),
    Place("sources", _("Sources"), "plug-connected", _("House")),
    Place("outbox", _("Outbox"), "send", _("House")),
    Place("channels", _("Channels"), "webhook", _("House")),
    Place("duplicates", _("Duplicates"), "git-compare", _("House")),
    Place("team", _("Team"), "users-group", _("House")),
    Place("privacy", _("Privacy"), "shield-check", _("House")),
]
DOINGS = [Place("lead-new", _("Add a lead"), "user-plus")]
TABS = ("today", "leads", "scoreboard")


class Shell:
    """The surroundings of one request."""

    def __init__(self, request: HttpRequest) -> None:
        self.request = request
        self.now: datetime = clock.now()
        self.counts: dict[str, int] = {}  # of a place, where the page knows it already

    @cached_property
    def member(self) -> Member | None:
        user = getattr(self.request, "user", None)
        return user if user is not None and user.is_authenticated else None

    @property
    def me(self) -> Member:
        """The member, on pages that only members see."""
        assert self.member is not None
        return self.member

    @cached_property
    def version(self) -> Version | None:
        return running(self.now)

    @property
    def terms(self) -> Terms | None:
        return self.version.terms if self.version else None

    @property
    def zone(self) -> ZoneInfo:
        return house_zone(self.version)

    @property
    def today(self) -> date:
        return self.now.astimezone(self.zone).date()

    @property
    def currency(self) -> str:
        return self.terms.currency if self.terms else "EUR"

    @property
    def theme(self) -> str:
        return self.member.theme if self.member else "auto"

    @cached_property
    def menu(self) -> list[dict[str, Any]]:
        """The lines of the menu in order; `section` is set on the first line of a section."""
        out: list[dict[str, Any]] = []
        section: Any = ""
        for place, url in self._open(PLACES):
            starts = place.section if place.section != section else ""
            section = place.section
            out.append(
                {"place": place, "url": url, "section": starts, "count": self._count(place), "here": self._is_here(url)}
            )
        return out

    @cached_property
    def unread(self) -> tuple[int, int]:
        """How many notices wait for the member, and the newest of them; asked once per page."""
        return unread(self.me)

    @property
    def tabs(self) -> list[dict[str, Any]]:
        return [line for line in self.menu if line["place"].name in TABS]

    @property
    def doings(self) -> list[tuple[Place, str]]:
        """What can be begun from anywhere, with its address."""
        return list(self._open(DOINGS))

    def may_open(self, name: str) -> bool:
        """Whether the page of this name exists and lets the member in."""
        return self.member is not None and _lets_in(name, self.member.role)

    def _count(self, place: Place) -> int:
        if place.name not in self.counts:
            self.counts[place.name] = place.count(self) if place.count else 0
        return self.counts[place.name]

    def _open(self, places: list[Place]) -> Iterator[tuple[Place, str]]:
        return ((p, reverse(p.name)) for p in places if self.may_open(p.name))

    def _is_here(self, url: str) -> bool:
        return self.request.path == url or (url != "/" and self.request.path.startswith(url))


def of(request: HttpRequest) -> Shell:
    """The shell of this request, made once."""
    if not hasattr(request, "tilth"):
        request.tilth = Shell(request)  # type: ignore[attr-defined]
    return request.tilth  # type: ignore[attr-defined]


def htmx(request: HttpRequest) -> HtmxDetails:
    """What htmx says about this request; false when a browser sent it by itself."""
    return request.htmx  # type: ignore[attr-defined]


def shell(request: HttpRequest) -> dict[str, Any]:
    """Context processor: `shell`, `now` and `currency` in every template, looked up when used."""
    around = of(request)
    return {"shell": around, "now": around.now, "currency": SimpleLazyObject(lambda: around.currency)}


@cache
def _lets_in(name: str, role: str) -> bool:
    try:
        roles = getattr(resolve(reverse(name)).func, "roles", ())
    except NoReverseMatch:
        return False
    return not roles or role in roles
