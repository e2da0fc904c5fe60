"""What figures read beside touches: stages, deals, costs and groups; corrected late, merged, erased."""

from datetime import date, timedelta
from pathlib import Path
from typing import Any

import pyarrow.parquet as pq
import pytest
from django.db import transaction

from tests.conftest import NOW
from tests.insight.lakes import expected, told, verdicts
from tests.privacy.test_erasures import erased
from tilth.agreement.models import Version
from tilth.campaigns.models import Campaign, Cost
from tilth.deals import verbs as deals
from tilth.deals.merging import merge, split
from tilth.deals.models import Deal, Lost, Won
from tilth.groups.verbs import form, leave, say_role
from tilth.handoff import verbs
from tilth.handoff.court import uphold
from tilth.insight import export
from tilth.insight.engine import Engine
from tilth.insight.shapes import TABLES
from tilth.people.known import Told, keep
from tilth.people.models import Person
from tilth.qualify.models import StageChange, move
from tilth.team.models import Member
from tilth.touches.record import record

LATER = NOW + timedelta(hours=1)


@pytest.fixture(autouse=True)
def home(transactional_db: None, tmp_path: Path, settings: Any) -> Path:
    settings.HOME = tmp_path
    return tmp_path / "lake"


def rows(name: str) -> list[dict[str, Any]]:
    return Engine().table(name).to_pylist()


def written(name: str) -> list[tuple[str, int]]:
    """The files of a table: of what kind, and how many rows."""
    return [(file.kind, file.rows) for file in Engine().lake.manifest.of(name)]


def sold(anouk: Person, bob: Member) -> Deal:
    """An open deal of Anouk's, of EUR 40,000."""
    handed = verbs.hand_off(anouk, NOW, by=bob, owner=bob).row
    verbs.accept(handed, bob, NOW)
    return deals.open_deal(anouk, bob, "Greenhouse", 4_000_000, "EUR", NOW, handed).row


def test_stages_say_under_which_version_and_are_taken_back_with_an_undo(agreement: Version, anouk: Person) -> None:
    with transaction.atomic():
        move(anouk.pk, "lead", NOW, None, "")
        move(anouk.pk, "mql", LATER, agreement, "")
    export.catch_up(LATER)
    said = [(r["person"], r["at"], r["was"], r["stage"], r["version"]) for r in rows("stages")]
    assert said == [
        (anouk.pk, NOW.replace(tzinfo=None), "visitor", "lead", None),
        (anouk.pk, LATER.replace(tzinfo=None), "lead", "mql", 1),
    ]
    files = {file.name for file in Engine().lake.manifest.of("touches")}
    StageChange.objects.get(stage="mql").delete()
    export.catch_up(LATER)
    assert [r["stage"] for r in rows("stages")] == ["lead"]
    assert {file.name for file in Engine().lake.manifest.of("touches")} == files  # nothing else is made anew for it


