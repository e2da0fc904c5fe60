"""A plan as a workbook with live formulas: change a number there, and the way back from the goal is worked out anew."""

from decimal import Decimal
from fractions import Fraction
from io import BytesIO
from typing import Any

from django.utils.translation import gettext as _

from tilth.core.figures import DIGITS
from tilth.core.planned import Planned

FIRST = 9  # row of the first conversion point, as the sheet counts: from 1
SHARE, LEAD_RATE, TO_SQL, TO_WON, VALUE, HOURS, COST = "BCDEFGH"  # what is given
WORTH, LEADS, SQLS, CUSTOMERS, REVENUE, VISITORS, TAKES, PAYS = "IJKLMNOP"  # what follows


def workbook(planned: Planned, name: str) -> bytes:
    """The file; every figure that follows is a formula, with its value as it is now."""
    import xlsxwriter

    held = BytesIO()
    book = xlsxwriter.Workbook(held, {"in_memory": True, "strings_to_formulas": False, "strings_to_urls": False})
    try:
        _backward(book, planned, name)
        _months(book, planned)
    finally:
        book.close()
    return held.getvalue()


def _backward(book: Any, planned: Planned, name: str) -> None:
    sheet, page = planned.sheet, book.add_worksheet(_("Plan"))
    bold, money, rate, count = (
        book.add_format(f)
        for f in ({"bold": True}, {"num_format": "#,##0.00"}, {"num_format": "0.0%"}, {"num_format": "#,##0.00"})
    )
    page.write_string("A1", name or _("Plan"), bold)
    page.write_string("A2", f"{sheet.first.isoformat()} – {sheet.last.isoformat()}, {sheet.currency}")
    n = len(sheet.ways)
    last = FIRST + n - 1
    page.write_string("A3", _("Goal"))
    page.write_number("B3", float(_units(sheet.goal, sheet.currency)), money)
    page.write_string("A4", _("Margin"))
    _given(page, "B4", sheet.margin, rate)
    page.write_string("A5", _("Revenue"))
    page.write_formula("B5", "=B3/B4", money, float(_units(sheet.revenue, sheet.currency)))
    page.write_string("A6", _("Leads for one unit of share"))
    scale = planned.rows[0].leads / sheet.ways[0].share if sheet.ways[0].share else _scale(planned)
    page.write_formula("B6", f"=B5/SUM({WORTH}{FIRST}:{WORTH}{last})", count, float(scale))
    heads = (
        _("Conversion point"), _("Share of the leads"), _("Visitor to lead"), _("Lead to SQL"), _("SQL to customer"), _("A customer brings"),
        _("Hours a lead"), _("Cost of a lead"), _("Worth of a unit of share"), _("Leads"), _("SQLs"), _("Customers"), _("Revenue"), _("Visitors"),
        _("Sales hours"), _("Cost"),
    )  # fmt: skip
    for place, head in enumerate(heads):
        page.write_string(FIRST - 2, place, head, bold)
    for line, (way, made) in enumerate(zip(sheet.ways, planned.rows, strict=True), FIRST):
        page.write_string(f"A{line}", way.name)
        _given(page, f"{SHARE}{line}", way.share, count)
        _given(page, f"{LEAD_RATE}{line}", way.lead_rate.value, rate)
        _given(page, f"{TO_SQL}{line}", way.to_sql.value if way.to_sql else Fraction(1), rate)
        _given(page, f"{TO_WON}{line}", way.to_won.value, rate)
        page.write_number(f"{VALUE}{line}", float(_units(way.value.value, sheet.currency)), money)
        _given(page, f"{HOURS}{line}", way.hours.value, count)
        page.write_number(f"{COST}{line}", float(_units(way.cost.value, sheet.currency)), money)
        sqls = made.leads * (way.to_sql.value if way.to_sql else 1)
        worth = way.share * way.sale_rate * way.value.value
        for column, formula, exact, form in (
            (
                WORTH,
                f"={SHARE}{line}*{TO_SQL}{line}*{TO_WON}{line}*{VALUE}{line}",
                _units(worth, sheet.currency),
                money,
            ),
            (LEADS, f"={SHARE}{line}*$B$6", made.leads, count),
            (SQLS, f"={LEADS}{line}*{TO_SQL}{line}", sqls, count),
            (CUSTOMERS, f"={SQLS}{line}*{TO_WON}{line}", made.customers, count),
            (REVENUE, f"={CUSTOMERS}{line}*{VALUE}{line}", _units(made.revenue, sheet.currency), money),
            (VISITORS, f"={LEADS}{line}/{LEAD_RATE}{line}", made.visitors, count),
            (TAKES, f"={LEADS}{line}*{HOURS}{line}", made.hours, count),
            (PAYS, f"={LEADS}{line}*{COST}{line}", _units(made.cost, sheet.currency), money),
        ):
            page.write_formula(f"{column}{line}", formula, form, float(exact))
    total = last + 1
    page.write_string(f"A{total}", _("Together"), bold)
    every = planned.together
    sums = {
        LEADS: every.leads, CUSTOMERS: every.customers, REVENUE: _units(every.revenue, sheet.currency), VISITORS: every.visitors,
        TAKES: every.hours, PAYS: _units(every.cost, sheet.currency),
    }  # fmt: skip
    for column, exact in sums.items():
        page.write_formula(f"{column}{total}", f"=SUM({column}{FIRST}:{column}{last})", bold, float(exact))
    page.set_column("A:A", 28)
    page.set_column("B:P", 14)
    page.freeze_panes(FIRST - 1, 1)


def _scale(planned: Planned) -> Fraction:
    return next(row.leads / way.share for row, way in zip(planned.rows, planned.sheet.ways, strict=True) if way.share)


def _months(book: Any, planned: Planned) -> None:
    """What each month must bring; it follows season and delay, which the workbook does not hold: numbers."""
    page = book.add_worksheet(_("Months"))
    page.write_row("A1", [_("Month"), _("Lead value that must come"), _("Up to then")])
    so_far = 0
    for row, (first, month) in enumerate(planned.months, 1):
        so_far += month.total
        page.write_string(row, 0, first.isoformat()[:7])
        page.write_number(row, 1, float(_units(Fraction(month.total), planned.sheet.currency)))
        page.write_number(row, 2, float(_units(Fraction(so_far), planned.sheet.currency)))
    page.set_column("A:C", 22)


def _given(page: Any, cell: str, exact: Fraction, form: Any) -> None:
    """A number that was given; one that no decimal can hold, such as a third, as a formula."""
    if Fraction(str(float(exact))) == exact:
        page.write_number(cell, float(exact), form)
    else:
        page.write_formula(cell, f"={exact.numerator}/{exact.denominator}", form, float(exact))


def _units(minor: Fraction, currency: str) -> Decimal | Fraction:
    return minor / 10 ** DIGITS.get(currency, 2)
