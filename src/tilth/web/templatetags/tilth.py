"""Tags and filters of the pages. Formatting is a filter; the words are in web/words.py.

{{ amount|money:currency }}   {{ share|pct }}   {{ n|num }}   {{ at|local:"j F" }}
{% icon "phone" %}   {% ago at %}   {% until at %}   {% day at %}   {% moment at %}   {% way_to "imports" as imports %}
"""

from collections.abc import Mapping
from datetime import date, datetime, timedelta
from fractions import Fraction
from typing import Any

from django import template
from django.urls import reverse
from django.utils.formats import date_format
from django.utils.html import format_html
from django.utils.safestring import SafeString, mark_safe
from django.utils.timezone import localtime

from tilth.core import identity
from tilth.core.plan import whole
from tilth.promises import names
from tilth.web import icons, words

register = template.Library()


@register.simple_tag
def icon(name: str, cls: str = "") -> SafeString:
    """An icon beside words; never alone."""
    return mark_safe(
        f'<svg class="icon {cls}" viewBox="0 0 24 24" fill="none" stroke="currentColor" stroke-linecap="round" '
        f'stroke-linejoin="round" aria-hidden="true">{icons.paths()[name]}</svg>'
    )


@register.filter
def money(minor: int | None, currency: Any) -> str:
    return words.money(minor, str(currency))


@register.filter
def money_exact(minor: int | None, currency: Any) -> str:
    """With cents, where sums must prove themselves."""
    return words.money(minor, str(currency), cents=True)


@register.filter
def num(value: float | None, decimals: int = 0) -> str:
    return words.number(value, decimals)


@register.filter
def pct(share: float | None, decimals: int = 0) -> str:
    return words.percent(share, decimals)


@register.filter
def signed(value: float | None, decimals: int = 0) -> str:
    """A number that always shows whether it adds or takes away: +20, −4."""
    said = words.number(value, decimals)
    return f"+{said}" if value is not None and value > 0 else said


@register.filter
def exact(value: Fraction | None, decimals: int = 0) -> str:
    """A count of a plan, which is kept exactly: rounded, a half up, only here."""
    return words.number(whole(value) if not decimals else float(value), decimals) if value is not None else ""


@register.filter
def minor(value: Fraction | None, currency: str) -> str:
    """An exact amount of a plan in minor units, as money."""
    return words.money(whole(value), currency) if value is not None else ""


@register.filter
def at(values: Mapping[str, Any] | None, name: str) -> Any:
    """What stands under a name; nothing where there is none."""
    return values.get(name) if values else None


@register.filter
def month(number: int) -> str:
    """The short name of a calendar month."""
    return date_format(date(2024, number, 1), "M")


@register.filter
def promise(kind: str) -> str:
    return names.name(kind)


@register.filter
def before(kind: str) -> str:
    """What has to happen before a promise of this kind is due."""
    return str(words.BEFORE.get(kind, kind))


@register.filter
def was_due(kind: str) -> str:
    return str(words.WAS_DUE.get(kind, kind))


@register.filter
def outcome(said: str) -> str:
    return words.outcome(said)


@register.filter
def phone(number: str) -> str:
    """A number as people write it; the link keeps the one that machines dial."""
    return identity.spoken(number)


@register.filter
def span(length: timedelta | None) -> str:
    return "" if length is None else words.span(length)


@register.filter
def working(length: timedelta) -> str:
    return words.working(length)


@register.filter
def quarter(first: date) -> str:
    """A quarter by its first day: "Q2 2026"."""
    return f"Q{(first.month + 2) // 3} {first.year}"


@register.filter
def local(at: datetime | date | None, form: str = "j F Y, H:i") -> str:
    """A moment in the agreement's zone, a date as it is."""
    if at is None:
        return ""
    return date_format(localtime(at) if isinstance(at, datetime) else at, form)


@register.simple_tag(takes_context=True)
def way_to(context: Any, name: str) -> str:
    """The address of a page that the reader may open; "" of one that is not for them."""
    return reverse(name) if context["shell"].may_open(name) else ""


@register.simple_tag(takes_context=True)
def ago(context: Any, at: datetime | None) -> str:
    return _time(at, words.ago(at, context["now"])) if at else ""


@register.simple_tag(takes_context=True)
def until(context: Any, at: datetime | None) -> str:
    return _time(at, words.until(at, context["now"])) if at else ""


@register.simple_tag(takes_context=True)
def day(context: Any, at: datetime | None) -> str:
    return _time(at, words.day(at, context["now"])) if at else ""


@register.simple_tag(takes_context=True)
def moment(context: Any, at: datetime | None) -> str:
    return _time(at, words.moment(at, context["now"])) if at else ""


@register.simple_tag
def left(length: timedelta, due: datetime) -> str:
    """Working time that is left until a promise is due."""
    return _time(due, words.left(length))


def _time(at: datetime, said: str) -> str:
    return format_html('<time datetime="{}" title="{}">{}</time>', at.isoformat(), words.exact(at), said)


@register.inclusion_tag("_outcomes.html")
def outcomes(touch: int) -> dict[str, Any]:
    """Asks how a call went, one click for each answer. `touch`: the call's key."""
    return {"touch": touch, "outcomes": words.OUTCOMES}


@register.inclusion_tag("_waits.html", takes_context=True)
def waits(context: Any, ripe: Any) -> dict[str, Any]:
    """Since when a ripe lead waits; as an alarm when the page's `alarm` says that it is one."""
    alarm = context["alarm"]
    return {"ripe": ripe, "late": alarm and alarm.waited(ripe), "now": context["now"]}


@register.inclusion_tag("_field.html")
def field(bound: Any, wide: bool = False, hint: str = "", plain: bool = False) -> dict[str, Any]:
    """One field of a form: label, control, hint, and its errors beside it. `plain`: not said to be optional."""
    check = bound.field.widget.__class__.__name__ == "CheckboxInput"
    select = bound.field.widget.__class__.__name__ in ("Select", "NullBooleanSelect")
    cls = "form-check-input" if check else "form-select" if select else "form-control"
    control = bound.as_widget(attrs={"class": f"{cls} is-invalid" if bound.errors else cls})
    return {"field": bound, "control": control, "wide": wide, "hint": hint or bound.help_text, "plain": plain}
