"""The editor of a draft: one form for the whole agreement. Whatever is sent is kept, sound or not.

Without script each button sends the form and the page comes again. With it the form is sent when something changes,
and only the sentences that are out of date come back. Everybody's form says which revision it shows, so that what two
people write at once goes together (`core.together`).
"""

from collections.abc import Iterable
from dataclasses import replace
from typing import Any

from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST

from tilth.agreement import drafts
from tilth.agreement.models import Draft, Refused
from tilth.core.agreement import read
from tilth.core.clauses.reader import Fault, Unsound
from tilth.core.compare import clause
from tilth.web import answer, shell
from tilth.web.access import members

from . import clauses, comments
from .drafting import Drafting, Page, Part, Row
from .keeping import Kept, decimal_mark, keep, known_here
from .versions import WRITERS

MOST_FAULTS = 200


@members(*WRITERS)
def edit(request: HttpRequest, pk: int) -> HttpResponse:
    """GET shows the draft, POST keeps what was typed and does what its button says."""
    draft = get_object_or_404(Draft.objects.select_related("based_on", "edited_by", "proposed"), pk=pk)
    if not draft.is_open:
        return _closed(request, draft)
    if request.method != "POST":
        return _page(request, draft, _drafting(draft, draft.document))
    try:
        kept = keep(draft, request.POST, shell.of(request))
        if request.POST.get("do") == "propose" and not kept.held:
            return _propose(request, kept)
    except Refused as why:
        answer.refused(request, why)
        return answer.toasts(request, 409) if shell.htmx(request) else redirect("draft", pk)
    return _answer(request, kept)


@members(*WRITERS)
@require_POST
def discard(request: HttpRequest, pk: int) -> HttpResponse:
    """Throw a draft away; the toast takes it back."""
    here = shell.of(request)
    try:
        entry = drafts.discard(get_object_or_404(Draft, pk=pk), here.me, here.now)
    except Refused as why:
        answer.refused(request, why)
    else:
        answer.said(request, _("The draft is thrown away."), entry)
    return redirect("agreement")


def _propose(request: HttpRequest, kept: Kept) -> HttpResponse:
    """Make the draft a version that both teams can sign; with faults, or what nobody has looked at yet, show it first."""
    here = shell.of(request)
    if kept.news:
        answer.refused(request, _("Look at what changed meanwhile, and then propose it."))
        return _answer(request, kept)
    try:
        version = drafts.propose(kept.draft, kept.draft.revision, here.me, here.now)
    except Unsound:
        answer.refused(request, _("Mend what is wrong first; then it can be signed."))
        return _answer(request, replace(kept, at="errors"))
    written = _("Version %(n)s is written. It takes effect when both teams have signed it.")
    answer.said(request, written % {"n": version.number})
    return answer.leave(request, reverse("agreement-version", args=[version.number]))


def _answer(request: HttpRequest, kept: Kept) -> HttpResponse:
    """For htmx only what is out of date; without it the page again, at the same place."""
    new = replace(_drafting(kept.draft, kept.draft.document), held=kept.held)
    if not shell.htmx(request):
        if kept.held:
            return _page(request, kept.draft, new, kept.news, status=409)
        for text in kept.news:
            answer.said(request, text)
        return redirect(reverse("draft", args=[kept.draft.pk]) + (f"#{kept.at}" if kept.at else ""))
    before = replace(_drafting(kept.draft, kept.before), held=kept.was_held).page()
    page = new.page()
    context = {
        **_around(request, kept.draft, page, kept.news),
        **dict(zip(("new_parts", "new_rows"), stale(before, page), strict=True)),
        "swap": True,
    }
    response = answer.part(request, "agreement/_kept.html", context)
    response["HX-Trigger-After-Settle"] = "draft-kept"
    return response


def stale(before: Page, page: Page) -> tuple[list[Part], list[Row]]:
    """The sheets and the sentences that are not as they were; a sheet that comes brings its sentences."""
    then = {part.key: part for part in before.parts}
    parts = [part for part in page.parts if part.outline != then[part.key].outline]
    sent = {part.key for part in parts}
    old = {row.name: row for row in before.rows()}
    rows = [r for part in page.parts if part.key not in sent for r in part.rows if r != old[r.name] or r.held]
    return parts, rows


def faults_of(document: Any) -> tuple[Fault, ...]:
    """What is wrong with a document, as far as anybody can look at: the first of very many."""
    try:
        read(document)
    except Unsound as e:
        return e.faults[:MOST_FAULTS]
    return ()


def _drafting(draft: Draft, document: Any) -> Drafting:
    based_on = draft.based_on.document if draft.based_on else None
    return Drafting(document, based_on, known_here(), decimal_mark(), faults_of(document))


def _page(
    request: HttpRequest, draft: Draft, drafting: Drafting, news: Iterable[str] = (), status: int = 200
) -> HttpResponse:
    context = {
        **_around(request, draft, drafting.page(), news),
        **comments.panel(request, draft),
        "compare_key": f"draft-{draft.pk}",
    }
    return render(request, "agreement/draft.html", context, status=status)


def _around(request: HttpRequest, draft: Draft, page: Page, news: Iterable[str]) -> dict[str, Any]:
    last = draft.changes.order_by("revision").last()
    faults = [(home, clauses.label(clause(draft.document, f.path), draft.document), f) for home, f in page.faults]
    return {
        "draft": draft, "page": page, "faults": faults, "news": tuple(news), "may_undo": last and last.by_id == shell.of(request).me.pk,
    }  # fmt: skip


def _closed(request: HttpRequest, draft: Draft) -> HttpResponse:
    if draft.proposed:
        answer.said(request, _("This draft is version %(n)s by now.") % {"n": draft.proposed.number})
        return answer.leave(request, reverse("agreement-version", args=[draft.proposed.number]))
    answer.said(request, _("This draft was thrown away."))
    return answer.leave(request, reverse("agreement"))
