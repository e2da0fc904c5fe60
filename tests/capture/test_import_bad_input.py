"""Files as people really send them: a clear report, and nothing half done."""

import csv
import io
import zipfile
from dataclasses import replace
from pathlib import Path

import pytest
from rich.console import Console

from tests.capture.importing import counts, take_in
from tests.conftest import NOW
from tilth.campaigns.models import Cost
from tilth.capture import files, imports
from tilth.capture.command import CannotImport, import_file
from tilth.capture.models import FailedRow, Import
from tilth.core.tabular import NotATable
from tilth.deals.models import Deal
from tilth.people import crowd
from tilth.people.known import Told, keep
from tilth.people.models import Company, Email, Person
from tilth.touches.models import Touch

pytestmark = pytest.mark.django_db
HEADER = "E-mail;Voornaam;Achternaam;Bedrijf;Datum\n"


@pytest.fixture(autouse=True)
def _elsewhere(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)


@pytest.fixture
def file(tmp_path: Path):
    def file(content: str | bytes, encoding: str = "utf-8") -> Path:
        path = tmp_path / "leads.csv"
        path.write_bytes(content if isinstance(content, bytes) else content.encode(encoding))
        return path

    return file


def _refused(path: Path, kind: str = "leads") -> str:
    """What is said of a file that is refused as a whole; and nothing was written."""
    with pytest.raises(CannotImport) as refused:
        import_file(path, kind, "", True, lambda: NOW, Console(quiet=True))
    assert not Import.objects.exists()
    return str(refused.value)


def _troubled(path: Path) -> str:
    """What is said of a file that showed its trouble only while it was read through; and nothing was taken in."""
    row = take_in(path)
    assert (row.done, Person.objects.count(), Touch.objects.count()) == (0, 0, 0)
    return row.trouble


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16", "utf-16-le", "utf-16-be", "cp1252"])
@pytest.mark.parametrize("mark", [";", ",", "\t", "|"])
@pytest.mark.parametrize("end", ["\n", "\r\n", "\r"])
def test_encodings_separators_and_line_ends_are_found_out(file, encoding: str, mark: str, end: str) -> None:
    text = HEADER + "zoe@kas.example;Zoë;Müller;Köln-Kas;2026-03-01\njose@kas.example;José;Peña;Köln-Kas;2026-03-02\n"
    row = take_in(file(text.replace(";", mark).replace("\n", end), encoding))
    assert counts(row) == (2, 0, 0, 0)
    assert set(Person.objects.values_list("first_name", "last_name")) == {("Zoë", "Müller"), ("José", "Peña")}


def test_shift_jis_is_found_out(file) -> None:
    text = "メール,名前,会社\ntaro@kas.example,山田太郎,株式会社テスト\nhanako@kas.example,鈴木花子,ソニー\n"
    row = take_in(file(text, "cp932"))
    assert counts(row) == (2, 0, 0, 0)
    assert {"名前": "山田太郎", "会社": "株式会社テスト"} in Person.objects.values_list("custom", flat=True)


def test_windows_text_is_found_out_even_when_its_first_accent_comes_late(file) -> None:
    rows = "".join(f"a{i}@kas.example;Ann;de Wit;Kas;2026-03-01\n" for i in range(9_000))
    row = take_in(file((HEADER + rows + "zoe@kas.example;Zoë;Müller;Kas;2026-03-01\n"), "cp1252"))
    assert counts(row) == (9_001, 0, 0, 0)
    assert Person.objects.get(emails__address="zoe@kas.example").last_name == "Müller"


def test_a_broken_byte_in_utf8_refuses_the_file_and_names_the_line(file) -> None:
    good = (HEADER + "zoe@kas.example;Zoë;Müller;Kas;2026-03-01\n" * 3).encode()
    said = _troubled(file(good + b"x@kas.example;\xff;;;\n"))
    assert "Line 5 has a byte (0xFF) that is no text in utf-8. Nothing was taken in." in said
    assert "Save as" in said


def test_a_zero_byte_refuses_the_file_and_names_the_line(file) -> None:
    lines = "".join(f"a{i}@kas.example;Ann;de Wit;Kas;2026-03-01\n" for i in range(9_000))
    assert "Line 9002 has a zero byte" in _troubled(file(HEADER + lines + "b@kas.example;\0;;;\n"))


