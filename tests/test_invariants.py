"""Whatever people do, in whatever order, the house stays in order.

A machine presses buttons at random: leads touch, marketers and sellers use every verb, undo, go away, import,
sign a new agreement, and time passes. After each step the laws below hold; at the end of each run, making
every projection anew from the facts gives the same projections.
"""

from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from django.db import transaction
from django.db.models import Count, F, Q
from hypothesis import HealthCheck, Phase, settings
from hypothesis import strategies as st
from hypothesis.stateful import (
    RuleBasedStateMachine,
    initialize,
    invariant,
    precondition,
    rule,
    run_state_machine_as_test,
)

from tests.conftest import examples
from tilth import conveyor
from tilth.agreement import presets
from tilth.agreement.models import Version
from tilth.deals import verbs as deals
from tilth.deals.bulk import FIELDS, Book, Telling
from tilth.deals.models import Deal, Lost, Won
from tilth.handoff import verbs as handoff
from tilth.handoff.catch_up import ASK_AGAIN
from tilth.handoff.models import Acceptance, HandBack, Handoff, Holding, Merged, Qualified, Return, Review, Withdrawal
from tilth.handoff.passing import pass_on, reassign
from tilth.handoff.verbs import Refused
from tilth.journal.models import Entry
from tilth.people.known import Told, keep
from tilth.people.models import News, Person
from tilth.promises.models import Obligation, Settlement
from tilth.qualify.models import Ripe, Stage, StageChange, Standing
from tilth.team.models import Absence, Member, Role, away_on
from tilth.touches.models import Evidence, Origin, Team, Touch
from tilth.touches.record import offer, record

BEGIN = datetime(2026, 3, 23, 8, tzinfo=UTC)  # a Monday; the clocks change at the end of the week, Easter follows
EVIDENCE = {
    "touch": Touch.objects.filter(evidence__gt=Evidence.MACHINE, team=Team.SALES),
    "qualified": Qualified.objects.all(),
    "return": Return.objects.all(),
    "hand-back": HandBack.objects.all(),
    "merged": Merged.objects.all(),
    "withdrawal": Withdrawal.objects.all(),
    "deal": Deal.objects.all(),
    "won": Won.objects.all(),
    "entry": Entry.objects.filter(by_id__isnull=False),
    "lost": Lost.objects.all(),
    "review": Review.objects.all(),
}

ON_A_HANDOFF = {
    "accept": handoff.accept,
    "return": lambda row, by, now: handoff.return_lead(row, by, "not-ready", "", now),
    "qualify": handoff.qualified,
    "hand back": lambda row, by, now: handoff.hand_back(row, by, "no-need", "", now),
    "call": lambda row, by, now: handoff.log_contact(row.person, by, "call", now),
    "mail": lambda row, by, now: handoff.log_contact(row.person, by, "mail", now),
    "note": lambda row, by, now: handoff.log_contact(row.person, by, "note", now),
    "pass on": lambda row, by, now: pass_on(row, by, now),
    "reassign": lambda row, by, now: reassign(row, None, now, by),
    "open a deal": lambda row, by, now: deals.open_deal(row.person, by, "Deal", 100_00, "EUR", now),
}
ON_A_DEAL = {
    "change": lambda row, by, now: deals.change_amount(row, by, 200_00, now),
    "win": lambda row, by, now: deals.win(row, by, now, 300_00),
    "lose": lambda row, by, now: deals.lose(row, by, "price", "", now),
}
USUAL = ["accept", "call", "qualify", "open a deal"]
EACH_TIME = {"pass on", "reassign", "call", "mail", "note", "open a deal"}  # pressed twice, these happen twice

who = st.integers(0, 3)
any_of = st.integers(0, 3)
sellers = st.sampled_from(["Bob", "Bea"])
actors = st.sampled_from(["Owner", "Owner", "Owner", "Carla", "Bea", "Ann"])
minutes = st.sampled_from([0, 1, 9, 11, 55, 240])


