"""Where open deals wait: how long since the last sign of life, and how much money waits with them."""

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

from django.utils.translation import gettext as _t
from django.utils.translation import gettext_lazy as _
from django.utils.translation import ngettext

from tilth.insight.report import Asked, Chart, Column, Filter, Report, Result

from . import amounts, cuts, sellers, spoken

if TYPE_CHECKING:
    import ibis

SUMS = ("n", "amount", "unpriced", "silent", "silent_amount")


def work(asked: Asked) -> Result:
    from tilth.insight.measures import waiting

    currency, deals = amounts.currency(asked), _deals(asked)
    found = waiting.counted(asked.engine, deals, currency)
    cut = [row["cut"] for row in found]
    names = dict(zip(cut, cut, strict=True)) if asked.chosen["by"] == "phase" else sellers.named(asked, cut)
    rows = [{**row, "key": cuts.key(row["cut"]), "cut": names[row["cut"]]} for row in found]
    every: dict[str, Any] = {name: sum(row[name] for row in rows) for name in SUMS}
    said = {"days": waiting.SILENT, **every}
    every |= {"key": cuts.EVERYBODY, "most": max((row["most"] for row in rows), default=None)}
    rows.sort(key=lambda row: (-row["median"], row["key"]))
    return Result(rows, every if rows else None, said, currency)


def _deals(asked: Asked) -> "ibis.Table":
    from tilth.insight.measures import waiting

    by = asked.chosen["by"]
    cut = waiting.by_phase(asked.engine) if by == "phase" else sellers.cut_by(asked, by)
    return waiting.waiting(asked.engine, cut, asked.now)


def answer(result: Result) -> str:
    said = result.said
    if not result.rows:
        return _t("No deal is open.")
    told = {
        **said,
        "money": spoken.money(said["silent_amount"], result.currency) if result.currency else said["silent_amount"],
    }
    if not said["silent"]:
        return _t("%(n)s deals are open, and all had a sign of life in the last %(days)s days.") % told
    return (
        ngettext(
            "%(silent)s of %(n)s open deals had no sign of life for %(days)s days or more; %(money)s waits with it.",
            "%(silent)s of %(n)s open deals had no sign of life for %(days)s days or more; %(money)s waits with them.",
            said["silent"],
        )
        % told
    )


def notes(result: Result) -> list[str]:
    out = [
        _t(
            "As of now, whatever the period. A sign of life is a touch by a human with the deal's person, in either direction, or that the deal was opened."
        ),
    ]
    if result.said["unpriced"]:
        out.append(
            _t("Deals without an amount, or in other currencies: %(unpriced)s. They count, but not in money.")
            % result.said
        )
    return out


def people(asked: Asked, row: str, column: str) -> Sequence[int]:
    from tilth.insight.measures import waiting

    deals = _deals(asked)
    some = deals if row == cuts.EVERYBODY else deals.filter(deals.cut == cuts.cut_of(row))
    return waiting.behind(asked.engine, some, column == "silent")


REPORT = Report(
    "waiting",
    _("Where deals wait"),
    _("Which open deals have not moved, and how much money waits with them?"),
    "durations",
    (
        Column("cut", _("Deals of"), "text"),
        Column("median", _("Days silent"), "days", _("Half of the deals had their last sign of life longer ago.")),
        Column("most", _("The longest"), "days", _("Days since the last sign of life of the deal that waits longest.")),
        Column("n", _("Open deals"), "count", _("Behind it stand their people, the longest wait first."), people=True),
        Column("amount", _("Money in them"), "money", _("What they would bring if all were won.")),
        Column("silent", _("Silent"), "count", _("Without a sign of life for 30 days or more."), people=True),
        Column("silent_amount", _("Money in silent ones"), "money"),
    ),
    work,
    answer,
    (Filter("by", _("Cut by"), {"phase": _("Phase"), **sellers.CUT.options}),),
    (Chart("bars", _("Days since the last sign of life"), "cut", ("median",)), Chart("bars", _("Money that waits"), "cut", ("amount", "silent_amount"))),
    notes,
    people,
)  # fmt: skip
