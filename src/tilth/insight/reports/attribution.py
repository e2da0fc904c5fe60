"""What had how much to do with what was won: every model side by side, and where they disagree."""

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any

from django.utils.translation import gettext as _t
from django.utils.translation import gettext_lazy as _
from django.utils.translation import ngettext

from tilth.campaigns.models import Campaign
from tilth.content.models import Offer
from tilth.insight.report import Asked, Chart, Column, Figure, Filter, Report, Result

from . import amounts, spoken

if TYPE_CHECKING:
    from tilth.insight.measures.attribution import Attribution

MODELS = {
    "markov": _("Markov"), "shapley": _("Shapley"), "linear": _("Linear"), "position": _("Position"), "w": _("W"),
    "decay": _("Time decay"), "first": _("First touch"), "last": _("Last touch"),
}  # fmt: skip
HELP = {
    "markov": _("By how many deals would be missing if everybody who meets it were lost."),
    "shapley": _("Everything that was met before a deal shares alike, however often it was met."),
    "linear": _("All touches before a deal share alike."),
    "position": _("40% each to the first and the last touch, 20% to those between."),
    "w": _(
        "30% each to the first touch, the one that made a lead and the one that made an opportunity, 10% to the others."
    ),
    "decay": _("By touches, of which one counts half as much a week earlier."),
    "first": _("All to the first touch."),
    "last": _("All to the last touch."),
}
CALLED = {
    "(nothing)": _("nothing known before"), "(others)": _("all others"), "(direct)": _("direct"), "(call)": _("call"),
    "(mail)": _("mail by us"), "(meeting)": _("meeting"), "(chat)": _("chat"), "(webinar)": _("webinar"), "(list)": _("list"),
}  # fmt: skip
FILTERS = (
    Filter("by", _("Credit to"), {
        "channel": _("Channels"), "source": _("Sources"), "campaign": _("Campaigns"), "offer": _("Offers"), "content": _("Content"),
    }),
    Filter("unit", _("Who decides"), {"people": _("Each person"), "groups": _("Buying groups"), "companies": _("Companies")}),
    Filter("window", _("Touches of the last"), {
        "90": _("90 days"), "30": _("30 days"), "180": _("180 days"), "365": _("365 days"),
    }),
    Filter("whose", _("Whose touches"), {"both": _("Of both teams"), "marketing": _("Without sales")}),
    Filter("model", _("Drawn"), MODELS),
    Filter("order", _("Markov looks back"), {"1": _("1 touch"), "2": _("2 touches"), "3": _("3 touches")}),
)  # fmt: skip
NAMELESS = ("(nothing)", "(others)")
SMALL = 0.01  # of what was won: below that, nobody asks why models disagree


def work(asked: Asked) -> Result:
    from tilth.insight.measures.attribution import SEED

    found = _question(asked).found(asked.chosen["model"])
    drawn = found.credit[asked.chosen["model"]]
    names = _names(asked.chosen["by"], found.names)
    order = sorted(range(len(drawn)), key=lambda row: (found.names[row] in NAMELESS, -drawn[row], found.names[row]))
    unseen = sum(n for name, n in zip(found.names, found.deals, strict=True) if name == "(nothing)")
    unsure: list[int | None] = [None] * len(order)
    low, high = (found.low or unsure, found.high or unsure)
    rows = [
        {
            "key": found.names[row], "name": names[found.names[row]], "deals": found.deals[row],
            "credit": Figure(drawn[row], low[row], high[row], found.deals[row]),
            **{model: Figure(found.credit[model][row]) for model in MODELS},
        }
        for row in order
    ]  # fmt: skip
    together = {"deals": found.won, **dict.fromkeys(("credit", *MODELS), Figure(found.revenue))}
    said = {
        "revenue": found.revenue, "won": found.won, "foreign": found.foreign, "nobody": found.nobody, "rest": found.rest,
        "without": found.without, "lost": found.lost, "sure": found.low is not None, "seen": found.won - unseen, "seed": SEED, **asked.chosen,
    }  # fmt: skip
    return Result(rows, together, said, amounts.currency(asked))


def _question(asked: Asked) -> "Attribution":
    from tilth.insight.measures.attribution import Attribution
    from tilth.insight.measures.travelled import Span

    start, end = (int(at.timestamp()) * 1_000_000 for at in (asked.period.start, min(asked.period.end, asked.now)))
    chosen = asked.chosen
    return Attribution(
        asked.engine, Span(start, end, int(chosen["window"])), amounts.currency(asked), chosen["by"], chosen["unit"],
        chosen["whose"] == "marketing", int(chosen["order"]),
    )  # fmt: skip


def _names(by: str, keys: Sequence[str]) -> dict[str, str]:
    """Offers and campaigns have names of their own."""
    kept: dict[str, str] = {}
    if by in ("offer", "content"):
        kept = dict(Offer.objects.filter(key__in=keys).values_list("key", "name"))
    elif by == "campaign":
        kept = dict(Campaign.objects.filter(key__in=keys).values_list("key", "name"))
    return {key: kept.get(key) or key for key in keys}


