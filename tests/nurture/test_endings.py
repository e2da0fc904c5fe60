"""A track stops for who answers, wants no more of it, is handed over, is erased, or cannot be reached."""

from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
from django.test import Client

from tests.conftest import NOW
from tests.nurture.conftest import agrees, at
from tilth import conveyor
from tilth.consent import by_hand
from tilth.consent.models import Act, Limit
from tilth.deals.merging import merge
from tilth.deals.verbs import lose, open_deal, win
from tilth.handoff.verbs import Refused, accept, hand_back, hand_off
from tilth.notify import deliver, unsubscribe
from tilth.notify.models import Message
from tilth.nurture import noting, tracks
from tilth.nurture.catch_up import catch_up
from tilth.nurture.enrolling import NotOpen, enrol, take_out, undo
from tilth.nurture.models import Enrolment, Mailing, Track
from tilth.people.known import Told, keep
from tilth.people.models import Person
from tilth.privacy import erasures
from tilth.team.models import Member
from tilth.touches.models import Evidence
from tilth.touches.record import record

Ended = Enrolment.Ended


def ended(way: Enrolment) -> str:
    """Why it is over, once the stage has seen everything."""
    catch_up(NOW, way.person_id)
    way.refresh_from_db()
    return way.ended_because


@pytest.mark.parametrize("kind", ["mail_reply", "call", "meeting", "chat"])
def test_who_answers_gets_no_more(way: Enrolment, kind: str, anouk: Person) -> None:
    record(kind, NOW, NOW, person=anouk, evidence=Evidence.DECLARED)
    assert ended(way) == Ended.ANSWERED


def test_a_visit_and_a_click_are_no_answers(way: Enrolment, anouk: Person) -> None:
    record("page", NOW, NOW, person=anouk)
    record("mail_click", NOW, NOW, person=anouk)
    record("mail_reply", NOW - timedelta(days=1), NOW, person=anouk, evidence=Evidence.DECLARED)
    assert ended(way) == ""


def test_a_colleague_saw_the_answer(way: Enrolment, anouk: Person, ann: Member) -> None:
    _touch, entry = noting.answered(anouk, ann, NOW)
    assert ended(way) == Ended.ANSWERED
    assert noting.undo(entry, NOW)


def test_one_click_ends_it_and_keeps_what_waits_from_going(
    way: Enrolment, anouk: Person, mail_server: Any, stopped_clock: Any
) -> None:
    catch_up(NOW)
    path = unsubscribe.link(anouk).partition("localhost")[2]
    answer = Client().post(path, {"List-Unsubscribe": "One-Click"})
    assert answer.status_code == 200
    way.refresh_from_db()
    assert way.ended_because == Ended.UNSUBSCRIBED
    deliver.catch_up(NOW)
    assert mail_server.mails == []
    message = Message.objects.get()
    assert message.withdrawn_at == NOW
    assert not deliver.send_again(message, NOW)
    catch_up(NOW)
    assert Mailing.objects.get().stopped_at == NOW
    assert Enrolment.objects.get().ended_because == Ended.UNSUBSCRIBED


def test_who_objects_gets_no_more(way: Enrolment, anouk: Person, ann: Member) -> None:
    by_hand.limit(anouk, Limit.Kind.OBJECTION, "by phone", ann, NOW)
    assert ended(way) == Ended.UNSUBSCRIBED


def test_who_is_handed_over_gets_no_more(way: Enrolment, anouk: Person, bob: Member) -> None:
    hand_off(anouk, NOW, bob, bob)
    conveyor.catch_up_on(anouk.pk, NOW)
    way.refresh_from_db()
    assert way.ended_because == Ended.HANDED_OVER


def test_who_was_handed_over_and_given_back_meanwhile_begins_no_further_mail(
    way: Enrolment, anouk: Person, bob: Member
) -> None:
    handoff = hand_off(anouk, NOW, bob, bob).row
    accept(handoff, bob, NOW)
    hand_back(handoff, bob, "no-budget", "", NOW)
    assert ended(way) == Ended.HANDED_OVER


def test_who_has_an_owner_cannot_be_put_in(
    track_of: Callable[..., Track], anouk: Person, ann: Member, bob: Member, agreement: Any
) -> None:
    agrees(anouk)
    hand_off(anouk, NOW, bob, bob)
    said = enrol(track_of(), [anouk], ann, NOW)
    assert said.rows == []
    assert said.refused == {anouk.pk: "Sales has Anouk Zonneveld: what they get now is up to their owner."}


