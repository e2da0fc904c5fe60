"""Who became a lead in a period, by what, and what became of each: the cohort on which figures of leads rest.

Grain   one row a person, whatever happened to them and how often
"""

from collections.abc import Iterable, Iterator
from datetime import UTC, date, datetime, timedelta
from itertools import chain
from typing import TYPE_CHECKING

from tilth.core.clock import week_begins
from tilth.core.qualify import test
from tilth.core.terms import Condition, Terms
from tilth.insight.engine import Engine
from tilth.insight.period import Period, quarter_of
from tilth.insight.tables import Tables

if TYPE_CHECKING:
    import ibis

NONE = ""  # the cut of whom nobody said anything
SILENCE = timedelta(days=30)  # so long without a word: the records ended before
REACHES = {"handoff": "mql", "sql": "sql", "won": "customer"}
ENDS, GOES_ON = ("returned", "handed_back", "lost"), ("handoff", "accepted", "sql", "won")


def cohort(engine: Engine, period: Period, by: str, terms: Terms | None) -> "ibis.Table":
    """Everybody who became a lead in the period: person, lead_at, offer, `cut`, and what `course` says of them.

    by     week, quarter, source, campaign, offer, segment or owner; `cut` is its key as text, NONE where nobody said
    terms  that the segments stand in
    """
    t = engine.tables()
    people = t.people.filter(t.people.lead_at >= bare(period.start), t.people.lead_at < bare(period.end))
    people = people.select("person", "lead_at", "source", "campaign", "offer")
    people = cut(engine, t, people, period, by, terms)
    became = course(t)
    became = engine.once(became) if engine.elsewhere else became  # for every cohort; DuckDB works out just this one's
    everybody = people.left_join(became, "person").drop("person_right")
    return everybody.mutate(again=everybody.again.fill_null(0))


def course(t: Tables) -> "ibis.Table":
    """What became of each person; of whom nothing is recorded there is no row.

    mql, sql, customer   when they first were, null: never. A purchase counts, whoever recorded it
    again                how many of MQL and SQL they became more than once
    ended                when sales gave them back or lost the deal, and nothing has gone on since; never of a customer
    """
    import ibis

    no, yes = ibis.literal(False), ibis.literal(True)
    rank = {"mql": 1, "sql": 2, "customer": 3}
    now, before = (column.cases(*rank.items(), else_=0) for column in (t.stages.stage, t.stages.was))
    moves = t.stages.filter((now > 0) | (before > 0)).select(
        "person", "at", step="stage", up=now > before, down=now < before, open=no
    )
    kind = t.outcomes.kind
    said = t.outcomes.select(
        "person",
        "at",
        step=kind.cases(*REACHES.items(), else_=""),
        up=kind.isin(GOES_ON),
        down=kind.isin(ENDS),
        open=no,
    )
    deals = t.deals.filter(t.deals.person.notnull(), t.deals.won.isnull())
    deals = deals.select("person", at="opened_at", step=ibis.literal(""), up=no, down=no, open=yes)
    every = ibis.union(moves, said, deals)
    every = every.group_by("person").agg(
        **{step: every.at.min(where=every.step == step) for step in REACHES.values()},
        **{f"{step}_last": every.at.max(where=every.step == step) for step in ("mql", "sql")},
        up_at=every.at.max(where=every.up), down_at=every.at.max(where=every.down), open=every.open.any(),
    )  # fmt: skip
    lost = every.customer.isnull() & ~every.open & (every.up_at.isnull() | (every.down_at >= every.up_at))
    return every.select(
        "person", "mql", "sql", "customer",
        again=sum((every[f"{step}_last"] > every[step]).fill_null(False).cast("int64") for step in ("mql", "sql")),
        ended=ibis.ifelse(lost, every.down_at, ibis.null()),
    )  # fmt: skip


def cut(engine: Engine, t: Tables, people: "ibis.Table", period: Period, by: str, terms: Terms | None) -> "ibis.Table":
    """The same rows with their `cut`: by time that of their `lead_at`, else what is known of their `person`."""
    match by:
        case "week" | "quarter":
            return _by_time(engine, t, people, period, by)
        case "segment":
            found = by_segment(engine, t, terms.segments if terms else ())
        case "owner":
            handed = t.outcomes.filter(t.outcomes.kind == "handoff")
            found = handed.group_by("person").agg(cut=handed.owner.argmax(handed.at).cast("string"))
        case _:
            return people.mutate(cut=people[by])
    joined = people.left_join(found, "person").drop("person_right")
    return joined.mutate(cut=joined.cut.fill_null(NONE))


