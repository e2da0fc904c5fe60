"""How far leads come: the stages of everybody who became a lead in the same week, or came the same way."""

from collections.abc import Sequence

from django.utils.translation import gettext as _t
from django.utils.translation import gettext_lazy as _
from django.utils.translation import ngettext

from tilth.insight.report import Asked, Chart, Column, Report, Result

from . import cuts, spoken

COUNTS = ("leads", "mql", "sql", "customers", "open", "young")
PASSED = ("mql_sql", "sql_customers", "again")


def work(asked: Asked) -> Result:
    from tilth.insight.measures import cohort, funnel

    terms, by = asked.version.terms if asked.version else None, asked.chosen["by"]
    until = cohort.watched_until(asked.engine, asked.now)
    people = cohort.cohort(asked.engine, asked.period, by, terms)
    found = funnel.counted(asked.engine, people, until).to_pylist()
    names = cuts.named(asked, [row["cut"] for row in found])
    rows = [_row(row) | {"key": cuts.key(row["cut"]), "cut": names[row["cut"]]} for row in found]
    every = {name: sum(row[name] for row in found) for name in (*COUNTS, *PASSED)}
    said = {"again": every["again"], "days": funnel.YOUNG.days, "until": until.astimezone(asked.period.zone).date()}
    said |= {"skipped": every["customers"] - every["sql_customers"], "ended": until != asked.now}
    return Result(cuts.in_order(rows, by, "leads"), _row(every) | {"key": cuts.EVERYBODY}, said | every)


def _row(row: dict[str, int]) -> dict[str, object]:
    return {name: row[name] for name in COUNTS} | {
        "to_mql": cuts.share(row["mql"], row["leads"]),
        "to_sql": cuts.share(row["mql_sql"], row["mql"]),
        "to_customer": cuts.share(row["sql_customers"], row["sql"]),
        "bought": cuts.share(row["customers"], row["leads"]),
    }


def answer(result: Result) -> str:
    said = result.said
    if not said["leads"]:
        return _t("Nobody became a lead in this period.")
    told = ngettext(
        "Of %(leads)s lead, %(mql)s became an MQL, %(sql)s an SQL and %(customers)s a customer; %(open)s is still open.",
        "Of %(leads)s leads, %(mql)s became an MQL, %(sql)s an SQL and %(customers)s a customer; %(open)s are still open.",
        said["leads"],
    ) % {name: spoken.number(said[name]) for name in COUNTS}
    bought = (result.together or {})["bought"]
    if bought.value is None:
        return told
    words = {"share": spoken.percent(bought.value), "sure": spoken.sure(bought, spoken.percent)}
    return f"{told} {_t('So far %(share)s have bought%(sure)s.') % words}"


def notes(result: Result) -> list[str]:
    said = result.said
    out = [
        _t(
            "Everybody counts in the group in which they became a lead, whenever they went on. Who is open counts as not yet."
        )
    ]
    if said["young"]:
        out.append(
            _t("Open, and came in less than %(days)s days ago: %(young)s. The shares of their groups are unfinished.")
            % said
        )
    if said["again"]:
        out.append(
            _t("Became an MQL or an SQL more than once: %(again)s. They count once, since the first time.") % said
        )
    if said["skipped"]:
        out.append(_t("Customers who never were an SQL: %(skipped)s. They are in no share of SQLs.") % said)
    if said["ended"]:
        out.append(_t("Nothing is recorded after %(until)s, so leads are watched until then.") % said)
    return out


def people(asked: Asked, row: str, column: str) -> Sequence[int]:
    from tilth.insight.measures import cohort, funnel

    terms = asked.version.terms if asked.version else None
    everybody = cohort.cohort(asked.engine, asked.period, asked.chosen["by"], terms)
    some = everybody if row == cuts.EVERYBODY else everybody.filter(everybody.cut == cuts.cut_of(row))
    return funnel.behind(asked.engine, some, column, cohort.watched_until(asked.engine, asked.now))


REPORT = Report(
    "funnel",
    _("Funnel by cohort"),
    _("How far do leads come, by when and through what they came in?"),
    "funnel",
    (
        Column("cut", _("Leads of"), "text"),
        Column("leads", _("Leads"), "count", _("Who became a lead in this group."), people=True),
        Column("mql", _("MQL"), "count", _("Of these, who was ever handed off to sales."), people=True),
        Column("sql", _("SQL"), "count", _("Of these, whom sales ever found ready to buy."), people=True),
        Column("customers", _("Customers"), "count", _("Of these, who bought."), people=True),
        Column("open", _("Open"), "count", _("Neither bought, nor were given back or lost."), people=True),
        Column("young", _("Unfinished"), "count", _("Open, and came in less than 90 days ago."), people=True),
        Column("to_mql", _("Lead to MQL"), "share", _("MQLs, of leads.")),
        Column("to_sql", _("MQL to SQL"), "share", _("Of the MQLs, who became an SQL.")),
        Column("to_customer", _("SQL to customer"), "share", _("Of the SQLs, who bought.")),
        Column("bought", _("Lead to customer"), "share", _("Customers, of leads.")),
    ),
    work,
    answer,
    (cuts.by("week", "quarter", "source", "campaign", "offer", "segment", "owner"),),
    (Chart("bars", _("Stages by cohort"), "cut", ("leads", "mql", "sql", "customers")),),
    notes,
    people,
)
