"""The pages of care: making a track, its editor and preview, who is in it, and the care of one person."""

from collections.abc import Callable
from typing import Any

import pytest
from django.http import QueryDict
from django.test import Client

from tests.conftest import NOW
from tests.nurture.conftest import IMPRINT, STEPS, agrees, track_of
from tilth.consent.models import Purpose
from tilth.core.nurture import Rule, Spec
from tilth.handoff.verbs import hand_off
from tilth.journal.models import Entry
from tilth.notify.models import Message
from tilth.nurture import tracks
from tilth.nurture.catch_up import catch_up
from tilth.nurture.enrolling import enrol
from tilth.nurture.models import Edition, Enrolment, Noted, Track
from tilth.people.known import Told, keep
from tilth.people.models import Person
from tilth.team.models import Member
from tilth.touches.models import Touch
from tilth.web.nurture import typed

__all__ = ["track_of"]
pytestmark = pytest.mark.usefixtures("stopped_clock")
FULL = Spec("nl", IMPRINT, STEPS, Rule(["lead"], True, ["core"], ["no-budget"]), True)


@pytest.fixture
def marketing(client_of: Callable[..., Client], ann: Member) -> Client:
    return client_of(ann)


def fields_of(said: Spec, sender: Member, **more: Any) -> dict[str, Any]:
    """What the editor sends for a track."""
    out: dict[str, Any] = {
        "name": "Heat",
        "do": "save",
        "language": said.language,
        "imprint": said.imprint,
        "sender": sender.pk,
    }
    out |= {"stage": said.rule.stages, "segment": said.rule.segments, "recycled": said.rule.recycled}
    out |= {"nurture": "on"} if said.rule.nurture else {}
    out |= {"customers": "on"} if said.customers else {}
    for n, step in enumerate(said.steps):
        out |= {f"step-{n}-{part}": getattr(step, part) for part in ("id", "days", "subject", "text", "offer", "url")}
    return out | more


def test_what_the_editor_sends_is_the_track_that_it_shows(ann: Member) -> None:
    query = QueryDict(mutable=True)
    for name, value in fields_of(FULL, ann).items():
        query.setlist(name, value if isinstance(value, list) else [str(value)])
    assert typed.spec(query) == FULL


def test_a_track_is_made_written_and_let_run(marketing: Client, ann: Member) -> None:
    answer = marketing.post("/care/", {"name": "Heat"})
    track = Track.objects.get()
    assert answer["Location"] == f"/care/{track.pk}/edit/"
    assert marketing.post(f"/care/{track.pk}/state/", {"do": "run"}).status_code == 302
    track.refresh_from_db()
    assert not track.runs
    assert marketing.post(f"/care/{track.pk}/edit/", fields_of(FULL, ann)).status_code == 302
    marketing.post(f"/care/{track.pk}/state/", {"do": "run"})
    track.refresh_from_db()
    assert track.runs
    assert track.says == FULL
    assert list(Entry.objects.order_by("pk").values_list("verb", flat=True)) == [
        "made track",
        "changed track",
        "started track",
    ]
    page = marketing.get(f"/care/{track.pk}/").content.decode()
    assert "Your neighbours" in page
    assert marketing.get("/care/").status_code == 200


def test_keeping_the_same_again_makes_no_version(
    marketing: Client, ann: Member, track_of: Callable[..., Track]
) -> None:
    track = track_of()
    for _ in range(2):
        marketing.post(f"/care/{track.pk}/edit/", fields_of(FULL, ann))
    assert Edition.objects.count() == 2


