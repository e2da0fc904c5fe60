"""The agreement as a PDF, with glossary and signatures."""

import re

import pytest

from tests.conftest import NOW
from tilth.agreement import presets
from tilth.agreement.models import Version
from tilth.web.agreement import paper


@pytest.fixture
def printer() -> None:
    try:
        paper._printer()
    except paper.NoPrinter as why:
        pytest.skip(f"{why}. Install it: apt-get install libpangoft2-1.0-0")


@pytest.fixture
def html(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """What the printer was given; nothing is drawn."""
    given: list[str] = []

    class Printer:
        class urls:
            URLFetcher = staticmethod(lambda allowed_protocols: allowed_protocols)

        class text:
            class fonts:
                FontConfiguration = staticmethod(lambda: None)

        CSS = staticmethod(lambda filename, font_config: filename)

        def __init__(self, string: str, base_url: str, url_fetcher: list[str]):
            assert url_fetcher == []
            given.append(string)

        def write_pdf(self, **_options: object) -> bytes:
            return b"%PDF"

    Printer.HTML = Printer
    monkeypatch.setattr(paper, "_printer", lambda: Printer)
    return given


def test_it_is_a_pdf_of_a_few_pages(printer, clock, agreement, client_of, dirk):
    answer = client_of(dirk).get("/agreement/1.pdf")
    assert (answer.status_code, answer["Content-Type"]) == (200, "application/pdf")
    assert answer["Content-Disposition"] == 'inline; filename="agreement-1-b2b-software.pdf"'
    assert answer.content.startswith(b"%PDF-")
    pages = re.search(rb"/Count (\d+)", answer.content)
    assert pages is None or 2 <= int(pages[1]) <= 8
    assert len(answer.content) > 20_000


@pytest.mark.parametrize("name", presets.names())
def test_it_says_everything_and_who_signed(html, clock, client_of, ann, bob, name):
    version = Version.write(presets.load(name), ann, NOW)
    version.sign(ann, "marketing", NOW)
    version.sign(bob, "sales", NOW)
    client_of(ann).get("/agreement/1.pdf")
    (page,) = html
    terms = version.terms
    for said in (
        version.fingerprint, "Ann de Wit (marketing)", "Bob Jansen (sales)", "signed in Tilth on 16 June 2026, 10:40 (Europe/Amsterdam)",
        "It took effect on 16 June 2026, 10:40", *terms.glossary, *(r.say for r in terms.fit_rules), *(r.say for r in terms.interest_rules),
        *(c.say for c in terms.exclusions), *(s.say for s in terms.segments), *(r.say for r in terms.return_reasons),
        *(step.does for step in terms.steps.values()),
    ):  # fmt: skip
        assert said.replace("’", "&#x27;") in page or said in page, said


def test_what_is_not_signed_says_so(html, clock, client_of, ann, preset):
    Version.write(preset | {"name": "<img src=https://example.com/x.png>"}, ann, NOW)
    client_of(ann).get("/agreement/1.pdf")
    assert html[0].count("not signed yet") == 2
    assert "Not signed by both" in html[0]
    assert "as it is proposed" in html[0]
    assert "<img" not in html[0]


def test_without_a_printer_the_page_says_what_is_missing(monkeypatch, clock, agreement, client_of, dirk):
    def missing():
        raise paper.NoPrinter("WeasyPrint cannot start: no Pango")

    monkeypatch.setattr(paper, "_printer", missing)
    page = client_of(dirk).get("/agreement/1.pdf", follow=True)
    assert page.redirect_chain == [("/agreement/1/", 302)]
    assert "No PDF can be made here" in page.content.decode()


def test_a_version_that_is_not_there_has_no_pdf(agreement, client_of, dirk):
    assert client_of(dirk).get("/agreement/9.pdf").status_code == 404
