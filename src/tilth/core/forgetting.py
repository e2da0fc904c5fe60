"""Finding one person in what was written by others, and taking them out: deliveries, properties, lines of the journal.

An event is theirs when it names them: by an address, a user id, or their browser (unless it names somebody else). Where
somebody else's event or text mentions them, only the mention goes. Names decide nothing: two people may share one.
Source: docs/algorithms/forgetting.md
"""

import re
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from functools import cached_property
from typing import Any
from urllib.parse import quote, unquote

import msgspec

from . import identity
from .wire import Unreadable, inflate, parse

GONE = "[erased]"
FORGOTTEN: Mapping[str, Any] = {"type": "erased"}  # stands where an event was, so that the others keep their places
SURE = 6  # characters that an id must have, to be looked for inside other texts
PLACES = ("traits", "properties", "context", "$set", "$set_once")  # where an event tells of its person
USERS = frozenset(("userid", "user_id", "previousid", "distinct_id", "$user_id", "alias"))
ADDRESSES = frozenset(("email", "$email", "e-mail", "mail", "emailaddress", "email_address"))
BROWSERS = frozenset(
    ("anonymousid", "anonymous_id", "previousid", "distinct_id", "$device_id", "$anon_distinct_id", "link")
)


@dataclass(frozen=True)
class Ways:
    """By what one person is told from everybody else.

    users      ids that deliveries call them by
    browsers   random keys of their browsers, and the tokens of their links
    others     what else is theirs alone wherever it stands, such as a phone number or a CRM's long id
    """

    emails: frozenset[str] = field(default_factory=frozenset)
    users: frozenset[str] = field(default_factory=frozenset)
    browsers: frozenset[str] = field(default_factory=frozenset)
    others: frozenset[str] = field(default_factory=frozenset)

    @classmethod
    def of_plain(cls, told: Mapping[str, list[str]]) -> "Ways":
        return cls(**{name: frozenset(values) for name, values in told.items()})

    def __or__(self, other: "Ways") -> "Ways":
        return Ways(*(getattr(self, name) | getattr(other, name) for name in ("emails", "users", "browsers", "others")))

    def plain(self) -> dict[str, list[str]]:
        return {name: sorted(getattr(self, name)) for name in ("emails", "users", "browsers", "others")}

    @property
    def telling(self) -> list[str]:
        """What gives them away inside any text, longest first."""
        sure = {way for way in (*self.users, *self.browsers, *self.others) if len(way) >= SURE}
        return sorted({*self.emails, *sure}, key=lambda way: (-len(way), way))

    @cached_property
    def mention(self) -> re.Pattern[str]:
        """Finds what gives them away in a text, as such or as part of an address of a page."""
        begins = r"(?:(?<![\w.+-])|(?<=%[0-9a-f]{2}))"
        return re.compile(rf"{begins}(?:{self._spelled})(?![\w-])" if self.telling else r"(?!)", re.IGNORECASE)

    @property
    def _spelled(self) -> str:
        spelled = {spelling for way in self.telling for spelling in (way, quote(way, safe=""))}
        return "|".join(re.escape(way) for way in sorted(spelled, key=lambda way: (-len(way), way)))

    @cached_property
    def _words(self) -> frozenset[str]:
        ways = (*self.emails, *self.users, *self.browsers, *self.others)
        return frozenset(max(words, key=len) for way in ways if (words := _words(way)))

    def hinted(self, text: str) -> bool:
        """Whether they may be named in a text that holds JSON. As fast for many people as for one."""
        return not self._words.isdisjoint(_words(_plain(text)))


def mentions(body: bytes, ways: Ways) -> bool:
    """Whether a delivery names or mentions somebody; what cannot be unpacked mentions nobody."""
    try:
        return ways.hinted(inflate(body).decode(errors="replace"))
    except Unreadable:
        return False


def theirs(body: bytes, ways: Ways) -> list[tuple[int, Any]]:
    """The events of a delivery that are somebody's: place and content, as sent."""
    items, _put = _items(body)
    return [(place, item) for place, item in enumerate(items) if is_theirs(item, ways)]