@pytest.mark.parametrize(
    ("field", "value", "said"),
    [
        ("step-0-subject", "", "Write the subject."),
        ("step-0-text", " ", "Write the text."),
        ("step-1-days", "many", "Say how many working days it waits"),
        ("step-1-days", "251", "Say how many working days it waits"),
        ("step-0-url", "javascript:alert(1)", "beginning with https://"),
        ("step-0-text", "Dear {voornaam}", "In braces may stand"),
        ("imprint", "", "Write who sends these mails"),
        ("name", "", "Give the track a name."),
    ],
)
def test_what_is_wrong_stands_beside_it_and_nothing_is_kept(
    field: str, value: str, said: str, marketing: Client, ann: Member, track_of: Callable[..., Track]
) -> None:
    track = track_of()
    answer = marketing.post(f"/care/{track.pk}/edit/", fields_of(FULL, ann) | {field: value})
    assert answer.status_code == 422
    assert said in answer.content.decode().replace("&#x27;", "'")
    assert Edition.objects.count() == 1


@pytest.mark.parametrize(
    ("do", "order"),
    [
        ("down-0", ["two", "one"]),
        ("up-1", ["two", "one"]),
        ("remove-0", ["two"]),
        ("up-0", ["one", "two"]),
        ("nonsense-9", ["one", "two"]),
    ],
)
def test_the_buttons_of_the_editor_change_what_is_shown_and_keep_nothing(
    do: str, order: list[str], marketing: Client, ann: Member, track_of: Callable[..., Track]
) -> None:
    track = track_of()
    page = marketing.post(f"/care/{track.pk}/edit/", fields_of(FULL, ann, do=do)).content.decode()
    assert [part.split('"')[0] for part in page.split('-id" value="')[1:]] == order
    assert Edition.objects.count() == 1


def test_the_preview_shows_the_mail_in_its_language(
    marketing: Client, ann: Member, track_of: Callable[..., Track]
) -> None:
    track = track_of()
    page = marketing.post(f"/care/{track.pk}/edit/", fields_of(FULL, ann, do="look", shown="0")).content.decode()
    assert "Dear Anouk," in page
    assert "Geen mails meer van deze soort" in page
    page = marketing.post(f"/care/{track.pk}/edit/", fields_of(FULL, ann, do="look", reader="unknown")).content.decode()
    assert "Dear reader," in page
    assert "Hello, heating costs" in page


def test_many_are_put_in_by_their_addresses_one_by_one(
    marketing: Client, track_of: Callable[..., Track], anouk: Person
) -> None:
    track = track_of()
    agrees(anouk)
    keep(Told(emails=["piet@firm.example"], person={"first_name": "Piet"}), NOW, "typed in")
    typed_in = "Anouk@zonneveldtomaten.example\npiet@firm.example; nobody@firm.example"
    answer = marketing.post(f"/care/{track.pk}/people/", {"emails": typed_in})
    page = answer.content.decode()
    assert answer.status_code == 422
    assert "nobody@firm.example: nobody with this address is known." in page
    assert "Piet has not agreed to marketing by e-mail." in page
    assert [way.person for way in Enrolment.objects.all()] == [anouk]


def test_putting_in_from_the_persons_page_with_undo(
    marketing: Client, track_of: Callable[..., Track], anouk: Person
) -> None:
    track = track_of()
    agrees(anouk)
    assert "Heating in winter" in marketing.get(f"/people/{anouk.pk}/").content.decode()
    marketing.post(f"/people/{anouk.pk}/tracks/", {"track": str(track.pk)})
    assert Enrolment.objects.filter(person=anouk, ended_at=None).exists()
    marketing.post(f"/journal/{Entry.objects.get(verb='put into track').pk}/undo/")
    assert not Enrolment.objects.filter(ended_at=None).exists()
    marketing.post(f"/journal/{Entry.objects.get(verb='put into track').pk}/undo/")
    assert Entry.objects.filter(verb="undid").count() == 1


