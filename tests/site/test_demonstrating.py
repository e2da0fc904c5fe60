import os
from collections.abc import Iterator
from pathlib import Path

import pytest

from tilth.site.demonstrating import choose_database


@pytest.fixture(autouse=True)
def home(tmp_path: Path) -> Iterator[Path]:
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("TILTH_HOME", str(tmp_path / "my home"))
        for name in ("TILTH_DATABASE", "TILTH_HOSTS", "TILTH_HTTPS"):
            patch.setenv(name, "what the real Tilth uses")
        (tmp_path / "my home").mkdir()
        yield tmp_path / "my home"


def test_a_demo_is_built_beside_its_place(home: Path) -> None:
    assert choose_database(fresh=False) == home / "demo.sqlite3"
    assert os.environ["TILTH_DATABASE"] == f"sqlite:///{home.parent}/my%20home/demo.building"


def test_an_aborted_build_is_thrown_away(home: Path) -> None:
    for end in ("", "-wal", "-shm"):
        (home / f"demo.building{end}").write_text("half")
    choose_database(fresh=False)
    assert list(home.iterdir()) == []


def test_a_finished_demo_is_used_as_it_is(home: Path) -> None:
    (home / "demo.sqlite3").write_bytes(b"")
    choose_database(fresh=False)
    assert os.environ["TILTH_DATABASE"].endswith("/demo.sqlite3")


def test_a_fresh_demo_forgets_the_finished_one(home: Path) -> None:
    (home / "demo.sqlite3").write_bytes(b"")
    choose_database(fresh=True)
    assert not (home / "demo.sqlite3").exists()
    assert os.environ["TILTH_DATABASE"].endswith("/demo.building")


def test_the_real_tilth_lends_the_demo_nothing(home: Path) -> None:
    choose_database(fresh=False)
    assert not {"TILTH_HOSTS", "TILTH_HTTPS"} & os.environ.keys()


def test_no_mail_of_the_demo_leaves_the_house(home: Path) -> None:
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("TILTH_MAIL_URL", "smtp://mail.kasbouw.example")
        choose_database(fresh=False)
        assert os.environ["TILTH_MAIL_URL"] == f"file://{home.parent}/my%20home/mail"
