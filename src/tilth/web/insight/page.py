"""The list of reports, and each report: the answer in a sentence, the chart, the table, and how old it is."""

from typing import Any

from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.views.decorators.http import require_POST

from tilth.insight import cells, drawing, kept
from tilth.insight.choice import USUAL, Choice
from tilth.insight.kept import result_of
from tilth.insight.models import Kept
from tilth.insight.reports import REPORTS
from tilth.notify.models import Subscription
from tilth.notify.subscribing import standing
from tilth.web import shell
from tilth.web.access import members
from tilth.web.how import reading

from .choosing import chosen


@members()
def listed(request: HttpRequest) -> HttpResponse:
    here = shell.of(request)
    usual = [(report, report.chosen({}) | {"period": USUAL}) for report in REPORTS.values()]
    found = map(result_of, kept.ask_all(usual, here.now))
    rows = [(one, one.answer(result) if result else "") for (one, _chosen), result in zip(usual, found, strict=True)]
    return render(request, "insight/list.html", {"rows": rows})


@members()
def shown(request: HttpRequest, name: str) -> HttpResponse:
    here, choice = shell.of(request), chosen(request, name)
    row = kept.ask(choice.report, choice.chosen, here.now)
    how = reading.page(choice.report.algorithm)
    context = {
        "choice": choice, "report": choice.report, "kept": row, "how": how, **_found(choice, row),
        "mail": standing(here.me, choice.report, choice.chosen), "every": Subscription.Every.choices,
    }  # fmt: skip
    part = "insight/report.html#course" if shell.htmx(request) else "insight/report.html"
    return render(request, part, context)


@members()
@require_POST
def anew(request: HttpRequest, name: str) -> HttpResponse:
    """Work it out again, as soon as the worker gets to it."""
    here, choice = shell.of(request), chosen(request, name)
    kept.again(kept.ask(choice.report, choice.chosen, here.now))
    query = choice.query
    return redirect(reverse("report", args=[name]) + (f"?{query}" if query else ""))


def _found(choice: Choice, row: Kept) -> dict[str, Any]:
    result = result_of(row)
    if result is None:
        return {"result": None, "working": not row.why}
    report = choice.report
    return {
        "result": result,
        "working": row.anew,
        "answer": report.answer(result),
        "notes": report.notes(result),
        "charts": [drawing.drawn(chart, report, result) for chart in report.charts] if result.rows else [],
        "lines": cells.table(choice, result),
        "together": cells.together(choice, result),
    }
