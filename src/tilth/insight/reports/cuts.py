"""What figures of leads can be cut by, and how the cuts are called."""

from collections.abc import Iterable, Sequence
from datetime import date
from typing import Any

from django.utils.translation import gettext_lazy as _

from tilth.campaigns.models import Campaign
from tilth.content.models import Offer
from tilth.core.rates import ENOUGH, Rate
from tilth.insight.report import Asked, Figure, Filter
from tilth.team.models import Member

NOT_SAID = "(not said)"  # the key of a row of whom nobody said anything
EVERYBODY = ""  # the key of the line of all
CUTS = {
    "week": _("Week in which they came in"), "quarter": _("Quarter in which they came in"), "source": _("Source"),
    "campaign": _("Campaign"), "offer": _("Conversion point"), "segment": _("Segment"), "owner": _("Owner"),
}  # fmt: skip
TIME = ("week", "quarter")


def by(*cuts: str) -> Filter:
    return Filter("by", _("Cut by"), {cut: CUTS[cut] for cut in cuts})


def named(asked: Asked, cuts: Iterable[str]) -> dict[str, Any]:
    """Each cut of those that were chosen to what it is called."""
    return called(asked, asked.chosen["by"], cuts)


def called(asked: Asked, cut_by: str, cuts: Iterable[str]) -> dict[str, Any]:
    """Each cut to what it is called: a day, a name, or "" where nobody said."""
    keys = [cut for cut in cuts if cut]
    match cut_by:
        case "week" | "quarter":
            names: dict[str, Any] = {key: date.fromisoformat(key) for key in keys}
        case "offer":
            names = dict(Offer.objects.filter(key__in=keys).values_list("key", "name"))
        case "campaign":
            names = dict(Campaign.objects.filter(key__in=keys).values_list("key", "name"))
        case "owner":
            names = {str(pk): name for pk, name in Member.objects.filter(pk__in=keys).values_list("pk", "name")}
        case "segment":
            names = {one.id: one.say or one.id for one in (asked.version.terms.segments if asked.version else ())}
        case _:
            names = {}
    return {"": ""} | {key: names.get(key) or key for key in keys}


def reasons(asked: Asked) -> dict[str, str]:
    """Each coded reason of the agreement to how both teams say it."""
    terms = asked.version.terms if asked.version else None
    return {one.id: one.say or one.id for one in (*terms.return_reasons, *terms.recycle_reasons)} if terms else {}


def in_words(name: Any) -> str:
    """What a cut is called inside a label, in no language: a quarter as "2026 Q1", and "–" where nobody said."""
    return f"{name.year} Q{(name.month + 2) // 3}" if isinstance(name, date) else name or "–"


def in_order(rows: Sequence[dict[str, Any]], cut_by: str, size: str) -> list[dict[str, Any]]:
    """The newest first, or the largest."""
    if cut_by in TIME:
        return sorted(rows, key=lambda row: row["key"], reverse=True)
    return sorted(rows, key=lambda row: (-row[size], row["key"]))


def key(cut: str) -> str:
    return cut or NOT_SAID


def cut_of(row: str) -> str:
    """The cut that a row's key means."""
    return "" if row == NOT_SAID else row


def share(hits: int, n: int, enough: int = ENOUGH) -> Figure:
    """A share with its interval, or how many more are needed for one."""
    rate = Rate(hits, n, enough=enough)
    return Figure(None, n=n, lacks=rate.lacks) if rate.lacks else Figure(rate.value, rate.low, rate.high, n)
