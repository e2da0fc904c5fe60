"""A track of mails: its steps, whom it takes in by itself, and which mail comes next when.

Source: docs/algorithms/nurture.md
"""

from collections.abc import Collection, Mapping, Sequence
from typing import Any

import msgspec

MOST_STEPS = 30
LONGEST_WAIT = 250  # working days: about a year


class Step(msgspec.Struct, frozen=True, omit_defaults=True):
    """One mail. It goes out `days` working days after the one before, the first so long after somebody came in.

    id       stays when the step is moved or its words change: nobody gets the same step twice
    text     paragraphs with an empty line between; see `letter`
    offer    the key of the piece of content it brings; "" for none
    url      where that lies, or any other page that the mail leads to; "" for none
    """

    id: str
    days: int
    subject: str
    text: str
    offer: str = ""
    url: str = ""


class Rule(msgspec.Struct, frozen=True, omit_defaults=True):
    """Whom a track takes in by itself: who meets everything that is said here. Who says nothing takes in nobody.

    stages      the stages at which somebody may be
    nurture     the matrix says of them: nurture
    segments    ids of segments of ideal customers
    recycled    ids of reasons with which sales gave them back, the last time
    """

    stages: list[str] = []
    nurture: bool = False
    segments: list[str] = []
    recycled: list[str] = []

    def __bool__(self) -> bool:
        return bool(self.stages or self.nurture or self.segments or self.recycled)


class Spec(msgspec.Struct, frozen=True, omit_defaults=True):
    """One version of a track.

    language     of its mails: theirs is the line that says why somebody gets them
    customers    they are about our own products that are like what the reader bought, who could refuse when giving us the
                 address: so customers may get them without having agreed (docs/privacy.md)
    """

    language: str
    steps: list[Step] = []
    rule: Rule = Rule()
    customers: bool = False

    def plain(self) -> dict[str, Any]:
        return msgspec.to_builtins(self)


def read(plain: Mapping[str, Any]) -> Spec:
    """raises     msgspec.ValidationError, for what no editor wrote"""
    return msgspec.convert(plain, Spec)


def next_step(steps: Sequence[Step], done: Collection[str]) -> Step | None:
    """The mail that comes next for somebody who got these; None when there is none left.

    That is the one behind the last that they got, wherever that stands by now: what was put in before it is past for them.
    """
    reached = [n for n, step in enumerate(steps) if step.id in done]
    left = steps[reached[-1] + 1 :] if reached else steps
    return left[0] if left else None
