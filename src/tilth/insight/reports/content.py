"""Content decides the quality of leads: of each piece, what becomes of those that it converted and of those that it touched (R54)."""

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any

from django.utils.translation import gettext as _t
from django.utils.translation import gettext_lazy as _

from tilth.insight.report import Asked, Chart, Column, Figure, Filter, Report, Result

from . import amounts, cuts, pieces
from .spoken import percent

if TYPE_CHECKING:
    from tilth.insight.measures.content import Group, Quality

OUTCOME = Filter(
    "outcome",
    _("Judged by"),
    {
        "sql": _("Became an SQL"), "mql": _("Became an MQL"), "customer": _("Became a customer"),
        "returned": _("Sales returned it"),
    },
)  # fmt: skip
FEW_DEALS = 10  # below it, a mean of amounts says little
T = 1.833  # of Student, for 90% and the fewest deals; for more deals it is smaller


def work(asked: Asked) -> Result:
    from tilth.insight.measures import content
    from tilth.insight.measures.cohort import cohort

    currency, outcome = amounts.currency(asked), asked.chosen["outcome"]
    everybody = cohort(asked.engine, asked.period, "offer", asked.version.terms if asked.version else None)
    people = asked.engine.once(everybody)
    found, every = content.qualities(asked.engine, people, asked.chosen["piece"], outcome, currency)
    found.sort(key=_rank, reverse=True)
    names, reasons = pieces.named(asked, [q.piece for q in found]), cuts.reasons(asked)
    rows = [_row(q, names[q.piece], reasons) for q in found[: pieces.MOST]]
    said = {"outcome": outcome, "n": every.n, "hits": every.hits, "rest": max(len(found) - pieces.MOST, 0)}
    said |= {"foreign": content.foreign(asked.engine, people, currency), "clear": _clear(rows)}
    return Result(rows, None, said | _surest(rows), currency)


def _clear(rows: Sequence[Mapping[str, Any]]) -> list[str]:
    """Pieces whose difference is one: its interval leaves out 0."""
    told = [(row["piece"], row["differs"]) for row in rows]
    return [piece for piece, d in told if d.value is not None and not d.low <= 0 <= d.high]


def _surest(rows: Sequence[Mapping[str, Any]]) -> dict[str, Any]:
    """The first piece with a rate of those whom it converted; else, of those whom it touched."""
    for way in ("of_converted", "of_touched"):
        for row in rows:
            if row[way].value is not None:
                return {"best": row["piece"], "rate": row[way], "touched": way == "of_touched"}
    return {"best": None}


def _rank(q: "Quality") -> tuple[float, float, int]:
    """By what is sure: the low end of those that it converted, then of those that it touched."""
    converted, touched = (-1.0 if group.rate.lacks else group.pooled.low for group in (q.converted, q.touched))
    return converted, touched, q.seen.n


def _row(q: "Quality", name: str, reasons: dict[str, str]) -> dict[str, Any]:
    return {
        "key": q.piece, "piece": name, "converted": q.converted.rate.n, "touched": q.touched.rate.n,
        "of_converted": _share(q.converted), "of_touched": _share(q.touched),
        "differs": pieces.apart(q.seen, q.unseen, q.low, q.high),
        "reason": reasons.get(q.reason, q.reason) if q.reason else None,
        "worth_converted": _worth(q.converted), "worth_touched": _worth(q.touched),
    }  # fmt: skip


def _share(group: "Group") -> Figure:
    if group.rate.lacks:
        return Figure(None, n=group.rate.n, lacks=group.rate.lacks if group.rate.n else 0)
    return Figure(group.pooled.share, group.pooled.low, group.pooled.high, group.rate.n)


def _worth(group: "Group") -> Figure:
    if group.deals < FEW_DEALS:
        return Figure(None, n=group.deals, lacks=FEW_DEALS - group.deals if group.deals else 0)
    wide = T * group.spread / group.deals**0.5
    return Figure(round(group.mean), max(round(group.mean - wide), 0), round(group.mean + wide), group.deals)


