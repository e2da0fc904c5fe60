"""The addresses outside that the house tells: Slack, Teams, webhooks; what was sent to each, and sending it again."""

from typing import Any

from django.db.models import Count, Q, QuerySet
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_POST

from tilth.core.wall import Forbidden
from tilth.journal.models import note
from tilth.notify import endpoints, sending
from tilth.notify.channels import OUTSIDE, webhook
from tilth.notify.channels.webhook.payload import payload
from tilth.notify.events import TYPES, WORDS
from tilth.notify.models import Delivery, Endpoint, Event
from tilth.notify.wall import Unreachable
from tilth.team.models import Role
from tilth.web import answer, shell
from tilth.web.access import members

from .forms import HouseChannel

SHOWN = 50
WAITS = Q(deliveries__sent_at=None, deliveries__given_up_at=None, deliveries__isnull=False)
FAILED = Q(deliveries__sent_at=None, deliveries__given_up_at__isnull=False)
STATES: dict[str, Any] = {
    "all": gettext_lazy("All"),
    "waiting": gettext_lazy("Waiting"),
    "failed": gettext_lazy("Not sent"),
    "sent": gettext_lazy("Sent"),
}


@members(Role.ADMIN)
def channels(request: HttpRequest) -> HttpResponse:
    """The list, and setting up a new one."""
    here = shell.of(request)
    form = HouseChannel(request.POST or None)
    if form.is_valid():
        try:
            row = endpoints.set_up(**_said(form), by=here.me, now=here.now)
        except (Forbidden, Unreachable) as why:
            form.add_error("url", str(why))
        else:
            endpoints.try_out(row, here.me, here.now)
            answer.said(request, _("%(name)s is told from now on. A trial is on its way.") % {"name": row.name})
            return redirect("channel", row.pk)
    rows = (
        _house().annotate(waits=Count("deliveries", WAITS), failed=Count("deliveries", FAILED)).order_by("name", "pk")
    )
    context = {"rows": rows, "form": form, "hints": [(c.label, c.hint) for c in OUTSIDE.values()], "labels": OUTSIDE}
    return render(request, "notify/channels.html", context, status=422 if form.errors else 200)


@members(Role.ADMIN)
def channel(request: HttpRequest, pk: int) -> HttpResponse:
    """One of them with what was sent there, and changing it."""
    here, row = shell.of(request), get_object_or_404(_house(), pk=pk)
    form = HouseChannel(request.POST or None, instance=row)
    if form.is_valid():
        try:
            endpoints.change(Endpoint.objects.get(pk=pk), **_said(form), by=here.me, now=here.now)
        except (Forbidden, Unreachable) as why:
            form.add_error("url", str(why))
        else:
            answer.said(request, _("Saved"))
            return redirect("channel", pk)
    state = request.GET.get("state", "")
    state = state if state in STATES else "all"
    rows = _deliveries(row, state)
    context = {
        "row": Endpoint.objects.get(pk=pk), "form": form, "state": state, "label": OUTSIDE[row.channel].label,
        "states": [(name, label, _deliveries(row, name).count()) for name, label in STATES.items()],
        "deliveries": [(d, _title(d)) for d in rows[:SHOWN]], "more": max(rows.count() - SHOWN, 0),
        "failed": _deliveries(row, "failed").exists(), "signs": row.channel == webhook.CHANNEL.name,
        "types": [(TYPES[what], what.label) for what in map(Event.What, row.events)],
    }  # fmt: skip
    return render(request, "notify/channel.html", context, status=422 if form.errors else 200)


@members(Role.ADMIN)
def delivery(request: HttpRequest, pk: int) -> HttpResponse:
    """One delivery: what it says, and every try."""
    row = get_object_or_404(Delivery.objects.select_related("endpoint", "event__person__company"), pk=pk, endpoint__member=None)  # fmt: skip
    body = payload(row) if row.endpoint.channel == webhook.CHANNEL.name and row.event else ""
    context = {"row": row, "title": _title(row), "body": body, "tries": row.tries.order_by("-pk")[:SHOWN]}
    return render(request, "notify/delivery.html", context)


@members(Role.ADMIN)
@require_POST
def again(request: HttpRequest, pk: int) -> HttpResponse:
    here, row = shell.of(request), get_object_or_404(Delivery, pk=pk, endpoint__member=None)
    if sending.send_again(Delivery.objects.filter(pk=pk), here.now):
        note("sent again", row, here.now, here.me, name=row.endpoint.name)
        answer.said(request, _("It is sent again within a second, under the same id."))
    else:
        answer.refused(request, _("It is on its way at this moment."))
    return redirect("delivery-out", pk)


@members(Role.ADMIN)
@require_POST
def all_again(request: HttpRequest, pk: int) -> HttpResponse:
    """Everything that did not arrive, once whatever was wrong is mended."""
    here, row = shell.of(request), get_object_or_404(_house(), pk=pk)
    count = sending.send_again(_deliveries(row, "failed"), here.now)
    note("sent all again", row, here.now, here.me, name=row.name, count=count)
    answer.said(request, _("%(n)s are sent again, under the same ids.") % {"n": count})
    return redirect("channel", pk)


@members(Role.ADMIN)
@require_POST
def do(request: HttpRequest, pk: int) -> HttpResponse:
    """Stop, start, try out, change the secret, remove."""
    here, row = shell.of(request), get_object_or_404(_house(), pk=pk)
    what = request.POST.get("do")
    if what == "try":
        endpoints.try_out(row, here.me, here.now)
        answer.said(request, _("A trial is on its way."))
    elif what == "stop":
        endpoints.pause(row, here.me, here.now)
        answer.said(request, _("%(name)s is told nothing until you start it again.") % {"name": row.name})
    elif what == "start":
        endpoints.resume(row, here.me, here.now)
        answer.said(request, _("%(name)s is told again, also what waited.") % {"name": row.name})
    elif what == "secret" and row.secret:
        endpoints.new_secret(row, here.me, here.now)
        answer.said(request, _("A new secret. For a day the one before signs, too."))
    elif what == "remove":
        endpoints.remove(row, here.me, here.now)
        answer.said(request, _("%(name)s is gone.") % {"name": row.name})
        return redirect("channels")
    return redirect("channel", pk)


def _house() -> QuerySet[Endpoint]:
    return Endpoint.objects.filter(member=None)


def _said(form: HouseChannel) -> dict[str, Any]:
    return dict(form.cleaned_data)


def _deliveries(row: Endpoint, state: str) -> QuerySet[Delivery]:
    rows = row.deliveries.select_related("event__person__company").order_by("-pk")
    if state == "sent":
        return rows.exclude(sent_at=None)
    if state == "failed":
        return rows.filter(sent_at=None).exclude(given_up_at=None)
    return rows.filter(sent_at=None, given_up_at=None) if state == "waiting" else rows


def _title(row: Delivery) -> str:
    return WORDS[row.event.what].title(row.event, row.why) if row.event else _("What happened on one day")
