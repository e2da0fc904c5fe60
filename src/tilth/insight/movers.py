"""Who makes up a figure of the balance sheet: the people behind `balance`, by name of stage and flow.

The same rules as there, asked of few: only those are followed who can be in the figure.
"""

from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

from django.db import connection

from tilth.qualify.models import Stage

MOST = 50
OPENING, CAME, WENT, CLOSING = FLOWS = ("opening", "came", "went", "closing")

MOVES = """
    WITH course AS (
        SELECT person_id, id, stage, LAG(stage) OVER course AS was, MAX(at) OVER course AS since FROM qualify_stagechange
        WHERE person_id IN (SELECT person_id FROM qualify_stagechange WHERE {among})
        WINDOW course AS (PARTITION BY person_id ORDER BY id)
    ), moves AS (
        SELECT person_id, id, COALESCE(was, '') AS was, stage, since,
            LEAD(since) OVER (PARTITION BY person_id ORDER BY id) AS until
        FROM course WHERE was IS NULL OR was <> stage
    )
    SELECT moves.id, moves.person_id, was, stage, since FROM moves JOIN people_person p ON p.id = moves.person_id
        LEFT JOIN touches_origin o ON o.person_id = moves.person_id
    WHERE {older} AND {where} {source} ORDER BY moves.id DESC LIMIT %s"""


@dataclass(frozen=True)
class Mover:
    """A person in a figure, and the move (a row of StageChange) by which they are in it."""

    move: int
    person: int
    was: str
    stage: str
    since: datetime


@dataclass(frozen=True)
class Figure:
    """One figure of the sheet. `until` is None for up to now; `source` None for all, "" of whom nobody said."""

    stage: str
    flow: str
    since: datetime
    until: datetime | None
    source: str | None = None


def movers(figure: Figure, before: int | None = None, most: int = MOST) -> list[Mover]:
    """The people of a figure, whose move was recorded last in front; one query.

    Grain: as the figure, so who came twice in the time is there twice. Who was erased went without a name and is not here.
    before    only moves with a lower number: for the next page
    """
    among, for_whom = _who_can_be(figure)
    where, given = _in_it(figure)
    older, below = ("1 = 1", []) if before is None else ("moves.id < %s", [before])
    source, named = ("", []) if figure.source is None else ("AND COALESCE(o.source, '') = %s", [figure.source])
    asked = MOVES.format(among=among, older=older, where=where, source=source)
    with connection.cursor() as cursor:
        cursor.execute(asked, [*for_whom, *below, *given, *named, most])
        rows = cursor.fetchall()
    return [Mover(move, who, was, stage, _aware(since)) for move, who, was, stage, since in rows]


def _aware(at: datetime | str) -> datetime:
    """SQLite forgets that what it works out from moments is one."""
    return datetime.fromisoformat(at).replace(tzinfo=UTC) if isinstance(at, str) else at


def _who_can_be(figure: Figure) -> tuple[str, list[Any]]:
    """Of stock: who ever reached the stage before. Of a flow: who had any change in the time, asked along the index."""
    if figure.flow in (OPENING, CLOSING):
        before, given = _before("at", figure.since if figure.flow == OPENING else figure.until)
        return f"stage = %s AND {before}", [figure.stage, *given]
    before, given = _before("at", figure.until)
    stages = ", ".join(["%s"] * len(Stage.values))
    return f"stage IN ({stages}) AND at >= %s AND {before}", [*Stage.values, _stored(figure.since), *given]


def _in_it(figure: Figure) -> tuple[str, list[Any]]:
    if figure.flow in (OPENING, CLOSING):
        end = figure.since if figure.flow == OPENING else figure.until
        before, given = _before("since", end)
        if end is None:
            return f"stage = %s AND {before} AND until IS NULL AND p.erased_at IS NULL", [figure.stage, *given]
        there = "(until IS NULL OR until >= %s) AND (p.erased_at IS NULL OR p.erased_at >= %s)"
        return f"stage = %s AND {before} AND {there}", [figure.stage, *given, _stored(end), _stored(end)]
    before, given = _before("since", figure.until)
    column = "stage" if figure.flow == CAME else "was"
    return f"{column} = %s AND since >= %s AND {before}", [figure.stage, _stored(figure.since), *given]


def _before(column: str, end: datetime | None) -> tuple[str, list[Any]]:
    return ("1 = 1", []) if end is None else (f"{column} < %s", [_stored(end)])


def _stored(at: datetime) -> Any:
    return connection.ops.adapt_datetimefield_value(at)
