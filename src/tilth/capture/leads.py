"""Rows of people and of touches: who they are, what they are, and what happened between them and us."""

from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Any

from tilth.core.mapping import code
from tilth.core.rows import Said
from tilth.core.terms import TOUCH_KINDS
from tilth.people.crowd import Crowd, Kept, erased, look_again
from tilth.touches import bulk
from tilth.touches.bulk import Telling
from tilth.touches.models import Team
from tilth.touches.record import key

from .run import CREATED, ERASED, FAILED, NOTHING_NEW, UPDATED, Outcome, Run, sellers

AHEAD = timedelta(days=1)
TEAMS = frozenset(Team.values)
BY_SALES = frozenset(("call", "mail", "meeting", "note", "card"))


def take_in(rows: Sequence[Said], run: Run) -> list[Outcome]:
    """Take in rows of a file of leads or of touches; an outcome for each. Inside a transaction."""
    refused = {id(said): reason for said in rows if (reason := _refused(said, run))}
    gone = erased(said for said in rows if id(said) not in refused)
    good = [said for said in rows if id(said) not in refused.keys() | gone]
    crowd = Crowd(good, run.now, run.file, run.by)
    kept = [crowd.keep(said, _at(said)) for said in good]
    crowd.write()
    known = [(said, k) for said, k in zip(good, kept, strict=True) if k.person]
    tellings = _tellings(known, run)
    new = dict(zip(map(id, (said for said, _ in known)), bulk.append(tellings, run.now), strict=True))
    touched = {t.person for t, fresh in zip(tellings, new.values(), strict=True) if fresh}
    look_again(crowd.changed_people() | touched, run.now)
    outcomes = {row: Outcome(FAILED, reason) for row, reason in refused.items()}
    outcomes |= {id(said): _outcome(k, new.get(id(said), False), run) for said, k in zip(good, kept, strict=True)}
    return [outcomes.get(id(said)) or _left_out(said) for said in rows]


def _refused(said: Said, run: Run) -> str:
    """Why a row cannot be taken; "" when it can."""
    if not (said.ids or said.emails or said.phones):
        return "; ".join(say for _, say in said.odd) or "no e-mail, phone or id: nothing tells who this is"
    at = _at(said)
    if at is None and run.mapping.kind == "touches":
        return "no date: nothing tells when this happened"
    return f"{at:%Y-%m-%d} lies in the future" if at and at > run.now + AHEAD else ""


def _left_out(said: Said) -> Outcome:
    """Nothing is kept of who was erased, not even in the report."""
    said.odd[:] = [(ERASED.reason, "rows about people who were erased on request; nothing of them was kept")]
    return ERASED


def _outcome(kept: Kept, new: bool, run: Run) -> Outcome:
    if kept.made or (new and run.mapping.kind == "touches"):
        return Outcome(CREATED)
    return Outcome(UPDATED) if kept.changed or new else NOTHING_NEW


def _at(said: Said) -> datetime | None:
    moment = said.more.get("at")
    return moment.at if moment else None


def _tellings(known: Sequence[tuple[Said, Kept]], run: Run) -> list[Telling]:
    offers = bulk.offers((said.more.get("offer", "") for said, _ in known), run.now)
    campaigns = bulk.campaigns((said.more.get("campaign", "") for said, _ in known), run.now)
    members = sellers(said.more.get("member", "") for said, _ in known)
    return [_telling(said, kept.person or 0, run, offers, campaigns, members) for said, kept in known]


def _telling(
    said: Said, person: int, run: Run, offers: dict[str, int], campaigns: dict[str, int], members: dict[str, int]
) -> Telling:
    """The touch of one row. It is known again by its id; else by who, what, when and with which offer."""
    more, at = said.more, _at(said)
    kind, event = _kind(said, at is not None, run)
    if "touch_id" in more:
        name = key(f"touch {run.mapping.system}", more["touch_id"])
    else:
        parts = (
            str(person),
            kind,
            at.isoformat() if at else "",
            event,
            *(more.get(f, "") for f in ("offer", "campaign", "url")),
        )
        name = key("import", "\0".join(parts))
    return Telling(
        name, at or run.at, kind, person, _team(more, kind), member=members.get(more.get("member", "")),
        offer=offers.get(more.get("offer", "")), campaign=campaigns.get(more.get("campaign", "")),
        source=more.get("source", ""), medium=more.get("medium", ""), event=event, url=more.get("url", ""),
        properties=said.properties,
    )  # fmt: skip


def _kind(said: Said, dated: bool, run: Run) -> tuple[str, str]:
    """The kind of touch and the event's name; a kind that no touch is becomes an event of that name.

    A lead without a date was put on a list: it is a lead, but shows no interest now.
    """
    event = said.more.get("event", "")
    written = said.more.get("touch", "")
    if not written:
        return ("track" if run.mapping.kind == "touches" else "form" if dated else "list"), event
    if code(written) in TOUCH_KINDS:
        return code(written), event
    return "track", event or written


def _team(more: dict[str, Any], kind: str) -> str:
    team = code(more["team"]) if "team" in more else ""
    if team in TEAMS:
        return team
    return "sales" if kind in BY_SALES else "marketing" if kind == "list" else "person"
