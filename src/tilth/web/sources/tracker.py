"""The tracker of one source: what to paste into a website, and what arrives from it, live."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace

from django.db.models import Max
from django.db.models.functions import Length
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, render

from tilth.capture.models import Received, Source
from tilth.core import delivery, meaning
from tilth.core.delivery import Event
from tilth.people.models import Person, Visitor
from tilth.team.models import Role
from tilth.web import shell
from tilth.web.access import members

from .words import why

DELIVERIES, EVENTS = 10, 30  # the last of both that are shown
LOOKED_THROUGH = 1_000  # deliveries of all sources: the page asks every two seconds
READ = 64_000  # bytes; a browser sends no more at once from a page that is left
CALLS = """\
// Whatever your cookie banner offers: call one of these with the answer.
tilth.consent(true, {text: "the words that the visitor read, kept as proof"});
tilth.consent(false);

// Once somebody signs in or tells who they are:
tilth.identify("your-user-id", {email: "anouk@zonneveldtomaten.example"});

// What only you know:
tilth.track("Demo Requested", {product: "Climate"});

// Before the script is there, the same as a list:
(window.tilth = window.tilth || []).push(["consent", true]);

<!-- Forms and buttons need no script: -->
<form data-tilth-form="contact">
<button data-tilth-consent="true">"""


@dataclass(frozen=True)
class Heard:
    """One event as it arrived: `who` once the browser has a name, `why` when it was refused."""

    received: Received
    event: Event | None
    who: Person | None = None
    campaign: str = ""
    why: str = ""

    @property
    def page(self) -> str:
        """What a page calls itself, else where it is; a site may say neither."""
        said = self.event.properties if self.event else {}
        return str(said.get("title") or (self.event and self.event.name) or said.get("path") or said.get("url") or "")


@members(Role.ADMIN)
def tracker(request: HttpRequest, pk: int) -> HttpResponse:
    source = get_object_or_404(Source, pk=pk)
    context = {"source": source, "heard": heard(source)}
    if shell.htmx(request):
        return render(request, "sources/tracker.html#live", context)
    address = request.build_absolute_uri("/tilth-tracker.js")
    context |= {"snippet": snippet(source, address), "calls": CALLS, "host": request.build_absolute_uri("/")[:-1]}
    return render(request, "sources/tracker.html", context)


def snippet(source: Source, address: str) -> str:
    """What to paste into every page of a website."""
    return f'<script src="{address}" data-key="{source.write_key}" defer></script>'


def heard(source: Source) -> Sequence[Heard]:
    """The last events of a source, newest first: understood, waiting or refused."""
    last = Received.objects.aggregate(last=Max("pk"))["last"] or 0
    recent = Received.objects.filter(pk__gt=last - LOOKED_THROUGH, source=source).order_by("-pk")
    newest = list(recent.values_list("pk", flat=True)[:DELIVERIES])
    small = Received.objects.filter(pk__in=newest).annotate(size=Length("body")).filter(size__lte=READ)
    found = [event for row in small.prefetch_related("refusals").order_by("-pk") for event in _events(row)][:EVENTS]
    keys = {h.event.anonymous_id for h in found if h.event}
    known = Visitor.objects.filter(key__in=keys, person__isnull=False).select_related("person")
    people = {v.key: v.person for v in known}
    return [replace(h, who=people.get(h.event.anonymous_id)) if h.event else h for h in found]


def _events(row: Received) -> Iterator[Heard]:
    """What a delivery tells, last event first; each refusal beside it, whether found now or by the conveyor."""
    events, refused = delivery.read(bytes(row.body), row.path, row.at, row.sent_at)
    reasons = {r.index: r.reason for r in row.refusals.all()} | {r.index: str(r.reason) for r in refused}
    by_index = {e.index: e for e in events}
    for index in sorted({*by_index, *reasons}, reverse=True):
        event = by_index.get(index)
        yield Heard(row, event, None, _came(event) if event else "", why(reasons[index]) if index in reasons else "")


def _came(event: Event) -> str:
    came = meaning.came_from(event)
    return " · ".join(filter(None, (came.source, came.medium, came.campaign)))
