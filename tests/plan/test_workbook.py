"""The workbook: each formula, worked out by itself, says what the plan says; and changes when a number does."""

import re
from io import BytesIO
from xml.etree import ElementTree
from zipfile import ZipFile

import pytest

from tilth.core.planned import read
from tilth.core.planning import Past
from tilth.plan.workbook import FIRST, workbook

NS = {"s": "http://schemas.openxmlformats.org/spreadsheetml/2006/main"}
DOCUMENT = {
    "goal": "1.000.000,00", "basis": "profit", "margin": "40%", "value": "100.000", "first": "2027-01-01", "last": "2027-12-31",
    "points": [
        {"name": "=HYPERLINK(1)", "to_sql": "1/3", "to_won": "1/3", "share": "0", "hours": "2"},
        {"name": "Demo", "to_sql": "1/3", "to_won": "1/7", "share": "3", "cost": "12,50", "hours": "1.5"},
        {"name": "E-book", "sale_rate": "1/100", "share": "7", "lead_rate": "5%"},
    ],
}  # fmt: skip


def cells(content: bytes) -> dict[str, tuple[str, float]]:
    """Formula (or "") and value of each number on the first page."""
    with ZipFile(BytesIO(content)) as book:
        page = ElementTree.fromstring(book.read("xl/worksheets/sheet1.xml"))
    out = {}
    for cell in page.iterfind(".//s:c", NS):
        formula, value = cell.find("s:f", NS), cell.find("s:v", NS)
        if value is not None and cell.get("t") is None:
            out[cell.get("r")] = ("" if formula is None else formula.text, float(value.text))
    return out


def worked_out(found: dict[str, tuple[str, float]], name: str) -> float:
    """A cell by its formula, and those that this one names by theirs."""
    formula, value = found[name.replace("$", "")]
    if not formula:
        return value

    def added(match: re.Match) -> str:
        column, first, last = match[1], int(match[2]), int(match[3])
        return str(sum(worked_out(found, f"{column}{row}") for row in range(first, last + 1)))

    plain = re.sub(r"SUM\(([A-Z]+)(\d+):[A-Z]+(\d+)\)", added, formula)
    plain = re.sub(r"\$?[A-Z]+\$?\d+", lambda m: repr(worked_out(found, m[0])), plain)
    assert re.fullmatch(r"[\d.eE+\-*/() ]+", plain), plain
    return float(eval(plain))  # digits and signs alone, as just asserted


def test_every_formula_says_what_the_plan_says():
    planned = read(DOCUMENT, Past())
    found = cells(workbook(planned, "Plan"))
    for name, (_formula, value) in found.items():
        assert worked_out(found, name) == pytest.approx(value, rel=1e-12), name
    total = FIRST + 3
    assert found[f"M{total}"][1] == pytest.approx(2_500_000)
    assert found[f"J{total}"][1] == pytest.approx(float(planned.together.leads))
    assert sum(bool(formula) for formula, _value in found.values()) > 30


def test_another_goal_gives_another_plan_in_the_workbook():
    found = cells(workbook(read(DOCUMENT, Past()), "Plan"))
    twice = found | {"B3": ("", found["B3"][1] * 2)}
    leads = f"J{FIRST + 3}"
    assert worked_out(twice, leads) == pytest.approx(2 * worked_out(found, leads))


def test_what_somebody_called_a_point_is_text_and_no_formula():
    with ZipFile(BytesIO(workbook(read(DOCUMENT, Past()), "Plan"))) as book:
        assert "<f>HYPERLINK" not in book.read("xl/worksheets/sheet1.xml").decode()
        assert "=HYPERLINK(1)" in book.read("xl/sharedStrings.xml").decode()
