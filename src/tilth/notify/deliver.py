"""Sending what waits in the outbox, in a line of its own: a slow mail server holds up no handoff.

Reads   Message rows that are due
Writes  what became of each

A message is leased before it is sent and marked after. Whoever dies before sending loses nothing: the lease runs
out. Whoever dies between sending and marking sends it once more, under the same Message-ID, which most mailboxes
show once. Source: docs/algorithms/outbox.md
"""

import hashlib
import logging
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime, timedelta
from email.utils import parseaddr
from smtplib import (
    SMTPAuthenticationError,
    SMTPDataError,
    SMTPException,
    SMTPRecipientsRefused,
    SMTPResponseException,
    SMTPSenderRefused,
)
from typing import Any

from django.conf import settings
from django.core.mail import EmailMultiAlternatives, get_connection
from django.core.mail.backends.base import BaseEmailBackend
from django.db import transaction
from django.db.models import QuerySet

from .channels import mail
from .events import stands
from .leasing import claim, free
from .models import Message

log = logging.getLogger(__name__)

AT_ONCE = 20  # messages in one call
LEASE = timedelta(minutes=15)  # longer than AT_ONCE servers that answer as late as they may
PAUSES = [timedelta(minutes=m) for m in (1, 5, 15, 60, 240, 720, 1440)]  # after each try that failed
SERVER = timedelta(minutes=1)  # how long the server that does not answer is left alone
TOO_LATE = timedelta(days=5)  # a mail that waited longer helps nobody
UNDONE = "What it told of was undone, or whom it told has left."
OF_THE_MESSAGE = (SMTPRecipientsRefused, SMTPDataError, SMTPSenderRefused)


class NoServer(Exception):
    """The mail server cannot be reached, or does not let us in: no message is at fault."""


def catch_up(now: datetime, person: int | None = None) -> int:
    """Send what is due, oldest first, at most AT_ONCE; returns how many messages were sent or tried."""
    if person is not None or settings.MAIL is None or not settings.MAIL_FROM:
        return 0
    _expire(now)
    if not _due(now).exists():
        return 0
    done = 0
    try:
        with _server() as server:
            while done < AT_ONCE and (message := _claim(now)):
                done += 1
                _try(message, server, now)
    except NoServer as why:
        log.warning("Mail waits: %s", why)
        _due(now).update(leased_until=now + SERVER, trouble=str(why)[:300])
    return done


@transaction.atomic
def send_again(message: Message, now: datetime) -> bool:
    """Try a message that was given up, or that rests, from the start; False when it was sent or withdrawn meanwhile."""
    rows = Message.objects.filter(pk=message.pk, sent_at=None, withdrawn_at=None)
    return bool(rows.update(given_up_at=None, leased_until=None, attempts=0, due_at=now))


def waiting() -> QuerySet[Message]:
    """What is neither sent nor given up."""
    return Message.objects.filter(sent_at=None, given_up_at=None)


def _due(now: datetime) -> QuerySet[Message]:
    return waiting().filter(free(now), due_at__lte=now)


def _expire(now: datetime) -> None:
    late = _due(now).filter(due_at__lt=now - TOO_LATE)
    late.filter(trouble="").update(given_up_at=now, trouble="It could not be sent for five days.")
    late.update(given_up_at=now)


def _claim(now: datetime) -> Message | None:
    """The next message, for us alone."""
    return claim(waiting(), now, LEASE)


@contextmanager
def _server() -> Iterator[BaseEmailBackend]:
    """An open connection for all messages of this call.

    raises     NoServer
    """
    server = get_connection(**(settings.MAIL or {}))
    try:
        server.open()
    except (OSError, SMTPException) as e:  # SSL troubles are OSErrors too
        raise NoServer(_said(e)) from e
    try:
        yield server
    finally:
        server.close()


def _try(message: Message, server: BaseEmailBackend, now: datetime) -> None:
    """Send one message and write down what became of it.

    raises     NoServer, when the connection broke. The try counts: a message that breaks each connection holds up no other
    """
    try:
        letter = _mail(message, now)
        if letter is None:
            _failed(message, UNDONE, True, now)
            return
        server.send_messages([letter])
    except OF_THE_MESSAGE as e:
        _failed(message, _said(e), _for_good(e), now)
    except (ValueError, UnicodeError) as e:  # an address or a header that no mail can have
        _failed(message, _said(e), True, now)
    except (OSError, SMTPException) as e:
        _failed(message, _said(e), False, now)
        raise NoServer(_said(e)) from e
    else:
        _mark(message, now)


def _mark(message: Message, now: datetime) -> None:
    Message.objects.filter(pk=message.pk).update(sent_at=now, leased_until=None, trouble="")


def _failed(message: Message, why: str, for_good: bool, now: datetime) -> None:
    values: dict[str, Any] = {"trouble": why[:300], "leased_until": None}
    if for_good or message.attempts > len(PAUSES):
        values["given_up_at"] = now
    else:
        values["leased_until"] = now + PAUSES[message.attempts - 1]
    Message.objects.filter(pk=message.pk).update(**values)


def _mail(message: Message, now: datetime) -> EmailMultiAlternatives | None:
    """The mail as it goes; None when what it tells of was undone, or whom it tells has left."""
    subject, text, html = message.subject, message.text, message.html
    undone = message.event is not None and not stands(message.event)
    if undone or (message.member is not None and not message.member.is_active):
        return None
    if not text:
        letter = mail.of_the_day(message, now)
        if letter is None:
            return None
        subject, text, html = letter.subject, letter.text, letter.html
    domain = parseaddr(settings.MAIL_FROM)[1].rpartition("@")[2] or "localhost"
    digest = hashlib.blake2b(f"{message.pk} {message.key}".encode(), digest_size=16).hexdigest()
    headers = {"Message-ID": f"<{digest}@{domain}>", "Auto-Submitted": "auto-generated", **message.headers}
    whole = EmailMultiAlternatives(subject, text, settings.MAIL_FROM, [message.to], headers=headers)
    if html:
        whole.attach_alternative(html, "text/html")
    return whole


def _codes(trouble: Exception) -> list[int]:
    if isinstance(trouble, SMTPRecipientsRefused):
        return [code for code, _said in trouble.recipients.values()]
    return [trouble.smtp_code] if isinstance(trouble, SMTPResponseException) else []


def _for_good(trouble: Exception) -> bool:
    """Whether the server says never (5xx) rather than not now (4xx)."""
    codes = _codes(trouble)
    return bool(codes) and all(code >= 500 for code in codes)


def _said(trouble: Exception) -> str:
    """What went wrong, in one line for the page; never a password, which no server repeats."""
    if isinstance(trouble, SMTPAuthenticationError):
        return f"The mail server does not accept the name or password ({trouble.smtp_code}). Mend TILTH_MAIL_URL."
    if isinstance(trouble, SMTPRecipientsRefused):
        trouble = next((SMTPResponseException(*said) for said in trouble.recipients.values()), trouble)
    if isinstance(trouble, SMTPResponseException):
        said = (
            trouble.smtp_error.decode(errors="replace") if isinstance(trouble.smtp_error, bytes) else trouble.smtp_error
        )
        return f"The mail server answered {trouble.smtp_code}: {' '.join(str(said).split())}"
    return f"{type(trouble).__name__}: {trouble}"
