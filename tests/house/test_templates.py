"""What every template keeps to: it compiles, its words go through gettext, and nothing runs or styles inline."""

import re
from html.parser import HTMLParser
from pathlib import Path

import pytest
from django.template.loader import get_template

TEMPLATES = Path(__file__).parents[2] / "src" / "tilth" / "web" / "templates"
ALL = sorted(TEMPLATES.rglob("*.html"))
SPOKEN = {"alt", "aria-label", "aria-description", "placeholder", "title", "data-confirm"}
SILENT = {"kbd", "code", "script", "style"}
SAME_EVERYWHERE = {"Tilth", "SLA", "CSV", "MQL", "SQL", "Esc", "n"}
IN_ATTRIBUTES = "theme|class"  # blocks that fill an attribute of the page they extend
DJANGO = re.compile(
    rf"{{% block (?:{IN_ATTRIBUTES}) %}}.*?{{% endblock %}}|"
    r"{#.*?#}|{%\s*comment\b.*?{%\s*endcomment\s*%}|{%\s*blocktrans(?:late)?\b.*?{%\s*endblocktrans(?:late)?\s*%}|{%.*?%}|{{.*?}}",
    re.DOTALL,
)

by_template = pytest.mark.parametrize("template", ALL, ids=[str(t.relative_to(TEMPLATES)) for t in ALL])


class Reader(HTMLParser):
    """Collects the words that no translator would see, and what the Content-Security-Policy refuses."""

    def __init__(self) -> None:
        super().__init__()
        self.words: list[str] = []
        self.inline: list[str] = []
        self.open: list[str] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.open.append(tag)
        given = dict(attrs)
        for name, value in attrs:
            if name in SPOKEN or (name == "value" and given.get("type") in ("submit", "button")):
                self.spoken(value or "")
            if name == "style" or name.startswith(("on", "hx-on")) or (value or "").startswith("javascript:"):
                self.inline.append(f"<{tag} {name}> in line {self.getpos()[0]}")
        if tag == "style" or (tag == "script" and "src" not in given and "json" not in (given.get("type") or "")):
            self.inline.append(f"<{tag}> in line {self.getpos()[0]}")

    def handle_endtag(self, tag: str) -> None:
        while self.open and self.open.pop() != tag:
            pass

    def handle_data(self, data: str) -> None:
        if not self.open or self.open[-1] not in SILENT:
            self.spoken(data)

    def spoken(self, text: str) -> None:
        words = set(re.findall(r"[^\W\d_]+", text)) - SAME_EVERYWHERE
        if words:
            self.words.append(f"{text.strip()!r} in line {self.getpos()[0]}")


def read(template: Path) -> Reader:
    """The template without its tags and variables; lines are kept, so that they can be named."""
    reader = Reader()
    reader.feed(DJANGO.sub(lambda tag: "\n" * tag[0].count("\n"), template.read_text()))
    reader.close()
    return reader


@by_template
def test_it_compiles(template: Path) -> None:
    get_template(str(template.relative_to(TEMPLATES)))


@by_template
def test_every_word_goes_through_gettext(template: Path) -> None:
    assert read(template).words == []


@by_template
def test_nothing_runs_or_styles_inline(template: Path) -> None:
    assert read(template).inline == []


def test_the_reader_sees_what_it_looks_for() -> None:
    reader = Reader()
    reader.feed(
        '<p style="x">Hello <b title="there">12 &times; 3</b></p><img><input placeholder="Name"><script>1</script>'
    )
    assert reader.words == ["'Hello' in line 1", "'there' in line 1", "'Name' in line 1"]
    assert reader.inline == ["<p style> in line 1", "<script> in line 1"]
