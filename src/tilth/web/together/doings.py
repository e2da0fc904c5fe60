"""What can be done to many leads at once. Another one is a line in `DOINGS`: the verb is the one that a single lead has."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from tilth.deals.together import open_handoff
from tilth.handoff import verbs
from tilth.handoff.passing import passes_on, reassign
from tilth.handoff.verbs import Done
from tilth.nurture.enrolling import put_in
from tilth.people.models import Person
from tilth.team.models import Member, Role
from tilth.touches.next_steps import plan_step
from tilth.web.shell import Shell

from .forms import Care, HandBack, Log, Owner, Return, Step

Told = dict[str, Any]


@dataclass(frozen=True)
class Doing:
    """A button and its key, how it is said once it is done, what it asks first (None: nothing), what it does to one lead."""

    name: str
    key: str
    label: Any
    past: Any
    icon: str
    does: Callable[[Person, Member, datetime, Told], Done]
    asks: type[forms.Form] | None = None
    shown: Callable[[Shell], bool] = lambda around: around.me.role in (Role.SALES, Role.MANAGER)


def _everybody(around: Shell) -> bool:
    return True


def _dispatchers(around: Shell) -> bool:
    return passes_on(around.me, around.version)


def _accept(person: Person, by: Member, now: datetime, told: Told) -> Done:
    return verbs.accept(open_handoff(person), by, now)


def _log(person: Person, by: Member, now: datetime, told: Told) -> Done:
    return verbs.log_contact(person, by, told["kind"], now, told["outcome"], told["note"])


def _step(person: Person, by: Member, now: datetime, told: Told) -> Done:
    return Done(*plan_step(person, by, told["what"], told["on"], now))


def _return(person: Person, by: Member, now: datetime, told: Told) -> Done:
    return verbs.return_lead(open_handoff(person), by, told["reason"], told["note"], now, **_why(told))


def _hand_back(person: Person, by: Member, now: datetime, told: Told) -> Done:
    return verbs.hand_back(open_handoff(person), by, told["reason"], told["note"], now, **_why(told))


def _reassign(person: Person, by: Member, now: datetime, told: Told) -> Done:
    return reassign(open_handoff(person), told["owner"], now, by)


def _why(told: Told) -> Told:
    return {name: told[name] for name in ("rests_on", "comes_back", "event", "wake_on")}


def _put_in(person: Person, by: Member, now: datetime, told: Told) -> Done:
    return put_in(told["track"], person, by, now)


DOINGS = [
    Doing("accept", "a", _("Accept"), _("accepted"), "check", _accept),
    Doing("log", "l", _("Log a contact"), _("contact logged"), "phone", _log, Log, _everybody),
    Doing("step", "n", _("Next step"), _("next step planned"), "calendar-event", _step, Step, _everybody),
    Doing("return", "r", _("Return"), _("returned"), "corner-up-left", _return, Return),
    Doing("hand-back", "b", _("Hand back"), _("handed back"), "corner-up-left", _hand_back, HandBack),
    Doing(
        "track", "t", _("Put into a track"), _("put into a track"), "plant", _put_in, Care,
        lambda around: around.may_open("tracks"),
    ),
    Doing(
        "reassign", "s", _("Give to somebody else"), _("given to somebody else"), "arrows-exchange", _reassign, Owner,
        _dispatchers,
    ),
]  # fmt: skip


def offered(around: Shell) -> list[Doing]:
    """What this member is offered. Whether it may be done to a lead is the verb's to say."""
    return [doing for doing in DOINGS if doing.shown(around)]
