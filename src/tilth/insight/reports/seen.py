"""What buyers had seen and others had not, and which open leads have not seen it yet: what to show to whom (R37, R52)."""

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

from django.utils.translation import gettext as _t
from django.utils.translation import gettext_lazy as _
from django.utils.translation import ngettext

from tilth.insight.report import Asked, Chart, Column, Figure, Filter, Report, Result

from . import cuts, pieces
from .spoken import percent, sure

if TYPE_CHECKING:
    import ibis

    from tilth.core.rates import Rate
    from tilth.insight.measures.seen import Seen

OUTCOME = Filter("outcome", _("Who bought"), {"customer": _("Became a customer"), "sql": _("Became an SQL")})


def work(asked: Asked) -> Result:
    from tilth.insight.measures import seen

    found = seen.seen(asked.engine, asked.engine.once(_cohort(asked)), asked.chosen["piece"], asked.chosen["outcome"])
    segments = cuts.called(asked, "segment", [one.segment for one in found])
    names = pieces.named(asked, {one.piece for one in found})
    rows = [_row(one, segments[one.segment], names[one.piece], seen.ENOUGH) for one in found[: pieces.MOST]]
    sure = [row for one, row in zip(found, rows, strict=False) if seen.tells(one)]
    top = max(sure, key=lambda row: row["next"], default=None)
    said = {
        "n": len(found), "few": seen.ENOUGH, "next": sum(row["next"] for row in rows), "rest": max(len(found) - pieces.MOST, 0),
        "clear": [row["label"] for row in sure], "sql": asked.chosen["outcome"] == "sql",
        "top": top and {name: top[name] for name in ("piece", "segment", "buyers", "others", "next")},
    }  # fmt: skip
    return Result(rows, None, said)


def _row(one: "Seen", segment: str, piece: str, enough: int) -> dict[str, Any]:
    return {
        "key": f"{cuts.key(one.segment)}: {one.piece}", "segment": segment, "piece": piece,
        "label": f"{piece} ({segment})" if segment else piece,
        "buyers": _share(one.buyers, enough), "others": _share(one.others, enough),
        "differs": pieces.apart(one.buyers, one.others, one.low, one.high, enough),
        "unseen": one.unseen, "next": one.up_next,
    }  # fmt: skip


def _share(rate: "Rate", enough: int) -> Figure:
    return cuts.share(rate.hits, rate.n, enough)


def answer(result: Result) -> str:
    said = result.said
    if not said["n"]:
        return _t("No lead of this period met any content.")
    if not said["top"]:
        return _t("There is no content yet that buyers of a segment surely saw more often than others.")
    top = said["top"]
    told = {
        "piece": top["piece"], "segment": top["segment"] or _t("no segment"), "n": top["next"],
        "buyers": percent(top["buyers"].value), "others": percent(top["others"].value),
        "sure": sure(top["buyers"], percent), "also": sure(top["others"], percent),
    }  # fmt: skip
    return (
        ngettext(
            "%(piece)s (%(segment)s) was seen by %(buyers)s of buyers%(sure)s and %(others)s of others%(also)s; %(n)s open lead could be shown it next.",
            "%(piece)s (%(segment)s) was seen by %(buyers)s of buyers%(sure)s and %(others)s of others%(also)s; %(n)s open leads could be shown it next.",
            top["next"],
        )
        % told
    )


def notes(result: Result) -> list[str]:
    said = result.said
    if not said["n"]:
        return []
    out = [
        pieces.no_cause(said["clear"]),
        _t(
            "Show next: open leads of the segment for whom nothing that tells its buyers apart more surely is left unseen. Each stands once."
        ),
        _t("Of buyers, only what they saw before they bought counts. Shares need %(few)s buyers and %(few)s others.") % said,
    ]  # fmt: skip
    if said["rest"]:
        out.append(_t("Rows that tell buyers apart least and are left out: %(rest)s.") % said)
    return out


def people(asked: Asked, row: str, column: str) -> Sequence[int]:
    from tilth.insight.measures import seen

    segment, _colon, piece = row.partition(": ")
    look = seen.next_for if column == "next" else seen.unseen_by
    return look(
        asked.engine, _cohort(asked), asked.chosen["piece"], asked.chosen["outcome"], cuts.cut_of(segment), piece
    )


def _cohort(asked: Asked) -> "ibis.Table":
    from tilth.insight.measures.cohort import cohort

    return cohort(asked.engine, asked.period, "segment", asked.version.terms if asked.version else None)


REPORT = Report(
    "seen",
    _("Seen and not seen"),
    _("Which content did buyers see that others did not, and who has not seen it yet?"),
    "content",
    (
        Column("segment", _("Segment"), "text"),
        Column("piece", _("Content"), "text"),
        Column("buyers", _("Buyers saw it"), "share", _("Of those who bought, who had met it before.")),
        Column("others", _("Others saw it"), "share", _("Of those who have not bought, who met it.")),
        Column("differs", _("Difference"), "points", _("Buyers less others.")),
        Column("unseen", _("Not seen yet"), "count", _("Open leads of the segment who have not met it."), people=True),
        Column("next", _("Show next"), "count", _("Open leads for whom it is the next piece to show."), people=True),
    ),
    work,
    answer,
    (OUTCOME, pieces.OF),
    (Chart("intervals", _("Who saw it"), "label", ("buyers", "others")),),
    notes,
    people,
)
