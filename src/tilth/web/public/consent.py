"""Saying yes and saying no by a link in a mail. Opening the link does neither: scanners open links too."""

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils.translation import override
from django.views.decorators.csrf import csrf_exempt

from tilth import conveyor
from tilth.consent.models import Act, standing
from tilth.forms import confirming
from tilth.notify import unsubscribe as way_out
from tilth.web import clock

from . import sender


@csrf_exempt  # whoever has the link may press the button
def confirm(request: HttpRequest, secret: str) -> HttpResponse:
    now, who = clock.now(), sender.of(request)
    asked = confirming.opened(secret, now)
    pressed = request.method == "POST" and asked is not None and not asked.late
    if pressed:
        confirming.confirm(secret, now, who.network, who.agent)
    gone = asked is None or (asked.late and not asked.done)
    with override(sender.language(request, asked.language if asked else "")):
        context = {"asked": asked, "done": asked and (pressed or asked.done), "gone": gone, "theme": "auto"}
        return render(request, "public/confirm.html", context, status=410 if gone else 200)


@csrf_exempt  # mail programs post here by themselves, without a cookie: RFC 8058
def unsubscribe(request: HttpRequest, token: str) -> HttpResponse:
    now, way = clock.now(), way_out.open_(token)
    with override(sender.language(request, way.person.language if way else "")):
        if way is None:
            return render(request, "public/unsubscribe.html", {"gone": True, "theme": "auto"}, status=410)
        if request.method == "POST":
            who = sender.of(request)
            way_out.unsubscribe(way, now, who.network, who.agent)
            conveyor.catch_up_on(way.person.pk, now)  # what waits in the outbox must not go any more
        last = standing([way.person.pk]).get(way.person.pk, {}).get(way.purpose)
        context = {"done": last is not None and last.act == Act.WITHDRAWN, "theme": "auto"}
        return render(request, "public/unsubscribe.html", context)
