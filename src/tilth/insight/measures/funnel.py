"""How far leads came, cohort by cohort: lead, MQL, SQL, customer.

Grain        one row a cut; everybody counts in the cohort in which they became a lead, whenever the rest happened
Denominator  of each share the people of that same cohort who were at the stage before it
"""

from datetime import datetime, timedelta
from typing import TYPE_CHECKING, Any

import pyarrow as pa

from tilth.insight.engine import Engine

from .cohort import bare, newest

if TYPE_CHECKING:
    import ibis

YOUNG = timedelta(days=90)  # so long after they came in, what becomes of who is open is still unfinished


def counted(engine: Engine, cohort: "ibis.Table", until: datetime) -> pa.Table:
    """How many people of each cut are in each of `states`, and how many of them entered a stage `again`."""
    sums = {name: state.sum() for name, state in states(cohort, until).items()}
    return engine.run(cohort.group_by("cut").agg(**sums, again=(cohort.again > 0).sum()))


def behind(engine: Engine, cohort: "ibis.Table", state: str, until: datetime) -> list[int]:
    """Who of a cohort is in a state, the newest lead first."""
    return newest(engine, cohort.filter(states(cohort, until)[state]))


def states(cohort: "ibis.Table", until: datetime) -> dict[str, Any]:
    """What may be true of a person.

    leads, mql, sql, customers   they were that, ever
    mql_sql, sql_customers       both, so that a share of a stage never counts who passed it by
    open                         neither a customer nor ended
    young                        open, and came in less than YOUNG ago
    """
    mql, sql, customers = (cohort[step].notnull() for step in ("mql", "sql", "customer"))
    still = cohort.customer.isnull() & cohort.ended.isnull()
    return {
        "leads": cohort.person.notnull(), "mql": mql, "sql": sql, "customers": customers,
        "mql_sql": mql & sql, "sql_customers": sql & customers,
        "open": still, "young": still & (cohort.lead_at > bare(until - YOUNG)),
    }  # fmt: skip
