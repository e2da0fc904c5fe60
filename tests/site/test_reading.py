from pathlib import Path

import pytest

from tilth.site.reading import Misconfigured, address, database, mail, secret, text, whole, words, yes


@pytest.fixture(autouse=True)
def _no_thing(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("THING", raising=False)
    monkeypatch.delenv("THING_FILE", raising=False)


@pytest.mark.parametrize(
    ("value", "means"), [("yes", True), ("True", True), ("1", True), ("no", False), ("FALSE", False), ("0", False)]
)
def test_yes_and_no_are_read_in_the_usual_spellings(monkeypatch: pytest.MonkeyPatch, value: str, means: bool) -> None:
    monkeypatch.setenv("THING", f" {value} ")
    assert yes("THING", not means) is means


@pytest.mark.parametrize("default", [True, False])
def test_what_is_not_said_is_the_default(monkeypatch: pytest.MonkeyPatch, default: bool) -> None:
    assert yes("THING", default) is default
    monkeypatch.setenv("THING", "")
    assert yes("THING", default) is default


def test_maybe_is_refused_by_name(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("THING", "maybe")
    with pytest.raises(Misconfigured, match=r"THING=maybe .* Write yes or no"):
        yes("THING", True)


def test_whole_numbers_are_whole(monkeypatch: pytest.MonkeyPatch) -> None:
    assert whole("THING", 7) == 7
    monkeypatch.setenv("THING", "12")
    assert whole("THING", 7) == 12
    monkeypatch.setenv("THING", "1.5")
    with pytest.raises(Misconfigured, match=r"THING=1\.5 is not a whole number"):
        whole("THING", 7)


def test_words_lose_their_blanks_and_their_holes(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("THING", " a.example, ,b.example,")
    assert words("THING") == ["a.example", "b.example"]


def test_a_file_goes_before_the_variable(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    (tmp_path / "thing").write_text("from the file\n")
    monkeypatch.setenv("THING", "from the variable")
    monkeypatch.setenv("THING_FILE", str(tmp_path / "thing"))
    assert text("THING") == "from the file"


def test_a_file_that_is_not_there_stops_the_start(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setenv("THING_FILE", str(tmp_path / "missing"))
    with pytest.raises(Misconfigured, match=r"THING_FILE=.*missing cannot be read: No such file"):
        text("THING")


def test_a_secret_is_made_once_and_is_ours_alone(tmp_path: Path) -> None:
    home = tmp_path / "new"
    made = secret("THING", home)
    assert len(made) >= 64
    assert secret("THING", home) == made
    assert (home / "secret.key").stat().st_mode & 0o777 == 0o600


def test_a_given_secret_makes_no_file(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setenv("THING", "given")
    assert secret("THING", tmp_path) == "given"
    assert list(tmp_path.iterdir()) == []


def test_without_an_address_the_database_lies_in_the_home_folder(tmp_path: Path) -> None:
    entry = database("", tmp_path / "new")
    assert entry["NAME"] == str(tmp_path / "new" / "tilth.sqlite3")
    assert (tmp_path / "new").is_dir()


def test_a_sqlite_address_may_hold_blanks(tmp_path: Path) -> None:
    assert database("sqlite:////var/lib/my%20tilth/t.sqlite3", tmp_path)["NAME"] == "/var/lib/my tilth/t.sqlite3"


def test_a_postgres_address_is_taken_apart(tmp_path: Path) -> None:
    entry = database("postgresql://us%40er:p%2Fw@db.example:5433/tilth", tmp_path)
    assert [entry[k] for k in ("USER", "PASSWORD", "HOST", "PORT", "NAME")] == [
        "us@er",
        "p/w",
        "db.example",
        "5433",
        "tilth",
    ]


def test_a_postgres_socket_is_a_folder(tmp_path: Path) -> None:
    assert database("postgresql://postgres@/tilth?host=/run/pg", tmp_path)["HOST"] == "/run/pg"


def test_another_kind_of_database_is_refused(tmp_path: Path) -> None:
    with pytest.raises(Misconfigured, match="TILTH_DATABASE=mysql://x is not understood"):
        database("mysql://x", tmp_path)


def test_a_home_that_cannot_be_made_is_named_with_the_way_out(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    with pytest.raises(
        Misconfigured, match=r"TILTH_HOME=.*file/home cannot be used: .* set TILTH_HOME to another folder"
    ):
        secret("THING", tmp_path / "file" / "home")


@pytest.mark.parametrize(
    ("url", "means"),
    [
        ("smtp://bob:p%40ss@mail.kasbouw.example", ("mail.kasbouw.example", 587, "bob", "p@ss", False, True)),
        ("smtp://mail.kasbouw.example:25?tls=no", ("mail.kasbouw.example", 25, "", "", False, False)),
        ("smtps://mail.kasbouw.example", ("mail.kasbouw.example", 465, "", "", True, False)),
        ("smtp://localhost:25", ("localhost", 25, "", "", False, False)),
    ],
)
def test_a_mail_server_is_read_from_its_address(url: str, means: tuple[object, ...]) -> None:
    said = mail(url)
    assert said is not None
    assert tuple(said[k] for k in ("host", "port", "username", "password", "use_ssl", "use_tls")) == means


def test_mail_may_go_into_files_or_nowhere() -> None:
    assert mail("") is None
    assert mail("file:///var/tilth/mail") == {
        "backend": "django.core.mail.backends.filebased.EmailBackend",
        "file_path": "/var/tilth/mail",
    }


def test_a_mail_server_that_is_not_understood_is_refused_without_its_password() -> None:
    with pytest.raises(Misconfigured) as refused:
        mail("imap://bob:hidden@kasbouw.example")
    assert "hidden" not in str(refused.value)


def test_the_house_has_an_address(monkeypatch: pytest.MonkeyPatch) -> None:
    assert address("THING", ["tilth.kasbouw.example", "localhost"], True) == "https://tilth.kasbouw.example"
    assert address("THING", ["*"], False) == "http://localhost"
    monkeypatch.setenv("THING", "https://tilth.kasbouw.example/")
    assert address("THING", [], False) == "https://tilth.kasbouw.example"
    monkeypatch.setenv("THING", "tilth.kasbouw.example")
    with pytest.raises(Misconfigured, match="Write it whole"):
        address("THING", [], False)
