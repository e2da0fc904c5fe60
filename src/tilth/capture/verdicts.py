"""Rows of what sales said of its leads: accepted, returned, qualified, handed back. Each goes through the verb of that name.

So a file refuses what a page refuses: a reason that the agreement does not have, a lead that somebody else has, a return
that says nothing of what it rests on. Read again, a file tells nothing new.
"""

from collections.abc import Sequence
from datetime import date, datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from tilth.core.mapping import code
from tilth.core.rows import Said
from tilth.handoff import verbs
from tilth.handoff.models import Handoff
from tilth.handoff.verbs import Done, Refused
from tilth.people.crowd import Crowd, Kept, erased
from tilth.team.models import Member

from .run import CREATED, ERASED, FAILED, NOTHING_NEW, Outcome, Run, sellers

DAY = timedelta(days=1)
CALLED = {
    "accept": "accept accepted geaccepteerd akzeptiert angenommen",
    "return": "return returned rejected teruggestuurd zurück zurückgegeben abgelehnt",
    "qualify": "qualify qualified sql gekwalificeerd qualifiziert",
    "hand_back": "hand_back handed_back recycle recycled teruggegeven",
}
VERDICTS = {word: verdict for verdict, words in CALLED.items() for word in words.split()}
GIVE_UP = {"return": verbs.return_lead, "hand_back": verbs.hand_back}


def take_in(rows: Sequence[Said], run: Run) -> list[Outcome]:
    """Take in rows of a file of verdicts, the earliest first; an outcome for each. Inside a transaction."""
    gone = erased(rows)
    known = [said for said in rows if id(said) not in gone]
    crowd = Crowd(known, run.now, run.file, run.by)
    people = {id(said): crowd.keep(said, None, make=False) for said in known}
    crowd.write()
    named = sellers(said.more.get("member", "") for said in known)
    members = Member.objects.in_bulk(named.values())
    colleagues = {name: members[pk] for name, pk in named.items()}
    outcomes = {
        id(said): _outcome(said, people[id(said)], colleagues, run) for said in sorted(known, key=lambda s: _at(s, run))
    }
    return [outcomes.get(id(said), ERASED) for said in rows]


def _outcome(said: Said, kept: Kept, colleagues: dict[str, Member], run: Run) -> Outcome:
    try:
        done = _say(said, kept, colleagues, run)
    except Refused as why:
        return Outcome(FAILED, str(why))
    return Outcome(CREATED) if done.entry is not None else NOTHING_NEW


def _say(said: Said, kept: Kept, colleagues: dict[str, Member], run: Run) -> Done:
    """The verb that a row means, by who said it: whom the row names, or else the owner.

    raises   Refused
    """
    at, verdict = _at(said, run), VERDICTS.get(code(said.more.get("verdict", "")), "")
    if not verdict:
        raise Refused(f"“{said.more.get('verdict', '')}” is no verdict. Verdicts are: {', '.join(CALLED)}.")
    handoff = _handoff(kept.person, at)
    named = said.more.get("member", "")
    if named and named not in colleagues:
        raise Refused(f"“{named}” is no colleague. Write the name or the e-mail address of one.")
    by = colleagues[named] if named else handoff.owner
    when = max(at, handoff.at)
    if verdict == "accept":
        return verbs.accept(handoff, by, when)
    if verdict == "qualify":
        return verbs.qualified(handoff, by, when, said.more.get("note", ""))
    told = _told(said, run)
    if not told["rests_on"]:
        raise Refused("It does not say what the reason rests on.")
    reason, note = said.more.get("reason", ""), said.more.get("note", "")
    return GIVE_UP[verdict](handoff, by, _reason(handoff, verdict, reason), note, when, **told)


def _handoff(person: int | None, at: datetime) -> Handoff:
    """The handoff that ran at a moment."""
    rows = Handoff.objects.filter(person=person or 0, at__lte=at).select_related("owner", "version", "person")
    handoff = rows.order_by("-at", "-pk").first()
    if handoff is None:
        raise Refused("Nobody that we know was with sales then.")
    return handoff


def _reason(handoff: Handoff, verdict: str, written: str) -> str:
    """The id of a reason that may be written as the agreement calls it."""
    terms = handoff.version.terms
    reasons = terms.return_reasons if verdict == "return" else terms.recycle_reasons
    word = written.strip().casefold()
    return next((r.id for r in reasons if word in (r.id.casefold(), r.say.casefold())), written)


def _told(said: Said, run: Run) -> dict[str, Any]:
    wake = said.more.get("wake_on")
    day: date | None = wake.at.astimezone(ZoneInfo(run.mapping.zone)).date() if wake else None
    texts = {name: said.more.get(name, "").strip() for name in ("rests_on", "comes_back", "event")}
    return {**texts, "comes_back": code(texts["comes_back"]), "wake_on": day}


def _at(said: Said, run: Run) -> datetime:
    """When it was said; on a day without a time, at its end, for the handoff may be of the same day."""
    moment = said.more.get("at")
    if moment is None:
        return run.now
    return min(moment.at + DAY - timedelta(microseconds=1) if moment.whole_day else moment.at, run.now)
