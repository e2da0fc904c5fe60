"""What the agreement asks sales to do for a lead before it counts as not reached, and how much of that is done (R43)."""

from dataclasses import dataclass
from typing import Any

from django.utils.translation import gettext_lazy

from tilth.core.follow_up import MEASURES
from tilth.handoff.ceiling import done_for
from tilth.web import words
from tilth.web.queue import Lead

NAMES = {
    "calls": gettext_lazy("Calls"),
    "mails": gettext_lazy("Mails"),
    "documents": gettext_lazy("Documents"),
    "hours": gettext_lazy("Hours"),
}


@dataclass(frozen=True)
class Measure:
    """One measure: how much is done, and between which floor and ceiling. `left`: what may still be done."""

    name: Any
    done: float
    least: float
    most: float

    @property
    def left(self) -> float:
        return max(self.most - self.done, 0)

    @property
    def is_above(self) -> bool:
        return self.done > self.most

    @property
    def is_enough(self) -> bool:
        return self.done >= self.least

    @property
    def text(self) -> str:
        return words.number(self.done, 1 if self.done % 1 else 0)

    @property
    def range(self) -> str:
        return "–".join(words.number(end, 1 if end % 1 else 0) for end in (self.least, self.most))


def follow_up(lead: Lead) -> list[Measure]:
    """[] once there is a verdict: from then on the two are in talks."""
    if lead.qualified or lead.deal:
        return []
    done, promise = done_for(lead.handoff, lead.now), lead.terms.sales
    return [Measure(NAMES[name], getattr(done, name), *getattr(promise, name)) for name in MEASURES]
