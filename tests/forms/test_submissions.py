"""What becomes of a submission: a person, a touch, consents, mails; or it is held until somebody has looked."""

from datetime import timedelta

import pytest

from tests.conftest import NOW
from tests.forms.conftest import ANSWERS, SPEC, TEXT
from tilth.consent.models import Act, Consent, Purpose, may, record
from tilth.core import forms as core
from tilth.core.evidence import marks_of
from tilth.core.forms import Doubt
from tilth.forms import confirming, files, submissions
from tilth.forms.models import Form, Submission
from tilth.forms.submissions import catch_up, held, is_spam, let_through
from tilth.journal.models import Entry
from tilth.notify.models import Message
from tilth.people import ours, suppressed
from tilth.people.known import recognise
from tilth.people.models import Person, Visitor
from tilth.touches.models import Evidence, Origin, Touch
from tilth.touches.record import record as touch

LATER = NOW + timedelta(minutes=5)


def secret_of(message: Message) -> str:
    return message.text.partition("/confirm/")[2].partition("/")[0]


def test_it_becomes_a_person_a_touch_and_an_origin(form, send):
    send(form, page="https://www.kasbouw.example/led?utm_source=linkedin&utm_medium=social&utm_campaign=led")
    assert catch_up(LATER) == 1
    assert catch_up(LATER) == 0
    row = Submission.objects.get()
    person = Person.objects.get()
    assert (person.first_name, person.company.name, person.custom) == ("Anouk", "Zonneveld Tomaten", {"hectares": "12"})
    assert (row.person, row.taken_at) == (person, LATER)
    made = Touch.objects.get()
    assert (made.kind, made.evidence, made.at, made.learned_at) == ("form", Evidence.DECLARED, NOW, LATER)
    assert (made.source, made.medium, made.campaign.key, made.offer.key) == (
        "linkedin",
        "social",
        "led",
        "LED light in practice",
    )
    assert Origin.objects.get().touch == made
    assert made.properties["form"] == "E-book"


def test_what_the_tracker_knew_of_the_visit_comes_before_the_address(form, send):
    send(
        form,
        page="https://www.kasbouw.example/led?utm_source=x",
        came={"source": "newsletter", "medium": "email", "name": "spring"},
    )
    catch_up(LATER)
    made = Touch.objects.get()
    assert (made.source, made.campaign.key) == ("newsletter", "spring")


def test_the_browser_gets_its_name_and_its_earlier_visits_their_person(form, send):
    visitor = Visitor.objects.create(key="v1", at=NOW)
    touch("page", NOW - timedelta(hours=1), NOW, visitor=visitor, evidence=Evidence.ANONYMOUS)
    send(form, visitor="v1")
    catch_up(LATER)
    assert set(Touch.objects.values_list("person", flat=True)) == {Person.objects.get().pk}


def test_the_browser_of_somebody_else_stays_theirs(form, send, anouk):
    Visitor.objects.create(key="v1", at=NOW, person=anouk)
    send(form, {"email": "wim@zonneveldtomaten.example", "first_name": "Wim"}, visitor="v1")
    catch_up(LATER)
    browser = Visitor.objects.get(key="v1")
    assert (browser.person, browser.shared) == (anouk, True)
    touch = Touch.objects.get()
    assert (touch.visitor.browser, touch.visitor.person) == (browser, touch.person)


def test_at_a_shared_browser_what_came_after_the_form_is_of_who_filled_it_in(form, send, anouk):
    browser = recognise("v1", None, NOW - timedelta(days=1))
    hers = recognise("v1", anouk, NOW - timedelta(days=1))
    touch("form", NOW - timedelta(days=1), NOW, visitor=hers)
    early, _ = touch("page", NOW - timedelta(hours=1), NOW, visitor=browser)
    late, _ = touch("page", NOW + timedelta(minutes=1), NOW, visitor=browser)  # arrived before the form did
    send(form, {"email": "wim@zonneveldtomaten.example", "first_name": "Wim"}, visitor="v1")
    catch_up(LATER)
    early.refresh_from_db()
    late.refresh_from_db()
    assert (early.person, late.person.first_name) == (anouk, "Wim")


