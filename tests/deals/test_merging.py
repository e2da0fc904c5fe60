"""Two turn out to be one, and two again: both histories, one owner, and back to the byte."""

from datetime import timedelta
from typing import Any

import pytest
from django.apps import apps
from django.db import models, transaction
from hypothesis import HealthCheck, Phase, settings
from hypothesis import strategies as st
from hypothesis.stateful import rule, run_state_machine_as_test

from tests.conftest import NOW, examples
from tests.test_invariants import House, Undone, projections
from tilth import conveyor
from tilth.agreement.models import Version
from tilth.consent import models as consent
from tilth.consent.models import Act, Purpose
from tilth.deals import verbs
from tilth.deals.merging import merge, merge_companies, split
from tilth.deals.models import Deal
from tilth.handoff import verbs as handoff
from tilth.handoff.models import Handoff, Holding, Merged
from tilth.handoff.verbs import NotYet, Refused, TooLate
from tilth.journal.models import Entry
from tilth.people import rows
from tilth.people.known import DOMAIN, NAME, Told, keep, recognise
from tilth.people.models import (
    Company,
    CompanyId,
    Email,
    Learned,
    Merge,
    Person,
    PersonId,
    Phone,
    Position,
    Split,
    Visitor,
)
from tilth.promises.models import Obligation
from tilth.qualify.models import NewLead, Stage, StageChange, Standing, move
from tilth.team.models import Member
from tilth.touches.models import Origin, Touch
from tilth.touches.record import offer, record

LATER = NOW + timedelta(hours=1)
TELLS = {Merge, Split, Entry}  # they tell that it happened, and go on telling it


def dump() -> dict[str, list[rows.Row]]:
    """Every row of every table of ours, as the database holds it."""
    return {
        model._meta.label: rows.read(model, rows.key_of(model), list(model._base_manager.values_list("pk", flat=True)))
        for model in apps.get_models()
        if model.__module__.startswith("tilth.") and model not in TELLS
    }


def differing(before: dict[str, list[rows.Row]]) -> dict[str, Any]:
    """What is not as it was."""
    now = dump()
    return {name: (before[name], now[name]) for name in before if before[name] != now[name]}


def somebody(address: str, **told: Any) -> Person:
    return keep(Told(emails=[address], **told), NOW, "form")[0]


@pytest.fixture
def twin(anouk: Person) -> Person:
    """Anouk again, by her private address, with the same number."""
    return somebody(
        "anouk.z@gmail.com", phones=["+31105550142"], person={"first_name": "A.", "title": "Owner", "hat": "red"}
    )


# What a merge does


def test_everything_of_both_is_the_survivors(agreement: Version, anouk: Person, twin: Person, ann: Member) -> None:
    record("page", NOW, NOW, person=anouk)
    record("form", NOW - timedelta(days=3), NOW, person=twin, offer=offer("demo", NOW), source="search")
    recognise("browser", twin, NOW)
    consent.record(Act.GIVEN, Purpose.MAIL, NOW, NOW, person=twin)
    PersonId.objects.create(person=twin, system="crm", value="77")
    merge(anouk, twin, ann, LATER)
    assert not Person.objects.filter(pk=twin.pk).exists()
    assert [t.kind for t in Touch.objects.filter(person=anouk).order_by("at")] == ["form", "page"]
    assert list(Email.objects.order_by("id").values_list("person", flat=True)) == [anouk.pk] * 2
    assert set(Visitor.objects.values_list("person", flat=True)) == {anouk.pk}
    assert PersonId.objects.get().person_id == anouk.pk
    assert consent.may(anouk.pk, Purpose.MAIL)
    assert Origin.objects.get().source == "search"
    assert (Standing.objects.get(pk=anouk.pk).version, Standing.objects.count()) == (agreement, 1)


def test_what_comes_in_for_the_other_one_is_the_survivors(anouk: Person, twin: Person, ann: Member) -> None:
    merge(anouk, twin, ann, NOW)
    assert keep(Told(emails=["anouk.z@gmail.com"], person={"language": "nl"}), LATER, "form") == (anouk, False)


def test_the_same_number_is_there_once(anouk: Person, twin: Person, ann: Member) -> None:
    merge(anouk, twin, ann, NOW)
    assert Phone.objects.count() == 1


