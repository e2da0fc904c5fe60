"""The editor of a draft: one form for the whole agreement. Whatever is sent is kept, sound or not.

Without script each button sends the form and the page comes again. With it the form is sent when something changes,
and only the sentences that are out of date come back. Everybody's form says which revision it shows, so that what two
people write at once goes together (`core.together`).
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace
from typing import Any

from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.http import require_POST

from tilth.agreement import drafts
from tilth.agreement.models import Draft, Refused
from tilth.content.models import Offer
from tilth.core.agreement import Fault, Unsound, read
from tilth.core.blanks import Known, act, blanks, fill
from tilth.core.compare import clause, merge
from tilth.core.places import get, put, steps
from tilth.core.together import Together, together
from tilth.team.models import Member
from tilth.web import answer, shell, words
from tilth.web.access import members

from . import clauses, comments
from .controls import said
from .drafting import Drafting, Held, Page, Part, Row
from .versions import WRITERS
from .writing import PARTS

TRIES = 5
OFFERS = 200


@members(*WRITERS)
def edit(request: HttpRequest, pk: int) -> HttpResponse:
    """GET shows the draft, POST keeps what was typed and does what its button says."""
    draft = get_object_or_404(Draft.objects.select_related("based_on", "edited_by", "proposed"), pk=pk)
    if not draft.is_open:
        return _closed(request, draft)
    if request.method != "POST":
        return _page(request, draft, _drafting(draft, draft.document))
    try:
        kept = _keep(request, draft)
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


@dataclass
class Kept:
    """What became of a form: the draft as it is stored, and what its writer should know."""

    draft: Draft
    before: Any
    held: dict[str, Held] = field(default_factory=dict)
    was_held: dict[str, Held] = field(default_factory=dict)
    news: tuple[str, ...] = ()
    at: str = ""


def _propose(request: HttpRequest, kept: "Kept") -> HttpResponse:
    """Make the draft a version that both teams can sign; with faults, show them."""
    here = shell.of(request)
    try:
        version = drafts.propose(kept.draft, kept.draft.revision, here.me, here.now)
    except Unsound:
        answer.refused(request, _("Mend what is wrong first; then it can be signed."))
        return _answer(request, replace(kept, at="errors"))
    written = _("Version %(n)s is written. It takes effect when both teams have signed it.")
    answer.said(request, written % {"n": version.number})
    return answer.leave(request, reverse("agreement-version", args=[version.number]))


def _keep(request: HttpRequest, draft: Draft) -> Kept:
    """Store what was typed, with what others stored meanwhile. Raises drafts.Refused."""
    here, known, mark = shell.of(request), known_here(), decimal_mark()
    revision = min(_whole(request.POST.get("revision")), draft.revision)
    base = drafts.base_at(draft, revision)
    do, _space, name = request.POST.get("do", "").partition(" ")
    typed = {key: request.POST.getlist(key) for key in request.POST}
    shown = blanks(base, known, mark)
    waiting = {n: tuple(typed.pop(n)) for n in request.POST.getlist("held") if n in typed and n in shown and n != name}
    if do == "theirs":
        typed.pop(name, None)
    mine = _done(fill(base, typed, known, mark), draft, do, name, f"n{int(here.now.timestamp() * 1000):x}")
    for _try in range(TRIES):
        both, since = _with_others(draft, base, mine, revision, here.me, known, mark)
        try:
            draft = drafts.save(draft, both.document, draft.revision, here.me, here.now)
            break
        except drafts.Stale as late:
            draft = late.draft
    else:
        raise Refused(_("Others save this draft all the time. Wait a moment, and save again."))
    return _told(draft, base, both, since, waiting, known, mark, _part_of(name))


def _with_others(
    draft: Draft, base: Any, mine: Any, revision: int, me: Member, known: Known, mark: str
) -> tuple[Together, list[Any]]:
    since = drafts.since(draft, revision)
    if all(row.by_id == me.pk for row in since):  # an earlier save of the same hand: what was typed last counts
        return Together(merge(base, mine, draft.document).document, {}, ()), []
    return together(base, mine, draft.document, known, mark), since


def _done(document: Any, draft: Draft, do: str, name: str, new_id: str) -> Any:
    """What a button does beside saving."""
    if do in ("add", "remove", "up", "down"):
        return act(document, do, name, new_id)
    if do == "undo" and (last := draft.changes.order_by("revision").last()):
        return merge(draft.document, document, last.before).document
    if do == "back" and draft.based_on:
        return _put_back(document, draft.based_on.document, name)
    return document


def _put_back(document: Any, older: Any, name: str) -> Any:
    """An entry of the older version, by its lasting name, at the end of its list."""
    part, _bracket, entry = name.removesuffix("]").partition("[")
    there, have = get(older, steps(part)), get(document, steps(part))
    if isinstance(there, Mapping) and entry in there:
        put(document, steps(part), {**(have if isinstance(have, dict) else {}), entry: there[entry]})
    elif isinstance(there, list):
        found = [e for e in there if isinstance(e, Mapping) and e.get("id") == entry]
        put(document, steps(part), [*(have if isinstance(have, list) else []), *found])
    return document


def _told(
    draft: Draft,
    base: Any,
    both: Together,
    since: list[Any],
    waiting: Mapping[str, tuple[str, ...]],
    known: Known,
    mark: str,
    at: str,
) -> Kept:
    """What others changed, in words, and whose text stands where something else was typed."""
    form, began = blanks(draft.document, known, mark), blanks(base, known, mark)
    now_at = {b.lasting: b.name for b in form.values()}
    who = ", ".join(dict.fromkeys(row.by.name if row.by else "Tilth" for row in since)) or _("Somebody else")
    texts = dict(both.held) | {now_at[began[n].lasting]: t for n, t in waiting.items() if began[n].lasting in now_at}
    held = {n: Held(t, said(form[n]), who) for n, t in texts.items()}
    was_held = {n: Held(t, said(began[n]), who) for n, t in waiting.items()}
    paths = dict.fromkeys(change["path"] for row in since for change in row.changes)
    news = [clauses.label(path, draft.document) for path in paths]
    if since:
        changed = ngettext(
            "%(who)s changed %(n)s place meanwhile: %(what)s.",
            "%(who)s changed %(n)s places meanwhile: %(what)s.",
            len(news),
        )
        news = [changed % {"who": who, "n": len(news), "what": "; ".join(news)}]
    for path in both.back:
        news.append(
            _("“%(what)s” was removed by one of you and changed by the other. It stays, with the change.")
            % {"what": clauses.label(path, draft.document)}
        )
    return Kept(draft, base, held, was_held, tuple(news), at)


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


def known_here() -> Known:
    """The offers and sellers that there are."""
    return Known(
        offers=tuple(Offer.objects.order_by("key").values_list("key", flat=True)[:OFFERS]),
        sellers=tuple(Member.objects.selling().values_list("email", flat=True)),
    )


def decimal_mark() -> str:
    """How the language of the page writes decimals."""
    return words.number(1.5, 1)[1]


def faults_of(document: Any) -> tuple[Fault, ...]:
    try:
        read(document)
    except Unsound as e:
        return e.faults
    return ()


def _drafting(draft: Draft, document: Any) -> Drafting:
    based_on = draft.based_on.document if draft.based_on else None
    return Drafting(document, based_on, known_here(), decimal_mark(), faults_of(document))


def _page(
    request: HttpRequest, draft: Draft, drafting: Drafting, news: Iterable[str] = (), status: int = 200
) -> HttpResponse:
    context = {**_around(request, draft, drafting.page(), news), **comments.panel(request, draft)}
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


def _part_of(name: str) -> str:
    """The id of the sheet that a button was in: where the page comes up again."""
    part = next((key for key, sheet in PARTS.items() if name.startswith(sheet.names)), name)
    return f"part-{part}" if part in PARTS else ""


def _whole(text: str | None) -> int:
    return int(text) if text and text.isascii() and text.isdecimal() and len(text) < 10 else 0
