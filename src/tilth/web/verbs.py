"""How a page does one verb: do it, let the stages catch up on the person, say what happened, answer.

A row of the queue is swapped by itself; from any other page the answer leads back to it.
"""

from collections.abc import Callable

from django.http import HttpRequest, HttpResponse

from tilth import conveyor
from tilth.handoff.verbs import Done, Refused

from . import answer, queue, shell

Verb = Callable[[], Done]


def do(request: HttpRequest, person: int | None, verb: Verb, said: str, undo: bool = True) -> HttpResponse:
    """Answer a form that asked for `verb`.

    person    whom it is about
    said      what to tell when it was done; with Undo beside it, unless that is not possible
    """
    try:
        done = verb()
    except Refused as why:
        answer.refused(request, why)
        return shown(request, person, status=409)
    if person is not None:
        conveyor.catch_up_on(person, shell.of(request).now)
    if done.entry is not None:
        answer.said(request, said, done.entry if undo else None)
    return shown(request, person)


def shown(request: HttpRequest, person: int | None, status: int = 200) -> HttpResponse:
    """The row of this person as it is now, or the page that the form stood on."""
    if person is None or not answer.for_queue(request):
        return answer.back(request)
    around = shell.of(request)
    lead = queue.held(person, around.now)
    mine = lead and lead.holding.owner == around.me and not lead.deal
    context = {"lead": lead if mine else None, "count": queue.count(around.me)}
    return answer.part(request, "today/sales.html#answer", context, status=status)
