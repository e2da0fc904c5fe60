"""The figures of a backtest in words: rows of draft and running version side by side, and what they say in a sentence."""

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING

from django.utils.text import capfirst
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from tilth.core.rates import Rate
from tilth.web import words
from tilth.web.agreement import sentences

if TYPE_CHECKING:
    from tilth.core.backtest import Figures
    from tilth.insight.compared import Compared

SAME = 0.005  # less than this share apart is said to be the same


@dataclass(frozen=True)
class Cell:
    """One figure: `kind` names the people behind it, `lacks` how many more are needed for a rate."""

    side: str
    main: str
    small: str = ""
    kind: str = ""
    lacks: int = 0


@dataclass(frozen=True)
class Row:
    """One line of the table. `good` says whether the draft is better (None: neither, or nobody can say)."""

    name: str
    small: str
    cells: tuple[Cell, ...]
    difference: str = ""
    good: bool | None = None
    note: str = ""


Both = Mapping[str, "Figures"]


def rows(result: "Compared") -> list[Row]:
    """All figures, the running version first."""
    both = _both(result)
    return [row for part in (_leads, _work, _found, _unsaid) for row in part(result, both)]


def brief(result: "Compared") -> list[Row]:
    """The five that a writer looks at first."""
    both = _both(result)
    leads, good, _value, *rest = [*_leads(result, both), *_work(result, both)]
    precision, _sql, won, *_more = _found(result, both)
    return [leads, good, rest[-1], precision, won]


def _both(result: "Compared") -> Both:
    return {side: result.figures[side] for side in ("running", "draft") if side in result.figures}


def _leads(result: "Compared", both: Both) -> Iterator[Row]:
    per_week = {side: f.a_week for side, f in both.items()}
    yield Row(
        _("Leads a week"), _("handed off to sales"),
        tuple(Cell(s, words.number(f.a_week, 1), _in_all(f.leads), "handed") for s, f in both.items()),
        _apart(per_week, lambda v: words.number(v, 1)),
    )  # fmt: skip
    grades = result.sides["draft"].terms.marketing.good_grades
    fit = {side: f.good_fit for side, f in both.items()}
    yield _rate(_("Good fit"), _("fit %(grades)s") % {"grades": sentences.either(grades)}, fit, "good_fit", True)
    currencies = {side: result.sides[side].terms.currency for side in both}
    value = {side: f.value / max(f.weeks, 1.0) for side, f in both.items()}
    money = {side: words.money(v, currencies[side]) for side, v in value.items()}
    yield Row(
        _("Lead value a week"), _("what the agreement expects of them"),
        tuple(Cell(side, text, "", "handed") for side, text in money.items()),
        _apart(value, lambda v: words.money(v, currencies["draft"])) if len(set(currencies.values())) == 1 else "",
    )  # fmt: skip


def _work(result: "Compared", both: Both) -> Iterator[Row]:
    owed = {side: result.sides[side].terms.sales for side in both}
    over = {side: f.over_room for side, f in both.items() if f.over_room is not None}
    if over:
        hits = {side: float(rate.hits) for side, rate in over.items()}
        cells = (
            Cell(s, words.number(r.hits), _weeks_of(r.n), "over_room" if r.hits else "")
            if (r := over.get(s)) else Cell(s, "–", _("no room agreed")) for s in both
        )  # fmt: skip
        yield Row(
            _("Weeks over the room"), _("more hours than sales has, even at the least for each lead"), tuple(cells),
            _apart(hits), _better(hits, fewer=True),
        )  # fmt: skip
    ends = [{side: f.hours[i] for side, f in both.items()} for i in (0, 1)]
    apart = [_apart(end, lambda v: words.number(v, 1)) for end in ends]
    yield Row(
        _("Hours of sales a week"), _("the least and the most that the agreement gives a lead"),
        tuple(
            Cell(
                side, sentences.span((round(f.hours[0], 1), round(f.hours[1], 1))),
                _room(owed[side].hours, owed[side].room_hours), "handed",
            ) for side, f in both.items()
        ),
        apart[0] if apart[0] == apart[1] else _("%(least)s to %(most)s") % {"least": apart[0], "most": apart[1]},
    )  # fmt: skip


