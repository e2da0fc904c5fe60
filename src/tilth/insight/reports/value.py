"""What a lead is worth by where it came from, and what that is as far as sales can work the leads."""

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

from django.utils.translation import gettext as _t
from django.utils.translation import gettext_lazy as _
from django.utils.translation import ngettext

from tilth.insight.report import Asked, Chart, Column, Figure, Filter, Report, Result

from . import amounts, cuts, spoken

if TYPE_CHECKING:
    from tilth.insight.measures.value import Worth

HORIZONS = {"365": _("365 days"), "90": _("90 days"), "180": _("180 days"), "730": _("two years")}


def work(asked: Asked) -> Result:
    from tilth.insight.measures import cohort, value

    terms, until = asked.version.terms if asked.version else None, cohort.watched_until(asked.engine, asked.now)
    currency = amounts.currency(asked)
    found, every = value.values(asked.engine, _cohort(asked), float(asked.chosen["horizon"]), until, currency)
    room = value.room(asked.engine, asked.period, terms, until, asked.chosen["room"])
    names = cuts.named(asked, [one.cut for one in found])
    rows = [_row(one, room.leads) | {"key": cuts.key(one.cut), "cut": names[one.cut]} for one in found]
    few = cuts.in_order([row for row in rows if row["value"].value is None], "", "leads")
    sure = sorted((row for row in rows if row not in few), key=lambda row: (-row["value"].value, row["key"]))
    together = _row(every, room.leads) | {"key": cuts.EVERYBODY}
    if not few:  # a group whose worth nobody knows cannot be put in its place: then all count as they come
        together |= {"all": value.best(found, None), "worked": value.best(found, room.leads)}
    said = {
        "horizon": asked.chosen["horizon"], "leads": every.seen.n, "open": every.seen.open, "room": room.leads,
        "why": room.why, "few": len(few), "unpriced": every.unpriced, "value": together["value"],
        "chance": together["chance"], "sale": together["sale"], "best": sure[0] if len(rows) > 1 and sure else None,
    }  # fmt: skip
    return Result(sure + few, together, said, currency)


def _cohort(asked: Asked) -> Any:
    from tilth.insight.measures.cohort import cohort

    terms = asked.version.terms if asked.version else None
    return cohort(asked.engine, asked.period, asked.chosen["by"], terms)


def _row(one: "Worth", room: float | None) -> dict[str, Any]:
    from tilth.insight.measures.value import worked

    seen, lacks = one.seen, one.lacks
    few, said = Figure(None, n=seen.n, lacks=lacks), {"leads": seen.n, "customers": seen.hits, "revenue": one.revenue}
    if lacks or one.value is None or not seen.share:
        return said | dict.fromkeys(("chance", "needed", "sale", "value"), few) | {"all": None, "worked": None}
    return said | {
        "chance": Figure(seen.share, seen.low, seen.high, seen.n),
        "needed": Figure(1 / seen.share, 1 / seen.high, 1 / seen.low, seen.n),
        "sale": Figure(one.sale, n=seen.hits - one.unpriced),
        "value": Figure(one.value, one.low, one.high, seen.n),
        "all": worked(seen.n, one.value, None),
        "worked": worked(seen.n, one.value, room),
    }


def answer(result: Result) -> str:
    said, value = result.said, result.said["value"]
    if not said["leads"]:
        return _t("Nobody became a lead in this period.")
    if value.value is None:
        return ngettext(
            "%(leads)s lead came in: too few bought to say what a lead is worth.",
            "%(leads)s leads came in: too few of them bought to say what a lead is worth.",
            said["leads"],
        ) % said  # fmt: skip
    words = {"horizon": said["horizon"], "chance": spoken.percent(said["chance"].value)}
    words |= {
        n: spoken.money(v, result.currency)
        for n, v in (("value", value.value), ("low", value.low), ("high", value.high))
    }
    words["sale"] = spoken.money(said["sale"].value, result.currency)
    told = (
        _t(
            "A lead is worth %(value)s (%(low)s to %(high)s): within %(horizon)s days %(chance)s buy, for %(sale)s each."
        )
        % words
    )
    if not (best := said["best"]):
        return told
    words = {"name": best["cut"] or _t("not said"), "value": spoken.money(best["value"].value, result.currency)}
    return f"{told} {_t('Most: %(name)s, %(value)s.') % words}"


