"""Kept results over a real lake: worked out anew only when there is news, another agreement, or another day."""

import time
from datetime import timedelta
from pathlib import Path

import pytest

from tests.conftest import NOW
from tilth.insight import export, kept
from tilth.insight.lake import ours
from tilth.insight.models import Kept
from tilth.insight.report import Asked, Column, Report, Result
from tilth.insight.reports import REPORTS
from tilth.touches.record import record


@pytest.fixture(autouse=True)
def home(transactional_db: None, tmp_path: Path, settings) -> Path:
    settings.HOME = tmp_path
    return tmp_path / "lake"


@pytest.fixture
def counted(monkeypatch) -> list[int]:
    """A report that counts people, and how many there were each time that it was worked out."""
    times: list[int] = []

    def work(asked: Asked) -> Result:
        times.append(len(asked.engine.people()))
        return Result([{"key": "", "people": times[-1]}])

    report = Report("counted", "Counted", "How many?", "lake", [Column("people", "People")], work, lambda result: "")
    monkeypatch.setitem(REPORTS, "counted", report)
    return times


def refreshed(minutes: int) -> Kept:
    kept.ask(REPORTS["counted"], {"period": "all"}, NOW + timedelta(minutes=minutes))
    assert kept.catch_up(NOW + timedelta(minutes=minutes)) == 1
    return Kept.objects.get()


def test_an_export_without_news_is_the_same_state_of_the_lake(anouk, home):
    record("form", NOW, NOW, person=anouk)
    export.catch_up(NOW)
    before = ours().manifest
    assert export.catch_up(NOW + timedelta(hours=1)) == 0
    after = ours().manifest
    assert (after.generation, after.files) == (before.generation, before.files)
    assert {file.name for file in home.glob("*.parquet")} == {file.name for file in after.files}
    record("page", NOW, NOW, person=anouk)
    export.catch_up(NOW)
    assert ours().manifest.generation > before.generation


def test_a_table_that_is_written_whole_is_written_when_it_changed(anouk, home):
    from tilth.campaigns.models import Cost

    cost = Cost.objects.create(day=NOW.date(), source="fair", amount=5, currency="EUR", key=b"1" * 16)
    export.catch_up(NOW)
    first = ours().manifest
    Cost.objects.filter(pk=cost.pk).update(amount=6)
    export.catch_up(NOW)
    second = ours().manifest
    assert second.generation > first.generation
    assert second.of("costs") != first.of("costs")
    assert ours().table("costs").column("amount").to_pylist() == [6]


def test_a_refresh_without_news_only_moves_its_moment(anouk, counted):
    first = refreshed(0)
    again = refreshed(20)
    assert counted == [1]
    assert again.as_of == NOW + timedelta(minutes=20)
    assert (again.generation, again.result) == (first.generation, first.result)


def test_it_is_worked_out_anew_with_news_and_on_another_day(agreement, anouk, counted):
    refreshed(0)
    record("form", NOW, NOW, person=anouk)
    refreshed(20)
    assert len(counted) == 2
    midnight = 13 * 60 + 25  # in Amsterdam it is the next day, in UTC not yet
    refreshed(midnight)
    assert len(counted) == 3
    refreshed(midnight + 20)
    assert len(counted) == 3


def test_who_takes_long_is_not_taken_for_gone(anouk, monkeypatch):
    """It is said again and again that somebody works on it, so nobody begins the same a second time."""
    monkeypatch.setattr(kept, "SILENT", timedelta(milliseconds=50))
    monkeypatch.setattr(kept, "BEAT", timedelta(milliseconds=10))
    begun: list[int] = []

    def work(asked: Asked) -> Result:
        begun.append(0)
        while (said := Kept.objects.get().beat_at) <= NOW + 2 * kept.SILENT:
            time.sleep(0.01)
        begun.append(kept.catch_up(said))
        return Result([{"key": ""}])

    report = Report("long", "Long", "How long?", "lake", [], work, lambda result: "")
    monkeypatch.setitem(REPORTS, "long", report)
    row = kept.ask(report, {"period": "all"}, NOW)
    assert kept.catch_up(NOW) == 1
    row.refresh_from_db()
    assert (begun, row.result is not None, row.worker) == ([0, 0], True, "")


def test_several_are_asked_for_at_once(anouk, counted, django_assert_num_queries):
    asked = [(REPORTS["counted"], {"period": period}) for period in ("all", "year")]
    first = kept.ask_all(asked, NOW)
    with django_assert_num_queries(1):
        assert [row.pk for row in kept.ask_all(asked[::-1], NOW)] == [row.pk for row in first[::-1]]
    kept.ask_all(asked, NOW + timedelta(hours=1))
    assert {row.wanted_at for row in Kept.objects.all()} == {NOW + timedelta(hours=1)}
