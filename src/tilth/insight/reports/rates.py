"""What share of leads gets how far in how many days, told with how sure it is, and how far a plain count would be off."""

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any

from django.utils.translation import gettext as _t
from django.utils.translation import gettext_lazy as _

from tilth.insight.report import Asked, Chart, Column, Figure, Filter, Report, Result

from . import cuts, spoken

if TYPE_CHECKING:
    from tilth.core.survival import Incidence

TO = {"customer": _("a customer"), "sql": _("an SQL"), "mql": _("an MQL")}
CURVES = 5  # more cannot be told apart
HORIZONS = {"90": _("90 days"), "30": _("30 days"), "180": _("180 days"), "365": _("365 days")}


def work(asked: Asked) -> Result:
    from tilth.core.pooling import PRIOR
    from tilth.insight.measures import cohort, rates

    until = cohort.watched_until(asked.engine, asked.now)
    found, every, courses = rates.rates(asked.engine, _cohort(asked), *_wish(asked), until)
    names = cuts.named(asked, [one.cut for one in found])
    rows = [_row(one.seen, one.lacks, one.pooled) | {"key": cuts.key(one.cut), "cut": names[one.cut]} for one in found]
    few = cuts.in_order([one for one in rows if one["believed"].lacks], "", "leads")
    sure = sorted((one for one in rows if one not in few), key=lambda row: (-row["believed"].low, row["key"]))
    together = _row(every, rates.lacks(every, every.share or 0.0), every) | {"key": cuts.EVERYBODY}
    said = {
        "to": asked.chosen["to"], "horizon": asked.chosen["horizon"], "leads": every.n, "open": every.open, "hits": every.hits,
        "few": len(few), "prior": round(PRIOR), "until": until.astimezone(asked.period.zone).date(),
        "ended": until != asked.now, "best": sure[0] if len(rows) > 1 and sure else None, "share": together["share"],
    }  # fmt: skip
    by = asked.chosen["by"]
    shown = cuts.in_order(rows, by, "leads") if by in cuts.TIME else sure + few
    return Result(shown, together, said | _courses(shown, courses))


def _courses(rows: Sequence[dict[str, Any]], courses: "Mapping[str, list[Incidence]]") -> dict[str, Any]:
    """Of the largest groups that have a share, how it grows with the days since they became leads; and how many have none to see."""
    some = [row for row in rows if not row["share"].lacks]
    largest = sorted(some, key=lambda row: -row["leads"])[:CURVES]
    points = [
        {"day": int(one.horizon), "cut": row["cut"] and cuts.in_words(row["cut"]),
         "share": Figure(one.share, one.low, one.high, one.n), "unfinished": one.unfinished > 0.5}
        for row in some if row in largest for one in courses[cuts.cut_of(row["key"])]
    ]  # fmt: skip
    return {"courses": sorted(points, key=lambda point: point["day"]), "curves": len(largest), "sure": len(some)}


def _cohort(asked: Asked) -> Any:
    from tilth.insight.measures.cohort import cohort

    terms = asked.version.terms if asked.version else None
    return cohort(asked.engine, asked.period, asked.chosen["by"], terms)


def _wish(asked: Asked) -> tuple[str, float]:
    return asked.chosen["to"], float(asked.chosen["horizon"])


def _row(seen: "Incidence", lacks: int, believed: Any) -> dict[str, Any]:
    """believed   anything with a share and an interval"""
    few = Figure(None, n=seen.n, lacks=lacks)
    return {
        "leads": seen.n, "reached": seen.hits, "unfinished": seen.open,
        "naive": Figure(seen.hits / seen.n if seen.n else None),
        "share": few if lacks else Figure(seen.share, seen.low, seen.high, seen.n),
        "believed": few if lacks else Figure(believed.share, believed.low, believed.high, seen.n),
    }  # fmt: skip


def answer(result: Result) -> str:
    said, share = result.said, result.said["share"]
    words = {"leads": said["leads"], "hits": said["hits"], "horizon": said["horizon"], "to": TO[said["to"]]}
    if not said["leads"]:
        return _t("Nobody became a lead in this period.")
    if share.lacks:
        return _t("%(hits)s of %(leads)s leads became %(to)s within %(horizon)s days: too few for a share.") % words
    words |= {
        "share": spoken.percent(share.value),
        "low": spoken.percent(share.low),
        "high": spoken.percent(share.high),
    }
    told = _t("Within %(horizon)s days %(share)s of leads become %(to)s (%(low)s to %(high)s, n %(leads)s).") % words
    if not (best := said["best"]):
        return told
    words = {"name": best["cut"] or _t("not said"), "low": spoken.percent(best["believed"].low)}
    return f"{told} {_t('Surest to do well: %(name)s, at least %(low)s.') % words}"


def notes(result: Result) -> list[str]:
    said = result.said
    out = [
        _t("Open leads count for as long as they were watched; who was given back, lost, or got elsewhere can get there no more."),
        _t("What to believe draws each group to what all of them say together: the less is known of it, the more. Stated beforehand: what all say is worth %(prior)s cases, as likely less as more.") % said,
    ]  # fmt: skip
    if said["open"]:
        out.append(
            _t("Unfinished: %(open)s of %(leads)s are open and were watched for less than %(horizon)s days.") % said
        )
    if said.get("courses"):
        out.append(_t("A curve is dashed from where more than half of its leads are open and were not watched that long, and ends where fewer than ten were."))  # fmt: skip
    if said.get("sure", 0) > said.get("curves", 0):
        out.append(_t("Curves are of the largest groups: %(curves)s of %(sure)s.") % said)
    if said["few"]:
        out.append(_t("Groups with too few for a share: %(few)s. They stand last; a share needs 30 leads, 10 of them decided, and 5 who got there.") % said)  # fmt: skip
    if said["ended"]:
        out.append(_t("Nothing is recorded after %(until)s, so leads are watched until then.") % said)
    return out


def people(asked: Asked, row: str, column: str) -> Sequence[int]:
    from tilth.insight.measures import cohort, rates

    everybody = _cohort(asked)
    some = everybody if row == cuts.EVERYBODY else everybody.filter(everybody.cut == cuts.cut_of(row))
    return rates.behind(asked.engine, some, *_wish(asked), cohort.watched_until(asked.engine, asked.now), column)


REPORT = Report(
    "rates",
    _("Honest rates"),
    _("How many leads get there in time, and where do we know it?"),
    "survival",
    (
        Column("cut", _("Leads of"), "text"),
        Column("leads", _("Leads"), "count", _("Who became a lead in the period."), people=True),
        Column("reached", _("Got there"), "count", _("Within the days that are asked for."), people=True),
        Column("unfinished", _("Unfinished"), "count", _("Open, and watched for fewer days than that."), people=True),
        Column("naive", _("Plain count"), "share", _("Got there, of all leads, as if the open ones were lost.")),
        Column("share", _("Own share"), "share", _("Of this group alone, with open leads counted for as long as they were watched.")),
        Column("believed", _("To believe"), "share", _("Drawn to what all groups say, where little is known of this one.")),
    ),
    work,
    answer,
    (
        Filter("to", _("Becomes"), TO),
        Filter("horizon", _("Within"), HORIZONS),
        cuts.by("source", "campaign", "offer", "segment", "quarter"),
    ),
    (
        Chart("intervals", _("What to believe"), "cut", ("believed",)),
        Chart("intervals", _("Plain count and own share"), "cut", ("naive", "share")),
        Chart("lines", _("Own share by days since they came in"), "day", ("share",), "cut", "courses", "unfinished"),
    ),
    notes,
    people,
)  # fmt: skip
