"""Why this owner, and why not somebody else: the record of a routing in words."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext

from tilth.core.routing import (
    ABSENT,
    ACCOUNT,
    CALL_TEAM,
    DAY_OFF,
    FULL,
    HAD_IT,
    LEFT,
    NO_ROOM,
    NO_SKILL,
    NOT_SELLING,
    OVERTURNED,
    SAME_COMPANY,
    SAME_GROUP,
    TURNS,
    WORKS_FIRST,
)
from tilth.handoff.models import Handoff
from tilth.web import words

RULES = {
    ACCOUNT: gettext_lazy("has this account"),
    SAME_GROUP: gettext_lazy("has this buying group"),
    SAME_COMPANY: gettext_lazy("has this company"),
    CALL_TEAM: gettext_lazy("works leads first, and it was their turn"),
    TURNS: gettext_lazy("whose turn it was"),
    OVERTURNED: gettext_lazy("had returned it, and the return was overturned"),
}
WHY_NOT = {
    ABSENT: gettext_lazy("was away"),
    DAY_OFF: gettext_lazy("did not work on that day"),
    LEFT: gettext_lazy("had left"),
    HAD_IT: gettext_lazy("had it before, and it was to go to somebody else"),
    FULL: gettext_lazy("had no hours left that week"),
    NO_ROOM: gettext_lazy("has no room for new leads"),
    NO_SKILL: gettext_lazy("lacks the skill that the pool asks for"),
    WORKS_FIRST: gettext_lazy("works leads first"),
    NOT_SELLING: gettext_lazy("is not in sales"),
}
TODAY = {
    ABSENT: gettext_lazy("away"),
    DAY_OFF: gettext_lazy("does not work today"),
    LEFT: gettext_lazy("has left"),
}


@dataclass(frozen=True)
class Line:
    """One colleague who might have got the lead, and what decided."""

    name: str
    said: str
    chosen: bool = False


@dataclass(frozen=True)
class Owner:
    """Why a handoff went to its owner: in a few words, by which pool, and line by line."""

    rule: str
    pool: str
    lines: list[Line]
    more: int


def of(handoff: Handoff) -> Owner:
    why = handoff.routing
    return Owner(rule(why, handoff.owner.name), pool(why), lines(why), more(why))


def rule(why: Mapping[str, Any], owner: str) -> str:
    """Why this owner, in a few words; "" when the record does not say."""
    if why.get("rule") == "chosen":
        by = why.get("by", "")
        return _("took it on") if by == owner else _("chosen by %(who)s") % {"who": by}
    said = str(RULES.get(why.get("rule", ""), ""))
    stood_in = next((row for row in _deciding(why) if row.get("through") == why.get("chosen")), None)
    if stood_in:
        return _("stands in for %(who)s (%(rule)s)") % {"who": stood_in["name"], "rule": said}
    return said


def lines(why: Mapping[str, Any]) -> list[Line]:
    """Everybody who was looked at: claims first, then turns, then who was passed over."""
    return [*_claims(why), *_turns(why), *_skipped(why)]


def pool(why: Mapping[str, Any]) -> str:
    """The pool that decided, by its name; "" when none did."""
    return str(why.get("say") or why.get("pool") or "") if why.get("rule") == TURNS else ""


def more(why: Mapping[str, Any]) -> int:
    """How many took part in the turns and are not named in the record."""
    return max(why.get("all", {}).get("n", 0) - len(why.get("candidates", ())), 0)


def _deciding(why: Mapping[str, Any]) -> Iterator[Mapping[str, Any]]:
    """The claims or turns that somebody stood in for."""
    return (row for row in [*why.get("claims", ()), *why.get("candidates", ())] if "through" in row)


def _claims(why: Mapping[str, Any]) -> Iterator[Line]:
    for claim in why.get("claims", ()):
        said = str(RULES.get(claim["rule"], claim["rule"]))
        if lost := claim.get("why"):
            said = _("%(rule)s, but %(why)s") % {"rule": said, "why": WHY_NOT.get(lost, lost)}
        elif "through" in claim:
            said = _("%(rule)s; %(who)s stands in") % {"rule": said, "who": claim["through_name"]}
        yield Line(claim["name"], said, chosen=not lost and why.get("chosen") in (claim["id"], claim.get("through")))


def _turns(why: Mapping[str, Any]) -> Iterator[Line]:
    turn_of = why.get("turn_of", why.get("chosen"))
    for row in why.get("candidates", ()):
        said = _turn(row)
        if "through" in row:
            said = _("%(turn)s; %(who)s stands in") % {"turn": said, "who": row["through_name"]}
        yield Line(row["name"], said, chosen=row["id"] == turn_of)


def _turn(row: Mapping[str, Any]) -> str:
    ahead = abs(row["ahead"])
    shown = words.number(ahead, 1)
    if round(ahead, 1) == 0:
        where = _("even")
    elif row["ahead"] > 0:
        where = ngettext("%(n)s lead ahead", "%(n)s leads ahead", 1 if ahead == 1 else 2) % {"n": shown}
    else:
        where = ngettext("%(n)s lead behind", "%(n)s leads behind", 1 if ahead == 1 else 2) % {"n": shown}
    weight = words.number(row["weight"], 0 if row["weight"] == int(row["weight"]) else 2)
    return _("%(where)s, turns ×%(weight)s") % {"where": where, "weight": weight}


def _skipped(why: Mapping[str, Any]) -> Iterator[Line]:
    for row in why.get("skipped", ()):
        yield Line(row["name"], str(WHY_NOT.get(row["why"], row["why"])))