def _found(result: "Compared", both: Both) -> Iterator[Row]:
    precision = {side: f.precision for side, f in both.items()}
    yield _rate(
        _("Became SQL"), _("precision: of the leads whose outcome is known"), precision, "qualified", more_is_good=True
    )
    yield _count(
        _("SQLs caught"), _("recall: handed off before sales found them ready"),
        {side: f.sql for side, f in both.items()}, "caught_sql", True,
    )  # fmt: skip
    yield _count(
        _("Customers caught"), _("recall: handed off before they bought"),
        {side: f.won for side, f in both.items()}, "caught_won", True,
    )  # fmt: skip
    yield Row(
        _("Earlier or later"), _("half of them at least so much, against what really happened"),
        tuple(Cell(side, _moved(f.earlier), _outcomes(f.both), "with_both") for side, f in both.items()),
    )  # fmt: skip
    yield _count(
        _("Returned leads sent again"), _("of the leads that sales returned"),
        {side: f.sent_again for side, f in both.items()}, "again", False,
    )  # fmt: skip


def _unsaid(result: "Compared", both: Both) -> Iterator[Row]:
    unknown = {side: f.unknown for side, f in both.items()}
    yield _rate(
        _("Nobody knows"), _("sales never had them, so nobody can say what they were worth"), unknown, "unknown"
    )
    for name, small, kind, of in (
        (_("Too late"), _("handed off after sales had found them ready by itself"), "late", lambda f: f.late),
        (_("Still open"), _("sales has them and has not said yet"), "open", lambda f: f.open),
    ):
        counts = {side: float(of(f)) for side, f in both.items()}
        cells = tuple(Cell(side, words.number(n), "", kind) for side, n in counts.items())
        yield Row(name, small, cells, _apart(counts))


def _rate(name: str, small: str, rates: Mapping[str, Rate], kind: str, more_is_good: bool | None = None) -> Row:
    """A share, each of its own leads: better only when the intervals do not touch."""
    cells = tuple(
        Cell(side, _share(rate), _likely(rate), kind, rate.lacks if rate.n else 0) for side, rate in rates.items()
    )
    if len(rates) < 2 or any(rate.lacks for rate in rates.values()):
        return Row(name, small, cells)
    was, now = rates["running"], rates["draft"]
    points = ((now.value or 0) - (was.value or 0)) * 100
    clear = now.low > was.high or now.high < was.low
    said = _("%(n)s points") % {"n": signed(points, 1)}
    good = (points > 0) == more_is_good if clear and more_is_good is not None else None
    return Row(name, small, cells, said, good, "" if clear or not points else _("may be chance"))


def _count(name: str, small: str, rates: Mapping[str, Rate], kind: str, more_is_good: bool) -> Row:
    """How many of the same outcomes: these are counted, not estimated."""
    cells = tuple(
        Cell(
            side, _("%(hits)s of %(n)s") % {"hits": words.number(rate.hits), "n": words.number(rate.n)},
            "" if rate.lacks else f"{words.percent(rate.value)}, {_between(rate)}", kind, rate.lacks if rate.n else 0,
        ) for side, rate in rates.items()
    )  # fmt: skip
    hits = {side: float(rate.hits) for side, rate in rates.items()}
    return Row(name, small, cells, _apart(hits), _better(hits, fewer=not more_is_good))


def headline(result: "Compared") -> tuple[str, str]:
    """What came out, in a sentence, and what it means for sales."""
    draft, running = result.figures["draft"], result.figures.get("running")
    if running is None:
        said = _("%(n)s leads a week, %(hits)s of %(all)s customers caught.") % {
            "n": words.number(draft.a_week, 1), "hits": words.number(draft.won.hits), "all": words.number(draft.won.n),
        }  # fmt: skip
        return said, _("No version runs yet, so there is nothing to set beside it.")
    if not draft.leads and not running.leads:
        return _("Neither of the two would have handed anybody off."), ""
    same_money = len({side.terms.currency for side in result.sides.values()}) == 1
    parts = [_more_leads(draft.leads - running.leads, running.leads)]
    parts += [_more_value(draft.value, running.value)] if same_money and running.value else []
    parts += [_more_missed((draft.won.n - draft.won.hits) - (running.won.n - running.won.hits))] if draft.won.n else []
    again = draft.sent_again.hits - running.sent_again.hits
    after = [_hours(draft.hours, running.hours), _more_again(again) if again else ""]
    return capfirst(", ".join(parts)) + ".", " ".join(filter(None, after))


