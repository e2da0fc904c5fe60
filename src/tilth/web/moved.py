"""Old addresses of persons and companies that were merged into others."""

from django.http import Http404, HttpResponse
from django.shortcuts import redirect

from tilth.people.models import Merge


def person(pk: int) -> HttpResponse | None:
    """To the page of who this person turned out to be; None for a number that nobody had."""
    row = Merge.objects.filter(merged_id=pk, person__isnull=False, split=None).order_by("-pk").first()
    return redirect("person", row.person_id) if row else None


def company(pk: int) -> HttpResponse | None:
    """To the page of the company that this one was merged into."""
    row = Merge.objects.filter(merged_id=pk, company__isnull=False, split=None).order_by("-pk").first()
    return redirect("company", row.company_id) if row else None


def nowhere() -> HttpResponse:
    """For a number that nobody has and nobody had."""
    raise Http404
