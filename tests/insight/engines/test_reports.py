"""Every report finds the same on Spark as on DuckDB."""

import math
from typing import Any

import pytest

from tests.insight.engines.reports import asked
from tilth.agreement.models import Version
from tilth.insight.engine import Engine
from tilth.insight.report import as_json
from tilth.insight.reports import REPORTS

# Reports that find something else on Spark, and why. Strict: what is mended must leave the list.
GAPS: dict[str, str] = {}
OF_THE_DATABASE = {
    "kept",
    "leaks",
}  # promises and leaks are no matter of the lake, and the database of this test has none


def alike(one: Any, other: Any) -> bool:
    """The same, but for the last digits of a fraction."""
    if isinstance(one, dict) and isinstance(other, dict):
        return one.keys() == other.keys() and all(alike(one[k], other[k]) for k in one)
    if isinstance(one, list | tuple) and isinstance(other, list | tuple):
        return len(one) == len(other) and all(map(alike, one, other))
    if isinstance(one, float) and isinstance(other, float):
        return math.isclose(one, other, rel_tol=1e-9, abs_tol=1e-12)
    return type(one) is type(other) and one == other


@pytest.mark.spark
@pytest.mark.parametrize(
    "name",
    [pytest.param(n, marks=pytest.mark.xfail(strict=True, reason=GAPS[n])) if n in GAPS else n for n in REPORTS],
)
def test_a_report_finds_the_same_on_spark(name: str, duckdb: Engine, spark: Engine, agreement: Version) -> None:
    report = REPORTS[name]
    here, there = (as_json(report.work(asked(report, engine, agreement))) for engine in (duckdb, spark))
    assert here["rows"] or name in OF_THE_DATABASE
    assert alike(here, there), f"{here}\n\n{there}"
