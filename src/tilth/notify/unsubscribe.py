"""The way out of marketing mail: a signed link in each of them, and the headers by which mail programs show a button.

The link names a person and a purpose, holds no address that others could read, and never goes out of date: whoever
finds a mail of ten years ago may still say no. RFC 2369, RFC 8058.
"""

from dataclasses import dataclass
from datetime import datetime

from django.core import signing
from django.db import transaction

from tilth.consent.models import Act, Consent, Method, Purpose, record, standing
from tilth.people.models import Merge, Person
from tilth.touches.models import Evidence
from tilth.touches.record import record as touch

from .outbox import address

SALT = "tilth.unsubscribe"


@dataclass(frozen=True)
class Way:
    """What a link names: who wants no more of what."""

    person: Person
    purpose: str


def link(person: Person, purpose: str = Purpose.MAIL) -> str:
    """The whole address of the page on which this person says no."""
    return address(f"/unsubscribe/{signing.dumps([person.pk, purpose], salt=SALT)}/")


def headers(person: Person, purpose: str = Purpose.MAIL) -> dict[str, str]:
    """For `outbox.put`: what lets a mail program unsubscribe by one click."""
    return {"List-Unsubscribe": f"<{link(person, purpose)}>", "List-Unsubscribe-Post": "List-Unsubscribe=One-Click"}


def open_(token: str) -> Way | None:
    """Whom and what a link names; None for a link that is not ours, or of somebody who is gone."""
    try:
        pk, purpose = signing.loads(token, salt=SALT)
    except signing.BadSignature:
        return None
    person = _still(pk)
    return Way(person, purpose) if person else None


def _still(pk: int) -> Person | None:
    """The person of an old link, also when they turned out to be somebody else whom we knew."""
    while (person := Person.objects.filter(pk=pk).first()) is None:
        merge = Merge.objects.filter(merged_id=pk, split=None).exclude(person=None).order_by("-id").first()
        if merge is None or merge.person_id is None:
            return None
        pk = merge.person_id
    return person


@transaction.atomic
def unsubscribe(way: Way, now: datetime, network: str = "", agent: str = "") -> Consent | None:
    """They want no more of it. None when they had said so already: once is enough."""
    Person.objects.select_for_update().get(pk=way.person.pk)
    last = standing([way.person.pk]).get(way.person.pk, {}).get(way.purpose)
    if last and last.act == Act.WITHDRAWN:
        return None
    touch("unsubscribe", now, now, person=way.person, evidence=Evidence.DECLARED)
    return record(
        Act.WITHDRAWN, way.purpose, now, now, person=way.person, method=Method.LINK, network=network, agent=agent
    )
