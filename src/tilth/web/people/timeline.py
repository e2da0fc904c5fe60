"""Everything between one person and us, newest first: what they did, what every team did, how the lead moved.

Each source answers for itself, at most a page of rows older than the cursor; the page is the newest of all.
A new source is one function and one line in `SOURCES`.
"""

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from itertools import groupby
from typing import Any
from urllib.parse import urlsplit

from django.db.models import Count, Q, QuerySet
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from tilth.core import contacts
from tilth.deals.models import Deal, Lost, Won
from tilth.handoff.models import Acceptance, GivenUp, HandBack, Handoff, Joining, Qualified, Return, Review, Withdrawal
from tilth.people.models import Person
from tilth.qualify.models import StageChange
from tilth.touches.models import Evidence, Referral, Team, Touch
from tilth.web import given_up, words

from . import evidence

PAGE = 25
LANES = (Team.PERSON, Team.MARKETING, Team.SALES, Team.SERVICE)
Key = tuple[datetime, int, int]


@dataclass(frozen=True)
class Event:
    """One line. `lane` is a team or "system"; `machine` counts for nothing; `times` when it happened in a row.

    touches    which touches it shows, where a member may say that a person or a machine did them
    """

    key: Key
    lane: str
    icon: str
    what: str
    who: str = ""
    text: str = ""
    note: str = ""
    machine: bool = False
    times: int = 1
    touches: tuple[int, ...] = ()

    @property
    def at(self) -> datetime:
        return self.key[0]


@dataclass(frozen=True)
class Page:
    """Events by day, newest first; `older` is the cursor of the next page, "" at the beginning of it all."""

    days: list[tuple[str, list[Event]]]
    older: str


def timeline(person: Person, now: datetime, lane: str = "", before: str = "", machines: bool = True) -> Page:
    """A page of events, those before a cursor, of one lane or of all; with what machines did, or without."""
    cursor = _read(before)
    found: list[Event] = []
    for rank, source in enumerate(SOURCES):

        def cut(rows: QuerySet, at: str = "at", rank: int = rank) -> QuerySet:
            by_people = rows.exclude(evidence=Evidence.MACHINE) if rows.model is Touch and not machines else rows
            return _older(by_people, at, rank, cursor)

        found += source(person, lane, cut, rank)
    found.sort(key=lambda e: e.key, reverse=True)
    shown = found[:PAGE]
    older = _write(shown[-1].key) if len(found) > PAGE else ""
    days = [(day, list(_runs(es))) for day, es in groupby(shown, key=lambda e: words.day(e.at, now))]
    return Page(days, older)


def lanes(person: Person) -> dict[str, int]:
    """How many touches each lane has that count."""
    rows = Touch.objects.filter(person=person, evidence__gt=Evidence.MACHINE).values_list("team")
    counts = dict(rows.annotate(n=Count("pk")).order_by())
    return {lane: counts.get(lane, 0) for lane in LANES}


def by_machines(person: Person) -> int:
    """How many touches machines made in their name."""
    return Touch.objects.filter(person=person, evidence=Evidence.MACHINE).count()


Cut = Callable[..., Any]
Source = Callable[[Person, str, Cut, int], Iterable[Event]]


def _touches(person: Person, lane: str, cut: Cut, rank: int) -> Iterator[Event]:
    rows = Touch.objects.filter(person=person).select_related("offer", "campaign", "member")
    for touch in cut(rows.filter(team=lane) if lane else rows):
        said = touch.properties
        yield Event(
            key=(touch.at, rank, touch.pk),
            lane=touch.team,
            icon=icon(touch) if touch.evidence > Evidence.MACHINE else "robot",
            what=what(touch),
            who=_who(touch, person),
            text=next(filter(None, (str(said.get(name) or "") for name in SPOKEN)), ""),
            note=_beside(touch),
            machine=touch.evidence <= Evidence.MACHINE,
            touches=(touch.pk,) if touch.team == Team.PERSON and touch.evidence != Evidence.RETRACTED else (),
        )


