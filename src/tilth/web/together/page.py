"""One verb on the leads that were ticked: what it asks, then done to each as if by itself, with one undo."""

from collections.abc import Sequence

from django.http import HttpRequest, HttpResponse
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.http import require_POST

from tilth import conveyor
from tilth.deals import together as deals
from tilth.people.models import Person
from tilth.web import answer, shell
from tilth.web.access import members

from .doings import Doing, Told, offered

MOST = 100  # leads at once
NAMED = 5  # of those that were refused, so many are named


@members()
@require_POST
def together(request: HttpRequest) -> HttpResponse:
    around, people = shell.of(request), _ticked(request)
    doing = next((d for d in offered(around) if d.name == request.POST.get("do")), None)
    if not people or doing is None:
        answer.refused(request, _("Tick at least one lead first, then choose what to do with them."))
        return answer.back(request)
    if doing.asks is None:
        return _do(request, doing, people, {})
    form = doing.asks(people, request.POST if "told" in request.POST else None)  # type: ignore[arg-type]
    if not form.is_valid():
        return answer.form(request, "together/ask.html", {"form": form, "doing": doing, "people": people})
    return _do(request, doing, people, form.cleaned_data)


def _do(request: HttpRequest, doing: Doing, people: Sequence[Person], told: Told) -> HttpResponse:
    here = shell.of(request)
    found = deals.together(people, lambda person: doing.does(person, here.me, here.now, told), here.me, here.now)
    for person in found.done:
        conveyor.catch_up_on(person.pk, here.now)
    if n := len(found.done):
        said = ngettext("%(n)s lead: %(what)s", "%(n)s leads: %(what)s", n) % {"n": n, "what": doing.past}
        answer.said(request, said, found.entry)
    if n := len(found.before):
        said = ngettext("%(n)s lead was so before: %(what)s", "%(n)s leads were so before: %(what)s", n)
        answer.said(request, said % {"n": n, "what": doing.past})
    for person, why in found.refused[:NAMED]:
        answer.refused(request, f"{person}: {why}")
    if more := len(found.refused[NAMED:]):
        answer.refused(request, ngettext("%(n)s more was refused.", "%(n)s more were refused.", more) % {"n": more})
    return answer.back(request)


def _ticked(request: HttpRequest) -> list[Person]:
    """In the order of the page, each once."""
    sent = [pk for pk in request.POST.getlist("person") if pk.isascii() and pk.isdecimal() and len(pk) < 18]
    ids = list(dict.fromkeys(int(pk) for pk in sent))[:MOST]
    found = Person.objects.select_related("company").in_bulk(ids)
    return [found[pk] for pk in ids if pk in found]
