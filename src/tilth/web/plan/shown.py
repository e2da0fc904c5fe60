"""A plan as its page shows it: every number with where it comes from, and the drawings."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from fractions import Fraction
from typing import Any

from django.utils.formats import date_format
from django.utils.safestring import SafeString
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from tilth.core.pace import Pace
from tilth.core.plan import NoPlan, whole
from tilth.core.planned import LastWeek, Planned, Row
from tilth.core.planning import Way
from tilth.core.points import History, Input
from tilth.web import words

from . import drawn

WEEK = 7
SOON = 8  # weeks: so near is the last one that counts


@dataclass(frozen=True)
class Said:
    """One number of the plan in words, with its source: typed, history, usual; `over` when it was typed over our history.

    sure     of a rate from history: its interval and n
    """

    text: str
    source: str
    from_history: str
    over: bool
    sure: str = ""


@dataclass(frozen=True)
class Kind:
    """One conversion point on the page."""

    way: Way
    row: Row
    tone: int
    lead_rate: Said
    to_sql: Said | None
    to_won: Said
    value: Said
    hours: Said
    cost: Said
    lead_value: int
    a_week: float

    @property
    def hour_value(self) -> int:
        """What an hour with such leads brings, minor units; 0 when they take none."""
        hours = self.way.hours.value
        return whole(self.way.sale_rate * self.way.value.value / hours) if hours else 0

    @property
    def slide_step(self) -> str:
        return "1" if self.a_week >= 20 else "0.1" if self.a_week >= 2 else "0.01"

    @property
    def slide_max(self) -> str:
        """Twice what the plan says, or a few where it says none."""
        return f"{max(self.a_week * 2, 1):.2f}"

    @property
    def slide_now(self) -> str:
        return f"{self.a_week:.2f}"


class Shown:
    """A plan, worked out, for its page.

    today   the day where the firm is
    """

    def __init__(self, planned: Planned, today: date):
        self.planned, self.sheet, self.today = planned, planned.sheet, today
        self.currency = planned.sheet.currency
        self.kinds = [
            self._kind(way, row, i) for i, (way, row) in enumerate(zip(self.sheet.ways, planned.rows, strict=True))
        ]
        self.together = planned.together

    def money(self, minor: Fraction | float | int) -> str:
        return words.money(float(minor), self.currency)

    @property
    def weeks(self) -> int:
        return len(self.planned.weeks)

    @property
    def chain(self) -> list[dict[str, str]]:
        """From the goal back to the visitors: what stands there, by what it was divided, and what that number is."""
        all_of, sheet = self.together, self.sheet
        deal = all_of.revenue / all_of.customers
        out = [
            {
                "title": _("Goal"),
                "value": self.money(sheet.goal),
                "note": _("profit") if sheet.basis == "profit" else _("new revenue"),
            }
        ]
        if sheet.basis == "profit":
            out.append(
                {
                    "title": _("Revenue"),
                    "value": self.money(sheet.revenue),
                    "by": f"÷ {words.percent(float(sheet.margin), 1)}",
                    "note": _("what is left of it is the profit"),
                }
            )
        out.append(
            {
                "title": _("Customers"),
                "value": self.count(all_of.customers),
                "by": f"÷ {self.money(deal)}",
                "note": _("what a customer brings"),
            }
        )
        before = all_of.customers
        if all_of.sqls is not None:
            out.append(
                {
                    "title": _("SQLs"),
                    "value": self.count(all_of.sqls),
                    "by": f"÷ {words.percent(float(before / all_of.sqls), 1)}",
                    "note": _("of SQLs buy"),
                }
            )
            before = all_of.sqls
        a_week = words.number(float(all_of.leads) / self.weeks, 1)
        out.append(
            {
                "title": _("Leads"),
                "value": self.count(all_of.leads),
                "by": f"÷ {words.percent(float(before / all_of.leads), 1)}",
                "note": _("%(n)s a week") % {"n": a_week},
            }
        )
        out.append(
            {
                "title": _("Visitors"),
                "value": self.count(all_of.visitors),
                "by": f"÷ {words.percent(float(all_of.leads / all_of.visitors), 1)}",
                "note": _("of an offer"),
            }
        )
        return out

    @staticmethod
    def count(exact: Fraction) -> str:
        """A count to show: whole, a half up."""
        return words.number(whole(exact))

    @property
    def ribbons(self) -> SafeString | str:
        """Each kind's share of the money, the customers, SQLs, leads and visitors; nothing to compare with one kind."""
        kinds = [kind for kind in self.kinds if kind.row.leads]
        if len(kinds) < 2:
            return ""
        columns: list[tuple[str, str]] = [
            ("revenue", _("%(n)s of the goal")),
            ("customers", _("%(n)s customers")),
            ("leads", _("%(n)s leads")),
            ("visitors", _("%(n)s visitors")),
        ]
        if self.together.sqls is not None:
            columns.insert(2, ("sqls", _("%(n)s SQLs")))
        rows = []
        for kind in self.kinds:
            if not kind.row.leads:
                continue
            shares = [float(getattr(kind.row, name) / getattr(self.together, name)) for name, _title in columns]
            tips = [
                f"{kind.row.name}: {title % {'n': self.money(kind.row.revenue) if name == 'revenue' else words.number(float(getattr(kind.row, name)), 1)}}"
                for name, title in columns
            ]
            rows.append(drawn.Ribbon(f"{kind.row.name}, {words.percent(shares[0])}", shares, tips))
        first, last = max(kinds, key=lambda k: k.row.revenue), max(kinds, key=lambda k: k.row.leads)
        label = _("%(first)s: %(money)s of the money with %(leads)s of the leads; most leads: %(last)s, %(share)s.") % {
            "first": first.row.name, "money": words.percent(float(first.row.revenue / self.together.revenue)),
            "leads": words.percent(float(first.row.leads / self.together.leads)), "last": last.row.name,
            "share": words.percent(float(last.row.leads / self.together.leads)),
        }  # fmt: skip
        return drawn.ribbons(rows, label)

    @property
    def exactly(self) -> str:
        """The leads to two decimals, where the whole number hides a part."""
        leads = self.together.leads
        if leads.denominator == 1:
            return ""
        return _("Exactly %(leads)s leads; shown as %(whole)s.") % {
            "leads": words.number(float(leads), 2),
            "whole": words.number(whole(leads)),
        }

    @property
    def troubles(self) -> list[str]:
        return [_(text) for text in self.planned.troubles.values()]

    # the mix

    @property
    def best(self) -> dict[str, Any] | None:
        """The best split within the limits, beside that of the plan; None when nothing but hours limits it: then it is all of one kind."""
        found = self.planned.mix
        if isinstance(found, str) or not self.is_limited:
            return None
        rows = [
            {"kind": kind, "best": row, "worth": whole(found.lead_worth[kind.row.name])}
            for kind, row in zip(self.kinds, self.planned.best_rows, strict=True)
        ]
        binds = {"visitors": _("visitors"), "hours": _("hours of sales"), "budget": _("the budget")}
        return {
            "rows": rows, "value": float(found.made.value), "binds": [binds[name] for name in found.binds],
            "hour": float(found.worth["hours"]), "visitor": float(found.worth["visitors"]),
        }  # fmt: skip

    @property
    def is_limited(self) -> bool:
        sheet = self.sheet
        return sheet.visitors is not None or sheet.budget is not None or any(way.most is not None for way in sheet.ways)

    @property
    def mix_lacks(self) -> str:
        """What to say before there is a best split."""
        if self.is_limited and isinstance(self.planned.mix, str):
            return self.planned.mix
        return _(
            "Write in a scenario how many visitors, how much budget or how many leads of a kind there are at most: then the best split follows."
        )

    # room in sales

    @property
    def room(self) -> Any:
        weeks = [
            (week.first, float(needs), None if week.hours is None else float(week.hours))
            for week, needs in zip(self.planned.weeks, self.planned.needed, strict=True)
        ]
        return drawn.room(weeks, self.room_said)

    @property
    def over(self) -> tuple[int, float]:
        """In how many weeks the plan needs more hours than there are, and how many in all."""
        beyond = [
            float(needs - week.hours)
            for week, needs in zip(self.planned.weeks, self.planned.needed, strict=True)
            if week.hours is not None and needs > week.hours
        ]
        return len(beyond), sum(beyond)

    @property
    def room_said(self) -> str:
        room = self.planned.room
        if room is None:
            return _("The plan needs %(hours)s hours of sales; how many there are, nobody said.") % {
                "hours": words.number(float(self.together.hours))
            }
        weeks, hours = self.over
        if not weeks:
            return _("The plan needs %(hours)s of %(room)s hours of sales, and fits in each week.") % {
                "hours": words.number(float(self.together.hours)), "room": words.number(float(room)),
            }  # fmt: skip
        return ngettext(
            "%(weeks)s week is over the room, %(hours)s hours in all. What waits is what brings least in an hour.",
            "%(weeks)s weeks are over the room, %(hours)s hours in all. What waits is what brings least in an hour.",
            weeks,
        ) % {"weeks": weeks, "hours": words.number(hours)}  # fmt: skip

    # the calendar

    @property
    def last_weeks(self) -> list[dict[str, Any]]:
        return [self._last(kind, last) for kind, last in zip(self.kinds, self.planned.last_weeks, strict=True)]

    def _last(self, kind: Kind, last: LastWeek) -> dict[str, Any]:
        left = None if last.half is None else (last.half - self.today).days // WEEK
        said = ""
        if left is not None and last.half is not None and last.half >= self.today:
            said = ngettext("%(n)s more week", "%(n)s more weeks", left + 1) % {"n": left + 1}
        return {
            "kind": kind, "days": None if last.takes is None else (last.takes + 1) * WEEK, "half": last.half, "hardly": last.hardly,
            "left": said, "soon": left is not None and left < SOON, "over": last.half is None or last.half < self.today,
        }  # fmt: skip

    @property
    def target_line(self) -> list[tuple[date, float]]:
        """Lead value that has to have come by the end of each week, minor units."""
        so_far, out = 0.0, [(self.sheet.first, 0.0)]
        for week, owed in zip(self.planned.weeks, self.planned.owed, strict=True):
            so_far += owed.value
            out.append((week.first + timedelta(days=week.days), so_far))
        return out

    def target_chart(self, before: Sequence[tuple[str, "Shown"]] = (), pace: Pace | None = None) -> Any:
        """The target, with those of the plans that it replaced, and what came."""
        must = self.planned.lead_value or whole(self.sheet.revenue)
        lines = [(name, "thin", other.target_line) for name, other in before]
        lines.append((_("target"), "target", self.target_line))
        if pace and pace.line:
            lines.append((_("came"), "actual", [(self.sheet.first, 0.0), *pace.line, (self.today, pace.line[-1][1])]))
        label = _("Lead value that must come by month: %(value)s until %(last)s.") % {
            "value": self.money(must), "last": date_format(self.sheet.last, "j F Y"),
        }  # fmt: skip
        return drawn.targets(lines, self.sheet.first, self.sheet.last, self.currency, label, self.today)

    @property
    def late(self) -> str:
        """Why more lead value must come than the goal."""
        value = self.planned.lead_value
        if value is None or value <= self.sheet.revenue:
            return ""
        return _("%(value)s of lead value must come, more than the goal: what comes late is sold after %(last)s.") % {
            "value": self.money(value), "last": date_format(self.sheet.last, "j F Y"),
        }  # fmt: skip

    def pace_said(self, pace: Pace) -> str:
        """Where the plan stands, in words, and who can close what is missing."""
        told = {name: self.money(getattr(pace, name)) for name in ("came", "due", "in_time")} | {
            "gap": self.money(abs(pace.gap))
        }
        said = (
            _("%(came)s of lead value came, %(due)s was due by today; %(in_time)s of it is sold within the period.")
            % told
        )
        if pace.gap <= 0:
            return f"{said} {_('%(gap)s ahead.') % told}"
        leads = whole(Fraction(pace.gap) / self.together.lead_value) if self.together.lead_value else 0
        return said + " " + ngettext(
            "%(gap)s behind: marketing closes it with %(n)s lead more than planned, if sales has room for it.",
            "%(gap)s behind: marketing closes it with %(n)s leads more than planned, if sales has room for them.",
            leads,
        ) % {**told, "n": words.number(leads)}  # fmt: skip

    @property
    def owed_now(self) -> dict[str, Any] | None:
        """What both teams owe in the running week, or in the first one of a plan that lies ahead."""
        weeks = self.planned.weeks
        for week, owed in zip(weeks, self.planned.owed, strict=True):
            if week.first + timedelta(days=week.days) > self.today:
                return {
                    "first": week.first,
                    "value": owed.value,
                    "leads": owed.leads,
                    "total": sum(owed.leads.values()),
                    "hours": float(owed.hours),
                }
        return None

    @property
    def pinned(self) -> Row | str | None:
        """What follows from the figures that are given; or why they contradict each other."""
        try:
            return self.planned.pinned()
        except NoPlan as why:
            return str(why)

    # numbers

    def _kind(self, way: Way, row: Row, place: int) -> Kind:
        return Kind(
            way, row, drawn.tone(place), self._share(way, "lead_rate", way.lead_rate), self._share(way, "to_sql", way.to_sql) if way.to_sql else None, self._share(way, "to_won", way.to_won),
            self._amount(way.value), self._hours(way.hours), self._amount(way.cost), whole(row.lead_value or way.sale_rate * way.value.value),
            float(row.leads) / len(self.planned.weeks),
        )  # fmt: skip

    def _share(self, way: Way, name: str, one: Input) -> Said:
        """A rate; one that a point with too little history takes from all says so."""
        exact = one.value
        text = (
            f"{exact.numerator}/{exact.denominator}"
            if one.typed is not None and exact.denominator in (3, 6, 7, 9, 33)
            else words.percent(float(exact), 1)
        )
        history = one.history
        from_history = history and _("our history: %(value)s, likely %(low)s to %(high)s, n = %(n)s") % {
            "value": words.percent(float(history.value), 1), "low": words.percent(history.low), "high": words.percent(history.high),
            "n": words.number(history.n),
        }  # fmt: skip
        sure = history and _("%(low)s to %(high)s, n = %(n)s") % {
            "low": words.percent(history.low), "high": words.percent(history.high), "n": words.number(history.n),
        }  # fmt: skip
        borrowed = sure and way.key and not (way.past and getattr(way.past, name))
        return Said(
            text, one.source, from_history or "", one.over_history,
            _("%(sure)s, of all points") % {"sure": sure} if borrowed else sure or "",
        )  # fmt: skip

    def _amount(self, one: Input) -> Said:
        history = amount_of_history(one.history, self.currency) if one.history else ""
        return Said(self.money(one.value), one.source, history, one.over_history)

    def _hours(self, one: Input) -> Said:
        history = one.history
        from_history = history and _("as agreed: %(value)s hours") % {"value": words.number(float(history.value), 1)}
        return Said(words.number(float(one.value), 1), one.source, from_history or "", one.over_history)


def amount_of_history(history: History, currency: str) -> str:
    """What our records say of an amount; or what is agreed, where it rests on no case."""
    if not history.n:
        return _("as agreed: %(value)s") % {"value": words.money(float(history.value), currency)}
    return _("our history: %(value)s, likely %(low)s to %(high)s, n = %(n)s") % {
        "value": words.money(float(history.value), currency), "low": words.money(history.low, currency),
        "high": words.money(history.high, currency), "n": words.number(history.n),
    }  # fmt: skip
