"""Deliveries to addresses outside: what they say, what an answer means, and when they are tried again."""

import base64
import json
from datetime import UTC, datetime, timedelta

import pytest
import time_machine
from standardwebhooks import Webhook, WebhookVerificationError

from tests.conftest import NOW
from tilth import conveyor
from tilth.handoff.verbs import hand_off, return_lead
from tilth.notify import endpoints, sending
from tilth.notify.channels.webhook import signing
from tilth.notify.models import Attempt, Choice, Delivery, Endpoint, Message
from tilth.notify.sending import CHANCE, PAUSES, catch_up, send_again
from tilth.team.models import Member


@pytest.fixture
def house(agreement, receiver, eva):
    """Sets up an address of the house."""

    def house(channel: str = "webhook", *events: str) -> Endpoint:
        return endpoints.set_up(channel, "The shop", receiver.url, events or ("handoff", "returned"), eva, NOW)

    return house


@pytest.fixture
def handed(anouk, bob, carla):
    def handed():
        done = hand_off(anouk, NOW, carla, bob).row
        conveyor.run_dry(NOW)
        return done

    return handed


def test_a_webhook_is_thin_and_its_signature_is_what_the_specification_says(house, handed, receiver, anouk):
    endpoint = house()
    handoff = handed()
    assert catch_up(NOW) == 1
    ((_path, headers, body),) = receiver.got
    with time_machine.travel(NOW):
        said = Webhook(endpoint.secret).verify(body, headers)
    assert said["type"] == "lead.handed_off"
    assert said["timestamp"] == "2026-06-16T08:40:00Z"
    assert said["data"]["person"] == anouk.pk
    assert said["data"]["handoff"] == handoff.pk
    assert said["data"]["owner_email"] == "bob@kasbouw.example"
    assert b"Zonneveld" not in body
    assert len(base64.b64decode(endpoint.secret.removeprefix("whsec_"))) == signing.BYTES
    with pytest.raises(WebhookVerificationError), time_machine.travel(NOW):
        Webhook(endpoint.secret).verify(body + b" ", headers)


def test_what_somebody_wrote_is_not_passed_on(house, handed, receiver, bob):
    house()
    handoff = handed()
    reason = handoff.version.terms.return_reasons[0].id
    return_lead(handoff, bob, reason, "She is on sick leave", NOW)
    conveyor.run_dry(NOW)
    catch_up(NOW)
    said = receiver.bodies[-1]
    assert (said["type"], said["data"]["code"]) == ("lead.returned", reason)
    assert "sick" not in json.dumps(receiver.bodies)


def test_only_what_was_asked_for_is_sent_and_once(house, handed, receiver):
    house("webhook", "returned")
    handed()
    conveyor.run_dry(NOW)
    assert catch_up(NOW) == 0
    assert receiver.got == []


def test_for_a_day_both_secrets_sign(house, handed, receiver, eva):
    endpoint = house()
    first = endpoint.secret
    second = endpoints.new_secret(endpoint, eva, NOW).secret
    handed()
    catch_up(NOW)
    later = NOW + signing.BOTH_FOR
    send_again(Delivery.objects.all(), later)
    catch_up(later)
    (_p, at_first, body), (_p, afterwards, same_body) = receiver.got
    with time_machine.travel(NOW):
        assert Webhook(first).verify(body, at_first) == Webhook(second).verify(body, at_first)
    with time_machine.travel(later):
        assert Webhook(second).verify(same_body, afterwards)
        with pytest.raises(WebhookVerificationError):
            Webhook(first).verify(same_body, afterwards)
    assert body == same_body
    assert at_first["webhook-id"] == afterwards["webhook-id"]


def test_what_is_refused_is_tried_again_for_three_days_and_then_given_up(house, handed, receiver, eva):
    endpoint = house()
    handed()
    receiver.answers = [(500, {}, b"<b>secret stack trace</b>")]
    at, tries = NOW, 0
    while Delivery.objects.filter(given_up_at=None).exists():
        assert catch_up(at) == 1
        tries += 1
        row = Delivery.objects.get()
        if row.leased_until:
            planned = PAUSES[tries - 1]
            assert planned * (1 - CHANCE) <= row.leased_until - at <= planned * (1 + CHANCE)
            assert catch_up(row.leased_until - timedelta(milliseconds=1)) == 0
            at = row.leased_until
    assert tries == len(PAUSES) + 1
    assert timedelta(hours=60) < at - NOW < timedelta(hours=91)
    assert set(receiver.ids) == {row.key}
    assert Attempt.objects.count() == tries
    assert "secret" not in row.trouble
    endpoint.refresh_from_db()
    assert endpoint.stopped_at == at  # nothing arrived there for all that time
    assert Message.objects.get().to == eva.email


