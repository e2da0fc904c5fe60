"""Filling in what we learned about a person. Nothing is overwritten silently: it is a fact with a name and a day."""

from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.translation import gettext as _

from tilth import conveyor
from tilth.people.known import keep
from tilth.people.models import Email, Person
from tilth.web import answer, shell
from tilth.web.access import members

from .forms import Details, known


@members()
def edit(request: HttpRequest, pk: int) -> HttpResponse:
    person, around = get_object_or_404(Person.objects.select_related("company"), pk=pk), shell.of(request)
    form = Details(request.POST or None, initial=known(person))
    if form.is_valid() and not _somebody_elses(form, person):
        keep(form.told(), around.now, "typed in", around.me, person=person)
        conveyor.catch_up_on(person.pk, around.now)
        answer.said(request, _("Saved"))
        return redirect("person", person.pk)
    return render(request, "people/edit.html", {"form": form, "person": person}, status=422 if form.is_bound else 200)


def _somebody_elses(form: Details, person: Person) -> bool:
    """Whether the address belongs to another person, which is said on the form."""
    other = (
        Email.objects.filter(address=form.cleaned_data["email"]).exclude(person=person).select_related("person").first()
    )
    if other:
        form.add_error("email", _("This is the address of %(who)s.") % {"who": other.person})
    return other is not None
