"""Who is behind a figure of a report."""

from django.core.paginator import Paginator
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import render

from tilth.insight import kept
from tilth.insight.cells import named
from tilth.insight.kept import result_of
from tilth.people.models import Person
from tilth.web import shell
from tilth.web.access import members

from .choosing import chosen

PAGE = 100


@members()
def behind(request: HttpRequest, name: str) -> HttpResponse:
    here, choice = shell.of(request), chosen(request, name)
    row, column = request.GET.get("row", "")[:300], choice.report.column(request.GET.get("column", ""))
    if column is None or not column.people:
        raise Http404
    found = kept.ask(choice.report, choice.chosen, here.now, row, column.name)
    result = result_of(found)
    ids = result.rows[0]["people"] if result else []
    whole = result_of(kept.ask(choice.report, choice.chosen, here.now)) if row else None
    page = Paginator(ids, PAGE).get_page(request.GET.get("page"))
    there = Person.objects.select_related("company", "standing", "holding__owner").in_bulk(list(page))
    context = {
        "choice": choice, "report": choice.report, "column": column,
        "row": named(choice, whole, row) if whole else row,
        "people": [there[i] for i in page if i in there], "page": page, "query": _address(request), "more": bool(result and result.rows[0]["more"]),
        "n": result.said["n"] if result else 0, "working": result is None and not found.why, "kept": found,
    }  # fmt: skip
    return render(request, "insight/people.html", context)


def _address(request: HttpRequest) -> str:
    """What was asked for, whichever page of it."""
    asked = request.GET.copy()
    asked.pop("page", None)
    return asked.urlencode()
