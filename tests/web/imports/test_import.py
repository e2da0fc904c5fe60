"""Files from the browser: sent up, looked at, corrected, taken in, reported."""

from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client, override_settings

from tilth import conveyor
from tilth.capture.models import Import, Mapping
from tilth.journal.models import Entry
from tilth.people.models import Person
from tilth.team.models import Member

pytestmark = pytest.mark.usefixtures("clock", "agreement")
LEADS = "E-mail;Voornaam;Opm.\nanouk@zonneveld.example;Anouk;belt graag\n;Niemand;\n"


@pytest.fixture(autouse=True)
def home(tmp_path: Path) -> Iterator[Path]:
    with override_settings(HOME=tmp_path):
        yield tmp_path / "imports"


@pytest.fixture
def desk(client_of: Callable[[Member], Client], ann: Member) -> Client:
    """Ann at hers."""
    return client_of(ann)


def _send(desk: Client, text: str = LEADS, kind: str = "leads", **more: str) -> str:
    """Send a file up; where that leads to."""
    answer = desk.post("/imports/", {"file": SimpleUploadedFile("fair.csv", text.encode()), "kind": kind, **more})
    assert answer.status_code == 302, answer.content.decode()
    return answer["Location"]


def _form(desk: Client, url: str) -> dict[str, str]:
    """What the mapping page would send, untouched."""
    form = desk.get(url).context["form"]
    return {name: str(form[name].value() or "") for name in form.fields}


def _page(desk: Client, url: str) -> str:
    return desk.get(url).content.decode()


def test_a_file_goes_from_upload_to_report(desk: Client, home: Path, now) -> None:
    url = _send(desk)
    page = _page(desk, url)
    assert "anouk@zonneveld.example" in page
    assert not Person.objects.exists()
    answer = desk.post(url, {**_form(desk, url), "do": "begin"})
    assert answer.status_code == 302
    assert "Looking through the whole file first" in _page(desk, answer["Location"])
    conveyor.run_dry(now)
    report = _page(desk, answer["Location"])
    assert "1 row failed" in report
    assert "no e-mail, phone or id: nothing tells who this is" in report
    assert Person.objects.get().custom == {"opm": "belt graag"}
    assert list(home.iterdir()) == []
    assert Entry.objects.get(verb="began import").by_name == "Ann de Wit"


def test_a_column_is_corrected_before_anything_is_taken_in(desk: Client, now) -> None:
    url = _send(desk)
    desk.post(url, {**_form(desk, url), "field-2": "", "field-1": "last_name", "source": "Fair 2026", "do": "begin"})
    conveyor.run_dry(now)
    person = Person.objects.get()
    assert (person.last_name, person.custom, person.origin.source) == ("Anouk", {}, "Fair 2026")


def test_a_mapping_that_names_nobody_does_not_begin_and_says_why(desk: Client) -> None:
    url = _send(desk)
    answer = desk.post(url, {**_form(desk, url), "field-0": "", "do": "begin"})
    assert answer.status_code == 422
    assert "No column gives id or email or phone" in answer.content.decode()
    assert Import.objects.get().started_at is None


def test_a_file_without_a_known_column_is_still_shown_so_that_it_can_be_mapped(desk: Client) -> None:
    page = _page(desk, _send(desk, "Naam;Plaats\nAnouk Zonneveld;Bleiswijk\n"))
    assert "No column tells who it is" in page


def test_another_separator_makes_other_columns(desk: Client) -> None:
    url = _send(desk, "a;b|E-mail\n1;2|anouk@zonneveld.example\n3;4|x@y.example\n")
    answer = desk.post(url, {**_form(desk, url), "separator": "|", "do": "look"})
    assert answer.status_code == 302
    assert [c["header"] for c in Import.objects.get().spec["columns"]] == ["a;b", "E-mail"]


def test_a_kept_reading_is_used_for_the_next_file(desk: Client, ann: Member) -> None:
    url = _send(desk)
    page = desk.post(url, {**_form(desk, url), "field-2": "title", "save_as": "Fairs", "do": "look"}, follow=True)
    assert "Kept as “Fairs”" in page.content.decode()
    saved = Mapping.objects.get()
    assert (saved.name, saved.by) == ("Fairs", ann)
    next_url = _send(desk, "Opm.;E-mail\nOwner;b@zonneveld.example\n", mapping=str(saved.pk))
    assert _form(desk, next_url)["field-0"] == "title"


