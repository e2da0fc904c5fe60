"""How long each stage takes, with who is still in it."""

from collections.abc import Sequence

from django.utils.translation import gettext as _t
from django.utils.translation import gettext_lazy as _

from tilth.insight.report import Asked, Chart, Column, Figure, Report, Result
from tilth.qualify.models import ORDER, Stage

from . import spoken

QUARTILES = ("quarter", "half", "most")
STAGES = dict(Stage.choices)


def work(asked: Asked) -> Result:
    from tilth.insight.measures import durations
    from tilth.insight.measures.cohort import watched_until

    stays = durations.stays(asked.engine, asked.period, watched_until(asked.engine, asked.now))
    rows = []
    for one in sorted(durations.durations(asked.engine, stays), key=lambda one: ORDER.get(one.stage, len(ORDER))):
        row = {"key": one.stage, "stage": one.stage, "entered": one.n, "still": one.still}
        if one.quartiles:
            quartiles = [Figure(q.days, q.low, q.high, one.n) for q in one.quartiles]
        else:
            quartiles = [Figure(None, n=one.n, lacks=one.lacks)] * len(QUARTILES)
        rows.append(row | dict(zip(QUARTILES, quartiles, strict=True)))
    return Result(rows)


def answer(result: Result) -> str:
    """The slowest stage of those that can be told."""
    told = [row for row in result.rows if row["half"].value is not None]
    if not told:
        return _t("Too few people have left a stage that they entered in this period to say how long it takes.")
    slowest = max(told, key=lambda row: row["half"].value)
    half = slowest["half"]
    words = {"stage": STAGES.get(slowest["stage"], slowest["stage"]), "days": _days(half.value), "sure": _sure(half)}
    longer = [row for row in result.rows if row["half"].value is None and not row["half"].lacks]
    if not longer:
        return _t("%(stage)s takes longest: half had left it after %(days)s days%(sure)s.") % words
    stages = ", ".join(str(STAGES.get(row["stage"], row["stage"])) for row in longer)
    said = _t("Of the stages that half have left, %(stage)s takes longest: %(days)s days%(sure)s.") % words
    return f"{said} {_t('Fewer than half have left yet: %(stages)s.') % {'stages': stages}}"


def _days(value: float) -> str:
    return spoken.number(value, 1)


def _sure(half: Figure) -> str:
    """How sure the days are, also where nobody knows yet how many they are at most."""
    if half.high is None and half.low is not None:
        return _t(" (%(low)s at least)") % {"low": _days(half.low)}
    return spoken.sure(half, _days)


def notes(result: Result) -> list[str]:
    out = [
        _t(
            "Who is still in a stage counts for as long as they have been in it. Leaving is going on or falling back. Who enters twice counts twice."
        ),
    ]
    if any(row["most"].value is None and not row["most"].lacks for row in result.rows):
        out.append(
            _t(
                "Where no days are said, fewer than that part have left the stage yet. An open end of an interval is not said either."
            )
        )
    return out


def people(asked: Asked, row: str, column: str) -> Sequence[int]:
    from tilth.insight.measures import durations
    from tilth.insight.measures.cohort import watched_until

    stays = durations.stays(asked.engine, asked.period, watched_until(asked.engine, asked.now))
    return durations.behind(asked.engine, stays, row, column == "still")


REPORT = Report(
    "durations",
    _("How long stages take"),
    _("How long is a lead in each stage?"),
    "durations",
    (
        Column("stage", _("Stage"), "text", words=STAGES),
        Column("entered", _("Entered"), "count", _("How often somebody entered the stage in the period."), people=True),
        Column("still", _("Still in it"), "count", _("Of these, who have not left it yet, the longest first."), people=True),
        Column("quarter", _("A quarter left"), "days", _("After so many days, a quarter had left the stage.")),
        Column("half", _("Half left"), "days", _("After so many days, half had left the stage.")),
        Column("most", _("Three quarters left"), "days", _("After so many days, three quarters had left the stage.")),
    ),
    work,
    answer,
    (),
    (Chart("intervals", _("Days until half have left"), "stage", ("half",)),),
    notes,
    people,
)  # fmt: skip