def test_only_stages_that_are_new_are_written(
    agreement: Version, anouk: Person, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(export, "_is_worn", lambda files: False)
    for stage, at in (("lead", NOW), ("mql", LATER)):
        with transaction.atomic():
            move(anouk.pk, stage, at, agreement, "")
        export.catch_up(at)
    assert [(file.kind, file.rows) for file in Engine().lake.manifest.of("stages")] == [("base", 1), ("delta", 1)]
    assert [r["stage"] for r in rows("stages")] == ["lead", "mql"]
    last = StageChange.objects.latest("id")
    last.delete()
    with transaction.atomic():
        move(anouk.pk, "sql", LATER, agreement, "")
    export.catch_up(LATER)
    assert [(r["stage"], r["was"]) for r in rows("stages")] == [("lead", "visitor"), ("sql", "mql")]


def test_of_outcomes_only_those_are_written_of_whom_one_is_new(
    agreement: Version, anouk: Person, bob: Member, carla: Member, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Also a verdict on an older one; what was undone is told by nothing new, and then they are all written."""
    monkeypatch.setattr(export, "_is_worn", lambda files: False)
    other = keep(Told(emails=["a@x.example"], company={"name": "X"}), NOW, "form")[0]
    handed = [verbs.hand_off(who, NOW, by=bob, owner=bob).row for who in (anouk, other)]
    export.catch_up(NOW)
    returned = verbs.return_lead(handed[1], bob, "no-fit", "", LATER)
    export.catch_up(LATER)
    assert written("outcomes") == [("base", 2), ("delta", 2)]
    assert [(r["person"], r["kind"]) for r in rows("outcomes")] == [
        (anouk.pk, "handoff"), (other.pk, "handoff"), (other.pk, "returned"),
    ]  # fmt: skip
    uphold(returned.row, carla, "content", "no-fit", "", LATER)
    export.catch_up(LATER)
    assert [(r["person"], r["charged"]) for r in rows("outcomes")][1:] == [(other.pk, ""), (other.pk, "content")]
    done = verbs.accept(handed[0], bob, LATER)
    export.catch_up(LATER)
    assert written("outcomes")[2:] == [("delta", 2), ("delta", 2)]
    deals.undo(done.entry, bob, LATER)
    export.catch_up(LATER)
    assert written("outcomes") == [("base", 3)]
    assert [(r["person"], r["kind"]) for r in rows("outcomes")][:2] == [(anouk.pk, "handoff"), (other.pk, "handoff")]


def test_a_deal_that_was_won_by_another_than_we_thought(anouk: Person, monkeypatch: pytest.MonkeyPatch) -> None:
    """A file corrects whose it was; then its currency. No row of a deal is new."""
    monkeypatch.setattr(export, "_is_worn", lambda files: False)
    other = keep(Told(emails=["a@x.example"], company={"name": "X"}), NOW, "form")[0]
    deal = Deal.objects.create(name="From the CRM", person=anouk, currency="EUR", learned_at=NOW)
    Won.objects.create(deal=deal, at=NOW, amount=100)
    export.catch_up(NOW)
    for column, value, said in (("person", other, (other.pk, "EUR")), ("currency", "USD", (other.pk, "USD"))):
        Deal.objects.filter(pk=deal.pk).update(**{column: value})
        export.catch_up(LATER)
        assert [(r["person"], r["currency"]) for r in rows("outcomes")] == [said]


def test_a_deal_is_open_then_won_then_open_again(agreement: Version, anouk: Person, bob: Member) -> None:
    deal = sold(anouk, bob)
    export.catch_up(NOW)
    bare, after = NOW.replace(tzinfo=None), LATER.replace(tzinfo=None)
    is_open = {
        "deal": deal.pk, "person": anouk.pk, "company": anouk.company_id, "handoff": deal.handoff_id, "owner": bob.pk,
        "opened_at": bare, "learned_at": bare, "amount": 4_000_000, "currency": "EUR", "phase": "", "product": "",
        "seller": "", "closed_at": None, "won": None, "revenue": None, "reason": "",
    }  # fmt: skip
    assert rows("deals") == [is_open]
    done = deals.win(deal, bob, LATER, 3_900_000)
    export.catch_up(LATER)
    assert rows("deals") == [is_open | {"closed_at": after, "won": True, "revenue": 3_900_000}]
    deals.undo(done.entry, bob, LATER)
    export.catch_up(LATER)
    assert rows("deals") == [is_open]


def test_a_deal_without_a_person_stays(anouk: Person) -> None:
    deal = Deal.objects.create(
        name="From the CRM", product="GTX", seller="Moses", phase="Lost", currency="USD", learned_at=LATER
    )
    Lost.objects.create(deal=deal, at=NOW, reason="price")
    export.catch_up(LATER)
    [row] = rows("deals")
    assert (row["person"], row["company"], row["handoff"], row["owner"], row["opened_at"]) == (None,) * 5
    assert (row["closed_at"], row["won"], row["revenue"], row["reason"]) == (NOW.replace(tzinfo=None), False, None, "price")  # fmt: skip
    assert (row["product"], row["seller"], row["phase"], row["currency"]) == ("GTX", "Moses", "Lost", "USD")


def test_costs_with_and_without_a_campaign() -> None:
    fair = Campaign.objects.create(key="fair-2026", name="Fair", at=NOW)
    day = date(2026, 6, 1)
    first = Cost.objects.create(campaign=fair, day=day, amount=125_000, currency="EUR", what="Stand", key=b"1")
    second = Cost.objects.create(source="google", day=day, amount=-300, currency="EUR", key=b"2")
    export.catch_up(NOW)
    assert rows("costs") == [
        {"id": first.pk, "day": day, "source": "", "campaign": "fair-2026", "amount": 125_000, "currency": "EUR", "what": "Stand"},
        {"id": second.pk, "day": day, "source": "google", "campaign": "", "amount": -300, "currency": "EUR", "what": ""},
    ]  # fmt: skip
    said = Engine()
    assert said.run(said.tables().costs.amount.sum()).as_py() == 124_700


def test_groups_with_roles_that_people_join_and_leave(anouk: Person, bob: Member) -> None:
    other = keep(Told(emails=["b@zonneveldtomaten.example"]), NOW, "form", person=None)[0]
    group, _entry = form(anouk.company, "Climate", [anouk, other], bob, NOW)
    say_role(group.memberships.get(person=anouk), "decider", bob, NOW)
    export.catch_up(NOW)
    firm = anouk.company_id
    assert rows("groups") == [
        {"group": group.pk, "person": anouk.pk, "company": firm, "role": "decider"},
        {"group": group.pk, "person": other.pk, "company": firm, "role": ""},
    ]
    leave(group.memberships.get(person=other), bob, LATER)
    export.catch_up(LATER)
    assert [r["person"] for r in rows("groups")] == [anouk.pk]


@pytest.mark.parametrize("worn", [True, False], ids=["compacted", "in deltas"])
def test_a_merge_and_its_split_reach_every_table(
    agreement: Version, anouk: Person, bob: Member, worn: bool, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(export, "_is_worn", lambda files: worn)
    other = keep(Told(emails=["a@x.example"], company={"name": "X"}), NOW, "form")[0]
    deal, (group, _entry) = sold(other, bob), form(anouk.company, "Climate", [other], bob, NOW)
    export.catch_up(NOW)
    before = told(Engine()), verdicts(Engine())
    done = merge(anouk, other, bob, LATER)
    export.catch_up(LATER)
    after = told(Engine())
    assert after | expected() == after
    assert [(d[0], d[1]) for d in after["deals"]] == [(deal.pk, anouk.pk)]
    assert [g[:2] for g in after["groups"]] == [(group.pk, anouk.pk)]
    assert {s[0] for s in after["stages"]} == {anouk.pk}
    assert {row[0] for row in verdicts(Engine())} == {anouk.pk}
    split(done.row, bob, LATER)
    export.catch_up(LATER)
    assert (told(Engine()), verdicts(Engine())) == before


def test_of_who_is_erased_only_counts_are_left(agreement: Version, anouk: Person, bob: Member, home: Path) -> None:
    """The deal and the stages stay, so that past figures do; what they say of a person is gone from every file."""
    record("form", NOW, NOW, person=anouk, source="fair")
    sold(anouk, bob)
    form(anouk.company, "Climate", [anouk], bob, NOW)
    Deal.objects.update(product="for anouk@zonneveldtomaten.example")
    Cost.objects.create(source="x", day=NOW.date(), amount=1, currency="EUR", key=b"1", what="Lunch, anouk@zonneveldtomaten.example")  # fmt: skip
    export.catch_up(NOW)
    stages = len(rows("stages"))
    erased(anouk, LATER)
    export.catch_up(LATER)
    for file in home.glob("*.parquet"):
        assert "anouk" not in str(pq.read_table(file).to_pydict()).lower(), file.name
    assert rows("groups") == []
    assert [(d["person"], d["amount"]) for d in rows("deals")] == [(anouk.pk, 4_000_000)]
    assert len(rows("stages")) == stages > 0
    assert [p["company"] for p in rows("people")] == [None]


# Expressions


def test_every_table_answers_an_expression_also_while_empty() -> None:
    engine = Engine()
    for name, shape in TABLES.items():
        if name != "gone":
            table = getattr(engine.tables(), name)
            assert engine.run(table).schema.equals(shape.columns), name


def test_expressions_see_what_came_anew_and_nothing_of_who_is_gone(
    agreement: Version, anouk: Person, bob: Member, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(export, "_is_worn", lambda files: False)
    other = keep(Told(emails=["a@x.example"], company={"name": "X"}), NOW, "form")[0]
    for who in (anouk, other):
        record("call", NOW, NOW, person=who)
    sold(other, bob)
    export.catch_up(NOW)
    merge(anouk, other, bob, LATER)
    export.catch_up(LATER)
    engine = Engine()
    said = engine.tables()
    assert engine.run(said.people.person).to_pylist() == [anouk.pk]
    calls = said.touches.group_by("person").agg(n=said.touches.count())
    worth = said.deals.group_by("person").agg(worth=said.deals.amount.sum())
    both = calls.join(worth, "person").select("person", "n", "worth")
    assert engine.run(both).to_pylist() == [{"person": anouk.pk, "n": 2, "worth": 4_000_000}]