def _stages(person: Person, lane: str, cut: Cut, rank: int) -> Iterator[Event]:
    if lane:
        return
    for row in cut(StageChange.objects.filter(person=person).select_related("version").defer("version__document")):
        rose = not row.ends_round or row.stage == "customer"
        what = _("Became %(stage)s") if rose else _("Is a %(stage)s again")
        note = ", ".join(
            filter(None, [_("agreement %(n)s") % {"n": row.version.number} if row.version else "", row.because])
        )
        icon = "plant" if rose else "rotate"
        yield Event((row.at, rank, row.pk), "system", icon, what % {"stage": row.get_stage_display()}, note=note)


def _handoffs(person: Person, lane: str, cut: Cut, rank: int) -> Iterator[Event]:
    if lane and lane != Team.MARKETING:
        return
    for row in cut(Handoff.objects.filter(person=person).select_related("owner", "by")):
        what = _("Handed off to %(owner)s") % {"owner": row.owner}
        note = _("fit %(grade)s, interest %(level)s") % {"grade": row.grade, "level": row.level}
        yield Event((row.at, rank, row.pk), Team.MARKETING, "arrows-exchange", what, str(row.by or ""), note=note)


def _referrals(person: Person, lane: str, cut: Cut, rank: int) -> Iterator[Event]:
    """Who sent them, and whom they brought: the same row on both timelines."""
    if lane and lane != Team.PERSON:
        return
    rows = Referral.objects.filter(Q(person=person) | Q(by=person)).select_related("person", "by", "member")
    for row in cut(rows):
        if row.by_id == person.pk:
            what = _("Brought us %(who)s") % {"who": row.person}
        else:
            what = _("Sent by %(who)s") % {"who": row.by or f"“{row.named}”"}
        who = str(row.member) if row.member else person.first_name
        yield Event((row.at, rank, row.pk), Team.PERSON, "users-group", what, who, note=row.get_how_display())


def _verdicts(model: type, icon: str, what: Any) -> Source:
    """Acceptances and the like: one row per handoff, with a reason and a note where it has them."""

    def source(person: Person, lane: str, cut: Cut, rank: int) -> Iterator[Event]:
        if lane and lane != Team.SALES:
            return
        rows = model.objects.filter(handoff__person=person)  # type: ignore[attr-defined]
        for row in cut(rows.select_related("member", "handoff__version").defer("handoff__version__document")):
            note = " · ".join(filter(None, [_reason(row), *_given_up(row)]))
            yield Event(
                (row.at, rank, row.pk), Team.SALES, icon, str(what), row.member.name, getattr(row, "note", ""), note
            )

    return source


def _reviews(person: Person, lane: str, cut: Cut, rank: int) -> Iterator[Event]:
    """What the return court found."""
    if lane:
        return
    rows = Review.objects.filter(returned__handoff__person=person).select_related("reviewer")
    for row in cut(rows):
        what = (
            _("The return was overturned") if row.verdict == Review.Verdict.OVERTURNED else _("The return was upheld")
        )
        note = _("charged to: %(cause)s") % {"cause": row.get_charged_to_display()} if row.charged_to else ""
        yield Event((row.at, rank, row.pk), "system", "gavel", what, row.reviewer.name, row.note, note)


def _withdrawals(person: Person, lane: str, cut: Cut, rank: int) -> Iterator[Event]:
    if lane and lane != Team.SALES:
        return
    rows = Withdrawal.objects.filter(handoff__person=person).select_related("by", "handoff__owner")
    for row in cut(rows):
        what = _("No longer with %(owner)s") % {"owner": row.handoff.owner}
        yield Event(
            (row.at, rank, row.pk), Team.SALES, "arrows-exchange", what, str(row.by or ""), note=row.get_why_display()
        )


def _joinings(person: Person, lane: str, cut: Cut, rank: int) -> Iterator[Event]:
    """Into whose handoff they came; and on the page of its lead, who came."""
    if lane and lane != Team.SALES:
        return
    rows = Joining.objects.filter(Q(person=person) | Q(handoff__person=person))
    for row in cut(rows.select_related("person", "handoff__person", "handoff__owner")):
        lead = row.handoff.person
        what = _("Joined %(lead)s") if row.person_id == person.pk else _("%(who)s joined")
        note = _("taken out again") if row.out_at else _("of the same buying group")
        yield Event(
            (row.at, rank, row.pk), "system", "users-group", what % {"lead": lead, "who": row.person}, "", note=note
        )


