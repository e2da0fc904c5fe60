"""Sales' verdict flows back: why leads come back, by where they came from, and what the court charged it to (R48)."""

from collections import Counter
from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any

from django.utils.translation import gettext as _t
from django.utils.translation import gettext_lazy as _
from django.utils.translation import ngettext

from tilth.insight.report import Asked, Chart, Column, Filter, Report, Result

from . import cuts, spoken

if TYPE_CHECKING:
    from tilth.insight.measures.returns import Wish

REASONS = Filter("reasons", _("Reasons"), {"each": _("Each apart"), "together": _("All together")})
COURT = ("definition", "content", "data", "waiting")
COUNTS = ("back", "returned", *COURT)


def work(asked: Asked) -> Result:
    from tilth.insight.measures import returns

    of, found = returns.counted(asked.engine, _wish(asked), asked.chosen["reasons"] == "each")
    names, reasons = cuts.named(asked, of), cuts.reasons(asked)
    found.sort(key=lambda row: (-row["back"], row["reason"]))
    found.sort(key=lambda row: (-of[row["cut"]], row["cut"]))
    if asked.chosen["by"] in cuts.TIME:
        found.sort(key=lambda row: row["cut"], reverse=True)
    rows = [_row(row, of[row["cut"]], names[row["cut"]], reasons) for row in found]
    every = {name: sum(row[name] for row in found) for name in COUNTS}
    n = sum(of.values())
    together = {name: every[name] for name in ("back", *COURT)} | {
        "key": cuts.EVERYBODY,
        "share": cuts.share(every["back"], n),
    }
    return Result(rows, together if rows else None, {"n": n} | every | _commonest(rows))


def _wish(asked: Asked) -> "Wish":
    from tilth.insight.measures.returns import Wish

    chosen, terms = asked.chosen, asked.version.terms if asked.version else None
    return Wish(asked.period, chosen["by"], terms, chosen["source"])


def _row(row: Mapping[str, Any], n: int, name: Any, reasons: Mapping[str, str]) -> dict[str, Any]:
    reason = reasons.get(row["reason"], row["reason"])
    label = ": ".join(filter(None, [cuts.in_words(name), reason]))
    return {
        "key": f"{cuts.key(row['cut'])}: {row['reason']}", "cut": name, "reason": reason or None, "label": label,
        "back": row["back"], "share": cuts.share(row["back"], n), **{charge: row[charge] for charge in COURT},
    }  # fmt: skip


def _commonest(rows: Sequence[Mapping[str, Any]]) -> dict[str, Any]:
    """The reason that is given most often, and how often; none where reasons are not told apart."""
    times = Counter[str]()
    for row in rows:
        times[row["reason"] or ""] += row["back"]
    reason, n = max(times.items(), key=lambda told: (told[1], told[0]), default=("", 0))
    return {"reason": reason, "for": n}


def answer(result: Result) -> str:
    said = result.said
    if not said["n"]:
        return _t("Nothing was handed off in this period.")
    if not said["back"]:
        return ngettext("Of %(n)s handoff, none came back.", "Of %(n)s handoffs, none came back.", said["n"]) % said
    share = cuts.share(said["back"], said["n"])
    words = {"n": spoken.number(said["n"]), "back": spoken.number(said["back"]), "share": ""}
    if share.value is not None:
        words["share"] = f", {spoken.percent(share.value)}{spoken.sure(share, spoken.percent)}"
    told = ngettext(
        "Of %(n)s handoff, %(back)s came back from sales%(share)s.",
        "Of %(n)s handoffs, %(back)s came back from sales%(share)s.",
        said["n"],
    ) % words  # fmt: skip
    if not said["reason"]:
        return told
    return (
        f"{told} {_t('Most often because: “%(reason)s” (%(for)s).') % {'reason': said['reason'], 'for': said['for']}}"
    )


def notes(result: Result) -> list[str]:
    said = result.said
    if not said["back"]:
        return []
    return [
        _t(
            "Of these, %(returned)s were returned before work began; the others were handed back after it. The court decides on returns only: %(waiting)s wait for it."
        )
        % said,
        _t("A return that was overturned is none. Shares are of the handoffs of the same group, whenever they came back."),
    ]  # fmt: skip


def people(asked: Asked, row: str, column: str) -> Sequence[int]:
    from tilth.insight.measures import returns

    back = returns.came_back(asked.engine, _wish(asked))
    if row != cuts.EVERYBODY:
        cut, _colon, reason = row.rpartition(": ")
        back = back.filter(back.cut == cuts.cut_of(cut))
        back = back.filter(back.reason == reason) if reason else back
    return returns.behind(asked.engine, back, column)


REPORT = Report(
    "returns",
    _("What comes back from sales"),
    _("Why do leads come back, and where did they come from?"),
    "content",
    (
        Column("cut", _("Leads of"), "text"),
        Column("reason", _("Reason"), "text"),
        Column("back", _("Came back"), "count", _("Returned before work began, or handed back after it."), people=True),
        Column("share", _("Of handoffs"), "share", _("Of the handoffs of the same group.")),
        Column("definition", _("Charged to the definition"), "count", _("The court upheld it: our definition of a good lead."), people=True),
        Column("content", _("Charged to content"), "count", _("The court upheld it: the content that brought it."), people=True),
        Column("data", _("Charged to data"), "count", _("The court upheld it: wrong or missing data."), people=True),
        Column("waiting", _("Before the court"), "count", _("Returns that nobody decided yet."), people=True),
    ),
    work,
    answer,
    (cuts.by("source", "campaign", "offer", "segment", "owner", "quarter"), REASONS, Filter("source", _("Only from source"))),
    (Chart("intervals", _("Share of handoffs that came back"), "label", ("share",)),),
    notes,
    people,
)  # fmt: skip
