"""Which month's burn-up the page shows: the running one, or that of the address ("2026-05")."""

from datetime import date, timedelta
from typing import Any

from django.http import HttpRequest
from django.utils.timezone import localtime

from tilth.agreement.models import Version
from tilth.insight import burnup, period
from tilth.insight.burnup import LEADS, VALUE
from tilth.insight.period import Period
from tilth.web import shell
from tilth.web.shell import Shell

from .burnup import Shown

DAY = timedelta(days=1)


def shown(request: HttpRequest, key: str) -> dict[str, Any]:
    """What the template reads: the month, its neighbours, its burn-up (None when nothing is promised in it).

    key    the period that the rest of the page shows, which the links to other months keep
    """
    here, month = shell.of(request), chosen(request)
    found = burnup.burnup(month, here.now, _by(request))
    return {
        "month": month,
        "month_key": word(month),
        "months": [(word(m), m.first) if m else None for m in _around(month, here)],
        "burn": Shown(found, f"month={word(month)}&by={found.by}") if found else None,
        "by": [LEADS if found.by == VALUE else VALUE] if found and found.both else [],
        "period_key": key,
    }


def chosen(request: HttpRequest) -> Period:
    """The month that an address asks for, at most one ahead; the running one for an unknown word."""
    here = shell.of(request)
    running = burnup.running_month(here.now, here.zone)
    try:
        asked = date.fromisoformat(f"{request.GET.get('month', '')}-01")
    except ValueError:
        return running
    return period.month(asked, here.zone) if asked <= running.last + DAY else running


def burnup_of(request: HttpRequest) -> burnup.Burnup | None:
    return burnup.burnup(chosen(request), shell.of(request).now, _by(request))


def word(month: Period) -> str:
    return f"{month.first:%Y-%m}"


def _by(request: HttpRequest) -> str:
    return LEADS if request.GET.get("by") == LEADS else VALUE


def _around(month: Period, here: Shell) -> tuple[Period | None, Period | None]:
    """The months before and after: not before the first agreement, not further ahead than one."""
    first = Version.objects.filter(takes_effect_at__lte=here.now).order_by("takes_effect_at").first()
    running = burnup.running_month(here.now, here.zone)
    has_before = bool(first and first.takes_effect_at and localtime(first.takes_effect_at).date() < month.first)
    before = period.month(month.first - DAY, here.zone) if has_before else None
    after = period.month(month.last + DAY, here.zone) if month.first <= running.first else None
    return before, after
