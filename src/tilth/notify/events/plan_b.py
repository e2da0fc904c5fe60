"""A contingency has come true (R58): told to both teams and their managers."""

from datetime import datetime
from zoneinfo import ZoneInfo

from django.utils.translation import gettext as _

from tilth.notify.models import Event, Notice
from tilth.plan.models import Fired
from tilth.plan.watched import FIGURES
from tilth.team.models import Member, Role

from .fact import Facts, Told, once

BOTH = (Role.MARKETING, Role.SALES, Role.MANAGER)


def tell(row: Fired, now: datetime) -> Told:
    rule = row.contingency
    everybody = Member.objects.filter(role__in=BOTH, is_active=True).order_by("pk")
    hearers = once((rule.owner, Notice.Why.GOAL), *((member, Notice.Why.GOAL) for member in everybody))
    data = {
        "figure": rule.figure, "value": row.sample.value, "bound": rule.bound, "weeks": rule.weeks, "then": rule.then,
        "of": str(rule.goal or rule.campaign), "owner": rule.owner.name if rule.owner else "",
    }  # fmt: skip
    return Told(Event.What.PLAN_B, None, hearers, data=data)


def title(event: Event, why: str) -> str:
    return _("Plan B: %(then)s") % {"then": event.data["then"]}


def lines(event: Event, why: str, zone: ZoneInfo) -> list[str]:
    said = event.data
    figure = FIGURES[said["figure"]]
    out = [
        _("%(figure)s is %(value)s, and the bound is %(bound)s (%(of)s)")
        % {
            "figure": figure.title,
            "value": figure.said(said["value"]),
            "bound": figure.said(said["bound"]),
            "of": said["of"],
        }
    ]
    return out + ([_("%(who)s sees to it") % {"who": said["owner"]}] if said["owner"] else [])


JOINS = ("sample", "contingency__owner", "contingency__goal", "contingency__campaign")
FACTS = Facts("plan b", Fired, "", tell, JOINS)
