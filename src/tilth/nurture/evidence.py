"""Which care somebody got, when, and for how long (R32): what a dossier and a person's page show.

Reads   Enrolment, Mailing, Noted, and the timeline: clicks and answers, and mails by marketing that another program sent
"""

from dataclasses import dataclass
from datetime import UTC, date, datetime, time

from django.db.models import Count, Max, Min, Q
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from tilth.touches.models import Evidence, Team, Touch

from .letters import mail_key
from .models import Enrolment, Mailing, Noted


@dataclass(frozen=True)
class Care:
    """One kind of care: a track, what a colleague noted, or the mails of another program.

    until        its last moment; None while it goes on
    sent         mails that went out; of these, `opened` and `clicked` by a human (opened only where another program says it)
    ended        why it is over, in words; "" while it goes on, and where nobody said
    way          the number of the enrolment, while it goes on; `next_at` when its next mail may go
    """

    what: str
    since: datetime
    until: datetime | None
    sent: int = 0
    opened: int = 0
    clicked: int = 0
    ended: str = ""
    by: str = ""
    way: int = 0
    next_at: datetime | None = None

    def lasted(self, now: datetime) -> int:
        """Days from the first to the last, both counted."""
        return ((self.until or now).date() - self.since.date()).days + 1


def care_of(person: int) -> list[Care]:
    """All care that somebody got so far, the newest first; a bounded number of questions."""
    return sorted([*_tracks(person), *_noted(person), *_by_others(person)], key=lambda care: care.since, reverse=True)


def in_words(care: Care, now: datetime) -> str:
    """One line: "Heating in winter: 3 mails in 12 days, 2 clicked, goes on"."""
    days = ngettext("%(n)s day", "%(n)s days", care.lasted(now)) % {"n": care.lasted(now)}
    mails = ngettext("%(n)s mail", "%(n)s mails", care.sent) % {"n": care.sent}
    told = [_("%(mails)s in %(days)s") % {"mails": mails, "days": days} if care.sent else days]
    if care.clicked:
        told.append(_("%(n)s clicked") % {"n": care.clicked})
    told.append(care.ended or (_("goes on") if care.until is None else ""))
    return f"{care.what}: {', '.join(filter(None, told))}"


def _tracks(person: int) -> list[Care]:
    rows = list(Enrolment.objects.filter(person=person).select_related("track"))
    sent = Mailing.objects.filter(enrolment__in=rows, sent_at__isnull=False)
    mails: dict[int, set[str]] = {}
    for enrolment, track, step in sent.values_list("enrolment", "enrolment__track", "step"):
        mails.setdefault(enrolment, set()).add(mail_key(track, step))
    opened, clicked = _done_with(person, "mail_open", "mail_click")
    return [
        Care(
            what=row.track.name, since=row.since, until=row.ended_at, sent=len(keys), opened=len(keys & opened),
            clicked=len(keys & clicked), ended=row.get_ended_because_display() if row.ended_at else "",
            way=0 if row.ended_at else row.pk, next_at=row.next_at,
        )
        for row in rows
        for keys in [mails.get(row.pk, set())]
    ]  # fmt: skip


def _done_with(person: int, *kinds: str) -> list[set[str]]:
    """For each kind of touch the keys of the mails with which this person did that. One question."""
    rows = Touch.objects.filter(person=person, kind__in=kinds, evidence__gt=Evidence.MACHINE)
    done = {(kind, str(mail)) for kind, mail in rows.values_list("kind", "properties__mail") if mail}
    return [{mail for what, mail in done if what == kind} for kind in kinds]


def _noted(person: int) -> list[Care]:
    rows = Noted.objects.filter(person=person).select_related("member")
    return [
        Care(row.what, _begins(row.since), _begins(row.until or row.since), by=row.member.name if row.member else "")
        for row in rows
    ]


def _begins(day: date) -> datetime:
    """A day without an hour; it is the same day in every zone of Europe."""
    return datetime.combine(day, time(), UTC)


def _by_others(person: int) -> list[Care]:
    """Mails by marketing that another program sent and told of, a line per campaign."""
    rows = Touch.objects.filter(person=person, kind="mail", team=Team.MARKETING, evidence__gt=Evidence.MACHINE)
    told = rows.filter(~Q(pk__in=Mailing.objects.filter(enrolment__person=person, touch__isnull=False).values("touch")))
    found = told.order_by().values("campaign__name").annotate(n=Count("pk"), first=Min("at"), last=Max("at"))
    return [
        Care(row["campaign__name"] or _("Mails by marketing"), row["first"], row["last"], sent=row["n"])
        for row in found
    ]
