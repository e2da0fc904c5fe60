"""Campaigns, and what sales was told of each before its leads come."""

from django.core.paginator import Paginator
from django.db.models import Count
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST

from tilth.campaigns.briefing import brief
from tilth.campaigns.models import Briefing, Campaign
from tilth.leaks import campaigns
from tilth.team.models import Role
from tilth.touches.models import Origin
from tilth.web import answer, shell
from tilth.web.access import members
from tilth.web.typed import text

PAGE = 50
LONGEST = 4000
BRIEFS = (Role.MARKETING, Role.MANAGER)


@members(Role.MARKETING, Role.SALES, Role.MANAGER)
def listing(request: HttpRequest) -> HttpResponse:
    here = shell.of(request)
    page = Paginator(Campaign.objects.order_by("-at", "-pk"), PAGE).get_page(request.GET.get("page"))
    rows = list(page.object_list)
    running = {r.campaign.pk: r for r in campaigns.running(here.terms, here.now)} if here.terms else {}
    leads = dict(Origin.objects.filter(campaign__in=rows).values_list("campaign").annotate(n=Count("pk")).order_by())
    told: dict[int, list[Briefing]] = {}
    for row in Briefing.objects.filter(campaign__in=rows).select_related("by").order_by("-pk"):
        told.setdefault(row.campaign_id, []).append(row)
    shown = [(c, running.get(c.pk), leads.get(c.pk, 0), told.get(c.pk, [])) for c in rows]
    context = {"page": page, "campaigns": shown, "may_brief": here.me.role in BRIEFS}
    return render(request, "leaks/campaigns.html", context)


@members(*BRIEFS)
@require_POST
def briefing(request: HttpRequest, pk: int) -> HttpResponse:
    """Sales was told: what was said is kept, and shown to everyone."""
    here, campaign = shell.of(request), get_object_or_404(Campaign, pk=pk)
    said = text(request, "said", LONGEST)
    if not said:
        answer.refused(request, _("Write what sales was told: what the campaign says, and what to say to who comes."))
    else:
        _row, entry = brief(campaign, here.me, said, here.now)
        answer.said(request, _("%(campaign)s: sales is briefed") % {"campaign": campaign}, entry)
    return answer.back(request, "campaigns")
