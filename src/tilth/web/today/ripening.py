"""Who is nearly ripe: how many points from being handed off, and what would bring them."""

from dataclasses import dataclass
from math import ceil, floor

from tilth.core.terms import LEVELS, InterestRule, Terms
from tilth.people.models import Person
from tilth.qualify.models import Standing
from tilth.web import charts, words

LOOKED_AT, SHOWN, HINTS = 40, 6, 2


@dataclass(frozen=True)
class Nearly:
    """One person below the level at which their grade is handed off; points of interest now, and ripe from."""

    standing: Standing
    ripe_from: float
    hints: list[str]

    @property
    def person(self) -> Person:
        return self.standing.person

    @property
    def points(self) -> float:
        """Interest now, rounded down: what is short of ripe is never shown as ripe."""
        return floor(self.standing.interest_points * 10) / 10

    @property
    def short(self) -> float:
        return self.ripe_from - self.standing.interest_points

    @property
    def short_by(self) -> int:
        """Whole points that would certainly do."""
        return ceil(self.short)

    @property
    def bar(self) -> str:
        points, top = self.standing.interest_points, self.ripe_from * 1.5
        label = f"{words.number(points)} / {words.number(self.ripe_from)}"
        return charts.meter([(points / top, "banana-line")], label, target=self.ripe_from / top, height=6)


def nearly_ripe(terms: Terms) -> list[Nearly]:
    """Who lacks the fewest points, among the warmest that ripen; one query.

    Left out: whoever sales has, and grades that are never handed off.
    """
    warmest = (
        Standing.objects.filter(action="nurture", person__holding=None)
        .select_related("person__company")
        .order_by("-interest_points")[:LOOKED_AT]
    )
    levels = {grade: ripe_level(terms, grade) for grade in terms.matrix}
    found = []
    for standing in warmest:
        level = levels.get(standing.grade)
        if level and level > standing.level:
            start = terms.levels[level]
            found.append(Nearly(standing, start, hints(terms, start - standing.interest_points)))
    return sorted(found, key=lambda n: (n.short, n.standing.pk))[:SHOWN]


def ripe_level(terms: Terms, grade: str) -> int | None:
    """The lowest interest level at which a grade is handed off; None when it never is."""
    return next((n for n in LEVELS if terms.action(grade, n) == "hand_off"), None)


def hints(terms: Terms, short: float) -> list[str]:
    """What would be enough by itself: the rules that give the missing points, the smallest first."""
    enough = [r for r in terms.interest_rules if r.points >= short]
    return [r.say for r in sorted(enough, key=_points)[:HINTS]]


def _points(rule: InterestRule) -> float:
    return rule.points
