"""How things are computed, told inside the product: only pages that there are, without HTML of their own."""

import re
import subprocess
import sys
import zipfile
from pathlib import Path

import pytest

from tilth.insight.reports import REPORTS
from tilth.web.how import reading

ROOT = Path(__file__).parents[3]
DOCS = ROOT / "docs" / "algorithms"


@pytest.mark.parametrize("name", sorted(file.stem for file in DOCS.glob("*.md")))
def test_every_page_is_told_and_each_of_its_links_leads_somewhere(name):
    page = reading.page(name)
    assert page
    assert page.title != name
    for there in re.findall(r'href="([^"]*)"', page.html):
        if there.startswith("http"):
            continue
        other, _hash, place = there.removeprefix("/how/").partition("/#")
        assert other.strip("/") in reading.names(), there
        assert not place or f'id="{place}"' in reading.page(other).html, there
    assert "<blockquote>" not in page.html


def test_examples_are_code_and_nothing_is_html(monkeypatch, tmp_path):
    text = "# Odd\n\n>>> 1 < 2\nTrue\n\nSee [rates](rates.md), [x](../decisions/x.md), [y](javascript:alert(1)).\n\n<script>alert(1)</script>\n\n```python\n>>> 3\n\n```\n"
    (tmp_path / "odd.md").write_text(text)
    monkeypatch.setattr(reading, "names", lambda: {"odd": tmp_path / "odd.md", "rates": tmp_path})
    html = reading.page("odd").html
    assert '<pre tabindex="0"><code>&gt;&gt;&gt; 1 &lt; 2\nTrue\n</code></pre>' in html
    assert '<a href="/how/rates/">rates</a>' in html
    assert "<span>x</span>" in html
    assert "<script" not in html
    assert 'href="javascript' not in html
    assert html.count("<pre") == 2


def test_no_name_leads_out_of_the_folder():
    for name in ("../decisions/lake", "..", "/etc/passwd", "rates.md", ""):
        assert reading.page(name) is None


@pytest.mark.django_db
def test_a_report_says_how_it_is_computed(client_of, ann):
    client = client_of(ann)
    assert "Rates and their intervals" in client.get("/how/").content.decode()
    assert "Wilson" in client.get("/how/rates/").content.decode()
    assert client.get("/how/nothing/").status_code == 404


@pytest.mark.parametrize("report", REPORTS.values(), ids=list(REPORTS))
def test_every_report_rests_on_a_page(report):
    assert reading.page(report.algorithm), f"docs/algorithms/{report.algorithm}.md is missing"


def test_the_pages_are_in_the_wheel(tmp_path):
    made = [sys.executable, "-m", "hatchling", "build", "-t", "wheel", "-d", str(tmp_path)]
    subprocess.run(made, cwd=ROOT, check=True, capture_output=True)
    (wheel,) = tmp_path.glob("*.whl")
    names = set(zipfile.ZipFile(wheel).namelist())
    assert {f"tilth/docs/algorithms/{file.name}" for file in DOCS.glob("*.md")} <= names
