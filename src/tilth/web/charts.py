"""Charts as inline SVG, drawn on the server.

x and y are percentages of the plot, so one chart fits every width and its text never stretches; only
paths live in a nested <svg> that stretches (their strokes do not). Colours are classes, so dark mode
and print need no second drawing. No inline styles and no script: a strict policy holds.
"""

from collections.abc import Iterable, Sequence
from html import escape
from itertools import pairwise

from django.utils.safestring import SafeString, mark_safe
from django.utils.translation import gettext as _

Point = tuple[float, float]


def _said(text: object) -> str:
    return escape(str(text), quote=True)


class Plot:
    """One chart with axes in data units: draw into it, then print it in a template.

    x, y      (first, last) in data units
    height    pixels; the width is what the page gives
    label     the finding in a sentence, for those who hear the page
    """

    def __init__(self, x: Point, y: Point, height: int, label: str, cls: str = "", tips: bool = True) -> None:
        (self.x0, self.x1), (self.y0, self.y1) = x, y
        self.height, self.label, self.cls, self.tips = height, label, cls, tips
        self.back: list[str] = []
        self.paths: list[str] = []
        self.front: list[str] = []
        self.rows = ""

    def px(self, v: float) -> str:
        return f"{(v - self.x0) / (self.x1 - self.x0) * 100:.2f}%"

    def py(self, v: float) -> str:
        return f"{(self.y1 - v) / (self.y1 - self.y0) * 100:.2f}%"

    def line(self, points: Iterable[Point], cls: str) -> None:
        self._path(points, cls)

    def step(self, points: Sequence[Point], cls: str) -> None:
        """A line that keeps its height until the next point."""
        corners = [c for (x0, y0), (x1, y1) in pairwise(points) for c in ((x1, y0), (x1, y1))]
        self._path([*points[:1], *corners], cls)

    def area(self, low: Sequence[Point], high: Sequence[Point], cls: str) -> None:
        self._path([*high, *reversed(low)], cls, close="Z")

    def bar(self, x0: float, x1: float, y: float, cls: str, base: float = 0) -> None:
        width = (x1 - x0) / (self.x1 - self.x0) * 100
        height = max((y - base) / (self.y1 - self.y0) * 100, 0)
        self.back.append(
            f'<rect class="{cls}" x="{self.px(x0)}" y="{self.py(y)}" width="{width:.2f}%" height="{height:.2f}%"/>'
        )

    def hline(self, y: float, cls: str = "grid") -> None:
        self.back.append(f'<line class="{cls}" x1="0" x2="100%" y1="{self.py(y)}" y2="{self.py(y)}"/>')

    def vline(self, x: float, cls: str = "now", back: bool = False) -> None:
        layer = self.back if back else self.front
        layer.append(f'<line class="{cls}" x1="{self.px(x)}" x2="{self.px(x)}" y1="0" y2="100%"/>')

    def dot(self, x: float, y: float, cls: str, r: float = 3.5) -> None:
        self.front.append(f'<circle class="{cls}" cx="{self.px(x)}" cy="{self.py(y)}" r="{r}"/>')

    def text(
        self, x: float, y: float, text: object, cls: str = "", anchor: str = "start", dx: float = 0, dy: float = 0
    ) -> None:
        self.front.append(
            f'<text class="{cls}" x="{self.px(x)}" y="{self.py(y)}" dx="{dx}" dy="{dy}" text-anchor="{anchor}">{_said(text)}</text>'
        )

    def yaxis(self, ticks: Iterable[tuple[float, object]]) -> None:
        for v, text in ticks:
            self.hline(v, "grid zero" if v == self.y0 else "grid")
            self.back.append(f'<text x="0" y="{self.py(v)}" dx="-8" dy="4" text-anchor="end">{_said(text)}</text>')

    def xaxis(self, ticks: Iterable[tuple[float, object]], anchor: str = "middle") -> None:
        for v, text in ticks:
            self.back.append(f'<text x="{self.px(v)}" y="100%" dy="18" text-anchor="{anchor}">{_said(text)}</text>')

    def hit(self, x0: float, x1: float, tip: object, x: float | None = None, y: float | None = None) -> None:
        """A place to point at: its tip is shown on hover, and by the arrow keys."""
        mark = "" if x is None else f'<line class="cursor" x1="{self.px(x)}" x2="{self.px(x)}" y1="0" y2="100%"/>'
        if x is not None and y is not None:
            mark += f'<circle class="cursor" cx="{self.px(x)}" cy="{self.py(y)}" r="4"/>'
        width = (x1 - x0) / (self.x1 - self.x0) * 100
        self.front.append(
            f'<g class="hit" data-tip="{_said(tip)}"><rect x="{self.px(x0)}" y="0" width="{width:.2f}%" height="100%"/>{mark}</g>'
        )

    def table(self, head: Iterable[object], rows: Iterable[Iterable[object]]) -> None:
        """The same numbers as a table, folded under the chart."""
        heads = "".join(f'<th scope="col">{_said(c)}</th>' for c in head)
        body = "".join("<tr>" + "".join(f"<td>{_said(c)}</td>" for c in row) + "</tr>" for row in rows)
        self.rows = (
            f'<details class="graph-data"><summary>{_said(_("Show the numbers"))}</summary><div class="table-responsive" tabindex="0">'
            f'<table class="table table-sm"><thead><tr>{heads}</tr></thead><tbody>{body}</tbody></table></div></details>'
        )

    def __str__(self) -> SafeString:
        return mark_safe(self.__html__())  # templates turn values into text before they look for __html__

    def __html__(self) -> str:
        inner = f'<svg viewBox="0 0 1000 1000" preserveAspectRatio="none" width="100%" height="100%">{"".join(self.paths)}</svg>'
        svg = f'<svg class="plot" height="{self.height}" aria-hidden="true">{"".join(self.back)}{inner}{"".join(self.front)}</svg>'
        focus = ' tabindex="0" role="group"' if self.tips else ' role="img"'
        return f'<figure class="graph {self.cls}"{focus} aria-label="{_said(self.label)}">{svg}{self.rows}</figure>'

    def _path(self, points: Iterable[Point], cls: str, close: str = "") -> None:
        self.paths.append(f'<path class="{cls}" d="M{"L".join(map(self._xy, points))}{close}"/>')

    def _xy(self, point: Point) -> str:
        x, y = point
        return f"{(x - self.x0) / (self.x1 - self.x0) * 1000:.1f} {(self.y1 - y) / (self.y1 - self.y0) * 1000:.1f}"


