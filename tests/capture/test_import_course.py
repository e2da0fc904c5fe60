"""The course of an import: in slices, stopped and taken up again, by hand and on the conveyor."""

import contextlib
import io
import os
import signal
import sqlite3
import subprocess
import sys
import time
from datetime import timedelta
from pathlib import Path

import pytest
from django.core.exceptions import ObjectDoesNotExist
from django.db import connection
from rich.console import Console

from tests.capture.importing import counts, take_in
from tests.conftest import NOW
from tilth import conveyor
from tilth.capture import files, imports
from tilth.capture.command import CannotImport, import_file, named
from tilth.capture.models import Import, Mapping
from tilth.core.mapping import Unfit, plain
from tilth.deals.models import Deal, Flag
from tilth.journal.models import Entry
from tilth.people.models import Company, Email, Learned, News, Person, Phone
from tilth.qualify.models import Ripe
from tilth.team.models import Member
from tilth.touches.models import Origin, Touch

pytestmark = pytest.mark.django_db
HEADER = "E-mail;Voornaam;Telefoon;Bedrijf;Datum;Bron\n"


@pytest.fixture(autouse=True)
def _elsewhere(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)


def _line(i: int) -> str:
    return f"lead{i}@firm{i // 10}.example;Anouk;06 1234{i:04};Firm {i // 10};2026-03-{1 + i % 28:02};social\n"


def _file(rows: int, path: Path = Path("leads.csv")) -> Path:
    path.write_text(HEADER + "".join(map(_line, range(rows))))
    return path.absolute()


def _begun(path: Path, by: Member | None = None) -> Import:
    mapping = files.propose(files.look(path), "leads", path.name)
    return imports.begin(imports.take(path, path.name, mapping, by, NOW), NOW)


def _tables() -> tuple[int, ...]:
    return tuple(m.objects.count() for m in (Person, Email, Phone, Company, Touch, Origin, Learned))


def test_a_lead_becomes_all_that_a_form_would_have_made_of_it(agreement: object) -> None:
    take_in(_file(1))
    person = Person.objects.get()
    touch = Touch.objects.get()
    assert (person.first_name, person.emails.get().address) == ("Anouk", "lead0@firm0.example")
    assert person.phones.get().number == "+31612340000"
    assert (person.company and person.company.name, person.company and person.company.domain) == (
        "Firm 0",
        "firm0.example",
    )
    assert (touch.kind, touch.team, f"{touch.at:%Y-%m-%d}", touch.learned_at) == ("form", "person", "2026-03-01", NOW)
    assert (person.origin.source, person.origin.touch) == ("social", touch)
    assert person.learned.get().values == {
        "first_name": "Anouk", "email": "lead0@firm0.example", "phone": "+31612340000", "company": "Firm 0",
    }  # fmt: skip
    assert News.objects.filter(person=person).exists()
    conveyor.run_dry(NOW)
    assert person.standing.stage == "lead"


def test_old_contacts_do_not_flood_sales(agreement: object) -> None:
    rows = "".join(f"a{i}@firm.example;2024-01-05;demo\n" for i in range(20))
    Path("old.csv").write_text("E-mail;Datum;Formulier\n" + rows)
    take_in(Path("old.csv").absolute())
    Path("list.csv").write_text("E-mail\n" + "".join(f"b{i}@firm.example\n" for i in range(20)))
    take_in(Path("list.csv").absolute())
    conveyor.run_dry(NOW)
    assert Origin.objects.count() == 40
    assert not Ripe.objects.exists()


def test_an_import_goes_on_where_it_was_after_every_stop() -> None:
    row = _begun(_file(95))
    moved = True
    while moved:
        assert row.done == row.created + row.updated + row.skipped + row.failed
        moved = imports.advance(Import.objects.get(pk=row.pk), NOW, seconds=0, most=10)
        row.refresh_from_db()
    assert counts(row) == (95, 0, 0, 0)
    assert row.rows == row.done == 95
    assert _tables()[:2] == (95, 95)


def test_a_slice_that_breaks_leaves_nothing_and_is_taken_again(monkeypatch: pytest.MonkeyPatch) -> None:
    row = _begun(_file(20))
    while row.phase != "rows":
        imports.advance(row, NOW, seconds=0)
    with monkeypatch.context() as broken:
        broken.setattr(imports, "_tally", lambda *_: 1 / 0)
        with pytest.raises(ZeroDivisionError):
            imports.advance(row, NOW, most=10)
    assert _tables() == (0,) * 7
    row = Import.objects.get(pk=row.pk)
    while imports.advance(row, NOW, most=10):
        pass
    assert counts(row) == (20, 0, 0, 0)


