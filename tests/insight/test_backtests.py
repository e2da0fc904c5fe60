"""A draft is replayed over what was recorded, as it was known then, through the same doors as everything else."""

import copy
from collections.abc import Callable
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from django.db import transaction

from tests.conftest import NOW, SIGNED
from tilth import conveyor
from tilth.agreement import drafts
from tilth.agreement.models import Draft, Version
from tilth.core.clauses.reader import Unsound
from tilth.core.qualify import micro
from tilth.deals.verbs import open_deal, win
from tilth.handoff.models import Handoff
from tilth.handoff.verbs import accept, qualified, return_lead
from tilth.insight import backtests
from tilth.insight.compared import Compared, Gone, Narrowed, stands
from tilth.insight.models import Backtest
from tilth.people.known import Told, keep
from tilth.people.models import Person
from tilth.qualify.catch_up import evaluate
from tilth.qualify.models import Standing
from tilth.touches.record import offer, record

DAY = timedelta(days=1)
START = NOW - 60 * DAY
FIRM = {"name": "Zonneveld Tomaten", "industry": "Horticulture", "employees": 120, "country": "NL"}


@pytest.fixture(autouse=True)
def home(transactional_db: None, tmp_path: Path, settings: Any) -> None:
    """A lake of this test's own; it reads what is really committed."""
    settings.HOME = tmp_path


@pytest.fixture
def comes(agreement: Version, bob: Any) -> Callable[..., Person]:
    """Somebody comes in and does something on some days after START; each time, the conveyor runs."""

    def comes(name: str, *days: float, kind: str = "form", of: str = "demo", firm: dict | None = None) -> Person:
        told = Told(
            emails=[f"{name}@{name}.example"], phones=["+31105550142"], company=dict(firm or {}),
            person={"first_name": name.title(), "last_name": "Zonneveld", "title": "Owner"},
        )  # fmt: skip
        person = None
        for day in days:
            at = START + day * DAY
            person = person or keep(told, at, "form")[0]
            record(kind, at, at, person=person, offer=offer(of, at))
            conveyor.run(at)
        assert person is not None
        return person

    return comes


def draft_of(agreement: Version, **changes: Any) -> Draft:
    document = copy.deepcopy(agreement.document)
    for path, value in changes.items():
        *way, last = path.split("__")
        place = document
        for step in way:
            place = place[step]
        place[last] = value
    return drafts.open_draft(document, None, NOW, agreement)


def run(draft: Draft, now: Any = NOW) -> Compared:
    row = backtests.ask(draft, None, now)
    while backtests.catch_up(now):
        pass
    row.refresh_from_db()
    assert (row.state, row.why) == ("done", "")
    return Compared(row)


def sold(person: Person, bob: Any, days: float) -> None:
    """Bob takes the lead on, and it buys so many days after START."""
    at = START + days * DAY
    handoff = Handoff.objects.filter(person=person).latest("at")
    accept(handoff, bob, at - DAY)
    qualified(handoff, bob, at - DAY)
    win(open_deal(person, bob, "Climate", 3_000_000, "EUR", at - DAY).row, bob, at)


def test_what_the_running_version_did_is_what_its_replay_does(agreement, comes, bob):
    comes("anouk", 1, 2, firm=FIRM)
    comes("bart", 3, 4.5, kind="webinar", of="webinar", firm=FIRM | {"name": "Bart Rozen"})
    comes("cees", 5, kind="download", of="guide")
    compared = run(draft_of(agreement))
    really = sorted((h.person_id, h.at) for h in Handoff.objects.all())
    assert len(really) == 2
    for side in ("draft", "running"):
        assert sorted((c.person, c.at) for c in compared.cases("handed", side)) == really


def test_everybody_stands_where_the_replay_of_the_running_version_ends(agreement, comes, bob):
    for n in range(12):
        comes(f"grower{n}", n, n + 3, kind="webinar" if n % 3 else "form", of="webinar" if n % 3 else "demo",
              firm=FIRM | {"name": f"Firm {n}", "employees": 10 * n})  # fmt: skip
    compared = run(draft_of(agreement))
    people = list(Standing.objects.values_list("pk", flat=True))
    with transaction.atomic():
        evaluate(people, agreement, NOW)
    replayed = stands(compared, "running", people)
    for standing in Standing.objects.all():
        mine = replayed[standing.pk]
        assert (mine.grade, mine.level, mine.action) == (standing.grade, standing.level, standing.action)
        assert mine.interest == pytest.approx(standing.interest_points, rel=1e-9)


