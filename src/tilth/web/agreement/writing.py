"""The sentences of the editor, with a control where a value stands, and the parts that they are in."""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from django.utils.dates import WEEKDAYS
from django.utils.functional import Promise
from django.utils.html import format_html, format_html_join
from django.utils.safestring import SafeString
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from tilth.core.terms import DAYS, LEVELS, STEPS
from tilth.qualify.models import Stage

from . import sentences

Text = str | Promise
_FIELD = re.compile(r"field(\d*)")
Controls = Mapping[str, SafeString]


@dataclass(frozen=True)
class Sheet:
    """A part of the editor: which rows of the form it holds, and what its button adds."""

    title: Text
    names: tuple[str, ...]
    hint: Text = ""
    add: Text = ""


PARTS: dict[str, Sheet] = {
    "matrix": Sheet(gettext_lazy("Fit and interest, and what we do"), ("expected.deal", "expected.fades_hours"), gettext_lazy("The chance of a sale is ours until history says more")),
    "fit": Sheet(gettext_lazy("Fit: who they are"), ("fit.rules",), gettext_lazy("Points may be negative"), gettext_lazy("Add a fit rule")),
    "exclude": Sheet(gettext_lazy("Never a lead"), ("fit.exclude",), gettext_lazy("Disqualified, whatever the points"), gettext_lazy("Add an exclusion")),
    "segments": Sheet(gettext_lazy("Ideal customers"), ("segments",), gettext_lazy("The first that holds names the lead’s segment"), gettext_lazy("Add a segment")),
    "interest": Sheet(gettext_lazy("Interest: what they do"), ("interest.rules",), gettext_lazy("Points fade, so an old visit does not count for ever"), gettext_lazy("Add an interest rule")),
    "journey": Sheet(gettext_lazy("Journey and ripeness"), ("journey", "journey.forget_days", "ripeness.stage", "ripeness.touches", "ripeness.alarm_hours"), gettext_lazy("Not too early, not too late")),
    "stages": Sheet(gettext_lazy("Stages, and who is responsible"), tuple(f"stages.{s}" for s in STEPS), gettext_lazy("Marketing’s half ends at MQL")),
    "promises": Sheet(gettext_lazy("What we owe each other"), (
        "handoff.required", "sla.marketing.leads", "sla.marketing.value", "sla.sales.first_contact_hours", "sla.sales.qualify_by", "sla.sales.calls", "sla.sales.mails",
        "sla.sales.documents", "sla.sales.hours", "sla.sales.within_days", "sla.sales.room_hours", "sla.sales.stale_after_days",
        "sla.sales.remind_hours", "sla.sales.escalate_hours", "sla.sales.reassign_hours", "sla.sales.late_moves",
    )),
    "tell": Sheet(gettext_lazy("What is told"), ("tell",), gettext_lazy("At least so; beyond that everybody chooses")),
    "return": Sheet(gettext_lazy("Reasons to return a lead"), ("return_reasons",), add=gettext_lazy("Add a reason to return")),
    "recycle": Sheet(gettext_lazy("Reasons to hand a worked lead back"), ("recycle_reasons",), add=gettext_lazy("Add a reason to hand back")),
    "lost": Sheet(gettext_lazy("Reasons for a lost deal"), ("lost_reasons",), add=gettext_lazy("Add a reason for a loss")),
    "back": Sheet(gettext_lazy("The way back"), ("sla.review", "recycling"), gettext_lazy("Who looks at returns, and when a lead comes again")),
    "accounts": Sheet(gettext_lazy("Named accounts"), ("routing.accounts",), gettext_lazy("Their leads go to their owner, before all other rules"), gettext_lazy("Add an account")),
    "routing": Sheet(gettext_lazy("Who gets a lead"), ("routing.first", "routing.dispatcher", "release", "routing.pools"), gettext_lazy("The first line that fits; nobody who is away"), gettext_lazy("Add a pool")),
    "glossary": Sheet(gettext_lazy("Glossary"), ("glossary",), gettext_lazy("One meaning per term, for everyone"), gettext_lazy("Add a term")),
    "calendar": Sheet(gettext_lazy("Name, money and working hours"), ("name", "currency", "time_zone", "country", "working_week", "closing_days", "open_days")),
}  # fmt: skip

