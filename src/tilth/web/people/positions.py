"""One person in two companies: a second position is added, ended, or made the main one."""

from collections.abc import Callable

from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404
from django.utils.timezone import localdate
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST

from tilth import conveyor
from tilth.core import identity
from tilth.journal.models import Entry
from tilth.people.models import Person, Position
from tilth.people.positions import add_position, end_position, make_main
from tilth.web import answer, shell
from tilth.web.access import members
from tilth.web.typed import text


@members()
@require_POST
def add(request: HttpRequest, pk: int) -> HttpResponse:
    person, around = get_object_or_404(Person.objects.select_related("company"), pk=pk), shell.of(request)
    named = text(request, "company", 200)
    if not named:
        answer.refused(request, _("Write the name of the company, or its website."))
        return answer.back(request)
    domain = identity.website(named)
    entry = add_position(person, "" if domain else named, around.me, around.now, domain, text(request, "title", 120))
    if entry:
        answer.said(request, _("%(who)s works there, too") % {"who": person}, entry)
    else:
        answer.refused(request, _("That is known already."))
    return answer.back(request)


@members()
@require_POST
def end(request: HttpRequest, pk: int) -> HttpResponse:
    today = localdate(shell.of(request).now)
    return _change(request, pk, lambda row, by, now: end_position(row, by, now, today), _("%(who)s left %(firm)s"))


@members()
@require_POST
def main(request: HttpRequest, pk: int) -> HttpResponse:
    return _change(request, pk, make_main, _("%(who)s works at %(firm)s first of all"))


def _change(request: HttpRequest, pk: int, verb: Callable[..., Entry | None], said: str) -> HttpResponse:
    row, around = get_object_or_404(Position.objects.select_related("person", "company"), pk=pk), shell.of(request)
    words = {"who": row.person, "firm": row.company}
    if entry := verb(row, around.me, around.now):
        conveyor.catch_up_on(row.person_id, around.now)
        answer.said(request, said % words, entry)
    return answer.back(request)
