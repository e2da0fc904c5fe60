"""The care of one person: what they got so far, and writing down what no mail of ours shows."""

from typing import Any

from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST

from tilth import conveyor
from tilth.nurture import noting
from tilth.nurture.evidence import Care
from tilth.nurture.models import Enrolment, Noted, Track
from tilth.people.models import Person
from tilth.web import answer, shell
from tilth.web.access import members
from tilth.web.typed import day, text

from .listing import WHO

SHOWN = 8


def shown(around: shell.Shell, who: Person, care: list[Care], held: bool) -> dict[str, Any]:
    """What the page of a person shows of it; tracks to choose from where the member may put them in."""
    may = around.me.role in WHO
    inside = Enrolment.objects.filter(person=who, ended_at=None).values("track")
    free = Track.objects.filter(closed_at=None).exclude(pk__in=inside).order_by("name") if may and not held else []
    return {
        "care": care[:SHOWN],
        "runs": any(c.way for c in care),
        "tracks": free,
        "may_care": may,
        "care_kinds": Noted.Kind.choices,
    }


@members()
@require_POST
def note_care(request: HttpRequest, pk: int) -> HttpResponse:
    person, here = get_object_or_404(Person, pk=pk), shell.of(request)
    what, kind = text(request, "what", 200), text(request, "kind", 8)
    since, until = day(text(request, "since", 10)) or here.today, day(text(request, "until", 10))
    if not what or kind not in Noted.Kind.values:
        answer.refused(request, _("Write which care they got, such as: invited to the open day."))
    elif until and until < since:
        answer.refused(request, _("It ends before it begins. Turn the two days around."))
    else:
        _row, entry = noting.care(person, here.me, kind, what, since, until, here.now)
        answer.said(request, _("%(who)s: care noted") % {"who": person}, entry)
    return answer.back(request)


@members()
@require_POST
def answer_seen(request: HttpRequest, pk: int) -> HttpResponse:
    """Somebody saw their answer in a mailbox: every track ends for them."""
    person, here = get_object_or_404(Person, pk=pk), shell.of(request)
    _touch, entry = noting.answered(person, here.me, here.now)
    conveyor.catch_up_on(person.pk, here.now)
    answer.said(request, _("%(who)s answered: no track sends them more") % {"who": person}, entry)
    return answer.back(request)
