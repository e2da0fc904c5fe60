"""One verb on many leads: each as if it were done by itself, and one line in the journal by which all are undone.

Nothing is checked here. What a verb refuses for one lead, it refuses for it among many, in the same words.
"""

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from datetime import datetime

from django.db import transaction

from tilth.handoff.models import Handoff
from tilth.handoff.verbs import AlreadyOver, Done, Refused
from tilth.journal.models import Entry, note
from tilth.people.models import Person
from tilth.team.models import Member

TOGETHER = "did together"


@dataclass(frozen=True)
class Together:
    """Who it was done to, of whom it was so before, who was refused and why, and what undoes all of it; None when nothing changed."""

    done: list[Person]
    before: list[Person]
    refused: list[tuple[Person, str]]
    entry: Entry | None


def together(people: Iterable[Person], verb: Callable[[Person], Done], by: Member, now: datetime) -> Together:
    """Do `verb` to each of these people, in their order; who is refused does not hold up the others."""
    done: list[Person] = []
    before: list[Person] = []
    refused: list[tuple[Person, str]] = []
    entries: list[Entry] = []
    for person in people:
        try:
            with transaction.atomic():
                entry = verb(person).entry
        except Refused as why:
            refused.append((person, str(why)))
            continue
        (before if entry is None else done).append(person)
        if entry is not None:
            entries.append(entry)
    if not entries:
        return Together(done, before, refused, None)
    steps, who = [e.pk for e in entries], [e.person_id for e in entries]
    return Together(done, before, refused, note(TOGETHER, by, now, by, entries=steps, people=who))


def open_handoff(person: Person) -> Handoff:
    """The handoff under which somebody has this lead.

    raises   AlreadyOver
    """
    handoff = Handoff.objects.select_related("person__company", "version").filter(holding__person=person).first()
    if handoff is None:
        raise AlreadyOver(f"Nobody in sales has {person.name} now.")
    return handoff
