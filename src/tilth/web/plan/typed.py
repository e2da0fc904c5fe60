"""What was typed on a plan's page, as the document that is kept; and what its fields are called."""

import re
from collections.abc import Mapping
from typing import Any

from django.http import QueryDict
from django.utils.translation import gettext_lazy as _

from tilth.core.planning import MOST_POINTS, PINNED, POINT_FIELDS

TOP = ("goal", "basis", "margin", "first", "last", "value", "hours", "spread", "visitors", "budget")
LONGEST = 80
TITLES = {
    "goal": _("Goal"), "basis": _("Counted in"), "margin": _("Margin"), "first": _("From"), "last": _("Up to and including"),
    "value": _("A customer brings"), "hours": _("Sales hours a week"), "spread": _("How unsure the hours are"), "visitors": _("Visitors at most"),
    "budget": _("Budget at most"), "currency": _("Currency"), "season": _("Season"), "points": _("Conversion points"), "pins": _("Given"),
}  # fmt: skip
POINT_TITLES = {
    "name": _("Name"), "share": _("Share of the leads"), "lead_rate": _("Visitor to lead"), "to_sql": _("Lead to SQL"),
    "to_won": _("SQL to customer"), "sale_rate": _("Lead to customer"), "value": _("A customer brings"), "hours": _("Hours a lead"),
    "cost": _("Cost of a lead"), "most": _("Leads at most"), "days": _("Days to the sale"),
}  # fmt: skip
_POINT = re.compile(r"points\.(\d{1,2})\.(\w+)")


def document_of(typed: QueryDict, currency: str) -> dict[str, Any]:
    """The document that somebody typed. What was left empty is left out; a point without a name and numbers too."""
    out: dict[str, Any] = {"currency": currency}
    said = {name: _clean(str(value)) for name, value in typed.items()}
    out |= {name: said[name] for name in TOP if said.get(name)}
    points: dict[int, dict[str, str]] = {}
    for field, value in said.items():
        found = _POINT.fullmatch(field)
        if found and found[2] in POINT_FIELDS and int(found[1]) < MOST_POINTS and value:
            points.setdefault(int(found[1]), {})[found[2]] = value
    kept = [points[i] for i in sorted(points) if points[i].keys() - {"share"}]
    if kept:
        out["points"] = kept
    season = [_clean(str(text)) for text in typed.getlist("season")]
    if any(season):
        out["season"] = [text or "0" for text in season]
    pins = {name: said[f"pins.{name}"] for name in PINNED if said.get(f"pins.{name}")}
    if pins:
        out["pins"] = pins
    return out


def _clean(text: str) -> str:
    return text.replace("\0", "").strip()[:LONGEST]


def told(errors: Mapping[str, str], document: Mapping[str, Any]) -> list[dict[str, str]]:
    """What is wrong, each with the name of its field and where it stands on the page."""
    out = []
    for at, why in errors.items():
        found = _POINT.fullmatch(at)
        title = str(TITLES.get(at.partition(".")[0], at))
        if found:
            points = document.get("points") or []
            name = points[int(found[1])].get("name") if int(found[1]) < len(points) else ""
            title = f"{name or _('Conversion point')}: {POINT_TITLES.get(found[2], found[2])}"
        out.append({"at": at, "title": title, "why": why})
    return out