def test_the_survivor_keeps_its_values_and_gets_those_it_lacks(anouk: Person, twin: Person, ann: Member) -> None:
    merge(anouk, twin, ann, NOW)
    anouk.refresh_from_db()
    assert (anouk.first_name, anouk.title, anouk.custom) == ("Anouk", "Operations manager", {"hat": "red"})
    last = Learned.objects.order_by("-id")[0]
    assert (last.origin, last.values) == ("merge", {"first_name": "Anouk", "title": "Operations manager"})


def test_a_value_can_be_chosen_from_the_other(anouk: Person, twin: Person, ann: Member) -> None:
    merge(anouk, twin, ann, NOW, chosen={"title"})
    anouk.refresh_from_db()
    assert (anouk.first_name, anouk.title) == ("Anouk", "Owner")


def test_the_other_company_becomes_a_second_position(anouk: Person, ann: Member) -> None:
    other = somebody("anouk@groenveld.example", company={"name": "Groenveld"}, person={"title": "Adviser"})
    merge(anouk, other, ann, NOW)
    anouk.refresh_from_db()
    assert str(anouk.company) == "Zonneveld Tomaten"
    assert [(str(p.company), p.title) for p in Position.objects.all()] == [("Groenveld", "Adviser")]
    assert Learned.objects.order_by("-id")[0].joined == anouk.company


def test_the_further_stage_counts(agreement: Version, anouk: Person, twin: Person, ann: Member) -> None:
    move(twin.pk, Stage.CUSTOMER, NOW, agreement, "won")
    move(anouk.pk, Stage.LEAD, NOW, agreement, "")
    merge(anouk, twin, ann, LATER)
    standing = Standing.objects.get(pk=anouk.pk)
    assert (standing.stage, standing.round_ended_at) == (Stage.CUSTOMER, LATER)
    last = StageChange.objects.order_by("-id")[0]
    assert (last.stage, last.was, last.because) == (Stage.CUSTOMER, Stage.LEAD, "merged with A.")


# One owner


@pytest.fixture
def bea(db: None) -> Member:
    return Member.objects.create(name="Bea", email="bea@kasbouw.example", role="sales", joined_at=NOW)


def held(person: Person, by: Member, at: Any = NOW) -> Handoff:
    return handoff.hand_off(person, at, by=by, owner=by).row


def test_the_older_handoffs_owner_keeps_the_lead_and_the_other_is_told(
    agreement: Version, anouk: Person, twin: Person, ann: Member, bob: Member, bea: Member
) -> None:
    older, newer = held(twin, bea), held(anouk, bob, NOW + timedelta(minutes=1))
    conveyor.catch_up_on(anouk.pk, NOW + timedelta(minutes=2))
    done = merge(anouk, twin, ann, LATER)
    holding = Holding.objects.get()
    assert (holding.person, holding.handoff, holding.owner) == (anouk, older, bea)
    assert Merged.objects.get().handoff == newer
    assert done.entry is not None
    assert done.entry.data["tell"] == bob.pk
    conveyor.catch_up_on(anouk.pk, LATER)
    owed = Obligation.objects.filter(handoff=newer)
    assert {(o.open, o.settlement.void) for o in owed.select_related("settlement")} == {(False, True)}
    with pytest.raises(handoff.AlreadyOver):
        handoff.accept(newer, bob, LATER)


def test_a_member_may_say_who_keeps_the_lead(
    agreement: Version, anouk: Person, twin: Person, ann: Member, bob: Member, bea: Member
) -> None:
    held(twin, bea)
    newer = held(anouk, bob, LATER)
    merge(anouk, twin, ann, LATER, owner=bob.pk)
    assert (Holding.objects.get().handoff, Merged.objects.count()) == (newer, 1)


def test_the_lead_of_the_other_goes_on_with_its_deals(
    agreement: Version, anouk: Person, twin: Person, ann: Member, bob: Member
) -> None:
    handed = held(twin, bob)
    handoff.accept(handed, bob, NOW)
    deal = verbs.open_deal(twin, bob, "Deal", 100, "EUR", NOW).row
    merge(anouk, twin, ann, LATER)
    assert (Holding.objects.get().person, Holding.objects.get().open_deals) == (anouk, 1)
    verbs.win(Deal.objects.get(pk=deal.pk), bob, LATER)
    assert (Standing.objects.get(pk=anouk.pk).stage, Holding.objects.count()) == (Stage.CUSTOMER, 0)


