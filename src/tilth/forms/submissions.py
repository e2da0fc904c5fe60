"""From what was sent to what we know: a person, a touch, consents, and the mails that follow.

Reads   Submission rows that were kept and that nobody doubts
Writes  persons, touches, Consent, Message; what became of each row

All of one submission is one transaction; a row that fails is held for somebody to look at, and lost by nothing.
Source: docs/algorithms/forms.md
"""

import hashlib
import logging
import secrets
from datetime import datetime, timedelta
from typing import Any

from django.db import OperationalError, connection, transaction
from django.db.models import QuerySet

from tilth.consent.models import Act, standing, text_hash
from tilth.consent.models import record as record_consent
from tilth.core import countries, evidence, meaning
from tilth.core import forms as core
from tilth.core.delivery import Event
from tilth.core.forms import Doubt
from tilth.journal.models import note
from tilth.notify.models import Message
from tilth.people import ours, suppressed
from tilth.people.known import Told, keep, recognise
from tilth.people.models import Person, Visitor
from tilth.team.models import Member
from tilth.touches import record as touches
from tilth.touches.models import Evidence, Touch

from . import mails
from .models import Submission

log = logging.getLogger(__name__)

AT_ONCE = 100
REPEATED = timedelta(minutes=10)  # the same said again so soon is the same
MAILS = 6  # to one address from all forms in a day
ERASED, FAILED = "erased", "failed"  # beside core.forms.Doubt: see `_of_the_erased`, `catch_up`
TO_CONFIRM = timedelta(days=14)


def catch_up(now: datetime, person: int | None = None) -> int:
    """Take what waits, oldest first; returns how many submissions."""
    if person is not None:
        return 0
    _forget(now)
    waiting = Submission.objects.filter(taken_at=None, spam_at=None, doubt="").order_by("id")
    keys = list(waiting.values_list("pk", flat=True)[:AT_ONCE])
    for pk in keys:
        try:
            take(pk, now)
        except OperationalError:
            raise
        except Exception:
            log.exception("Submission %s could not be taken. It is kept on the page of held submissions.", pk)
            Submission.objects.filter(pk=pk, taken_at=None).update(doubt=FAILED)
    return len(keys)


def held() -> QuerySet[Submission]:
    """What somebody should look at, newest first."""
    rows = Submission.objects.filter(taken_at=None, spam_at=None).exclude(doubt__in=("", ERASED))
    return rows.select_related("edition__form").order_by("-at", "-id")


@transaction.atomic
def let_through(row: Submission, by: Member, now: datetime) -> None:
    """A human sent this after all: take it as if nobody had doubted."""
    if (
        Submission.objects.filter(pk=row.pk, taken_at=None)
        .exclude(doubt="")
        .update(doubt="", judged_by=by, spam_at=None)
    ):
        note("let submission through", row, now, by, form=row.form.name, doubt=row.doubt)
        take(row.pk, now)


@transaction.atomic
def is_spam(row: Submission, by: Member, now: datetime) -> None:
    """It stays where it is, and nobody needs to look at it again."""
    if Submission.objects.filter(pk=row.pk, taken_at=None, spam_at=None).update(spam_at=now, judged_by=by):
        note("called submission spam", row, now, by, form=row.form.name, doubt=row.doubt)


@transaction.atomic
def take(pk: int, now: datetime) -> Submission:
    """Make of one submission what it says. Taken twice, it changes nothing."""
    rows = Submission.objects.select_related("edition__form")
    if connection.features.has_select_for_update:
        rows = rows.select_for_update(of=("self",))
    row = rows.get(pk=pk)
    if row.taken_at or row.doubt or row.spam_at:
        return row
    if before := _before(row):
        row.person, row.touch = before.person, before.touch
    elif suppressed.is_suppressed([row.said["email"]]):
        return _of_the_erased(row, now)
    elif row.judged_by_id is None and _mails(row, now) >= MAILS:
        row.doubt = Doubt.MAILS
        row.save(update_fields=["doubt"])
        return row
    else:
        row.person = _person(row, now)
        row.touch = _touch(row, row.person, now)
        _agree(row, row.person, now)
        mails.file(row, now)
    row.taken_at = now
    row.save(update_fields=["person", "touch", "taken_at"])
    return row


def _before(row: Submission) -> Submission | None:
    """The same said through the same form a moment ago."""
    lately = Submission.objects.filter(edition__form=row.edition.form_id, at__gt=row.at - REPEATED, at__lte=row.at)
    taken = lately.exclude(taken_at=None).exclude(pk=row.pk).filter(agreed=row.agreed, said=row.said)
    return taken.select_related("person", "touch").order_by("id").first()


def _mails(row: Submission, now: datetime) -> int:
    sent = Message.objects.filter(to__iexact=row.said["email"], key__startswith=mails.KEY)
    return sent.filter(made_at__gt=now - timedelta(days=1)).count()


