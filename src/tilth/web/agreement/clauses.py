"""What the clauses of an agreement are called: their lasting paths (see `core.compare`) in words."""

import re
from collections.abc import Iterator, Mapping
from typing import Any

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from .sentences import TOLD

PARTS = {
    "name": gettext_lazy("Name"),
    "currency": gettext_lazy("Currency"),
    "time_zone": gettext_lazy("Time zone"),
    "country": gettext_lazy("Country whose holidays count"),
    "region": gettext_lazy("Region whose holidays count"),
    "working_week": gettext_lazy("Working week"),
    "closing_days": gettext_lazy("Closing days"),
    "open_days": gettext_lazy("Holidays on which we work"),
    "glossary": gettext_lazy("Glossary"),
    "fit": gettext_lazy("Fit"),
    "segments": gettext_lazy("Ideal customers"),
    "interest": gettext_lazy("Interest"),
    "matrix": gettext_lazy("What we do"),
    "expected": gettext_lazy("Expected value"),
    "journey": gettext_lazy("Buyer’s journey"),
    "ripeness": gettext_lazy("Ripeness"),
    "stages": gettext_lazy("Stages"),
    "handoff": gettext_lazy("Handoff"),
    "sla": gettext_lazy("Promises"),
    "return_reasons": gettext_lazy("Reasons to return a lead"),
    "recycle_reasons": gettext_lazy("Reasons to hand a lead back"),
    "lost_reasons": gettext_lazy("Reasons for a lost deal"),
    "recycling": gettext_lazy("The way back"),
    "tell": gettext_lazy("What is told"),
    "routing": gettext_lazy("Who gets a lead"),
    "release": gettext_lazy("How many leads sales can take"),
}
CLAUSES = {
    **{f"tell.{what}": said for what, said in TOLD.items()},
    "fit.grades": gettext_lazy("where the grades begin"),
    "interest.levels": gettext_lazy("where the levels begin"),
    "expected.deal": gettext_lazy("the usual deal"),
    "expected.chance": gettext_lazy("chance of a sale"),
    "handoff.required": gettext_lazy("what must be known"),
    "sla.marketing.leads": gettext_lazy("leads a week"),
    "sla.marketing.by": gettext_lazy("when they are due"),
    "sla.marketing.good_fit": gettext_lazy("share of good fit"),
    "sla.sales.first_contact_hours": gettext_lazy("first contact"),
    "sla.sales.qualify_by": gettext_lazy("when each lead is judged"),
    "sla.sales.calls": gettext_lazy("calls"),
    "sla.sales.mails": gettext_lazy("mails"),
    "sla.sales.documents": gettext_lazy("documents"),
    "sla.sales.hours": gettext_lazy("hours for one lead"),
    "sla.sales.stale_after_days": gettext_lazy("when a lead is stale"),
    "sla.marketing.value": gettext_lazy("what the leads are worth"),
    "sla.sales.remind_hours": gettext_lazy("the reminder"),
    "sla.sales.escalate_hours": gettext_lazy("when managers are told"),
    "sla.sales.reassign_hours": gettext_lazy("when somebody else gets a lead"),
    "sla.sales.late_moves": gettext_lazy("late leads"),
    "sla.sales.room_hours": gettext_lazy("room for new leads"),
    "sla.review.reviewer": gettext_lazy("who looks at returns"),
    "sla.review.within_hours": gettext_lazy("when a return is decided"),
    "sla.review.blind": gettext_lazy("whether they see who returned it"),
    "recycling.rounds": gettext_lazy("the most rounds"),
    "recycling.rest_days": gettext_lazy("days of rest"),
    "routing.accounts": gettext_lazy("named accounts"),
    "routing.first": gettext_lazy("who works leads first"),
    "routing.dispatch": gettext_lazy("by themselves or by hand"),
    "release.by_capacity": gettext_lazy("whether hours decide"),
    "release.hours": gettext_lazy("hours that a lead takes"),
}
LISTS = (
    ("fit", "rules"), ("fit", "exclude"), ("segments",), ("interest", "rules"), ("return_reasons",),
    ("recycle_reasons",), ("lost_reasons",), ("routing", "pools"),
)  # fmt: skip
_ENTRY = re.compile(r"^([\w.]+)\[([^\]]*)\]")


def label(path: str, document: Any) -> str:
    """What a clause is called: "Interest: Asked for a demo", "Promises: calls"; as it stands when nobody named it."""
    if not path:
        return _("The whole agreement")
    part = re.split(r"[.\[]", path, maxsplit=1)[0]
    said = str(PARTS.get(part, part))
    inside = within(path, document)
    return _("%(part)s: %(clause)s") % {"part": said, "clause": inside} if inside else said


def within(path: str, document: Any) -> str:
    """The clause inside its part; "" for a part as a whole."""
    if found := _ENTRY.match(path):
        listed, name = found.groups()
        return entry(document, listed, name) if listed not in ("matrix", "expected.chance") else path
    for known in (path, path.rpartition(".")[0]):
        if known in CLAUSES:
            return str(CLAUSES[known])
    return path.partition(".")[2].replace("_", " ")


def entry(document: Any, listed: str, name: str) -> str:
    """What an entry of a list says: its `say`, or else its id."""
    here: Any = document
    for step in listed.split("."):
        here = here.get(step) if isinstance(here, Mapping) else None
    for item in here if isinstance(here, list) else ():
        if isinstance(item, Mapping) and item.get("id") == name and isinstance(item.get("say"), str):
            return item["say"]
    return name


def choices(document: Any) -> list[tuple[str, list[tuple[str, str]]]]:
    """Every clause that can be talked about, by part: (part, [(path, name), …])."""
    return [(str(name), [(part, _("all of it")), *_inside(part, document)]) for part, name in PARTS.items()]


def _inside(part: str, document: Any) -> Iterator[tuple[str, str]]:
    for steps in LISTS:
        if steps[0] != part:
            continue
        here: Any = document
        for step in steps:
            here = here.get(step) if isinstance(here, Mapping) else None
        for item in here if isinstance(here, list) else ():
            if isinstance(item, Mapping) and isinstance(item.get("id"), str):
                yield f"{'.'.join(steps)}[{item['id']}]", str(item.get("say") or item["id"])
    for path, name in CLAUSES.items():
        if path.partition(".")[0] == part:
            yield path, str(name)
