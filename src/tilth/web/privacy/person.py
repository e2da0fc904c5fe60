"""One person's privacy: what they agreed to, on which ground we keep them, their file, and erasing them."""

from dataclasses import dataclass
from typing import Any

from django.db.models import Q
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, render

from tilth.consent.models import Act, Consent, LegalBasis, Purpose, limits
from tilth.people.models import Person
from tilth.privacy.models import Takeout
from tilth.team.models import Role
from tilth.web import shell
from tilth.web.access import members

from .forms import Ground, Stop, Told

OFFICERS = (Role.MANAGER, Role.ADMIN)


@dataclass(frozen=True)
class Held:
    """One purpose: the act that says whether we may, if there is one, and all acts, newest first."""

    purpose: Purpose
    last: Consent | None
    story: list[Consent]

    @property
    def may(self) -> bool:
        return self.last is not None and self.last.holds

    @property
    def waits(self) -> bool:
        """Whether they were asked to confirm, and have not answered yet."""
        return bool(self.story) and self.story[0].act == Act.ASKED


@members()
def privacy(request: HttpRequest, pk: int) -> HttpResponse:
    who = get_object_or_404(Person.objects.select_related("company"), pk=pk)
    if shell.htmx(request).target == "takeout":
        return render(
            request, "privacy/person.html#takeout", {"person": who, "takeout": _takeout(who), "officer": _may(request)}
        )
    return show(request, who)


def show(request: HttpRequest, who: Person, **more: Any) -> HttpResponse:
    """The page; with a form that was refused, as it was typed, and status 422."""
    here = shell.of(request)
    context = {
        "person": who,
        "held": held(who),
        "bases": LegalBasis.objects.filter(person=who).select_related("by").order_by("-at", "-pk"),
        "told": Told(here.now.astimezone(here.zone).date(), here.zone),
        "ground": Ground(),
        "limits": limits(who.pk),
        "stop": Stop(),
        "takeout": _takeout(who),
        "officer": _may(request),
    }
    refused = any(getattr(form, "errors", None) for form in more.values())
    return render(request, "privacy/person.html", context | more, status=422 if refused else 200)


def held(who: Person) -> list[Held]:
    """Every purpose, with what was said about it by the person or at their browsers."""
    theirs = Q(person=who) | Q(person=None, visitor__person=who)
    rows = list(Consent.objects.filter(theirs).select_related("by").order_by("-at", "-pk"))
    last = {row.purpose: row for row in reversed(rows) if row.act != Act.ASKED}  # as `consent.models.standing`
    return [Held(p, last.get(p), [row for row in rows if row.purpose == p]) for p in Purpose]


def _takeout(who: Person) -> Takeout | None:
    return Takeout.objects.filter(person=who).order_by("-at", "-pk").first()


def _may(request: HttpRequest) -> bool:
    return shell.of(request).me.role in OFFICERS