def test_what_was_learned_after_the_outcome_does_not_help(agreement, comes, bob):
    """The field that tells customers apart is filled in when they buy. It must not find them."""
    early = comes("early", 1, 2, firm=FIRM)
    late = comes("late", 1, 2)
    for person in (early, late):
        sold(person, bob, 20)
    keep(Told(emails=["late@late.example"], company=FIRM | {"name": "Late Tomaten"}), START + 21 * DAY, "crm")
    conveyor.run(START + 21 * DAY)
    strict = run(
        draft_of(
            agreement, matrix={"A": ["hand_off"] * 4, "B": ["nurture"] * 4, "C": ["nurture"] * 4, "D": ["nurture"] * 4}
        )
    )
    assert [c.person for c in strict.cases("missed_won", "draft")] == [late.pk]
    assert strict.cases("missed_won", "running") == []
    assert stands(strict, "draft", [late.pk])[late.pk].grade == "A"  # today it is known
    won = strict.figures["draft"].won
    assert (won.hits, won.n) == (1, 2)


def test_a_stricter_draft_sends_fewer_that_were_returned_and_says_what_nobody_knows(agreement, comes, bob):
    good, bad = comes("good", 1, 2, firm=FIRM), comes("bad", 1, 2)
    sold(good, bob, 20)
    return_lead(Handoff.objects.get(person=bad), bob, "no-fit", "", START + 5 * DAY)
    quiet = comes("quiet", 4, kind="webinar", of="webinar", firm=FIRM | {"name": "Quiet"})
    wide = run(draft_of(agreement, ripeness={}, interest__levels={"2": 1, "3": 5, "4": 12}))
    figures = wide.figures
    assert [c.person for c in wide.cases("again", "draft")] == [bad.pk]
    assert [c.person for c in wide.cases("unknown", "draft")] == [quiet.pk]
    assert (figures["draft"].unknown.hits, figures["draft"].unknown.n) == (1, 3)
    assert (figures["draft"].precision.hits, figures["draft"].precision.n) == (1, 2)
    narrow = run(
        draft_of(
            agreement, matrix={"A": ["hand_off"] * 4, "B": ["nurture"] * 4, "C": ["nurture"] * 4, "D": ["nurture"] * 4}
        )
    )
    assert narrow.cases("again", "draft") == []
    assert narrow.figures["draft"].precision.hits == 1


def test_figures_can_be_narrowed_and_open_the_people_behind_them(agreement, comes, bob):
    anouk = comes("anouk", 1, 2, firm=FIRM)
    comes("bart", 1, 2, of="quote")
    compared = run(draft_of(agreement))
    assert compared.choices("offer") == [("demo", 1), ("quote", 1)]
    core = Compared(compared.row, Narrowed(segment="core"))
    assert [c.person for c in core.cases("handed")] == [anouk.pk]
    assert Compared(compared.row, Narrowed(offer="quote")).figures["draft"].leads == 1
    assert Compared(compared.row, Narrowed(offer="nothing")).figures["draft"].leads == 0
    assert sum(map(sum, compared.cells("draft"))) == 2
    with pytest.raises(KeyError):
        compared.cases("secrets")


def test_the_same_question_is_answered_once_and_another_stops_it(agreement, comes, bob):
    draft = draft_of(agreement)
    first = backtests.ask(draft, bob, NOW)
    assert backtests.ask(draft, bob, NOW) == first
    document = copy.deepcopy(draft.document) | {"ripeness": {"touches": 3}}
    drafts.save(draft, document, draft.revision, bob, NOW)
    draft.refresh_from_db()
    second = backtests.ask(draft, bob, NOW)
    first.refresh_from_db()
    assert (first.state, second.state) == ("stopped", "waiting")


def test_a_draft_with_faults_is_not_replayed_and_the_faults_are_named(agreement):
    draft = draft_of(agreement, interest__levels={"2": 9, "3": 3, "4": 40})
    with pytest.raises(Unsound, match=r"interest\.levels"):
        backtests.ask(draft, None, NOW)
    assert not Backtest.objects.exists()


def test_who_stops_a_backtest_finds_no_half_a_result(agreement, comes, bob):
    comes("anouk", 1, 2)
    row = backtests.ask(draft_of(agreement), None, NOW)
    backtests.catch_up(NOW)
    backtests.stop(row, NOW)
    while backtests.catch_up(NOW):
        pass
    row.refresh_from_db()
    assert row.state == "stopped"
    with pytest.raises(Gone):
        Compared(row)


