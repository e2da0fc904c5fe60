"""Whatever people do, in whatever order, the books of leads balance.

The house of the invariants, and beyond its laws: merges that stay until they are taken back, facts that come in late,
reviews, the clicks that mend leaks, and at the end somebody is erased. After each step the books close where people
stand; at the end every figure of every week is counted once more, head by head.
"""

from datetime import date, timedelta

import pytest
from hypothesis import HealthCheck, Phase, settings
from hypothesis import strategies as st
from hypothesis.stateful import invariant, rule, run_state_machine_as_test

from tests.conftest import examples
from tests.insight.conftest import ZONE
from tests.insight.test_balance import holds
from tests.test_invariants import House, Undone, who
from tilth import conveyor
from tilth.core.forgetting import Ways
from tilth.deals.assigning import assign
from tilth.deals.merging import merge, take_back
from tilth.handoff.models import Return, Review
from tilth.insight.balance import checked, moves
from tilth.insight.period import Period
from tilth.leaks import finding
from tilth.people.models import Merge, Person
from tilth.privacy.leaving import leave
from tilth.qualify.models import Stage, Standing, move

SPRING = Period(date(2026, 3, 9), date(2026, 5, 10), ZONE)


class Books(House):
    """The house, and its books. `people` are who they turned out to be; `apart` are who they were before a merge."""

    # Laws of the house that merges and late facts mean to break for a while.
    everybody_is_at_the_stage_that_was_last_recorded = None  # type: ignore[assignment]
    every_stage_change_has_a_version_that_was_in_force = None  # type: ignore[assignment]

    @rule(n=who, m=who)
    def two_turn_out_to_be_one(self, n: int, m: int) -> None:
        one, other = self.people[n], self.people[m]
        if one != other and not Merge.objects.filter(split=None).exists():
            self.apart = list(self.people)
            merge(one, other, self.members["Ann"], self.now)
            self.people = [one if person == other else person for person in self.people]
            conveyor.catch_up_on(one.pk, self.now)

    @rule()
    def they_are_two_again(self) -> None:
        if row := Merge.objects.filter(split=None).first():
            take_back(row, self.members["Ann"], self.now)
            conveyor.run_dry(self.now, 500)
            self.people = self.apart

    @rule(n=who, days=st.integers(0, 40), stage=st.sampled_from([Stage.CUSTOMER, Stage.LEAD]))
    def a_fact_comes_in_late(self, n: int, days: int, stage: str) -> None:
        move(self.people[n].pk, stage, self.now - timedelta(days=days), self.version, "as another system has it")

    @rule(verdict=st.sampled_from(Review.Verdict.values))
    def a_return_is_reviewed(self, verdict: str) -> None:
        if row := Return.objects.filter(the_review=None).order_by("-pk").first():
            Review.objects.create(returned=row, reviewer=self.members["Carla"], at=self.now, verdict=verdict)

    @rule(n=who, chosen=st.sampled_from(["", "Bob", "Bea"]))
    def a_lead_is_assigned(self, n: int, chosen: str) -> None:
        carla, owner = self.members["Carla"], self.members.get(chosen)
        self.press(lambda: assign(self.people[n], carla, self.now, owner), once=True)

    @invariant()
    def the_books_close_where_people_stand(self) -> None:
        assert checked(moves(SPRING, self.now).together()) == {}

    def nobody_leaks_twice_or_is_gone(self) -> None:
        leaks = [leak.person for f in finding.found(self.version.terms, self.now) for leak in f.first]
        assert len(leaks) == len(set(leaks))
        assert set(leaks) <= set(Person.objects.values_list("pk", flat=True))

    def teardown(self) -> None:
        if not getattr(self, "people", None):
            return
        conveyor.run_dry(self.now, 500)
        self.nobody_leaks_twice_or_is_gone()
        holds(SPRING, self.now)
        somebody = self.people[0]
        leave(somebody, Ways(), self.now)
        assert not Standing.objects.filter(person=somebody.pk).exists()
        holds(SPRING, self.now + timedelta(days=8))


class BooksUndone(Undone, Books):
    pass


@pytest.mark.django_db
def test_the_books_balance_in_random_histories() -> None:
    run_state_machine_as_test(
        BooksUndone,
        settings=settings(
            max_examples=examples(4),
            stateful_step_count=20,
            deadline=None,
            suppress_health_check=list(HealthCheck),
            phases=[Phase.generate],  # what fails is told at once; to make it smaller takes too long
            print_blob=True,
        ),
    )