def notes(result: Result) -> list[str]:
    said, out = result.said, []
    told = {**said, "room": "" if said["room"] is None else spoken.number(said["room"])}
    match said["why"]:
        case "asked":
            out.append(_t("“As far as sales can work them” is for %(room)s leads, as asked for.") % told)
        case "agreed":
            out.append(
                _t(
                    "Sales can work %(room)s leads in this period: the hours a week that it agreed to have, at the least that it agreed to invest in one."
                )
                % told
            )
        case "recorded":
            out.append(
                _t("Sales can work %(room)s leads in this period: so many did it take up. The agreement says no hours.")
                % told
            )
        case _:
            out.append(
                _t(
                    "How many leads sales can work is not known: the agreement says no hours, and nothing was taken up yet."
                )
            )
    out.append(
        _t(
            "A group as far as sales can work it: as if sales worked no other. In the line of all, the most valuable leads come first, where the worth of each group is known; else they count as they come."
        )
    )
    out.append(_t("Intervals hold 9 times in 10; open leads count for as long as they were watched."))
    if said["open"]:
        out.append(
            _t("Unfinished: %(open)s of %(leads)s are open and were watched for less than %(horizon)s days.") % said
        )
    if said["few"]:
        out.append(
            _t(
                "Groups with too few for a value: %(few)s. They stand last; it needs 30 leads, 10 of them decided, and 5 who bought."
            )
            % said
        )
    if said["unpriced"]:
        out.append(
            _t("Customers without an amount in %(currency)s: %(unpriced)s. Each counts as the others’ mean.")
            % {**said, "currency": result.currency or "?"}
        )
    return out


def people(asked: Asked, row: str, column: str) -> Sequence[int]:
    from tilth.insight.measures import cohort, rates

    everybody, until = _cohort(asked), cohort.watched_until(asked.engine, asked.now)
    some = everybody if row == cuts.EVERYBODY else everybody.filter(everybody.cut == cuts.cut_of(row))
    which = {"leads": "leads", "customers": "reached"}[column]
    return rates.behind(asked.engine, some, "customer", float(asked.chosen["horizon"]), until, which)


REPORT = Report(
    "value",
    _("What a lead is worth"),
    _("Which leads bring the most, as far as sales can work them?"),
    "value",
    (
        Column("cut", _("Leads of"), "text"),
        Column("leads", _("Leads"), "count", _("Who became a lead in the period."), people=True),
        Column("customers", _("Customers"), "count", _("Who bought within the days that are asked for."), people=True),
        Column("revenue", _("Revenue"), "money", _("What they bought in that time, as recorded.")),
        Column("chance", _("Lead to customer"), "share", _("With open leads counted for as long as they were watched.")),
        Column("needed", _("Leads for one sale"), "number", _("One, divided by the share that buys.")),
        Column("sale", _("A sale"), "money", _("What one brings.")),
        Column("value", _("A lead"), "money", _("The share that buys, times what a sale brings.")),
        Column("all", _("All of them"), "money", _("If sales could work each of these leads.")),
        Column("worked", _("As sales can work them"), "money", _("If sales worked only these, and no more than it can.")),
    ),
    work,
    answer,
    (
        cuts.by("offer", "source", "segment", "campaign"),
        Filter("horizon", _("Within"), HORIZONS),
        Filter("room", _("Leads that sales can work")),
    ),
    (
        Chart("intervals", _("What a lead is worth"), "cut", ("value",)),
        Chart("bars", _("All, and as far as sales can work them"), "cut", ("all", "worked")),
    ),
    notes,
    people,
)  # fmt: skip
