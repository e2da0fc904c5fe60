"""What a mail to a colleague says, as text and as HTML."""

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import groupby
from zoneinfo import ZoneInfo

from django.utils.html import format_html, format_html_join
from django.utils.safestring import SafeString
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from tilth.notify import frame
from tilth.notify.events import WORDS, standing
from tilth.notify.models import Event, Line, Message, Notice
from tilth.notify.outbox import address
from tilth.notify.places import place


@dataclass(frozen=True)
class Letter:
    subject: str
    text: str
    html: str


def one(event: Event, why: str, zone: ZoneInfo) -> Letter:
    """The mail of one event."""
    words, link = WORDS[event.what], place(event, why)
    title, lines = words.title(event, why), words.lines(event, why, zone)
    because = _("You hear of it because %(why)s.") % {"why": Notice.Why(why).label}
    text = "\n\n".join([f"{title}.", *lines, link, because, ending()])
    body = format_html("<h1 {}>{}</h1>{}{}", _BIG, title, _lines(lines), frame.button(link, _("Open in Tilth")))
    return Letter(title, text, _page(body, because))


def several(lines: Sequence[Line], zone: ZoneInfo) -> Letter | None:
    """The mail of a day: its lines under what happened, in the order of Event.What; None without lines."""
    if not lines:
        return None
    subject = ngettext("Your day: %(n)s line", "Your day: %(n)s lines", len(lines)) % {"n": len(lines)}
    order = list(Event.What)
    ordered = sorted(lines, key=lambda line: (order.index(Event.What(line.event.what)), line.event.at, line.pk))
    texts, parts = [], []
    for what, inside in groupby(ordered, key=lambda line: line.event.get_what_display()):
        rows = [_row(line, zone) for line in inside]
        texts += [what.upper(), *(f"- {title}\n  {' · '.join(said)}\n  {link}" for title, said, link in rows)]
        listed = format_html_join(
            "", '<li style="margin:0 0 12px"><a href="{}" {}>{}</a>{}</li>',
            ((link, _LINK, title, _lines(said)) for title, said, link in rows),
        )  # fmt: skip
        parts.append(format_html('<h2 {}>{}</h2><ul style="padding-left:18px">{}</ul>', _HEAD, what, listed))
    body = format_html("<h1 {}>{}</h1>{}", _BIG, subject, format_html_join("", "{}", ((p,) for p in parts)))
    return Letter(subject, "\n\n".join([*texts, ending()]), _page(body, ""))


def left(message: Message) -> list[Line]:
    """The lines of a day's mail of which nothing was undone since."""
    rows = list(message.lines.select_related("event__person__company", "event__handoff"))
    there = standing([line.event for line in rows])
    return [line for line in rows if line.event_id in there]


def headers(event: Event, why: str) -> dict[str, str]:
    """Who answers gets to who did it, unless who decides should not see that."""
    hidden = event.data.get("blind") and why == Notice.Why.REVIEWS
    by = event.by
    return {"Reply-To": f"{by.name.translate(_NO_NAME)} <{by.email}>"} if by and by.is_active and not hidden else {}


def ending() -> str:
    return _("Choose what you hear of, and when: %(link)s") % {"link": address("/me/notifications/")}


def _row(line: Line, zone: ZoneInfo) -> tuple[str, list[str], str]:
    words = WORDS[line.event.what]
    return words.title(line.event, line.why), words.lines(line.event, line.why, zone), place(line.event, line.why)


def _lines(lines: Sequence[str]) -> SafeString:
    return format_html_join("", '<p style="margin:4px 0">{}</p>', ((line,) for line in lines))


def _page(body: SafeString, because: str) -> str:
    choose = frame.quiet_link(address("/me/notifications/"), _("Choose what you hear of, and when"))
    return frame.page("en", body, format_html("{} {}", because, choose))


_NO_NAME = str.maketrans("", "", '"<>@,;:\\\r\n()[]')  # what would end a name in a header, or be an address itself
_BIG = SafeString('style="font-size:20px;line-height:1.3;margin:0 0 12px"')
_HEAD = SafeString('style="font-size:14px;margin:20px 0 8px;color:#56594b"')
_LINK = SafeString('style="color:#1e6040;font-weight:600"')
