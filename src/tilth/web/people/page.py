"""One person: where they stand and why, what is due, and everything between them and us."""

from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, render

from tilth.people.models import Person
from tilth.web.access import members


@members()
def person(request: HttpRequest, pk: int) -> HttpResponse:
    who = get_object_or_404(Person.objects.select_related("company"), pk=pk)
    return render(request, "people/person.html", {"person": who})
