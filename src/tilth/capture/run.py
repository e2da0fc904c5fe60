"""What taking in one slice of a file needs to know, and what it answers for each row."""

from collections.abc import Iterable
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
ERASED = Outcome(SKIPPED, "erased on request")


def sellers(names: Iterable[str]) -> dict[str, int]:
    """Those of the names that mean a member: their address or their name, in any case."""
    members = {
        word.casefold(): pk
        for pk, *words in Member.objects.values_list("pk", "email", "name")
        for word in words
        if word
    }
    return {name: members[word] for name in set(names) if (word := name.strip().casefold()) in members}
