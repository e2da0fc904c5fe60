"""The drafts that are open, beginning another one, and a draft as YAML."""

from typing import Any

from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.translation import gettext as _

from tilth.agreement import drafts, presets
from tilth.agreement.models import Draft, Refused, Version
from tilth.agreement.writing import read_text, write_text
from tilth.core.clauses.reader import Unsound
from tilth.core.together import together
from tilth.web import answer, shell
from tilth.web.access import members

from .new import sent
from .versions import PRESETS, WRITERS


@members(*WRITERS)
def all_drafts(request: HttpRequest) -> HttpResponse:
    """GET lists what is being written. POST goes to the newest, or begins one from what was chosen."""
    here = shell.of(request)
    if request.method == "POST":
        draft = None if request.POST.get("from") else drafts.open_drafts().first()
        return redirect("draft", (draft or _begin(request)).pk)
    return render(
        request,
        "agreement/drafts.html",
        {"drafts": drafts.open_drafts(), "running": here.version, "presets": PRESETS},
    )


@members(*WRITERS)
def as_yaml(request: HttpRequest, pk: int) -> HttpResponse:
    """The draft as a text to change. Any document is kept, sound or not; what is no document is said beside it."""
    draft, here = get_object_or_404(Draft, pk=pk), shell.of(request)
    if not draft.is_open:
        return redirect("draft", pk)
    text, revision, trouble = "", draft.revision, tuple[str, ...]()
    if request.method == "POST":
        try:
            text = sent(request)
            trouble = _keep(draft, read_text(text), request.POST.get("revision", ""), here)
        except Unsound as e:
            trouble = tuple(map(str, e.faults))
        except Refused as why:
            trouble = (str(why),)
        if not trouble:
            answer.said(request, _("Kept in the draft."))
            return redirect("draft", pk)
    context = {"draft": draft, "text": text or write_text(draft.document), "revision": revision, "trouble": trouble}
    return render(request, "agreement/draft_yaml.html", context, status=422 if trouble else 200)


@members(*WRITERS)
def download(request: HttpRequest, pk: int) -> HttpResponse:
    draft = get_object_or_404(Draft, pk=pk)
    return HttpResponse(
        write_text(draft.document),
        content_type="application/yaml; charset=utf-8",
        headers={"Content-Disposition": f'attachment; filename="agreement-draft-{draft.pk}.yaml"'},
    )


def _begin(request: HttpRequest) -> Draft:
    """A draft of the running version, or of the newest one, or of a preset."""
    here, name = shell.of(request), request.POST.get("from", "")
    version = here.version or Version.objects.order_by("-number").first()
    if name in presets.names() or version is None:
        document = read_text(write_text(presets.load(name if name in presets.names() else presets.names()[0])))
        return drafts.open_draft(document, here.me, here.now, here.version)
    return drafts.open_draft(version.document, here.me, here.now, version)


def _keep(draft: Draft, document: Any, revision: str, here: shell.Shell) -> tuple[str, ...]:
    """Store a text's document together with what others stored meanwhile; what both changed is asked about."""
    began = int(revision) if revision.isascii() and revision.isdecimal() and len(revision) < 10 else draft.revision
    if began < draft.revision and isinstance(document, dict):
        both = together(drafts.base_at(draft, began), document, draft.document)
        if both.held or both.back:
            who = ", ".join(dict.fromkeys(row.by.name for row in drafts.since(draft, began) if row.by))
            return (
                _("%(who)s changed the same places meanwhile. Keep it again, and your text counts there.")
                % {"who": who},
            )
        document = both.document
    drafts.save(draft, document, draft.revision, here.me, here.now)
    return ()
