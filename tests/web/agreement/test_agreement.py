"""Reading the agreement, writing versions, signing them."""

from django.utils.html import strip_tags

from tilth.agreement import drafts
from tilth.agreement.models import Signature, Version
from tilth.agreement.writing import read_text, write_text


def test_a_stranger_is_asked_to_sign_in(charlie, db) -> None:
    assert charlie.get("/agreement/")["Location"].startswith("/sign-in/")


def test_the_running_version_is_shown_in_sentences(client_of, dirk, agreement) -> None:
    page = client_of(dirk).get("/agreement/").content.decode()
    assert "<b>Hand off</b> when <b>fit is A or B and interest is 3 or 4; fit is C and interest is 4</b>." in page
    assert "Marketing hands off <b>50</b> leads by <b>Monday 09:00</b> every week" in page
    assert "within 4 working hours at interest 4; within 8 working hours at interest 3" in page
    assert "first name, last name, phone and e-mail" in page
    assert "Write a new version" not in page


def test_signatures_show_name_role_moment_and_fingerprint(client_of, ann, agreement) -> None:
    page = client_of(ann).get("/agreement/1/").content.decode()
    assert "Ann de Wit (marketing) signed for marketing, 2 January 2026, 10:00" in page
    assert "Bob Jansen (sales) signed for sales, 2 January 2026, 10:00" in page
    assert agreement.fingerprint in page


def test_an_empty_tilth_offers_the_preset_to_those_who_write(client_of, ann, dirk) -> None:
    assert b"Start with the preset" in client_of(ann).get("/agreement/").content
    assert b"Start with the preset" not in client_of(dirk).get("/agreement/").content
    client_of(ann).post("/agreement/presets/b2b-software/")
    assert Version.objects.get().terms.name == "B2B software"
    assert client_of(ann).post("/agreement/presets/none/").status_code == 404


def test_service_cannot_write_a_version(client_of, dirk, agreement) -> None:
    assert client_of(dirk).get("/agreement/new/").status_code == 404


def test_both_signatures_put_a_version_in_force(client_of, ann, bob, preset) -> None:
    version = Version.write(preset, ann, ann.joined_at)
    asked = client_of(ann).get("/agreement/1/signatures/marketing/")
    assert version.fingerprint in asked.content.decode()
    assert Signature.objects.count() == 0
    client_of(ann).post("/agreement/1/signatures/marketing/", {"fingerprint": version.fingerprint})
    assert Version.objects.get().takes_effect_at is None
    client_of(bob).post("/agreement/1/signatures/sales/", {"fingerprint": version.fingerprint})
    assert Version.objects.get().takes_effect_at is not None
    assert set(Signature.objects.values_list("team", "member")) == {("marketing", ann.pk), ("sales", bob.pk)}


def test_nobody_signs_for_the_other_team_or_for_another_document(client_of, ann, preset) -> None:
    version = Version.write(preset, ann, ann.joined_at)
    client_of(ann).post("/agreement/1/signatures/sales/", {"fingerprint": version.fingerprint})
    client_of(ann).post("/agreement/1/signatures/marketing/", {"fingerprint": "of something else"})
    assert Signature.objects.count() == 0
    assert client_of(ann).get("/agreement/1/signatures/service/").status_code == 404


def test_a_changed_text_becomes_the_next_version_and_the_running_one_stays(client_of, ann, agreement) -> None:
    text = write_text(agreement.document).replace("leads: 50", "leads: 44")
    answer = client_of(ann).post("/agreement/new/", {"text": text})
    assert answer["Location"] == "/agreement/2/"
    assert Version.objects.get(number=2).terms.marketing.leads == 44
    page = client_of(ann).get("/agreement/").content.decode()
    assert "Version 1, B2B software" in page
    assert "Waits for signatures" in page


def test_faults_name_their_place_and_mend_and_the_text_is_kept(client_of, ann, agreement) -> None:
    text = (
        write_text(agreement.document)
        .replace("currency: EUR", "currency: euro")
        .replace("country: NL", "country: NL # ours")
    )
    answer = client_of(ann).post("/agreement/new/", {"text": text})
    page = answer.content.decode()
    assert answer.status_code == 422
    assert "<code>currency</code> is &#x27;euro&#x27;. Write three capitals, such as EUR." in page
    assert "country: NL # ours" in page
    assert Version.objects.count() == 1


def test_the_same_text_again_makes_no_version(client_of, ann, agreement) -> None:
    client_of(ann).post("/agreement/new/", {"text": write_text(agreement.document)})
    assert Version.objects.count() == 1


