"""How an import is getting on, and what came of it."""

from typing import Any

from django.db.models import Count, Min
from django.http import HttpRequest, HttpResponse, StreamingHttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST

from tilth.capture import imports
from tilth.capture.models import Import
from tilth.web import answer, shell
from tilth.web.access import members

from .listing import WHO

REASONS = 8


@members(*WHO)
def show(request: HttpRequest, pk: int) -> HttpResponse:
    """The course of an import: a page that renews itself while rows are taken in, then the report."""
    row = get_object_or_404(Import.objects.select_related("by"), pk=pk)
    if not row.started_at and not row.stopped_at:
        return redirect("import-mapping", pk)
    part = "#course" if shell.htmx(request) else ""
    return render(request, f"imports/import.html{part}", {"row": row, "reasons": _reasons(row), "steps": _steps(row)})


@members(*WHO)
@require_POST
def stop(request: HttpRequest, pk: int) -> HttpResponse:
    """Take no further row; an upload that was never begun is forgotten."""
    row, here = get_object_or_404(Import, pk=pk), shell.of(request)
    begun = row.started_at is not None
    if imports.stop(row, here.me, here.now):
        answer.said(request, _("Stopped. What was taken in stays.") if begun else _("The file is gone."))
    return redirect("import", pk) if begun else redirect("imports")


@members(*WHO)
def failed(request: HttpRequest, pk: int) -> StreamingHttpResponse:
    """The failed rows with their reasons, as a file that a spreadsheet opens safely."""
    row = get_object_or_404(Import, pk=pk)
    lines = (line.encode() for line in imports.failed_rows(row))
    answer = StreamingHttpResponse(_with_mark(lines), content_type="text/csv; charset=utf-8")
    answer["Content-Disposition"] = f'attachment; filename="import-{row.pk}-failed.csv"'
    return answer


def _with_mark(lines: Any) -> Any:
    """With the byte order mark by which Excel knows UTF-8."""
    yield "\ufeff".encode()
    yield from lines


def _reasons(row: Import) -> list[Any]:
    """The reasons of failed rows, most frequent first."""
    found = row.failures.values("reason").annotate(n=Count("pk"), first=Min("line"))
    return list(found.order_by("-n", "first")[:REASONS]) if row.failed else []


def _steps(row: Import) -> list[dict[str, str]]:
    """The three phases of an import, each done, now or to come."""
    order = ("read", "count", "rows")
    at = len(order) if row.finished_at else order.index(row.phase)
    says = (
        (_("File read"), row.spec.get("encoding", "")),
        (_("Dates and figures looked at"), _("before any row is taken")),
        (_("Rows taken in"), ""),
    )
    states = ["done" if i < at else "now" if i == at and row.working else "" for i in range(len(order))]
    return [
        {"title": title, "small": small, "state": state} for (title, small), state in zip(says, states, strict=True)
    ]
