"""Leads a week as a chart: the draft and the running version, against what sales has room for."""

from datetime import timedelta
from typing import TYPE_CHECKING

from django.utils.formats import date_format
from django.utils.timezone import localtime
from django.utils.translation import gettext as _

from tilth.core.qualify import moment
from tilth.web import charts, words

if TYPE_CHECKING:
    from tilth.insight.compared import Compared

WEEK, NOON = timedelta(weeks=1), timedelta(hours=12)
STEPS = (1, 2, 5, 10, 20, 25, 50, 100, 200, 250, 500, 1_000, 2_000, 5_000, 10_000)
FAR_ABOVE = 2.5  # a room so many times the highest week would press the lines to the ground


class Weekly:
    """The weeks of a result. `room` is how many leads fit the hours that sales has, at the least for each."""

    def __init__(self, result: "Compared", running: str) -> None:
        figures = result.figures
        self.draft = figures["draft"].weekly
        self.running = figures["running"].weekly if "running" in figures else ()
        self.running_name = running
        owed = result.sides["draft"].terms.sales
        self.room = owed.room_hours / owed.hours[0] if owed.room_hours and owed.hours[0] else None
        self.hours = owed.hours[0]
        begins = moment(figures["draft"].begins)
        assert begins is not None
        self.begins = begins + NOON  # a summer's hour does not change the day
        self.highest = max((*self.draft, *self.running, 1))

    @property
    def room_is_drawn(self) -> bool:
        return self.room is not None and self.room <= self.highest * FAR_ABOVE

    def chart(self) -> charts.Plot:
        top = max(self.highest, self.room or 0) if self.room_is_drawn else self.highest
        step = next((s for s in STEPS if top / s <= 5), STEPS[-1])
        last = max(len(self.draft) - 1, 1)
        p = charts.Plot((0, last), (0, top * 1.08), 200, self._label(), "graph-axes")
        p.yaxis([(v, words.number(v)) for v in range(0, int(top * 1.08) + 1, step)])
        p.xaxis(self._months(), "start")
        if self.room is not None and self.room_is_drawn:
            p.line([(0, self.room), (last, self.room)], "target")
        if self.running:
            p.line(list(enumerate(map(float, self.running))), "thin")
        p.line(list(enumerate(map(float, self.draft))), "actual")
        for week, n in enumerate(self.draft):
            p.hit(week - 0.5, week + 0.5, self._tip(week), week, n)
        head = [_("Week of"), _("Draft"), *([self.running_name] if self.running else [])]
        p.table(head, [[self._day(w), *map(words.number, self._of(w))] for w in range(len(self.draft))])
        return p

    def _label(self) -> str:
        return _("Leads a week in %(n)s weeks: the draft between %(low)s and %(high)s.") % {
            "n": len(self.draft), "low": words.number(min(self.draft)), "high": words.number(max(self.draft)),
        }  # fmt: skip

    def _tip(self, week: int) -> str:
        names = [_("draft"), self.running_name]
        said = ", ".join(f"{name} {words.number(n)}" for name, n in zip(names, self._of(week), strict=False))
        return _("Week of %(day)s: %(said)s") % {"day": self._day(week), "said": said}

    def _of(self, week: int) -> list[int]:
        return [self.draft[week], *([self.running[week]] if self.running else [])]

    def _day(self, week: int) -> str:
        return date_format(localtime(self.begins + week * WEEK), "j F Y")

    def _months(self) -> list[tuple[float, str]]:
        """Where a month begins, at most eight of them."""
        days = [localtime(self.begins + week * WEEK) for week in range(len(self.draft))]
        first = [w for w, day in enumerate(days) if w == 0 or day.month != days[w - 1].month]
        first = first[1:] if len(first) > 1 and first[1] < len(days) / 10 else first
        every = -(-len(first) // 8)
        return [
            (w, date_format(days[w], "M y" if w == first[0] or days[w].month == 1 else "M")) for w in first[::every]
        ]
