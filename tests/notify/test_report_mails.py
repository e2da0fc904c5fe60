"""Reports by mail: with figures of their time, once each time, until their member wants no more."""

from datetime import UTC, datetime, timedelta
from threading import Barrier, Thread

import pytest
from django.db import connection

from tests.conftest import NOW
from tests.web.insight.conftest import FAKES
from tilth.insight.models import Kept
from tilth.insight.report import Asked, as_json
from tilth.insight.reports import REPORTS
from tilth.notify import reports, subscribing
from tilth.notify.models import Message, Subscription
from tilth.nurture.undoing import undo
from tilth.team.models import Member

MONDAY = datetime(2026, 6, 22, 6, tzinfo=UTC)  # 8:00 in Amsterdam
CHOSEN = {"by": "source", "owner": "", "period": "quarter"}


@pytest.fixture(autouse=True)
def _fakes(monkeypatch):
    for name in list(REPORTS):
        monkeypatch.delitem(REPORTS, name)
    for report in FAKES:
        monkeypatch.setitem(REPORTS, report.name, report)


@pytest.fixture
def weekly(agreement, carla) -> Subscription:
    """Carla gets the fake report every Monday."""
    return subscribing.subscribe(carla, REPORTS["fake"], CHOSEN, "week", "en", NOW)


def worked_out(at: datetime) -> None:
    for row in Kept.objects.all():
        result = REPORTS[row.report].work(Asked(row.chosen, None, at, None, None))  # type: ignore[arg-type]
        Kept.objects.filter(pk=row.pk).update(result=as_json(result), as_of=at, anew=False)


def sent(at: datetime) -> int:
    """What the stage writes at a moment, once the worker has worked out what was asked for."""
    first = reports.catch_up(at)
    worked_out(at)
    return first + reports.catch_up(at)


@pytest.mark.django_db
def test_it_comes_at_its_time_with_the_answer_a_chart_and_the_table(weekly):
    assert weekly.next_at == MONDAY
    assert sent(MONDAY - timedelta(minutes=1)) == 0
    assert sent(MONDAY) == 1
    mail = Message.objects.get()
    assert (mail.to, mail.subject) == ("carla@kasbouw.example", "Sources: This quarter, Source")
    for said in ("Best is fair, by source.", "████", "30%, 23% to 38%, n 100", "too few: 28\xa0more", "As of 22 June 2026, 08:00", "/insight/fake/?period=quarter", "It comes every Monday at 8:00"):  # fmt: skip
        assert said in mail.text, said
    for said in ("Best is fair", 'width="2%"', 'width="100%"', "30%, 23% to 38%, n 100", ">102<", "No more of it"):
        assert said in mail.html, said
    assert "<img" not in mail.html
    assert mail.headers["List-Unsubscribe-Post"] == "List-Unsubscribe=One-Click"
    weekly.refresh_from_db()
    assert weekly.next_at == MONDAY + timedelta(days=7)


@pytest.mark.django_db
def test_it_waits_for_figures_of_its_time_but_not_for_ever(weekly):
    reports.catch_up(MONDAY)
    worked_out(MONDAY - timedelta(hours=5))
    assert reports.catch_up(MONDAY) == 0
    assert Kept.objects.get().anew
    assert reports.catch_up(MONDAY + reports.PATIENCE) == 1
    assert "As of 22 June 2026, 03:00" in Message.objects.get().text


@pytest.mark.django_db
def test_what_could_not_be_worked_out_says_so(weekly):
    reports.catch_up(MONDAY)
    Kept.objects.update(why="ValueError: no such column")
    assert reports.catch_up(MONDAY + reports.PATIENCE) == 1
    assert "It could not be worked out: ValueError: no such column" in Message.objects.get().text


@pytest.mark.django_db
def test_who_was_away_for_weeks_gets_one_mail(weekly):
    assert sent(MONDAY + timedelta(days=22)) == 1
    assert sent(MONDAY + timedelta(days=22, hours=1)) == 0
    weekly.refresh_from_db()
    assert weekly.next_at == MONDAY + timedelta(days=28)


@pytest.mark.django_db
def test_whoever_dies_before_the_end_has_written_nothing(weekly, monkeypatch):
    reports.catch_up(MONDAY)
    worked_out(MONDAY)
    with monkeypatch.context() as patch:
        patch.setattr(subscribing, "next_after", lambda now, every: 1 / 0)
        with pytest.raises(ZeroDivisionError):
            reports.catch_up(MONDAY)
    assert not Message.objects.exists()
    assert reports.catch_up(MONDAY) == 1


@pytest.mark.django_db(transaction=True)
def test_two_workers_write_one_mail(weekly):
    reports.catch_up(MONDAY)
    worked_out(MONDAY)
    together, wrote = Barrier(2), []

    def work() -> None:
        together.wait()
        wrote.append(reports.catch_up(MONDAY))
        connection.close()

    threads = [Thread(target=work) for _ in range(2)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sorted(wrote) == [0, 1]
    assert Message.objects.count() == 1


@pytest.mark.django_db
def test_no_more_of_it_and_back_again(weekly, carla):
    sent(MONDAY)
    entry = subscribing.stop(weekly.pk, MONDAY, carla)
    assert Message.objects.get().withdrawn_at
    assert subscribing.stop(weekly.pk, MONDAY, carla) is None
    assert sent(MONDAY + timedelta(days=7)) == 0
    undo(entry, carla, MONDAY + timedelta(minutes=5))
    assert sent(MONDAY + timedelta(days=7)) == 1


@pytest.mark.django_db
def test_who_left_and_a_report_that_is_no_more_get_nothing(weekly, carla, monkeypatch):
    Member.objects.filter(pk=carla.pk).update(is_active=False)
    assert sent(MONDAY) == 0
    Member.objects.filter(pk=carla.pk).update(is_active=True)
    monkeypatch.delitem(REPORTS, "fake")
    reports.catch_up(MONDAY)
    assert not Message.objects.exists()
    assert Subscription.objects.get().ended_at


@pytest.mark.django_db
def test_asked_again_it_comes_as_asked_last(weekly, carla):
    subscribing.subscribe(carla, REPORTS["fake"], CHOSEN, "month", "en", NOW)
    row = Subscription.objects.get()
    assert (row.every, row.next_at) == ("month", datetime(2026, 7, 1, 6, tzinfo=UTC))
    subscribing.subscribe(carla, REPORTS["fake"], CHOSEN | {"by": "offer"}, "week", "en", NOW)
    assert Subscription.objects.count() == 2
