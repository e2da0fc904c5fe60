"""The drawings of a plan: ribbons from the goal to the visitors, where the period may end, room in sales, the burn-up of a target."""

from collections.abc import Sequence
from datetime import date
from html import escape
from typing import NamedTuple

from django.utils.formats import date_format
from django.utils.safestring import SafeString, mark_safe
from django.utils.translation import gettext as _

from tilth.web import charts, words

TONES = 5  # colours that kinds of leads take in turn
BAR, GAP = 16, 0.012
HEIGHT = 216
BINS = 24
FEW = 30  # weeks, up to which each has a bar with room between


class Ribbon(NamedTuple):
    """One kind of lead through the columns: its share of each, and what is said of it there."""

    name: str
    shares: Sequence[float]
    tips: Sequence[str]


def tone(place: int) -> int:
    """The colour of a kind of lead: 1 to TONES, in the order of the plan."""
    return place % TONES + 1


def ribbons(rows: Sequence[Ribbon], label: str) -> SafeString:
    """Shares that flow from column to column; those of each column add up to 1."""
    n, free = len(rows[0].shares), 1 - GAP * (len(rows) - 1)
    tops = [[sum(r.shares[c] for r in rows[:i]) * free + GAP * i for i in range(len(rows))] for c in range(n)]
    paths, bars = [], []
    for i, row in enumerate(rows):
        cls = f"c{tone(i)}"
        ends = [(tops[c][i] * 1000, (tops[c][i] + row.shares[c] * free) * 1000) for c in range(n)]
        for c in range(n - 1):
            (a0, a1), (b0, b1) = ends[c], ends[c + 1]
            x0, x1 = c * 1000 / (n - 1), (c + 1) * 1000 / (n - 1)
            m = (x0 + x1) / 2
            paths.append(
                f'<path class="{cls}" d="M{x0:.1f} {a0:.1f}C{m:.1f} {a0:.1f} {m:.1f} {b0:.1f} {x1:.1f} {b0:.1f}'
                f'V{b1:.1f}C{m:.1f} {b1:.1f} {m:.1f} {a1:.1f} {x0:.1f} {a1:.1f}Z"/>'
            )
        for c in range(n):
            shift = 0 if c == 0 else -BAR if c == n - 1 else -BAR / 2
            bars.append(
                f'<g class="hit" data-tip="{escape(row.tips[c], quote=True)}"><rect class="{cls} solid" x="{c / (n - 1) * 100:.2f}%"'
                f' y="{tops[c][i] * 100:.2f}%" width="{BAR}" height="{row.shares[c] * free * 100:.2f}%" transform="translate({shift} 0)"/></g>'
            )
    for i, row in enumerate(rows):  # named where they are, so that colour is not needed
        if row.shares[0] * free * HEIGHT >= 12:
            y = (tops[0][i] + row.shares[0] * free / 2) * 100
            bars.append(f'<text class="strong" x="0" y="{y:.2f}%" dx="{BAR + 10}" dy="4">{escape(row.name)}</text>')
    inner = f'<svg viewBox="0 0 1000 1000" preserveAspectRatio="none" width="100%" height="100%">{"".join(paths)}</svg>'
    svg = f'<svg class="plot ribbons" height="{HEIGHT}" aria-hidden="true">{inner}{"".join(bars)}</svg>'
    return mark_safe(
        f'<figure class="graph flow" tabindex="0" role="group" aria-label="{escape(label, quote=True)}">{svg}</figure>'
    )


def distribution(counts: Sequence[int], low: float, high: float, goal: float, currency: str, label: str) -> charts.Plot:
    """Where the period may end: how many simulated ones ended in each of equal steps from `low` to `high`, minor units."""
    step, total = (high - low) / len(counts), sum(counts)
    p = charts.Plot((low, high), (0, max(counts) * 1.12), 150, label, "graph-axes graph-0")
    for i, n in enumerate(counts):
        begin = low + i * step
        middle = begin + step / 2
        p.bar(begin + step * 0.06, begin + step * 0.94, n, "leaf" if middle >= goal else "leaf-3")
        tip = _("%(low)s to %(high)s: %(share)s") % {
            "low": words.compact(begin, currency), "high": words.compact(begin + step, currency), "share": words.percent(n / total, 1),
        }  # fmt: skip
        p.hit(begin, begin + step, tip)
    p.hline(0, "ground")
    if low < goal < high:
        p.vline(goal, "goal")
        p.text(
            goal,
            max(counts) * 1.12,
            _("goal"),
            "strong",
            "start" if goal < (low + high) / 2 else "end",
            5 if goal < (low + high) / 2 else -5,
            10,
        )
    p.xaxis([(low + (high - low) * k / 4, words.compact(low + (high - low) * k / 4, currency)) for k in range(1, 4)])
    rows = [
        (
            words.compact(low + i * step, currency),
            words.compact(low + (i + 1) * step, currency),
            words.percent(n / total, 1),
        )
        for i, n in enumerate(counts)
    ]
    p.table([_("From"), _("To"), _("Share")], rows)
    return p


