"""What is asked can be said in the SQL of warehouses. None of them is here, so this says nothing of what they would answer."""

from collections.abc import Callable
from functools import cache
from typing import Any

import ibis
import pytest
from ibis.common.exceptions import IbisError
from ibis.expr.operations import Node

from tests.insight.engines.asked import ASKED
from tests.insight.engines.reports import CHOICES, Noting, asked
from tilth.agreement.models import Version
from tilth.insight.engine import Engine
from tilth.insight.lake import Lake
from tilth.insight.reports import REPORTS

DIALECTS = ("bigquery", "snowflake", "trino", "clickhouse")
# What Ibis cannot say there. Strict: what can be said must leave the list.
GAPS: dict[tuple[str, str], str] = {
    ("days_to_close", dialect): "Ibis knows no exact quantile there" for dialect in ("bigquery", "trino")
}


def told() -> list[Any]:
    return [pytest.param(q, d, id=f"{q.__name__}-{d}", marks=_gap(q.__name__, d)) for q in ASKED for d in DIALECTS]


def _gap(what: str, dialect: str) -> list[Any]:
    why = GAPS.get((what, dialect))
    return [pytest.mark.xfail(strict=True, reason=why)] if why else []


@pytest.mark.parametrize(("question", "dialect"), told())
def test_an_expression_can_be_said(question: Callable[..., Any], dialect: str, duckdb: Engine) -> None:
    assert "SELECT" in ibis.to_sql(question(duckdb.tables()), dialect=dialect)


@pytest.mark.parametrize(("name", "choice", "value"), CHOICES)
def test_what_a_report_asks_can_be_said(name: str, choice: str, value: str, lake: Lake, agreement: Version) -> None:
    engine, report = Noting(lake), REPORTS[name]
    report.work(asked(report, engine, agreement, choice, value))
    operations = [expression.op() for expression in engine.noted]
    cannot = {dialect for dialect in DIALECTS if not all(can_be_said(one, dialect) for one in operations)}
    assert cannot == {dialect for gap, dialect in GAPS if gap == name}


@cache
def can_be_said(operation: Node, dialect: str) -> bool:
    """Whether Ibis has words for it there; what several choices ask alike is put into them once."""
    try:
        return "SELECT" in ibis.to_sql(operation.to_expr(), dialect=dialect)
    except IbisError:
        return False
