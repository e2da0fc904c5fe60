"""Everything that the scoreboard shows for one period, in a fixed number of questions, however much there is.

Asked of the transaction tables for now; the lake takes over with the backtest, behind this same function.
"""

from dataclasses import dataclass
from datetime import date, datetime

from tilth.core.clock import Calendar
from tilth.promises.models import Obligation

from . import deals, funnel, promises, returns
from .deals import Ended, Open
from .funnel import OFFER, SOURCE, Funnel
from .period import Period
from .promises import FirstContact, Kept
from .returns import Because

Kind = Obligation.Kind


@dataclass(frozen=True)
class Scoreboard:
    """One period for both teams, as it is.

    came_in, handed_off   by SOURCE and by OFFER, see `funnel`
    quarters              see `deals.by_quarter`
    kept                  promise ("leads", "good_fit", "first_contact", "verdict") to how it was kept by week
    late                  sales' promises that are broken and still not met, now
    """

    period: Period
    came_in: dict[str, list[Funnel]]
    handed_off: dict[str, list[Funnel]]
    quarters: dict[date, Ended]
    open: list[Open]
    kept: dict[str, Kept]
    late: dict[str, int]
    contact: FirstContact | None
    returns: list[Because]


def scoreboard(period: Period, calendar: Calendar | None, now: datetime) -> Scoreboard:
    """The figures of a period as they are at `now`; without a calendar (no agreement yet) no waiting times."""
    delivered = promises.deliveries(period, now)
    sales = {kind.value: promises.by_sales(kind, period, now) for kind in (Kind.FIRST_CONTACT, Kind.VERDICT)}
    mondays = [week.first for week in sales[Kind.VERDICT].weeks]
    return Scoreboard(
        period=period,
        came_in={by: funnel.came_in(period, by) for by in (SOURCE, OFFER)},
        handed_off={by: funnel.handed_off(period, by) for by in (SOURCE, OFFER)},
        quarters=deals.by_quarter(period),
        open=deals.open_now(),
        kept={
            "leads": promises.by_marketing(delivered, mondays, period.zone, good=False),
            "good_fit": promises.by_marketing(delivered, mondays, period.zone, good=True),
            **sales,
        },
        late={kind: promises.late_now(kind, now) for kind in sales},
        contact=promises.first_contact(period, calendar) if calendar else None,
        returns=returns.by_reason(period),
    )
