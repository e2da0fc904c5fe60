"""The lake's tables as measures see them: Ibis expressions, whoever answers them."""

from collections.abc import Mapping
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    import ibis


class Tables:
    """One attribute a table of the lake, such as `tables.touches`; see `shapes.TABLES` for the columns.

    Each row counts: of what came anew only the newest is seen, and of who was merged into another one nothing.
    Instants are UTC without a zone; money is minor units with a currency.
    """

    touches: "ibis.Table"
    facts: "ibis.Table"
    people: "ibis.Table"
    whats: "ibis.Table"
    pairs: "ibis.Table"
    ends: "ibis.Table"
    outcomes: "ibis.Table"
    stages: "ibis.Table"
    deals: "ibis.Table"
    costs: "ibis.Table"
    groups: "ibis.Table"

    def __init__(self, tables: "Mapping[str, ibis.Table]"):
        self.__dict__.update(tables)
