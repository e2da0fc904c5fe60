"""Writing an agreement together: open a draft, save, throw it away, propose it as a version.

Everybody saves with the revision that they began with. When somebody else saved in between, nothing is stored: `Stale`
says what changed, and `core.together` brings both together.

    Refused
    ├── Stale            somebody else saved since
    ├── Closed           the draft was proposed or thrown away
    ├── NothingNew       a version says exactly this already
    └── Unkeepable       no agreement, or more than one can be
"""

import json
from collections.abc import Sequence
from datetime import datetime
from typing import Any

from django.db import transaction
from django.db.models import QuerySet
from django.utils.translation import gettext as _

from tilth.core.agreement import fingerprint
from tilth.core.compare import changes
from tilth.journal.models import Entry, note
from tilth.team.models import Member

from .models import Comment, Draft, DraftChange, Refused, Version
from .writing import LARGEST, MOST, parts_of

DEEPEST = 20  # the agreement itself needs 7


class Stale(Refused):
    """Somebody else saved since. `base` is what this writer began with, `changes` what was saved after it."""

    def __init__(self, draft: Draft, base: Any, since: Sequence[DraftChange]):
        self.draft, self.base, self.changes = draft, base, tuple(since)
        who = ", ".join(dict.fromkeys(row.by.name if row.by else "Tilth" for row in since))
        super().__init__(_("%(who)s changed this draft while you were writing.") % {"who": who})


class Closed(Refused): ...


class NothingNew(Refused):
    """`version` says exactly what the draft says."""

    def __init__(self, version: Version):
        self.version = version
        super().__init__(_("Nothing was changed: this is version %(n)s.") % {"n": version.number})


class Unkeepable(Refused): ...


def open_drafts() -> QuerySet[Draft]:
    """The drafts that are being written, the newest edit first."""
    rows = Draft.objects.filter(proposed=None, discarded_at=None).select_related("based_on", "edited_by", "opened_by")
    return rows.order_by("-edited_at", "-pk")


@transaction.atomic
def open_draft(
    document: Any, by: Member | None, now: datetime, based_on: Version | None = None, name: str = ""
) -> Draft:
    """Begin a draft from any document: a version's, a preset, or what was read from YAML.

    raises     Unkeepable
    """
    kept = _kept(document)
    row = Draft.objects.create(
        name=_called(kept, name), document=kept, based_on=based_on,
        opened_by=by, opened_at=now, edited_by=by, edited_at=now,
    )  # fmt: skip
    note("opened draft", row, now, by, version=based_on.number if based_on else None)
    return row


@transaction.atomic
def save(draft: Draft, document: Any, revision: int, by: Member | None, now: datetime) -> Draft:
    """Store what was written, sound or not. The same document again is no change.

    revision   the one that the writer began with
    returns    the draft as it is stored now
    raises     Stale, Closed, Unkeepable; then nothing is stored
    """
    kept = _kept(document)
    row = _one_at_a_time(draft)
    if _text(kept) == _text(row.document):
        return row
    _fresh(row, revision)
    row.revision += 1
    DraftChange.objects.create(
        draft=row, revision=row.revision, at=now, by=by, before=row.document,
        changes=[{"path": c.path, "was": c.was, "now": c.now} for c in changes(row.document, kept)],
    )  # fmt: skip
    row.document, row.name, row.edited_by, row.edited_at = kept, _called(kept, row.name), by, now
    row.save(update_fields=["document", "revision", "edited_by", "edited_at", "name"])
    return row


def base_at(draft: Draft, revision: int) -> Any:
    """The document of a draft at an earlier revision; one that never was counts as the first."""
    after = draft.changes.filter(revision__gt=revision).order_by("revision").first()
    return after.before if after else draft.document


def since(draft: Draft, revision: int) -> list[DraftChange]:
    """What was saved after a revision, in order."""
    return list(draft.changes.filter(revision__gt=revision).select_related("by").order_by("revision"))


