"""A form as visitors see it: by itself, in an iframe, or put into a page by its script. No cookie, no session."""

import secrets
from typing import Any

from django.core import signing
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import override
from django.views.decorators.csrf import csrf_exempt
from django.views.decorators.http import require_GET

from tilth.core import forms as core
from tilth.forms import files
from tilth.forms.models import Form, Submission
from tilth.forms.receiving import Incomplete, Sent, Stale, TooMany, receive
from tilth.forms.stamps import stamp
from tilth.web import clock

from . import fields, sender
from .framing import framed

TRAP = "contact_address"  # a field that people do not see
CARRIED = ("page", "referrer", "visitor", "source", "medium", "name", "language", "theme", "embedded")
THEMES = ("light", "dark", "auto")
SALT = "tilth.forms.thanks"


@csrf_exempt  # it stands in other websites, where no cookie is sent; the stamp says that we gave the form out
def form(request: HttpRequest, key: str) -> HttpResponse:
    row = get_object_or_404(Form.objects.select_related("edition"), key=key)
    if row.edition is None:
        raise Http404
    asks = row.edition.asks
    with override(_language(request, asks)):
        if row.closed_at:
            return framed(_page(request, "public/closed.html", {"form": row}, 410), asks.origins)
        answer = _sent(request, row) if request.method == "POST" else _show(request, row)
    return framed(answer, asks.origins)


@require_GET
def thanks(request: HttpRequest, key: str, token: str) -> HttpResponse:
    """After sending: what comes next, and the file where the form gives it at once."""
    try:
        pk = signing.loads(token, salt=SALT)
    except signing.BadSignature as e:
        raise Http404 from e
    row = get_object_or_404(Submission.objects.select_related("edition__form"), pk=pk, edition__form__key=key)
    asks = row.edition.asks
    file = files.of(row)
    at_once = file and asks.at_once and not row.doubt
    context = {
        "title": asks.said(asks.title, row.language),
        "thanks": asks.said(asks.thanks, row.language),
        "confirms": row.agreed and asks.consent and asks.consent.double,
        "file": file,
        "link": reverse("fetch", args=[files.token(row, file, row.at)]) if file and at_once else "",
    }
    with override(row.language):
        return framed(_page(request, "public/thanks.html", context), asks.origins)


def _sent(request: HttpRequest, row: Form) -> HttpResponse:
    who = sender.of(request)
    typed = {k: str(v) for k, v in request.POST.items()}
    sent = Sent(
        typed={k.removeprefix("q-"): v for k, v in typed.items() if k.startswith("q-")},
        stamp=typed.get("stamp", ""),
        trap=typed.get(TRAP, ""),
        agreed="agreed" in typed,
        language=_language(request, row.edition.asks),  # type: ignore[union-attr]  # `form` has looked
        page=_plain(typed, "page"),
        referrer=_plain(typed, "referrer"),
        came={k: _plain(typed, k) for k in ("source", "medium", "name")},
        visitor=_plain(typed, "visitor"),
        network=who.network,
        agent=who.agent,
        house=sender.house(request),
    )
    try:
        kept = receive(row, sent, clock.now())
    except Incomplete as e:
        return _show(request, row, sent, e.wrong)
    except Stale:
        return _show(request, row, sent, said=_("This page was open for long. Look it through once more and send it."))
    except TooMany:
        answer = _show(
            request, row, sent, said=_("Very much comes in from your network just now. Send it again in ten minutes.")
        )
        answer.status_code, answer["Retry-After"] = 429, "600"
        return answer
    return redirect(f"{reverse('form-thanks', args=[row.key, signing.dumps(kept.pk, salt=SALT)])}{_carried(request)}")


def _show(
    request: HttpRequest, row: Form, sent: Sent | None = None, wrong: dict[str, str] | None = None, said: str = ""
) -> HttpResponse:
    """The form; a new stamp unless one is in use, as time counts from when somebody first saw it."""
    assert row.edition
    asks, now = row.edition.asks, clock.now()
    given = request.POST if sent else request.GET
    context = {
        "shown": fields.shown(
            asks, _language(request, asks), sent.typed if sent else None, wrong, bool(sent and sent.agreed)
        ),
        "stamp": sent.stamp if sent and wrong else stamp(row.edition, secrets.token_hex(8), now),
        "carried": {k: _plain(given, k) for k in CARRIED if given.get(k)} | {"page": _came_by(request, given)},
        "trap": TRAP,
        "said": said,
    }
    return _page(request, "public/form.html", context, 422 if wrong else 200)


def _page(request: HttpRequest, template: str, context: dict[str, Any], status: int = 200) -> HttpResponse:
    given = request.POST if request.method == "POST" else request.GET
    embedded = "embedded" in given
    theme = given.get("theme", "")
    around = {"theme": theme if theme in THEMES else "light" if embedded else "auto", "embedded": embedded}
    return render(request, template, around | context, status=status)


def _language(request: HttpRequest, asks: core.Spec) -> str:
    """What the page asked for, else what the browser prefers, as far as the form speaks it."""
    given = request.POST if request.method == "POST" else request.GET
    preferred = [w.partition(";")[0].strip() for w in request.headers.get("Accept-Language", "").split(",")]
    return asks.language(given.get("language", ""), *preferred)


def _came_by(request: HttpRequest, given: Any) -> str:
    """On which page the form stands: as its script says, else the one that shows the iframe, else our own."""
    if page := core.page(_plain(given, "page")):
        return page
    here = request.build_absolute_uri()
    return (
        core.page(here)
        if core.page(here).partition("?")[2]
        else core.page(request.headers.get("Referer", "")) or core.page(here)
    )


def _carried(request: HttpRequest) -> str:
    theme = [f"{k}={v}" for k in ("theme", "embedded") if (v := request.POST.get(k, "")) in (*THEMES, "1")]
    return f"?{'&'.join(theme)}" if theme else ""


def _plain(given: Any, name: str) -> str:
    return str(given.get(name, "")).replace("\0", "")[:2_000]
