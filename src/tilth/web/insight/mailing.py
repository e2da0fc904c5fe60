"""Getting a report by mail, and no more of it: on its page, among what one hears of, or by the link in the mail."""

from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils.translation import get_language, override
from django.utils.translation import gettext as _
from django.views.decorators.csrf import csrf_exempt
from django.views.decorators.http import require_POST

from tilth.notify import subscribing
from tilth.notify.models import Subscription
from tilth.web import answer, clock, shell
from tilth.web.access import members

from .choosing import chosen


@members()
@require_POST
def subscribe(request: HttpRequest, name: str) -> HttpResponse:
    here, choice = shell.of(request), chosen(request, name)
    every = request.POST.get("every", "")
    if every not in Subscription.Every:
        answer.refused(request, _("Choose when it should come."))
    else:
        language = get_language() or "en"
        row = subscribing.subscribe(here.me, choice.report, choice.chosen, every, language, here.now)
        answer.said(request, _("It comes to you %(every)s.") % {"every": row.get_every_display()})
    return redirect(reverse("report", args=[name]) + (f"?{choice.query}" if choice.query else ""))


@members()
@require_POST
def stop(request: HttpRequest, pk: int) -> HttpResponse:
    here = shell.of(request)
    row = get_object_or_404(Subscription, pk=pk, member=here.me)
    if entry := subscribing.stop(row.pk, here.now, here.me):
        answer.said(request, _("It does not come any more."), entry)
    return answer.back(request, "hearing")


@csrf_exempt  # mail programs post here by themselves, without a cookie: RFC 8058
def stop_by_link(request: HttpRequest, token: str) -> HttpResponse:
    """Opening the link ends nothing: scanners open links, too."""
    row = subscribing.opened(token)
    if row is None:
        return render(request, "public/unsubscribe.html", {"gone": True, "theme": "auto"}, status=410)
    with override(row.language):
        if request.method == "POST":
            subscribing.stop(row.pk, clock.now())
        done = request.method == "POST" or row.ended_at is not None
        return render(request, "public/unsubscribe.html", {"done": done, "theme": "auto"})
