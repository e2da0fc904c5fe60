"""Small drawings as inline SVG beside a figure: meters, seeds, intervals, weeks. Charts with axes are `Plot`s."""

from collections.abc import Iterable, Sequence

from django.utils.safestring import SafeString, mark_safe

from tilth.insight.plot import Plot as Plot
from tilth.insight.plot import said


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
        f'<svg class="meter" height="{height}" role="img" aria-label="{said(label)}">{track}{"".join(out)}</svg>'
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
        f'<svg class="seeds" viewBox="0 0 140 31" role="img" aria-label="{said(label)}">{"".join(out)}</svg>'
    )


def interval(
    low: float, mid: float, high: float, top: float, label: str, plan: float | None = None, cls: str = ""
) -> SafeString:
    """A rate with its interval on a scale from 0 to `top`; the tick is the plan."""

    def at(v: float) -> str:
        return f"{min(max(v / top, 0), 1) * 100:.2f}%"

    tick = "" if plan is None else f'<line class="tick" x1="{at(plan)}" x2="{at(plan)}" y1="1" y2="17"/>'
    return mark_safe(
        f'<svg class="ival {cls}" height="18" role="img" aria-label="{said(label)}"><line class="track" x1="0" x2="100%" y1="9" y2="9"/>{tick}'
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
                f'<g class="hit {cls}" data-tip="{said(tip)}"><rect x="{x + 0.5}" y="{y + 0.5}" width="12" height="12" rx="2.5"/>{inside}</g>'
            )
    longest = max((len(r) for r in rows), default=0)
    box = f"0 0 {max(longest, 1) * 16} {max(len(rows), 1) * 18 - 4}"
    return mark_safe(
        f'<svg class="weeks" viewBox="{box}" preserveAspectRatio="xMinYMid" role="img" aria-label="{said(label)}">{"".join(out)}</svg>'
    )
