"""Every report there is, asked of a lake: whoever lists a report in `REPORTS` has it tried on every engine."""

from datetime import date
from typing import Any
from zoneinfo import ZoneInfo

import pyarrow as pa

from tests.insight.engines.sample import NOW
from tilth.agreement.models import Version
from tilth.insight.engine import Engine
from tilth.insight.lake import Lake
from tilth.insight.period import Period
from tilth.insight.report import Asked, Report
from tilth.insight.reports import REPORTS

YEAR = Period(date(2025, 6, 16), date(2026, 6, 16), ZoneInfo("Europe/Amsterdam"))
# As it is usually asked, and with each other choice of each filter, one at a time.
CHOICES = [
    (report.name, name, value)
    for report in REPORTS.values()
    for name, value in [
        ("", ""),
        *((one.name, value) for one in report.filters for n, value in enumerate(one.options) if n),
    ]
]


def asked(report: Report, engine: Engine, version: Version, name: str = "", value: str = "") -> Asked:
    return Asked(report.chosen({name: value}), YEAR, NOW, version, engine)


class Noting(Engine):
    """DuckDB, and a note of every expression that it was asked."""

    def __init__(self, lake: Lake):
        super().__init__(lake, "duckdb")
        self.noted: list[Any] = []

    def run(self, expression: Any) -> pa.Table:
        self.noted.append(expression)
        return super().run(expression)

    def once(self, expression: Any) -> Any:
        self.noted.append(expression)
        return super().once(expression)
