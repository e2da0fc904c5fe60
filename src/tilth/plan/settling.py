"""What both teams owe by a plan, written into the document of an agreement: for both to sign there."""

from collections.abc import Mapping
from copy import deepcopy
from datetime import date, timedelta
from math import ceil
from typing import Any

from tilth.core.figures import DIGITS
from tilth.core.planned import Planned


def agreed(document: Mapping[str, Any], planned: Planned, today: date) -> dict[str, Any]:
    """The same agreement with what the plan asks a week, on average over the weeks that are left of it.

    Marketing owes leads and lead value a week; sales has hours for them, where the plan says how many. Rounded up: a promise
    that is kept must bring the plan.
    """
    out = deepcopy(dict(document))
    weeks = [
        owed
        for week, owed in zip(planned.weeks, planned.owed, strict=True)
        if week.first + timedelta(days=week.days) > today
    ] or planned.owed
    marketing = out.setdefault("sla", {}).setdefault("marketing", {})
    marketing["leads"] = ceil(sum(sum(owed.leads.values()) for owed in weeks) / len(weeks))
    minor = 10 ** DIGITS.get(planned.sheet.currency, 2)
    marketing["value"] = ceil(sum(owed.value for owed in weeks) / len(weeks) / minor)
    if planned.sheet.hours is not None:
        out["sla"].setdefault("sales", {})["room_hours"] = float(planned.sheet.hours)
    return out