@pytest.mark.parametrize(
    ("content", "say"),
    [
        (b"", "empty"), (b"\n \r\n", "empty"), (b"%PDF-1.7 ...", "a PDF"), (b"<html><body>", "a web page"),
        (b"a;b\n\x00\x01;2\n", "zero bytes"), (b"Naam;Plaats\nAnn;Naaldwijk\n", "No column gives id or email or phone"),
    ],
)  # fmt: skip
def test_what_cannot_be_a_table_of_leads_is_refused_at_once(file, content: bytes, say: str) -> None:
    assert say in _refused(file(content))


def test_a_spreadsheet_is_named_and_the_way_out(file) -> None:
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w") as book:
        book.writestr("xl/workbook.xml", "<workbook/>")
    assert "a spreadsheet or zip file, not a table in text. Open it, choose Save as, CSV UTF-8" in _refused(
        file(out.getvalue())
    )


def test_a_header_alone_is_refused(file) -> None:
    assert _troubled(file(HEADER)) == "The file has a header and no rows."


def test_ragged_rows_and_open_quotes_fail_by_themselves(file) -> None:
    text = (
        HEADER + "a@kas.example;A;B;Kas;2026-03-01\n"
        "b@kas.example;A\n"
        'c@kas.example;"C;B;Kas;2026-03-01\n'
        "d@kas.example;D;B;Kas;2026-03-01\n"
        "e@kas.example;E;B;Kas;2026-03-01;;\n"
        "f@kas.example;F;B;Kas;2026-03-01;more\n"
        ";;;;\n"
        "\n"
        'g@kas.example;"G\nG";B;Kas;2026-03-01\n'
    )
    row = take_in(file(text))
    assert counts(row) == (4, 0, 1, 4 - 1)
    assert list(row.failures.order_by("line").values_list("line", "reason")) == [
        (3, "2 cells where the header has 5"),
        (4, "a quote is opened and not closed"),
        (7, "6 cells where the header has 5"),
    ]
    assert set(Email.objects.values_list("address", flat=True)) == {f"{c}@kas.example" for c in "adeg"}


def test_formulas_are_kept_as_text_and_made_harmless_only_where_a_spreadsheet_opens_them(file) -> None:
    attack = "=cmd|'/c calc'!A0"
    row = take_in(
        file(HEADER + f"a@kas.example;{attack};B;Kas;2026-03-01\nno address;{attack};+31 10 555;-5;2026-03-01\n")
    )
    assert Person.objects.get().first_name == attack
    assert FailedRow.objects.get().cells[1] == attack
    failed = list(csv.reader(io.StringIO("".join(imports.failed_rows(row)))))
    assert failed[1] == [
        "3",
        "“no address” is not an e-mail address",
        "no address",
        f"'{attack}",
        "+31 10 555",
        "-5",
        "2026-03-01",
    ]


@pytest.mark.parametrize(
    ("dates", "days"),
    [
        (["2026-03-01", "2026-02-13"], ["2026-03-01", "2026-02-13"]), (["01-03-2026", "13-02-2026"], ["2026-03-01", "2026-02-13"]),
        (["03/01/2026", "02/13/2026"], ["2026-03-01", "2026-02-13"]),
    ],
)  # fmt: skip
def test_the_order_of_dates_is_a_property_of_the_column(file, dates: list[str], days: list[str]) -> None:
    rows = "".join(f"a{i}@kas.example;A;B;Kas;{day}\n" for i, day in enumerate(dates))
    take_in(file(HEADER + rows))
    assert [f"{at:%Y-%m-%d}" for at in Touch.objects.order_by("person").values_list("at", flat=True)] == days


def test_dates_that_nothing_decides_are_told(file) -> None:
    row = take_in(file(HEADER + "a@kas.example;A;B;Kas;03-04-2026\n"))
    assert row.notes["doubts"] == ["“Datum”: every date can be read day first and month first; read day first."]
    assert f"{Touch.objects.get().at:%Y-%m-%d}" == "2026-04-03"


