import pytest

from tests.conftest import NOW
from tilth.forms import files
from tilth.forms.files import Unfit, keep
from tilth.forms.models import File


@pytest.fixture(autouse=True)
def _home(settings, tmp_path, db):
    settings.HOME = tmp_path


def test_a_file_lies_under_a_random_name_and_only_we_can_read_the_folder():
    row = keep("C:\\mine\\LED light.pdf", [b"%PDF-1.7", b" more"], None, NOW)
    assert (row.name, row.size) == ("LED light.pdf", 13)
    assert files.path(row).read_bytes() == b"%PDF-1.7 more"
    assert "." not in row.place
    assert files.home().stat().st_mode & 0o077 == 0


@pytest.mark.parametrize(
    ("name", "parts", "why"),
    [
        ("page.html", [b"<script>"], r"ends in \.html"),
        ("drawing.svg", [b"<svg>"], r"ends in \.svg"),
        ("noending", [b"x"], "is not given out"),
        ("led.pdf", [b"<html>"], r"no \.pdf file"),
        ("led.pdf", [], "empty"),
        ("led.txt", [b"x" * 60, b"x" * 60], "larger"),
    ],
)
def test_what_is_not_given_out_leaves_nothing(name, parts, why, monkeypatch):
    monkeypatch.setattr(files, "LARGEST", 100)
    with pytest.raises(Unfit, match=why):
        keep(name, parts, None, NOW)
    assert list(files.home().iterdir()) == []
    assert not File.objects.exists()
