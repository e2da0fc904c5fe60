"""The goal as a chart: what was won so far against an even pace towards it."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, timedelta
from itertools import accumulate

from django.utils.formats import date_format
from django.utils.translation import gettext as _

from tilth.plan.models import Goal
from tilth.web import charts, words

DAY = timedelta(days=1)
STEPS = 5


@dataclass(frozen=True)
class Burnup:
    """A goal and what was won on which day; amounts in minor units, `today` in the firm's zone."""

    goal: Goal
    won: list[tuple[date, int]]
    today: date

    @property
    def days(self) -> int:
        return (self.goal.last - self.goal.first).days + 1

    @property
    def passed(self) -> int:
        return min(max((self.today - self.goal.first).days + 1, 0), self.days)

    @property
    def so_far(self) -> int:
        return sum(amount for _day, amount in self.won)

    @property
    def due(self) -> int:
        """What an even pace would have brought by today."""
        return round(self.goal.amount * self.passed / self.days)

    @property
    def ahead(self) -> int:
        return self.so_far - self.due

    def chart(self) -> charts.Plot:
        money = self._money
        label = _("%(won)s won, %(due)s at an even pace towards %(goal)s.") % {
            "won": money(self.so_far), "due": money(self.due), "goal": money(self.goal.amount),
        }  # fmt: skip
        top = max(self.goal.amount, self.so_far) or 1
        p = charts.Plot((0, self.days), (0, top * 1.04), 240, label, "graph-axes")
        p.yaxis(
            [(top * i / STEPS, words.compact(round(top * i / STEPS), self.goal.currency)) for i in range(STEPS + 1)]
        )
        p.xaxis([(x, date_format(day, "M")) for x, day in self._months()], "start")
        p.line([(0, 0), (self.days, self.goal.amount)], "target")
        points = self._points()
        if points:
            even = [(x, self.goal.amount * x / self.days) for x, _y in points]
            p.area(points, [(x, max(y, e)) for (x, y), (_x, e) in zip(points, even, strict=True)], "short")
            p.line(points, "actual")
            p.dot(*points[-1], "point", 4)
            p.text(
                *points[-1],
                _("won %(amount)s") % {"amount": words.compact(self.so_far, self.goal.currency)},
                "strong",
                "start",
                8,
                16,
            )
        p.text(self.days, self.goal.amount, _("goal"), "", "end", -8, -8)
        self._tips(p, points)
        p.table([_("Until"), _("Won"), _("Even pace"), _("Difference")], list(self._rows()))
        return p

    def _points(self) -> list[tuple[float, float]]:
        """What was won by the end of each day up to today, as a line: (days since the beginning, sum)."""
        if not self.passed:
            return []
        by_day = dict(self.won)
        daily = [by_day.get(self.goal.first + i * DAY, 0) for i in range(self.passed)]
        return [(0, 0), *((i, s) for i, s in enumerate(accumulate(daily), 1))]

    def _months(self) -> Iterator[tuple[int, date]]:
        day = self.goal.first
        while day <= self.goal.last:
            yield (day - self.goal.first).days, day
            day = (day.replace(day=1) + 32 * DAY).replace(day=1)

    def _tips(self, p: charts.Plot, points: list[tuple[float, float]]) -> None:
        for x, y in points[7::7] + points[-1:]:
            day = self.goal.first + (x - 1) * DAY
            p.hit(x - 7, x, f"{date_format(day, 'j F')}: {self._money(y)}", x, y)

    def _rows(self) -> Iterator[tuple[str, ...]]:
        """At the end of each month up to today."""
        sums = [y for _x, y in self._points()]
        ends = {x - 1 for x, _day in self._months() if 0 < x < self.passed} | (
            {self.passed - 1} if self.passed else set()
        )
        for end in sorted(ends):
            even = self.goal.amount * (end + 1) / self.days
            day = date_format(self.goal.first + end * DAY, "j F Y")
            yield day, self._money(sums[end + 1]), self._money(even), self._money(sums[end + 1] - even)

    def _money(self, minor: float) -> str:
        return words.money(minor, self.goal.currency)
