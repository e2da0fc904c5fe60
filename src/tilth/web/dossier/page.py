"""The dossier by itself, on one sheet of paper."""

from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, render

from tilth.handoff.models import Handoff
from tilth.people.models import Person
from tilth.touches.next_steps import open_steps
from tilth.web import queue, shell
from tilth.web.access import members
from tilth.web.people.dossier import dossier
from tilth.web.people.known import Known

STEPS = 3


@members()
def page(request: HttpRequest, pk: int) -> HttpResponse:
    around = shell.of(request)
    people = Person.objects.select_related("company").prefetch_related("emails", "phones")
    person = get_object_or_404(people, pk=pk)
    lead = queue.held(person.pk, around.now)
    last = Handoff.objects.filter(person=person).select_related("owner", "by", "version").order_by("-at", "-pk").first()
    context = {
        "person": person,
        "lead": lead,
        "dossier": dossier(Known(person, around), lead.handoff if lead else last),
        "next_steps": open_steps().filter(person=person)[:STEPS],
    }
    return render(request, "dossier/dossier.html", context)
