"""A track of mails: its steps, whom it takes in by itself, and which mail comes next when.

Source: docs/algorithms/nurture.md
"""

import re
from collections.abc import Collection, Mapping, Sequence
from datetime import datetime, time, timedelta
from typing import Any
from zoneinfo import ZoneInfo

import msgspec

from .clock import Calendar, days_later, due

WORDS = ("first name", "last name", "company", "sender")  # what may stand in braces in a mail
PLAIN_WEEK = Calendar(ZoneInfo("UTC"), (((time(9), time(17)),),) * 5 + ((),) * 2)  # while no agreement says otherwise
MOST_STEPS = 30
LONGEST_WAIT = 250  # working days: about a year


class Step(msgspec.Struct, frozen=True, omit_defaults=True):
    """One mail. It goes out `days` working days after the one before, the first so long after somebody came in.

    id       stays when the step is moved or its words change: nobody gets the same step twice
    text     paragraphs with an empty line between; words in braces are filled in, see `filled`
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
    recycled    ids of reasons with which their last round through sales ended: returned, handed back or lost
    """

    stages: list[str] = []
    nurture: bool = False
    segments: list[str] = []
    recycled: list[str] = []

    def __bool__(self) -> bool:
        return bool(self.stages or self.nurture or self.segments or self.recycled)


class Spec(msgspec.Struct, frozen=True, omit_defaults=True):
    """One version of a track.

    language     of its mails, and so of the lines below them that say why somebody gets them
    imprint      who writes: name, address and number of the firm, as the law wants it below each of these mails
    customers    they are about our own products that are like what the reader bought, who could refuse when giving us the
                 address: so customers may get them without having agreed (docs/privacy.md)
    """

    language: str
    imprint: str = ""
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


def send_at(since: datetime, days: int, calendar: Calendar) -> datetime:
    """When a mail goes that follows so many working days later: at the same time of day, or when the house opens next.

    since    when the one before went, or when somebody came in
    raises   NoOpenHours
    Source: docs/algorithms/nurture.md
    """
    return due(days_later(since, days, calendar), timedelta.resolution, calendar) - timedelta.resolution


class Fault(msgspec.Struct, frozen=True):
    """What is wrong with a track, and where: "step 2", "imprint", "steps"."""

    where: str
    what: str


def faults(spec: Spec) -> list[Fault]:
    """Why no mail of this track may go out, in the order of the page; nothing when all is there."""
    out = [] if spec.imprint.strip() else [Fault("imprint", "no_imprint")]
    if not spec.steps:
        out.append(Fault("steps", "no_steps"))
    if len(spec.steps) > MOST_STEPS:
        out.append(Fault("steps", "too_many"))
    for n, step in enumerate(spec.steps):
        out += [Fault(f"step {n}", what) for what in _lacks(step)]
    return out


def _lacks(step: Step) -> list[str]:
    out = [] if step.subject.strip() else ["no_subject"]
    if not step.text.strip():
        out.append("no_text")
    if not 0 <= step.days <= LONGEST_WAIT:
        out.append("no_wait")
    if step.url and not step.url.lower().startswith(("https://", "http://")):
        out.append("no_url")
    return out + ["no_such_word"] * any(word not in WORDS for word in words_in(step.subject + step.text))


def words_in(text: str) -> list[str]:
    """The words in braces, such as "first name" of {first name|reader}."""
    return [found[1].strip() for found in _BRACES.finditer(text)]


def filled(text: str, told: Mapping[str, str]) -> str:
    """A text with what is known of its reader in the place of each word in braces; else with what stands behind the bar.

    Other words stay as they are, so that a mistake is seen in the preview.

        >>> filled("Dear {first name|reader} of {company}", {"first name": "", "company": "Zonneveld"})
        'Dear reader of Zonneveld'
    """

    def fill(found: re.Match[str]) -> str:
        word = found[1].strip()
        return told[word] or (found[2] or "").strip() if word in told else found[0]

    return _BRACES.sub(fill, text)


_BRACES = re.compile(r"\{([^{}|\n]*)(?:\|([^{}\n]*))?\}")
