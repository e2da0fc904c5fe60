"""Writing mail: a row, in the transaction of what causes it. `deliver.py` sends it."""

from collections.abc import Iterable, Mapping
from datetime import datetime

from django.conf import settings

from tilth.people.models import Person
from tilth.team.models import Member

from .models import Event, Message


def put(
    key: str,
    to: str,
    subject: str,
    text: str,
    html: str,
    now: datetime,
    *,
    person: Person | None = None,
    member: Member | None = None,
    event: Event | None = None,
    headers: Mapping[str, str] | None = None,
    due: datetime | None = None,
) -> bool:
    """Write one mail, to be sent once the caller's transaction is kept; False when its key was written before.

    key       what the mail is about, such as "confirm 12": the same key writes nothing twice
    html      "" for a mail of plain text
    person    whom it is for; it goes when they are erased. `member` likewise for a colleague
    event     what it tells of; it is not sent when that was undone
    headers   such as those of `unsubscribe.headers`, where it is marketing
    due       not before this moment; `now` when not given
    """
    values = {
        "to": to[:254], "subject": " ".join(subject.split())[:300], "text": text, "html": html, "headers": dict(headers or {}),
        "person": person, "member": member, "event": event, "made_at": now, "due_at": due or now,
    }  # fmt: skip
    return Message.objects.get_or_create(key=key[:120], defaults=values)[1]


def written(key: str) -> Message:
    """The mail that was put under this key."""
    return Message.objects.get(key=key[:120])


def withdraw(messages: Iterable[int], why: str, now: datetime) -> None:
    """Let those of these mails that did not go yet never go. One that is being sent at this very moment still does."""
    rows = Message.objects.filter(pk__in=list(messages), sent_at=None, given_up_at=None)
    rows.update(given_up_at=now, withdrawn_at=now, trouble=why[:300])


def address(path: str) -> str:
    """A page of ours as a mail links to it: the whole address of a path that begins with a slash."""
    return f"{settings.ADDRESS}{path}"