def test_consent_is_asked_for_with_the_words_that_were_read_and_holds_once_confirmed(form, send):
    send(form, agreed=True, page="https://www.kasbouw.example/led", network="203.0.113.0", agent="Firefox")
    catch_up(LATER)
    person = Person.objects.get()
    asked = Consent.objects.get()
    assert (asked.act, asked.purpose, asked.text, asked.at, asked.page) == (
        Act.ASKED,
        Purpose.MAIL,
        TEXT,
        NOW,
        "https://www.kasbouw.example/led",
    )
    assert not may(person.pk, Purpose.MAIL)
    mail = Message.objects.get()
    assert TEXT in mail.text
    assert mail.person == person
    secret = secret_of(mail)
    assert secret not in (asked.token_hash, "")
    assert confirming.opened(secret, LATER).done is False
    assert not may(person.pk, Purpose.MAIL), "opening the link confirms nothing"
    confirming.confirm(secret, LATER, "198.51.100.0", "Safari")
    assert may(person.pk, Purpose.MAIL)
    last = Consent.objects.latest("id")
    assert (last.act, last.text, last.network, last.agent) == (Act.CONFIRMED, TEXT, "198.51.100.0", "Safari")
    assert Touch.objects.filter(kind="subscribe", person=person).count() == 1


def test_a_link_confirms_once_and_not_after_they_withdrew(form, send):
    send(form, agreed=True)
    catch_up(LATER)
    person, secret = Person.objects.get(), secret_of(Message.objects.get())
    confirming.confirm(secret, LATER)
    confirming.confirm(secret, LATER)
    assert Consent.objects.count() == 2
    record(Act.WITHDRAWN, Purpose.MAIL, LATER, LATER, person=person)
    assert confirming.confirm(secret, LATER).done
    assert not may(person.pk, Purpose.MAIL)


def test_a_link_that_is_too_old_or_not_ours_confirms_nothing(form, send):
    send(form, agreed=True)
    catch_up(LATER)
    secret = secret_of(Message.objects.get())
    assert confirming.confirm(secret, NOW + timedelta(days=15)).late
    assert Consent.objects.count() == 1
    assert confirming.confirm("not ours", NOW) is None


def test_without_double_opt_in_it_holds_at_once(ann, send):
    spec = core.Spec(["en"], SPEC.fields, consent=core.Consent("mail", {"en": TEXT}, double=False))
    send(Form.make("Plain", spec, ann, NOW), agreed=True)
    catch_up(LATER)
    assert Consent.objects.get().act == Act.GIVEN
    assert not Message.objects.exists()


def test_who_confirmed_these_words_before_is_not_asked_again(form, send):
    send(form, agreed=True)
    catch_up(LATER)
    confirming.confirm(secret_of(Message.objects.get()), LATER)
    send(form, nonce="n2", agreed=True, at=LATER + timedelta(days=1))
    catch_up(LATER + timedelta(days=1))
    assert Message.objects.count() == 1
    assert Consent.objects.latest("id").act == Act.GIVEN


def test_who_did_not_agree_has_agreed_to_nothing(form, send):
    send(form, agreed=False)
    catch_up(LATER)
    assert not Consent.objects.exists()
    assert not Message.objects.exists()


def test_the_same_said_again_a_moment_later_is_the_same(form, send):
    send(form, nonce="n1", agreed=True)
    send(form, nonce="n2", agreed=True, at=NOW + timedelta(minutes=1))
    catch_up(LATER)
    assert (Touch.objects.count(), Message.objects.count()) == (1, 1)
    assert set(Submission.objects.values_list("person", flat=True)) == {Person.objects.get().pk}


def test_what_is_doubted_waits_until_somebody_lets_it_through(form, send, ann):
    row = send(form, trap="http://x.example")
    catch_up(LATER)
    assert list(held()) == [row]
    assert not Person.objects.exists()
    let_through(row, ann, LATER)
    assert Person.objects.get().first_name == "Anouk"
    assert not held().exists()
    let_through(row, ann, LATER)
    assert Touch.objects.count() == 1
    assert Entry.objects.filter(verb="let submission through").count() == 1


def test_spam_is_kept_and_shown_no_more(form, send, ann):
    row = send(form, trap="http://x.example")
    is_spam(row, ann, LATER)
    assert not held().exists()
    assert catch_up(LATER) == 0
    assert Submission.objects.get().said == ANSWERS


def test_an_address_that_gets_too_many_mails_is_left_in_peace(form, send, monkeypatch):
    monkeypatch.setattr(submissions, "MAILS", 2)
    for n in range(3):
        send(form, {"hectares": str(n)}, nonce=f"n{n}", agreed=True)
    catch_up(LATER)
    assert Message.objects.count() == 2
    assert [row.doubt for row in held()] == [Doubt.MAILS]