# What a control is called for who does not see its sentence, and how an empty one is shown.
LABELS: dict[str, dict[str, Text]] = {
    "field": {"label": gettext_lazy("What the condition looks at"), "empty": gettext_lazy("it is any lead")},
    "test": {"label": gettext_lazy("How it is compared")},
    "value": {"label": gettext_lazy("With what"), "hint": gettext_lazy("one, another")},
    "points": {"label": gettext_lazy("Points")},
    "say": {"label": gettext_lazy("What it is called"), "hint": gettext_lazy("what people call it")},
    "hint": {"label": gettext_lazy("What to ask with it"), "hint": gettext_lazy("what else to tell")},
    "kind": {"label": gettext_lazy("Kinds of touches"), "empty": gettext_lazy("anything")},
    "offer": {"label": gettext_lazy("Offers"), "empty": gettext_lazy("any offer")},
    "more": {"label": gettext_lazy("Another offer"), "hint": gettext_lazy("another offer")},
    "event": {"label": gettext_lazy("Names of events"), "hint": gettext_lazy("any event")},
    "url": {"label": gettext_lazy("Part of the page’s address"), "hint": gettext_lazy("any page")},
    "half_life_days": {"label": gettext_lazy("Days until half of the points are left")},
    "at_most": {"label": gettext_lazy("How many count at most"), "hint": "1"},
    "raises_hand": {"label": gettext_lazy("raises a hand")},
    "deal": {"label": gettext_lazy("The usual deal")},
    "fades_hours": {"label": gettext_lazy("Hours until half of the value is left"), "hint": "72"},
    "forget_days": {"label": gettext_lazy("Days after which a step is forgotten"), "hint": "180"},
    "stage": {"label": gettext_lazy("The least stage of the journey"), "empty": gettext_lazy("any stage")},
    "touches": {"label": gettext_lazy("Touches that counted, at least"), "hint": "0"},
    "days": {"label": gettext_lazy("Days since the first of them, at least"), "hint": "0"},
    "alarm_hours": {"label": gettext_lazy("Working hours until the alarm"), "hint": "24"},
    "required": {"label": gettext_lazy("What must be known"), "empty": gettext_lazy("nothing")},
    "missing": {"label": gettext_lazy("What happens without it")},
    "responsible": {"label": gettext_lazy("Who is responsible"), "empty": gettext_lazy("the team of this half")},
    "does": {"label": gettext_lazy("What they do there"), "hint": gettext_lazy("what they do there")},
    "leads": {"label": gettext_lazy("Leads a week")},
    "day": {"label": gettext_lazy("Day of the week")},
    "time": {"label": gettext_lazy("Time of the day")},
    "good_fit": {"label": gettext_lazy("Share of good fit")},
    "good_grades": {"label": gettext_lazy("Grades that are a good fit")},
    **{f"level {n}": {"label": gettext_lazy("Working hours until first contact")} for n in LEVELS},
    "[0]": {"label": gettext_lazy("At least")},
    "[1]": {"label": gettext_lazy("At most")},
    "sla.sales.documents[0]": {"label": gettext_lazy("At least"), "hint": "0"},
    "sla.sales.documents[1]": {"label": gettext_lazy("At most"), "hint": "99"},
    "sla.sales.hours[0]": {"label": gettext_lazy("At least"), "hint": "0.5"},
    "sla.sales.hours[1]": {"label": gettext_lazy("At most"), "hint": "4"},
    "within_days": {"label": gettext_lazy("Working days"), "hint": "21"},
    "room_hours": {"label": gettext_lazy("Hours a week")},
    "stale_after_days": {"label": gettext_lazy("Days without news"), "hint": "10"},
    "sla.marketing.value": {"label": gettext_lazy("What they are worth together"), "hint": gettext_lazy("any amount")},
    "remind_hours": {"label": gettext_lazy("Working hours before it is due"), "hint": gettext_lazy("no")},
    "escalate_hours": {"label": gettext_lazy("Working hours after it was due"), "hint": gettext_lazy("no")},
    "reassign_hours": {"label": gettext_lazy("Working hours after it was due"), "hint": gettext_lazy("no")},
    "late_moves": {"label": gettext_lazy("Leads that marketing delivers late are judged later by as much")},
    "reviewer": {"label": gettext_lazy("E-mail of who looks at every return"), "hint": gettext_lazy("any manager")},
    "within_hours": {"label": gettext_lazy("Working hours until it is decided"), "hint": "16"},
    "blind": {"label": gettext_lazy("without seeing who returned it")},
    "rounds": {"label": gettext_lazy("The most rounds"), "hint": gettext_lazy("any number of")},
    "rest_days": {"label": gettext_lazy("Days of rest"), "hint": "0"},
    **{f"tell.{what}": {"label": label, "empty": gettext_lazy("as everybody chooses")} for what, label in sentences.TOLD.items()},
    "first": {"label": gettext_lazy("The skill of those who work leads first"), "hint": gettext_lazy("nobody")},
    "dispatch": {"label": gettext_lazy("How leads are passed on"), "empty": gettext_lazy("by themselves")},
    "dispatcher": {"label": gettext_lazy("E-mail of who passes them on"), "hint": gettext_lazy("by the rules below")},
    "by_capacity": {"label": gettext_lazy("only as far as sales has hours for them")},
    **{f"release.hours.{n}": {"label": gettext_lazy("Hours that a lead takes"), "hint": "1"} for n in LEVELS},
    "skill": {"label": gettext_lazy("A skill that is needed"), "hint": gettext_lazy("no special skill")},
    "more field": {"label": gettext_lazy("What one more condition looks at"), "empty": gettext_lazy("nothing else")},
    "routing.accounts.word": {"label": gettext_lazy("Domain"), "hint": "firm.example"},
    "routing.accounts.meaning": {"label": gettext_lazy("E-mail of its owner")},
    "word": {"label": gettext_lazy("Term"), "hint": gettext_lazy("term")},
    "meaning": {"label": gettext_lazy("What it means")},
    "name": {"label": gettext_lazy("Name of the agreement")},
    "currency": {"label": gettext_lazy("Currency")},
    "time_zone": {"label": gettext_lazy("Time zone")},
    "country": {"label": gettext_lazy("Country")},
    "region": {"label": gettext_lazy("Region"), "hint": gettext_lazy("whole country")},
    "closing_days": {"label": gettext_lazy("Closing days"), "hint": "2026-12-24"},
    "open_days": {"label": gettext_lazy("Holidays on which we work"), "hint": "2026-04-03"},
    **{day: {"label": WEEKDAYS[n], "hint": gettext_lazy("closed")} for n, day in enumerate(DAYS)},
}  # fmt: skip

