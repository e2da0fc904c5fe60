"""What an address asks of a report. The same address shows the same to everybody."""

from django.http import Http404, HttpRequest

from tilth.insight.choice import Choice, forgiving
from tilth.insight.reports import REPORTS
from tilth.web import shell


def chosen(request: HttpRequest, name: str) -> Choice:
    """The report and what is chosen; a period that means none is the last twelve months.

    raises   Http404 for a report that there is not
    """
    report, here = REPORTS.get(name), shell.of(request)
    if report is None:
        raise Http404
    return forgiving(report, request.GET.dict() | request.POST.dict(), here.today, here.zone)
