"""A report to take along: its table as CSV with every bound and n, and a chart as SVG or PNG that needs no page around it."""

import csv as tables
from functools import cache
from io import StringIO
from pathlib import Path

from django.http import Http404, HttpRequest, HttpResponse

from tilth.insight import drawing, kept, plain
from tilth.insight.choice import Choice
from tilth.insight.kept import result_of
from tilth.insight.report import Result
from tilth.web import shell
from tilth.web.access import members

from .choosing import chosen

STATIC = Path(__file__).parent.parent / "static"
STYLE, FONT, FAMILY = STATIC / "chart.css", STATIC / "fonts" / "tilth-chart.ttf", "Tilth Chart"


@members()
def csv(request: HttpRequest, name: str) -> HttpResponse:
    choice, result = _result(request, name)
    out = StringIO()
    tables.writer(out).writerows(plain.lines(choice, result))
    return _file(out.getvalue(), "text/csv; charset=utf-8", f"{name}.csv")


@members()
def svg(request: HttpRequest, name: str, chart: int) -> HttpResponse:
    return _file(_drawn(request, name, chart), "image/svg+xml", f"{name}-{chart + 1}.svg")


@members()
def png(request: HttpRequest, name: str, chart: int) -> HttpResponse:
    """Twice as large, for slides; drawn here, in a font that we ship, so that it looks the same from every machine."""
    from resvg_py import svg_to_bytes

    drawn = svg_to_bytes(
        svg_string=_drawn(request, name, chart), zoom=2, skip_system_fonts=True, font_files=[str(FONT)],
        font_family=FAMILY, sans_serif_family=FAMILY,
    )  # fmt: skip
    return _file(bytes(drawn), "image/png", f"{name}-{chart + 1}.png")


def _drawn(request: HttpRequest, name: str, chart: int) -> str:
    """A chart as SVG.

    raises   Http404 where there is none
    """
    choice, result = _result(request, name)
    if chart >= len(choice.report.charts):
        raise Http404
    drawn = drawing.drawn(choice.report.charts[chart], choice.report, result)
    return drawn.plot.alone(_style(), drawn.legend)


def _result(request: HttpRequest, name: str) -> tuple[Choice, Result]:
    choice = chosen(request, name)
    result = result_of(kept.ask(choice.report, choice.chosen, shell.of(request).now))
    if result is None:
        raise Http404
    return choice, result


def _file(content: str | bytes, kind: str, name: str) -> HttpResponse:
    return HttpResponse(content, content_type=kind, headers={"Content-Disposition": f'attachment; filename="{name}"'})


@cache
def _style() -> str:
    return STYLE.read_text()
