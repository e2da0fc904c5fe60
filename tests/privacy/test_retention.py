"""Nothing goes until somebody says so; then what is too old goes at night, and nothing else."""

from datetime import timedelta

import pytest

from tests.conftest import NOW
from tests.privacy.conftest import MAIL
from tilth.capture.models import FailedRow, Import, Received
from tilth.consent.models import Act, Purpose, record
from tilth.forms.models import Submission
from tilth.journal.models import Entry
from tilth.notify.models import Message
from tilth.people.known import Told, keep
from tilth.people.models import Email, Person, Visitor
from tilth.privacy import catch_up, retention
from tilth.privacy.models import Erasure, Rule
from tilth.privacy.retention import KINDS, keep_for, would_go
from tilth.touches.models import Evidence, Touch

YEAR, DAY = timedelta(days=365), timedelta(days=1)
NIGHT = (NOW + DAY).replace(hour=3)


@pytest.fixture
def night(eva):
    """Keep a kind for 30 days, and let the night come: once, and again until nothing moves."""

    def night(kind: str, now=NIGHT) -> None:
        keep_for(KINDS[kind], 30, eva, NOW)
        while catch_up.catch_up(now):
            pass

    return night


def touch(at, **more) -> Touch:
    return Touch.objects.create(
        at=at, kind="page", team="person", learned_at=at, **{"evidence": Evidence.ANONYMOUS, **more}
    )


def test_nothing_goes_by_itself(quirine):
    before = (Received.objects.count(), Touch.objects.count(), Person.objects.count())
    assert retention.catch_up(NOW + 10 * YEAR) == 0
    assert before == (Received.objects.count(), Touch.objects.count(), Person.objects.count())


def test_a_rule_waits_for_the_night_and_runs_once_a_day(eva, transactional_db):
    row = Received.objects.create(at=NOW - YEAR, path="/v1/track", body=b"{}", taken_at=NOW - YEAR)
    keep_for(KINDS["deliveries"], 30, eva, NOW)
    assert retention.catch_up(NOW + timedelta(hours=5)) == 0
    assert retention.catch_up((NOW + DAY).replace(hour=1)) == 0
    assert retention.catch_up(NIGHT) == 1
    assert retention.catch_up(NIGHT) == 1  # the day is seen to
    assert retention.catch_up(NIGHT) == 0
    assert not Received.objects.filter(pk=row.pk).exists()
    [line] = Entry.objects.filter(verb="removed")
    assert line.data == {"kind": "deliveries", "rows": 1}
    assert Rule.objects.get().removed == 0


def test_deliveries_that_wait_and_young_ones_stay(night, transactional_db):
    old, waiting, young = (
        Received.objects.create(at=at, path="/v1/track", body=b"{}", taken_at=taken)
        for at, taken in ((NOW - YEAR, NOW), (NOW - YEAR, None), (NOW - 5 * DAY, NOW))
    )
    assert would_go(KINDS["deliveries"], 30, NOW) == 1
    night("deliveries")
    assert set(Received.objects.all()) == {waiting, young}
    assert old.pk not in Received.objects.values_list("pk", flat=True)


def test_nameless_visitors_go_with_what_they_did(night, anouk):
    gone, seen, known, agreed = (Visitor.objects.create(key=k, at=NOW - YEAR) for k in "abcd")
    Visitor.objects.filter(pk=known.pk).update(person=anouk)
    for visitor, at in ((gone, NOW - YEAR), (seen, NOW - DAY), (seen, NOW - YEAR), (known, NOW - YEAR)):
        touch(at, visitor=visitor, person=anouk if visitor == known else None)
    record(Act.GIVEN, Purpose.TRACKING, NOW - DAY, NOW, visitor=agreed)
    night("visitors")
    assert set(Visitor.objects.all()) == {seen, known, agreed}
    assert Touch.objects.count() == 3


def test_what_machines_did_goes_and_what_people_did_stays(night, anouk):
    touch(NOW - YEAR, person=anouk, evidence=Evidence.MACHINE)
    human, young = touch(NOW - YEAR, person=anouk), touch(NOW - DAY, person=anouk, evidence=Evidence.MACHINE)
    night("machines")
    assert set(Touch.objects.all()) == {human, young}


def test_leads_who_fell_silent_are_erased_and_may_come_back(night, quirine):
    silent = keep(Told(emails=["old@firm.example"], person={"first_name": "Otto"}), NOW - YEAR, "form")[0]
    Touch.objects.filter(person=quirine).update(at=NOW - YEAR)
    Person.objects.filter(pk=quirine.pk).update(at=NOW - YEAR)
    lately = keep(Told(emails=["new@firm.example"]), NOW - YEAR, "form")[0]
    touch(NOW - DAY, person=lately)
    night("leads")
    assert not Person.objects.filter(pk=silent.pk).exists()
    assert set(Email.objects.values_list("address", flat=True)) == {MAIL, "new@firm.example", "ilse@bos.example"}
    [row] = Erasure.objects.all()
    assert row.people == [silent.pk]
    assert row.finished_at
    assert keep(Told(emails=["old@firm.example"]), NIGHT, "form")[1]


def test_mails_failed_rows_and_spam_go(night, quirine):
    Message.objects.all().delete()
    made = {"to": "a@b.example", "subject": "s", "text": "t", "made_at": NOW - YEAR, "due_at": NOW - YEAR}
    Message.objects.create(key="sent", sent_at=NOW - YEAR, **made)
    Message.objects.create(key="waits", **made)
    run = Import.objects.create(
        kind="leads", name="a", path="a", at=NOW - YEAR, finished_at=NOW - YEAR, done=1, failed=1
    )
    FailedRow.objects.create(run=run, line=1, reason="x", cells=["a"])
    Submission.objects.filter(person=None).update(spam_at=NOW - YEAR)
    before = Submission.objects.count()
    for kind in ("mails", "failed", "spam"):
        night(kind)
    assert [m.key for m in Message.objects.all()] == ["waits"]
    assert not FailedRow.objects.exists()
    assert Submission.objects.count() == before - 1


def test_saying_the_same_again_is_no_news_and_less_than_a_week_is_refused(eva, transactional_db):
    keep_for(KINDS["mails"], 30, eva, NOW)
    keep_for(KINDS["mails"], 30, eva, NOW)
    assert Entry.objects.filter(verb="keeps for").count() == 1
    with pytest.raises(ValueError, match="too few"):
        keep_for(KINDS["mails"], 6, eva, NOW)
    keep_for(KINDS["mails"], None, eva, NOW)
    assert Rule.objects.get().days is None
