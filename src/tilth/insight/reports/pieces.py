"""How pieces of content are called in reports, and how figures of them are written."""

from collections.abc import Iterable, Mapping

from django.utils.translation import gettext as _t
from django.utils.translation import gettext_lazy as _

from tilth.content.models import Offer
from tilth.core.rates import ENOUGH, Rate
from tilth.insight.report import Asked, Figure, Filter

OF = Filter("piece", _("Content"), {"offers": _("Offers"), "pages": _("Pages"), "webinars": _("Webinars")})
MOST = 60  # rows; sites have more pages than anybody reads about


def named(asked: Asked, pieces: Iterable[str]) -> Mapping[str, str]:
    """Each piece to what it is called; pages are called by their address."""
    keys = list(pieces)
    if asked.chosen["piece"] == "pages":
        return {key: key for key in keys}
    return {key: key for key in keys} | dict(Offer.objects.filter(key__in=keys).values_list("key", "name"))


def apart(one: Rate, other: Rate, low: float, high: float, enough: int = ENOUGH) -> Figure:
    """The difference of two shares, or how many more cases it needs."""
    lacks = max(enough - min(one.n, other.n), 0) if one.n else 0
    if lacks or one.value is None or other.value is None:
        return Figure(None, n=one.n, lacks=lacks)
    return Figure(one.value - other.value, low, high, one.n)


def no_cause(clear: Iterable[str]) -> str:
    """That a difference is no cause, and which pieces differ at all."""
    names = list(clear)
    note = _t(
        "A difference is not a cause: who takes up a piece is another kind of lead than who does not, and may have become so without it."
    )
    told = _t("The interval leaves out no difference at all only for: %(names)s.") % {"names": "; ".join(names)}
    return f"{note} {told if names else _t('No interval leaves out that there is no difference at all.')}"
