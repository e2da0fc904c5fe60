"""What each team brought in, for its people, hours and spend (R14).

Grain        one row a team; everybody counts once, by whose touch made them a lead
Denominator  of hours for each, the MQLs and customers of that team
Source: docs/algorithms/resources.md
"""

from typing import TYPE_CHECKING

from tilth.insight.engine import Engine
from tilth.insight.period import Period

from .channels import leads

if TYPE_CHECKING:
    import ibis

MARKETING, SALES = "marketing", "sales"


def brought(engine: Engine, period: Period) -> "ibis.Table":
    """The cohort of a period, `cut` by the team that brought them: sales whom it went to itself, marketing everybody else."""
    import ibis

    people = leads(engine, period, "door")
    return people.mutate(cut=ibis.ifelse(people.cut == SALES, SALES, MARKETING))
