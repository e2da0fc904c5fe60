import os
import threading
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
from django.contrib.staticfiles.finders import get_finder
from django.db import OperationalError

from tilth.site import opening
from tilth.team.models import Invitation, Member, Role, Unwelcome


def secret_of(link: str) -> str:
    return link.rstrip("/").rpartition("/")[2]


def test_behind_a_proxy_tilth_is_where_its_first_name_says(settings: Any) -> None:
    assert opening.address("0.0.0.0", 8000) == "http://localhost:8000"
    settings.HTTPS, settings.ALLOWED_HOSTS = True, ["crm.kasbouw.example", "localhost"]
    assert opening.address("0.0.0.0", 8000) == "https://crm.kasbouw.example"


def test_the_first_link_lets_an_administrator_in_once(db: None) -> None:
    link = opening.first_link("http://localhost:8000")
    assert link.startswith("http://localhost:8000/")
    now = datetime.now(UTC)
    invitation = Invitation.open(secret_of(link), now)
    member = invitation.accept("Eva Mulder", "eva@kasbouw.example", "a long password", now)
    assert member.role == Role.ADMIN
    with pytest.raises(Unwelcome):
        Invitation.open(secret_of(link), now)


def test_a_house_with_members_needs_no_link(eva: Member) -> None:
    assert opening.first_link("http://localhost:8000") == ""


def test_a_second_start_ends_the_first_link(db: None) -> None:
    first, second = (opening.first_link("http://localhost:8000") for _ in range(2))
    with pytest.raises(Unwelcome):
        Invitation.open(secret_of(first), datetime.now(UTC))
    assert Invitation.open(secret_of(second), datetime.now(UTC)).role == Role.ADMIN


def test_an_older_database_stops_a_command_that_cannot_mend_it(db: None, monkeypatch: pytest.MonkeyPatch) -> None:
    opening.expect_migrated()
    monkeypatch.setattr(opening, "lags_behind", lambda: True)
    with pytest.raises(opening.Unready, match="tilth up"):
        opening.expect_migrated()


def test_a_database_that_is_not_there_yet_is_waited_for(db: None, monkeypatch: pytest.MonkeyPatch) -> None:
    answers: list[OperationalError | bool] = [
        OperationalError("connection refused"),
        OperationalError("starting up"),
        False,
    ]

    def lags_behind() -> bool:
        answer = answers.pop(0)
        if isinstance(answer, OperationalError):
            raise answer
        return answer

    monkeypatch.setattr(opening, "lags_behind", lags_behind)
    monkeypatch.setattr(opening, "AGAIN", 0.001)
    opening.await_migrated(threading.Event())
    assert not answers


def test_static_files_are_packed_when_they_changed(
    settings: Any, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    calls: list[str] = []
    ours = tmp_path / "ours" / "own.css"
    ours.parent.mkdir()
    ours.write_text("a { color: green }")
    settings.STATIC_ROOT, settings.STATICFILES_DIRS = tmp_path, [ours.parent]
    get_finder.cache_clear()
    monkeypatch.setattr(opening, "call_command", lambda command, **options: calls.append(command))
    for _ in range(2):
        opening.collect_static(lambda text, done=None: None)
    assert calls == ["collectstatic"]
    ours.write_text("a { color: brown }")
    os.utime(ours, (0, 0))  # as files from an archive, or of an older version, are
    opening.collect_static(lambda text, done=None: None)
    get_finder.cache_clear()
    assert calls == ["collectstatic"] * 2


def test_without_a_terminal_each_thing_is_said_once(capsys: pytest.CaptureFixture[str]) -> None:
    with opening.telling() as say:
        say("Growing leads", 0.1)
        say("Growing leads", 0.9)
        say("Done")
    assert capsys.readouterr().err == "Growing leads\nDone\n"