def test_a_date_that_its_column_does_not_explain_fails_with_its_reason(file) -> None:
    rows = "".join(
        f"a{i}@kas.example;A;B;Kas;{day}\n"
        for i, day in enumerate(["13-03-2026", "14-03-2026", "31-02-2026", "zomer", "01-06-2036"])
    )
    row = take_in(file(HEADER + rows))
    assert counts(row) == (2, 0, 0, 3)
    assert list(row.failures.order_by("line").values_list("line", "reason")) == [
        (4, "column “Datum”: “31-02-2026” is not a date (this column writes day-month-year)"),
        (5, "column “Datum”: “zomer” is not a date (this column writes day-month-year)"),
        (6, "2036-06-01 lies in the future"),
    ]


def test_amounts_with_points_and_with_commas_stand_side_by_side(file) -> None:
    text = "Nummer;Klant;Bedrag\n1;Kas;1.000.000,00\n2;Kas;1,000,000.00\n3;Kas;1.500\n4;Kas;NaN\n5;Kas;1e30\n6;Kas;12,50\n7;Kas;veel\n"
    path = file(text.replace("Nummer", "deal_id"))
    row = take_in(path, "deals")
    assert dict(Deal.objects.values_list("external_id", "amount")) == {
        "1": 100_000_000,
        "2": 100_000_000,
        "4": None,
        "6": 1_250,
    }
    assert list(row.failures.order_by("line").values_list("reason", flat=True)) == [
        "amount: “1.500” can be read in two ways, and this column uses both",
        "amount: “1e30” is out of range: more than ten trillion",
        "amount: “veel” is not a number",
    ]
    assert row.notes["doubts"] == ["“Bedrag”: uses both 1.000,00 and 1,000.00; what can be read in two ways fails."]


def test_duplicates_inside_one_file_are_joined_or_skipped(file) -> None:
    text = (
        HEADER + "a@kas.example;Anouk;;Kas;2026-03-01\n"
        "A@KAS.example;Anouk;;Kas;2026-03-01\n"
        "a@kas.example;Anouk;Zonneveld;Kas;2026-03-01\n"
        "a@kas.example;Anna;Zonneveld;Kas;2026-03-01\n"
    )
    assert counts(take_in(file(text))) == (1, 2, 1, 0)
    assert (Person.objects.count(), Touch.objects.count()) == (1, 1)
    assert counts(take_in(file(text))) == (0, 0, 4, 0)
    assert Person.objects.get().name == "Anna Zonneveld"


def test_unknown_columns_are_kept_and_told(file) -> None:
    row = take_in(file("E-mail;Aantal kassen (ha)\na@kas.example;12,5\n"))
    assert Person.objects.get().custom == {"aantal_kassen_ha": "12,5"}
    assert counts(row) == (1, 0, 0, 0)


def test_who_has_neither_address_number_nor_id_fails(file) -> None:
    row = take_in(file("E-mail;Telefoon;Naam\nx@;;Ann\n;+31105550142;Bob Jansen\n;;Carla\n"))
    assert counts(row) == (1, 0, 0, 2)
    assert list(row.failures.values_list("reason", flat=True)) == [
        "“x@” is not an e-mail address",
        "no e-mail, phone or id: nothing tells who this is",
    ]
    assert counts(take_in(file("E-mail;Telefoon;Naam\n;010 555 01 42;Bob Jansen\n"))) == (0, 0, 1, 0)


def test_a_cell_of_a_megabyte_and_ten_thousand_columns_are_taken(file) -> None:
    row = take_in(file(f"E-mail;Opm\na@kas.example;{'x' * 1_000_000}\n"))
    assert counts(row) == (1, 0, 0, 0)
    assert row.notes["odd"]["custom"]["say"] == "longer than 4,000 characters; the rest was left out"
    wide = ";".join(["E-mail", *(f"k{i}" for i in range(10_000))])
    assert counts(take_in(file(f"{wide}\nb@kas.example{';x' * 10_000}\n"))) == (1, 0, 0, 0)


