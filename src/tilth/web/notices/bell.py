"""How much a member has not read yet, asked once per page and then every half minute."""

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render

from tilth.notify.models import Notice, unread
from tilth.web import shell
from tilth.web.access import members

from .page import said

RINGS = 3  # for so many at once; of the rest the number tells


@members()
def after(request: HttpRequest, pk: int) -> HttpResponse:
    """What came since the notice that the page knows of, for htmx: the number, and a toast for each."""
    here = shell.of(request)
    count, newest = unread(here.me)
    fresh = Notice.objects.filter(member=here.me, read_at=None, pk__gt=pk).order_by("-pk")[:RINGS]
    context = {"count": count, "newest": max(newest, pk), "fresh": said(fresh, here) if newest > pk else []}
    return render(request, "notices/bell.html", context)
