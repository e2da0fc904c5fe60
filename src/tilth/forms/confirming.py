"""A link in a mail confirms what somebody agreed to in a form. Opening it confirms nothing: scanners open links too.

Reads   Consent (what was asked), Submission (what somebody whom we erased sent)
Writes  Consent, a touch where it lets us send mail
"""

from dataclasses import dataclass
from datetime import datetime

from django.db import transaction

from tilth.consent.models import Act, Consent, Method, Purpose
from tilth.consent.models import record as record_consent
from tilth.people import suppressed
from tilth.people.models import Person
from tilth.touches import record
from tilth.touches.models import Evidence

from .models import Submission
from .submissions import ERASED, TO_CONFIRM, hashed, take


@dataclass(frozen=True)
class Asked:
    """What a link asks to confirm. `done`: it was confirmed before. `late`: it is too old to."""

    text: str
    language: str
    at: datetime
    consent: Consent | None
    submission: Submission | None
    done: bool = False
    late: bool = False


def opened(secret: str, now: datetime) -> Asked | None:
    """None for a link that is not ours."""
    token = hashed(secret)
    rows = list(Consent.objects.filter(token_hash=token).select_related("person").order_by("id"))
    if asked := next((row for row in rows if row.act == Act.ASKED), None):
        done = any(row.act == Act.CONFIRMED for row in rows)
        sent = Submission.objects.filter(person=asked.person_id, at=asked.at).first()
        return Asked(asked.text, sent.language if sent else "", asked.at, asked, None, done, _late(asked.at, now))
    row = Submission.objects.filter(token=token).select_related("edition__form").first()
    if row is None or row.edition.asks.consent is None:
        return None
    text = row.edition.asks.said(row.edition.asks.consent.text, row.language)
    return Asked(text, row.language, row.at, None, row, False, _late(row.at, now))


@transaction.atomic
def confirm(secret: str, now: datetime, network: str = "", agent: str = "") -> Asked | None:
    """They pressed the button. Pressed again, or too late, it changes nothing; returns what was asked."""
    asked = opened(secret, now)
    if asked is None or asked.done or asked.late:
        return asked
    if asked.submission:
        row = _comes_back(asked.submission, now)
        asks = row.edition.asks
        assert asks.consent  # `opened` has looked
        _confirmed(row.person, asks.consent.purpose, asked.text, row.page, hashed(secret), now, network, agent)
    elif asked.consent:
        was = Consent.objects.select_for_update().get(pk=asked.consent.pk)
        if not Consent.objects.filter(token_hash=was.token_hash, act=Act.CONFIRMED).exists():
            _confirmed(was.person, was.purpose, was.text, was.page, was.token_hash, now, network, agent)
    return asked


def _comes_back(row: Submission, now: datetime) -> Submission:
    """Somebody whom we erased wants to be known again, and says so from their own address."""
    suppressed.lift([row.said["email"]])
    Submission.objects.filter(pk=row.pk, doubt=ERASED).update(doubt="", agreed=False, token="")
    return take(row.pk, now)


def _confirmed(
    person: Person | None, purpose: str, text: str, page: str, token: str, now: datetime, network: str, agent: str
) -> None:
    record_consent(
        Act.CONFIRMED, purpose, now, now, person=person, method=Method.LINK, text=text, page=page, network=network, agent=agent,
        token_hash=token,
    )  # fmt: skip
    if person and purpose == Purpose.MAIL:
        record.record("subscribe", now, now, person=person, evidence=Evidence.DECLARED)


def _late(at: datetime, now: datetime) -> bool:
    return now - at > TO_CONFIRM
