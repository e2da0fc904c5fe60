"""Every report, in the order in which it is listed: a line here and a file of its name is all that a new one needs.

A room above insight may have a report, too: it hands it in with `add` when Django is ready (docs/decisions/leaks-over-time.md).
"""

from tilth.insight.report import Report

from . import (
    attribution,
    channels,
    content,
    costs,
    durations,
    funnel,
    inputs,
    kept,
    rates,
    resources,
    returns,
    seen,
    steps,
    value,
    velocity,
    waiting,
)

_LISTED: tuple[Report, ...] = (
    funnel.REPORT,
    steps.REPORT,
    rates.REPORT,
    value.REPORT,
    attribution.REPORT,
    costs.REPORT,
    channels.REPORT,
    content.REPORT,
    seen.REPORT,
    returns.REPORT,
    velocity.REPORT,
    durations.REPORT,
    waiting.REPORT,
    kept.REPORT,
    resources.REPORT,
    inputs.REPORT,
)
REPORTS = {report.name: report for report in _LISTED}


def add(report: Report) -> None:
    """List a report of a room that insight must not know; once, at the end."""
    REPORTS[report.name] = report
