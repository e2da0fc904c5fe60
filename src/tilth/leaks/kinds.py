"""The kinds of leaks. A lead is under the first that holds, so that the money at risk is counted once."""

from django.db import models
from django.utils.translation import gettext_lazy as _


class Kind(models.TextChoices):
    OWNER_GONE = "owner-gone", _("Owner is gone")
    NO_OWNER = "no-owner", _("No owner")
    BLOCKED = "blocked", _("Handing off is blocked by missing data")
    OVERDUE = "overdue", _("Overdue")
    STALE = "stale", _("Status is stale")
    NO_STEP = "no-step", _("No next step")
    NO_PLAN = "no-plan", _("Came back from sales, and nobody has a plan")
    UNBRIEFED = "unbriefed", _("Campaign runs, and sales was not briefed")


HELD = (Kind.OWNER_GONE, Kind.OVERDUE, Kind.STALE, Kind.NO_STEP)
FREE = (Kind.NO_OWNER, Kind.BLOCKED, Kind.NO_PLAN)
GETS_OWNER = (Kind.OWNER_GONE, Kind.NO_OWNER)
"""Mended by an owner; the other leads by a next step with a day."""
