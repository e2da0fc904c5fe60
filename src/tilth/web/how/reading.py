"""Pages of docs/algorithms as they came with Tilth, read once: only those that lie there, and no HTML of their own.

Examples that tests run are shown as code. Links between these pages lead to one another; links to what did not come
along are plain words.
"""

import re
from functools import cache
from pathlib import Path
from typing import NamedTuple

from django.urls import reverse
from django.utils.html import format_html
from django.utils.safestring import SafeString, mark_safe
from markdown_it import MarkdownIt
from markdown_it.token import Token

import tilth

HOME = Path(tilth.__file__).parent
FOLDERS = HOME / "docs" / "algorithms", HOME.parents[1] / "docs" / "algorithms"  # as installed, and in a checkout


class Page(NamedTuple):
    name: str
    title: str
    html: SafeString


def page(name: str) -> Page | None:
    """The page of a name; None when there is none."""
    return _read(name) if name in names() else None


def pages() -> list[Page]:
    """Every page, by title."""
    return sorted((_read(name) for name in names()), key=lambda page: page.title.lower())


@cache
def names() -> dict[str, Path]:
    """Where each page lies."""
    return {file.stem: file for folder in reversed(FOLDERS) for file in sorted(folder.glob("*.md"))}


@cache
def _read(name: str) -> Page:
    tokens = _MARKDOWN.parse(fenced(names()[name].read_text()))
    title = name
    if len(tokens) > 2 and tokens[0].tag == "h1":
        title, tokens = tokens[1].content, tokens[3:]
    for token, inside in zip(tokens, [*tokens[1:], None], strict=True):
        _lead(token.children or [])
        if token.type == "heading_open" and inside:
            token.attrs["id"] = part(inside.content)
    return Page(name, title, mark_safe(_MARKDOWN.renderer.render(tokens, _MARKDOWN.options, {})))


def fenced(text: str) -> str:
    """Examples (from `>>> ` to an empty line) as blocks of code, which Markdown would take for quotations."""
    out: list[str] = []
    example = block = False
    indent = 0
    for line in [*text.splitlines(), ""]:
        if not example:
            block ^= line.startswith("```")
        if not block and not example and line.lstrip().startswith(">>> "):
            example, indent = True, len(line) - len(line.lstrip())
            out.append("~~~python")
        elif example and not line.strip():
            example = False
            out.append("~~~")
        out.append(line[indent:] if example else line)
    return "\n".join(out)


def part(heading: str) -> str:
    """What links to a heading end with, as on GitHub."""
    return re.sub(r"[^\w\- ]", "", heading.lower()).replace(" ", "-")


def _lead(words: list[Token]) -> None:
    """Let links lead to pages of ours or into the web; any other becomes plain words."""
    plain = False
    for token in words:
        if token.type == "link_open":
            there, hash_, place = str(token.attrs.get("href", "")).partition("#")
            name = there.removesuffix(".md")
            plain = name not in names() and not there.startswith(("https://", "http://"))
            if name in names():
                token.attrs["href"] = reverse("how", args=[name]) + hash_ + place
            elif plain:
                token.attrs = {}
        if token.type in {"link_open", "link_close"} and plain:
            token.tag = "span"


def _markdown() -> MarkdownIt:
    """Markdown with tables and without HTML and pictures; wide things scroll by themselves."""
    made = MarkdownIt("commonmark", {"html": False}).enable("table").disable("image")
    rules = made.renderer.rules  # type: ignore[attr-defined]
    rules["table_open"] = lambda *_: '<div class="table-responsive" tabindex="0"><table class="table table-sm ledger">'
    rules["table_close"] = lambda *_: "</table></div>"
    for kind in ("fence", "code_block"):
        rules[kind] = _code
    return made


def _code(tokens: list[Token], at: int, options: object, env: object) -> str:
    return format_html('<pre tabindex="0"><code>{}</code></pre>', tokens[at].content)


_MARKDOWN = _markdown()
