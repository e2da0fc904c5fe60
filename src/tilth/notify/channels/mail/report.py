"""The mail of a report: the answer, its first chart as bars, the first rows of its table, how old it is, and the way out.

Bars are cells of a table, not a picture: mail programs hide pictures until they are asked. Source: docs/decisions/reports-by-mail.md
"""

from django.utils.formats import date_format
from django.utils.html import format_html, format_html_join
from django.utils.safestring import SafeString
from django.utils.timezone import localtime
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from tilth.insight import blocks, cells, drawing
from tilth.insight.choice import Choice
from tilth.insight.kept import result_of
from tilth.insight.models import Kept
from tilth.insight.plain import WORDS, figure_of
from tilth.insight.report import Chart, Result
from tilth.notify import frame, subscribing
from tilth.notify.models import Subscription
from tilth.notify.outbox import address

from .writing import Letter

ROWS = 10
LONG = 24  # blocks of a bar in a mail of text


def letter(row: Subscription, choice: Choice, found: Kept) -> Letter:
    """The mail, in the language and zone that are set; without a result it says why there is none."""
    report, result = choice.report, result_of(found)
    link = address(f"/insight/{report.name}/") + (f"?{choice.query}" if choice.query else "")
    title = f"{report.title}: {choice.said}"
    if result is None:
        said = _("It could not be worked out: %(why)s") % {"why": found.why or _("the worker has not got to it.")}
        text, body = [said], format_html("<p>{}</p>", said)
    else:
        text, body = _text(choice, result), _html(choice, result)
    stands = _stands(found)
    because = _("It comes %(every)s, as you asked.") % {"every": row.get_every_display()}
    out = _("No more of it: %(link)s") % {"link": address(_stop(row))}
    whole = [title, *text, *([stands] if stands else []), link, f"{because} {out}"]
    html = format_html(
        '<h1 style="font-size:20px;line-height:1.3;margin:0 0 4px">{}</h1><p style="margin:0 0 12px;color:#56594b">{}</p>{}<p {}>{}</p>{}',
        report.title, choice.said, body, frame.QUIET, stands, frame.button(link, _("Open in Tilth")),
    )  # fmt: skip
    foot = format_html(
        "{} {} · {}", because, frame.quiet_link(address(_stop(row)), _("No more of it")),
        frame.quiet_link(address("/me/notifications/"), _("Choose what you hear of, and when")),
    )  # fmt: skip
    return Letter(title, "\n\n".join(whole), frame.page(row.language, html, foot))


def headers(row: Subscription) -> dict[str, str]:
    """What lets a mail program end it by one click: RFC 8058."""
    return {
        "List-Unsubscribe": f"<{address(_stop(row))}>",
        "List-Unsubscribe-Post": "List-Unsubscribe=One-Click",
    }


def _stop(row: Subscription) -> str:
    return f"/insight/stop/{subscribing.token(row)}/"


def _stands(found: Kept) -> str:
    if found.as_of is None:
        return ""
    said = _("As of %(at)s") % {"at": date_format(localtime(found.as_of), "j F Y, H:i")}
    return f"{said}, {_('agreement version %(n)s') % {'n': found.version.number}}." if found.version else f"{said}."


def _text(choice: Choice, result: Result) -> list[str]:
    report = choice.report
    if not result.rows:
        return [report.answer(result)]
    out = [report.answer(result)]
    for chart in report.charts[:1]:
        drawn = blocks.rows(chart, report, result, LONG)[:ROWS]
        out.append("\n".join([str(chart.title), *("  " + "  ".join(filter(None, row)) for row in drawn)]))
    lines = []
    for line in cells.table(choice, result)[:ROWS]:
        told = [f"{c.title}: {cell.line}" for c, cell in zip(report.columns, line, strict=True) if cell.line]
        lines.append("- " + "; ".join(told))
    return [*out, "\n".join(lines), *_more(result), *report.notes(result)]


