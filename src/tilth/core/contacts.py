"""Contacts as help desks and telephone systems tell them: which kind, who began it, written or by phone (R57).

Their events are a thing and what became of it: "Ticket Created", "Call Ended", "Conversation Closed". `channel` says how,
`direction` who began. The tables here are the whole dictionary.
Source: docs/algorithms/ingest.md
"""

from collections.abc import Mapping
from typing import Any

# The thing -> the kind of touch, where no channel says otherwise. A ticket without one was written.
THINGS = {"ticket": "mail", "case": "mail", "conversation": "chat", "message": "chat", "call": "call"}
BECAME = frozenset(
    "created opened started received answered replied updated commented solved resolved closed reopened ended completed "
    "finished missed sent".split()
)
# How it went -> (kind of touch, our word for the channel).
CHANNELS = {
    "phone": ("call", "phone"), "voice": ("call", "phone"), "telephone": ("call", "phone"), "call": ("call", "phone"),
    "email": ("mail", "mail"), "mail": ("mail", "mail"), "letter": ("mail", "letter"), "web": ("mail", "form"),
    "form": ("mail", "form"), "portal": ("mail", "form"), "chat": ("chat", "chat"), "messaging": ("chat", "chat"),
    "whatsapp": ("chat", "chat"), "sms": ("chat", "chat"), "visit": ("meeting", "visit"), "in person": ("meeting", "visit"),
}  # fmt: skip
DIRECTIONS = {
    "in": "in", "inbound": "in", "incoming": "in", "received": "in",
    "out": "out", "outbound": "out", "outgoing": "out", "sent": "out",
}  # fmt: skip


def kind(name: str, properties: Mapping[str, Any]) -> str:
    """The kind of touch that an event of a help desk is; "" of any other event.

    name    of the event, in lower case without punctuation
    """
    thing, _, became = name.rpartition(" ")
    if thing not in THINGS or became not in BECAME:
        return ""
    return CHANNELS.get(_said(properties.get("channel")), (THINGS[thing],))[0]


def channel(properties: Mapping[str, Any]) -> str:
    """phone, mail, letter, form, chat or visit; "" when nobody said, or in words that we do not know."""
    return CHANNELS.get(_said(properties.get("channel")), ("", ""))[1]


def direction(properties: Mapping[str, Any]) -> str:
    """ "in" when they began, "out" when we did; "" when nobody said."""
    return DIRECTIONS.get(_said(properties.get("direction")), "")


def _said(value: Any) -> str:
    return value.strip().lower().replace("_", " ").replace("e-mail", "email") if isinstance(value, str) else ""