def answer(result: Result) -> str:
    said = result.said
    if not said["n"]:
        return _t("Nobody became a lead in this period.")
    if not said["best"]:
        return _t("No piece has enough leads yet to say how good they are.")
    told = {
        "piece": said["best"],
        **{name: percent(getattr(said["rate"], name)) for name in ("value", "low", "high")},
    }
    return _answers()[said["outcome"], said["touched"]] % told


def _answers() -> dict[tuple[str, bool], str]:
    """By the outcome, and whether it is said of touched leads."""
    return {
        ("mql", False): _t("Leads that %(piece)s converted most surely become an MQL: %(value)s, between %(low)s and %(high)s."),
        ("sql", False): _t("Leads that %(piece)s converted most surely become an SQL: %(value)s, between %(low)s and %(high)s."),
        ("customer", False): _t("Leads that %(piece)s converted most surely become a customer: %(value)s, between %(low)s and %(high)s."),
        ("returned", False): _t("Leads that %(piece)s converted are returned most surely: %(value)s of those handed off, between %(low)s and %(high)s."),
        ("mql", True): _t("Leads that %(piece)s touched most surely become an MQL: %(value)s, between %(low)s and %(high)s."),
        ("sql", True): _t("Leads that %(piece)s touched most surely become an SQL: %(value)s, between %(low)s and %(high)s."),
        ("customer", True): _t("Leads that %(piece)s touched most surely become a customer: %(value)s, between %(low)s and %(high)s."),
        ("returned", True): _t("Leads that %(piece)s touched are returned most surely: %(value)s of those handed off, between %(low)s and %(high)s."),
    }  # fmt: skip


def notes(result: Result) -> list[str]:
    said = result.said
    if not said["n"]:
        return []
    every = {"n": said["n"], "share": percent(said["hits"] / said["n"])}
    out = [
        _t("Of all %(n)s who were handed off, sales returned %(share)s.") % every
        if said["outcome"] == "returned"
        else _t("Of all %(n)s leads, %(share)s have come that far; who is open counts as not yet.") % every,
        pieces.no_cause(said["clear"]),
        _t(
            "Touched counts only what a person did, and only before the outcome. Whom it never came to had longer to meet a piece, so shares of touched leads are rather too low."
        ),
        _t(
            "Shares are pooled over all pieces, so that 2 of 2 does not outrank 30 of 100: few cases lean towards the mean of all."
        ),
    ]
    if said["foreign"]:
        out.append(_t("Deals in other currencies, left out of the amounts: %(foreign)s.") % said)
    if said["rest"]:
        out.append(_t("Pieces further down the list, left out: %(rest)s.") % said)
    return out


def people(asked: Asked, row: str, column: str) -> Sequence[int]:
    from tilth.insight.measures import content
    from tilth.insight.measures.cohort import cohort

    everybody = cohort(asked.engine, asked.period, "offer", asked.version.terms if asked.version else None)
    of, outcome = asked.chosen["piece"], asked.chosen["outcome"]
    return content.behind(asked.engine, everybody, of, outcome, row, column == "converted")


REPORT = Report(
    "content",
    _("Content and the quality of leads"),
    _("Which content brings and grows good leads?"),
    "content",
    (
        Column("piece", _("Content"), "text"),
        Column("converted", _("Converted"), "count", _("Whom it made a lead."), people=True),
        Column("of_converted", _("Of converted"), "share", _("To how many of these the outcome came, pooled.")),
        Column("touched", _("Touched"), "count", _("Others who took it up before the outcome."), people=True),
        Column("of_touched", _("Of touched"), "share", _("To how many of these the outcome came, pooled.")),
        Column("differs", _("Seen less not seen"), "points", _("The share of who met it before, less the share of who did not.")),
        Column("reason", _("Returned mostly as"), "text", _("The commonest reason for which sales returned who had met it.")),
        Column("worth_converted", _("Deal, converted"), "money", _("The mean of what those bought whom it made a lead.")),
        Column("worth_touched", _("Deal, touched"), "money", _("The mean of what those bought who took it up before.")),
    ),
    work,
    answer,
    (pieces.OF, OUTCOME),
    (Chart("intervals", _("Share of converted and of touched leads"), "piece", ("of_converted", "of_touched")),),
    notes,
    people,
)  # fmt: skip