def _html(choice: Choice, result: Result) -> SafeString:
    report = choice.report
    answer = format_html('<p style="font-size:18px;margin:0 0 16px">{}</p>', report.answer(result))
    if not result.rows:
        return answer
    chart = _chart(report.charts[0], choice, result) if report.charts else SafeString("")
    notes = format_html_join(
        "", '<p style="font-size:14px">{}</p>', ((n,) for n in [*_more(result), *report.notes(result)])
    )
    return format_html("{}{}{}{}", answer, chart, _table(choice, result), notes)


def _more(result: Result) -> list[str]:
    more = len(result.rows) - ROWS
    if more <= 0:
        return []
    return [ngettext("%(n)s more is in Tilth.", "%(n)s more are in Tilth.", more) % {"n": more}]


def _chart(chart: Chart, choice: Choice, result: Result) -> SafeString:
    """Each figure as a bar of its share of the largest one, and in words; of lines their course in blocks."""
    column = next((c for name in chart.of if (c := choice.report.column(name))), None)
    if chart.draws == "lines" or column is None:
        rows = blocks.rows(chart, choice.report, result, LONG)
        drawn = format_html_join("", _BAR_ROW, ((row.name, row.blocks, row.said) for row in rows))
    else:
        shown = [r for r in result.rows if figure_of(r, column).value is not None][:ROWS]
        most = max((figure_of(r, column).value or 0 for r in shown), default=0) or 1
        drawn = format_html_join(
            "", _BAR_ROW,
            (
                (
                    drawing.cut(drawing.row_name(r.get(chart.by))),
                    _bar((figure_of(r, column).value or 0) / most),
                    cells.of(column, figure_of(r, column), result.currency).line,
                )
                for r in shown
            ),
        )  # fmt: skip
    title = chart.title if len(chart.of) == 1 or column is None else f"{chart.title}: {column.title}"
    return format_html(_CHART, title, drawn)


def _bar(share: float) -> SafeString:
    width = round(min(max(share, 0), 1) * 100)
    return format_html(_BAR, width) if width else SafeString("")


def _table(choice: Choice, result: Result) -> SafeString:
    report = choice.report
    heads = format_html_join(
        "", '<th align="{}" {}>{}</th>', ((_side(c.kind), _CELL, c.title) for c in report.columns)
    )  # fmt: skip
    lines = [*cells.table(choice, result)[:ROWS], *filter(None, [cells.together(choice, result)])]
    rows = (
        (
            format_html_join(
                "", '<td align="{}" valign="top" {}>{}</td>',
                ((_side(c.kind), _CELL, cell.line) for c, cell in zip(report.columns, line, strict=True)),
            ),
        )
        for line in lines
    )  # fmt: skip
    return format_html(_TABLE, heads, format_html_join("", "<tr>{}</tr>", rows))


def _side(kind: str) -> str:
    return "left" if kind in WORDS else "right"


_CELL = SafeString('style="padding:4px 8px;border-bottom:1px solid #e1dccb"')
_TABLE = (
    '<table cellspacing="0" cellpadding="0" width="100%" style="font-size:14px;margin:0 0 12px"><tr>{}</tr>{}</table>'
)
_CHART = '<table cellspacing="0" cellpadding="0" width="100%" style="font-size:14px;margin:0 0 16px"><caption align="left" style="text-align:left;font-weight:600;padding:0 0 4px">{}</caption>{}</table>'
_BAR_ROW = '<tr><td style="padding:3px 8px 3px 0">{}</td><td width="50%" style="padding:3px 0;letter-spacing:1px;color:#1e6040">{}</td><td align="right" style="padding:3px 0 3px 8px">{}</td></tr>'
_BAR = '<table role="presentation" cellspacing="0" cellpadding="0" width="{}%"><tr><td height="12" bgcolor="#1e6040" style="background:#1e6040;line-height:12px;font-size:1px">&nbsp;</td></tr></table>'
