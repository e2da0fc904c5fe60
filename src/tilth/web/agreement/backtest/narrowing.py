"""What the address asks to look at, and the result that answers. NumPy is loaded by who looks at a result, not before."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any
from urllib.parse import urlencode

from tilth.insight.models import Backtest

if TYPE_CHECKING:
    from tilth.insight.compared import Compared

WEEKS = (13, 26, 52, 104)
YEAR = 52
MOST = 100


@dataclass(frozen=True)
class Wanted:
    """Whom and when the figures are about; empty means everybody. Weeks that are not offered are a year."""

    source: str = ""
    offer: str = ""
    segment: str = ""
    weeks: int = YEAR

    @classmethod
    def read(cls, told: Mapping[str, str]) -> "Wanted":
        weeks = next((n for n in WEEKS if told.get("weeks") == str(n)), YEAR)
        source, offer, segment = (told.get(name, "")[:200] for name in ("source", "offer", "segment"))
        return cls(source, offer, segment, weeks)

    @property
    def words(self) -> list[str]:
        """What it is narrowed to."""
        return [word for word in (self.source, self.offer, self.segment) if word]

    @property
    def query(self) -> str:
        return urlencode({k: v for k, v in vars(self).items() if v and (k, v) != ("weeks", YEAR)})


def compared(row: Backtest, wanted: Wanted) -> "Compared | None":
    """The result, narrowed; None when its file is not kept any more."""
    from tilth.insight.compared import Compared, Gone, Narrowed

    try:
        return Compared(
            row, Narrowed(wanted.source or None, wanted.offer or None, wanted.segment or None, wanted.weeks)
        )
    except Gone:
        return None


def choices(result: "Compared", wanted: Wanted) -> list[dict[str, Any]]:
    """What each filter offers: the name in the address, what is chosen, and (value, words, how many people)."""
    says = {s.id: s.say for s in result.sides["draft"].terms.segments}
    out = []
    for name in ("source", "offer", "segment"):
        chosen, rows = getattr(wanted, name), result.choices(name)
        rows = [row for n, row in enumerate(rows) if n < MOST or row[0] == chosen]
        if chosen and chosen not in dict(rows):
            rows.append((chosen, 0))
        out.append({"name": name, "chosen": chosen, "rows": [(word, says.get(word, word), n) for word, n in rows]})
    return out