def room(weeks: Sequence[tuple[date, float, float | None]], label: str) -> charts.Plot:
    """Hours of sales by week: what the plan needs, and what there is of them; None where nobody said."""
    n = len(weeks)
    top = max([*(needs for _day, needs, _has in weeks), *(has or 0 for _day, _needs, has in weeks), 1]) * 1.1
    p = charts.Plot((0, n), (0, top), 160, label, "graph-axes")
    p.yaxis([(top / 1.1 * k / 2, words.number(top / 1.1 * k / 2)) for k in range(3)])
    gap = 0.12 if n <= FEW else 0.04
    for i, (day, needs, has) in enumerate(weeks):
        fits = needs if has is None else min(needs, has)
        p.bar(i + gap, i + 1 - gap, fits, "leaf-3")
        if needs > fits:
            p.bar(i + gap, i + 1 - gap, needs, "terra", fits)
        told = {"day": date_format(day, "j F"), "needs": words.number(needs, 1), "has": words.number(has or 0, 1)}
        p.hit(
            i,
            i + 1,
            _("%(day)s: needs %(needs)s, room %(has)s") % told
            if has is not None
            else _("%(day)s: needs %(needs)s") % told,
        )
    known = [(float(i), has) for i, (_day, _needs, has) in enumerate(weeks) if has is not None]
    if known:
        p.step([*known, (float(n), known[-1][1])], "target")
    firsts = [i for i, (day, _needs, _has) in enumerate(weeks) if i == 0 or day.month != weeks[i - 1][0].month]
    every = max(len(firsts) // 8, 1)
    p.xaxis([(i, date_format(weeks[i][0], "M")) for i in firsts[::every]], "start")
    p.table(
        [_("Week of"), _("Needed"), _("Room")],
        [
            (date_format(day, "j F Y"), words.number(needs, 1), "" if has is None else words.number(has, 1))
            for day, needs, has in weeks
        ],
    )
    return p


def course(days: Sequence[tuple[date, float]]) -> charts.Plot:
    """The chance of the goal from day to day, ascending."""
    first, last = days[0][0], days[-1][0]
    label = _("Chance of the goal: %(was)s on %(first)s, %(now)s on %(last)s.") % {
        "was": words.percent(days[0][1]), "first": date_format(first, "j F"), "now": words.percent(days[-1][1]), "last": date_format(last, "j F"),
    }  # fmt: skip
    p = charts.Plot((0, max((last - first).days, 1)), (0, 1), 110, label, "graph-axes")
    p.yaxis([(k / 2, words.percent(k / 2)) for k in range(3)])
    points = [((day - first).days, chance) for day, chance in days]
    p.line(points, "actual")
    p.dot(*points[-1], "point", 4)
    for (x, chance), (day, _chance) in zip(points, days, strict=True):
        p.hit(x - 0.5, x + 0.5, f"{date_format(day, 'j F')}: {words.percent(chance)}", x, chance)
    p.xaxis([(0, date_format(first, "j M")), (points[-1][0], date_format(last, "j M"))])
    p.table(
        [_("Day"), _("Chance of the goal")],
        [(date_format(day, "j F Y"), words.percent(chance)) for day, chance in days],
    )
    return p


def targets(
    lines: Sequence[tuple[str, str, Sequence[tuple[date, float]]]],
    first: date,
    last: date,
    currency: str,
    label: str,
    today: date | None,
) -> charts.Plot:
    """Lines of money that add up over the days of a period: each with its name, its class, and its points, ascending."""
    top = max([value for _name, _cls, line in lines for _day, value in line] or [1]) or 1
    days = (last - first).days + 1
    p = charts.Plot((0, days), (0, top * 1.08), 190, label, "graph-axes")
    p.yaxis([(top * k / 3, words.compact(top * k / 3, currency)) for k in range(4)])
    months = [
        n for n in range(days) if (day := date.fromordinal(first.toordinal() + n)).day == 1 or (n == 0 and day.day < 20)
    ]
    for n in months[:: max(len(months) // 8, 1)]:
        p.xaxis([(n, date_format(date.fromordinal(first.toordinal() + n), "M"))], "start")
    for place, (name, cls, line) in enumerate(lines):
        points = [(min(max((day - first).days, 0), days), value) for day, value in line]
        p.line(points, cls)
        if points:
            p.text(*points[-1], name, "strong" if cls == "actual" else "", "end", -6, -8 if place else 18)
    if today and first <= today <= last:
        p.vline((today - first).days, "now")
    p.table(
        [_("Line"), _("Until"), _("Amount")],
        [
            (name, date_format(day, "j F Y"), words.money(round(value), currency))
            for name, _cls, line in lines
            for day, value in line
        ],
    )
    return p
