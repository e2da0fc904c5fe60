"""A plan as programs are told it: the same from the terminal, the address for programs and a file."""

from datetime import date
from decimal import Decimal
from fractions import Fraction
from typing import TYPE_CHECKING, Any

from tilth.core.figures import DIGITS
from tilth.core.plan import whole
from tilth.core.planned import Planned, Row
from tilth.core.points import Input

if TYPE_CHECKING:
    from tilth.core.chance import Chance

QUANTILES = {"low": 0.1, "middle": 0.5, "high": 0.9}
YEARS, SEED = 20_000, 7


def told(planned: Planned, today: date, chance: "Chance | None" = None, won: int = 0) -> dict[str, Any]:
    """What a plan says and takes.

    chance    from `chance_of`; without it nothing is said of it
    won       revenue of the period until today, minor units, which the chance leaves out
    """
    sheet = planned.sheet
    out: dict[str, Any] = {
        "goal": _money(sheet.goal, sheet.currency), "currency": sheet.currency, "basis": sheet.basis,
        "revenue": _money(sheet.revenue, sheet.currency), "first": sheet.first.isoformat(), "last": sheet.last.isoformat(),
        "together": _row(planned.together, sheet.currency),
        "points": [
            _row(row, sheet.currency) | {"key": way.key, "inputs": _inputs(way, sheet.currency), "delay_from": way.delay_from}
            for row, way in zip(planned.rows, sheet.ways, strict=True)
        ],
        "lead_value": None if planned.lead_value is None else _money(Fraction(planned.lead_value), sheet.currency),
        "months": [{"first": first.isoformat(), "lead_value": _money(Fraction(month.total), sheet.currency)} for first, month in planned.months],
        "room_hours": None if planned.room is None else float(planned.room),
        "last_weeks": [
            {"name": one.name, "half": one.half and one.half.isoformat(), "hardly": one.hardly and one.hardly.isoformat()}
            for one in planned.last_weeks
        ],
        "best": {row.name: float(row.leads) for row in planned.best_rows}, "troubles": planned.troubles,
    }  # fmt: skip
    if chance is not None:
        out["chance"] = chance.chance
        out |= {
            name: _money(Fraction(round(chance.quantile(q) + won)), sheet.currency) for name, q in QUANTILES.items()
        }
        out["expected"] = _money(Fraction(round(chance.expected + won)), sheet.currency)
    return out


def chance_of(planned: Planned, today: date, won: int = 0, years: int = YEARS) -> "Chance":
    """The chance of the goal from today on; takes NumPy.

    raises   core.plan.NoPlan, when the period is over
    """
    from tilth.core import forecast

    return forecast.told(planned, today, SEED, won, years)


def _row(row: Row, currency: str) -> dict[str, Any]:
    counts = {name: getattr(row, name) for name in ("visitors", "leads", "sqls", "customers")}
    return {
        "name": row.name,
        **{name: None if exact is None else {"exact": str(exact), "value": float(exact), "shown": whole(exact)} for name, exact in counts.items()},
        "revenue": _money(row.revenue, currency), "value_of_a_lead": _money(row.lead_value, currency), "hours": float(row.hours),
        "cost": _money(row.cost, currency),
    }  # fmt: skip


def _inputs(way: Any, currency: str) -> dict[str, Any]:
    money = ("value", "cost")
    names = ("lead_rate", "to_sql", "to_won", "value", "hours", "cost")
    return {
        name: _input(one, currency if name in money else "")
        for name in names
        if (one := getattr(way, name)) is not None
    }


def _input(one: Input, currency: str) -> dict[str, Any]:
    """A number with its source, and what history says beside it."""

    def shown(value: Fraction | float) -> Any:
        return _money(Fraction(value), currency) if currency else float(value)

    history = one.history
    beside = None if history is None else {
        "value": shown(history.value), "low": shown(history.low), "high": shown(history.high), "n": history.n,
    }  # fmt: skip
    exact = {} if currency else {"exact": str(one.value)}
    return {
        "value": shown(one.value),
        **exact,
        "source": one.source,
        "over_history": one.over_history,
        "history": beside,
    }


def _money(minor: Fraction, currency: str) -> str:
    """An amount in whole units as a decimal text, rounded to the minor unit, a half up."""
    return f"{Decimal(whole(minor)).scaleb(-DIGITS.get(currency, 2)):f}"
