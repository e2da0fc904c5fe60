"""What visitors of forms read is said in each language that a form can have; what is compiled is what is written."""

import re
from pathlib import Path

import pytest
from babel.messages.mofile import read_mo
from babel.messages.pofile import read_po
from django.utils.translation import override

from tilth.core.forms import LANGUAGES
from tilth.web.forms.words import KINDS

SOURCE = Path(__file__).parents[2] / "src" / "tilth"
OTHERS = [code for code in LANGUAGES if code != "en"]
SPOKEN_BY = [
    *sorted((SOURCE / "web" / "templates" / "public").glob("*.html")),
    *sorted((SOURCE / "web" / "public").glob("*.py")),
    SOURCE / "forms" / "mails.py",
    SOURCE / "nurture" / "letters.py",
]
IN_TEMPLATES = re.compile(
    r"{% translate [\"'](.*?)[\"'] %}|{% blocktranslate[^%]*%}(.*?){% (?:plural|endblocktranslate) %}", re.DOTALL
)
IN_CODE = re.compile(r"\b_\(\s*\"((?:[^\"\\]|\\.)*)\"\s*\)")


def said() -> set[str]:
    """Every text of these files, as gettext looks it up."""
    out: set[str] = set()
    for path in SPOKEN_BY:
        text = path.read_text()
        found = IN_TEMPLATES.findall(text) if path.suffix == ".html" else [(t, "") for t in IN_CODE.findall(text)]
        out |= {re.sub(r"{{ (\w+) }}", r"%(\1)s", plain or block) for plain, block in found}
    return out


def folder(code: str) -> Path:
    return SOURCE / "locale" / code / "LC_MESSAGES"


def written(code: str) -> dict[str, str]:
    with (folder(code) / "django.po").open("rb") as file:
        rows = read_po(file, locale=code)
    return {_first(row.id): _first(row.string) for row in rows if row.id}


def _first(text: object) -> str:
    return str(text[0] if isinstance(text, tuple | list) else text)


def test_the_search_finds_what_it_looks_for() -> None:
    assert {
        "Thank you",
        "Download (%(size)s)",
        "One answer is not right yet:",
        "Open %(file)s",
        "This is needed.",
    } <= said()


@pytest.mark.parametrize("code", OTHERS)
def test_every_text_for_visitors_is_translated(code: str) -> None:
    known = {text for text, translated in written(code).items() if translated}
    assert said() - known == set()


@pytest.mark.parametrize("code", OTHERS)
def test_what_is_compiled_is_what_is_written(code: str) -> None:
    with (folder(code) / "django.mo").open("rb") as file:
        compiled = {_first(row.id): _first(row.string) for row in read_mo(file) if row.id}
    assert compiled == written(code)


@pytest.mark.parametrize("code", OTHERS)
def test_a_question_that_we_know_begins_in_the_forms_language(code: str) -> None:
    with override(code):
        assert str(KINDS["company"]) in ("Bedrijf", "Firma")