def test_a_submission_that_fails_is_held_and_stops_no_other(form, send, monkeypatch, ann):
    real = submissions._touch

    def touch_(row, *rest):
        if row.said["hectares"] == "bad":
            raise ValueError("broken")
        return real(row, *rest)

    send(form, {"hectares": "bad"})
    send(form, {"hectares": "12"}, nonce="n2")
    with monkeypatch.context() as patch:
        patch.setattr(submissions, "_touch", touch_)
        catch_up(LATER)
    assert Touch.objects.count() == 1
    row = held().get()
    assert row.doubt == submissions.FAILED
    let_through(row, ann, LATER)
    assert Touch.objects.count() == 2


@pytest.mark.django_db(transaction=True)
def test_what_is_undone_halfway_leaves_nothing_but_the_submission(form, send, monkeypatch):
    send(form, agreed=True)

    class Killed(BaseException):
        pass

    def die(*_):
        raise Killed

    with monkeypatch.context() as patch:
        patch.setattr(submissions.mails, "file", die)
        with pytest.raises(Killed):
            catch_up(LATER)
    assert not Person.objects.exists()
    assert not Message.objects.exists()
    assert catch_up(LATER) == 1
    assert Message.objects.count() == 1


def test_of_who_was_erased_nothing_is_kept(form, send):
    suppressed.suppress([ANSWERS["email"]], "x", NOW)
    send(form, page="https://a.example/", network="203.0.113.0")
    catch_up(LATER)
    row = Submission.objects.get()
    assert (row.said, row.page, row.network, row.taken_at) == ({}, "", "", LATER)
    assert not Person.objects.exists()
    assert not held().exists()


def test_who_was_erased_comes_back_by_their_own_word_alone(form, send):
    suppressed.suppress([ANSWERS["email"]], "x", NOW)
    send(form, agreed=True)
    catch_up(LATER)
    assert not Person.objects.exists()
    confirming.confirm(secret_of(Message.objects.get()), LATER)
    person = Person.objects.get()
    assert may(person.pk, Purpose.MAIL)
    assert not suppressed.is_suppressed([ANSWERS["email"]])
    assert catch_up(LATER) == 0


def test_who_was_erased_and_does_not_answer_is_forgotten(form, send):
    suppressed.suppress([ANSWERS["email"]], "x", NOW)
    send(form, agreed=True)
    catch_up(LATER)
    catch_up(NOW + timedelta(days=15))
    assert Submission.objects.get().said == {}


def test_the_file_comes_by_mail_and_each_fetch_is_a_touch(ann, send, settings, tmp_path):
    settings.HOME = tmp_path
    kept = files.keep("LED light.pdf", [b"%PDF-1.7 x"], ann, NOW)
    form = Form.make("E-book", core.Spec(["en"], SPEC.fields, offer="LED", file=kept.pk), ann, NOW)
    send(form, page="https://www.kasbouw.example/?utm_source=linkedin")
    catch_up(LATER)
    token = Message.objects.get().text.partition("/d/")[2].partition("/")[0]
    fetch = files.opened(token)
    assert fetch is not None
    assert fetch.until > NOW + files.FETCHED_WITHIN
    files.fetched(fetch, Evidence.OBSERVED, LATER)
    files.fetched(fetch, Evidence.OBSERVED, LATER + timedelta(seconds=20))
    got = Touch.objects.get(kind="download")
    assert (got.person, got.source, got.offer.key, got.properties["file"]) == (
        Person.objects.get(),
        "linkedin",
        "LED",
        "LED light.pdf",
    )
    assert files.opened(token[:-1] + "x") is None


def test_one_of_ours_who_tries_it_makes_no_lead(form, send, bob):
    send(form, {"email": "dirk@kasbouw.example", "company": "Kasbouw"})
    catch_up(LATER)
    made = Touch.objects.get()
    assert (made.evidence, marks_of(made.properties)) == (Evidence.MACHINE, {"machine": "colleague"})
    assert not Origin.objects.exists()


def test_whoever_sits_in_our_own_network_is_one_of_ours(form, send, ann):
    ours.add("network", "203.0.113.0/24", ann, NOW)
    send(form, network="203.0.113.0", agent="Mozilla/5.0 (X11; Linux x86_64; rv:140.0) Gecko/20100101 Firefox/140.0")
    catch_up(LATER)
    assert Touch.objects.get().evidence == Evidence.MACHINE
