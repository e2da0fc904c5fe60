"""What comes next with a person, as somebody said it: written down, done, and on Today of who said it."""

from datetime import timedelta

from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST

from tilth.people.models import Person
from tilth.touches.models import NextStep
from tilth.touches.next_steps import LONGEST, do_step, open_steps, plan_step
from tilth.web import answer, shell
from tilth.web.access import members
from tilth.web.typed import day, text

SHOWN = 8
AHEAD = timedelta(days=7)


@members()
@require_POST
def plan(request: HttpRequest, pk: int) -> HttpResponse:
    person, around = get_object_or_404(Person, pk=pk), shell.of(request)
    what = text(request, "what", LONGEST)
    if not what:
        answer.refused(request, _("Write what you do next."))
        return answer.back(request)
    _step, entry = plan_step(person, around.me, what, day(text(request, "on", 10)), around.now)
    answer.said(request, _("%(who)s: next step kept") % {"who": person}, entry)
    return answer.back(request)


@members()
@require_POST
def done(request: HttpRequest, pk: int) -> HttpResponse:
    step, around = get_object_or_404(NextStep.objects.select_related("person"), pk=pk), shell.of(request)
    if entry := do_step(step, around.me, around.now):
        answer.said(request, _("%(who)s: done, %(what)s") % {"who": step.person, "what": step.what}, entry)
    return answer.back(request)


def mine(around: shell.Shell) -> QuerySet[NextStep]:
    """What this member said they would do, as far as it is late, due within a week or without a day; one query."""
    until = around.now.astimezone(around.zone).date() + AHEAD
    return open_steps().filter(member=around.me).exclude(on__gt=until)[:SHOWN]