def test_two_at_work_on_one_import_take_every_row_once() -> None:
    row = _begun(_file(60))
    other = Import.objects.get(pk=row.pk)
    while row.working or other.working:
        imports.advance(row, NOW, seconds=0, most=7)
        imports.advance(other, NOW, seconds=0, most=9)
    row.refresh_from_db()
    assert counts(row) == (60, 0, 0, 0)


def test_the_conveyor_takes_an_import_further_a_little_at_a_time_until_it_is_done() -> None:
    row = _begun(_file(30))
    assert conveyor.run_dry(NOW) > 0
    row.refresh_from_db()
    assert (counts(row), row.finished_at) == ((30, 0, 0, 0), NOW)


def test_the_conveyor_keeps_off_what_somebody_holds_until_the_lease_runs_out() -> None:
    row = _begun(_file(30))
    imports.advance(row, NOW, seconds=0, holder="ann")
    assert row.working
    assert imports.catch_up(NOW) == 0
    assert imports.catch_up(NOW + timedelta(minutes=2)) == 1


def test_nothing_happens_to_an_import_that_somebody_else_holds() -> None:
    row = _begun(_file(30))
    imports.advance(row, NOW, seconds=0, holder="ann")
    before = row.place
    assert imports.advance(row, NOW, holder="bob")
    assert row.place == before
    while imports.advance(row, NOW, holder="ann"):
        pass
    assert counts(row) == (30, 0, 0, 0)


def test_a_copy_that_vanishes_after_the_end_is_no_trouble() -> None:
    row = _begun(_file(3))
    late = Import.objects.get(pk=row.pk)
    while imports.advance(row, NOW):
        pass
    imports._refuse(late, "No such file")
    assert (late.trouble, late.finished_at) == ("", NOW)


def test_an_import_can_be_stopped_and_what_was_taken_stays() -> None:
    row = _begun(_file(30))
    while row.done == 0:
        imports.advance(row, NOW, seconds=0, most=10)
    assert imports.stop(row, None, NOW)
    assert not imports.advance(row, NOW)
    assert (row.done, Person.objects.count()) == (10, 10)
    assert not imports.stop(row, None, NOW)
    assert imports.catch_up(NOW + timedelta(hours=1)) == 0


def test_an_upload_is_gone_after_its_import_and_a_file_elsewhere_stays() -> None:
    ours, theirs = _file(3, imports.home() / "abc.upload"), _file(3)
    for path in (ours, theirs):
        row = _begun(path)
        while imports.advance(row, NOW):
            pass
    assert (ours.exists(), theirs.exists()) == (False, True)


def test_importing_again_changes_nothing_even_where_rows_contradict_each_other() -> None:
    text = HEADER + "a@firm.example;Anouk;;Firm;;\na@firm.example;Anna;;Firma;;\nb@firm.example;Bob;;Firm;;\n"
    Path("leads.csv").write_text(text)
    take_in(Path("leads.csv").absolute())
    before = (_tables(), list(Person.objects.values()), list(Company.objects.values()))
    assert counts(take_in(Path("leads.csv").absolute())) == (0, 0, 3, 0)
    assert (_tables(), list(Person.objects.values()), list(Company.objects.values())) == before


def test_what_a_colleague_corrected_is_not_undone_by_the_same_file() -> None:
    take_in(_file(1))
    Person.objects.update(first_name="Anja")
    assert counts(take_in(_file(1))) == (0, 0, 1, 0)
    assert Person.objects.get().first_name == "Anja"


def test_a_newer_file_brings_people_up_to_date_and_says_so() -> None:
    take_in(_file(2))
    News.objects.all().delete()
    Path("new.csv").write_text("E-mail;Functie;Datum\nlead0@firm0.example;Owner;\n")
    assert counts(take_in(Path("new.csv").absolute())) == (0, 1, 0, 0)
    person = Person.objects.get(title="Owner")
    assert person.learned.order_by("id").last().values == {"title": "Owner"}  # type: ignore[union-attr]
    assert set(News.objects.values_list("person", flat=True)) == {person.pk}