def test_costs_are_taken_once_and_another_amount_for_the_same_line_is_not_silent(file) -> None:
    text = "Datum;Campagne;Bedrag;Omschrijving\n2026-03-01;Fair;1.500,00;stand\n2026-03-01;Fair;250,00;coffee\n"
    assert counts(take_in(file(text), "costs")) == (2, 0, 0, 0)
    assert counts(take_in(file(text), "costs")) == (0, 0, 2, 0)
    row = take_in(file(text.replace("250,00", "300,00")), "costs")
    assert counts(row) == (0, 0, 1, 1)
    assert set(Cost.objects.values_list("what", "amount")) == {("stand", 150_000), ("coffee", 25_000)}


def test_a_size_that_is_a_range_is_kept_beside_the_number(file) -> None:
    row = take_in(file("E-mail;Company;Employees\na@kas.example;Kas;51-200\nb@bloem.example;Bloem;120\n"))
    assert counts(row) == (2, 0, 0, 0)
    companies = Company.objects.order_by("id").values_list("name", "employees", "custom")
    assert list(companies) == [("Kas", None, {"employees_as_written": "51-200"}), ("Bloem", 120, {})]
    assert row.notes["odd"]["employees"]["say"] == "“51-200” is not a number of people"


def test_a_column_that_only_shares_a_name_with_one_of_ours_is_kept_beside_it(file) -> None:
    take_in(file("E-mail;Title\na@kas.example;Mr.\nb@kas.example;Mrs.\n"))
    people = Person.objects.order_by("id").values_list("title", "custom")
    assert list(people) == [("", {"title_as_written": "Mr."}), ("", {"title_as_written": "Mrs."})]


def test_a_row_that_the_database_refuses_fails_alone_and_says_so(file, monkeypatch: pytest.MonkeyPatch) -> None:
    text = HEADER + "".join(f"a{i}@kas.example;A;B;Kas;2026-03-01\n" for i in range(9))
    known = crowd.Crowd._find_people
    # Somebody else has just taken an address of this file: nothing that was looked up before says so.
    monkeypatch.setattr(crowd.Crowd, "_find_people", lambda self, rows: (known(self, rows), self.by_address.clear())[0])
    keep(Told(emails=["a5@kas.example"]), NOW, "typed in")
    row = take_in(file(text))
    assert counts(row) == (8, 0, 0, 1)
    assert row.failures.get().line == 7
    assert row.failures.get().reason.startswith("the database refused it: ")


def test_texts_longer_than_any_column_are_cut_or_left_out_and_cost_no_row(file) -> None:
    long, deep = "x" * 3_000, "a@" + ".".join(["x" * 50] * 4) + ".nl"
    lead = "E-mail;Company;Account id;Lead id;First name;Country;City;Source;Campaign;Offer;URL;Language;Telefoon;Industry;Website"
    row = take_in(file(f"{lead}\n{deep};{f'{long};' * 9}http://{long};{long};+31{'0' * 70};{long};www.{long}.nl\n"))
    assert counts(row) == (1, 0, 0, 0)
    deal = "deal_id;deal;amount;currency;phase;opened_at;closed_at;seller;product;reason;email;company"
    told = f"{long};{long};12;EUR;lost;2026-01-01;2026-02-01;{long};{long};{long};{deep};{long}"
    assert counts(take_in(file(f"{deal}\n{told}\n"), "deals")) == (1, 0, 0, 0)
    cost = "cost_id;day;amount;currency;campaign;source;what"
    assert counts(take_in(file(f"{cost}\n{long};2026-01-01;12;EUR;{long};{long};{long}\n"), "costs")) == (1, 0, 0, 0)


def test_a_file_whose_rows_never_end_is_refused_before_it_fills_the_memory(
    file, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(files, "LONGEST_LINE", 400_000)
    text = HEADER + "a@kas.example;A;B;Kas;2026-03-01\n" + "b@kas.example;A;B;Kas;2026-03-01;" * 20_000
    assert _troubled(file(text)) == (
        "Line 3 is longer than 400,000 bytes, so its rows have no line ends. Export the file again as CSV."
    )


@pytest.mark.parametrize("encoding", ["base64", "klingon", "utf-8\0"])
def test_an_encoding_that_reads_no_text_is_named(file, encoding: str) -> None:
    path = file(HEADER + "a@kas.example;A;B;Kas;2026-03-01\n")
    mapping = replace(files.propose(files.look(path), "leads"), encoding=encoding)
    with pytest.raises(NotATable, match="is no encoding"):
        files.look(path, mapping)