@pytest.mark.parametrize(("content", "say"), [("", "empty"), ("%PDF-1.7", "a PDF"), ("PK\x03\x04", "a spreadsheet")])
def test_what_is_no_table_is_refused_at_once_and_not_kept(desk: Client, home: Path, content: str, say: str) -> None:
    answer = desk.post("/imports/", {"file": SimpleUploadedFile("x.csv", content.encode()), "kind": "leads"})
    assert answer.status_code == 422
    assert say in answer.content.decode()
    assert not Import.objects.exists()
    assert list(home.glob("*")) == []


def test_a_file_past_the_limit_is_refused_and_leaves_nothing_on_the_disk(desk: Client, home: Path) -> None:
    with override_settings(UPLOAD_LIMIT=1_000):
        answer = desk.post("/imports/", {"file": SimpleUploadedFile("x.csv", b"a;b\n" * 1_000), "kind": "leads"})
        assert "larger than Tilth takes here" in answer.content.decode()
        small_rest = desk.post(
            "/imports/", {"file": SimpleUploadedFile("x.csv", b"E-mail\n" * 900_000), "kind": "leads"}
        )
    assert (answer.status_code, small_rest.status_code) == (422, 422)
    assert list(home.glob("*")) == []


def test_a_file_that_shows_its_trouble_late_is_refused_whole(desk: Client, now) -> None:
    url = _send(desk, LEADS + "b@zonneveld.example;Zoë;\n" * 20_000 + "c@zonneveld.example;\0;\n")
    location = desk.post(url, {**_form(desk, url), "do": "begin"})["Location"]
    conveyor.run_dry(now)
    assert "Line 20004 has a zero byte" in _page(desk, location)
    assert not Person.objects.exists()


def test_while_rows_come_in_the_page_renews_its_part_and_then_stops_asking(desk: Client, now) -> None:
    url = _send(desk)
    location = desk.post(url, {**_form(desk, url), "do": "begin"})["Location"]
    part = desk.get(location, headers={"HX-Request": "true"}).content.decode()
    assert 'hx-trigger="every 1s"' in part
    assert "<html" not in part
    conveyor.run_dry(now)
    assert "hx-trigger" not in desk.get(location, headers={"HX-Request": "true"}).content.decode()


def test_an_import_is_stopped_and_an_upload_that_was_not_begun_is_forgotten(desk: Client, home: Path) -> None:
    url = _send(desk)
    answer = desk.post(url.replace("mapping", "stop"), follow=True)
    assert "The file is gone." in answer.content.decode()
    assert list(home.glob("*")) == []
    url = _send(desk)
    desk.post(url, {**_form(desk, url), "do": "begin"})
    answer = desk.post(url.replace("mapping", "stop"), follow=True)
    assert "Stopped. What was taken in stays." in answer.content.decode()
    assert list(home.glob("*")) == []


def test_failed_rows_come_as_a_file_that_a_spreadsheet_opens_safely(desk: Client, now) -> None:
    url = _send(desk, "E-mail;Naam\n;=1+1\nb@zonneveld.example;B\n")
    desk.post(url, {**_form(desk, url), "do": "begin"})
    conveyor.run_dry(now)
    answer = desk.get(url.replace("mapping/", "failed.csv"))
    lines = b"".join(answer.streaming_content).decode("utf-8-sig").splitlines()
    assert lines == ["line,reason,E-mail,Naam", '2,"no e-mail, phone or id: nothing tells who this is",,\'=1+1']
    assert "attachment" in answer["Content-Disposition"]


def test_an_upload_without_its_token_is_refused_and_not_kept(ann: Member, home: Path) -> None:
    client = Client(enforce_csrf_checks=True)
    client.force_login(ann)
    answer = client.post("/imports/", {"file": SimpleUploadedFile("x.csv", LEADS.encode()), "kind": "leads"})
    assert answer.status_code == 403
    assert not Import.objects.exists()
    assert list(home.glob("*")) == []


def test_a_stranger_sends_nothing_up(charlie: Client, home: Path) -> None:
    answer = charlie.post("/imports/", {"file": SimpleUploadedFile("x.csv", LEADS.encode()), "kind": "leads"})
    assert answer.status_code == 302
    assert not home.exists()


def test_the_list_shows_every_import_with_its_figures(desk: Client, now) -> None:
    url = _send(desk)
    desk.post(url, {**_form(desk, url), "do": "begin"})
    conveyor.run_dry(now)
    page = _page(desk, "/imports/")
    assert "fair.csv" in page
    assert "Ann de Wit" in page
