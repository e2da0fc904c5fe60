"""All leaks by kind, what is most at risk first, with whom or by when each is taken further."""

from dataclasses import dataclass
from datetime import date
from typing import Any

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from tilth.core.clock import calendar_of, days_later, years_around
from tilth.core.routing import Routing
from tilth.core.terms import Terms
from tilth.handoff.passing import passes_on
from tilth.handoff.routing import propose, sellers
from tilth.leaks import finding
from tilth.leaks.finding import Found, Leak
from tilth.leaks.kinds import FREE, GETS_OWNER, Kind
from tilth.leaks.places import LEADS, places
from tilth.people.models import Person
from tilth.team.models import Role
from tilth.web import shell, words
from tilth.web.access import members
from tilth.web.shell import Shell

SEES = (Role.MARKETING, Role.SALES, Role.MANAGER)
STEPS = {
    Kind.BLOCKED: gettext_lazy("Find out what is missing"),
    Kind.OVERDUE: gettext_lazy("Call, as was promised"),
    Kind.STALE: gettext_lazy("Ask how things are"),
    Kind.NO_STEP: gettext_lazy("Agree what comes next"),
    Kind.NO_PLAN: gettext_lazy("Decide how care goes on"),
}


@dataclass(frozen=True)
class Row:
    """One leak as the page shows it; `proposed` is the owner whom routing names, `step` what is proposed to do."""

    leak: Leak
    person: Person
    says: str
    proposed: str
    step: str
    may: bool

    @property
    def owner(self) -> Any:
        holding = getattr(self.person, "holding", None)
        return holding and holding.owner

    @property
    def has_deal(self) -> bool:
        """Then a person says who takes it over, and nobody is proposed."""
        holding = getattr(self.person, "holding", None)
        return bool(holding and holding.open_deals)


@members(*SEES)
def leaks(request: HttpRequest) -> HttpResponse:
    here = shell.of(request)
    if here.terms is None:
        return render(request, "leaks/leaks.html", {"terms": None})
    found = finding.found(here.terms, here.now)
    unbriefed = finding.unbriefed(here.terms, here.now)
    context = {
        "terms": here.terms,
        "kinds": [(f, f.kind in GETS_OWNER, rows) for f, rows in _rows(found, here)],
        "n": sum(f.n for f in found),
        "at_risk": sum(f.at_risk for f in found),
        "faded": sum(f.faded for f in found),
        "unbriefed": unbriefed,
        "may_brief": here.me.role in (Role.MARKETING, Role.MANAGER),
        "sellers": sellers(here.terms, here.now),
        "by": next_day(here.terms, here),
        "places": [(place, [place.stages.get(stage, 0) for stage in LEADS]) for place in places(here.terms, here.now)],
        "stages": [stage.label for stage in LEADS],
    }
    return render(request, "leaks/leaks.html", context)


def next_day(terms: Terms, here: Shell) -> date:
    """The next working day: by then something is done about a leak."""
    return days_later(here.now, 1, calendar_of(terms, years_around(here.now))).astimezone(terms.zone).date()


def _rows(found: list[Found], here: Shell) -> list[tuple[Found, list[Row]]]:
    """The leaks that are shown, with their people; a bounded number of queries."""
    ids = [leak.person for f in found for leak in f.first]
    rows = Person.objects.select_related("company", "holding__owner", "ripe", "standing")
    people = rows.prefetch_related("emails", "phones").in_bulk(ids)
    proposed = _proposed(found, people, here)
    manages = passes_on(here.me, here.version)
    return [(f, [_row(leak, people[leak.person], proposed, manages, here) for leak in f.first]) for f in found]


def _row(leak: Leak, person: Person, proposed: dict[int, str], manages: bool, here: Shell) -> Row:
    kind = Kind(leak.kind)
    mine = getattr(person, "holding", None) is not None and person.holding.owner_id == here.me.pk
    marketing = kind in FREE and here.me.role == Role.MARKETING
    step = str(STEPS.get(kind, ""))
    return Row(leak, person, _says(kind, person), proposed.get(person.pk, ""), step, manages or mine or marketing)


def _proposed(found: list[Found], people: dict[int, Person], here: Shell) -> dict[int, str]:
    """Person to whom routing would give the lead now."""
    ids = [leak.person for f in found if f.kind in GETS_OWNER for leak in f.first]
    if here.version is None or not ids:
        return {}
    names = {seller.id: seller.name for seller in sellers(here.version.terms, here.now)}
    given = propose([people[pk] for pk in ids], here.version, here.now)
    return {pk: names[to.owner] for pk, to in given.items() if isinstance(to, Routing)}


def _says(kind: Kind, person: Person) -> str:
    """What exactly is wrong, in one line."""
    if kind == Kind.OWNER_GONE:
        return _("%(who)s cannot see to it any more.") % {"who": person.holding.owner}
    ripe = getattr(person, "ripe", None)
    if kind == Kind.BLOCKED and ripe is not None:
        return _("Missing: %(fields)s") % {"fields": ", ".join(words.field(name) for name in ripe.missing)}
    if kind == Kind.NO_OWNER and ripe is not None and ripe.waits_for:
        return str(ripe.get_waits_for_display())
    return ""
