"""One person: where they stand and why, what is due, and everything between them and us."""

from datetime import timedelta
from typing import Any

from django.db.models import Q
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render

from tilth.consent.models import limits
from tilth.core.routing import CALL_TEAM
from tilth.handoff import joined
from tilth.handoff.models import Handoff
from tilth.handoff.passing import passes_on
from tilth.people.models import Duplicate, Merge, Person
from tilth.people.positions import current
from tilth.qualify.models import Ripe
from tilth.team.models import Member, Role
from tilth.touches.models import Evidence, Team, Touch
from tilth.touches.next_steps import open_steps
from tilth.touches.referring import about
from tilth.web import alarm, charts, moved, queue, shell, why, words
from tilth.web.access import members
from tilth.web.nurture import care
from tilth.web.privacy.person import held

from . import standing, timeline, turn
from .before import before, waits_for
from .contacts import LOGGED
from .dossier import dossier
from .follow_up import follow_up
from .known import Known

COLLEAGUES, STEPS = 8, 5


@members()
def person(request: HttpRequest, pk: int) -> HttpResponse:
    around = shell.of(request)
    people = Person.everyone.select_related("company").prefetch_related("emails", "phones")
    who = people.filter(pk=pk).first()
    if who is None:
        return moved.person(pk) or moved.nowhere()
    if who.erased_at:
        return render(request, "privacy/erased.html", {"person": who}, status=410)
    lane = request.GET.get("lane", "") if request.GET.get("lane") in Team.values else ""
    machines = request.GET.get("machines") != "no"
    events = timeline.timeline(who, around.now, lane, request.GET.get("before", ""), machines)
    context: dict[str, Any] = {"person": who, "events": events, "lane": lane, "machines": machines}
    context |= {"lanes": timeline.lanes(who), "by_machines": timeline.by_machines(who)}
    if shell.htmx(request).target == "older":
        return render(request, "people/person.html#older", context)
    known = Known(who, around)
    context |= _head(known) | _beside(known)
    context |= care.shown(around, who, known.care, context["lead"] is not None)
    return render(request, "people/person.html", context)


def _head(known: Known) -> dict[str, Any]:
    """Stage, clock, owner, cell and the reasons."""
    around, who, now = known.around, known.person, known.standing
    lead = queue.held(who.pk, around.now)
    last = lead.handoff if lead else _last_handoff(who)
    ripe = Ripe.objects.filter(person=who).first()
    mine = lead is not None and (lead.holding.owner == around.me or around.me.role == Role.MANAGER)
    context: dict[str, Any] = {
        "lead": lead,
        "mine": mine and around.me.role in (Role.SALES, Role.MANAGER),
        "handoff": last,
        "standing": now,
        "stem": standing.stem(who, now, last, lead is not None),
        "ripe": ripe,
        "too_late": alarm.of_one(around, ripe),
        "logged": LOGGED,
        "why_owner": why.of(last) if last else None,
        "before": before(who, last),
        "waits_for": "" if lead else waits_for(who, now, around.terms),
        "joining": None if lead else joined.of(who.pk),
        "next_steps": open_steps().filter(person=who)[:STEPS],
        "follow_up": follow_up(lead) if lead else [],
    }
    if lead:
        context["dossier"] = dossier(known, lead.handoff)
    if lead and not lead.deal:
        context |= _next_owner(around, lead, mine)
    if lead and lead.due:
        context["used"] = _used(lead)
    if lead and mine and lead.holding.owner == around.me and not lead.deal:
        context["neighbours"] = queue.neighbours(around.me, who.pk, around.now)
    if around.terms:
        context["missing"] = standing.missing(who, around.terms)
    if around.terms and now and now.grade:
        context |= {
            "mini": standing.mini(around.terms, now),
            "fit": standing.fit(around.terms, now),
            "interest": standing.interest(around.terms, now),
            "journey": turn.journey(around.terms, now),
            "turn": turn.turn(around.terms, now, ripe, bool(lead or context["joining"]), bool(lead and lead.accepted)),
            "segment": turn.segment(around.terms, now),
            "chance": around.terms.chances[now.grade][now.level - 1],
            "worth": around.terms.value(now.grade, now.level),
        }
    return context


def _next_owner(around: shell.Shell, lead: queue.Lead, mine: bool) -> dict[str, Any]:
    """Who works leads first passes them on; a manager and the dispatcher give them to anybody."""
    reassigns = passes_on(around.me, lead.handoff.version)
    others = Member.objects.selling().exclude(pk=lead.holding.owner_id) if reassigns else []
    return {"works_first": mine and lead.handoff.routing.get("rule") == CALL_TEAM, "others": others}


def _beside(known: Known) -> dict[str, Any]:
    """Who else there is at the company, and how it began."""
    who = known.person
    others = (
        Person.objects.filter(company=who.company_id).exclude(pk=who.pk) if who.company_id else Person.objects.none()
    )
    rows = list(
        others.select_related("standing", "holding__owner").order_by("-standing__interest_points")[: COLLEAGUES + 1]
    )
    return {
        "colleagues": rows[:COLLEAGUES],
        "more_colleagues": len(rows) > COLLEAGUES,
        "held": held(who),
        "limits": limits(who.pk),
        "merges": Merge.objects.filter(person=who, split=None).select_related("by").defer("kept").order_by("-pk"),
        "doubles": _doubles(who),
        "positions": current(who),
        "part": known.part,
        "referrals": about(who.pk),
        "content": known.content,
        "first": _first(who),
        "origin": known.origin,
    }


def _doubles(who: Person) -> list[Person]:
    """Who may be the same human, as far as nobody has decided."""
    rows = Duplicate.objects.filter(Q(person=who) | Q(other=who), dismissed_at=None, person__isnull=False)
    two = [(row.person, row.other) for row in rows.select_related("person", "other").order_by("-score", "pk")[:3]]
    return [other for pair in two for other in pair if other and other.pk != who.pk]


def _first(who: Person) -> Touch | None:
    """The first that we saw of them."""
    seen = Touch.objects.filter(person=who, evidence__gt=Evidence.MACHINE).select_related("campaign")
    return seen.order_by("at", "pk").first()


def _last_handoff(who: Person) -> Handoff | None:
    rows = Handoff.objects.filter(person=who).select_related(
        "owner", "by", "version", "the_acceptance", "the_qualified"
    )
    return rows.order_by("-at", "-id").first()


def _used(lead: queue.Lead) -> str:
    """How much of the time is gone, as a thin bar."""
    assert lead.due is not None
    late, whole = lead.left <= timedelta(), lead.due.due_at - lead.due.since
    share = 1 if late or not whole else min((lead.now - lead.due.since) / whole, 1)
    return charts.meter([(share, "terra" if late else "banana-line")], words.left(lead.left), height=4)
