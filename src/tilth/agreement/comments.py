"""Discussing an agreement before it is signed: both teams comment on clauses, and close what is settled.

An open comment blocks signing. What is said about a version that was a draft belongs to the draft, so that it is
still there when the version is withdrawn and written on.

    Refused
    ├── Settled          signed by both, or withdrawn: too late to comment
    ├── Closed           the draft was thrown away
    └── Unsaid           nothing was written, or far too much
"""

from dataclasses import dataclass
from datetime import datetime

from django.db import transaction
from django.utils.translation import gettext as _

from tilth.journal.models import Entry, note
from tilth.team.models import Member

from .drafts import Closed
from .models import Closing, Comment, Draft, Refused, Version, comments_on

LONGEST = 2_000  # characters of one comment


class Unsaid(Refused): ...


@dataclass(frozen=True)
class Thread:
    """A comment with its answers in order; `closing` is None while it is open."""

    comment: Comment
    answers: tuple[Comment, ...]
    closing: Closing | None


@transaction.atomic
def comment(about: Draft | Version, path: str, text: str, by: Member, now: datetime) -> Entry:
    """Say something about a clause; an empty path means the whole agreement.

    returns    the journal's line, with which it can be undone
    raises     Settled, Closed, Unsaid
    """
    row = Comment.objects.create(**_place(about), path=path.strip()[:200], text=_said(text), by=by, at=now)
    return note("commented", row, now, by, path=row.path)


@transaction.atomic
def answer(to: Comment, text: str, by: Member, now: datetime) -> Entry:
    """Answer a comment; one that was closed is open again.

    raises     Settled, Closed, Unsaid
    """
    first = _open_to_talk(to.answers or to)
    row = Comment.objects.create(
        draft=first.draft, version=first.version, path=first.path, text=_said(text), by=by, at=now, answers=first
    )
    reopen(first, by, now)
    return note("commented", row, now, by, path=row.path)


@transaction.atomic
def close(row: Comment, by: Member, now: datetime) -> Entry | None:
    """Say that a comment is settled; None when somebody did already.

    raises     Settled, Closed
    """
    first = _open_to_talk(row.answers or row)
    _closing, new = Closing.objects.get_or_create(comment=first, defaults={"by": by, "at": now})
    return note("closed comment", first, now, by, path=first.path) if new else None


@transaction.atomic
def reopen(row: Comment, by: Member, now: datetime) -> Entry | None:
    """Say that it is not settled after all; None when it was open.

    raises     Settled, Closed
    """
    first = _open_to_talk(row.answers or row)
    gone, _rows = Closing.objects.filter(comment=first).delete()
    return note("reopened comment", first, now, by, path=first.path) if gone else None


def threads(about: Draft | Version) -> list[Thread]:
    """Everything that was said, open comments first, then in order of time."""
    rows = comments_on(about) if isinstance(about, Version) else about.comments.all()
    said = list(rows.select_related("by", "closing__by").order_by("at", "pk"))
    out = [
        Thread(row, tuple(a for a in said if a.answers_id == row.pk), getattr(row, "closing", None))
        for row in said
        if row.answers_id is None
    ]
    return sorted(out, key=lambda thread: thread.closing is not None)


def undo_comment(entry: Entry) -> bool:
    """Undo one of the verbs above; False when the entry tells of something else. See `deals.verbs.undo`.

    raises     Settled, Closed
    """
    if entry.verb not in ("commented", "closed comment"):
        return False
    row = Comment.objects.filter(pk=entry.subject_id).first()
    if row is None:
        return False
    _open_to_talk(row)
    if entry.verb == "commented":
        return bool(Comment.objects.filter(pk=row.pk, answered=None, closing=None).delete()[0])
    return bool(Closing.objects.filter(comment=row).delete()[0])


def _place(about: Draft | Version) -> dict[str, Draft | Version]:
    """Where a comment is kept, once it is sure that it may still be made."""
    if isinstance(about, Draft):
        row = Draft.objects.select_for_update().get(pk=about.pk)
        if row.discarded_at is not None:
            raise Closed(_("This draft was thrown away."))
        if row.proposed_id is not None:
            Version.objects.select_for_update().get(pk=row.proposed_id).still_proposed()
        return {"draft": row}
    version = Version.objects.select_for_update().get(pk=about.pk)  # who signs now waits, or has signed
    version.still_proposed()
    draft = Draft.objects.filter(proposed=version).first()
    return {"draft": draft} if draft else {"version": version}


def _open_to_talk(row: Comment) -> Comment:
    """The comment, when what it is about may still be discussed."""
    about = row.version or row.draft
    if about is not None:
        _place(about)
    return row


def _said(text: str) -> str:
    said = text.replace("\0", "").strip()
    if not said:
        raise Unsaid(_("Write what you want to say."))
    if len(said) > LONGEST:
        raise Unsaid(_("Write at most %(n)s characters.") % {"n": LONGEST})
    return said