def _more_leads(n: int, of: int) -> str:
    if not n:
        return _("as many leads")
    share = f" ({words.percent(abs(n) / of)})" if of else ""
    many = {"n": words.number(abs(n)), "share": share}
    if n < 0:
        return ngettext("%(n)s fewer lead%(share)s", "%(n)s fewer leads%(share)s", -n) % many
    return ngettext("%(n)s more lead%(share)s", "%(n)s more leads%(share)s", n) % many


def _more_value(now: int, was: int) -> str:
    share = now / was - 1
    if abs(share) < SAME:
        return _("the same lead value")
    text = _("%(share)s less lead value") if share < 0 else _("%(share)s more lead value")
    return text % {"share": words.percent(abs(share))}


def _more_missed(n: int) -> str:
    if not n:
        return _("not one customer more or less missed")
    many = {"n": words.number(abs(n))}
    if n < 0:
        return ngettext("%(n)s customer fewer missed", "%(n)s customers fewer missed", -n) % many
    return ngettext("%(n)s more customer missed", "%(n)s more customers missed", n) % many


def _more_again(n: int) -> str:
    many = {"n": words.number(abs(n))}
    if n < 0:
        return (
            ngettext(
                "%(n)s fewer lead that it returned comes again.", "%(n)s fewer leads that it returned come again.", -n
            )
            % many
        )
    return (
        ngettext("%(n)s more lead that it returned comes again.", "%(n)s more leads that it returned come again.", n)
        % many
    )


def _hours(now: tuple[float, float], was: tuple[float, float]) -> str:
    apart = [round(n - w, 1) for n, w in zip(now, was, strict=True)]
    if not any(apart) or apart[0] * apart[1] < 0:
        return ""
    hours = sentences.span((abs(apart[0]), abs(apart[1]))) if apart[0] != apart[1] else words.number(abs(apart[0]), 1)
    text = (
        _("Sales gets %(hours)s hours a week back.")
        if sum(apart) < 0
        else _("Sales needs %(hours)s hours a week more.")
    )
    return text % {"hours": hours}


def signed(value: float, decimals: int = 0) -> str:
    said = words.number(value, decimals)
    return f"+{said}" if round(value, decimals) > 0 else said


def _apart(values: Mapping[str, float], say: Callable[[float], str] = words.number) -> str:
    """Draft less running, with its sign; "" when there is one of them only."""
    if len(values) < 2:
        return ""
    apart = values["draft"] - values["running"]
    said = say(abs(apart))
    return "0" if said == say(0) else f"{'+' if apart > 0 else '−'}{said}"


def _better(values: Mapping[str, float], fewer: bool) -> bool | None:
    if len(values) < 2 or values["draft"] == values["running"]:
        return None
    return (values["draft"] < values["running"]) == fewer


def _share(rate: Rate) -> str:
    if not rate.n:
        return "–"
    if rate.lacks:
        return _("%(hits)s of %(n)s") % {"hits": words.number(rate.hits), "n": words.number(rate.n)}
    return words.percent(rate.value)


def _likely(rate: Rate) -> str:
    return "" if rate.lacks else f"{_between(rate)}, {_('of %(n)s') % {'n': words.number(rate.n)}}"


def _between(rate: Rate) -> str:
    return _("likely %(low)s to %(high)s") % {"low": words.percent(rate.low), "high": words.percent(rate.high)}


def _in_all(n: int) -> str:
    return ngettext("%(n)s in all", "%(n)s in all", n) % {"n": words.number(n)}


def _weeks_of(n: int) -> str:
    return ngettext("of %(n)s week", "of %(n)s weeks", n) % {"n": words.number(n)}


def _outcomes(n: int) -> str:
    return ngettext("of %(n)s outcome", "of %(n)s outcomes", n) % {"n": words.number(n)}


def _room(hours: tuple[float, float], room: float) -> str:
    each = _("%(hours)s a lead") % {"hours": sentences.span(hours)}
    return f"{each}, {_('room %(hours)s') % {'hours': words.number(room)}}" if room else each


def _moved(days: float | None) -> str:
    if days is None:
        return "–"
    if not round(abs(days), 1):
        return _("as it was")
    text = _("%(n)s days earlier") if days > 0 else _("%(n)s days later")
    return text % {"n": words.number(abs(days), 1)}
