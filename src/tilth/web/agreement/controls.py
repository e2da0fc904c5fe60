"""The controls that stand in a sentence of the editor: a text, a select, ticks behind a summary."""

from collections.abc import Iterable, Mapping
from typing import Any

from django.utils.functional import Promise
from django.utils.html import format_html, format_html_join
from django.utils.safestring import SafeString
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from tilth.core.blanks import Blank
from tilth.core.kinds import (
    Choice,
    DayOf,
    Days,
    FieldOf,
    Flag,
    Kind,
    MeaningAt,
    Number,
    OperandOf,
    Picks,
    Share,
    StageOf,
    TestOf,
    TimeOf,
    WeightOf,
)  # fmt: skip
from tilth.core.terms import DAYS, GRADES
from tilth.web import words

from . import sentences

WIDEST, NARROWEST = 44, 4
Labels = Mapping[str, str | Promise]
TESTS: Labels = {
    "is": gettext_lazy("is"),
    "in": gettext_lazy("is one of"),
    "contains": gettext_lazy("contains one of"),
    "between": gettext_lazy("is between"),
    "at_least": gettext_lazy("is at least"),
    "at_most": gettext_lazy("is at most"),
    "known": gettext_lazy("is known"),
    "unknown": gettext_lazy("is not known"),
}
NAMES: Labels = {
    **sentences.ACTIONS, **sentences.KINDS, **sentences.JOURNEYS, **sentences.WHO, **sentences.MISSING, **sentences.DISPATCH,
    **sentences.HOW,
}  # fmt: skip
YES_NO: Labels = {"True": gettext_lazy("yes"), "False": gettext_lazy("no")}


def labels(kind: Kind, options: Iterable[str] = ()) -> Labels:
    """What the words of a choice are called; a word that people made up is called as it is."""
    if isinstance(kind, TestOf):
        return TESTS
    if isinstance(kind, DayOf):
        return {day: sentences.WEEKDAYS[n] for n, day in enumerate(DAYS)}
    if isinstance(kind, FieldOf) or "company" in options:
        return {name: sentences.field(name) for name in options}
    if isinstance(kind, Picks) and options == GRADES:
        return {}
    return NAMES if _has_names(options) else {}


def _has_names(options: Iterable[str]) -> bool:
    return any(option in NAMES for option in options)


def said(blank: Blank) -> str:
    """What a blank shows, in words: for "was: …"."""
    kind = blank.kind
    if isinstance(kind, Picks):
        names = labels(kind, kind.options)
        return sentences.both(str(names.get(t, t)) for t in blank.texts) or _("none")
    if isinstance(kind, Flag):
        return _("yes") if blank.texts else _("no")
    if isinstance(kind, Choice | FieldOf | TestOf | DayOf | StageOf):
        return str(labels(kind, kind.options).get(blank.text, blank.text)) or _("none")
    return blank.text or _("nothing")


def control(blank: Blank, label: str, wrong: bool = False, **more: Any) -> SafeString:
    """The control of a blank. `label` is what it is called by who does not see it; `wrong` points to its fault.

    more    `empty`, what choosing nothing is called; `hint`, shown in an empty text
    """
    kind, common = blank.kind, _common(blank, label, wrong)
    if isinstance(kind, Picks):
        return _picks(blank, label, **more)
    if isinstance(kind, Flag):
        ticked = SafeString(" checked") if blank.texts else ""
        return format_html(
            '<input type="hidden" name="{}" value=""><label class="tick"><input class="form-check-input" type="checkbox" value="yes"{}{}> {}</label>',
            blank.name, common, ticked, label,
        )  # fmt: skip
    if isinstance(kind, OperandOf) and blank.text in YES_NO and more.get("yes_no"):
        return _select(blank, common, YES_NO, tuple(YES_NO), "")
    if more.get("none"):
        return format_html('<input type="hidden" name="{}" value="{}">', blank.name, blank.text)
    if isinstance(kind, Choice | FieldOf | TestOf | DayOf | StageOf):
        return _select(blank, common, labels(kind, kind.options), kind.options, more.get("empty", ""))
    if isinstance(kind, MeaningAt) or len(blank.text) > WIDEST:
        return format_html(
            '<textarea class="long-text" rows="{}"{}>\n{}</textarea>', 1 + len(blank.text) // 60, common, blank.text
        )
    mode = SafeString(' inputmode="decimal"') if isinstance(kind, Number | WeightOf) else ""
    hint = format_html(' placeholder="{}"', more["hint"]) if more.get("hint") else ""
    narrow = 6 if isinstance(kind, Number | Share | WeightOf | TimeOf) else 12 if isinstance(kind, Days) else NARROWEST
    size = min(WIDEST, max(narrow, len(blank.text) + 1, len(str(more.get("hint", "")))))
    return format_html(
        '<input class="in say-in" value="{}" size="{}" autocomplete="off"{}{}{}>', blank.text, size, mode, hint, common
    )


def ident(name: str) -> str:
    """A name as an HTML id: letters, numbers, dots and dashes; what else stands in it as its number."""
    return "".join(c if c.isascii() and (c.isalnum() or c in "-.") else f"_{ord(c):x}" for c in name)


def _common(blank: Blank, label: str, wrong: bool) -> SafeString:
    fault = format_html(' aria-invalid="true" aria-describedby="why-{}"', ident(blank.row)) if wrong else ""
    spoken = "" if isinstance(blank.kind, Flag) else format_html(' aria-label="{}"', label)
    return format_html(' id="{}" name="{}"{}{}', ident(blank.name), blank.name, spoken, fault)


def _select(blank: Blank, common: SafeString, names: Labels, options: tuple[str, ...], empty: str) -> SafeString:
    shown = [(o, names.get(o, o)) for o in options]
    if blank.text not in options:
        shown = [(blank.text, blank.text or empty or _("choose")), *shown]
    elif empty:
        shown = [("", empty), *shown]
    rows = ((SafeString(" selected") if o == blank.text else "", o, say) for o, say in shown)
    return format_html(
        '<select class="val"{}>{}</select>',
        common,
        format_html_join("", '<option{} value="{1}">{2}</option>'.replace("{}", "{0}"), rows),
    )


def _picks(blank: Blank, label: str, **more: Any) -> SafeString:
    options = tuple(dict.fromkeys([*blank.kind.options, *blank.texts]))  # type: ignore[attr-defined]
    names = labels(blank.kind, options)
    ticks = format_html_join(
        "",
        '<label><input class="form-check-input" type="checkbox" id="{}" name="{}" value="{}"{}> {}</label>',
        (
            (
                f"{ident(blank.name)}-{ident(o)}",
                blank.name,
                o,
                SafeString(" checked") if o in blank.texts else "",
                names.get(o, o),
            )
            for o in options
        ),
    )
    shown = sentences.either(str(names.get(t, t)) for t in blank.texts) or more.get("empty", _("none"))
    return format_html(
        '<details class="pick" id="{}"><summary class="val" aria-label="{}: {}">{}</summary><span class="pick-list"><input type="hidden" name="{}" value="">{}{}</span></details>',
        ident(blank.name), label, shown, shown, blank.name, ticks, more.get("after", ""),
    )  # fmt: skip


def number(value: float) -> str:
    return words.number(value, 0 if value == int(value) else 1)
