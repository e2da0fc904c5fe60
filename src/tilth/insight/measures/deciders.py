"""Who decides together: each for themselves, a buying group, or a company; whose touches are one journey, and what they bought.

Everybody of whom a touch is known belongs to at least one unit; a member of two buying groups to both. Units are numbered:
a person as themselves, a company and a group above all persons.
"""

from typing import NamedTuple

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from tilth.core.journeys import Outcomes
from tilth.core.kernel import NEVER
from tilth.insight.engine import Engine

COMPANY, GROUP = 1 << 40, 1 << 41
NOBODY = -1


class Won(NamedTuple):
    """Deals that were won, ascending by unit, then moment, then deal.

    outcomes   their worth in minor units of the deal's own currency
    person     who bought; NOBODY where the deal does not say
    currency   texts
    """

    outcomes: Outcomes
    person: np.ndarray
    currency: np.ndarray


class Deciders:
    """Units, as the lake knows them now; of deals, what had happened before a moment (microseconds).

    member, unit   int64, ascending by member, then unit; None where everybody is their own unit
    leads          units of which somebody was a lead by then, ascending
    won            all deals that were won by then
    lost           units that lost a deal and have none that is open, ascending
    """

    def __init__(self, engine: Engine, by: str, until: int):
        people = engine.lake.table("people", ["person", "lead_at", *(["company"] if by != "people" else [])])
        self.by, self.person, self.lead_at = by, whole(people, "person"), whole(people, "lead_at")
        self.company = whole(people, "company") if by != "people" else np.zeros(0, np.int64)
        self.groups = engine.table("groups")
        deals = engine.table("deals")
        closed, opened = whole(deals, "closed_at"), whole(deals, "opened_at")
        over = (closed != NEVER) & (closed < until)
        won = over & pc.fill_null(deals.column("won"), False).to_numpy()
        self.member, self.unit = self._members(deals.filter(won))
        unit = self._units_of(deals)
        self.won = self._won(deals, unit, won)
        still = ~over & (np.where(opened == NEVER, whole(deals, "learned_at"), opened) < until)
        self.lost = np.setdiff1d(unit[over & ~won], unit[still])
        leads = self.person[(self.lead_at != NEVER) & (self.lead_at < until)]
        self.leads = leads if self.member is None else np.unique(self.units(leads)[0])

    def units(self, person: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
        """The units of these persons, and for each whose it is: a place in `person`."""
        if self.member is None or self.unit is None:
            return person, np.arange(len(person))
        begin, end = (np.searchsorted(self.member, person, side) for side in ("left", "right"))
        n = end - begin
        which = np.repeat(np.arange(len(person)), n)
        within = np.arange(len(which)) - np.repeat(np.cumsum(n) - n, n)
        return self.unit[begin[which] + within], which

    def people_of(self, unit: int) -> list[int]:
        """Who belongs to a unit."""
        if self.member is None or self.unit is None:
            return [unit] if unit >= 0 else []
        return self.member[self.unit == unit].tolist()

    def _members(self, won: pa.Table) -> tuple[np.ndarray | None, np.ndarray | None]:
        """Everybody's units. Who is in no group stands alone, but where something was sold to nobody in particular of a company."""
        if self.by == "people":
            return None, None
        with_company = np.where(self.company == NEVER, self.person, COMPANY + self.company)
        if self.by == "companies":
            return self.person, with_company
        grouped = whole(self.groups, "person")
        nobody = pc.is_null(won.column("person")).to_numpy()
        sold_to = np.setdiff1d(whole(won, "company")[nobody], np.r_[NEVER, whole(self.groups, "company")])
        alone = ~np.isin(self.person, grouped)
        unit = np.where(np.isin(self.company, sold_to), with_company, self.person)
        member = np.r_[grouped, self.person[alone]]
        unit = np.r_[GROUP + whole(self.groups, "group"), unit[alone]]
        order = np.lexsort([unit, member])
        return member[order], unit[order]

    def _units_of(self, deals: pa.Table) -> np.ndarray:
        """The unit of each deal: its person's first one, else its company's; one of its own where it says neither."""
        person, company = whole(deals, "person"), whole(deals, "company")
        unit = np.where(person == NEVER, -whole(deals, "deal"), person)
        if self.by == "people" or self.member is None or self.unit is None:
            return unit
        place = np.searchsorted(self.member, person).clip(max=max(len(self.member) - 1, 0))
        known = self.member[place] == person if len(self.member) else np.zeros(len(person), bool)
        if known.any():
            unit = np.where(known, self.unit[place], unit)
        theirs = COMPANY + company
        if self.by == "groups" and self.groups.num_rows:
            firms, first = np.unique(whole(self.groups, "company"), return_index=True)
            at = np.searchsorted(firms, company).clip(max=len(firms) - 1)
            theirs = np.where(firms[at] == company, GROUP + whole(self.groups, "group")[first[at]], theirs)
        of_company = (company != NEVER) & ((person == NEVER) | (self.by == "companies"))
        return np.where(of_company, theirs, unit)

    def _won(self, deals: pa.Table, unit: np.ndarray, won: np.ndarray) -> Won:
        closed, person, deal = (whole(deals, name) for name in ("closed_at", "person", "deal"))
        order = np.flatnonzero(won)[np.lexsort([deal[won], closed[won], unit[won]])]
        place = np.searchsorted(self.person, person[order]).clip(max=max(len(self.person) - 1, 0))
        known = self.person[place] == person[order] if len(self.person) else np.zeros(len(order), bool)
        lead_at = np.full(len(order), NEVER)
        lead_at[known] = self.lead_at[place[known]]
        worth = pc.fill_null(deals.column("revenue"), 0).to_numpy().astype(float)[order]
        outcomes = Outcomes(unit[order], closed[order], worth, lead_at, whole(deals, "opened_at")[order])
        bought = np.where(person[order] == NEVER, NOBODY, person[order])
        return Won(outcomes, bought, np.asarray(deals.column("currency").to_pylist(), object)[order])


def whole(table: pa.Table, name: str) -> np.ndarray:
    """A column as int64; instants as microseconds, NEVER where there is nothing."""
    return pc.fill_null(table.column(name).cast(pa.int64()), NEVER).to_numpy().copy()
