"""Putting people into a track, by their addresses or by their pages, and taking them out."""

import re
from collections.abc import Iterable

from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.http import require_POST

from tilth.handoff.verbs import Refused
from tilth.nurture import enrolling
from tilth.nurture.models import Enrolment, Track
from tilth.people.models import Person
from tilth.web import answer, shell, verbs
from tilth.web.access import members
from tilth.web.typed import text

from . import page
from .listing import WHO

MOST = 1_000


@members(*WHO)
@require_POST
def put_in(request: HttpRequest, pk: int) -> HttpResponse:
    """Many at once: `person` names rows, `emails` addresses; each is checked by itself, and who cannot is listed."""
    row = get_object_or_404(Track.objects.select_related("edition", "sender"), pk=pk)
    typed = text(request, "emails", 50_000)
    addresses = list(dict.fromkeys(re.split(r"[\s,;]+", typed.lower())))[:MOST] if typed else []
    found = dict(Person.objects.filter(emails__address__in=addresses).values_list("emails__address", "pk"))
    numbers = {int(n) for n in request.POST.getlist("person")[:MOST] if n.isdecimal() and len(n) < 18}
    unknown = [a for a in addresses if a not in found]
    refused = [_("%(address)s: nobody with this address is known.") % {"address": a} for a in unknown]
    refused += _enrol(request, row, Person.objects.filter(pk__in=numbers | set(found.values())))
    if refused:
        return page.show(request, row, refused, "\n".join(unknown))
    return redirect("track", row.pk)


@members(*WHO)
@require_POST
def put_one_in(request: HttpRequest, pk: int) -> HttpResponse:
    """The person of a page, into the track that was chosen there."""
    here, person, number = shell.of(request), get_object_or_404(Person, pk=pk), text(request, "track", 18)
    row = Track.objects.filter(pk=int(number) if number.isdecimal() else 0, closed_at=None).first()
    if row is None:
        answer.refused(request, _("Choose a track first."))
        return answer.back(request)
    said = _("%(who)s put into “%(track)s”") % {"who": person, "track": row}
    return verbs.do(request, person.pk, lambda: enrolling.put_in(row, person, here.me, here.now), said)


def _enrol(request: HttpRequest, row: Track, people: Iterable[Person]) -> list[str]:
    """Put them in, say how many came in, with one undo for all; returns why others could not."""
    here, several = shell.of(request), list(people)
    try:
        done = enrolling.enrol(row, several, here.me, here.now)
    except Refused as why:
        return [str(why)]
    n = len(done.rows)
    if done.entry:
        answer.said(
            request,
            ngettext("%(n)s put into “%(track)s”", "%(n)s put into “%(track)s”", n) % {"n": n, "track": row},
            done.entry,
        )
    elif done.already:
        answer.said(request, _("In it already."))
    return list(done.refused.values())


@members(*WHO)
@require_POST
def take_out(request: HttpRequest, pk: int) -> HttpResponse:
    here, row = shell.of(request), get_object_or_404(Enrolment.objects.select_related("person", "track"), pk=pk)
    if entry := enrolling.take_out(row, here.me, here.now):
        answer.said(
            request, _("%(who)s gets no more mails of “%(track)s”") % {"who": row.person, "track": row.track}, entry
        )
    return answer.back(request, "tracks")
