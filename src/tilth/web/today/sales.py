"""Today for sales: the shared goal, and the queue in the order in which waiting costs most."""

from dataclasses import dataclass

from django.db.models import Count, Q
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils.translation import gettext as _

from tilth.insight.period import week
from tilth.promises.models import Obligation
from tilth.team.models import Role
from tilth.web import charts, shell, words
from tilth.web.access import members
from tilth.web.people import next_steps
from tilth.web.queue import Place, count, queue
from tilth.web.strip import strip


@members(Role.SALES)
def today(request: HttpRequest) -> HttpResponse:
    around = shell.of(request)
    after = Place.read(request.GET.get("after", ""))
    page = queue(around.me, around.now, after)
    if shell.htmx(request).target == "more":
        return render(request, "today/sales.html#more", {"leads": page.leads, "more": page.more})
    context = {
        "next_steps": next_steps.mine(around),
        "leads": page.leads,
        "more": page.more,
        "further_on": after is not None,
        "count": around.counts.setdefault("today", count(around.me)),
        "strip": strip(around),
        "verdicts": verdicts(around),
        "quiet": [lead for lead in page.leads if lead.quiet_since],
    }
    return render(request, "today/sales.html", context)


@dataclass(frozen=True)
class Verdicts:
    """Sales' promise of this week: verdicts that fall due in it, and what came of them so far."""

    due: int
    sql: int
    back: int
    accepted: int
    mine: int

    @property
    def said(self) -> int:
        return self.sql + self.back

    @property
    def meter(self) -> str:
        parts = [(self.sql / self.due, "leaf"), (self.back / self.due, "plum"), (self.accepted / self.due, "cactus")]
        text = _("%(said)s of %(due)s have a verdict") % {
            "said": words.number(self.said),
            "due": words.number(self.due),
        }
        return charts.meter(parts, text, height=10)


def verdicts(around: shell.Shell) -> Verdicts | None:
    """None when nothing falls due this week. One query."""
    this_week = week(around.now.astimezone(around.zone).date(), around.zone)
    back = Q(handoff__the_return__isnull=False) | Q(handoff__the_handback__isnull=False)
    open_ones = Q(open=True)
    counts = Obligation.objects.filter(kind=Obligation.Kind.VERDICT, **this_week.within("due_at")).aggregate(
        due=Count("pk"),
        sql=Count("pk", filter=Q(handoff__the_qualified__isnull=False) & ~back),
        back=Count("pk", filter=back),
        accepted=Count("pk", filter=open_ones & Q(handoff__the_acceptance__isnull=False)),
        mine=Count("pk", filter=open_ones & Q(member=around.me)),
    )
    return Verdicts(**counts) if counts["due"] else None
