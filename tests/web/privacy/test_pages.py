"""What members see and do about privacy."""

import zipfile
from io import BytesIO

import pytest
from django.urls import reverse

from tests.conftest import NOW
from tilth import conveyor
from tilth.consent.models import Act, Consent, LegalBasis, Limit, Purpose, may, record
from tilth.journal.models import Entry
from tilth.people.models import Person
from tilth.privacy import catch_up
from tilth.privacy.models import Erasure, Rule, Takeout

pytestmark = pytest.mark.usefixtures("stopped_clock")


@pytest.fixture(autouse=True)
def _home(settings, tmp_path):
    settings.HOME = tmp_path


def told(**more) -> dict[str, str]:
    said = {"act": "given", "purpose": "phone", "method": "phone", "day": "2026-06-16", "text": "May we call you?"}
    return {**said, **more}


def test_a_consent_told_on_the_phone_is_written_down_with_its_words(client_of, bob, agreement, anouk):
    bob = client_of(bob)
    answer = bob.post(reverse("consent-told", args=[anouk.pk]), told(), follow=True)
    assert "May we call you?" in answer.content.decode()
    row = Consent.objects.get()
    assert (row.act, row.purpose, row.method, row.at, row.by.name) == ("given", "phone", "phone", NOW, "Bob Jansen")
    assert "yes, since 16 June 2026" in bob.get(reverse("person", args=[anouk.pk])).content.decode()
    bob.post(reverse("consent-told", args=[anouk.pk]), told(act="withdrawn", text=""))
    assert "no, since 16 June 2026" in bob.get(reverse("person", args=[anouk.pk])).content.decode()
    assert [e.verb for e in Entry.objects.filter(person_id=anouk.pk).order_by("pk")] == [
        "consent given",
        "consent withdrawn",
    ]


@pytest.mark.parametrize(("wrong", "say"), [
    ({"text": " "}, "Without it, the consent proves nothing."), ({"day": "2026-06-17"}, "lies in the future"), ({"method": "form"}, "form"),
])  # fmt: skip
def test_a_consent_that_proves_nothing_is_refused(client_of, bob, agreement, anouk, wrong, say):
    answer = client_of(bob).post(reverse("consent-told", args=[anouk.pk]), told(**wrong))
    assert answer.status_code == 422
    assert say in answer.content.decode()
    assert not Consent.objects.exists()


def test_the_story_shows_every_act_also_of_their_browser(client_of, bob, agreement, anouk):
    for act in (Act.ASKED, Act.CONFIRMED):
        record(
            act,
            Purpose.MAIL,
            NOW,
            NOW,
            person=anouk,
            text="News by mail",
            page="https://x.example/form",
            network="203.0.113.0",
        )
    shown = client_of(bob).get(reverse("person-privacy", args=[anouk.pk])).content.decode()
    for words in ("Asked to confirm", "Confirmed", "News by mail", "203.0.113.0", "https://x.example/form", "not said"):
        assert words in shown


def test_the_newest_legal_basis_holds(client_of, bob, agreement, anouk):
    client_of(bob).post(reverse("legal-basis", args=[anouk.pk]), {"basis": "contract", "note": "asked for an offer"})
    shown = client_of(bob).get(reverse("person-privacy", args=[anouk.pk])).content.decode()
    assert "asked for an offer" in shown
    assert LegalBasis.objects.get().basis == "contract"


def test_who_wants_us_to_stop_is_seen_by_everybody_and_may_not_be_written_to(client_of, bob, agreement, anouk):
    record(Act.CONFIRMED, Purpose.MAIL, NOW, NOW, person=anouk)
    bob, where = client_of(bob), reverse("person", args=[anouk.pk])
    assert may(anouk.pk, Purpose.MAIL)
    for _again in range(2):
        bob.post(reverse("limit", args=[anouk.pk]), {"kind": "objection", "why": "rang us"})
    assert "Anouk Zonneveld objects to marketing" in bob.get(where).content.decode()
    assert not may(anouk.pk, Purpose.MAIL)
    bob.post(reverse("limit-lift", args=[Limit.objects.get().pk]))
    assert "objects to marketing" not in bob.get(where).content.decode()
    assert may(anouk.pk, Purpose.MAIL)
    assert [e.verb for e in Entry.objects.filter(person_id=anouk.pk).order_by("pk")] == ["limited", "lifted limit"]


def test_a_manager_makes_and_fetches_the_file_and_sales_does_not(client_of, bob, carla, agreement, anouk):
    assert client_of(bob).post(reverse("takeout-ask", args=[anouk.pk])).status_code == 404
    carla = client_of(carla)
    assert "being searched" in carla.post(reverse("takeout-ask", args=[anouk.pk]), follow=True).content.decode()
    while catch_up.catch_up(NOW):
        pass
    answer = carla.get(reverse("takeout", args=[Takeout.objects.get().pk]))
    assert answer["Content-Disposition"] == f'attachment; filename="person-{anouk.pk}.zip"'
    with zipfile.ZipFile(BytesIO(b"".join(answer.streaming_content))) as file:
        assert sorted(file.namelist()) == ["data.json", "index.html"]
    assert Entry.objects.filter(verb="fetched everything about", person_id=anouk.pk).exists()
    assert "Download it" in carla.get(reverse("person-privacy", args=[anouk.pk])).content.decode()


def test_erasing_shows_first_what_would_go_and_asks_for_the_name(client_of, eva, agreement, anouk):
    eva, where = client_of(eva), reverse("erase", args=[anouk.pk])
    shown = eva.get(where).content.decode()
    assert "Addresses" in shown
    assert "Nothing has happened yet" in shown
    assert eva.post(where, {"name": "Anouk"}).status_code == 422
    assert Person.objects.filter(pk=anouk.pk).exists()
    answer = eva.post(where, {"name": "anouk zonneveld", "asked": "on"}, follow=True)
    assert "Erased from every page" in answer.content.decode()
    assert "1 person was erased and is kept away" in answer.content.decode()
    while catch_up.catch_up(NOW):
        pass
    conveyor.run_dry(NOW)
    assert Erasure.objects.get().finished_at
    gone = eva.get(reverse("person", args=[anouk.pk]))
    assert gone.status_code == 410
    assert "was erased" in gone.content.decode()


def test_retention_shows_what_would_go_before_it_is_saved(client_of, eva, agreement, anouk):
    eva, where = client_of(eva), reverse("retention")
    assert "for ever" in eva.get(where).content.decode()
    assert eva.get(where, {"leads": "30"}).status_code == 200
    assert not Rule.objects.exists()
    assert eva.post(where, {"leads": "3"}).status_code == 422
    assert "Kept for 30 days" in eva.post(where, {"leads": "30"}, follow=True).content.decode()
    assert Rule.objects.get(kind="leads").days == 30
    assert eva.get(reverse("privacy")).status_code == 200
