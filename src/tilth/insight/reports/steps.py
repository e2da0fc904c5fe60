"""What people do in order: of those who took a first step, how many took the next ones after it, and where they stop."""

from collections.abc import Iterator, Mapping, Sequence
from typing import TYPE_CHECKING, Any

from django.utils.translation import gettext as _t
from django.utils.translation import gettext_lazy as _

from tilth.content.models import Offer
from tilth.insight.report import Asked, Chart, Column, Figure, Filter, Report, Result, Words

from . import cuts, spoken

if TYPE_CHECKING:
    from tilth.insight.measures.steps import Course, Step

NOTHING = "nothing"
SORTS = {
    "page": _("Page visited"), "content": _("Content met"), "form": _("Form sent"), "hand": _("Hand raised"),
    "mail_click": _("Click in a mail"), "subscribe": _("Subscription"), "chat": _("Chat"), "call": _("Call"),
    "meeting": _("Meeting"), "any": _("Any touch"),
}  # fmt: skip
WINDOWS = {"30": _("30 days"), "7": _("7 days"), "90": _("90 days")}
PLACES = (
    ("page", _("First"), _("First, only of")), ("content", _("Then"), _("Then, only of")),
    ("hand", _("Third"), _("Third, only of")), ("meeting", _("Fourth"), _("Fourth, only of")),
)  # fmt: skip
OVER = 10  # so many must have taken a step before it is said how long they needed


def _filters() -> Iterator[Filter]:
    """What each step is, the usual first; from the second on, it may be left out."""
    for n, (usual, title, of) in enumerate(PLACES, 1):
        left_out = {NOTHING: _("Nothing more")} if n > 1 else {}
        yield Filter(f"step{n}", title, {usual: SORTS[usual], **SORTS, **left_out})
        yield Filter(f"of{n}", of)
    yield Filter("window", _("Within"), WINDOWS)


class _Called(Mapping[str, Words]):
    """What steps are called, as "form" or "form: demo"."""

    def __getitem__(self, step: str) -> Words:
        sort, colon, of = step.partition(": ")
        return f"{SORTS[sort]}{colon}{of}"

    def __iter__(self) -> Iterator[str]:
        return iter(SORTS)

    def __len__(self) -> int:
        return len(SORTS)


CALLED = _Called()


def work(asked: Asked) -> Result:
    steps, met = _steps(asked), _met(asked)
    followed = _course(asked, met)
    reached = [int(followed.people(n + 1).sum()) for n in range(len(steps))]
    rows = []
    for n, step in enumerate(steps, 1):
        row: dict[str, Any] = {
            "key": str(n),
            "step": f"{step.sort}: {step.of}" if step.of else step.sort,
            "people": reached[n - 1],
        }
        if n > 1:
            row |= {"before": cuts.share(reached[n - 1], reached[n - 2]), "days": _days(followed, n)}
            row["first"] = cuts.share(reached[n - 1], reached[0])
        if n < len(steps):
            row |= {"stopped": int(followed.stopped(n).sum()), "unfinished": int(followed.unfinished(n).sum())}
        rows.append(row)
    said = {
        "began": reached[0], "came": reached[-1], "days": asked.chosen["window"], "share": rows[-1].get("first"),
        "unfinished": sum(row.get("unfinished", 0) for row in rows), "hand": any(step.sort == "hand" for step in steps),
        "unmet": [row["step"] for row, some in zip(rows, met, strict=True) if not some.any()],
    }  # fmt: skip
    return Result(rows if reached[0] else [], None, said)


def _steps(asked: Asked) -> "list[Step]":
    from tilth.insight.measures.steps import Step

    told = ((asked.chosen[f"step{n}"], asked.chosen[f"of{n}"].strip()) for n in range(1, len(PLACES) + 1))
    return [Step(sort, of) for sort, of in told if sort != NOTHING]


def _met(asked: Asked) -> list[Any]:
    """Of each step, which sorts of touches it is."""
    from tilth.insight.measures.steps import sorts

    whats, names = asked.engine.whats(), dict(Offer.objects.values_list("key", "name"))
    terms = asked.version.terms if asked.version else None
    return [sorts(whats, step, terms, names) for step in _steps(asked)]


