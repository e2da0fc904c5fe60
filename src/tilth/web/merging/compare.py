"""Two side by side: what each has, which one stays, and of each value that differs whose."""

from dataclasses import dataclass
from typing import Any

from django.db import transaction
from django.db.models import Max
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from tilth import conveyor
from tilth.deals.merging import merge, merge_companies
from tilth.deals.models import Deal
from tilth.handoff.models import Holding
from tilth.handoff.verbs import Done, Refused
from tilth.people.models import Company, Person
from tilth.people.united import values_of
from tilth.qualify.models import Standing
from tilth.touches.models import Touch
from tilth.web import answer, moved, shell
from tilth.web.access import members

from .duplicates import MERGING
from .telling import tell

LABELS = {
    "first_name": gettext_lazy("First name"),
    "last_name": gettext_lazy("Last name"),
    "title": gettext_lazy("Job title"),
    "country": gettext_lazy("Country"),
    "language": gettext_lazy("Language"),
    "company": gettext_lazy("Company"),
    "name": gettext_lazy("Name"),
    "industry": gettext_lazy("Industry"),
    "employees": gettext_lazy("Employees"),
    "city": gettext_lazy("City"),
    "domain": gettext_lazy("Domain"),
}


@dataclass(frozen=True)
class Line:
    """One attribute of both. `differs`: both told it, each otherwise, so one has to be chosen."""

    name: str
    label: str
    values: list[tuple[int, Any]]

    @property
    def differs(self) -> bool:
        return len({str(v) for _pk, v in self.values}) > 1 and all(v not in (None, "") for _pk, v in self.values)


@members(*MERGING)
def people(request: HttpRequest, pk: int, other: int) -> HttpResponse:
    two = _both(Person.objects.select_related("company"), pk, other)
    if two is None:
        return moved.person(pk) or moved.person(other) or moved.nowhere()
    around = shell.of(request)
    if request.method == "POST":
        return _one_of(request, two, "person", around)
    held = list(Holding.objects.filter(person__in=two).select_related("owner", "handoff").order_by("handoff__at", "pk"))
    context = {
        "two": two,
        "lines": _lines(two, {"company": [who.company for who in two]}),
        "facts": _of_people(two),
        "stays": held[0].person_id if held else _busier(two),
        "held": held if len({h.owner_id for h in held}) > 1 else [],
        "here": "person",
    }
    return render(request, "merging/compare.html", context)


@members(*MERGING)
def companies(request: HttpRequest, pk: int, other: int) -> HttpResponse:
    two = _both(Company.objects.all(), pk, other)
    if two is None:
        return moved.company(pk) or moved.company(other) or moved.nowhere()
    if request.method == "POST":
        return _one_of(request, two, "company", shell.of(request))
    counts = [firm.people.count() for firm in two]
    facts = [
        (_("People"), counts),
        (_("Deals"), [Deal.objects.filter(company=firm).count() for firm in two]),
        (_("Known since"), [firm.at for firm in two]),
    ]
    stays = two[counts.index(max(counts))].pk
    context = {"two": two, "lines": _lines(two), "facts": facts, "stays": stays, "here": "company"}
    return render(request, "merging/compare.html", context)


def _one_of(request: HttpRequest, two: list[Any], here: str, around: shell.Shell) -> HttpResponse:
    """Merge them as the form says: `keep` stays, and of an attribute the value of the one that it names."""
    survivor, merged = two if request.POST.get("keep") != str(two[1].pk) else two[::-1]
    told = {name.removeprefix("of-") for name, pk in request.POST.items() if pk == str(merged.pk)}
    owner = request.POST.get("owner", "")
    try:
        with transaction.atomic():
            done = _merge(survivor, merged, around, told, int(owner[:18]) if owner.isdecimal() else None)
            tell(done, survivor, around)
    except Refused as why:
        answer.refused(request, why)
    else:
        if here == "person":
            conveyor.catch_up_on(survivor.pk, around.now)
        words = {"one": survivor, "other": merged}
        answer.said(request, _("%(one)s and %(other)s are one now") % words, done.entry)
    return redirect(here, survivor.pk)


def _merge(survivor: Any, merged: Any, around: shell.Shell, chosen: set[str], owner: int | None) -> Done:
    if isinstance(survivor, Person):
        return merge(survivor, merged, around.me, around.now, chosen, owner)
    return merge_companies(survivor, merged, around.me, around.now, chosen)


def _both(rows: Any, pk: int, other: int) -> list[Any] | None:
    """The two in the order of the address; None when one is gone."""
    found = rows.in_bulk([pk, other])
    if pk == other:
        raise Http404
    return [found[pk], found[other]] if len(found) == 2 else None


def _lines(two: list[Any], more: dict[str, list[Any]] | None = None) -> list[Line]:
    """Every attribute that one of them has."""
    values = [values_of(who) for who in two]
    every = {name: [v.get(name) for v in values] for name in {**values[0], **values[1]}} | (more or {})
    return [
        Line(name, str(LABELS.get(name, name.replace("_", " "))), list(zip((w.pk for w in two), both, strict=True)))
        for name, both in every.items()
        if any(v not in (None, "") for v in both)
    ]


def _of_people(two: list[Person]) -> list[tuple[str, list[Any]]]:
    """What both bring along; nobody has to choose here."""
    standings = Standing.objects.in_bulk([who.pk for who in two])
    holdings = Holding.objects.select_related("owner").in_bulk([who.pk for who in two])
    counts = [Touch.objects.filter(person=who).aggregate(last=Max("at"))["last"] for who in two]
    return [
        (_("Addresses"), [", ".join(who.emails.order_by("id").values_list("address", flat=True)) for who in two]),
        (_("Numbers"), [", ".join(who.phones.order_by("id").values_list("number", flat=True)) for who in two]),
        (_("Stage"), [standings[w.pk].get_stage_display() if w.pk in standings else "" for w in two]),
        (_("Lead with"), [holdings[w.pk].owner.name if w.pk in holdings else "" for w in two]),
        (_("Touches"), [Touch.objects.filter(person=who).count() for who in two]),
        (_("Last touch"), counts),
        (_("Deals"), [Deal.objects.filter(person=who).count() for who in two]),
        (_("Known since"), [who.at for who in two]),
    ]


def _busier(two: list[Person]) -> int:
    """Who of them has more behind them; the one kept first where that is the same."""
    return max(two, key=lambda who: (Touch.objects.filter(person=who).count(), -who.pk)).pk
