"""`tilth plan FILE`: a plan written as YAML or JSON, worked out for the terminal, as JSON or as a workbook."""

import json
import sys
from datetime import datetime
from fractions import Fraction
from pathlib import Path
from typing import Any

import yaml
from rich.console import Console
from rich.table import Table

from tilth.agreement.models import house_zone, running
from tilth.core.plan import NoPlan, whole
from tilth.core.planned import Planned, read
from tilth.core.planning import Past, Unsound
from tilth.insight.words import money, number, percent
from tilth.plan.past import known
from tilth.plan.told import QUANTILES, chance_of, told
from tilth.plan.workbook import workbook

KINDS = ("table", "json", "xlsx")
LARGEST = 1_000_000  # bytes


class CannotPlan(ValueError):
    """The file is no plan; the message says what to mend."""


def plan(file: Path, kind: str, now: datetime, console: Console, history: bool = True) -> None:
    """Work a file out and print it.

    history    use what our records say where the file says nothing
    raises     CannotPlan
    """
    if kind not in KINDS:
        raise CannotPlan(f"A plan cannot be shown as {kind}. It can as: {', '.join(KINDS)}.")
    document = _read(file)
    past, today = (
        known(now).past if history else Past(),
        now.astimezone(house_zone(running(now))).date() if history else now.date(),
    )
    try:
        planned = read(document, past)
    except Unsound as why:
        raise CannotPlan("\n".join(f"{at or 'file'}: {said}" for at, said in why.errors.items())) from why
    try:
        chance = chance_of(planned, today)
    except NoPlan:
        chance = None  # its period is over
    if kind == "json":
        json.dump(told(planned, today, chance), sys.stdout, ensure_ascii=False, indent=1)
        sys.stdout.write("\n")
    elif kind == "xlsx":
        out = file.with_suffix(".xlsx")
        out.write_bytes(workbook(planned, str(document.get("name") or file.stem)))
        console.print(f"Written: {out}")
    else:
        _show(planned, chance, console)


def _read(file: Path) -> Any:
    if file.stat().st_size > LARGEST:
        raise CannotPlan(f"{file} is larger than any plan.")
    try:
        document = yaml.safe_load(file.read_text(encoding="utf-8"))  # JSON is YAML, too
    except (yaml.YAMLError, UnicodeDecodeError, RecursionError) as why:
        raise CannotPlan(f"{file} cannot be read as YAML: {why}") from why
    return document if isinstance(document, dict) else {}


def _show(planned: Planned, chance: Any, console: Console) -> None:
    sheet, every = planned.sheet, planned.together
    console.print(f"[b]{money(float(sheet.goal), sheet.currency)}[/b] {sheet.basis}, {sheet.first} to {sheet.last}")
    table = Table(box=None, pad_edge=False)
    for head in ("", "Visitors", "Leads", "SQLs", "Customers", "A lead", "Lead value", "Hours"):
        table.add_column(head, justify="left" if not head else "right")
    for row in (*planned.rows, *([every] if len(planned.rows) > 1 else [])):
        table.add_row(
            row.name or "Together", number(float(row.visitors)), _count(row.leads), "" if row.sqls is None else _count(row.sqls),
            number(float(row.customers), 1), money(float(row.lead_value), sheet.currency), money(float(row.revenue), sheet.currency),
            number(float(row.hours)),
        )  # fmt: skip
    console.print(table)
    if every.leads.denominator != 1:
        console.print(
            f"Exactly {number(float(every.leads), 2)} leads, shown as whole ones, a half up; nothing is rounded between the steps."
        )
    if planned.lead_value is not None and planned.lead_value > sheet.revenue:
        console.print(
            f"{money(planned.lead_value, sheet.currency)} of lead value must come: what comes late is sold after {sheet.last}."
        )
    if chance is not None:
        low, middle, high = (money(chance.quantile(q), sheet.currency) for q in QUANTILES.values())
        console.print(
            f"Chance of the goal: [b]{percent(chance.chance)}[/b]. Likely {low} to {high}, in the middle {middle}."
        )
    for trouble in planned.troubles.values():
        console.print(f"! {trouble}", style="yellow")


def _count(exact: Fraction) -> str:
    return number(whole(exact))