class House(RuleBasedStateMachine):
    """Four people of three companies, two sellers, a marketer and a manager."""

    @initialize()
    def open_the_house(self) -> None:
        self.now, self.imported = BEGIN, 0
        roles = {"Ann": Role.MARKETING, "Bob": Role.SALES, "Bea": Role.SALES, "Carla": Role.MANAGER}
        self.members = {
            name: Member.objects.create(name=name, email=f"{name.lower()}@kasbouw.example", role=role, joined_at=BEGIN)
            for name, role in roles.items()
        }
        self.document = presets.load("b2b-software")
        self.sign(4)
        self.people = [self.somebody(n, company) for n, company in enumerate(["one", "one", "two", "three"])]
        for n in (0, 2):
            self.a_lead_touches(n, "form", "demo")
        conveyor.run_dry(self.now, 500)
        assert Handoff.objects.count() == 2

    def somebody(self, n: int, company: str) -> Person:
        """The last of them has no phone yet, so their handoff waits for data."""
        told = Told(
            emails=[f"p{n}@{company}.example"],
            phones=[f"+3110555000{n}"] if n < 3 else [],
            person={"first_name": "P", "last_name": str(n), "title": "Manager", "country": "NL"},
            company={"name": company, "industry": "Horticulture", "employees": 60 + n, "country": "NL"},
        )
        return keep(told, self.now, "typed in")[0]

    # What leads do

    @rule(
        n=who,
        kind=st.sampled_from(["form", "form", "page", "download", "mail_click"]),
        wants=st.sampled_from(["demo", "e-book"]),
    )
    def a_lead_touches(self, n: int, kind: str, wants: str) -> None:
        record(kind, self.now, self.now, person=self.people[n], offer=offer(wants, self.now), source="search")

    @rule(n=who, employees=st.sampled_from([5, 120, 900]))
    def we_learn_something(self, n: int, employees: int) -> None:
        told = Told(emails=[f"p{n}@x.example"], phones=[f"+3110555000{n}"], company={"employees": employees})
        told.emails = [self.people[n].emails.order_by("id").values_list("address", flat=True)[0]]
        keep(told, self.now, "form")

    # What time and machines do

    @rule(later=st.sampled_from([timedelta(minutes=3), timedelta(hours=2), timedelta(days=1), timedelta(days=6)]))
    def time_passes(self, later: timedelta) -> None:
        self.now += later

    @rule()
    def the_conveyor_passes(self) -> None:
        before = set(Handoff.objects.values_list("pk", flat=True))
        conveyor.run(self.now)
        away = away_on(self.now.astimezone(self.version.terms.zone).date())
        new = Handoff.objects.exclude(pk__in=before)
        assert not away & set(new.values_list("owner", flat=True))

    @rule(n=who, ago=minutes)
    def a_call_is_imported(self, n: int, ago: int) -> None:
        at = self.now - timedelta(minutes=ago)
        record("call", at, self.now, person=self.people[n], team=Team.SALES, evidence=Evidence.DECLARED)

    @rule(n=who, ago=minutes, days=st.sampled_from([0, 30]), outcome=st.sampled_from(["", "won", "lost"]))
    def a_deal_is_imported(self, n: int, ago: int, days: int, outcome: str) -> None:
        at = self.now - timedelta(minutes=ago)
        values = dict.fromkeys(FIELDS) | {"name": "Imported", "person_id": self.people[n].pk, "currency": "EUR"}
        self.imported += 1
        telling = Telling(f"{self.imported}", values | {"opened_at": at - timedelta(days=days)}, outcome, at)
        book = Book([telling], "crm", "a file", None, self.now)
        assert book.keep(telling) == "created"
        book.write()

    # What the house decides

    @rule(name=sellers, days=st.integers(1, 3))
    def somebody_goes_away(self, name: str, days: int) -> None:
        first = self.now.astimezone(self.version.terms.zone).date()
        Absence.objects.create(member=self.members[name], first=first, last=first + timedelta(days=days))

    @rule(name=sellers)
    def somebody_leaves_or_comes_back(self, name: str) -> None:
        Member.objects.filter(pk=self.members[name].pk).update(is_active=~F("is_active"))

    @precondition(lambda self: self.version.number < 3)
    @rule(hours=st.sampled_from([1, 8]))
    def a_new_agreement_is_signed(self, hours: int) -> None:
        self.sign(hours)

    def sign(self, hours: int) -> None:
        self.now += timedelta(seconds=1)  # no two versions take effect at once
        self.document["sla"]["sales"]["first_contact_hours"] = hours
        self.version = Version.write(self.document, self.members["Ann"], self.now)
        self.version.sign(self.members["Ann"], "marketing", self.now)
        self.version.sign(self.members["Bob"], "sales", self.now)

    # What people do

    @rule(n=who, by=actors)
    def a_lead_is_handed_off(self, n: int, by: str) -> None:
        member = self.members.get(by)
        owner = member if member and member.role == Role.SALES else None
        self.press(lambda: handoff.hand_off(self.people[n], self.now, by=member, owner=owner), once=True)

    @rule(verb=st.sampled_from(sorted(ON_A_HANDOFF)), k=any_of, by=actors)
    def somebody_works_a_lead(self, verb: str, k: int, by: str) -> None:
        self.work(verb, k, by)

    def work(self, verb: str, k: int, by: str) -> None:
        if row := Handoff.objects.order_by("-pk")[k : k + 1].first():
            self.press(lambda: ON_A_HANDOFF[verb](row, self.actor(by, row.owner), self.now), verb in EACH_TIME)

    @rule(k=any_of, far=st.integers(1, len(USUAL)), then=st.sampled_from(sorted(ON_A_HANDOFF)))
    def somebody_works_a_lead_through(self, k: int, far: int, then: str) -> None:
        for verb in [*USUAL[:far], then]:
            self.work(verb, k, "Owner")

    @rule(verb=st.sampled_from(sorted(ON_A_DEAL)), k=any_of, by=actors)
    def somebody_works_a_deal(self, verb: str, k: int, by: str) -> None:
        if row := Deal.objects.order_by("-pk")[k : k + 1].first():
            self.press(lambda: ON_A_DEAL[verb](Deal.objects.get(pk=row.pk), self.actor(by, row.owner), self.now))

    @rule(back=any_of, by=actors)
    def somebody_undoes_a_step(self, back: int, by: str) -> None:
        entries = Entry.objects.filter(by_id__isnull=False, person_id__isnull=False).order_by("-pk")
        if entry := entries[back : back + 1].first():
            member = self.actor(by, Member.objects.get(pk=entry.by_id))
            self.press(lambda: deals.undo(entry, member, self.now), once=True)

    def actor(self, by: str, owner: Member | None) -> Member:
        return self.members.get(by) or owner or self.members["Carla"]

    def press(self, verb: Callable[[], Any], once: bool = False) -> None:
        """Press a button, as a page does: refused, or done, and then what it shows is brought up to now.

        once    pressing it a second time means a second one
        """
        try:
            with transaction.atomic():
                done = verb()
            if not once:
                again = verb()
                assert (again.row.pk, again.entry) == (done.row.pk, None)
        except Refused:
            return
        entry = done if isinstance(done, Entry) else done.entry
        if entry and entry.person_id:
            conveyor.catch_up_on(entry.person_id, self.now)

    # The laws

    @invariant()
    def nobody_has_two_owners_and_every_holding_is_open(self) -> None:
        same = Q(owner=F("handoff__owner"), person=F("handoff__person"))
        going_on = Q(handoff__the_return=None, handoff__the_handback=None)
        assert not Holding.objects.exclude(same & going_on).exists()

    @invariant()
    def a_handoff_has_one_course(self) -> None:
        accepted = Acceptance.objects.values("handoff")
        assert not Return.objects.filter(handoff__in=accepted).exists()
        assert not HandBack.objects.exclude(handoff__in=accepted).exists()
        gone = Withdrawal.objects.values("handoff")
        assert not Return.objects.filter(handoff__in=gone).exists()
        assert not HandBack.objects.filter(handoff__in=gone).exists()
        assert not Holding.objects.filter(handoff__in=gone).exists()
        assert not Handoff.objects.filter(continues__isnull=False).exclude(continues__in=gone).exists()
        assert not Qualified.objects.exclude(handoff__in=accepted).exists()

    @invariant()
    def an_open_deal_is_counted_where_its_lead_is_held(self) -> None:
        still = Q(handoff__deals__isnull=False, handoff__deals__won=None, handoff__deals__lost=None)
        held = Holding.objects.annotate(n=Count("handoff__deals", filter=still))
        assert not held.exclude(open_deals=F("n")).exists()
        ended = Q(the_return__isnull=False) | Q(the_handback__isnull=False) | Q(holding__isnull=False)
        ended |= Q(the_merged__isnull=False)  # the lead is another's by a merge; the deals stay their seller's
        assert not Handoff.objects.filter(deals__in=Deal.objects.filter(won=None, lost=None)).exclude(ended).exists()
        assert not Holding.objects.filter(open_deals=0, handoff__deals__isnull=False).exists()
        assert not Won.objects.filter(deal__in=Lost.objects.values("deal")).exists()

    @invariant()
    def everybody_is_at_the_stage_that_was_last_recorded(self) -> None:
        stage = dict.fromkeys(Standing.objects.filter(person__stages=None).values_list("pk", flat=True), Stage.VISITOR)
        for person, was, becomes in StageChange.objects.order_by("pk").values_list("person", "was", "stage"):
            assert was == stage.get(person, was)
            stage[person] = becomes
        assert stage == dict(Standing.objects.values_list("pk", "stage"))

    @invariant()
    def every_stage_change_has_a_version_that_was_in_force(self) -> None:
        ours = StageChange.objects.exclude(because="won, as another system has it")
        assert not ours.filter(Q(version=None) | Q(version__takes_effect_at__gt=F("at"))).exists()

    @invariant()
    def clocks_are_consistent(self) -> None:
        assert not Obligation.objects.filter(open=True, settlement__isnull=False).exists()
        assert not Obligation.objects.filter(open=False, settlement__isnull=True).exists()
        others = ~Q(member=F("handoff__owner")) & ~Q(kind=Obligation.Kind.REVIEW)  # a second look is the reviewer's
        wrong = ~Q(version=F("handoff__version")) | others | Q(due_at__lt=F("since"))
        assert not Obligation.objects.filter(wrong, handoff__isnull=False).exists()
        for settlement in Settlement.objects.filter(obligation__handoff__isnull=False).select_related("obligation"):
            word, pk = settlement.evidence.split()
            assert EVIDENCE[word].filter(pk=pk).exists(), settlement.evidence
            assert settlement.obligation.since <= settlement.at
            assert not settlement.kept or (settlement.at <= settlement.obligation.due_at and not settlement.void)

    def teardown(self) -> None:
        if not getattr(self, "people", None):
            return
        self.now += ASK_AGAIN  # a rebuild asks at once who waited to be asked again
        conveyor.run_dry(self.now, 500)
        assert not News.objects.exists()
        once = Obligation.objects.filter(kind__in=("first_contact", "verdict", "follow_up"))
        assert once.count() == 3 * Handoff.objects.count()
        assert not Obligation.objects.filter(kind="status", handoff__the_acceptance=None).exists()
        broken = Q(open=True, due_at__lte=self.now) | Q(settlement__kept=False, settlement__void=False)
        assert not Obligation.objects.filter(broken, breach=None).exists()
        assert not Obligation.objects.filter(~broken, breach__isnull=False).exists()
        before = projections()
        conveyor.rebuild(self.now)
        conveyor.run_dry(self.now, 500)  # who is ripe and held at once is taken off the short list by the next pass
        for name, rows in projections().items():
            assert rows == before[name], name