def _deals(person: Person, lane: str, cut: Cut, rank: int) -> Iterator[Event]:
    if lane and lane != Team.SALES:
        return
    deals = Deal.objects.filter(person=person, opened_at__isnull=False).select_related("owner")
    for row in cut(deals, "opened_at"):
        what = _("Opened a deal: %(name)s") % {"name": row.name}
        who = str(row.owner or row.seller)
        yield Event(
            (row.opened_at, rank, row.pk),
            Team.SALES,
            "heart-handshake",
            what,
            who,
            note=words.money(row.amount, row.currency),
        )


def _closed(model: type, icon: str, what: Any) -> Source:
    def source(person: Person, lane: str, cut: Cut, rank: int) -> Iterator[Event]:
        if lane and lane != Team.SALES:
            return
        rows = model.objects.filter(deal__person=person).select_related("deal", "member")  # type: ignore[attr-defined]
        for row in cut(rows):
            note = words.money(row.amount, row.deal.currency) if hasattr(row, "amount") else row.reason
            said = str(what) % {"name": row.deal.name}
            who = str(row.member or row.deal.seller)
            yield Event((row.at, rank, row.pk), Team.SALES, icon, said, who, getattr(row, "note", ""), note)

    return source


SOURCES: list[Source] = [
    _touches,
    _stages,
    _handoffs,
    _verdicts(Acceptance, "check", gettext_lazy("Accepted")),
    _verdicts(Qualified, "circle-check", gettext_lazy("Qualified: ready to buy")),
    _verdicts(Return, "corner-up-left", gettext_lazy("Returned to marketing")),
    _verdicts(HandBack, "corner-up-left", gettext_lazy("Handed back to marketing")),
    _reviews,
    _withdrawals,
    _joinings,
    _deals,
    _closed(Won, "trophy", gettext_lazy("Won: %(name)s")),
    _closed(Lost, "x", gettext_lazy("Lost: %(name)s")),
    _referrals,
]

ICONS = {
    "page": "eye", "form": "forms", "download": "download", "subscribe": "bell", "unsubscribe": "ban", "mail_open": "mail-opened",
    "mail_click": "click", "mail_reply": "mail", "webinar": "device-tv", "event": "ticket", "card": "id-badge-2", "call": "phone",
    "mail": "mail", "meeting": "users", "chat": "message", "note": "note", "list": "list", "track": "bolt",
}  # fmt: skip
TOLD = {
    "page": gettext_lazy("Looked at a page"),
    "form": gettext_lazy("Sent a form"),
    "download": gettext_lazy("Downloaded something"),
    "subscribe": gettext_lazy("Subscribed"),
    "unsubscribe": gettext_lazy("Unsubscribed"),
    "mail_open": gettext_lazy("Opened a mail"),
    "mail_click": gettext_lazy("Clicked in a mail"),
    "mail_reply": gettext_lazy("Answered a mail"),
    "webinar": gettext_lazy("Attended a webinar"),
    "event": gettext_lazy("Was at an event"),
    "card": gettext_lazy("Gave a card"),
    "call": gettext_lazy("Call"),
    "mail": gettext_lazy("Mail"),
    "meeting": gettext_lazy("Meeting"),
    "chat": gettext_lazy("Chat"),
    "note": gettext_lazy("Note"),
    "list": gettext_lazy("Came in on a list"),
}


SPOKEN = ("note", "message", "summary", "description")  # what was said, in the words of who sends
SHARED = frozenset(("shared", "content shared", "product shared", "page shared", "article shared", "link shared"))
CONTACTS: dict[tuple[str, str], Any] = {
    ("call", "in"): gettext_lazy("They called"),
    ("call", "out"): gettext_lazy("We called"),
    ("mail", "in"): gettext_lazy("They wrote"),
    ("mail", "out"): gettext_lazy("We wrote"),
    ("chat", "in"): gettext_lazy("They wrote in a chat"),
    ("chat", "out"): gettext_lazy("We wrote in a chat"),
    ("meeting", "in"): gettext_lazy("They came to see us"),
    ("meeting", "out"): gettext_lazy("We went to see them"),
}
CHANNELS = {
    "phone": gettext_lazy("by phone"),
    "mail": gettext_lazy("by mail"),
    "letter": gettext_lazy("by letter"),
    "form": gettext_lazy("by a form"),
    "chat": gettext_lazy("by chat"),
    "visit": gettext_lazy("in person"),
}