def test_the_text_of_a_withdrawn_version_is_a_version_anew(client_of, ann, preset, now) -> None:
    withdrawn = Version.write(preset, ann, now)
    drafts.withdraw(withdrawn, ann, now)
    client_of(ann).post("/agreement/new/", {"text": write_text(preset)})
    assert [v.is_proposed for v in Version.objects.order_by("number")] == [False, True]


def test_the_download_is_the_document(client_of, dirk, agreement) -> None:
    answer = client_of(dirk).get("/agreement/1.yaml")
    assert answer["Content-Disposition"] == 'attachment; filename="agreement-1.yaml"'
    assert read_text(answer.content.decode()) == Version.objects.get().document


def test_a_file_that_is_not_text_is_refused(client_of, ann, db, tmp_path) -> None:
    file = tmp_path / "agreement.yaml"
    file.write_bytes(b"\xff\xfe\x00")
    with file.open("rb") as sent:
        answer = client_of(ann).post("/agreement/new/", {"text": "", "file": sent})
    assert answer.status_code == 422
    assert "agreement.yaml" in answer.content.decode()
    assert Version.objects.count() == 0


def test_the_page_says_who_gets_a_lead(clock, agreement, preset, client_of, ann, bob):
    preset["routing"] |= {
        "accounts": {"big.example": "bob@kasbouw.example"},
        "first": "call team",
        "dispatch": "manual",
        "dispatcher": "ann@kasbouw.example",
    }
    conditions = [{"field": "person.country", "is": "DE"}, {"field": "company.employees", "at_least": 200}]
    german = {
        "id": "de",
        "say": "Germany",
        "members": {"bob@kasbouw.example": 2},
        "when": conditions,
        "skill": "German",
    }
    preset["routing"]["pools"].insert(0, german)
    version = Version.write(preset, ann, clock.at)
    page = strip_tags(client_of(ann).get(f"/agreement/{version.number}/").content.decode())
    for sentence in (
        "Every lead waits until ann@kasbouw.example passes it on.",
        "Leads of big.example go to bob@kasbouw.example.",
        "call team works every other lead first, and passes it on.",
        "When country is DE and employees is 200 or more: Germany, bob@kasbouw.example ×2, of those who have German.",
        "Any lead: Everyone in sales, in turn.",
    ):
        assert sentence in page


def test_what_must_be_told_is_said_where_it_is_agreed(client_of, preset, ann, agreement, clock):
    preset.pop("tell", None)
    plain = Version.write(preset, ann, clock.at).number
    assert "Whoever it concerns" not in client_of(ann).get(f"/agreement/{plain}/").content.decode()
    preset["tell"] = {"handoff": "at_once", "due": "at_once", "returned": "digest"}
    number = Version.write(preset, ann, clock.at).number
    page = client_of(ann).get(f"/agreement/{number}/").content.decode()
    assert "told <b>at once</b> when <b>a lead is handed over or a promise falls due soon</b>." in page
    assert "told <b>once a day</b> when <b>a lead comes back from sales</b>." in page


def test_the_way_back_is_said_where_it_is_agreed(client_of, preset, ann, agreement, clock):
    page = client_of(ann).get("/agreement/").content.decode()
    assert "Every return is looked at" not in page
    preset["sla"]["review"] = {"reviewer": "carla@kasbouw.example", "within_hours": 8, "blind": True}
    preset["recycling"] = {"rounds": 3, "rest_days": 30}
    number = Version.write(preset, ann, clock.at).number
    page = client_of(ann).get(f"/agreement/{number}/").content.decode()
    assert "<b>carla@kasbouw.example</b> within <b>8</b> working hours, without seeing who returned it." in page
    assert "goes through sales <b>3</b> times at most" in page
    assert "rests for <b>30</b> days" in page


def test_how_many_leads_are_let_go_is_said_where_it_is_agreed(client_of, preset, ann, agreement, clock):
    assert "Leads are let go" not in client_of(ann).get("/agreement/").content.decode()
    preset["release"] = {"by_capacity": True, "hours": {"1": 0.5, "2": 0.5, "3": 1, "4": 1.5}}
    number = Version.write(preset, ann, clock.at).number
    page = client_of(ann).get(f"/agreement/{number}/").content.decode()
    assert "Leads are let go as far as each seller has hours for them" in page
    assert "0.5 h with interest 1 or 2" in page
    assert "1.5 h with interest 4" in page
