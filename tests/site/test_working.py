import logging
from pathlib import Path
from typing import Any

import pytest

from tilth import conveyor
from tilth.site import working
from tilth.site.working import Line, Resting


@pytest.fixture
def stages(monkeypatch: pytest.MonkeyPatch) -> dict[str, Any]:
    """A conveyor whose second stage breaks."""

    def breaks(now: object) -> int:
        raise RuntimeError("a row that nobody expected")

    stages: dict[str, Any] = {"first": lambda now: 3, "second": breaks, "third": lambda now: 1}
    monkeypatch.setattr(conveyor, "STAGES", stages)
    monkeypatch.setattr(conveyor, "APART", {})
    monkeypatch.setattr("django.db.connections.close_all", lambda: None)
    monkeypatch.setattr(working, "close_old_connections", lambda: None)
    return stages


def test_a_stage_that_fails_does_not_stop_the_others(stages: dict[str, Any], caplog: pytest.LogCaptureFixture) -> None:
    assert Line(stages).run() == {"first": 3, "second": 0, "third": 1}
    assert "The stage second failed and rests for 1 s" in caplog.text
    assert "a row that nobody expected" in caplog.text


def test_a_stage_that_failed_rests_for_a_while(stages: dict[str, Any]) -> None:
    line = Line(stages)
    line.run()
    assert line.run() == {"first": 3, "third": 1}


def test_a_stage_that_is_well_again_has_no_past(stages: dict[str, Any]) -> None:
    line = Line(stages)
    line.run()
    line.rests["second"].until = 0.0
    stages["second"] = lambda now: 2
    assert line.run()["second"] == 2
    assert line.rests == {}


def test_rests_grow_up_to_a_minute() -> None:
    rest, pauses = Resting(), []
    for _ in range(8):
        rest.failed(0.0)
        pauses.append(rest.pause)
    assert pauses == [1, 2, 4, 8, 16, 32, 60, 60]


@pytest.mark.django_db
def test_one_pass_says_what_it_took(capsys: pytest.CaptureFixture[str]) -> None:
    working.once()
    stages = ", ".join(f"0 in {name}" for name in [*conveyor.STAGES, *conveyor.APART])
    assert capsys.readouterr().out == f"Took {stages}.\n"


def test_the_line_goes_on_until_it_is_told_to_stop(
    stages: dict[str, Any],
    settings: Any,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    caplog: pytest.LogCaptureFixture,
) -> None:
    handlers: dict[int, Any] = {}
    monkeypatch.setattr("signal.signal", handlers.__setitem__)
    settings.HOME = tmp_path
    passes: list[bool] = []

    def third(now: object) -> int:
        passes.append(working.is_alive())
        if len(passes) == 3:
            handlers[15](15, None)
        return 1 if len(passes) == 1 else 0

    stages.update({"first": lambda now: 0, "second": lambda now: 0, "third": third})
    with caplog.at_level(logging.INFO, "tilth.work"):
        working.until_stopped(working.stopped_by_signals())
    assert passes == [True, True, True]
    assert [r.getMessage() for r in caplog.records] == ["took third=1"]
    assert not working.is_alive()


def test_one_pass_does_what_takes_its_time_to_its_end(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    steps = iter((1, 1, 1, 0))
    monkeypatch.setattr(conveyor, "STAGES", {"capture": lambda now: 2})
    monkeypatch.setattr(conveyor, "APART", {"backtests": lambda now: next(steps)})
    working.once()
    assert capsys.readouterr().out == "Took 2 in capture, 3 in backtests.\n"