def test_an_address_of_somebody_else_is_flagged_and_not_taken_away() -> None:
    Path("a.csv").write_text("id;E-mail\n1;ann@firm.example\n2;bob@firm.example\n")
    take_in(Path("a.csv").absolute(), system="crm")
    Path("b.csv").write_text("id;E-mail\n1;bob@firm.example\n3;carla@firm.example\n")
    row = take_in(Path("b.csv").absolute(), system="crm")
    assert row.notes["odd"]["e-mail"]["say"] == "bob@firm.example belongs to somebody else"
    assert Email.objects.get(address="bob@firm.example").person.ids.get().value == "2"


def test_people_of_free_mail_have_no_company_by_domain_but_by_name() -> None:
    Path("a.csv").write_text("E-mail;Bedrijf\na@gmail.com;\nb@gmail.com;Kwekerij Vos\nc@gmail.com;kwekerij  vos\n")
    take_in(Path("a.csv").absolute())
    firm = Company.objects.get()
    assert (firm.domain, firm.people.count()) == (None, 2)
    Path("b.csv").write_text("E-mail;Bedrijf\nd@kwekerijvos.example;Kwekerij Vos\n")
    take_in(Path("b.csv").absolute())
    assert Company.objects.get().domain == "kwekerijvos.example"


def test_touches_join_their_people_and_come_once() -> None:
    text = (
        "E-mail;Datum;Soort;Url;Minuten\n"
        "a@firm.example;2026-03-01 10:00;webinar;https://kasbouw.example/w;30\n"
        "a@firm.example;2026-03-02 10:00;call;;5\n"
        "b@firm.example;2026-03-02 10:00;Signed up;;\n"
        "b@firm.example;;page;;\n"
    )
    Path("touches.csv").write_text(text)
    row = take_in(Path("touches.csv").absolute(), "touches")
    assert counts(row) == (3, 0, 0, 1)
    told = Touch.objects.order_by("id").values_list("kind", "team", "event", "properties")
    assert list(told) == [
        ("webinar", "person", "", {"minuten": "30"}), ("call", "sales", "", {"minuten": "5"}), ("track", "person", "Signed up", {}),
    ]  # fmt: skip
    assert counts(take_in(Path("touches.csv").absolute(), "touches")) == (0, 0, 3, 1)


def test_a_deal_is_joined_by_address_and_its_seller_by_name(bob: Member) -> None:
    take_in(_file(1))
    Path("deals.csv").write_text(
        "deal_id;E-mail;Bedrag;Status;Sluitdatum;Eigenaar\n"
        "D1;lead0@firm0.example;€ 40.000,00;Won;2026-02-20;bob jansen\nD2;x@y.example;1;Open;;Somebody\n"
    )
    row = take_in(Path("deals.csv").absolute(), "deals")
    assert (counts(row), row.flagged) == ((2, 0, 0, 0), 2)
    deal = Deal.objects.get(external_id="D1")
    assert (deal.person, deal.owner, deal.amount, deal.won.amount) == (Person.objects.get(), bob, 4_000_000, 4_000_000)
    flags = dict(Flag.objects.values_list("deal__external_id", "say"))
    assert flags == {
        "D1": "won on 2026-02-20, first contact on 2026-03-01",
        "D2": "x@y.example is nobody that we know",
    }
    with pytest.raises(ObjectDoesNotExist):
        _ = Deal.objects.get(external_id="D2").won


def test_a_deal_that_ended_differently_in_the_file_is_flagged_and_kept() -> None:
    Path("a.csv").write_text("deal_id;Klant;Status;Sluitdatum\nD1;Kas;Won;2026-02-20\n")
    Path("b.csv").write_text("deal_id;Klant;Status;Sluitdatum\nD1;Kas;Lost;2026-02-21\n")
    for name in ("a.csv", "b.csv"):
        take_in(Path(name).absolute(), "deals", system="crm")
    deal = Deal.objects.get()
    assert deal.won
    assert deal.flags.get(kind="outcome").say == "the file says lost, but it was won; kept as won"


def test_a_mapping_is_found_by_its_name_and_a_wrong_name_lists_what_there_is(ann: Member) -> None:
    mapping = files.propose(files.look(_file(2)), "leads")
    Mapping.objects.create(name="Fair", kind="leads", spec=plain(mapping), by=ann, at=NOW)
    assert named("Fair") == mapping
    with pytest.raises(Unfit, match="Saved ones: Fair"):
        named("Fare")