def icon(touch: Touch) -> str:
    incoming = touch.kind == "call" and contacts.direction(touch.properties) == "in"
    return "phone-incoming" if incoming else "users-group" if _is_shared(touch) else ICONS.get(touch.kind, "point")


def what(touch: Touch) -> str:
    """What happened, with what it was about: "Sent a form: demo", "They called: a sensor is dead"."""
    told = CONTACTS.get((touch.kind, contacts.direction(touch.properties)))
    if told is not None:
        about = str(touch.properties.get("subject") or "")[:200] or touch.event
        return f"{told}: {about}" if about else str(told)
    if _is_shared(touch):
        said = touch.properties
        about = str(said.get("title") or said.get("name") or "") or str(touch.offer or "") or _path(touch.url)
        return f"{_('Shared with others')}: {about}" if about else _("Shared with others")
    what = str(TOLD.get(touch.kind, touch.event or touch.kind))
    about = touch.offer.name if touch.offer else touch.event if touch.kind in TOLD else ""
    if touch.kind == "page" and touch.url:
        about = about or _path(touch.url) or touch.url
    return f"{what}: {about}" if about else what


def _is_shared(touch: Touch) -> bool:
    return touch.kind == "track" and touch.event.lower() in SHARED


def _who(touch: Touch, person: Person) -> str:
    """The colleague, as we or their own system know them, or the person."""
    if touch.member:
        return touch.member.name
    return person.first_name if touch.team == Team.PERSON else str(touch.properties.get("agent") or "")[:120]


def _path(url: str) -> str:
    """The path of a page; "" for what came as an address and is none."""
    try:
        return urlsplit(url).path
    except ValueError:
        return ""


def _beside(touch: Touch) -> str:
    """How it went, where they came from, and why it counts for nothing."""
    campaign = _("campaign %(name)s") % {"name": touch.campaign} if touch.campaign else ""
    source = " / ".join(filter(None, [touch.source, touch.medium]))
    said, subject = touch.properties, touch.properties.get("subject")
    told = [
        touch.event if subject and contacts.direction(said) else "",
        str(CHANNELS.get(contacts.channel(said), "")),
        words.outcome(str(touch.properties.get("outcome") or "")),
        source,
        campaign,
        evidence.why(touch),
    ]
    return " · ".join(filter(None, told))


def _reason(row: Any) -> str:
    """The reason in the words of the agreement under which the lead was handed off."""
    if not hasattr(row, "reason"):
        return ""
    terms = row.handoff.version.terms
    return next((r.say for r in (*terms.return_reasons, *terms.recycle_reasons) if r.id == row.reason), row.reason)


def _given_up(row: Any) -> Iterator[str]:
    """What a reason rests on, and what brings the lead back."""
    if isinstance(row, GivenUp):
        if row.rests_on:
            yield _("rests on: %(field)s") % {"field": given_up.name(row.rests_on)}
        yield given_up.comes_back(row)


def _runs(events: Iterable[Event]) -> Iterator[Event]:
    """The same thing several times in a row is one line."""
    for _same, run in groupby(events, key=lambda e: (e.lane, e.what, e.note, e.text, e.machine)):
        same = list(run)
        all_of_them = tuple(pk for event in same for pk in event.touches)
        yield replace(same[0], times=len(same), touches=all_of_them) if len(same) > 1 else same[0]


def _older(rows: QuerySet, at: str, rank: int, cursor: Key | None) -> QuerySet:
    """One more row than a page of those behind the cursor, newest first."""
    if cursor is not None:
        moment, of_rank, pk = cursor
        behind = Q((f"{at}__lt", moment))
        if rank < of_rank:
            behind |= Q((at, moment))
        elif rank == of_rank:
            behind |= Q((at, moment), ("pk__lt", pk))
        rows = rows.filter(behind)
    return rows.order_by(f"-{at}", "-pk")[: PAGE + 1]


def _write(key: Key) -> str:
    return f"{key[0].isoformat()}~{key[1]}~{key[2]}"


def _read(text: str) -> Key | None:
    try:
        at, rank, pk = text.split("~")
        moment = datetime.fromisoformat(at)
        return (moment.astimezone(UTC), int(rank), int(pk)) if moment.tzinfo else None
    except (ValueError, OverflowError):
        return None
