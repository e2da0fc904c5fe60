"""What becomes of the editor's form: it is stored together with what others stored meanwhile, and nothing is lost."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from django.http import QueryDict
from django.utils.html import format_html, format_html_join
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from tilth.agreement import drafts
from tilth.agreement.models import Draft, DraftChange, Refused
from tilth.content.models import Offer
from tilth.core.blanks import Known, blanks, fill
from tilth.core.compare import merge
from tilth.core.entries import act
from tilth.core.places import get, put, steps
from tilth.core.together import Together, together
from tilth.team.models import Member
from tilth.web import words
from tilth.web.shell import Shell

from . import changes, clauses
from .controls import said
from .drafting import Held
from .writing import PARTS

TRIES = 5
OFFERS = 200
TOLD = 6


@dataclass
class Kept:
    """What became of a form.

    draft      as it is stored now
    before     the document that the form showed; `was_held` what it held then
    held       what was typed where somebody else stored another text, to be decided by who typed it
    news       what others did meanwhile, in words
    at         the id of the sheet whose button was used
    """

    draft: Draft
    before: Any
    held: dict[str, Held] = field(default_factory=dict)
    was_held: dict[str, Held] = field(default_factory=dict)
    news: tuple[str, ...] = ()
    at: str = ""


def keep(draft: Draft, sent: QueryDict, here: Shell) -> Kept:
    """Store what was typed, and do what the button says. Raises Refused."""
    known, mark = known_here(), decimal_mark()
    revision = min(_whole(sent.get("revision")), draft.revision)
    base = drafts.base_at(draft, revision)
    shown = blanks(base, known, mark)
    do, _space, name = sent.get("do", "").partition(" ")
    typed = {key: sent.getlist(key) for key in sent}
    waiting = {n: tuple(typed.pop(n)) for n in sent.getlist("held") if n in typed and n in shown and n != name}
    if do == "theirs":
        typed.pop(name, None)
    new_id = f"n{int(here.now.timestamp() * 1000):x}"
    mine = _done(fill(base, typed, known, mark), draft, do, name, new_id, here.me)
    for _try in range(TRIES):
        stored = draft.document
        others = [row for row in drafts.since(draft, revision) if row.by_id != here.me.pk]
        both = together(base, mine, stored, known, mark) if others else _own(base, mine, stored)
        try:
            draft = drafts.save(draft, both.document, draft.revision, here.me, here.now)
            break
        except drafts.Stale as late:
            draft = late.draft
    else:
        raise Refused(_("Others save this draft all the time. Wait a moment, and save again."))
    held = dict(both.held) | _moved(waiting, base, draft.document, known, mark)
    who = ", ".join(dict.fromkeys(row.by.name if row.by else "Tilth" for row in others)) or _("Somebody else")
    return Kept(
        draft, base, _held(held, draft.document, who, known, mark), _held(waiting, base, who, known, mark),
        _news(others, who, base, stored, both, draft.document), _sheet(name),
    )  # fmt: skip


def known_here() -> Known:
    """The offers and sellers that there are."""
    return Known(
        offers=tuple(Offer.objects.order_by("key").values_list("key", flat=True)[:OFFERS]),
        sellers=tuple(Member.objects.selling().values_list("email", flat=True)),
    )


def decimal_mark() -> str:
    """How the language of the page writes decimals."""
    return words.number(1.5, 1)[1]


def _own(base: Any, mine: Any, stored: Any) -> Together:
    """With an earlier save of the same hand: what was typed last counts."""
    return Together(merge(base, mine, stored).document, {}, ())


def _done(document: Any, draft: Draft, do: str, name: str, new_id: str, me: Member) -> Any:
    """What a button does beside saving."""
    if do in ("add", "remove", "up", "down"):
        return act(document, do, name, new_id)
    if do == "undo" and (last := draft.changes.order_by("revision").last()) and last.by_id == me.pk:
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
        found = [e for e in there if isinstance(e, Mapping) and e.get("id") == entry and e not in (have or [])]
        put(document, steps(part), [*(have if isinstance(have, list) else []), *found])
    return document


def _moved(
    waiting: Mapping[str, tuple[str, ...]], base: Any, document: Any, known: Known, mark: str
) -> dict[str, tuple[str, ...]]:
    """What waits to be decided, by the names that its places have now."""
    began = blanks(base, known, mark)
    now_at = {b.lasting: b.name for b in blanks(document, known, mark).values()}
    return {now_at[began[n].lasting]: texts for n, texts in waiting.items() if began[n].lasting in now_at}


def _held(texts: Mapping[str, tuple[str, ...]], document: Any, who: str, known: Known, mark: str) -> dict[str, Held]:
    form = blanks(document, known, mark) if texts else {}
    return {name: Held(typed, said(form[name]), who) for name, typed in texts.items()}


def _news(
    others: Sequence[DraftChange], who: str, base: Any, stored: Any, both: Together, document: Any
) -> tuple[str, ...]:
    """What others changed, as sentences, and what came back because one of both changed it."""
    back = _("“%(what)s” was removed by one of you and changed by the other. It stays, with the change.")
    out = [back % {"what": clauses.label(path, document)} for path in both.back]
    told = [sentence for part in changes.between(base, stored) for sentence in part.sentences] if others else []
    if told:
        more = len(told) - TOLD
        listed = format_html_join("; ", "{}", ((sentence,) for sentence in told[:TOLD]))
        if more > 0:
            listed = format_html(_("{listed}; and {n} more"), listed=listed, n=more)
        changed = ngettext(
            "{who} changed {n} thing meanwhile: {what}", "{who} changed {n} things meanwhile: {what}", len(told)
        )
        out.insert(0, format_html(changed, who=who, n=len(told), what=listed))
    return tuple(out)


def _sheet(name: str) -> str:
    """The id of the sheet that a button was in: where the page comes up again."""
    part = next((key for key, sheet in PARTS.items() if name.startswith(sheet.names)), name)
    return f"part-{part}" if part in PARTS else ""


def _whole(text: str | None) -> int:
    return int(text) if text and text.isascii() and text.isdecimal() and len(text) < 10 else 0