def meter(parts: Iterable[tuple[float, str]], label: str, target: float | None = None, height: int = 8) -> SafeString:
    """A bar of parts [(share, class)], with a tick where it should be. Shares above the whole are cut off."""
    x, out = 0.0, []
    for share, cls in parts:
        width = min(max(share, 0), 1 - x)
        out.append(f'<rect class="{cls}" x="{x * 100:.2f}%" width="{width * 100:.2f}%" height="100%"/>')
        x += width
    if target is not None:
        at = f"{min(max(target, 0), 1) * 100:.2f}%"
        out.append(f'<line class="tick" x1="{at}" x2="{at}" y1="-3" y2="{height + 3}"/>')
    track = '<rect class="track" width="100%" height="100%"/>'
    return mark_safe(
        f'<svg class="meter" height="{height}" role="img" aria-label="{_said(label)}">{track}{"".join(out)}</svg>'
    )


def seeds(chance: float, label: str, n: int = 20) -> SafeString:
    """A chance as n seeds, of which the likely share has sprouted: people read "8 in 20" better than "42%"."""
    sprouted = round(chance * n)
    out = []
    for i in range(n):
        x, y = 7 + i % 10 * 14, 8 + i // 10 * 15
        cls = "on" if i < sprouted else "off"
        out.append(f'<ellipse class="{cls}" cx="{x}" cy="{y}" rx="3.4" ry="4.6" transform="rotate(24 {x} {y})"/>')
    return mark_safe(
        f'<svg class="seeds" viewBox="0 0 140 31" role="img" aria-label="{_said(label)}">{"".join(out)}</svg>'
    )


def interval(
    low: float, mid: float, high: float, top: float, label: str, plan: float | None = None, cls: str = ""
) -> SafeString:
    """A rate with its interval on a scale from 0 to `top`; the tick is the plan."""

    def at(v: float) -> str:
        return f"{min(max(v / top, 0), 1) * 100:.2f}%"

    tick = "" if plan is None else f'<line class="tick" x1="{at(plan)}" x2="{at(plan)}" y1="1" y2="17"/>'
    return mark_safe(
        f'<svg class="ival {cls}" height="18" role="img" aria-label="{_said(label)}"><line class="track" x1="0" x2="100%" y1="9" y2="9"/>{tick}'
        f'<line class="span" x1="{at(low)}" x2="{at(high)}" y1="9" y2="9"/><circle cx="{at(mid)}" cy="9" r="4.5"/></svg>'
    )


def weeks(rows: Sequence[Sequence[tuple[float | None, str]]], label: str) -> SafeString:
    """Promises by week, one row of (share kept, tip) each: filled as far as kept, crossed when none was, dashed without any."""
    out = []
    for j, row in enumerate(rows):
        for i, (share, tip) in enumerate(row):
            x, y = i * 16, j * 18
            cls = "open" if share is None else "kept" if share >= 1 else "broken"
            part = 12 * (share or 0)
            filled = f'<rect class="part" x="{x + 0.5}" y="{y + 12.5 - part:.1f}" width="12" height="{part:.1f}"/>'
            cross = f'<path d="M{x + 4} {y + 4}l5 5m0-5l-5 5"/>'
            inside = cross if share == 0 else filled if cls == "broken" else ""
            out.append(
                f'<g class="hit {cls}" data-tip="{_said(tip)}"><rect x="{x + 0.5}" y="{y + 0.5}" width="12" height="12" rx="2.5"/>{inside}</g>'
            )
    longest = max((len(r) for r in rows), default=0)
    box = f"0 0 {max(longest, 1) * 16} {max(len(rows), 1) * 18 - 4}"
    return mark_safe(
        f'<svg class="weeks" viewBox="{box}" preserveAspectRatio="xMinYMid" role="img" aria-label="{_said(label)}">{"".join(out)}</svg>'
    )