def test_an_old_handoff_that_a_deal_ended_does_not_come_back(
    agreement: Version, anouk: Person, twin: Person, ann: Member, bob: Member, bea: Member
) -> None:
    """Rebuilding who holds what asks for the newest handoff that is open: that would be the one that was won."""
    older = held(twin, bea)
    won = held(anouk, bob, NOW + timedelta(minutes=1))
    handoff.accept(won, bob, LATER)
    verbs.win(verbs.open_deal(anouk, bob, "Deal", 100, "EUR", LATER).row, bob, LATER)
    merge(anouk, twin, ann, LATER)
    conveyor.rebuild(LATER)
    assert Holding.objects.get().handoff == older


# And back


def test_a_merge_that_is_taken_back_leaves_no_trace(
    agreement: Version, anouk: Person, twin: Person, ann: Member, bob: Member, bea: Member
) -> None:
    record("form", NOW, NOW, person=twin, offer=offer("demo", NOW))
    record("page", NOW, NOW, visitor=recognise("browser", twin, NOW))
    consent.record(Act.GIVEN, Purpose.MAIL, NOW, NOW, person=twin, text="Yes")
    held(twin, bea)
    held(anouk, bob)
    conveyor.run_dry(NOW)
    before = dump()
    done = merge(anouk, twin, ann, LATER, chosen={"title"})
    assert differing(before)
    verbs.undo(done.entry, ann, LATER)
    assert differing(before) == {}
    assert Split.objects.get().merge == done.row


def test_a_lead_that_a_merge_brought_to_light_is_news_again_after_it(
    agreement: Version, anouk: Person, twin: Person, ann: Member
) -> None:
    """The merge looks at the survivor at once: a form that nobody has looked at yet makes a new lead of it."""
    conveyor.run_dry(NOW)
    record("form", NOW, NOW, person=twin, offer=offer("demo", NOW))
    before = dump()
    done = merge(anouk, twin, ann, NOW)
    assert list(NewLead.objects.values_list("person", flat=True)) == [anouk.pk]
    split(done.row, ann, NOW)
    assert differing(before) == {}


def test_who_is_there_again_has_their_promises_again(
    agreement: Version, anouk: Person, twin: Person, ann: Member, bob: Member, bea: Member
) -> None:
    """Long after: so that nobody reads it only because it was read a moment ago."""
    held(anouk, bea)
    newer = held(twin, bob, NOW + timedelta(minutes=1))
    conveyor.run_dry(LATER)
    done = merge(anouk, twin, ann, LATER)
    conveyor.run_dry(LATER)
    owed = Obligation.objects.filter(handoff=newer)
    assert not owed.filter(open=True).exists()
    conveyor.run_dry(LATER + timedelta(hours=1))
    split(done.row, ann, LATER + timedelta(hours=2))
    conveyor.run_dry(LATER + timedelta(hours=2))
    assert owed.filter(open=True, settlement=None).count() == 3


def test_it_is_taken_back_once(anouk: Person, twin: Person, ann: Member) -> None:
    done = merge(anouk, twin, ann, NOW)
    split(done.row, ann, NOW)
    with pytest.raises(TooLate, match="already"):
        split(done.row, ann, NOW)


def test_later_merges_are_taken_back_first(anouk: Person, twin: Person, ann: Member) -> None:
    third = somebody("third@x.example")
    first = merge(anouk, twin, ann, NOW)
    second = merge(anouk, third, ann, NOW)
    with pytest.raises(NotYet, match="Take that back first"):
        split(first.row, ann, NOW)
    split(second.row, ann, NOW)
    split(first.row, ann, NOW)


def test_a_survivor_may_be_merged_in_turn(anouk: Person, twin: Person, ann: Member) -> None:
    third = somebody("third@x.example")
    before = dump()
    first, second = merge(twin, third, ann, NOW), merge(anouk, twin, ann, NOW)
    assert set(Merge.objects.values_list("person", flat=True)) == {anouk.pk}
    split(second.row, ann, NOW)
    split(first.row, ann, NOW)
    assert differing(before) == {}