def test_who_did_not_agree_cannot_be_put_in(track_of: Callable[..., Track], anouk: Person, ann: Member) -> None:
    track = track_of()
    assert list(enrol(track, [anouk], ann, NOW).refused) == [anouk.pk]
    agrees(anouk, act=Act.ASKED)
    assert list(enrol(track, [anouk], ann, NOW).refused) == [anouk.pk]
    agrees(anouk)
    agrees(anouk, act=Act.WITHDRAWN)
    assert list(enrol(track, [anouk], ann, NOW).refused) == [anouk.pk]


def test_a_customer_needs_no_consent_for_what_is_like_their_purchase(
    track_of: Callable[..., Track], anouk: Person, ann: Member, bob: Member, agreement: Any
) -> None:
    strict, soft = track_of(), track_of("For customers", customers=True)
    assert list(enrol(soft, [anouk], ann, NOW).refused) == [anouk.pk]
    handoff = hand_off(anouk, NOW - timedelta(days=2), bob, bob).row
    accept(handoff, bob, NOW - timedelta(days=2))
    deal = open_deal(anouk, bob, "Greenhouse", 4_000_000, "EUR", NOW - timedelta(days=1)).row
    win(deal, bob, NOW - timedelta(hours=1))
    assert list(enrol(strict, [anouk], ann, NOW).refused) == [anouk.pk]
    [way] = enrol(soft, [anouk], ann, NOW).rows
    catch_up(NOW)
    assert Mailing.objects.get().ground == Mailing.Ground.CUSTOMER
    assert "because you are a customer of ours" in Message.objects.get().text
    agrees(anouk, act=Act.WITHDRAWN, when=NOW)
    assert ended(way) == Ended.UNSUBSCRIBED


def test_what_another_program_says_of_a_bounce_ends_it(way: Enrolment, anouk: Person) -> None:
    record("track", NOW, NOW, person=anouk, event="Email Bounced")
    assert ended(way) == Ended.BOUNCED


def test_who_is_erased_leaves_nothing_here(
    way: Enrolment, anouk: Person, ann: Member, settings: Any, tmp_path: Any
) -> None:
    settings.HOME = tmp_path
    catch_up(NOW)
    noting.care(anouk, ann, "event", "GreenTech fair", NOW.date(), None, NOW)
    row = erasures.begin(anouk, None, NOW)
    while erasures.catch_up(NOW):
        pass
    row.refresh_from_db()
    assert row.finished_at
    assert not Enrolment.objects.exists()
    assert not Mailing.objects.exists()
    assert not Message.objects.exists()
    assert catch_up(NOW) == 0


def test_two_who_are_one_go_through_a_track_once(way: Enrolment, anouk: Person, ann: Member, bob: Member) -> None:
    other = keep(Told(emails=["a.zonneveld@zonneveldtomaten.example"], person={"first_name": "A."}), NOW, "typed in")[0]
    agrees(other)
    enrol(way.track, [other], ann, NOW)
    catch_up(NOW)
    assert Message.objects.count() == 2
    merge(anouk, other, ann, NOW)
    [one] = Enrolment.objects.filter(ended_at=None)
    assert one.person == anouk
    catch_up(at(18))
    assert Mailing.objects.filter(step="two").count() == 1


def test_taking_out_and_closing_end_it_with_undo(way: Enrolment, ann: Member) -> None:
    entry = take_out(way, ann, NOW)
    assert entry is not None
    way.refresh_from_db()
    assert way.ended_because == Ended.TAKEN_OUT
    assert undo(entry, ann, NOW)
    way.refresh_from_db()
    assert (way.ended_at, way.next_at) == (None, NOW)
    with pytest.raises(Refused, match="not out of it"):
        undo(entry, ann, NOW)
    tracks.close(way.track, ann, NOW)
    assert ended(way) == Ended.CLOSED
    with pytest.raises(NotOpen):
        enrol(way.track, [way.person], ann, NOW)


def test_putting_many_in_is_undone_at_once(
    way: Enrolment, track_of: Callable[..., Track], anouk: Person, ann: Member
) -> None:
    said = enrol(track_of("Light"), [anouk], ann, NOW)
    assert said.entry is not None
    assert undo(said.entry, ann, NOW)
    assert list(Enrolment.objects.values_list("track__name", flat=True)) == ["Heating in winter"]


def test_who_lost_can_be_cared_for_again(
    track_of: Callable[..., Track], anouk: Person, ann: Member, bob: Member, agreement: Any
) -> None:
    agrees(anouk)
    accept(hand_off(anouk, NOW - timedelta(days=2), bob, bob).row, bob, NOW - timedelta(days=2))
    deal = open_deal(anouk, bob, "Greenhouse", 4_000_000, "EUR", NOW - timedelta(days=1)).row
    lose(deal, bob, "price", "", NOW - timedelta(hours=1))
    [way] = enrol(track_of(), [anouk], ann, NOW).rows
    assert ended(way) == ""
