"""What an empty Tilth needs before leads go round by themselves, in order."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import date
from typing import Any

from django.utils.translation import gettext_lazy as _

from tilth.agreement.models import Version
from tilth.capture.models import Source
from tilth.people.models import Person
from tilth.plan.models import current
from tilth.team.models import Member
from tilth.web.shell import Shell


@dataclass(frozen=True)
class Step:
    """One thing to do, the page where it is done, and how to see that it was."""

    title: Any
    why: Any
    do: Any
    page: str
    icon: str
    is_done: Callable[[Shell], bool]


@dataclass(frozen=True)
class Standing:
    """A step as it is now; `next` is the first that is not done. `open` when its page lets the member in."""

    step: Step
    done: bool
    next: bool
    open: bool


def _today(here: Shell) -> date:
    return here.now.astimezone(here.zone).date()


STEPS = [
    Step(
        _("Load an agreement"), _("What a good lead is, who does what with it, and what both teams promise."),
        _("Start with the preset"), "agreement", "clipboard-check", lambda here: Version.objects.exists(),
    ),
    Step(
        _("Sign it, for marketing and for sales"), _("Nothing is handed off before both teams have signed."),
        _("Read and sign"), "agreement", "writing-sign", lambda here: here.version is not None,
    ),
    Step(
        _("Set the goal"), _("One amount that both teams see on their Today."),
        _("Set the goal"), "goal", "target-arrow", lambda here: current(_today(here)) is not None,
    ),
    Step(
        _("Bring leads in"), _("From a file, or as they come from your site."),
        _("Import a file"), "imports", "upload", lambda here: Person.objects.exists() or Source.objects.exists(),
    ),
    Step(
        _("Invite colleagues"), _("Leads are handed to people in sales, so at least one must be here."),
        _("Invite"), "team", "users-group", lambda here: Member.objects.filter(is_active=True).count() > 1,
    ),
]  # fmt: skip


def steps(here: Shell) -> list[Standing]:
    """All steps in order; a handful of questions."""
    done = [step.is_done(here) for step in STEPS]
    first = done.index(False) if False in done else None
    return [
        Standing(step, ok, i == first, here.may_open(step.page))
        for i, (step, ok) in enumerate(zip(STEPS, done, strict=True))
    ]
