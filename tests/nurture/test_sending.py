"""Which mail of a track goes when, what it says, and that it goes once."""

from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest

from tests.conftest import NOW
from tests.nurture.conftest import STEPS, agrees, at
from tilth.consent.models import Purpose
from tilth.core.nurture import Spec, Step
from tilth.notify import deliver
from tilth.notify.models import Message
from tilth.nurture import tracks
from tilth.nurture.catch_up import catch_up
from tilth.nurture.enrolling import enrol
from tilth.nurture.models import Edition, Enrolment, Mailing, Track
from tilth.people.known import Told, keep
from tilth.people.models import Link, Person
from tilth.team.models import Member
from tilth.touches.models import Touch


def pass_(now: Any) -> None:
    """What the worker does at a moment: the stage, the post, and the stage again, which learns of it."""
    catch_up(now)
    deliver.catch_up(now)
    catch_up(now)


def test_two_mails_go_out_with_their_wait_and_the_way_is_over(way: Enrolment, mail_server: Any) -> None:
    pass_(NOW)
    assert mail_server.subjects == ["Anouk, heating costs"]
    for day in (16, 17, 18):
        pass_(at(day, 10, 0))
    assert len(mail_server.mails) == 1
    pass_(at(18))
    assert mail_server.subjects == ["Anouk, heating costs", "Your neighbours"]
    way.refresh_from_db()
    assert (way.ended_because, way.ended_at) == (Enrolment.Ended.DONE, at(18))


def test_a_mail_says_who_writes_why_and_how_to_end_it(way: Enrolment, mail_server: Any) -> None:
    pass_(NOW)
    [mail] = mail_server.mails
    assert mail["Reply-To"] == "Ann de Wit <ann@kasbouw.example>"
    assert mail["List-Unsubscribe-Post"] == "List-Unsubscribe=One-Click"
    link = mail["List-Unsubscribe"].strip().strip("<>")
    for form in ("plain", "html"):
        body = mail.get_body((form,)).get_content().replace("\n", "")
        for words in ("Dear Anouk", "KvK 27000000", "you agreed to hear from us", link, "https://kasbouw.example/heat"):
            assert words in body, (form, words)


@pytest.mark.parametrize(
    ("language", "words"),
    [("en", "No more of these mails"), ("nl", "Geen mails meer van deze soort"), ("de", "Keine solchen Mails mehr")],
)
def test_what_stands_below_is_in_the_language_of_the_track(
    language: str, words: str, track_of: Callable[..., Track], anouk: Person, ann: Member, agreement: Any
) -> None:
    track = track_of()
    tracks.save(track, "Heat", Spec(language, "Kasbouw", STEPS), ann, ann, NOW)
    agrees(anouk)
    enrol(track, [anouk], ann, NOW)
    catch_up(NOW)
    assert words in Message.objects.get().text
    assert words in Message.objects.get().html


def test_it_stands_on_the_timeline_once_it_went_and_not_before(way: Enrolment, mail_server: Any) -> None:
    catch_up(NOW)
    assert not Touch.objects.filter(kind="mail").exists()
    pass_(NOW)
    touch = Touch.objects.get(kind="mail")
    assert (touch.team, touch.person, touch.properties["track"]) == ("marketing", way.person, "Heating in winter")
    pass_(NOW)
    assert Touch.objects.filter(kind="mail").count() == 1


def test_links_are_their_own_only_where_they_agreed_to_be_recognised(way: Enrolment, anouk: Person) -> None:
    catch_up(NOW)
    assert "https://kasbouw.example/heat" in Message.objects.get().text
    assert not Link.objects.exists()


def test_links_are_their_own_where_they_agreed(way: Enrolment, anouk: Person) -> None:
    agrees(anouk, Purpose.TRACKING)
    catch_up(NOW)
    assert "https://kasbouw.example/heat" not in Message.objects.get().html
    assert {link.mail for link in Link.objects.all()} == {f"track {way.track_id} one"}


