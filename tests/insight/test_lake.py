"""The lake follows the database: whatever happens, in whatever order, and whenever it was exported in between."""

import itertools
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from threading import Timer
from typing import Any

import pyarrow as pa
import pytest
from django.db import connection, connections, transaction
from hypothesis import HealthCheck, example, given
from hypothesis import settings as runs
from hypothesis import strategies as st

from tests.conftest import NOW, examples
from tests.insight.lakes import expected, known_at, known_now, micros, told, verdicts
from tilth.agreement.models import Version
from tilth.core.kernel import FAR
from tilth.core.rows import Said
from tilth.deals import verbs as deals
from tilth.deals.merging import merge, merge_companies, split
from tilth.deals.models import Deal
from tilth.handoff import verbs
from tilth.handoff.court import overturn, uphold
from tilth.handoff.models import Handoff
from tilth.handoff.passing import reassign
from tilth.handoff.verbs import Refused
from tilth.insight import export, lake, source
from tilth.insight.engine import Engine
from tilth.journal.models import Entry
from tilth.people.crowd import Crowd
from tilth.people.known import Told, keep, recognise
from tilth.people.models import Company, Merge, Person, Visitor
from tilth.qualify.models import StageChange
from tilth.team.models import Member
from tilth.touches import settling
from tilth.touches.models import Correction, Evidence, Touch
from tilth.touches.record import adopt, offer, record, retract

LATER = NOW + timedelta(hours=1)


@pytest.fixture(autouse=True)
def home(transactional_db: None, tmp_path: Path, settings: Any) -> Path:
    """A lake of this test's own. Exports read on connections of their own, so everything here is really committed."""
    settings.HOME = tmp_path
    return tmp_path / "lake"


def test_an_empty_house_has_an_empty_lake(home: Path) -> None:
    assert list(Engine().batches()) == []
    assert export.catch_up(NOW) == 0
    assert list(Engine().batches()) == []
    assert Engine().sql("SELECT count(*) AS n FROM touches").to_pylist() == [{"n": 0}]


def test_a_person_their_touches_and_what_was_known(anouk: Person) -> None:
    record("form", NOW - timedelta(days=2), NOW, person=anouk, offer=offer("demo", NOW), source="search")
    record("page", NOW - timedelta(days=1), NOW, person=anouk, url="https://kasbouw.example/prijs?gclid=x1&plan=pro")
    record("page", NOW, NOW, url="https://kasbouw.example/", visitor=recognise("nobody yet", None, NOW))
    export.catch_up(LATER)
    said = told(Engine())
    assert said["people"] == [anouk.pk]
    assert said["touches"] == [
        (anouk.pk, micros(NOW - timedelta(days=2)), ("form", "demo", "", "", True)),
        (
            anouk.pk,
            micros(NOW - timedelta(days=1)),
            ("page", "", "", "https://kasbouw.example/prijs?gclid=&plan=pro", True),
        ),
    ]
    assert said["leads"] == [
        (anouk.pk, (NOW - timedelta(days=2)).replace(tzinfo=None), "person", "search", "demo", anouk.company_id)
    ]
    assert {(field, value) for _person, _at, field, value in said["facts"]} == {
        ("person.first_name", True), ("person.last_name", True), ("person.title", "Operations manager"),
        ("person.country", "NL"), ("person.email", True), ("person.phone", True), ("email.free", False),
        ("company.name", "Zonneveld Tomaten"), ("company.domain", "zonneveldtomaten.example"),
        ("company.industry", "Horticulture"), ("company.employees", 120), ("company.country", "NL"), ("company.city", "Bleiswijk"),
    }  # fmt: skip


def test_what_is_learned_later_does_not_count_before(anouk: Person) -> None:
    """The field that everybody would like to know beforehand: it is filled in when the deal is done."""
    export.catch_up(NOW)
    address = anouk.emails.get().address
    keep(Told(emails=[address], person={"budget": "approved"}, company={"employees": 900}), LATER, "typed in")
    export.catch_up(LATER)
    facts = told(Engine())["facts"]
    before, after = known_at(facts, LATER - timedelta(seconds=1))[anouk.pk], known_at(facts, LATER)[anouk.pk]
    assert ("person.custom.budget" in before, before["company.employees"]) == (False, 120)
    assert (after["person.custom.budget"], after["company.employees"]) == ("approved", 900)


