"""Whom Tilth thinks it keeps twice, the surest first: merge them, or say that they are two."""

from django.db.models import Count, Q, QuerySet
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST

from tilth.people.duplicates import dismiss
from tilth.people.models import Duplicate
from tilth.team.models import Role
from tilth.web import answer, shell
from tilth.web.access import members

from .say import Proposal

MERGING = (Role.MARKETING, Role.SALES, Role.MANAGER, Role.ADMIN)
PAGE = 30
PERSONS, COMPANIES = "people", "companies"


@members(*MERGING)
def duplicates(request: HttpRequest) -> HttpResponse:
    of = COMPANIES if request.GET.get("of") == COMPANIES else PERSONS
    rows = list(_open(of, request.GET.get("after", ""))[: PAGE + 1])
    shown = rows[:PAGE]
    context = {
        "of": of,
        "proposals": [Proposal(row) for row in shown],
        "counts": _counts(),
        "after": f"{shown[-1].score}~{shown[-1].pk}" if len(rows) > PAGE else "",
        "first_page": "after" not in request.GET,
    }
    return render(request, "merging/duplicates.html", context)


@members(*MERGING)
@require_POST
def tell_apart(request: HttpRequest, pk: int) -> HttpResponse:
    row, around = get_object_or_404(Duplicate, pk=pk), shell.of(request)
    entry = dismiss(row, around.me, around.now)
    answer.said(request, _("They are two. Tilth does not ask again"), entry)
    return answer.back(request, "duplicates")


def _open(of: str, after: str) -> QuerySet[Duplicate]:
    """What nobody has decided, the surest first, behind a cursor."""
    rows = Duplicate.objects.filter(dismissed_at=None, **{f"{_column(of)}__isnull": False})
    score, _tilde, pk = after.partition("~")
    try:
        rows = rows.filter(Q(score__lt=float(score)) | Q(score=float(score), pk__gt=int(pk)))
    except ValueError:
        pass
    joined = ("person__company", "other__company") if of == PERSONS else ("company", "other_company")
    rows = rows.select_related(*joined).order_by("-score", "pk")
    return rows.prefetch_related("person__emails", "other__emails") if of == PERSONS else rows


def _counts() -> dict[str, int]:
    open_ones = Duplicate.objects.filter(dismissed_at=None)
    return open_ones.aggregate(people=Count("person"), companies=Count("company"))


def _column(of: str) -> str:
    return "company" if of == COMPANIES else "person"