def test_nobody_is_merged_with_themselves_or_with_who_is_gone(anouk: Person, twin: Person, ann: Member) -> None:
    with pytest.raises(Refused, match="the same"):
        merge(anouk, anouk, ann, NOW)
    merge(anouk, twin, ann, NOW)
    with pytest.raises(Refused, match="is gone"):
        merge(anouk, twin, ann, NOW)


def test_what_came_in_between_stays_with_whom_it_names(
    agreement: Version, anouk: Person, twin: Person, ann: Member
) -> None:
    browser = recognise("browser", twin, NOW)
    done = merge(anouk, twin, ann, NOW)
    call, _new = record("call", LATER, LATER, person=anouk)
    visit, _new = record("form", LATER, LATER, visitor=Visitor.objects.get(pk=browser.pk))
    keep(Told(emails=["anouk@zonneveldtomaten.example"], person={"title": "Director"}), LATER, "form")
    conveyor.catch_up_on(anouk.pk, LATER)
    split(done.row, ann, LATER)
    for touch in (call, visit):
        touch.refresh_from_db()
    assert (call.person, visit.person_id) == (anouk, twin.pk)
    anouk.refresh_from_db()
    assert (anouk.title, anouk.custom) == ("Director", {})
    assert Origin.objects.get().person_id == twin.pk
    conveyor.run_dry(LATER)
    assert Standing.objects.get(pk=twin.pk).stage == Stage.LEAD


def test_news_that_was_looked_at_in_between_is_looked_at_again(
    agreement: Version, anouk: Person, twin: Person, ann: Member
) -> None:
    """Nobody had looked at the twin before the merge; who did since, saw the survivor."""
    conveyor.run_dry(NOW)
    record("form", NOW, NOW, person=twin, offer=offer("demo", NOW))
    done = merge(anouk, twin, ann, NOW)
    conveyor.run_dry(NOW)
    split(done.row, ann, NOW)
    conveyor.run_dry(NOW)
    assert Standing.objects.get(pk=twin.pk).stage in (Stage.LEAD, Stage.MQL)
    assert Standing.objects.get(pk=anouk.pk).stage == Stage.VISITOR


def test_a_lead_that_ended_in_between_does_not_come_back(
    agreement: Version, anouk: Person, twin: Person, ann: Member, bob: Member, bea: Member
) -> None:
    older, newer = held(twin, bea), held(anouk, bob, NOW + timedelta(minutes=1))
    done = merge(anouk, twin, ann, LATER)
    handoff.return_lead(older, bea, "not-ready", "", LATER)
    split(done.row, ann, LATER)
    assert [(h.person, h.handoff, h.owner) for h in Holding.objects.all()] == [(anouk, newer, bob)]
    assert not Merged.objects.exists()


def test_who_was_handed_off_anew_in_between_has_one_owner_still(
    agreement: Version, anouk: Person, twin: Person, ann: Member, bob: Member, bea: Member
) -> None:
    older, newer = held(twin, bea), held(anouk, bob, NOW + timedelta(minutes=1))
    done = merge(anouk, twin, ann, LATER)
    handoff.return_lead(older, bea, "not-ready", "", LATER)
    again = held(anouk, bea, LATER)
    split(done.row, ann, LATER)
    assert [(h.person, h.handoff, h.owner) for h in Holding.objects.all()] == [(anouk, again, bea)]
    assert Merged.objects.get().handoff == newer


# Companies


@pytest.fixture
def double(anouk: Person) -> Company:
    """Anouk's company once more, under its German name and domain."""
    other = somebody("jan@zonneveld.de", company={"name": "Zonneveld GmbH", "employees": 7, "hall": "north"})
    assert other.company is not None
    return other.company