def test_a_company_counts_from_the_day_that_somebody_joined_it(anouk: Person) -> None:
    """And what the old one was known for is no longer known of them."""
    keep(Told(emails=["x@new.example"], company={"name": "New", "employees": 7}), NOW, "form")
    moved = NOW + timedelta(days=3)
    keep(Told(company={"name": "New"}, domain="new.example"), moved, "typed in", person=anouk)
    keep(Told(emails=["x@new.example"], company={"name": "New", "city": "Delft"}), moved + timedelta(days=1), "form")
    export.catch_up(moved + timedelta(days=2))
    facts = told(Engine())["facts"]
    at = {day: known_at(facts, NOW + timedelta(days=day))[anouk.pk] for day in (2, 3, 4)}
    assert [at[day].get("company.employees") for day in at] == [120, 7, 7]
    assert [at[day].get("company.industry") for day in at] == ["Horticulture", None, None]
    assert [at[day].get("company.city") for day in at] == ["Bleiswijk", None, "Delft"]


def test_a_visitor_who_got_a_name_brings_their_touches_along(anouk: Person) -> None:
    visitor = recognise("browser", None, NOW)
    form, _new = record("form", NOW - timedelta(days=9), NOW, visitor=visitor, source="fair")
    record("page", NOW, NOW, person=anouk)
    export.catch_up(NOW)
    assert [kind for _p, _at, (kind, *_) in told(Engine())["touches"]] == ["page"]
    adopt(recognise("browser", anouk, LATER), LATER)
    export.catch_up(LATER)
    said = told(Engine())
    assert [kind for _p, _at, (kind, *_) in said["touches"]] == ["form", "page"]
    assert said["leads"] == [(anouk.pk, form.at.replace(tzinfo=None), "person", "fair", "", anouk.company_id)]