def watched_until(engine: Engine, now: datetime) -> datetime:
    """Up to when we know what became of leads."""
    t = engine.tables()
    return heard_until(
        engine, (t.people.lead_at, t.stages.at, t.outcomes.at, t.deals.opened_at, t.deals.closed_at), now
    )


def heard_until(engine: Engine, moments: Iterable["ibis.TimestampColumn"], now: datetime) -> datetime:
    """Now, or the last of these moments where there was none for SILENCE."""
    import ibis

    last = engine.run(ibis.union(*(m.max().name("at").as_table() for m in moments))).column("at").to_pylist()
    at = max((moment.replace(tzinfo=UTC) for moment in last if moment), default=now)
    return at if now - at > SILENCE else now


def in_days(since: "ibis.TimestampValue", until: "ibis.TimestampValue") -> "ibis.FloatingValue":
    """From one moment to another, in whole seconds as days."""
    return (until.epoch_seconds() - since.epoch_seconds()) / 86_400


def newest(engine: Engine, people: "ibis.Table") -> list[int]:
    """The ids of some of a cohort, the newest lead first."""
    ordered = people.order_by(people.lead_at.desc(), people.person.desc())
    return engine.run(ordered.select("person"))["person"].to_pylist()


def bare(at: datetime) -> datetime:
    """A moment as the lake has it."""
    return at.astimezone(UTC).replace(tzinfo=None)


def _by_time(engine: Engine, t: Tables, people: "ibis.Table", period: Period, by: str) -> "ibis.Table":
    """By the local week or quarter in which they became a lead; `cut` is its first day."""
    import ibis
    import pyarrow as pa

    at = people.lead_at
    ends = engine.run(people.agg(first=at.min(), last=at.max())).to_pylist()[0]
    if ends["first"] is None:
        return people.mutate(cut=ibis.literal(NONE))
    first, last = (ends[n].replace(tzinfo=UTC).astimezone(period.zone).date() for n in ("first", "last"))
    rows = list(_spans(first, last, period, by))
    spans = ibis.memtable(pa.table([list(column) for column in zip(*rows, strict=True)], ["cut", "begins", "until"]))
    return people.inner_join(spans, [at >= spans.begins, at < spans.until]).drop("begins", "until")


def _spans(first: date, last: date, period: Period, by: str) -> Iterator[tuple[str, datetime, datetime]]:
    """First day, beginning and end of each week or quarter from a day to another."""
    begins, step = (week_begins, timedelta(days=7)) if by == "week" else (quarter_of, timedelta(days=100))
    day = begins(first)
    while day <= last:
        following = begins(day + step)
        span = Period(day, following - timedelta(days=1), period.zone)
        yield day.isoformat(), bare(span.start), bare(span.end)
        day = following


def by_segment(engine: Engine, t: Tables, segments: tuple[Condition, ...]) -> "ibis.Table":
    """Person, and the id of the first segment whose condition holds of them as we know them now."""
    import ibis

    if not segments:
        return t.people.select("person", cut=ibis.literal(NONE))
    pairs, facts = engine.pairs(), t.facts
    numbers = {one.field: [n for n, (name, _value) in enumerate(pairs) if name == one.field] for one in segments}
    latest = facts.filter(facts.pair.isin(list(chain(*numbers.values())))).group_by("person").agg(
        **{_named(field): facts.pair.argmax(facts.at, where=facts.pair.isin(some)) for field, some in numbers.items()}
    )  # fmt: skip
    found = t.people.select("person").left_join(latest, "person").drop("person_right")
    conditions = []
    for one in segments:
        pair = found[_named(one.field)]
        true = [n for n in numbers[one.field] if test(one.test, one.value, pairs[n][1])]
        holds = pair.isin(true) if numbers[one.field] else ibis.literal(False)
        conditions.append((holds | pair.isnull() if test(one.test, one.value, None) else holds, one.id))
    cut = ibis.cases(*conditions, else_=NONE)
    return found.select("person", cut=cut)


def _named(field: str) -> str:
    return f"pair_{field.replace('.', '_')}"
