"""Saying who sent somebody, where they told us a name that fits nobody, or told a colleague."""

from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.translation import gettext as _

from tilth.people.models import Person
from tilth.touches.referring import about, refer
from tilth.web import answer, shell
from tilth.web.access import members
from tilth.web.find.search import search


@members()
def referrer(request: HttpRequest, pk: int) -> HttpResponse:
    """Find the referrer by name, and say so by a click."""
    person, around = get_object_or_404(Person, pk=pk), shell.of(request)
    if request.method == "POST":
        typed = request.POST.get("by", "")
        by = get_object_or_404(Person.objects.exclude(pk=pk), pk=int(typed[:18]) if typed.isdecimal() else 0)
        _row, entry = refer(person, by, around.me, around.now)
        answer.said(request, _("%(who)s was sent by %(by)s") % {"who": person, "by": by}, entry)
        return redirect("person", pk)
    unplaced = [r.named for r in about(pk)["sent_by"] if r.by_id is None]
    wanted = request.GET.get("q", "".join(unplaced[:1])).strip()
    found = [p for p in search(wanted).people if p.pk != pk]
    return render(
        request, "people/referrer.html", {"person": person, "q": wanted, "people": found, "unplaced": unplaced}
    )
