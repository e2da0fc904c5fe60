"""How a verb's page answers: say what happened, offer undo, show the part that changed or go back.

`said` keeps the words as a message; whatever is rendered next shows it as a toast: the next page, or
the part that htmx swaps (`part` adds the toasts to it).
"""

import re
from collections.abc import Mapping
from typing import Any

from django.contrib import messages
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import render
from django.template.loader import render_to_string
from django.urls import reverse
from django.utils.http import url_has_allowed_host_and_scheme

from tilth.journal.models import Entry

from .shell import htmx

_ROW = re.compile(r"q-\d+")


def said(request: HttpRequest, text: str, entry: Entry | None = None) -> None:
    """Tell what happened; with its journal entry it can be undone."""
    messages.success(request, text, extra_tags=reverse("undo", args=[entry.pk]) if entry else "")


def refused(request: HttpRequest, why: object) -> None:
    """Tell why nothing happened."""
    messages.error(request, str(why))


def back(request: HttpRequest, otherwise: str = "today") -> HttpResponse:
    """To the page that the form was on; a page of ours, or `otherwise`."""
    url = htmx(request).current_url or request.headers.get("Referer", "")
    here = url_has_allowed_host_and_scheme(url, {request.get_host()}, require_https=request.is_secure())
    response = HttpResponseRedirect(url if here else reverse(otherwise))
    response.status_code = 303
    return response


def part(
    request: HttpRequest, template: str, context: Mapping[str, Any] | None = None, status: int = 200
) -> HttpResponse:
    """A named part of a page for htmx, with the toasts beside it."""
    response = render(request, template, dict(context or {}), status=status)
    response.write(render_to_string("_toasts.html", {"swap": True}, request))
    return response


def toasts(request: HttpRequest, status: int = 200) -> HttpResponse:
    """Nothing but what was said, for htmx: the page stays as it is."""
    return HttpResponse(render_to_string("_toasts.html", {"swap": True}, request), status=status)


def leave(request: HttpRequest, url: str) -> HttpResponse:
    """To another page, whether a browser or htmx asked."""
    if not htmx(request):
        return HttpResponseRedirect(url)
    response = HttpResponse(status=200)
    response["HX-Redirect"] = url
    return response


def for_queue(request: HttpRequest) -> bool:
    """Whether the form stands in a row of the queue, which can be swapped by itself."""
    return bool(htmx(request)) and bool(_ROW.fullmatch(htmx(request).target or ""))


def form(request: HttpRequest, template: str, context: Mapping[str, Any]) -> HttpResponse:
    """A form that asks for more: its own page, or its part named `form` in the dialog of the page that asked.

    With errors the answer is 422, and the dialog stays with what was typed. `row` names the row of the queue
    that the form is about.
    """
    wrong = context["form"].is_bound
    row = request.GET.get("row", "")
    context = {**context, "row": row if _ROW.fullmatch(row) else ""}
    status = 422 if wrong else 200
    if not htmx(request):
        return render(request, template, context, status=status)
    response = render(request, f"{template}#form", context, status=status)
    response["HX-Retarget"], response["HX-Reswap"], response["HX-Reselect"] = "#dialog", "innerHTML", "unset"
    return response
