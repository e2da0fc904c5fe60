"""Forming a group and saying who does what in it, one address for each."""

from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST

from tilth.content.models import Offer
from tilth.groups import verbs
from tilth.groups.models import BuyingGroup, Membership
from tilth.handoff import joined
from tilth.journal.models import Entry
from tilth.people.models import Company, Person
from tilth.web import answer, shell
from tilth.web.access import members
from tilth.web.typed import text


@members()
@require_POST
def form_group(request: HttpRequest, pk: int) -> HttpResponse:
    """A group as proposed (an offer and its people), or one on a question that somebody typed."""
    company, around = get_object_or_404(Company, pk=pk), shell.of(request)
    offer = _offer(request.POST.get("offer", ""))
    about = text(request, "about", 120) or (offer.name if offer else "")
    people = _people(request, company)
    if not about or not people:
        answer.refused(request, _("Say what they decide about, and choose at least one person."))
        return answer.back(request)
    group, entry = verbs.form(company, about, people, around.me, around.now, offer)
    return _said(request, _("They decide together about %(what)s") % {"what": group.about}, entry)


@members()
@require_POST
def join(request: HttpRequest, pk: int) -> HttpResponse:
    group, around = get_object_or_404(BuyingGroup.objects.select_related("company"), pk=pk), shell.of(request)
    people = _people(request, group.company)
    if not people:
        answer.refused(request, _("Choose who joins."))
        return answer.back(request)
    _group, entry = verbs.form(group.company, group.about, people, around.me, around.now)
    return _said(request, _("%(who)s decides with them") % {"who": people[0]}, entry)


@members()
@require_POST
def role(request: HttpRequest, pk: int) -> HttpResponse:
    row, around = _membership(pk), shell.of(request)
    entry = verbs.say_role(row, request.POST.get("role", ""), around.me, around.now)
    return _said(request, _("%(who)s: role kept") % {"who": row.person}, entry)


@members()
@require_POST
def leave_group(request: HttpRequest, pk: int) -> HttpResponse:
    row, around = _membership(pk), shell.of(request)
    entry = verbs.leave(row, around.me, around.now)
    return _said(request, _("%(who)s has no part in it") % {"who": row.person}, entry)


def _said(request: HttpRequest, words: str, entry: Entry | None) -> HttpResponse:
    if entry:
        if entry.person_id is not None:
            joined.look_again(entry.person_id, entry.at)
        answer.said(request, words, entry)
    return answer.back(request)


def _membership(pk: int) -> Membership:
    return get_object_or_404(Membership.objects.select_related("person", "group__company"), pk=pk)


def _offer(told: str) -> Offer | None:
    return Offer.objects.filter(pk=int(told[:18])).first() if told.isdecimal() else None


def _people(request: HttpRequest, company: Company) -> list[Person]:
    """Those that the form names, as far as they work at this company."""
    ids = [int(told[:18]) for told in request.POST.getlist("person") if told.isdecimal()]
    here = Person.objects.filter(company=company) | Person.objects.filter(
        positions__company=company, positions__until=None
    )
    return list(here.filter(pk__in=ids).distinct().order_by("pk"))
