"""Figures inside the sentences of reports, in the language that runs now."""

from collections.abc import Callable

from babel.numbers import format_percent
from django.utils.translation import get_language
from django.utils.translation import gettext as _t

from tilth.core import saying
from tilth.insight.report import Figure
from tilth.insight.words import money, number

__all__ = ["money", "number", "percent", "sure"]


def sure(figure: Figure, say: Callable[[float], str]) -> str:
    """How sure a figure is, to stand behind it in a sentence: " (2% to 5%)"; nothing where that is not known."""
    if figure.low is None or figure.high is None:
        return ""
    return _t(" (%(low)s to %(high)s)") % {"low": say(figure.low), "high": say(figure.high)}


def percent(share: float) -> str:
    """A fraction 0..1, as short as it can be said: below a tenth with one decimal, where that is not 0."""
    here = saying.locale(get_language() or "en")
    return format_percent(round(share, 3 if share < 0.0995 else 2), locale=here, decimal_quantization=False)
