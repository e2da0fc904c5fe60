"""The burn-up of a month in words, as a chart and as rows."""

from dataclasses import dataclass
from datetime import datetime
from functools import cached_property

from django.utils.formats import date_format
from django.utils.timezone import localtime
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from tilth.insight.burnup import VALUE, Burnup, Week
from tilth.web import charts, words

STEPS = 4


@dataclass(frozen=True)
class Row:
    """One week as the table shows it; `ahead` is None while it has not begun."""

    week: Week
    promised: str
    came: str
    ahead: int | None
    gap: str
    promised_so_far: str
    came_so_far: str
    runs: bool


@dataclass(frozen=True)
class Shown:
    """A month's burn-up on the page; `query` finds it again."""

    of: Burnup
    query: str

    @property
    def sentence(self) -> str:
        """How far the month is, in words: by its pace while it runs, by its promise when it is over."""
        of, said = self.of, {"came": self._bare(self.of.came), "promised": self.said(self.of.promised)}
        if of.now < of.begins:
            return _("Not begun: %(promised)s promised, by the agreement as it is signed now.") % said
        gap = self._gap(of.ahead)
        if of.week is None:
            return _("Over: %(came)s of %(promised)s promised, %(gap)s.") % {**said, "gap": gap}
        at = {"day": of.week.pace.day(of.now), "week": of.week.number, "weeks": len(of.weeks)}
        return _("Day %(day)s of week %(week)s of %(weeks)s: %(came)s of %(promised)s promised, %(gap)s.") % {
            **at, **said, "gap": gap,
        }  # fmt: skip

    @property
    def is_behind(self) -> bool:
        return self.of.ahead < 0

    @cached_property
    def rows(self) -> list[Row]:
        return [self._row(week, *sums) for week, sums in zip(self.of.weeks, self.of.so_far, strict=True)]

    @property
    def came(self) -> str:
        return self.said(self.of.came)

    @property
    def promised(self) -> str:
        return self.said(self.of.promised)

    @property
    def upheld(self) -> str:
        return self.said(self.of.upheld) if self.of.upheld else ""

    @property
    def beyond(self) -> str:
        return self.said(self.of.beyond) if self.of.beyond else ""

    @property
    def workable(self) -> str:
        """What of all that came sales had hours for; nothing when nobody knows their hours."""
        return "" if self.of.over is None else self.said(self.of.came - self.of.beyond)

    def chart(self) -> charts.Plot:
        of, top = self.of, max(self.of.promised, self.of.came) or 1
        label = _("Delivered against promised, week by week. %(sentence)s") % {"sentence": self.sentence}
        p = charts.Plot((0, self._x(of.ends)), (0, top * 1.06), 240, label, "graph-axes")
        p.yaxis([(top * i / STEPS, self._short(top * i / STEPS)) for i in range(STEPS + 1)])
        p.xaxis([(self._x(week.owed.since), self._day(week.owed.since)) for week in of.weeks], "start")
        for week in of.weeks[1:]:
            p.vline(self._x(week.owed.since), "grid", back=True)
        p.line([(self._x(at), sum_) for at, sum_ in of.pace], "target")
        p.text(self._x(of.ends), of.promised, _("promised"), "", "end", -8, -6)
        if of.now >= of.begins:
            self._delivered(p)
        return p

    def _delivered(self, p: charts.Plot) -> None:
        """The line of what came, today's mark, and the tips."""
        of, last = self.of, self._x(min(self.of.now, self.of.ends))
        p.step([(0, 0), *((self._x(at), came) for at, came in of.course), (last, of.came)], "actual")
        if of.week:
            p.vline(last, "now")
            p.text(last, p.y1, _("today"), "", "middle", 0, -4)
        p.dot(last, of.came, "point", 4)
        late = last > self._x(of.ends) * 0.7
        p.text(last, of.came, self._short(of.came), "strong", "end" if late else "start", -8 if late else 8, 16)
        for week, (promised, came) in zip(of.weeks, of.so_far, strict=True):
            begins, ends = self._x(week.owed.since), self._x(min(week.owed.due_at, of.now))
            if begins < ends:
                tip = _("Week %(n)s: %(came)s so far, %(promised)s promised by %(day)s") % {
                    "n": week.number, "came": self.said(came), "promised": self.said(promised),
                    "day": self._day(week.owed.due_at),
                }  # fmt: skip
                p.hit(begins, ends, tip, ends, came)

    def said(self, amount: int) -> str:
        """An amount as the month counts: money, or leads."""
        if self.of.by == VALUE:
            return words.money(amount, self.of.currency)
        return ngettext("%(n)s lead", "%(n)s leads", amount) % {"n": words.number(amount)}

    def _bare(self, amount: int) -> str:
        """An amount before one that names what is counted: "41 of 200 leads"."""
        return self.said(amount) if self.of.by == VALUE else words.number(amount)

    def _short(self, amount: float) -> str:
        return words.compact(amount, self.of.currency) if self.of.by == VALUE else words.number(round(amount))

    def _gap(self, ahead: int) -> str:
        if not ahead:
            return _("exactly on it")
        said = {"gap": self.said(abs(ahead))}
        return _("%(gap)s ahead") % said if ahead > 0 else _("%(gap)s behind") % said

    def _row(self, week: Week, promised: int, came: int) -> Row:
        now, begun = self.of.now, week.owed.since <= self.of.now
        ahead = week.ahead(now) if begun else None
        return Row(
            week, self.said(week.promised), self.said(week.came) if begun else "", ahead,
            "" if ahead is None else self._gap(ahead), self.said(promised), self.said(came) if begun else "",
            week is self.of.week,
        )  # fmt: skip

    def _x(self, at: datetime) -> float:
        return (at - self.of.begins).total_seconds() / 86_400

    def _day(self, at: datetime) -> str:
        return date_format(localtime(at), "j M")
