"""People, hours and spend of both teams, beside what each brought in (R14)."""

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any

from django.utils.translation import gettext as _t
from django.utils.translation import gettext_lazy as _
from django.utils.translation import ngettext

from tilth.core.rates import counted
from tilth.core.week import calendar, worked
from tilth.insight.report import Asked, Chart, Column, Report, Result
from tilth.team.models import Member, Role
from tilth.team.weeks import USUAL, days_off, weeks

from . import amounts, spoken
from .costs import figures, others

if TYPE_CHECKING:
    from tilth.insight.measures.costs import Costed

LEFT = "(not allocated)"
TEAMS = {"marketing": _("Marketing"), "sales": _("Sales"), LEFT: _("not allocated")}
ROLES = {"marketing": Role.MARKETING, "sales": Role.SALES}


def work(asked: Asked) -> Result:
    from tilth.insight.measures import costs, resources

    engine, period, currency = asked.engine, asked.period, amounts.currency(asked)
    people = resources.brought(engine, period)
    counts = costs.people(engine, people)
    spent, other_costs = costs.spent(engine, period, currency)
    allocated = costs.allocate(spent, costs.weights(engine, counts, period, "team", "leads"), "team")
    bought, other_deals = costs.revenue(engine, people, currency)
    found = costs.costed(allocated, counts, bought)
    rows = [_row(asked, team, found.get(team) or costs.Costed()) for team in ROLES]
    if allocated.left:
        rows.append({"key": LEFT, "team": LEFT, "spend": allocated.left})
    every = figures(costs.together(found, allocated.left)) | {"key": ""}
    every |= {name: sum(row.get(name) or 0 for row in rows) for name in ("members", "hours")}
    return Result(
        rows,
        every,
        {"other_costs": other_costs, "other_deals": other_deals, "known": asked.version is not None},
        currency,
    )


def _row(asked: Asked, team: str, one: "Costed") -> dict[str, Any]:
    members, hours = _hours(asked, ROLES[team])
    out = figures(one) | {"key": team, "team": team, "members": members, "hours": hours}
    for name, step in (("hours_mql", "mql"), ("hours_customer", "customers")):
        n = one.counts[step]
        low, high = counted(n)
        out[name] = (
            amounts.counted(hours / n, (hours / high, hours / low), n)
            if n and hours
            else amounts.counted(None, None, n)
        )
    return out


def _hours(asked: Asked, role: Role) -> tuple[int, float | None]:
    """How many active members a team has, and how many hours they were there for in the period so far; None without an agreement."""
    members = list(Member.objects.filter(role=role, is_active=True).order_by("pk"))
    if asked.version is None:
        return len(members), None
    zone, ids = asked.period.zone, [member.pk for member in members]
    joined = {member.pk: member.joined_at.astimezone(zone).date() for member in members}
    first = max(asked.period.first, min(joined.values(), default=asked.period.first))
    last = min(asked.period.last, asked.now.astimezone(zone).date())
    own, off = weeks(ids), days_off(ids, first, last)
    total = 0.0
    for pk in ids:
        week = own.get(pk, USUAL)
        there = calendar(week, asked.version.terms, range(first.year, last.year + 1)).without(off.get(pk, frozenset()))
        since = max(first, joined[pk], week.begins or first)
        total += worked(there, since, min(last, week.last_day or last))
    return len(members), total


def answer(result: Result) -> str:
    """What each team brought in for how many hours."""
    told = " ".join(_put_in(row) for row in result.rows if row["key"] != LEFT)
    spend = (result.together or {}).get("spend")
    if not spend:
        return f"{told} {_t('No costs are recorded in this period.')}"
    return f"{told} {_t('Together they spent %(spend)s.') % {'spend': spoken.money(spend, result.currency)}}"


def _put_in(row: Mapping[str, Any]) -> str:
    told = {name: spoken.number(row[name]) for name in ("members", "leads", "customers")} | {"team": TEAMS[row["key"]]}
    if row["hours"] is None:
        return ngettext(
            "%(team)s: %(members)s person brought %(leads)s leads, of whom %(customers)s bought.",
            "%(team)s: %(members)s people brought %(leads)s leads, of whom %(customers)s bought.",
            row["members"],
        ) % told  # fmt: skip
    return ngettext(
        "%(team)s: %(members)s person in %(hours)s hours brought %(leads)s leads, of whom %(customers)s bought.",
        "%(team)s: %(members)s people in %(hours)s hours brought %(leads)s leads, of whom %(customers)s bought.",
        row["members"],
    ) % {**told, "hours": spoken.number(row["hours"])}  # fmt: skip


def notes(result: Result) -> list[str]:
    out = [
        _t(
            "Sales brought whom it went to itself: its touch made them a lead. Marketing brought everybody else, also who came by themselves and was closed by sales."
        ),
        _t(
            "Costs do not say whose they are: those that name a source or a campaign are shared among its leads, all others among all leads."
        ),
        _t(
            "Hours are those of who is active now, by their own week, without holidays and days off, since they joined. Salaries are no costs here."
        ),
    ]
    if not result.said["known"]:
        out.append(_t("There is no agreement yet, so nobody said when the house is open: hours are not known."))
    return out + others(result)


def people(asked: Asked, row: str, column: str) -> Sequence[int]:
    from tilth.insight.measures import costs, resources

    everybody = resources.brought(asked.engine, asked.period)
    return costs.behind(asked.engine, everybody.filter(everybody.cut == row) if row else everybody, column)


REPORT = Report(
    "resources",
    _("People and spend"),
    _("What do both teams put in, and what does each bring?"),
    "resources",
    (
        Column("team", _("Team"), "text", words=TEAMS),
        Column("members", _("People"), "count", _("Who is active in the team now.")),
        Column("hours", _("Hours"), "number", _("Their open hours in the period so far.")),
        Column("spend", _("Spent"), "money", _("Its part of what was spent in the period.")),
        Column("leads", _("Leads"), "count", _("Whom the team brought in the period."), people=True),
        Column("mql", _("MQL"), "count", _("Of these, who was ever handed off."), people=True),
        Column("sql", _("SQL"), "count", _("Of these, whom sales ever found ready to buy."), people=True),
        Column("customers", _("Customers"), "count", _("Of these, who bought since."), people=True),
        Column("revenue", _("Won"), "money", _("What they have bought since.")),
        Column("hours_mql", _("Hours per MQL"), "number", _("Hours of the team, by MQLs.")),
        Column("hours_customer", _("Hours per customer"), "number", _("Hours of the team, by customers.")),
        Column("returned", _("Return"), "number", _("Won, for each one spent; n counts deals.")),
    ),
    work,
    answer,
    (),
    (Chart("bars", _("What was spent and what was won"), "team", ("spend", "revenue")), Chart("bars", _("From lead to customer"), "team", ("leads", "mql", "sql", "customers"))),
    notes,
    people,
)  # fmt: skip