def test_everything_that_failed_is_sent_again_under_its_id_once_it_is_mended(house, handed, receiver, eva):
    endpoint = house()
    handed()
    receiver.answers = [(410, {}, b"")]
    catch_up(NOW)
    endpoint.refresh_from_db()
    assert endpoint.stopped_why == "It says that it is gone (410)."
    assert send_again(Delivery.objects.all(), NOW) == 1
    assert catch_up(NOW) == 0  # still stopped
    receiver.answers = [(204, {}, b"")]
    endpoints.resume(endpoint, eva, NOW)
    assert catch_up(NOW) == 1
    assert Delivery.objects.get().sent_at == NOW
    assert len(set(receiver.ids)) == 1


def test_who_asks_to_be_left_alone_is_with_everything(house, handed, receiver, eva):
    endpoint = house()
    handed()
    endpoints.try_out(endpoint, eva, NOW)
    receiver.answers = [(429, {"Retry-After": "120"}, b""), (200, {}, b"")]
    assert catch_up(NOW) == 1
    assert catch_up(NOW + timedelta(seconds=119)) == 0
    assert catch_up(NOW + timedelta(seconds=120)) == 2
    assert len(receiver.got) == 3


def test_an_address_that_does_not_answer_holds_up_no_other(house, handed, receiver, eva):
    dead = house()
    Endpoint.objects.filter(pk=dead.pk).update(url="https://receiver.invalid/")
    for _n in range(3):
        endpoints.try_out(Endpoint.objects.get(pk=dead.pk), eva, NOW + timedelta(microseconds=_n))
    alive = house()
    handed()
    assert catch_up(NOW) == 2
    assert len(receiver.got) == 1
    assert Attempt.objects.filter(delivery__endpoint=dead).count() == 1
    assert Delivery.objects.get(endpoint=alive).sent_at == NOW


def test_a_redirect_is_a_failure_that_says_what_to_do(house, handed, receiver):
    house()
    handed()
    receiver.answers = [(301, {"Location": receiver.url}, b"")]
    catch_up(NOW)
    assert Delivery.objects.get().trouble.startswith("It answers from another address (301).")
    assert len(receiver.got) == 1


def test_an_address_that_became_private_is_stopped(house, handed, receiver):
    endpoint = house()
    handed()
    Endpoint.objects.update(url="https://127.0.0.1/")
    catch_up(NOW)
    endpoint.refresh_from_db()
    assert "private network" in endpoint.stopped_why


def test_what_was_undone_is_not_sent(house, handed, receiver):
    house()
    handoff = handed()
    return_lead(handoff, handoff.owner, handoff.version.terms.return_reasons[0].id, "", NOW)
    conveyor.run_dry(NOW)
    handoff.the_return.delete()
    catch_up(NOW)
    assert [body["type"] for body in receiver.bodies] == ["lead.handed_off"]
    assert Delivery.objects.get(event__what="returned").trouble == "What it told of was undone."


def test_slack_gets_a_section_in_which_nothing_of_a_visitors_is_a_link(house, handed, receiver, anouk):
    house("slack")
    anouk.first_name = "<!channel> & <http://evil.example|click>"
    anouk.save()
    handed()
    catch_up(NOW)
    (said,) = receiver.bodies
    text = said["blocks"][0]["text"]["text"]
    assert f"/people/{anouk.pk}/|" in text
    assert "&lt;!channel&gt; &amp; &lt;http://evil.example¦click&gt;" in text
    assert "<!channel>" not in json.dumps(said)
    assert "went to Bob Jansen" in said["text"]