def test_a_backtest_whose_worker_fell_silent_is_taken_over(agreement, comes, bob):
    comes("anouk", 1, 2)
    row = backtests.ask(draft_of(agreement), None, NOW)
    Backtest.objects.filter(pk=row.pk).update(state="running", worker="gone", beat_at=NOW)
    assert backtests.catch_up(NOW + timedelta(minutes=1)) == 0
    while backtests.catch_up(NOW + timedelta(minutes=3)):
        pass
    row.refresh_from_db()
    assert row.state == "done"
    assert len(Compared(row).cases("handed")) == 1


def test_who_was_overtaken_leaves_the_result_of_the_other_alone(agreement, comes, bob):
    comes("anouk", 1, 2)
    row = backtests.ask(draft_of(agreement), None, NOW)
    backtests.catch_up(NOW)
    slow, backtests._under_way = backtests._under_way, None  # this process sleeps, and another one takes over
    while backtests.catch_up(NOW + timedelta(minutes=3)):
        pass
    backtests._under_way = slow
    while backtests.catch_up(NOW + timedelta(minutes=4)):
        pass
    row.refresh_from_db()
    assert row.state == "done"
    assert len(Compared(row).cases("handed")) == 1


def test_of_many_changes_only_the_last_results_are_kept(agreement, comes, bob):
    """The editor asks at each change: what was stopped or broke off leaves neither rows nor files behind."""
    comes("anouk", 1, 2)
    draft = draft_of(agreement)
    for n in range(9):
        drafts.save(draft, agreement.document | {"name": f"Draft {n}"}, draft.revision, bob, NOW)
        draft.refresh_from_db()
        backtests.ask(draft, None, NOW)
        if n % 3:
            backtests.catch_up(NOW)  # not to its end: the next one stops it
        else:
            run(draft)
    last = run(draft)
    assert [r.state for r in Backtest.objects.all()] == ["done"] * 4
    there = {str(path) for path in Path(last.row.path).parent.glob("backtest-*")}
    assert there == {row.path for row in Backtest.objects.all()}


def test_a_full_disk_breaks_it_off_says_so_and_leaves_nothing_behind(agreement, comes, bob, monkeypatch, tmp_path):
    import numpy

    def full(file: Any, **columns: Any) -> None:
        file.write(b"half")
        raise OSError(28, "No space left on device")

    comes("anouk", 1, 2)
    monkeypatch.setattr(numpy, "savez", full)
    row = backtests.ask(draft_of(agreement), None, NOW)
    while backtests.catch_up(NOW):
        pass
    row.refresh_from_db()
    assert (row.state, row.why) == ("failed", "OSError: [Errno 28] No space left on device")
    assert not list(tmp_path.glob("lake/backtest-*"))


def test_what_sales_found_before_the_weeks_that_are_looked_at_still_counts_as_late(agreement, comes, bob):
    person = comes("anouk", 1, 2)
    accept(Handoff.objects.get(), bob, START + 3 * DAY)
    qualified(Handoff.objects.get(), bob, START + 3 * DAY)
    much_later = NOW + 200 * DAY
    keep(Told(emails=["anouk@anouk.example"], company=FIRM), much_later, "crm")
    record("form", much_later, much_later, person=person, offer=offer("demo", NOW))
    only_a = {"A": ["hand_off"] * 4, "B": ["nurture"] * 4, "C": ["nurture"] * 4, "D": ["nurture"] * 4}
    found = Compared(run(draft_of(agreement, matrix=only_a), much_later + DAY).row, Narrowed(weeks=4))
    assert [c.person for c in found.cases("late")] == [person.pk]
    assert (found.figures["draft"].late, found.figures["draft"].open) == (1, 0)


def test_without_any_version_before_there_is_nothing_to_compare_with(preset, bob, db):
    draft = drafts.open_draft(preset, bob, NOW)
    compared = run(draft)
    assert list(compared.sides) == ["draft"]
    assert compared.figures["draft"].leads == 0
    assert compared.cases("moved") == []


def test_the_frontier_has_the_draft_itself_among_its_points(agreement, comes, bob):
    comes("anouk", 1, 2, firm=FIRM)
    compared = run(draft_of(agreement))
    itself = next(p for p in compared.row.frontier if p[0] == 1.0)
    assert itself[1] == compared.figures["draft"].leads
    assert micro(SIGNED) < compared.begins <= micro(START + DAY)
