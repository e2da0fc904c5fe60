"""What is asked of every engine: expressions that use each table and each way of counting that measures need.

Reports join by themselves: see `test_equal.py`. Order is said wherever it counts, since no engine keeps one by itself.
"""

from collections.abc import Callable
from typing import Any

import ibis

from tilth.insight.tables import Tables

DAY = 86_400


def rows_of_each_table(t: Tables) -> Any:
    names = ("touches", "facts", "people", "whats", "pairs", "ends", "outcomes", "stages", "deals", "costs", "groups")
    counts = [getattr(t, name).agg(n=getattr(t, name).count()).mutate(table=ibis.literal(name)) for name in names]
    return ibis.union(*counts).select("table", "n").order_by("table")


def leads_by_week_and_source(t: Tables) -> Any:
    leads = t.people.filter(t.people.lead_at.notnull())
    week = leads.mutate(week=leads.lead_at.truncate("W").date())
    return week.group_by("week", "source").agg(n=week.count(), firms=week.company.nunique()).order_by("week", "source")


def funnel_by_joins(t: Tables) -> Any:
    """Of each source, who reached MQL within 30 days of becoming a lead, and SQL after that."""
    first = t.stages.group_by("person", "stage").agg(at=t.stages.at.min())
    lead, mql, sql = (
        first.filter(first.stage == s).select("person", **{f"{s}_at": "at"}) for s in ("lead", "mql", "sql")
    )
    whole = lead.left_join(mql, "person").drop("person_right").left_join(sql, "person").drop("person_right")
    whole = whole.join(t.people.select("person", "source"), "person")
    in_time = whole.mql_at.notnull() & (whole.mql_at <= whole.lead_at + ibis.interval(days=30))
    out = whole.mutate(reached=in_time.ifelse(1, 0), late=(whole.sql_at > whole.mql_at).fill_null(False).ifelse(1, 0))
    return out.group_by("source").agg(n=out.count(), reached=out.reached.sum(), sql=out.late.sum()).order_by("source")


def money_by_product(t: Tables) -> Any:
    closed = t.deals.filter(t.deals.won.notnull())
    return (
        closed.group_by("product", "currency")
        .agg(
            n=closed.count(),
            won=closed.won.ifelse(1, 0).sum(),
            revenue=closed.revenue.sum(),
            mean=closed.revenue.cast("float64").mean(),
            rate=closed.won.ifelse(1.0, 0.0).mean(),
            person=closed.person.max(),
        )
        .order_by("product", "currency")
    )


def days_to_close(t: Tables) -> Any:
    closed = t.deals.filter(t.deals.closed_at.notnull() & t.deals.opened_at.notnull())
    days = (closed.closed_at.epoch_seconds() - closed.opened_at.epoch_seconds()) / DAY
    dealt = closed.mutate(days=days)
    return dealt.group_by("owner").agg(n=dealt.count(), mean=dealt.days.mean(), median=dealt.days.quantile(0.5)).order_by(
        ibis.asc("owner", nulls_first=True)
    )  # fmt: skip


def first_and_last_touch(t: Tables) -> Any:
    """Of those who bought, what touched them first and last before, machines left out."""
    human = t.whats.filter(t.whats.human).select("id", "kind")
    bought = t.deals.filter(t.deals.won & t.deals.person.notnull()).select("person", "closed_at", "revenue")
    touch = t.touches.join(human, t.touches.what == human.id).select("person", "at", "source", "kind", touch="id")
    before = touch.join(bought, "person").filter(lambda r: r.at <= r.closed_at)
    ordered = ibis.window(group_by="person", order_by=["at", "touch"])
    back = ibis.window(group_by="person", order_by=[ibis.desc("at"), ibis.desc("touch")])
    placed = before.mutate(nth=ibis.row_number().over(ordered), nth_last=ibis.row_number().over(back))
    ends = placed.filter((placed.nth == 0) | (placed.nth_last == 0))
    return ends.group_by("source").agg(
        first=ends.revenue.sum(where=ends.nth == 0), last=ends.revenue.sum(where=ends.nth_last == 0), n=ends.count()
    ).order_by("source")  # fmt: skip


def running_spend(t: Tables) -> Any:
    spent = t.costs.group_by("currency", "day").agg(amount=t.costs.amount.sum())
    course = ibis.window(group_by="currency", order_by="day", preceding=None, following=0)
    return spent.mutate(upto=spent.amount.sum().over(course)).order_by("currency", "day")


def spend_beside_deals(t: Tables) -> Any:
    month = t.costs.mutate(month=t.costs.day.truncate("M"))
    spent = month.group_by("month", "currency").agg(spent=month.amount.sum())
    won = t.deals.filter(t.deals.won).mutate(month=lambda d: d.closed_at.date().truncate("M"))
    sold = won.group_by("month", "currency").agg(sold=won.revenue.sum())
    both = spent.outer_join(sold, ["month", "currency"])
    return both.select(
        month=ibis.coalesce(both.month, both.month_right),
        currency=ibis.coalesce(both.currency, both.currency_right),
        spent=both.spent.fill_null(0), sold=both.sold.fill_null(0), gain=both.sold / both.spent.nullif(0),
    ).order_by("month", "currency")  # fmt: skip


def groups_with_a_decider(t: Tables) -> Any:
    decides = (t.groups.role == "decider").ifelse(1, 0)
    return t.groups.group_by("group").agg(n=t.groups.person.nunique(), decides=decides.max()).order_by("group")


def waiting_times_between_stages(t: Tables) -> Any:
    course = ibis.window(group_by="person", order_by=["at", "id"])
    moved = t.stages.mutate(left_at=t.stages.at.lead().over(course))
    spent = moved.mutate(seconds=moved.left_at.epoch_seconds() - moved.at.epoch_seconds())
    return spent.group_by("stage").agg(
        n=spent.count(), left=spent.left_at.count(), longest=spent.seconds.max(), total=spent.seconds.sum()
    ).order_by("stage")  # fmt: skip


def what_is_known_of_each_field(t: Tables) -> Any:
    known = t.facts.join(t.pairs, t.facts.pair == t.pairs.id)
    return (
        known.group_by("field", "value")
        .agg(people=known.person.nunique(), last=known.at.max())
        .order_by("field", "value")
    )


def wakes_and_outcomes(t: Tables) -> Any:
    told = t.outcomes.filter(t.outcomes.kind.isin(["won", "lost"]))
    both = told.left_join(t.ends.select("person", "wake"), "person")
    return both.select("person", "kind", "at", "amount", "owner", "wake").order_by("person", "kind", "at", "wake")


ASKED: tuple[Callable[[Tables], Any], ...] = (
    rows_of_each_table, leads_by_week_and_source, funnel_by_joins, money_by_product, days_to_close, first_and_last_touch,
    running_spend, spend_beside_deals, groups_with_a_decider, waiting_times_between_stages, what_is_known_of_each_field,
    wakes_and_outcomes,
)  # fmt: skip
