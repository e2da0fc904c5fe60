"""What a member hears of, how and when: their choices, quiet hours, channels of their own, and their calendar."""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_POST

from tilth.core.telling import AT_ONCE, MAIL, NOT, PAGE
from tilth.core.wall import Forbidden
from tilth.insight.choice import forgiving
from tilth.insight.reports import REPORTS
from tilth.notify import choosing
from tilth.notify.channels import OUTSIDE
from tilth.notify.channels import calendar as feed
from tilth.notify.endpoints import try_out
from tilth.notify.hearing import OWN, USUAL, ears
from tilth.notify.models import Choice, Endpoint, Event, Feed, Subscription
from tilth.notify.wall import Unreachable
from tilth.team.models import Member
from tilth.web import answer, shell
from tilth.web.access import members

from .forms import OwnChannel, QuietHours

LABELS: dict[str, Any] = {PAGE: gettext_lazy("On the page"), MAIL: gettext_lazy("By mail")}
HOWS: dict[str, list[tuple[str, Any]]] = {
    PAGE: [(AT_ONCE, gettext_lazy("at once")), (NOT, gettext_lazy("not"))],  # a page of the day is the page itself
}
OF_MARKETING = {
    Event.What.LEAD,
    Event.What.RETURNED,
    Event.What.DECIDED,
    Event.What.DUE,
    Event.What.BREACH,
    Event.What.PLAN_B,
}


@dataclass(frozen=True)
class Cell:
    """How one channel tells of one kind of event. `raised`: what it comes to by the agreement, where that is more."""

    name: str
    label: str
    chosen: str
    hows: list[tuple[str, Any]]
    raised: str


@dataclass(frozen=True)
class Row:
    label: str
    agreed: str
    cells: list[Cell]


@members()
def hearing(request: HttpRequest) -> HttpResponse:
    """The page, and keeping what was chosen on it."""
    here = shell.of(request)
    form = QuietHours(request.POST or None, instance=choosing.hours_of(here.me))
    if form.is_valid():
        choosing.choose(here.me, _typed(request), form.save(commit=False))
        answer.said(request, _("Kept. It holds from now on."))
        return redirect("hearing")
    return _page(request, form)


@members()
@require_POST
def set_up(request: HttpRequest, channel: str) -> HttpResponse:
    if channel not in OUTSIDE or not OUTSIDE[channel].personal:
        raise Http404
    here = shell.of(request)
    form = OwnChannel(request.POST, channel=channel)
    if form.is_valid():
        try:
            endpoint = choosing.set_up(here.me, channel, form.cleaned_data["url"], here.now)
        except (Forbidden, Unreachable) as why:
            form.add_error("url", str(why))
        else:
            try_out(endpoint, here.me, here.now)
            answer.said(request, _("Kept. A trial is on its way there."))
            return redirect("hearing")
    return _page(request, QuietHours(instance=choosing.hours_of(here.me)), form)


@members()
@require_POST
def take_down(request: HttpRequest, channel: str) -> HttpResponse:
    if choosing.take_down(shell.of(request).me, channel):
        answer.said(request, _("You are not told there any more."))
    return redirect("hearing")


@members()
@require_POST
def calendar(request: HttpRequest) -> HttpResponse:
    """A new secret address, shown once; or none any more."""
    here = shell.of(request)
    if request.POST.get("do") == "close":
        if feed.close_feed(here.me):
            answer.said(request, _("The address of your calendar leads nowhere any more."))
        return redirect("hearing")
    link = feed.open_feed(here.me, here.now)
    return _page(request, QuietHours(instance=choosing.hours_of(here.me)), link=link)


def _page(request: HttpRequest, form: QuietHours, own: OwnChannel | None = None, link: str = "") -> HttpResponse:
    here = shell.of(request)
    mine = {e.channel: e for e in Endpoint.objects.filter(member=here.me)}
    personal = {name: channel for name, channel in OUTSIDE.items() if channel.personal}
    context = {
        "form": form,
        "rows": _rows(here, [PAGE, MAIL, *(name for name in personal if name in mine)]),
        "channels": [PAGE, MAIL, *(name for name in personal if name in mine)],
        "labels": [label for _name, label in _named(mine)],
        "own": [
            (channel, mine.get(name), own if own and own.channel == name else OwnChannel(channel=name))
            for name, channel in personal.items()
        ],
        "feed": Feed.objects.filter(member=here.me).first(),
        "link": link,
        "reports": list(_reports(here)),
    }
    wrong = form.errors or (own and own.errors)
    return render(request, "notify/hearing.html", context, status=422 if wrong else 200)


def _reports(here: shell.Shell) -> Iterator[tuple[Subscription, str, str]]:
    """What comes by mail, with its name and what its address asks."""
    for row in Subscription.objects.filter(member=here.me, ended_at=None).order_by("report", "pk"):
        if report := REPORTS.get(row.report):
            choice = forgiving(report, row.chosen, here.today, here.zone)
            yield row, f"{report.title}: {choice.said}", choice.query


def _named(mine: dict[str, Endpoint]) -> list[tuple[str, Any]]:
    return [*LABELS.items(), *((name, c.label) for name, c in OUTSIDE.items() if name in mine)]


def _rows(here: shell.Shell, channels: list[str]) -> list[Row]:
    """Every kind of event that this member may hear of."""
    me = here.me
    ear, agreed = ears([me], here.now)[me.pk], here.terms.tell if here.terms else {}
    labels = LABELS | {name: channel.label for name, channel in OUTSIDE.items()}
    rows = []
    for what in _asked(me):
        ways = ear.ways(what)
        cells = []
        for channel in channels:
            wanted = ear.chosen.get((what, channel), USUAL.get(channel, OWN))
            comes = ways.get(channel, NOT)
            name = f"{what.value}.{channel}"
            hows = HOWS.get(channel, list(Choice.How.choices))
            raised = str(dict(Choice.How.choices)[comes]) if comes != wanted and channel in ways else ""
            cells.append(Cell(name, f"{what.label}: {labels[channel]}", wanted, hows, raised))
        told = agreed.get(what)
        rows.append(Row(str(what.label), str(dict(Choice.How.choices)[told]) if told else "", cells))
    return rows


def _asked(me: Member) -> list[Event.What]:
    return [what for what in choosing.ASKED if me.role != "marketing" or what in OF_MARKETING]


def _typed(request: HttpRequest) -> dict[tuple[str, str], str]:
    """What was chosen: a field is called `handoff.mail`."""
    out = {}
    for name, how in request.POST.items():
        what, dot, channel = name.partition(".")
        if dot:
            out[what, channel] = str(how)
    return out