def test_who_was_merged_is_gone_and_comes_back(anouk: Person, bob: Member, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(export, "_is_worn", lambda files: False)
    other = keep(Told(emails=["a@x.example"], person={"title": "Owner"}, company={"name": "X"}), NOW, "form")[0]
    record("form", NOW, NOW, person=other, source="fair")
    export.catch_up(NOW)
    before = told(Engine())
    done = merge(anouk, other, bob, LATER)
    export.catch_up(LATER)
    said, asked = told(Engine()), Engine().sql("SELECT DISTINCT person FROM facts UNION SELECT person FROM people")
    assert (said["people"], [person for person, *_ in said["touches"]]) == ([anouk.pk], [anouk.pk])
    assert (said["leads"][0][:1], asked.to_pylist()) == ((anouk.pk,), [{"person": anouk.pk}])
    split(done.row, bob, LATER)
    export.catch_up(LATER)
    assert told(Engine()) == before


def test_a_retracted_touch_is_no_human_touch_any_more(anouk: Person) -> None:
    call, _new = record("form", NOW, NOW, person=anouk)
    export.catch_up(NOW)
    retract(call, LATER)
    export.catch_up(LATER)
    said = told(Engine())
    assert [(kind, human) for _p, _at, (kind, _o, _e, _u, human) in said["touches"]] == [("form", False)]
    assert said["leads"] == [(anouk.pk, None, "", "", "", anouk.company_id)]


def test_rounds_that_ended_wake_at_local_midnight(agreement: Version, anouk: Person, bob: Member) -> None:
    handed = verbs.hand_off(anouk, NOW, by=bob, owner=bob).row
    verbs.accept(handed, bob, NOW)
    verbs.hand_back(handed, bob, "no-need", "", LATER, wake_on=date(2026, 12, 1))
    export.catch_up(LATER)
    midnight = datetime(2026, 11, 30, 23, tzinfo=UTC)  # Amsterdam is an hour ahead then
    assert told(Engine())["ends"] == [(anouk.pk, micros(LATER), micros(midnight))]
    kinds = Engine().table("outcomes").select(["kind", "version", "reason", "owner"]).to_pylist()
    assert [(k["kind"], k["version"], k["reason"], k["owner"]) for k in kinds] == [
        ("accepted", 1, "", bob.pk), ("handoff", 1, "", bob.pk), ("handed_back", 1, "no-need", bob.pk),
    ]  # fmt: skip


def test_a_lead_that_went_on_to_another_owner_was_handed_off_once(
    agreement: Version, anouk: Person, bob: Member, carla: Member
) -> None:
    handoff = verbs.hand_off(anouk, NOW, owner=bob).row
    bea = Member.objects.create(name="Bea", email="bea@kasbouw.example", role="sales", joined_at=bob.joined_at)
    after = reassign(handoff, bea, NOW + timedelta(minutes=30), carla).row
    verbs.accept(after, bea, LATER)
    export.catch_up(LATER)
    rows = Engine().table("outcomes").select(["kind", "owner", "handoff"]).to_pylist()
    assert [(r["kind"], r["owner"], r["handoff"]) for r in rows] == [
        ("handoff", bob.pk, handoff.pk),
        ("accepted", bea.pk, after.pk),
    ]


def test_a_return_that_was_overturned_is_none(agreement: Version, anouk: Person, bob: Member, carla: Member) -> None:
    handed = verbs.hand_off(anouk, NOW, owner=bob).row
    overturn(verbs.return_lead(handed, bob, "no-fit", "", NOW).row, carla, "", LATER)
    export.catch_up(LATER)
    rows = Engine().table("outcomes").select(["kind", "handoff"]).to_pylist()
    assert [(r["kind"], r["handoff"]) for r in rows] == [("handoff", handed.pk)]


def test_an_upheld_return_says_what_it_is_charged_to(
    agreement: Version, anouk: Person, bob: Member, carla: Member
) -> None:
    handed = verbs.hand_off(anouk, NOW, owner=bob).row
    returned = verbs.return_lead(handed, bob, "no-fit", "", NOW).row
    export.catch_up(NOW)
    assert {(r["kind"], r["charged"]) for r in Engine().table("outcomes").to_pylist()} == {
        ("handoff", ""),
        ("returned", ""),
    }
    uphold(returned, carla, "content", "no-fit", "", LATER)
    export.catch_up(LATER)
    assert ("returned", "content") in {(r["kind"], r["charged"]) for r in Engine().table("outcomes").to_pylist()}


def test_what_was_undone_never_was(agreement: Version, anouk: Person, bob: Member) -> None:
    handed = verbs.hand_off(anouk, NOW, by=bob, owner=bob).row
    done = verbs.return_lead(handed, bob, "not-ready", "", NOW)
    export.catch_up(NOW)
    assert told(Engine())["ends"] == [(anouk.pk, micros(NOW), FAR)]
    deals.undo(done.entry, bob, NOW)
    export.catch_up(NOW)
    assert told(Engine())["ends"] == []


# Dying, and coming late


def test_who_dies_before_the_manifest_has_changed_nothing(
    anouk: Person, home: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    record("form", NOW, NOW, person=anouk)
    export.catch_up(NOW)
    before = told(Engine())
    record("page", NOW, NOW, person=anouk)

    def die(*_: Any) -> None:
        raise KeyboardInterrupt

    with monkeypatch.context() as patch:
        patch.setattr(Path, "replace", die)
        with pytest.raises(KeyboardInterrupt):
            export.catch_up(LATER)
    assert not {file.name for file in home.glob("*.parquet")} <= {file.name for file in Engine().lake.manifest.files}
    assert told(Engine()) == before
    export.catch_up(LATER)
    assert len(told(Engine())["touches"]) == 2
    counted = {file.name for file in Engine().lake.manifest.files} | Engine().lake.manifest.retired.keys()
    assert {file.name for file in home.glob("*.parquet")} <= counted


def test_a_slice_that_counts_is_kept_when_a_later_one_dies(anouk: Person, monkeypatch: pytest.MonkeyPatch) -> None:
    export.catch_up(NOW)
    for n in range(6):
        record("page", NOW + timedelta(minutes=n), NOW, person=anouk)
    monkeypatch.setattr(export, "SLICE", 2)
    write, calls = lake.Lake.write, itertools.count()

    def die_late(self: lake.Lake, name: str, *rest: Any) -> Any:
        if name == "touches" and next(calls) == 2:
            raise KeyboardInterrupt
        return write(self, name, *rest)

    with monkeypatch.context() as patch:
        patch.setattr(lake.Lake, "write", die_late)
        with pytest.raises(KeyboardInterrupt):
            export.catch_up(NOW)
    assert len(told(Engine())["touches"]) == 4
    export.catch_up(NOW)
    assert len(told(Engine())["touches"]) == 6


def test_a_reader_is_not_disturbed_by_who_exports_meanwhile(anouk: Person) -> None:
    record("form", NOW, NOW, person=anouk)
    export.catch_up(NOW)
    reader = Engine()
    before = told(reader)
    record("page", NOW, NOW, person=anouk)
    export.catch_up(NOW)
    export.rebuild(NOW)
    assert told(reader) == before
    assert len(told(Engine())["touches"]) == 2


def test_files_that_no_longer_count_go_after_an_hour(anouk: Person, home: Path) -> None:
    record("form", NOW, NOW, person=anouk)
    export.catch_up(NOW)
    first = {file.name for file in home.glob("*.parquet")}
    export.rebuild(NOW)
    assert first <= {file.name for file in home.glob("*.parquet")}
    export.catch_up(NOW + timedelta(hours=2))
    assert not first & {file.name for file in home.glob("*.parquet")}


def test_a_broken_lake_is_made_anew(anouk: Person, home: Path) -> None:
    record("form", NOW, NOW, person=anouk)
    export.catch_up(NOW)
    whole = told(Engine())
    for broken in (
        b"",
        b'{"format": "tilth/lake/4"}',
        b'[{"files": 3}',
        b"[]",
        b'{"format": "tilth/lake/4", "files": [{"a": 1}]}',
    ):
        (home / "manifest.json").write_bytes(broken)
        export.catch_up(NOW)
        assert told(Engine()) == whole
    Path(Engine().lake.path(Engine().lake.manifest.of("facts")[0])).unlink()
    export.catch_up(NOW)
    assert told(Engine()) == whole


def test_another_database_gets_a_lake_of_its_own(anouk: Person, monkeypatch: pytest.MonkeyPatch) -> None:
    record("form", NOW, NOW, person=anouk)
    export.catch_up(NOW)
    Touch.objects.all().delete()
    monkeypatch.setattr(source.Source, "identity", lambda self: "another one")
    export.catch_up(NOW)
    assert told(Engine())["touches"] == []


def test_a_database_that_went_back_in_time_gets_a_new_lake(anouk: Person) -> None:
    """A backup was put back: what the lake has seen beyond it never was."""
    record("form", NOW, NOW, person=anouk)
    record("page", NOW, NOW, person=anouk)
    export.catch_up(NOW)
    Touch.objects.filter(kind="page").delete()
    export.catch_up(NOW)
    assert [kind for _p, _at, (kind, *_) in told(Engine())["touches"]] == ["form"]


def test_a_lower_id_that_is_committed_late_is_not_skipped(anouk: Person, monkeypatch: pytest.MonkeyPatch) -> None:
    """PostgreSQL only: another connection has drawn an id and not yet committed when the lake is exported."""
    if connection.vendor != "postgresql":
        pytest.skip("SQLite has one writer, and commits in the order of ids")
    monkeypatch.setattr(source, "WAIT", 0.05)
    with _drawn(anouk) as late:
        record("page", NOW, NOW, person=anouk)
        export.catch_up(NOW)
        assert [kind for _p, _at, (kind, *_) in told(Engine())["touches"]] == ["page"]
        export.catch_up(NOW)  # still open: what is there is exported again, but not twice
        assert [kind for _p, _at, (kind, *_) in told(Engine())["touches"]] == ["page"]
        late.commit()
    export.catch_up(NOW)
    assert [kind for _p, _at, (kind, *_) in told(Engine())["touches"]] == ["form", "page"]
    assert not [file for file in Engine().lake.manifest.files if file.kind == "tail"]


def test_an_export_waits_for_who_has_drawn_an_id(anouk: Person) -> None:
    if connection.vendor != "postgresql":
        pytest.skip("SQLite has one writer, and commits in the order of ids")
    with _drawn(anouk) as late:
        record("page", NOW, NOW, person=anouk)
        Timer(0.3, late.commit).start()
        export.catch_up(NOW)
    assert [kind for _p, _at, (kind, *_) in told(Engine())["touches"]] == ["form", "page"]
    assert not [file for file in Engine().lake.manifest.files if file.kind == "tail"]


@contextmanager
def _drawn(person: Person) -> Iterator[Any]:
    """Somebody else who has written a touch, and not yet committed it."""
    late = connections.create_connection("default")
    late.inc_thread_sharing()
    late.set_autocommit(False)
    try:
        with late.cursor() as cursor:
            cursor.execute(
                "INSERT INTO touches_touch (at, kind, team, evidence, person_id, source, medium, event, url, properties,"
                " learned_at) VALUES (%s, 'form', 'person', 2, %s, '', '', '', '', '{}', %s)",
                [NOW, person.pk, NOW],
            )
        yield late
    finally:
        late.close()


# SQL and tables


def test_sql_sees_what_batches_see(anouk: Person, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(export, "_is_worn", lambda files: False)
    calls = [record("call", NOW + timedelta(minutes=n), NOW, person=anouk)[0] for n in range(3)]
    export.catch_up(NOW)
    for touch in calls[:2]:
        retract(touch, NOW)
        export.catch_up(NOW)
    engine = Engine()
    assert len(engine.lake.manifest.of("touches")) == 3
    rows = engine.sql("SELECT human, count(*) AS n FROM touches JOIN whats ON whats.id = what GROUP BY 1 ORDER BY 1")
    assert [tuple(r.values()) for r in rows.to_pylist()] == [(False, 2), (True, 1)]
    mine = pa.table({"human": [True], "say": ["yes"]})
    asked = engine.sql("SELECT say FROM touches JOIN whats ON whats.id = what JOIN mine USING (human)", mine=mine)
    assert asked.to_pylist() == [{"say": "yes"}]


# Whatever happens

NAMES = ("one", "two", "three")
who = st.integers(0, 2)


@st.composite
def histories(draw: Callable[..., Any]) -> list[tuple[Any, ...]]:
    """What people, colleagues and files do; and now and then somebody exports."""
    step = st.one_of(
        st.tuples(st.just("touch"), who, st.sampled_from(["form", "page"]), st.integers(0, 3)),
        st.tuples(st.just("visit"), who, st.sampled_from(["form", "page"]), st.integers(0, 3)),
        st.tuples(st.just("recognise"), who, who),
        st.tuples(st.just("retract"), st.integers(0, 4)),
        st.tuples(st.just("click"), who, st.integers(0, 2)),
        st.tuples(st.just("settle")),
        st.tuples(st.just("learn"), who, st.sampled_from(["Manager", "Director"]), st.sampled_from([None, 5, 50])),
        st.tuples(st.just("move"), who, st.sampled_from(NAMES)),
        st.tuples(st.just("file"), who, st.sampled_from(NAMES), st.sampled_from(["", "a@gmail.com"])),
        st.tuples(st.just("sales"), who, st.sampled_from(["hand off", "return", "hand back", "win", "undo"])),
        st.tuples(st.just("merge"), who, who),
        st.tuples(st.just("merge companies"), who, who),
        st.tuples(st.just("split")),
        st.tuples(st.just("time"), st.sampled_from([0, 1, 60, 5_000])),
        st.tuples(st.just("export")),
        st.tuples(st.just("export")),
    )
    return draw(st.lists(step, min_size=4, max_size=25))


class House:
    """The database as it is pushed about, and what was known of everybody at each moment."""

    def __init__(self, bob: Member):
        self.bob, self.now = bob, NOW
        self.known: dict[datetime, dict[int, dict[str, Any]]] = {}

    def do(self, what: str, *rest: Any) -> None:
        getattr(self, what.replace(" ", "_"))(*rest)
        self.known[self.now] = known_now()

    def person(self, n: int) -> Person:
        told = Told(emails=[f"p{n}@{NAMES[n]}.example"])
        return keep(told, self.now, "form")[0]

    def touch(self, n: int, kind: str, ago: int) -> None:
        at = self.now - timedelta(hours=ago)
        record(kind, at, self.now, person=self.person(n), offer=offer(f"o{ago}", self.now), source=f"s{ago}")

    def visit(self, n: int, kind: str, ago: int) -> None:
        record(kind, self.now - timedelta(hours=ago), self.now, visitor=recognise(f"v{n}", None, self.now))

    def recognise(self, n: int, m: int) -> None:
        adopt(recognise(f"v{n}", self.person(m), self.now), self.now)

    def retract(self, n: int) -> None:
        if touch := Touch.objects.order_by("-pk")[n : n + 1].first():
            retract(touch, self.now)

    def click(self, n: int, link: int) -> None:
        said = {
            "person": self.person(n),
            "evidence": Evidence.UNSETTLED,
            "properties": {"mail": "spring", "link": link},
        }
        record("mail_click", self.now, self.now, **said)

    def settle(self) -> None:
        settling.catch_up(self.now + timedelta(minutes=2))

    def learn(self, n: int, title: str, employees: int | None) -> None:
        told = Told(person={"title": title, "shoe": employees}, phones=["0105550142"], company={"employees": employees})
        told.emails = [self.person(n).emails.order_by("id")[0].address]
        keep(told, self.now, "typed in")

    def move(self, n: int, name: str) -> None:
        keep(Told(company={"name": name}, domain=f"{name}.example"), self.now, "typed in", person=self.person(n))

    def file(self, n: int, name: str, also: str) -> None:
        """A row of a file: known by an id, with an address that may be private."""
        said = Said(ids=[("crm", f"{n}")], emails=list(filter(None, [also, f"q{n}@{name}.example"])))
        said.person, said.company = {"last_name": f"N{n}", "hat": n}, {"name": name.upper(), "city": f"C{n}"}
        with transaction.atomic():
            crowd = Crowd([said], self.now, f"file {self.now}")
            crowd.keep(said, None)
            crowd.write()

    def sales(self, n: int, verb: str) -> None:
        person = self.person(n)
        handed = Handoff.objects.filter(holding__person=person).first()
        wake = (self.now + timedelta(days=3)).date()
        try:
            if verb == "hand off":
                verbs.hand_off(person, self.now, by=self.bob, owner=self.bob)
            elif verb == "undo":
                if entry := Entry.objects.filter(by_id=self.bob.pk, person_id=person.pk).order_by("-pk").first():
                    deals.undo(entry, self.bob, self.now)
            elif handed is None:
                return
            elif verb == "return":
                verbs.return_lead(handed, self.bob, "not-ready", "", self.now, wake)
            elif verb == "hand back":
                verbs.accept(handed, self.bob, self.now)
                verbs.hand_back(handed, self.bob, "no-need", "", self.now)
            else:
                verbs.accept(handed, self.bob, self.now)
                deal = deals.open_deal(person, self.bob, "Deal", 100, "EUR", self.now, handed).row
                deals.win(deal, self.bob, self.now)
        except Refused:
            pass

    def merge(self, n: int, m: int) -> None:
        """From here on what was known before is known of others."""
        with suppress(Refused):
            merge(self.person(n), self.person(m), self.bob, self.now)
            self.known.clear()

    def merge_companies(self, n: int, m: int) -> None:
        firms = [self.person(k).company for k in (n, m)]
        with suppress(Refused):
            merge_companies(*firms, self.bob, self.now)
            self.known.clear()

    def split(self) -> None:
        if row := Merge.objects.filter(split=None).order_by("-pk").first():
            split(row, self.bob, self.now)
            self.known.clear()

    def time(self, minutes: int) -> None:
        self.now += timedelta(minutes=minutes, microseconds=minutes)

    def export(self) -> None:
        export.catch_up(self.now)


TWICE_ANOTHER: list[tuple[Any, ...]] = [
    ("touch", 0, "form", 0), ("touch", 0, "form", 1), ("merge", 2, 0), ("export",), ("time", 1), ("split",), ("merge", 1, 0),
]  # fmt: skip


def test_following_step_by_step_is_as_good_as_making_anew(
    agreement: Version, bob: Member, home: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(export, "DELTAS", 3)

    @runs(max_examples=examples(20), deadline=None, suppress_health_check=list(HealthCheck))
    @given(slices=st.sampled_from([2, 1_000_000]), history=histories())
    @example(slices=1_000_000, history=TWICE_ANOTHER)  # made one with somebody, and with another before anybody looked
    @example(slices=2, history=[*TWICE_ANOTHER, ("merge", 2, 1)])  # and with the first one again
    def follow(slices: int, history: list[tuple[Any, ...]]) -> None:
        monkeypatch.setattr(export, "SLICE", slices)
        _forget()
        for file in home.glob("*"):
            file.unlink()
        house = House(bob)
        for step in history:
            house.do(*step)
        export.catch_up(house.now)
        followed = told(Engine()), verdicts(Engine())
        export.rebuild(house.now)
        anew = told(Engine())
        assert followed == (anew, verdicts(Engine()))
        facts = anew.pop("facts")
        assert anew == expected()
        for at, known in house.known.items():
            assert known_at(facts, at) == known, at

    follow()


def _forget() -> None:
    """Nobody is known, and nothing happened."""
    for model in (Deal, Handoff, StageChange, Correction, Touch, Person, Visitor, Company, Entry):
        model.objects.all().delete()
