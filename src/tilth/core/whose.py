"""Who is who, as events tell it: which names belong to one person, and whose a browser was at each moment.

A pure function of all that was told and when it happened. In which order it arrived changes nothing.
Source: docs/algorithms/identity.md
"""

from bisect import bisect_right
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from enum import IntEnum
from hashlib import blake2b
from typing import NamedTuple


class Says(IntEnum):
    """How much a way of naming somebody explains."""

    NOTHING = 0  # a touch that carries a user id, or nothing but a browser
    WHO = 1  # identify, group, an address
    ALIAS = 2  # whoever used `browser` (a browser's id, or a user id) is `user`
    VOUCHED = 3  # at `browser` was `person`: by a signed link, or a form of ours


class Use(NamedTuple):
    """One way in which events name somebody; what is not told is empty.

    browser    the random id of a browser
    user       a user id of the site or the app
    address    an e-mail address, in lower case
    person     whom a link or a form of ours vouches for
    """

    browser: str = ""
    user: str = ""
    address: str = ""
    says: int = Says.NOTHING
    person: int = 0

    @property
    def named(self) -> bool:
        """Whether it names somebody, and not just a browser."""
        return bool(self.user or self.address or self.person)

    @property
    def key(self) -> str:
        """A text of at most 100 characters that stands for it: a browser's own id, else a digest."""
        if not self.named:
            return self.browser
        told = "\0".join(map(str, self)).encode(errors="surrogatepass")
        return f"use {blake2b(told, digest_size=16).hexdigest()}"

    @property
    def names(self) -> list["Name"]:
        return [n for n in (("user", self.user), ("address", self.address)) if n[1]]


Name = tuple[str, str]  # ("user", "u1") or ("address", "anouk@kas.example")


@dataclass(slots=True, eq=False)
class Somebody:
    """One human being, as far as names go. `person` is the one that we keep them as; 0 while that is open.

    number   their place among those of whom we heard
    since    when events first named them
    """

    number: int
    person: int = 0
    names: list[Name] = field(default_factory=list)
    since: datetime | None = None
    into: "Somebody | None" = None

    def has(self, kind: str) -> bool:
        return any(name[0] == kind for name in self.names)


class Told:
    """Who is who after all uses were read, the earlier first.

    uses     each way in which somebody was named, and when that happened first
    fixed    whose a name is whatever events say: persons whom somebody has worked with, or who came from elsewhere
    """

    def __init__(self, uses: Mapping[Use, datetime], fixed: Mapping[Name, int]):
        self.owner: dict[Name, Somebody] = {}
        self.people: list[Somebody] = []
        self._kept: dict[int, Somebody] = {}
        self._seen: dict[str, list[Somebody]] = {}  # who was at a browser so far
        self._who: dict[Use, Somebody] = {}
        self._users = {use.user for use in uses}
        for name, person in fixed.items():
            self._give(self._known(person), name)
        for use, at in sorted(uses.items(), key=_in_time):
            if use.named and (who := self._read(use)):
                self._who[use] = who
                if use.says:
                    who.since = min(who.since or at, at)
                if use.browser:
                    self._seen.setdefault(use.browser, []).append(who)

    def who(self, use: Use) -> Somebody | None:
        """Whom a use names; None while nobody has explained its user id."""
        found = self._who.get(use) or next(filter(None, map(self.owner.get, use.names)), None)
        return end(found) if found else None

    def owns(self, use: Use, name: Name) -> bool:
        """Whether a name is of the person whom the use names."""
        owner, who = self.owner.get(name), self.who(use)
        return bool(owner and who and end(owner) is who)

    def _read(self, use: Use) -> Somebody | None:
        user = self._owner(("user", use.user))
        if not use.says:
            return user
        if use.person:
            who = self._known(use.person)
        elif user:
            who = user
        else:
            who = self._owner(("address", use.address)) or self._before(use) or self._new()
        for name in use.names:
            owner = self._owner(name)
            if owner is None:
                self._give(who, name)
            elif owner is not who:
                who = self._together(who, owner)
        if use.says == Says.ALIAS and use.browser in self._users and not self._owner(("user", use.browser)):
            self._give(who, ("user", use.browser))
        return who if use.person else self._at_the_browser(use, who)

    def _owner(self, name: Name) -> Somebody | None:
        owner = self.owner.get(name)
        return end(owner) if owner else None

    def _before(self, use: Use) -> Somebody | None:
        """Who had the name that an alias replaces."""
        return self._owner(("user", use.browser)) if use.says == Says.ALIAS else None

    def _at_the_browser(self, use: Use, who: Somebody) -> Somebody:
        """The same as who was at this browser until now, if that was one person and neither has a name of the other's kind.

        Not who came by a link: mails are forwarded.
        """
        before = {id(b): b for b in map(end, self._seen.get(use.browser, ()))}
        return self._together(who, *before.values()) if len(before) == 1 else who

    def _together(self, who: Somebody, other: Somebody) -> Somebody:
        """One of two, where nothing speaks against it; two persons whom we keep stay two."""
        if who is other or (who.person and other.person):
            return who
        if any(who.has(kind) and other.has(kind) for kind in ("user", "address")):
            return who
        stays, goes = sorted((who, other), key=lambda one: (not one.person, one.number))
        stays.names += goes.names
        stays.since = min(filter(None, (stays.since, goes.since)), default=None)
        goes.into = stays
        return stays

    def _give(self, who: Somebody, name: Name) -> None:
        self.owner[name] = who
        who.names.append(name)

    def _known(self, person: int) -> Somebody:
        if person not in self._kept:
            self._kept[person] = self._new(person)
        return end(self._kept[person])

    def _new(self, person: int = 0) -> Somebody:
        who = Somebody(len(self.people), person)
        self.people.append(who)
        return who


def _in_time(told: tuple[Use, datetime]) -> tuple[datetime, bool, Use]:
    """The earlier first; of one moment, who somebody was before who they are."""
    use, at = told
    return at, use.says != Says.ALIAS, use


def end(who: Somebody) -> Somebody:
    """Who somebody turned out to be."""
    while who.into:
        who = who.into
    return who


def at_a_browser(sightings: Sequence[tuple[datetime, int]], at: datetime) -> int:
    """Whose a browser was at a moment: whoever was last seen there until then; before the first, the first.

    sightings    when, and who; in order of time, at least one
    """
    return sightings[max(bisect_right(sightings, at, key=lambda seen: seen[0]) - 1, 0)][1]


def first_of(sightings: Iterable[tuple[datetime, int]]) -> int:
    """Who was first seen at a browser; 0 when nobody was."""
    return min(sightings, default=(None, 0))[1]