def answer(result: Result) -> str:
    said = result.said
    if not said["revenue"]:
        return _t("Nothing was won in this period.")
    named = _named(result)
    told: dict[str, Any] = {"money": spoken.money(said["revenue"], result.currency)}
    if not named:
        return _t("Of %(money)s won, nothing is known to have come before.") % told
    shares = _shares(result, named[0])
    told |= {
        "first": _called(named[0]),
        "low": spoken.percent(min(shares.values())),
        "high": spoken.percent(max(shares.values())),
    }
    apart = _apart(result)
    if told["low"] == told["high"] and not apart:
        return _t("Of %(money)s won, most is due to %(first)s: %(low)s, whatever the model.") % told
    if apart is None or apart["key"] == named[0]["key"]:
        return (
            _t(
                "Of %(money)s won, most is due to %(first)s: %(low)s to %(high)s, depending on the model; there they disagree most."
            )
            % told
        )
    told["other"] = _called(apart)
    return (
        _t(
            "Of %(money)s won, most is due to %(first)s: %(low)s to %(high)s, depending on the model; they disagree most about %(other)s."
        )
        % told
    )


def notes(result: Result) -> list[str]:
    said = result.said
    return [note for note in (_disagreement(result), _journeys(said), *_left_out(said), _sureness(said)) if note]


def _disagreement(result: Result) -> str:
    """About which row the models disagree most, and by which factor."""
    row = _apart(result) if result.said["revenue"] else None
    if row is None:
        return ""
    shares = _shares(result, row)
    least, most = min(shares, key=shares.__getitem__), max(shares, key=shares.__getitem__)
    told: dict[str, Any] = {
        "name": _called(row), "least": MODELS[least], "most": MODELS[most], "low": spoken.percent(shares[least]),
        "high": spoken.percent(shares[most]),
    }  # fmt: skip
    if not shares[least]:
        return (
            _t("The models disagree most about %(name)s: nothing under “%(least)s”, %(high)s under “%(most)s”.") % told
        )
    told["factor"] = spoken.number(shares[most] / shares[least], 1)
    return (
        _t(
            "The models disagree most about %(name)s: %(low)s under “%(least)s”, %(high)s under “%(most)s”, %(factor)s times as much."
        )
        % told
    )


def _journeys(said: Mapping[str, Any]) -> str:
    told = {
        "won": spoken.number(said["won"]),
        "without": spoken.number(said["without"]),
        "open": spoken.number(said["without"] - said["lost"]),
    }
    return (
        _t(
            "Deals won: %(won)s. Leads without one whose journeys count too: %(without)s, of which %(open)s may still buy."
        )
        % told
    )


def _left_out(said: Mapping[str, Any]) -> list[str]:
    out = []
    if said["foreign"]:
        deals = ", ".join(f"{spoken.number(n)} × {currency}" for currency, n in said["foreign"].items())
        out.append(_t("Deals in other currencies are left out: %(deals)s.") % {"deals": deals})
    if said["nobody"] and said["unit"] == "people":
        out.append(
            _t("Deals that name nobody who bought: %(n)s. By companies or buying groups, what their people met counts.")
            % {"n": spoken.number(said["nobody"])}
        )
    if said["by"] in ("source", "campaign", "offer", "content"):
        out.append(_t("A touch that says nothing of what gets credit here gets none."))
    if said["rest"]:
        out.append(
            _t("Only the most met are told apart; “all others” stands for %(n)s.") % {"n": spoken.number(said["rest"])}
        )
    return out


def _sureness(said: Mapping[str, Any]) -> str:
    from tilth.core.rates import ENOUGH

    if said["sure"]:
        return _t("The intervals hold 9 times in 10: other people were drawn 200 times from those who came.")
    return ngettext(
        "Only %(n)s deal before which something is known: from %(enough)s on there are intervals.",
        "Only %(n)s deals before which something is known: from %(enough)s on there are intervals.",
        said["seen"],
    ) % {"n": spoken.number(said["seen"]), "enough": ENOUGH}


def _named(result: Result) -> list[Mapping[str, Any]]:
    """The rows that are something of which somebody could do more or less, with any credit."""
    return [row for row in result.rows if row["key"] not in NAMELESS and any(row[model].value for model in MODELS)]


def _shares(result: Result, row: Mapping[str, Any]) -> dict[str, float]:
    return {model: row[model].value / result.said["revenue"] for model in MODELS}


def _apart(result: Result) -> Mapping[str, Any] | None:
    """The row about which the models disagree most, in money; None where they agree about all."""

    def spread(row: Mapping[str, Any]) -> float:
        shares = _shares(result, row).values()
        return max(shares) - min(shares)

    row = max(_named(result), key=spread, default=None)
    return row if row is not None and spread(row) >= SMALL else None


def _called(row: Mapping[str, Any]) -> str:
    return str(CALLED.get(row["name"], row["name"]))


def people(asked: Asked, row: str, column: str) -> Sequence[int]:
    """Who bought and met it, where the model gives credit for that."""
    model = {"credit": asked.chosen["model"], "deals": ""}.get(column, column)
    return _question(asked).buyers(row, model)


REPORT = Report(
    "attribution",
    _("Attribution"),
    _("What did people meet before they bought, and how much of what was won is due to each?"),
    "attribution",
    (
        Column("name", _("Met before"), "text", words=CALLED),
        Column("deals", _("Deals"), "count", _("Deals won, before which it was met."), people=True),
        Column("credit", _("As drawn"), "money", _("Under the model that is drawn, with its interval."), people=True),
        *(Column(model, title, "money", HELP[model], people=True) for model, title in MODELS.items()),
    ),
    work,
    answer,
    FILTERS,
    (
        Chart("intervals", _("Credit under the model that is drawn"), "name", ("credit",)),
        Chart("bars", _("The models side by side"), "name", ("first", "last", "linear", "shapley", "markov")),
    ),
    notes,
    people,
)
