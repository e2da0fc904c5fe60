"""What taking in one slice of a file needs to know, and what it answers for each row."""

from dataclasses import dataclass
from datetime import datetime
from typing import NamedTuple

from tilth.core.mapping import Mapping
from tilth.team.models import Member

CREATED, UPDATED, SKIPPED, FAILED = "created", "updated", "skipped", "failed"


@dataclass(frozen=True)
class Run:
    """One import at work. `file` names the content of the file: the same content tells nothing twice."""

    mapping: Mapping
    file: str
    at: datetime
    now: datetime
    by: Member | None


class Outcome(NamedTuple):
    """What became of a row; the reason says why it was skipped or failed."""

    what: str
    reason: str = ""


NOTHING_NEW = Outcome(SKIPPED, "nothing new")


def seller(text: str) -> int | None:
    """The member whom a file calls by address or by name; None when it is none of us."""
    wanted = text.strip().casefold()
    members = Member.objects.values_list("pk", "email", "name")
    return next((pk for pk, email, name in members if wanted in (email.casefold(), name.casefold())), None)