def _course(asked: Asked, met: list[Any]) -> "Course":
    from tilth.insight.measures.steps import course

    return course(asked.engine, met, asked.period, int(asked.chosen["window"]), asked.now)


def _days(followed: "Course", step: int) -> Figure:
    half = followed.days(step)
    return (
        Figure(None, n=half.n, lacks=OVER - half.n) if half.n < OVER else Figure(half.days, half.low, half.high, half.n)
    )


def answer(result: Result) -> str:
    said = result.said
    if not result.rows:
        return _t("Nobody took the first step in this period.")
    told = {
        "began": spoken.number(said["began"]), "came": spoken.number(said["came"]), "days": said["days"],
        "first": _called(result.rows[0]), "last": _called(result.rows[-1]),
    }  # fmt: skip
    if len(result.rows) == 1:
        return _t("People who took the step “%(first)s”: %(began)s.") % told
    reached = (
        _t("Of %(began)s people who began with “%(first)s”, %(came)s came to “%(last)s” within %(days)s days.") % told
    )
    if said["share"].value is not None:
        share = {"share": spoken.percent(said["share"].value), "sure": spoken.sure(said["share"], spoken.percent)}
        reached += " " + _t("That is %(share)s%(sure)s.") % share
    stop = max(range(1, len(result.rows)), key=lambda n: result.rows[n - 1]["stopped"])
    if len(result.rows) == 2 or not result.rows[stop - 1]["stopped"]:
        return reached
    told = {"stopped": spoken.number(result.rows[stop - 1]["stopped"]), "step": _called(result.rows[stop])}
    return reached + " " + _t("Most stop before “%(step)s”: %(stopped)s.") % told


def _called(row: Mapping[str, Any]) -> str:
    return str(CALLED.get(row["step"], row["step"]))


def notes(result: Result) -> list[str]:
    said = result.said
    out = []
    if result.rows:
        out.append(
            _t(
                "A step counts after the one before it, and until %(days)s days after the first. Whoever begins several times counts once, on the way on which they came furthest."
            )
            % said
        )
        out.append(
            _t(
                "Only people whom we know by name are counted, with what they did before that too. Visitors who stay unknown are not, so shares are higher than those of a website."
            )
        )
    if said["unfinished"]:
        out.append(
            _t("Began less than %(days)s days ago and may still go on: %(unfinished)s. The shares can only rise.")
            % said
        )
    if said["unmet"]:
        names = ", ".join(str(CALLED.get(step, step)) for step in said["unmet"])
        out.append(_t("Nothing of this sort was ever recorded: %(names)s.") % {"names": names})
    if said["hand"]:
        out.append(_t("A hand is raised by what the agreement that runs now says it is raised by."))
    return out


def people(asked: Asked, row: str, column: str) -> Sequence[int]:
    followed = _course(asked, _met(asked))
    which = {"people": followed.people, "stopped": followed.stopped, "unfinished": followed.unfinished}[column]
    return followed.newest_first(which(int(row) if row.isdecimal() else 1))


REPORT = Report(
    "steps",
    _("Steps in order"),
    _("What do people do one after the other, and where do they stop?"),
    "steps",
    (
        Column("step", _("Step"), "text", words=CALLED),
        Column("people", _("People"), "count", _("Who took this step, after all those before it."), people=True),
        Column("before", _("Of the step before"), "share", _("Of those who took the step before, who took this one.")),
        Column("first", _("Of the first"), "share", _("Of those who took the first step, who came to this one.")),
        Column("days", _("Days since"), "days", _("Half of them took it within so many days after the step before.")),
        Column("stopped", _("Stopped here"), "count", _("Who came to this step and not to the next one."), people=True),
        Column("unfinished", _("May go on"), "count", _("Of these, who began so lately that they still have time."), people=True),
    ),
    work,
    answer,
    tuple(_filters()),
    (Chart("bars", _("People by step"), "step", ("people",)),),
    notes,
    people,
)  # fmt: skip