def test_several_are_ticked_and_put_in_with_one_undo(
    marketing: Client, track_of: Callable[..., Track], anouk: Person
) -> None:
    track = track_of()
    agrees(anouk)
    piet = keep(Told(emails=["piet@firm.example"], person={"first_name": "Piet"}), NOW, "typed in")[0]
    ticked = {"do": "track", "person": [anouk.pk, piet.pk]}
    assert "Heating in winter" in marketing.post("/together/", ticked).content.decode()
    marketing.post("/together/", ticked | {"told": "yes", "track": track.pk})
    assert [way.person for way in Enrolment.objects.all()] == [anouk]
    assert "Piet has not agreed" in marketing.get("/people/").content.decode()
    marketing.post(f"/journal/{Entry.objects.get(verb='did together').pk}/undo/")
    assert not Enrolment.objects.exists()


def test_without_consent_the_page_says_what_to_do(
    marketing: Client, track_of: Callable[..., Track], anouk: Person
) -> None:
    page = marketing.post(f"/people/{anouk.pk}/tracks/", {"track": str(track_of().pk)}, follow=True).content.decode()
    assert "has not agreed to marketing by e-mail. Ask them first." in page


def test_taking_out_and_noting_an_answer(
    marketing: Client, track_of: Callable[..., Track], anouk: Person, ann: Member
) -> None:
    agrees(anouk)
    one, two = (enrol(track_of(name), [anouk], ann, NOW).rows[0] for name in ("One", "Two"))
    marketing.post(f"/enrolments/{one.pk}/end/")
    one.refresh_from_db()
    assert one.ended_because == Enrolment.Ended.TAKEN_OUT
    marketing.post(f"/people/{anouk.pk}/answer/")
    two.refresh_from_db()
    assert two.ended_because == Enrolment.Ended.ANSWERED
    assert Touch.objects.filter(person=anouk, kind="mail_reply").count() == 1


def test_anybody_notes_care_and_takes_it_back(client_of: Callable[..., Client], bob: Member, anouk: Person) -> None:
    sales = client_of(bob)
    said = {"kind": "event", "what": "Open day", "since": "2026-06-01", "until": "2026-06-03"}
    sales.post(f"/people/{anouk.pk}/care/", said)
    sales.post(f"/people/{anouk.pk}/care/", said | {"until": "2026-05-01"})
    sales.post(f"/people/{anouk.pk}/care/", said | {"what": " "})
    [row] = Noted.objects.all()
    assert (row.what, str(row.since), str(row.until), row.member) == ("Open day", "2026-06-01", "2026-06-03", bob)
    assert "Open day" in sales.get(f"/people/{anouk.pk}/").content.decode()
    sales.post(f"/journal/{Entry.objects.get(verb='noted care').pk}/undo/")
    assert not Noted.objects.exists()


def test_whom_sales_has_is_not_put_in_from_their_page(
    marketing: Client, track_of: Callable[..., Track], anouk: Person, bob: Member, agreement: Any
) -> None:
    track = track_of()
    agrees(anouk)
    hand_off(anouk, NOW, bob, bob)
    assert "Put in" not in marketing.get(f"/people/{anouk.pk}/").content.decode()
    marketing.post(f"/people/{anouk.pk}/tracks/", {"track": str(track.pk)})
    assert not Enrolment.objects.exists()


def test_results_say_of_how_many(
    marketing: Client, track_of: Callable[..., Track], anouk: Person, ann: Member, agreement: Any
) -> None:
    track = track_of()
    agrees(anouk)
    agrees(anouk, Purpose.TRACKING)
    enrol(track, [anouk], ann, NOW)
    catch_up(NOW)
    Message.objects.update(sent_at=NOW)
    catch_up(NOW)
    page = marketing.get(f"/care/{track.pk}/").content.decode()
    assert "too few, 29 more needed" in page
    assert "0 / 1" in page
    tracks.close(track, ann, NOW)
    assert "the track was closed" in marketing.get(f"/care/{track.pk}/?which=over").content.decode()


@pytest.mark.parametrize("path", ["/care/", "/care/1/", "/care/1/edit/"])
def test_sales_and_service_do_not_write_to_leads_here(
    path: str, client_of: Callable[..., Client], bob: Member, dirk: Member
) -> None:
    assert {client_of(member).get(path).status_code for member in (bob, dirk)} == {404}
