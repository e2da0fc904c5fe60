"""A marketer takes a file in: with script the report comes by itself, without it by asking again."""

from pathlib import Path

import pytest
from django.test import override_settings

from tilth import conveyor
from tilth.people.models import Person

pytestmark = pytest.mark.browser
ROWS = "".join(
    f"lead{i}@firm{i}.example;Anouk;Zonneveld;06 123456{i:02};Operations manager;2026-03-01\n" for i in range(40)
)
FAIR = "E-mailadres;Voornaam;Achternaam;Telefoonnummer;Functie;Datum\n" + ROWS + ";Niemand;;;;2026-03-01\n"


@pytest.fixture(autouse=True)
def _home(tmp_path: Path):
    with override_settings(HOME=tmp_path):
        yield


@pytest.fixture
def file(tmp_path: Path) -> Path:
    path = tmp_path / "fair.csv"
    path.write_text(FAIR)
    return path


def _to_its_mapping(page, file: Path) -> None:
    page.goto("/imports/")
    page.get_by_label("File").set_input_files(file)
    page.get_by_role("button", name="Send it and look").click()
    page.get_by_role("heading", name="What becomes of each column").wait_for()


def test_a_file_goes_in_and_its_report_comes_by_itself(page_of, agreement, ann, now, file: Path) -> None:
    page = page_of(ann)
    _to_its_mapping(page, file)
    row = page.get_by_role("row", name="Functie")
    assert row.get_by_role("combobox").first.input_value() == "title"
    page.get_by_role("button", name="Take the rows in").click()
    page.get_by_text("Looking through the whole file first").wait_for()
    page.evaluate("window.sameDocument = true")
    conveyor.run_dry(now)
    page.get_by_text("1 row failed").wait_for()
    assert page.evaluate("window.sameDocument")
    assert Person.objects.count() == 40


def test_it_works_without_script_and_on_a_phone(page_of, agreement, ann, now, file: Path) -> None:
    page = page_of(ann, java_script_enabled=False, viewport={"width": 390, "height": 800})
    _to_its_mapping(page, file)
    page.get_by_role("button", name="Take the rows in").click()
    conveyor.run_dry(now)
    page.get_by_text("1 row failed").wait_for(timeout=10_000)
    assert Person.objects.count() == 40


@pytest.mark.parametrize("theme", ["light", "dark"])
def test_the_pages_are_accessible(page_of, agreement, ann, file: Path, theme: str) -> None:
    from axe_playwright_python.sync_playwright import Axe

    ann.theme = theme
    ann.save()
    page = page_of(ann)
    _to_its_mapping(page, file)
    assert not Axe().run(page).response["violations"]
    page.goto("/imports/")
    assert not Axe().run(page).response["violations"]