def test_the_command_asks_nobody_where_nobody_is() -> None:
    with pytest.raises(CannotImport, match="add --yes"):
        import_file(_file(2), "leads", "", False, lambda: NOW, Console(file=io.StringIO()))
    assert not Import.objects.exists()


def test_the_report_names_the_failed_rows_file() -> None:
    Path("leads.csv").write_text("E-mail;Naam\na@firm.example;A\n;B\n")
    row = take_in(Path("leads.csv").absolute())
    report = Path(f"leads.failed-{row.pk}.csv").read_text(encoding="utf-8-sig")
    assert report.splitlines() == [
        "line,reason,E-mail,Naam",
        '3,"no e-mail, phone or id: nothing tells who this is",,B',
    ]


GO_ON = """
import django; django.setup()
from django.utils import timezone
from tilth.capture import imports
from tilth.capture.models import Import
from tilth.people.models import Email, Person
from tilth.touches.models import Touch
Import.objects.update(held_until=None)  # else the killed one would hold it for another minute
row = Import.objects.get()
before = row.done
while imports.advance(row, timezone.now()): pass
print(0 < before < row.rows, row.rows, row.done, row.created, Person.objects.count(), Email.objects.count(), Touch.objects.count())
"""


@pytest.mark.skipif(connection.vendor != "sqlite", reason="Starts a Tilth of its own, on SQLite; once is enough.")
def test_an_import_that_was_killed_goes_on_and_has_every_row_once(tmp_path: Path) -> None:
    path = _file(12_000)
    plain = {k: v for k, v in os.environ.items() if not k.startswith(("TILTH_", "DJANGO_"))}
    env = plain | {"TILTH_HOME": str(tmp_path / "home"), "DJANGO_SETTINGS_MODULE": "tilth.site.settings"}
    subprocess.run([sys.executable, "-m", "django", "migrate", "-v0"], env=env, check=True)
    command = [sys.executable, "-m", "tilth.site.command", "import", str(path), "--yes"]
    with subprocess.Popen(command, env=env, stdout=subprocess.PIPE, stderr=subprocess.STDOUT) as process:
        _wait_for_rows(tmp_path / "home" / "tilth.sqlite3")
        process.send_signal(signal.SIGKILL)
    told = subprocess.run([sys.executable, "-c", GO_ON], env=env, check=True, capture_output=True, text=True).stdout
    assert told.split() == ["True", *["12000"] * 6]


def _wait_for_rows(path: Path) -> None:
    """Until the first slice was committed, as another process sees it."""
    for _ in range(600):
        time.sleep(0.1)
        with contextlib.closing(sqlite3.connect(f"file:{path}?mode=ro", uri=True)) as other:
            if other.execute("SELECT coalesce(max(done), 0) FROM capture_import").fetchone()[0]:
                return
    raise AssertionError("No row was taken in within a minute.")


def test_an_import_that_breaks_holds_up_no_other_and_is_tried_again(monkeypatch: pytest.MonkeyPatch) -> None:
    first, second = (_begun(_file(20, Path(name))) for name in ("first.csv", "second.csv"))
    tally = imports._tally
    with monkeypatch.context() as broken:
        broken.setattr(imports, "_tally", lambda row, *rest: 1 / 0 if row.pk == first.pk else tally(row, *rest))
        conveyor.run(NOW)
        conveyor.run_dry(NOW)
    first.refresh_from_db()
    second.refresh_from_db()
    assert (first.working, first.done, counts(second)) == (True, 0, (20, 0, 0, 0))
    conveyor.run_dry(NOW + imports.LEASE)
    first.refresh_from_db()
    assert (counts(first), first.done) == ((0, 0, 20, 0), 20)


def test_beginning_twice_begins_once() -> None:
    path = _file(20)
    row = imports.take(path, path.name, files.propose(files.look(path), "leads", path.name), None, NOW)
    again = Import.objects.get(pk=row.pk)
    imports.begin(row, NOW)
    while row.phase != "rows":
        imports.advance(row, NOW, seconds=0)
    settled = row.spec
    assert imports.begin(again, NOW).spec == settled
    assert Entry.objects.filter(verb="began import").count() == 1
    imports.stop(row, None, NOW)