@pytest.mark.parametrize(("status", "code", "stops"), [(404, b"no_service", True), (403, b"action_prohibited", True), (400, b"invalid_payload", False), (410, b"channel_is_archived", True)])  # fmt: skip
def test_what_slack_answers_is_understood(house, handed, receiver, status, code, stops):
    endpoint = house("slack")
    handed()
    receiver.answers = [(status, {}, code)]
    catch_up(NOW)
    endpoint.refresh_from_db()
    assert bool(endpoint.stopped_at) == stops
    assert code.decode() in Delivery.objects.get().trouble
    assert Delivery.objects.get().given_up_at == NOW


def test_teams_gets_an_adaptive_card_in_which_nothing_of_a_visitors_is_a_link(house, handed, receiver, anouk):
    house("teams")
    anouk.first_name = "[click](http://evil.example)"
    anouk.save()
    handed()
    catch_up(NOW)
    (said,) = receiver.bodies
    assert said["type"] == "message"
    (attachment,) = said["attachments"]
    assert attachment["contentType"] == "application/vnd.microsoft.card.adaptive"
    card = attachment["content"]
    assert (card["type"], card["version"]) == ("AdaptiveCard", "1.4")
    assert {block["type"] for block in card["body"]} == {"RichTextBlock"}  # no Markdown in there
    assert card["actions"][0]["url"].endswith(f"/people/{anouk.pk}/")


@pytest.mark.parametrize(("status", "stops"), [(202, False), (404, True), (401, True), (400, False)])
def test_what_teams_answers_is_understood(house, handed, receiver, status, stops):
    endpoint = house("teams")
    handed()
    receiver.answers = [(status, {}, b"")]
    catch_up(NOW)
    endpoint.refresh_from_db()
    assert bool(endpoint.stopped_at) == stops
    assert bool(Delivery.objects.get().sent_at) == (status == 202)


def own(member: Member, receiver, channel: str = "slack") -> Endpoint:
    return Endpoint.objects.create(channel=channel, name="Mine", url=receiver.url, member=member, made_by=member, made_at=NOW)  # fmt: skip


def test_a_channel_of_ones_own_tells_what_concerns_its_member(agreement, handed, receiver, bob, ann):
    own(bob, receiver)
    own(ann, receiver, "teams")
    handed()
    catch_up(NOW)
    assert ["Yours: Anouk" in body["text"] for body in receiver.bodies] == [True]


def test_what_it_cannot_bring_comes_by_mail(agreement, handed, receiver, bob):
    own(bob, receiver)
    handed()
    receiver.answers = [(404, {}, b"no_service")]
    catch_up(NOW)
    mails = {m.subject for m in Message.objects.filter(member=bob)}
    assert any(subject.startswith("Yours: Anouk") for subject in mails)
    assert "Mine is not told any more" in mails


def test_a_day_comes_to_it_as_one_message(agreement, handed, receiver, bob, anouk):
    own(bob, receiver)
    Choice.objects.create(member=bob, what="handoff", channel="slack", how="digest")
    handed()
    assert catch_up(NOW) == 0
    morning = datetime(2026, 6, 17, 6, 30, tzinfo=UTC)
    conveyor.STAGES["digest"](morning)
    assert catch_up(morning) == 1
    (said,) = receiver.bodies
    assert len(said["blocks"]) == 1
    assert said["text"].startswith("Yours: Anouk Zonneveld")


def test_a_day_that_its_own_channel_cannot_bring_comes_by_mail(agreement, handed, receiver, bob):
    own(bob, receiver)
    Choice.objects.create(member=bob, what="handoff", channel="slack", how="digest")
    handed()
    morning = datetime(2026, 6, 17, 6, 30, tzinfo=UTC)
    conveyor.STAGES["digest"](morning)
    receiver.answers = [(404, {}, b"no_service")]
    catch_up(morning)
    assert conveyor.STAGES["digest"](morning) == 1
    assert Message.objects.get(subject="Your day").lines.count() == 1


def test_who_left_is_sent_nothing(agreement, handed, receiver, bob):
    own(bob, receiver)
    handed()
    Member.objects.filter(pk=bob.pk).update(is_active=False)
    catch_up(NOW)
    assert receiver.got == []
    assert Delivery.objects.get().trouble == "They have left."


def test_what_is_on_its_way_is_not_sent_a_second_time(house, handed, receiver):
    house()
    handed()
    assert sending._claim(NOW)
    assert send_again(Delivery.objects.all(), NOW) == 0
    assert catch_up(NOW) == 0