def test_a_mail_waits_for_the_house_to_open(
    track_of: Callable[..., Track], anouk: Person, ann: Member, agreement: Any
) -> None:
    agrees(anouk)
    friday_night = at(19, 20)
    enrol(track_of(), [anouk], ann, friday_night)
    for day in (19, 20, 21):
        catch_up(at(day, 21))
    assert not Message.objects.exists()
    catch_up(at(22))
    assert Message.objects.count() == 1


def test_nobody_gets_the_mails_of_two_tracks_on_one_day(
    way: Enrolment, track_of: Callable[..., Track], anouk: Person, ann: Member
) -> None:
    enrol(track_of("Light"), [anouk], ann, NOW)
    for hour in (10, 11, 12, 16):
        catch_up(at(16, hour, 45))
    assert Mailing.objects.count() == 1
    catch_up(at(17))
    assert Mailing.objects.count() == 2


def test_who_is_halfway_goes_on_with_the_newest_version(way: Enrolment, ann: Member) -> None:
    catch_up(NOW)
    early = Step("early", 0, "Before all", "Too late for Anouk.")
    other = Step("two", 2, "Your neighbours, once more", "Rewritten.")
    edition = tracks.save(way.track, "Heat", Spec("en", "Kasbouw", [early, STEPS[0], other]), ann, ann, NOW)
    Message.objects.update(sent_at=NOW)
    catch_up(at(18))
    assert [m.step for m in Mailing.objects.order_by("pk")] == ["one", "two"]
    assert Message.objects.order_by("-pk")[0].subject == "Your neighbours, once more"
    assert Mailing.objects.get(step="two").edition == edition
    assert Edition.objects.count() == 2


def test_a_track_that_rests_sends_nothing_and_loses_nobody(way: Enrolment, ann: Member) -> None:
    tracks.run(way.track, False, ann, NOW)
    catch_up(NOW)
    catch_up(NOW + timedelta(hours=2))
    assert not Message.objects.exists()
    tracks.run(way.track, True, ann, at(17))
    catch_up(at(17))
    assert Message.objects.count() == 1


def test_a_mail_that_our_server_never_took_is_left_out_and_the_way_goes_on(way: Enrolment) -> None:
    catch_up(NOW)
    Message.objects.update(given_up_at=NOW + deliver.TOO_LATE, trouble="It could not be sent for five days.")
    catch_up(NOW + deliver.TOO_LATE)
    assert [(m.step, m.stopped_at is None) for m in Mailing.objects.order_by("pk")] == [("one", False), ("two", True)]
    way.refresh_from_db()
    assert way.ended_at is None


def test_another_track_stops_at_the_same_dead_address(
    way: Enrolment, mail_server: Any, track_of: Callable[..., Track], anouk: Person, ann: Member
) -> None:
    [other] = enrol(track_of("Light"), [anouk], ann, NOW).rows
    mail_server.answers["anouk@zonneveldtomaten.example"] = "550 no such mailbox"
    pass_(NOW)
    catch_up(at(17))
    other.refresh_from_db()
    assert other.ended_because == Enrolment.Ended.BOUNCED
    assert Mailing.objects.count() == 1


def test_looking_at_many_who_are_quiet_asks_no_more_than_at_one(
    track_of: Callable[..., Track], ann: Member, agreement: Any, django_assert_max_num_queries: Any
) -> None:
    people = [keep(Told(emails=[f"p{n}@firm{n}.example"]), NOW, "typed in")[0] for n in range(30)]
    for person in people:
        agrees(person)
    track = track_of(steps=[STEPS[1]])
    enrol(track, people, ann, NOW)
    with django_assert_max_num_queries(25):
        assert catch_up(NOW) == 30
    assert not Message.objects.exists()


def test_a_mail_that_the_server_refuses_ends_the_way(
    way: Enrolment, mail_server: Any, anouk: Person, ann: Member
) -> None:
    mail_server.answers["anouk@zonneveldtomaten.example"] = "550 no such mailbox"
    pass_(NOW)
    way.refresh_from_db()
    assert way.ended_because == Enrolment.Ended.BOUNCED
    assert not Touch.objects.filter(kind="mail").exists()
    said = enrol(way.track, [anouk], ann, NOW).refused
    assert said == {
        anouk.pk: "A mail to anouk@zonneveldtomaten.example could not be delivered. Correct the address first."
    }
