"""What sales said in another system, taken in by file: as the pages do it, and refused as they refuse it."""

from datetime import timedelta
from pathlib import Path

import pytest
from django.test import override_settings

from tests.capture.importing import counts, take_in
from tests.conftest import NOW
from tilth import conveyor
from tilth.capture.models import FailedRow
from tilth.handoff.models import Acceptance, HandBack, Handoff, Holding, Qualified, Return
from tilth.touches.models import Evidence
from tilth.touches.record import offer, record

LATER = NOW + timedelta(days=2)
HEAD = "Email;Verdict;Date;Reason;Rests on;Note;Member;Wake on\n"
ANOUK = "anouk@zonneveldtomaten.example"


@pytest.fixture
def file(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)  # the rows that fail are written beside where one stands
    with override_settings(HOME=tmp_path):
        yield lambda *rows: write(tmp_path / "verdicts.csv", rows)


def write(path: Path, rows) -> Path:
    path.write_text(HEAD + "".join(f"{row}\n" for row in rows))
    return path


@pytest.fixture
def handoff(transactional_db, agreement, anouk) -> Handoff:
    record("form", NOW, NOW, person=anouk, offer=offer("demo", NOW), evidence=Evidence.DECLARED, source="search")
    conveyor.run_dry(NOW)
    return Handoff.objects.get()


def test_a_way_through_sales_comes_in_whatever_the_order_of_its_rows(handoff, bob, file):
    path = file(
        f"{ANOUK};Handed back;2026-06-18 10:00;No budget this year;said;Decides in spring;bob@kasbouw.example;2027-03-01",
        f"{ANOUK};accepted;2026-06-16 12:00;;;;;",
        f"{ANOUK};SQL;2026-06-17 12:00;;;Wants a quote;Bob Jansen;",
    )
    row = take_in(path, "verdicts", now=LATER)
    assert counts(row) == (3, 0, 0, 0)
    assert Acceptance.objects.get().member == bob
    assert Qualified.objects.get().note == "Wants a quote"
    back = HandBack.objects.get()
    assert (back.reason, back.rests_on, back.comes_back, str(back.wake_on)) == (
        "no-budget",
        "said",
        "date",
        "2027-03-01",
    )
    assert not Holding.objects.exists()


def test_the_same_file_again_tells_nothing_new(handoff, file):
    path = file(f"{ANOUK};returned;2026-06-16;no-fit;company.employees;Too small;;")
    assert counts(take_in(path, "verdicts", now=LATER)) == (1, 0, 0, 0)
    assert counts(take_in(path, "verdicts", now=LATER)) == (0, 0, 1, 0)
    assert Return.objects.get().rests_on == "company.employees"


@pytest.mark.parametrize(
    ("row", "why"),
    [
        (f"{ANOUK};returned;2026-06-17;bad mood;said;;;", "is not a reason of the agreement"),
        (f"{ANOUK};returned;2026-06-17;no-fit;;;;", "does not say what the reason rests on"),
        (f"{ANOUK};returned;2026-06-17;no-fit;shoe size;;;", "nothing that a reason can rest on"),
        (f"{ANOUK};returned;2026-06-17;no-fit;said;;Nobody;", "is no colleague"),
        (f"{ANOUK};returned;2026-06-17;no-fit;said;;ann@kasbouw.example;", "This lead is with Bob Jansen"),
        (f"{ANOUK};perhaps;2026-06-17;;;;;", "is no verdict"),
        (f"{ANOUK};qualified;2026-06-17;;;;;", "Accept the lead first"),
        (f"{ANOUK};accepted;2026-06-10;;;;;", "was with sales then"),
        ("nobody@else.example;accepted;2026-06-17;;;;;", "was with sales then"),
    ],
)
def test_a_file_refuses_what_a_page_refuses(handoff, file, row, why):
    assert counts(take_in(file(row), "verdicts", now=LATER)) == (0, 0, 0, 1)
    assert why in FailedRow.objects.get().reason
    assert Holding.objects.exists()