_CONDITION = gettext_lazy("{say}: when {field} {test} {value}")
_REASON = gettext_lazy("{say} {hint}")
_FROM_TO = gettext_lazy("at least {low} and at most {high}")
SAYS: dict[str, Text] = {
    "fit.rules": gettext_lazy("{say}: {points} points when {field} {test} {value}"),
    "fit.exclude": _CONDITION,
    "segments": _CONDITION,
    "interest.rules": gettext_lazy(
        "{say}: {points} points for {kind}, with {offer}, event {event}, page address {url}. "
        "Halves every {half_life_days} days; the newest {at_most} count. {raises_hand}"
    ),
    "expected.deal": gettext_lazy("The usual deal is worth {deal}."),
    "expected.fades_hours": gettext_lazy(
        "A lead that nobody works loses half of its value in {fades_hours} working hours."
    ),
    "journey.forget_days": gettext_lazy("A step older than {forget_days} days says nothing any more."),
    "ripeness.stage": gettext_lazy("Nobody is called before {stage}. A raised hand is always ripe at once."),
    "ripeness.touches": gettext_lazy(
        "Ripe after at least {touches} touches that counted, and {days} days since the first of them."
    ),
    "ripeness.alarm_hours": gettext_lazy("A ripe lead that waits more than {alarm_hours} working hours is an alarm."),
    "handoff.required": gettext_lazy("Needed at handoff: {required}. Without them {missing}."),
    "sla.marketing.leads": gettext_lazy(
        "Marketing hands off {leads} leads by {day} {time} every week, at least {good_fit} of good fit ({good_grades})."
    ),
    "sla.marketing.value": gettext_lazy("Together they are worth {value} a week."),
    "sla.sales.remind_hours": gettext_lazy(
        "Who owes a promise is reminded {remind_hours} working hours before it is due."
    ),
    "sla.sales.escalate_hours": gettext_lazy(
        "When it was due {escalate_hours} working hours ago and was not met, managers are told."
    ),
    "sla.sales.reassign_hours": gettext_lazy(
        "A lead that nobody contacted goes to somebody else {reassign_hours} working hours after its first contact was due."
    ),
    "sla.sales.late_moves": "{late_moves}",
    "sla.sales.qualify_by": gettext_lazy("Sales says of each lead by {day} {time} whether it is an SQL or comes back."),
    "sla.sales.within_days": gettext_lazy("All of that within {within_days} working days."),
    "sla.sales.room_hours": gettext_lazy("Sales has room for new leads of {room_hours} hours a week, all together."),
    "sla.sales.stale_after_days": gettext_lazy(
        "A lead of which nothing was heard for {stale_after_days} days is stale, and both teams see it."
    ),
    "sla.review": gettext_lazy(
        "Every return is looked at once more by {reviewer} within {within_hours} working hours. {blind}"
    ),
    "recycling": gettext_lazy(
        "A lead goes through sales {rounds} times at most, and rests for {rest_days} days in between. A raised hand goes at once."
    ),
    "return_reasons": _REASON,
    "recycle_reasons": _REASON,
    "lost_reasons": _REASON,
    "glossary": gettext_lazy("{word} {meaning}"),
    "routing.accounts": gettext_lazy("Leads of {word} go to {meaning}"),
    "routing.first": gettext_lazy(
        "Leads that no account and no running conversation claims are worked first by those with the skill {first}."
    ),
    "routing.dispatcher": gettext_lazy("Leads are passed on {dispatch}, {dispatcher}."),
    "name": gettext_lazy("This agreement is called {name}."),
    "currency": gettext_lazy("Money is counted in {currency}."),
    "time_zone": gettext_lazy("Hours are those of {time_zone}."),
    "country": gettext_lazy("The public holidays are those of {country}, {region}."),
    "closing_days": gettext_lazy("We are also closed on {closing_days}."),
    "open_days": gettext_lazy("These holidays are working days for us: {open_days}."),
}
TRIES: dict[str, Text] = {
    "sla.sales.calls": gettext_lazy("Sales calls each lead {range}."),
    "sla.sales.mails": gettext_lazy("Sales mails each lead {range}."),
    "sla.sales.documents": gettext_lazy("Sales sends each lead documents: {range}."),
    "sla.sales.hours": gettext_lazy("Sales invests in each lead, in hours: {range}."),
}


