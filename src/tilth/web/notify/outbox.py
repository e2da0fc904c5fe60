"""The outbox: mail that waits, was sent, or was given up with what the server said; and sending it again."""

from typing import Any

from django.conf import settings
from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_POST

from tilth.journal.models import note
from tilth.notify import deliver
from tilth.notify.channels import mail
from tilth.notify.models import Message
from tilth.team.models import Role
from tilth.web import answer, shell
from tilth.web.access import members

SHOWN = 100
STATES: dict[str, Any] = {
    "waiting": gettext_lazy("Waiting"),
    "failed": gettext_lazy("Not sent"),
    "sent": gettext_lazy("Sent"),
}


@members(Role.ADMIN)
def outbox(request: HttpRequest) -> HttpResponse:
    state = request.GET.get("state", "")
    state = state if state in STATES else "waiting"
    rows = _rows(state).select_related("person", "member")
    context = {
        "state": state,
        "states": [(name, label, _rows(name).count()) for name, label in STATES.items()],
        "rows": rows[:SHOWN],
        "more": max(rows.count() - SHOWN, 0),
        "no_mail": settings.MAIL is None,
        "no_sender": not settings.MAIL_FROM,
    }
    return render(request, "notify/outbox.html", context)


def _rows(state: str) -> QuerySet[Message]:
    if state == "sent":
        return Message.objects.exclude(sent_at=None).order_by("-sent_at", "-pk")
    if state == "failed":
        return (
            Message.objects.filter(sent_at=None, withdrawn_at=None)
            .exclude(given_up_at=None)
            .order_by("-given_up_at", "-pk")
        )
    return deliver.waiting().order_by("due_at", "pk")


@members(Role.ADMIN)
@require_POST
def again(request: HttpRequest, pk: int) -> HttpResponse:
    here, row = shell.of(request), get_object_or_404(Message, pk=pk)
    if deliver.send_again(row, here.now):
        note("sent again", row, here.now, here.me, person=row.person_id, subject=row.subject)
        answer.said(request, _("It is tried again within a second."))
    elif row.withdrawn_at:
        answer.refused(request, _("It is wanted no longer, so it never goes."))
    else:
        answer.refused(request, _("It has been sent meanwhile."))
    return redirect("outbox")


@members(Role.ADMIN)
def message(request: HttpRequest, pk: int) -> HttpResponse:
    """One mail as it is written: the text of it, and who gets it when. That of a day is as it would be now."""
    row = get_object_or_404(Message, pk=pk)
    day = None if row.text else mail.of_the_day(row, shell.of(request).now)
    return render(request, "notify/message.html", {"row": row, "text": day.text if day else row.text})
