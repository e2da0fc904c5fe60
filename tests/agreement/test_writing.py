import json
from typing import Any

import pytest

from tilth.agreement.writing import read_text, write_text
from tilth.core.agreement import read
from tilth.core.clauses.reader import Unsound


def fault(text: str) -> str:
    with pytest.raises(Unsound) as caught:
        read_text(text)
    return str(caught.value)


def test_what_was_written_reads_the_same(preset: dict[str, Any]) -> None:
    document = read_text(write_text(preset))
    assert document == json.loads(json.dumps(preset))
    assert read(document).name == "B2B software"
    assert read_text(write_text(document)) == document


def test_json_is_read_too(preset: dict[str, Any]) -> None:
    assert read_text(json.dumps(preset, indent=1)) == json.loads(json.dumps(preset))


def test_norway_is_a_country_and_half_past_five_is_not_a_number() -> None:
    assert read_text("in: [NL, NO, on, yes]\nopens: 17:30\nday: 2026-12-24\nshare: 60%") == {
        "in": ["NL", "NO", "on", "yes"], "opens": "17:30", "day": "2026-12-24", "share": "60%",
    }  # fmt: skip


def test_names_are_text_and_numbers_are_numbers() -> None:
    assert read_text("{2: 8, 3: 22.5, x: -1e3, y: 007, z: }") == {"2": 8, "3": 22.5, "x": -1000.0, "y": 7, "z": None}


def test_a_name_may_not_stand_twice() -> None:
    assert "line 2, column 1: has the name 'currency' twice." in fault("currency: EUR\ncurrency: USD")


def test_references_are_refused_so_that_a_short_text_stays_a_short_document() -> None:
    assert "line 2, column 4: refers to another part" in fault("a: &a [1, 1]\nb: *a")


def test_broken_yaml_names_its_line() -> None:
    assert fault("name: [a, b\nzone: x").startswith("line 2, column")


@pytest.mark.parametrize(
    "text",
    [
        "\0", "!!python/object:os.system x", "x: 1e999", "[" * 5_000, "{[1]: 2}", "\ud800", r'x: "\ud800"', r'x: "\0"',
        "x: !!binary aGk=", "x: !!set {a}", "x: !!omap [a: 1]", "x: !!timestamp 2026-12-24", "x: !!timestamp soon",
        "x: !!bool maybe", "x: !!int [1]", "x: !!int many", "x: !!float {a: 1}", "x: !!null [1]", "!!map [1]",
    ],
)  # fmt: skip
def test_nothing_but_plain_finite_data_is_read(text: str) -> None:
    assert fault(text)


def test_a_book_is_not_an_agreement() -> None:
    assert "(text): has 200,001 characters." in fault("x" * 200_001)
