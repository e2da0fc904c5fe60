"""All leads, newest first, narrowed by stage, cell, owner or company; page by page along the key."""

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render

from tilth.people.models import Person
from tilth.web.access import members

PAGE = 50


@members()
def leads(request: HttpRequest) -> HttpResponse:
    people = Person.objects.select_related("company", "standing", "holding__owner").order_by("-pk")
    return render(request, "people/leads.html", {"people": people[:PAGE]})