def without(body: bytes, ways: Ways) -> tuple[bytes | None, set[int]]:
    """A delivery without somebody, and the places of the events that were theirs; None when nothing else was in it.

    Places of other events stay as they were. What is no JSON goes as a whole.
    """
    items, _put = _items(body)
    gone = {place for place, item in enumerate(items) if is_theirs(item, ways)}
    return struck(body, gone, lambda item: redacted(item, ways)), gone


def struck(body: bytes, gone: set[int], mend: Callable[[Any], Any] = lambda item: item) -> bytes | None:
    """A delivery without the events at these places, the others mended; None when nothing is left."""
    items, put = _items(body)
    kept = [FORGOTTEN if n in gone or isinstance(item, Unreadable) else mend(item) for n, item in enumerate(items)]
    if all(item == FORGOTTEN for item in kept):
        return None
    return msgspec.json.encode(mend(put(kept)))


def is_theirs(item: Any, ways: Ways) -> bool:
    """Whether an event names somebody as the person that it is about."""
    users, addresses, browsers = _named(item)
    if addresses & ways.emails or users & (ways.users | ways.emails):
        return True
    somebody_else = bool(addresses or users - browsers)
    return bool(browsers & ways.browsers) and not somebody_else


def redacted(value: Any, ways: Ways) -> Any:
    """Plain data in which nothing gives somebody away: a text that is nothing else becomes empty."""
    match value:
        case str():
            return "" if ways.mention.fullmatch(value.strip()) else ways.mention.sub(GONE, value)
        case dict():
            return {redacted(k, ways) if isinstance(k, str) else k: redacted(v, ways) for k, v in value.items()}
        case list():
            return [redacted(v, ways) for v in value]
    return value


def _items(body: bytes) -> tuple[list[Any], Callable[[list[Any]], Any]]:
    """The events of a delivery, and how to put others in their places. No events where it is no JSON."""
    try:
        value = parse(inflate(body))
    except Unreadable:
        return [], lambda items: None
    if isinstance(value, list):
        return value, lambda items: items
    if isinstance(value, dict) and isinstance(batch := value.get("batch"), list):
        return batch, lambda items: {**value, "batch": items}
    return [value], lambda items: items[0]


def _named(item: Any) -> tuple[set[str], set[str], set[str]]:
    """The user ids, addresses and browsers by which an event names its person."""
    users: set[str] = set()
    addresses: set[str] = set()
    browsers: set[str] = set()
    for name, value in _told(item):
        key, text = name.lower(), str(value).strip()
        if key in ADDRESSES and (address := identity.email(text)):
            addresses.add(address)
        if key in USERS and text:
            users.add(text)
            addresses |= {address} if (address := identity.email(text)) else set()
        if key in BROWSERS and text:
            browsers.add(text)
    return users, addresses, browsers


def _told(item: Any, depth: int = 3) -> Iterator[tuple[str, str | int | float]]:
    """The names and values by which an event may name its person."""
    for name, value in item.items() if isinstance(item, dict) else ():
        if isinstance(value, dict) and depth and name in PLACES:
            yield from _told(value, depth - 1)
        elif isinstance(value, str | int | float) and not isinstance(value, bool):
            yield str(name), value


_ESCAPE = re.compile(r"\\(?:u([0-9a-fA-F]{4})|.)")
_WORD = re.compile(r"[\w@+~!#$*'|^`-]+(?:\.[\w@+~!#$*'|^`-]+)*")


def _plain(text: str) -> str:
    """A text that holds JSON, without its escapes; and once more without those of addresses of pages."""
    if "\\" in text:
        text = _ESCAPE.sub(lambda found: chr(int(found[1], 16)) if found[1] else " ", text)
    return f"{text} {unquote(text)}" if "%" in text else text


def _words(text: str) -> list[str]:
    return _WORD.findall(text.lower())
