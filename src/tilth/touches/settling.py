"""Settling what was done with mails: scanners open and click too, and only what happens around it tells them apart.

Reads   touches that are unsettled for a minute, all that was done with the same mails, how many links these had
Writes  their evidence, and that of earlier ones that come to be seen otherwise; with Corrections and News

Source: docs/algorithms/evidence.md
"""

from collections.abc import Iterable, Mapping
from datetime import datetime

from django.db import connection, transaction
from django.db.models import Count, Q

from tilth.core.evidence import (
    COLLEAGUE,
    OF_MAILS,
    SAME,
    SCANNER,
    WAITS,
    Hit,
    link_of,
    mail_of,
    marked,
    marks_of,
    scanned,
)
from tilth.people.models import Link

from .models import Evidence, Touch
from .record import decide

AT_ONCE = 1_000
DELIVERED = ("Email Delivered", "Email Sent", "email_delivered", "email_sent", "Message Delivered")
Mail = tuple[str, int, str]  # "person" or "visitor", which one, and which mail


def catch_up(now: datetime, person: int | None = None) -> int:
    """Settle what has waited long enough, at most AT_ONCE touches and what belongs to them; returns how many."""
    waiting = Touch.objects.filter(evidence=Evidence.UNSETTLED, learned_at__lte=now - WAITS).order_by(
        "learned_at", "id"
    )
    if person is not None:
        waiting = waiting.filter(person=person)
    with transaction.atomic():
        if connection.features.has_select_for_update_skip_locked:
            waiting = waiting.select_for_update(skip_locked=True, of=("self",))
        due = list(waiting[:AT_ONCE])
        if due:
            decide(list(_settled(due, _around(due))), now)
    return len(due)


def _around(due: Iterable[Touch]) -> dict[Mail, list[Touch]]:
    """Everything that was done with the mails of these touches by whom they were sent to, and that they were delivered."""
    people = {t.person_id for t in due if t.person_id}
    visitors = {t.visitor_id for t in due if not t.person_id and t.visitor_id}
    theirs = Q(person__in=people) | Q(person=None, visitor__in=visitors)
    found = Touch.objects.filter(theirs, Q(kind__in=OF_MAILS) | Q(event__in=DELIVERED))
    out: dict[Mail, list[Touch]] = {_mail(t): [] for t in due}
    for touch in found.order_by("at", "id"):
        if (mail := _mail(touch)) in out:
            out[mail].append(touch)
    return out


def _settled(due: Iterable[Touch], around: Mapping[Mail, list[Touch]]) -> Iterable[Touch]:
    """The touches whose evidence changes, with the new one."""
    links, ids = _links(around), {t.pk for t in due}
    for mail, touches in around.items():
        done = [t for t in touches if t.kind in OF_MAILS and t.evidence != Evidence.RETRACTED]
        sent = min((t.at for t in touches if t.event in DELIVERED), default=None)
        signs = scanned(map(_hit, filter(_may_scan, done)), links.get(mail, 0), sent)
        for touch in done:
            marks = marks_of(touch.properties)
            if (sign := signs.get(touch.pk)) and "said" not in marks and touch.evidence != Evidence.MACHINE:
                touch.evidence = Evidence.MACHINE
                touch.properties = marked(touch.properties, {"machine": SCANNER, **marks, "sign": sign})
                yield touch
            elif touch.pk in ids:
                touch.evidence = _by_itself(touch)
                yield touch


def _by_itself(touch: Touch) -> Evidence:
    if "machine" in marks_of(touch.properties):
        return Evidence.MACHINE
    return Evidence.OBSERVED if touch.person_id else Evidence.ANONYMOUS


def _may_scan(touch: Touch) -> bool:
    """Colleagues look at what we send, and are no scanners."""
    return marks_of(touch.properties).get("machine") != COLLEAGUE


def _hit(touch: Touch) -> Hit:
    marks = marks_of(touch.properties)
    by_itself = "said" not in marks and marks.get("sign") != SAME
    return Hit(
        touch.pk,
        touch.at,
        link=(link_of(touch.properties, touch.url) or "?") if touch.kind == "mail_click" else "",
        hidden=marks.get("hidden") is True,
        machine=str(marks.get("machine", "")) if by_itself else "",
        agent=str(marks.get("agent", "")),
        network=str(marks.get("network", "")),
    )


def _mail(touch: Touch) -> Mail:
    whose = ("person", touch.person_id) if touch.person_id else ("visitor", touch.visitor_id or 0)
    return (*whose, mail_of(touch.properties))


def _links(mails: Iterable[Mail]) -> dict[Mail, int]:
    """How many links that a reader sees each of these mails has, where they are ours."""
    people = {pk for whose, pk, mail in mails if whose == "person" and mail}
    rows = Link.objects.filter(person__in=people, hidden=False).exclude(mail="")
    counted = rows.values_list("person", "mail").annotate(n=Count("url", distinct=True))
    return {("person", person, mail): n for person, mail, n in counted}
