"""Where people would stand under other terms. Nothing is stored: this is for looking before agreeing."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import datetime

from tilth.core.qualify import Verdict, qualify
from tilth.core.terms import Terms
from tilth.people.models import Email, Person, Phone, about

from .catch_up import _lists, _touches
from .models import Standing

SAMPLE = 500


@dataclass(frozen=True)
class Supposed:
    """One person under two agreements at the same moment; `now` is None when no version is running."""

    person: Person
    then: Verdict
    now: Verdict | None

    @property
    def moves(self) -> bool:
        """Whether another thing would be done with them, or they would stand in another cell."""
        return self.now is not None and (self.now.grade, self.now.level, self.now.action) != (
            self.then.grade,
            self.then.level,
            self.then.action,
        )


def suppose(people: Iterable[int], draft: Terms, running: Terms | None, at: datetime) -> Iterator[Supposed]:
    """Each person under the draft beside the running terms, by what is known at `at`. A bounded number of queries."""
    ids = sorted(people)
    persons = Person.objects.select_related("company").in_bulk(ids)
    emails, phones, touches = _lists(Email, "address", ids), _lists(Phone, "number", ids), _touches(ids, at)
    for pk, person in sorted(persons.items()):
        facts, seen = about(person, emails.get(pk, []), phones.get(pk, [])), touches.get(pk, [])
        yield Supposed(person, qualify(draft, facts, seen, at), qualify(running, facts, seen, at) if running else None)


def sample(most: int = SAMPLE) -> tuple[list[int], int]:
    """Whom to look at: everybody who has a standing, or every n-th of them in the order of their ids.

    returns    ids, and how many there are in all; the same people as long as nobody comes or goes
    """
    count = Standing.objects.count()
    ids = Standing.objects.order_by("pk").values_list("pk", flat=True)
    if count <= most:
        return list(ids), count
    step = -(-count // most)
    return [pk for i, pk in enumerate(ids.iterator()) if i % step == 0], count