@transaction.atomic
def discard(draft: Draft, by: Member, now: datetime) -> Entry:
    """Throw a draft away. Its journal entry takes it back.

    raises     Closed
    """
    row = _one_at_a_time(draft)
    row.discarded_at = now
    row.save(update_fields=["discarded_at"])
    return note("discarded draft", row, now, by)


def undo_discard(entry: Entry) -> bool:
    """Take a discarded draft back; False when the entry tells of something else. See `deals.verbs.undo`."""
    return entry.verb == "discarded draft" and bool(
        Draft.objects.filter(pk=entry.subject_id, proposed=None).update(discarded_at=None)
    )


@transaction.atomic
def propose(draft: Draft, revision: int, by: Member, now: datetime) -> Version:
    """Make the draft a version, to be signed by both teams.

    revision   the one that the writer saw
    raises     core.agreement.Unsound, Stale, Closed, NothingNew; then nothing is stored
    """
    row = _one_at_a_time(draft)
    _fresh(row, revision)
    newest = Version.objects.filter(withdrawn_at=None).order_by("-number").first()
    if newest and newest.fingerprint == fingerprint(row.document):
        raise NothingNew(newest)
    row.proposed = Version.write(row.document, by, now)
    row.save(update_fields=["proposed"])
    note("proposed draft", row, now, by, version=row.proposed.number)
    return row.proposed


@transaction.atomic
def withdraw(version: Version, by: Member, now: datetime) -> Draft:
    """Take a version back that is not signed by both, to write on.

    returns    its draft, open again with its comments; one of its document when it was not written as a draft here
    raises     Settled
    """
    row = Version.objects.select_for_update().get(pk=version.pk)
    row.still_proposed()
    row.withdrawn_at = now
    row.save(update_fields=["withdrawn_at"])
    note("withdrew version", row, now, by, version=row.number)
    draft = Draft.objects.select_for_update().filter(proposed=row).first()
    if draft is None:
        draft = open_draft(row.document, by, now, row)
        Comment.objects.filter(version=row).update(version=None, draft=draft)
    else:
        draft.proposed = None
        draft.save(update_fields=["proposed"])
    return draft


def _one_at_a_time(draft: Draft) -> Draft:
    """The stored row, held until the end of the transaction. Raises Closed when nothing may change any more."""
    row = Draft.objects.select_for_update().get(pk=draft.pk)
    if row.proposed_id is not None:
        raise Closed(_("This draft is a version by now, and versions never change. Open a new draft from it."))
    if row.discarded_at is not None:
        raise Closed(_("This draft was thrown away."))
    return row


def _fresh(row: Draft, revision: int) -> None:
    if revision != row.revision:
        raise Stale(row, base_at(row, revision), since(row, revision))


def _called(document: dict[str, Any], otherwise: str) -> str:
    name = document.get("name")
    return (name.strip() if isinstance(name, str) and name.strip() else otherwise)[:120]


def _text(document: Any) -> str:
    """The same text for the same document: a database may keep its parts in another order."""
    return json.dumps(document, sort_keys=True, ensure_ascii=False, allow_nan=False)


def _kept(document: Any) -> dict[str, Any]:
    """The document as a database gives it back: its names are text. Only what every database keeps."""
    if not isinstance(document, dict):
        raise Unkeepable(_("An agreement is a set of named parts. Start with the text of a preset."))
    if _deeper(document, DEEPEST) or parts_of(document) > MOST:
        raise Unkeepable(_("This is more than an agreement can be."))
    try:
        text = json.dumps(document, ensure_ascii=False, allow_nan=False)
        text.encode()
    except (ValueError, TypeError) as e:
        raise Unkeepable(_("This holds something that no database keeps.")) from e
    if len(text) > LARGEST or "\\u0000" in text:
        raise Unkeepable(_("This is more than an agreement can be."))
    return json.loads(text)


def _deeper(document: Any, levels: int) -> bool:
    inside = document.values() if isinstance(document, dict) else document if isinstance(document, list) else ()
    return levels < 0 or any(_deeper(d, levels - 1) for d in inside)
