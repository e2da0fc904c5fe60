"""How something is computed, in the words of its page; and the list of all of them."""

from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import render

from tilth.insight.reports import REPORTS
from tilth.web.access import members

from . import reading


@members()
def listed(request: HttpRequest) -> HttpResponse:
    told = [(page, [r for r in REPORTS.values() if r.algorithm == page.name]) for page in reading.pages()]
    return render(request, "how/list.html", {"pages": told})


@members()
def shown(request: HttpRequest, name: str) -> HttpResponse:
    page = reading.page(name)
    if page is None:
        raise Http404
    told_by = [report for report in REPORTS.values() if report.algorithm == name]
    return render(request, "how/page.html", {"page": page, "told_by": told_by})