def _person(row: Submission, now: datetime) -> Person:
    kinds = {f.name: f.kind for f in row.edition.asks.fields}
    told = Told(emails=[row.said["email"]])
    for name, answer in row.said.items():
        kind = kinds[name]
        if kind == "phone":
            told.phones = [answer]
        elif kind == "company":
            told.company = {"name": answer}
        elif kind == "country":
            told.person["country"] = countries.code(answer)
        elif kind in core.PERSON and kind != "email":
            told.person[kind] = answer
        elif kind in ("text", "choice", "tick") and not meaning.NEVER_KEPT.search(name):
            told.person[name] = answer
    return keep(told, now, f"form {row.edition.form_id}", at=row.at)[0]


def _touch(row: Submission, person: Person, now: datetime) -> Touch:
    asks = row.edition.asks
    came = _came(row)
    ours_tried_it = _is_colleague(row, person)
    visitor = _visitor(row, person)
    touch, _new = touches.record(
        "form",
        row.at,
        now,
        person=person,
        visitor=visitor,
        evidence=Evidence.MACHINE if ours_tried_it else Evidence.DECLARED,
        offer=touches.offer(asks.offer or row.form.name, now),
        campaign=touches.campaign(came.campaign or asks.campaign, now),
        source=came.source,
        medium=came.medium,
        event="Form Submitted",
        url=row.page,
        properties=evidence.marked(_properties(row), {"machine": evidence.COLLEAGUE} if ours_tried_it else {}),
        key=touches.key("form", str(row.pk)),
    )
    if visitor:  # once the touch says when they were seen there
        touches.adopt(visitor, now)
    return touch


def _is_colleague(row: Submission, person: Person) -> bool:
    """Whether one of our own people filled it in: by their address, or from where we sit. Machines are doubted before."""
    known = ours.known()
    return person.pk in known.colleagues or known.machine(row.agent, row.network) == evidence.COLLEAGUE


def _came(row: Submission) -> meaning.CameFrom:
    """What the tracker knew of this visit, else what the page's address says."""
    context = {"page": {"url": row.page}, "campaign": row.came}
    return meaning.came_from(Event(0, "track", "", row.at, context=context))


def _visitor(row: Submission, person: Person) -> Visitor | None:
    """Their use of the browser, where it has an id with consent."""
    if not row.visitor or suppressed.is_suppressed(visitors=[row.visitor]):
        return None
    return recognise(row.visitor, person, row.at)


def _properties(row: Submission) -> dict[str, Any]:
    kept = {k: v for k, v in row.said.items() if not meaning.NEVER_KEPT.search(k)}
    return {**kept, "form": row.form.name, **({"referrer": row.referrer} if row.referrer else {})}


def _agree(row: Submission, person: Person, now: datetime) -> None:
    """The words that were read, and a mail that asks to confirm where these words were not agreed to before."""
    asks = row.edition.asks
    if not (row.agreed and asks.consent):
        return
    text = asks.said(asks.consent.text, row.language)
    last = standing([person.pk]).get(person.pk, {}).get(asks.consent.purpose)
    known = last is not None and last.holds and last.text_hash == text_hash(text)
    secret = secrets.token_urlsafe(24) if asks.consent.double and not known else ""
    record_consent(
        Act.ASKED if secret else Act.GIVEN, asks.consent.purpose, row.at, now, person=person, text=text, page=row.page,
        network=row.network, agent=row.agent, token_hash=hashed(secret) if secret else "",
    )  # fmt: skip
    if secret:
        mails.confirm(row, person, secret, text, now)


def _of_the_erased(row: Submission, now: datetime) -> Submission:
    """Somebody whom we erased at their request. Only they can come back: what was sent waits for their word by mail,
    where they agreed to something; else nothing of it is kept."""
    asks = row.edition.asks
    if row.agreed and asks.consent:
        secret = secrets.token_urlsafe(24)
        row.doubt, row.token = ERASED, hashed(secret)
        row.save(update_fields=["doubt", "token"])
        mails.confirm(row, None, secret, asks.said(asks.consent.text, row.language), now)
    else:
        _empty(row, now)
    return row


def _forget(now: datetime) -> None:
    for row in Submission.objects.filter(doubt=ERASED, taken_at=None, at__lt=now - TO_CONFIRM)[:AT_ONCE]:
        _empty(row, now)


def _empty(row: Submission, now: datetime) -> None:
    row.said, row.came, row.page, row.referrer, row.visitor, row.network, row.agent = {}, {}, "", "", "", "", ""
    row.doubt, row.token, row.taken_at = ERASED, "", now
    row.save()


def hashed(secret: str) -> str:
    """How the secret of a link is kept."""
    return hashlib.sha256(secret.encode()).hexdigest()