def sentence(part: str, controls: Controls) -> SafeString:
    """The sentence of a row with its controls in place. `part` is the row's name without its number."""
    if part in SAYS:
        return format_html(str(SAYS[part]), **controls)
    if part in TRIES:
        tries = format_html(str(_FROM_TO), low=controls["[0]"], high=controls["[1]"])
        return format_html(str(TRIES[part]), range=tries)
    if part.startswith("stages."):
        says = {"stage": Stage(part.removeprefix("stages.")).label, **controls}
        return format_html(_("{stage}: {responsible} is responsible. {does}"), **says)
    return _LONGER[part](controls)


def _journey(controls: Controls) -> SafeString:
    offers = format_html_join(
        "", "<li><span>{}</span> {}</li>", ((k.removeprefix("offer "), c) for k, c in controls.items())
    )
    return format_html(
        '{}<ul class="per-offer">{}</ul>', _("Each offer belongs to a stage of the buyer’s journey:"), offers
    )


def _first_contact(controls: Controls) -> SafeString:
    hours = format_html_join(
        "; ", _("{0} working hours at interest {1}"), ((c, k.removeprefix("level ")) for k, c in controls.items())
    )
    return format_html(_("Sales makes first contact by call, mail or meeting within {hours}."), hours=hours)


def _release(controls: Controls) -> SafeString:
    hours = format_html_join(
        "; ", _("{0} hours with interest {1}"), ((controls[str(level)], level) for level in LEVELS)
    )
    return format_html(
        _("Ripe leads are let go {by_capacity}. A raised hand always goes at once. One lead takes {hours}."),
        by_capacity=controls["by_capacity"], hours=hours,
    )  # fmt: skip


def _pool(controls: Controls) -> SafeString:
    tails = sorted((found[1] for k in controls if (found := _FIELD.fullmatch(k))), key=lambda tail: int(tail or 1))
    conditions = (tuple(controls[f"{part}{tail}"] for part in ("field", "test", "value")) for tail in tails)
    when = format_html_join(f" {_('and')} ", "{} {} {}", conditions)
    own = {"say", "skill", *(f"{part}{tail}" for part in ("field", "test", "value") for tail in tails)}
    who = format_html_join(
        "", '<label class="weight">{} {}</label>', ((c, k) for k, c in controls.items() if k not in own)
    )
    return format_html(
        _("{say}: when {when}. Who gets it has {skill}. Turns of each, or nobody for everyone in sales: {members}"),
        say=controls["say"], skill=controls["skill"], when=when,
        members=format_html('<span class="weights">{}</span>', who),
    )  # fmt: skip


def _week(controls: Controls) -> SafeString:
    days = format_html_join(
        "", "<li><span>{}</span> {}</li>", ((WEEKDAYS[DAYS.index(day)], c) for day, c in controls.items())
    )
    return format_html('{}<ul class="per-offer">{}</ul>', _("We work:"), days)


def _tell(controls: Controls) -> SafeString:
    rows = format_html_join(
        "", "<li><span>{}</span> {}</li>", ((sentences.TOLD[what], c) for what, c in controls.items())
    )
    return format_html('{}<ul class="per-offer">{}</ul>', _("Whoever it concerns is told:"), rows)


_LONGER: dict[str, Any] = {
    "journey": _journey,
    "sla.sales.first_contact_hours": _first_contact,
    "release": _release,
    "routing.pools": _pool,
    "working_week": _week,
    "tell": _tell,
}
