"""All companies by name, found by the beginning of a name or domain; page by page along the key."""

from django.db.models import Count, QuerySet
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render

from tilth.people.models import Company, Person
from tilth.web.access import members
from tilth.web.find.search import begins

PAGE = 50


@members()
def companies(request: HttpRequest) -> HttpResponse:
    wanted = request.GET.get("q", "").strip()
    after = request.GET.get("after", "")
    rows = list(_found(wanted, after)[: PAGE + 1])
    shown = rows[:PAGE]
    return render(
        request,
        "companies/companies.html",
        {
            "companies": [(c, *counts) for c, counts in zip(shown, _counts(shown), strict=True)],
            "after": _key(shown[-1]) if len(rows) > PAGE else "",
            "first_page": not after,
            "q": wanted,
        },
    )


def _found(wanted: str, after: str) -> QuerySet[Company]:
    found = Company.objects.order_by("name", "pk")
    if wanted:
        found = found.filter(begins("name", wanted) | begins("domain", wanted.lower(), exact=True))
    pk, _, name = after.partition("-")
    if pk.isdecimal():
        found = found.filter(name__gte=name).exclude(name=name, pk__lte=int(pk[:18]))
    return found


def _key(company: Company) -> str:
    return f"{company.pk}-{company.name}"


def _counts(shown: list[Company]) -> list[tuple[int, int]]:
    """People and held leads of each company on the page: one query for all of them."""
    rows = (
        Person.objects.filter(company__in=shown)
        .values_list("company")
        .annotate(n=Count("pk"), held=Count("holding"))
        .order_by()
    )
    found = {company: (n, held) for company, n, held in rows}
    return [found.get(c.pk, (0, 0)) for c in shown]
