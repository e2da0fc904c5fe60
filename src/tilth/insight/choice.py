"""What is asked of a report: a period, and what is chosen of each filter. Pages are forgiving, programs are told what may be chosen."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from typing import Any
from urllib.parse import urlencode
from zoneinfo import ZoneInfo

from django.utils.translation import gettext_lazy as _

from .period import Period, named
from .report import Filter, Report

PERIODS = {
    "12-months": _("Last 12 months"),
    "quarter": _("This quarter"),
    "year": _("This year"),
    "all": _("Since the beginning"),
}
USUAL = "12-months"


class Unknown(ValueError):
    """Something that cannot be chosen; the message says what can."""


@dataclass(frozen=True)
class Choice:
    """What somebody chose. `own` when the days are their own.

    unknown   what could not be chosen, and the usual is taken instead: what of, and what was told
    """

    report: Report
    chosen: dict[str, str]
    period: Period
    unknown: tuple[tuple[Any, str], ...] = ()

    @property
    def query(self) -> str:
        """As an address has it, without what is usual."""
        usual = self.report.chosen({}) | {"period": USUAL}
        return urlencode({k: v for k, v in self.chosen.items() if v != usual[k]})

    @property
    def own(self) -> bool:
        return ".." in self.chosen["period"]

    @property
    def periods(self) -> list[tuple[str, Any, bool]]:
        return [(word, title, word == self.chosen["period"]) for word, title in PERIODS.items()]

    @property
    def filters(self) -> list[tuple[Any, str]]:
        """Each filter, and what is chosen of it."""
        return [(one, self.chosen[one.name]) for one in self.report.filters]

    @property
    def said(self) -> str:
        """What is chosen, in words."""
        period = f"{self.period.first} – {self.period.last}" if self.own else str(PERIODS[self.chosen["period"]])
        return ", ".join([period, *(str(one.options.get(value, value)) for one, value in self.filters if value)])


def forgiving(report: Report, told: Mapping[str, str], day: date, zone: ZoneInfo) -> Choice:
    """What is meant; the usual where that means nothing. `told` may have "first" and "last" for days of one's own."""
    word = told.get("period", "")
    if told.get("first") or told.get("last"):
        word = f"{told.get('first', '')}..{told.get('last', '')}"
    chosen = report.chosen(told)
    unknown = [
        (one.title, told[one.name][:60]) for one in report.filters if told.get(one.name) and _odd(one, chosen, told)
    ]
    try:
        period = named(word, day, zone)
    except ValueError:
        unknown += [(_("Period"), word[:60])] if word else []
        word, period = USUAL, named(USUAL, day, zone)
    return Choice(report, chosen | {"period": word}, period, tuple(unknown))


def _odd(one: Filter, chosen: Mapping[str, str], told: Mapping[str, str]) -> bool:
    return bool(one.options) and told[one.name] != chosen[one.name]


def strict(report: Report, told: Mapping[str, str], day: date, zone: ZoneInfo) -> Choice:
    """What is meant.

    raises   Unknown, for a filter or a value that there is not
    """
    options = {one.name: one.options for one in report.filters}
    for name, value in told.items():
        if name not in options and name != "period":
            raise Unknown(f"{report.name} cannot be asked by {name}. It can by: {', '.join(['period', *options])}.")
        if "\0" in value:
            raise Unknown(f"{name} cannot have a NUL in it.")
        if options.get(name) and value not in options[name]:
            raise Unknown(f"{name} cannot be {value}. It can be: {', '.join(options[name])}.")
    word = told.get("period", USUAL)
    try:
        period = named(word, day, zone)
    except ValueError:
        raise Unknown(
            f"period cannot be {word}. It can be: {', '.join(PERIODS)}, or two days as 2026-01-01..2026-03-31."
        ) from None
    return Choice(report, report.chosen(told) | {"period": word}, period)
