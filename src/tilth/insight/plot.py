"""A chart with axes as SVG, drawn on the server.

x and y are percentages of the plot, so one chart fits every width and its text never stretches; only
paths live in a nested <svg> that stretches (their strokes do not). Colours are classes, so dark mode
and print need no second drawing. No inline styles and no script: a strict policy holds.
"""

from collections.abc import Iterable, Iterator, Sequence
from html import escape
from itertools import pairwise

from django.utils.safestring import SafeString, mark_safe
from django.utils.translation import gettext as _

Point = tuple[float, float]
LINE = 13  # pixels from one line of a name to the next


def said(text: object) -> str:
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
        self.paths: list[tuple[list[Point], str, str]] = []
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

    def lying(self, x0: float, x1: float, y: float, thick: float, cls: str) -> None:
        """A bar of so many pixels that lies along x."""
        width = abs(x1 - x0) / (self.x1 - self.x0) * 100
        self.back.append(
            f'<rect class="{cls}" x="{self.px(min(x0, x1))}" y="{self.py(y)}" width="{width:.2f}%" height="{thick}"'
            f' transform="translate(0 {-thick / 2})"/>'
        )

    def whisker(self, low: float, high: float, y: float) -> None:
        """An interval that lies along x."""
        at = self.py(y)
        self.front.append(f'<line class="whisker" x1="{self.px(low)}" x2="{self.px(high)}" y1="{at}" y2="{at}"/>')

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
            f'<text class="{cls}" x="{self.px(x)}" y="{self.py(y)}" dx="{dx}" dy="{dy}" text-anchor="{anchor}">{said(text)}</text>'
        )

    def yaxis(self, ticks: Iterable[tuple[float, object]]) -> None:
        for v, text in ticks:
            self.hline(v, "grid zero" if v == self.y0 else "grid")
            self.back.append(f'<text x="0" y="{self.py(v)}" dx="-8" dy="4" text-anchor="end">{said(text)}</text>')

    def xaxis(self, ticks: Iterable[tuple[float, object]], anchor: str = "middle") -> None:
        for v, text in ticks:
            self.back.append(f'<text x="{self.px(v)}" y="100%" dy="18" text-anchor="{anchor}">{said(text)}</text>')

    def name(self, y: float, lines: Sequence[str], whole: str) -> None:
        """What a row is called, beside the plot: in one line or two, and in full where it is pointed at."""
        shift = 4 - (len(lines) - 1) * LINE / 2
        told = "".join(
            f'<tspan x="0" dx="-8" dy="{LINE if n else shift}">{said(line)}</tspan>' for n, line in enumerate(lines)
        )
        self.front.append(f'<text x="0" y="{self.py(y)}" text-anchor="end"><title>{said(whole)}</title>{told}</text>')

    def row(self, y0: float, y1: float, tip: object, x: float) -> None:
        """A row to point at; its cursor stands at x."""
        height, middle = abs(y1 - y0) / abs(self.y1 - self.y0) * 100, (y0 + y1) / 2
        cursor = f'<circle class="cursor" cx="{self.px(x)}" cy="{self.py(middle)}" r="1"/>'
        self.front.append(
            f'<g class="hit" data-tip="{said(tip)}"><rect x="0" y="{self.py(min(y0, y1))}" width="100%" height="{height:.2f}%"/>{cursor}</g>'
        )

    def hit(self, x0: float, x1: float, tip: object, x: float | None = None, y: float | None = None) -> None:
        """A place to point at: its tip is shown on hover, and by the arrow keys."""
        mark = "" if x is None else f'<line class="cursor" x1="{self.px(x)}" x2="{self.px(x)}" y1="0" y2="100%"/>'
        if x is not None and y is not None:
            mark += f'<circle class="cursor" cx="{self.px(x)}" cy="{self.py(y)}" r="4"/>'
        width = (x1 - x0) / (self.x1 - self.x0) * 100
        self.front.append(
            f'<g class="hit" data-tip="{said(tip)}"><rect x="{self.px(x0)}" y="0" width="{width:.2f}%" height="100%"/>{mark}</g>'
        )

    def table(self, head: Iterable[object], rows: Iterable[Iterable[object]]) -> None:
        """The same numbers as a table, folded under the chart."""
        heads = "".join(f'<th scope="col">{said(c)}</th>' for c in head)
        body = "".join("<tr>" + "".join(f"<td>{said(c)}</td>" for c in row) + "</tr>" for row in rows)
        self.rows = (
            f'<details class="graph-data"><summary>{said(_("Show the numbers"))}</summary><div class="table-responsive" tabindex="0">'
            f'<table class="table table-sm"><thead><tr>{heads}</tr></thead><tbody>{body}</tbody></table></div></details>'
        )

    def __str__(self) -> SafeString:
        return mark_safe(self.__html__())  # templates turn values into text before they look for __html__

    def __html__(self) -> str:
        inner = f'<svg viewBox="0 0 1000 1000" preserveAspectRatio="none" width="100%" height="100%">{"".join(self._drawn(1000, 1000))}</svg>'
        svg = f'<svg class="plot" height="{self.height}" aria-hidden="true">{"".join(self.back)}{inner}{"".join(self.front)}</svg>'
        focus = ' tabindex="0" role="group"' if self.tips else ' role="img"'
        return f'<figure class="graph {self.cls}"{focus} aria-label="{said(self.label)}">{svg}{self.rows}</figure>'

    def alone(self, style: str, legend: Sequence[tuple[str, str]] = (), width: int = 800) -> str:
        """The drawing as a file that needs no page around it, with its style and a frame for what stands beside the plot.

        Its size is known, so its paths are not stretched: few programs but browsers keep the strokes of a stretched one as they are.
        """
        left, right, bottom = 190 if self.cls == "graph-rows" else 64, 36, 36
        keys, top = _keys(legend, left, width - right)
        wide = width - left - right
        inner = "".join(self._drawn(wide, self.height))
        plot = f'<svg class="plot" overflow="visible" x="{left}" y="{top}" width="{wide}" height="{self.height}">'
        return (
            f'<svg xmlns="http://www.w3.org/2000/svg" class="graph" width="{width}" height="{self.height + top + bottom}" role="img"'
            f' aria-label="{said(self.label)}"><title>{said(self.label)}</title><style>{style}</style>'
            f'<rect class="paper" width="100%" height="100%"/>{keys}{plot}{"".join(self.back)}{inner}{"".join(self.front)}</svg></svg>'
        )

    def _path(self, points: Iterable[Point], cls: str, close: str = "") -> None:
        self.paths.append((list(points), cls, close))

    def _drawn(self, width: float, height: float) -> Iterator[str]:
        """The paths in a box of a size."""
        for points, cls, close in self.paths:
            corners = "L".join(
                f"{(x - self.x0) / (self.x1 - self.x0) * width:.1f} {(self.y1 - y) / (self.y1 - self.y0) * height:.1f}"
                for x, y in points
            )
            yield f'<path class="{cls}" d="M{corners}{close}"/>'


def _keys(legend: Sequence[tuple[str, str]], left: int, right: int) -> tuple[str, int]:
    """What each colour means, in lines above a drawing, and where these end. Widths are guessed: a letter is seven pixels."""
    x, y, drawn = left, 24, []
    for name, cls in legend:
        if x > left and x + 20 + 7 * len(name) > right:
            x, y = left, y + 20
        drawn.append(f'<rect class="{cls}" x="{x}" y="{y - 10}" width="12" height="12" rx="2"/>')
        drawn.append(f'<text x="{x + 18}" y="{y}">{said(name)}</text>')
        x += 38 + 7 * len(name)
    return (f'<g class="plot">{"".join(drawn)}</g>', y + 20) if drawn else ("", 24)
