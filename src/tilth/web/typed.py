"""What people type: amounts with points and commas as they write them at home, rates, and plain text."""

from datetime import date
from decimal import Decimal
from typing import Any

from django import forms
from django.http import HttpRequest
from django.utils.dateparse import parse_date
from django.utils.translation import gettext as _

from tilth.core import figures, plan


def shown(minor: int | None, currency: str) -> str:
    """An amount as somebody would type it: no sign, no grouping, cents only when there are any."""
    if minor is None:
        return ""
    amount = Decimal(minor).scaleb(-figures.DIGITS.get(currency, 2))
    return f"{amount:f}" if amount % 1 else f"{amount:.0f}"


def text(request: HttpRequest, name: str, most: int) -> str:
    """A text field without a form around it: trimmed, cut off at `most`, and without NUL, which no database keeps."""
    return request.POST.get(name, "").replace("\0", "").strip()[:most]


def day(typed: str) -> date | None:
    """A day as a date field sends it; None for anything else."""
    try:
        return parse_date(typed)
    except ValueError:
        return None


def whole(request: HttpRequest, name: str, most: int) -> int:
    """A whole number without a form around it, at most `most`; 0 for anything else."""
    typed = request.POST.get(name, "").strip()
    return min(int(typed[:9]), most) if typed.isdecimal() else 0


class Amount(forms.CharField):
    """Money, read into minor units of `currency`: "2.500.000", "€ 2,500,000.00" and "2500000" are the same."""

    currency = "EUR"

    def __init__(self, **kwargs: Any) -> None:
        kwargs.setdefault(
            "widget", forms.TextInput(attrs={"inputmode": "decimal", "autocomplete": "off", "maxlength": 40})
        )
        super().__init__(**kwargs)

    def to_python(self, value: Any) -> Any:
        text = super().to_python(value)
        if text in self.empty_values:
            return None
        try:
            amount = figures.money(str(text), self.currency)
        except figures.Unreadable as why:
            raise forms.ValidationError(_("%(why)s. Write it such as 12,500 or 12.500,00.") % {"why": why}) from why
        if amount < 0:
            raise forms.ValidationError(_("Write an amount of zero or more."))
        return amount


class Share(forms.CharField):
    """A rate, read exactly as typed: "1/3", "33%" and "0.33" are three rates."""

    def __init__(self, **kwargs: Any) -> None:
        kwargs.setdefault("widget", forms.TextInput(attrs={"autocomplete": "off", "maxlength": 20}))
        super().__init__(**kwargs)

    def to_python(self, value: Any) -> Any:
        text = super().to_python(value)
        if text in self.empty_values:
            return None
        try:
            return plan.rate(str(text), str(self.label))
        except plan.NoPlan as why:
            raise forms.ValidationError(str(why)) from why