def test_companies_become_one_that_is_found_by_both_domains_and_names(
    anouk: Person, double: Company, ann: Member
) -> None:
    firm = anouk.company
    assert firm is not None
    merge_companies(firm, double, ann, NOW)
    firm.refresh_from_db()
    assert (firm.name, firm.domain, firm.employees) == ("Zonneveld Tomaten", "zonneveldtomaten.example", 120)
    assert firm.custom == {"hall": "north"}
    assert set(Person.objects.values_list("company", flat=True)) == {firm.pk}
    assert set(CompanyId.objects.values_list("system", "value")) >= {
        (DOMAIN, "zonneveld.de"), (NAME, "zonneveld gmbh"),
    }  # fmt: skip
    new = somebody("piet@zonneveld.de")
    assert new.company == firm
    assert somebody("x@gmail.com", company={"name": "Zonneveld GmbH"}).company == firm


def test_companies_become_two_again(anouk: Person, double: Company, ann: Member) -> None:
    before = dump()
    done = merge_companies(anouk.company, double, ann, NOW, chosen={"name"})  # type: ignore[arg-type]
    verbs.undo(done.entry, ann, NOW)
    after = differing(before)
    assert after.keys() <= {"people.News"}


# Whatever happened


def test_what_there_can_be_once_for_a_person_has_nothing_standing_on_it() -> None:
    """Rows that have the person as their key are copied for the survivor: what refers to them would be lost."""
    ones = [
        f.related_model
        for f in Person._meta.get_fields(include_hidden=True)
        if isinstance(f, models.OneToOneRel) and f.field.primary_key
    ]
    assert len(ones) >= 4
    assert [m for m in ones for f in m._meta.get_fields(include_hidden=True) if f.auto_created and not f.concrete] == []


pairs = st.lists(st.tuples(st.integers(0, 3), st.integers(0, 3), st.sampled_from(["", "title", "company"])), max_size=4)


class Merging(House):
    """The house of the invariants, in which people are merged at any moment."""

    @rule(merges=pairs, firms=st.booleans(), owner=st.sampled_from(["Bob", "Bea", ""]))
    def some_are_merged_and_split_again(self, merges: list, firms: bool, owner: str) -> None:
        before, done = dump(), []
        ann, now = self.members["Ann"], self.now + timedelta(seconds=1)
        for n, m, chosen in merges:
            alive = [Person.objects.filter(pk=self.people[k].pk).first() for k in (n, m)]
            if n != m and all(alive):
                who = self.members[owner].pk if owner else None
                done.append(merge(*alive, ann, now, {chosen}, who).row)
                self.the_merged_have_one_owner()
        if firms and len(companies := list(Company.objects.order_by("pk")[:2])) == 2:
            done.append(merge_companies(*companies, ann, now).row)
        for row in reversed(done):
            split(row, ann, now)
        left = differing(before)
        assert left.keys() <= ({"people.News"} if firms else set()), left

    @rule(
        n=st.integers(0, 3),
        m=st.integers(0, 3),
        verb=st.sampled_from(["accept", "return", "call", "open a deal"]),
        again=st.booleans(),
    )
    def some_are_merged_worked_and_perhaps_split(self, n: int, m: int, verb: str, again: bool) -> None:
        """One owner at any moment, and what is made anew from the facts is the same. Then all is as if it had not been."""
        if n == m:
            return
        before = transaction.savepoint()
        row = merge(self.people[n], self.people[m], self.members["Ann"], self.now).row
        conveyor.run_dry(self.now, 500)
        self.the_merged_have_one_owner()
        self.work(verb, 0, "Owner")
        self.a_lead_touches(n, "form", "demo")
        if again:
            conveyor.run(self.now)
            split(row, self.members["Ann"], self.now)
        conveyor.run_dry(self.now, 500)
        self.the_merged_have_one_owner()
        made = projections()
        conveyor.rebuild(self.now)
        conveyor.run_dry(self.now, 500)
        for name, now in projections().items():
            assert now == made[name], name
        transaction.savepoint_rollback(before)

    def the_merged_have_one_owner(self) -> None:
        self.nobody_has_two_owners_and_every_holding_is_open()
        self.an_open_deal_is_counted_where_its_lead_is_held()


class MergingUndone(Merging, Undone):
    pass


def test_merges_in_random_histories_are_taken_back_to_the_byte(db: None) -> None:
    run_state_machine_as_test(
        MergingUndone,
        settings=settings(
            max_examples=examples(8),
            stateful_step_count=20,
            deadline=None,
            suppress_health_check=list(HealthCheck),
            phases=[Phase.generate],
            print_blob=True,
        ),
    )