def projections() -> dict[str, list]:
    """Everything that can be made anew. Points are left out: they cool from minute to minute."""
    settled = [f"settlement__{name}" for name in ("at", "kept", "void", "quantity", "good", "evidence")]
    stands = ("person", "stage", "version", "grade", "level", "action", "segment", "round_ended_at")
    return {
        "standings": list(Standing.objects.order_by("person").values_list(*stands)),
        "ripe": list(Ripe.objects.order_by("person").values_list("person")),
        "holdings": list(
            Holding.objects.order_by("person").values_list("person", "handoff", "owner", "since", "open_deals")
        ),
        "origins": list(
            Origin.objects.order_by("person").values_list("person", "at", "door", "source", "offer", "touch")
        ),
        "promises": list(
            Obligation.objects.order_by("kind", "handoff", "due_at").values_list(
                "kind", "debtor", "member", "handoff", "version", "quantity", "since", "due_at", "open", *settled
            )
        ),
    }


class Undone(House):
    """One run of the house inside the test's transaction, taken back at its end."""

    def __init__(self) -> None:
        super().__init__()
        self.before = transaction.savepoint()

    def teardown(self) -> None:
        try:
            super().teardown()
        finally:
            transaction.savepoint_rollback(self.before)


@pytest.mark.timeout(900)  # a busy machine takes more than the usual 300 s for 480 steps
def test_any_sequence_of_verbs_keeps_the_laws_of_the_house(db: None) -> None:
    run_state_machine_as_test(
        Undone,
        settings=settings(
            max_examples=examples(12),
            stateful_step_count=40,
            deadline=None,
            suppress_health_check=list(HealthCheck),
            phases=[Phase.generate],  # what fails is told at once; to make it smaller takes too long
            print_blob=True,
        ),
    )
