"""What a file is, and rows out of lines that may be broken."""

import csv
import io

import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from tilth.core.tabular import NotATable, encoding, harmless, has_header, names, records, separator

WEST = "naam;plaats;bedrag\nZoë Müller;Köln;€ 5\nJosé Peña;Málaga;€ 6\n"
EAST = "名前,会社\n山田太郎,株式会社テスト\n鈴木花子,ソニー\n"
cells = st.text(st.characters(exclude_characters="\0", exclude_categories=["Cs"]), max_size=12)
tables = st.integers(1, 5).flatmap(
    lambda width: st.lists(st.lists(cells, min_size=width, max_size=width), min_size=1, max_size=8)
)


def _rows(text: str, mark: str = ",", width: int = 0) -> list[tuple[int, list[str], str]]:
    return [(r.line, r.cells, r.trouble) for r in records(io.BytesIO(text.encode()), mark, width) if r.cells]


@pytest.mark.parametrize("name", ["utf-8", "utf-16-le", "utf-16-be", "cp1252"])
def test_western_text_is_known_without_a_mark(name: str) -> None:
    assert encoding(WEST.encode(name)) == (name, 0)


@pytest.mark.parametrize("name", ["utf-8", "utf-16-le", "utf-16-be", "cp932"])
def test_japanese_text_is_known_without_a_mark(name: str) -> None:
    assert encoding(EAST.encode(name)) == (name, 0)


@pytest.mark.parametrize(("name", "told"), [("utf-8-sig", "utf-8"), ("utf-16", "utf-16-le"), ("utf-32", "utf-32-le")])
def test_a_byte_order_mark_decides(name: str, told: str) -> None:
    assert encoding(WEST.encode(name))[0] == told


def test_a_few_broken_bytes_do_not_make_utf8_something_else() -> None:
    assert encoding(WEST.encode() + b"\xff\n")[0] == "utf-8"


@pytest.mark.parametrize(
    ("start", "what"),
    [
        (b"", "empty"), (b"\n\n", "empty"), (b"PK\x03\x04rest", "spreadsheet or zip"), (b"%PDF-1.7", "PDF"), (b"\x1f\x8b\x08", "gzip"),
        (b"<!DOCTYPE html><html>", "web page"), (b'{"a": 1}', "JSON"), (b"a,b\n\x00\x01\x00,2\n", "zero bytes"),
    ],
)  # fmt: skip
def test_what_is_no_table_is_named(start: bytes, what: str) -> None:
    with pytest.raises(NotATable, match=what):
        encoding(start)


@pytest.mark.parametrize("mark", [",", ";", "\t", "|"])
def test_the_separator_is_the_one_that_makes_a_table(mark: str) -> None:
    text = "\n".join(mark.join(row) for row in (["name", "amount", "note"], ["Ann", "1", "a b"], ["Bob", "2", "c"]))
    assert separator(text) == mark


def test_a_decimal_comma_is_no_separator() -> None:
    assert separator("a;b;c\n1;2,5;3\n4;5,5;6\n") == ";"
    assert separator("mail\nann@kasbouw.example\n") == ","
    assert separator("sep=;\na,b;c\n") == ";"


@given(tables, st.sampled_from([",", ";", "\t", "|"]), st.sampled_from(["\n", "\r\n"]))
def test_what_a_writer_wrote_is_read_back(table: list[list[str]], mark: str, end: str) -> None:
    out = io.StringIO(newline="")
    csv.writer(out, delimiter=mark, lineterminator=end, quoting=csv.QUOTE_ALL).writerows(table)
    read = list(records(io.BytesIO(out.getvalue().encode()), mark, len(table[0])))
    assert [r.cells for r in read] == table
    assert not any(r.trouble for r in read)
    assert sum(r.size for r in read) == len(out.getvalue().encode())


@given(st.text(st.sampled_from('ab",\n\r;'), max_size=60), st.integers(0, 4))
def test_every_byte_belongs_to_exactly_one_row_whatever_the_text(text: str, width: int) -> None:
    raw = text.encode()
    read = list(records(io.BytesIO(raw), ",", width))
    assert sum(r.size for r in read) == len(raw)
    assert sum(r.lines for r in read) == len(list(io.BytesIO(raw)))
    assert all(len(r.cells) == width or r.trouble for r in read if width and r.cells)


def test_a_quote_that_is_never_closed_costs_its_own_line_only() -> None:
    text = 'a,b\n1,"x\ny"\n\n3,"un\n4,5\n6,7\n8,"z'
    assert _rows(text, width=2) == [
        (1, ["a", "b"], ""),
        (2, ["1", "x\ny"], ""),
        (5, ['3,"un'], "a quote is opened and not closed"),
        (6, ["4", "5"], ""),
        (7, ["6", "7"], ""),
        (8, ['8,"z'], "a quote is opened and not closed"),
    ]


def test_a_quote_that_stays_open_for_a_thousand_lines_is_given_up() -> None:
    text = 'a,b\n1,"x\n' + "2,3\n" * 3_000
    rows = _rows(text, width=2)
    assert len(rows) == 3_002
    assert [r for r in rows if r[2]] == [(2, ['1,"x'], "a quote is opened and not closed")]


def test_ragged_rows_are_named_and_empty_cells_at_the_end_forgiven() -> None:
    assert _rows("a,b\n1\n1,2,\n1,2,3\n", width=2)[1:] == [
        (2, ["1"], "1 cells where the header has 2"),
        (3, ["1", "2"], ""),
        (4, ["1", "2", "3"], "3 cells where the header has 2"),
    ]


def test_inches_and_odd_quotes_are_kept_as_text() -> None:
    assert _rows('size,what\n5" pipe,x\n"a"b,y\n', width=2)[1:] == [(2, ['5" pipe', "x"], ""), (3, ["ab", "y"], "")]


def test_a_first_row_that_looks_like_data_is_no_header() -> None:
    assert has_header([["mql_id", "date", "origin"], ["dac32acd4db4c29c230538b72f8dd87d", "2018-02-01", "social"]])
    assert has_header([["origin"], ["social"]])
    assert not has_header([["dac32acd4db4c29c230538b72f8dd87d", "2018-02-01 00:00:00", "social"]])
    assert not has_header([["Ann", "Smit", "Kasbouw"], ["Bob", "Smit", "Kasbouw"]])
    assert not has_header([["ann@kasbouw.example"], ["bob@kasbouw.example"]])


def test_columns_get_names_that_differ() -> None:
    assert names(["a", "a", "", " b\n c "]) == ("a", "a (2)", "column 3", "b c")


@pytest.mark.parametrize(
    "cell", ["=1+1", " =1", "@SUM(A1)", "+cmd|'/c calc'!A0", "-a", "\t=1", "＝1", "\u200b=1", "\r=1"]
)
def test_formulas_are_made_harmless(cell: str) -> None:
    assert harmless(cell) == f"'{cell}"


@pytest.mark.parametrize("cell", ["-5", "+31 10 555 01 42", "-12,50", "a=b", "", "2018-02-01", "1e5"])
def test_numbers_and_plain_text_stay_as_they_are(cell: str) -> None:
    assert harmless(cell) == cell


@given(st.text(max_size=20))
def test_what_was_made_harmless_comes_back_by_taking_the_sign_away(cell: str) -> None:
    assume(not cell.startswith("'"))
    assert harmless(cell).removeprefix("'") == cell
