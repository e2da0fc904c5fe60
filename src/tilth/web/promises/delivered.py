"""The leads behind a figure of a month's burn-up."""

from collections.abc import Sequence
from typing import Any
from urllib.parse import urlencode

from django.core.paginator import Paginator
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from tilth.insight import burnup
from tilth.insight.burnup import Burnup, Week
from tilth.web.access import members

from . import month

SHOWN = 50
TITLES = {"upheld": gettext_lazy("Rightly returned"), "beyond": gettext_lazy("More than sales had hours for")}
ASKED = ("month", "by", "week", "to", "which")


@members()
def delivered(request: HttpRequest) -> HttpResponse:
    of = month.burnup_of(request)
    if of is None:
        return redirect("promises")
    asked = {name: value for name in ASKED if (value := request.GET.get(name, ""))}
    weeks, which = _weeks(of, asked), asked.get("which", "")
    rows = burnup.listed(of, weeks, which).select_related("person__company", "owner", "version")
    page = Paginator(rows, SHOWN).get_page(request.GET.get("page"))
    return render(request, "promises/delivered.html", {
        "title": TITLES.get(which, _("Delivered leads")),
        "month": of.month,
        "month_key": month.word(of.month),
        "since": weeks[0].owed.since,
        "until": weeks[-1].owed.due_at,
        "page": page,
        "query": urlencode(asked),
    })  # fmt: skip


def _weeks(of: Burnup, asked: dict[str, Any]) -> Sequence[Week]:
    """The week that is asked for, or all of the month up to one; all of them for an unknown number."""
    known = {str(week.number): week for week in of.weeks}
    if week := known.get(asked.get("week", "")):
        return [week]
    last = known.get(asked.get("to", ""), of.weeks[-1])
    return of.weeks[: last.number]
