"""Making a form, changing it, and looking at what came through it."""

from collections.abc import Callable
from typing import Any

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.http import QueryDict
from django.test import Client

from tests.conftest import NOW
from tilth.core import forms as core
from tilth.core.forms import Consent, Doubt, Field, Spec
from tilth.forms.models import Edition, File, Form, Submission
from tilth.journal.models import Entry
from tilth.people.models import Person
from tilth.web.forms import typed


@pytest.fixture(autouse=True)
def _home(settings: Any, tmp_path: Any, clock: Any) -> None:
    settings.HOME = tmp_path


@pytest.fixture
def marketing(client_of: Callable[..., Client], ann: Any) -> Client:
    return client_of(ann)


@pytest.fixture
def form(ann: Any) -> Form:
    return Form.make("Demo", typed.fresh(), ann, NOW)


def fields_of(asks: Spec, **more: Any) -> dict[str, Any]:
    """What the builder sends for a form."""
    out: dict[str, Any] = {
        "name": "Demo", "language": asks.languages, "first": asks.languages[0], "offer": asks.offer, "campaign": asks.campaign,
        "origins": "\n".join(asks.origins), "do": "save",
    }  # fmt: skip
    for name in typed.TEXTS:
        out |= {f"{name}-{code}": text for code, text in getattr(asks, name).items()}
    for n, field in enumerate(asks.fields):
        out |= {
            f"field-{n}-kind": field.kind,
            f"field-{n}-name": field.name,
            **({f"field-{n}-required": "on"} if field.required else {}),
        }
        for part in ("label", "help", "choices"):
            out |= {f"field-{n}-{part}-{code}": text for code, text in getattr(field, part).items()}
    if asks.consent:
        out |= {"purpose": asks.consent.purpose, **({"double": "on"} if asks.consent.double else {})}
        out |= {f"consent-{code}": text for code, text in asks.consent.text.items()}
    if asks.at_once:
        out["at_once"] = "on"
    return out | more


FULL = Spec(
    ["nl", "en"],
    [
        Field("email", "email", {"nl": "E-mail", "en": "E-mail"}, True),
        Field("teelt", "choice", {"nl": "Teelt", "en": "Crop"}, True, {"nl": "De grootste"}, {"nl": "Tomaat\nPaprika", "en": "Tomato\nPepper"}),
        Field("call", "tick", {"nl": "Bel mij"}),
    ],
    title={"nl": "Vraag een demo"}, intro={"nl": "Kort."}, button={"nl": "Vraag aan"}, thanks={"nl": "Tot snel."},
    offer="demo", campaign="spring", consent=Consent("mail", {"nl": "Ja", "en": "Yes"}, False), at_once=True,
    origins=["https://www.kasbouw.example", "https://*.kasbouw.example"],
)  # fmt: skip


def test_what_the_builder_sends_is_the_form_that_it_shows():
    query = QueryDict(mutable=True)
    for name, value in fields_of(FULL).items():
        query.setlist(name, value if isinstance(value, list) else [value])
    assert typed.settled(typed.spec(query, FULL)) == FULL


def test_a_new_form_asks_for_little_and_leads_to_the_builder(marketing):
    answer = marketing.post("/forms/", {"name": "E-book LED"})
    row = Form.objects.get()
    assert answer["Location"] == f"/forms/{row.pk}/edit/"
    asks = row.edition.asks
    assert [f.kind for f in asks.fields] == ["email", "first_name", "last_name", "company"]
    assert asks.consent.double
    assert core.faults(asks) == []
    assert Entry.objects.filter(verb="made form").count() == 1
    assert marketing.post("/forms/", {"name": ""}).status_code == 422


def test_keeping_makes_a_version_and_the_same_again_makes_none(marketing, form):
    assert marketing.post(f"/forms/{form.pk}/edit/", fields_of(FULL)).status_code == 302
    form.refresh_from_db()
    assert (form.edition.number, form.edition.asks) == (2, FULL)
    marketing.post(f"/forms/{form.pk}/edit/", fields_of(FULL))
    assert Edition.objects.count() == 2


@pytest.mark.parametrize(
    ("do", "kinds"),
    [
        ("down-0", ["first_name", "email", "last_name", "company"]),
        ("up-1", ["first_name", "email", "last_name", "company"]),
        ("up-0", ["email", "first_name", "last_name", "company"]),
        ("remove-3", ["email", "first_name", "last_name"]),
        ("remove-99", ["email", "first_name", "last_name", "company"]),
        ("add", ["email", "first_name", "last_name", "company", "choice"]),
        ("nonsense", ["email", "first_name", "last_name", "company"]),
    ],
)
def test_the_buttons_of_the_builder_change_what_is_shown_and_keep_nothing(marketing, form, do, kinds):
    page = marketing.post(
        f"/forms/{form.pk}/edit/", fields_of(form.edition.asks, do=do, kind="choice")
    ).content.decode()
    shown = [part.split('"')[0] for part in page.split('-kind" value="')[1:]]
    assert shown == kinds
    assert Edition.objects.count() == 1


def test_a_language_more_shows_its_fields_and_the_preview_speaks_it(marketing, form):
    sent = fields_of(form.edition.asks, do="look", language=["en", "nl"], preview="nl")
    page = marketing.post(f"/forms/{form.pk}/edit/", sent).content.decode()
    assert 'name="field-0-label-nl"' in page
    assert "(Dutch)" in page


@pytest.mark.parametrize(
    ("more", "said"),
    [
        ({"name": ""}, "Give the form a name."),
        ({"field-0-kind": "text"}, "Ask for the e-mail address"),
        ({"field-1-label-en": ""}, "Write what is asked"),
        ({"field-1-kind": "email"}, "This is asked twice"),
        ({"origins": "kasbouw.nl"}, "Write websites like"),
        ({"language": ["en", "nl"]}, "Write what they agree to"),
    ],
)
def test_what_cannot_be_used_is_not_kept_and_says_why(marketing, form, more, said):
    answer = marketing.post(f"/forms/{form.pk}/edit/", fields_of(form.edition.asks, **more))
    assert answer.status_code == 422
    assert said in answer.content.decode()
    assert Edition.objects.count() == 1


def test_a_question_keeps_its_name_when_its_words_change(marketing, form):
    asks = Spec(
        **{n: getattr(form.edition.asks, n) for n in Spec.__struct_fields__}
        | {"fields": [*form.edition.asks.fields, Field("", "text", {"en": "Hectares"})]}
    )
    marketing.post(f"/forms/{form.pk}/edit/", fields_of(asks))
    form.refresh_from_db()
    assert form.edition.asks.fields[-1].name == "hectares"
    marketing.post(
        f"/forms/{form.pk}/edit/", fields_of(form.edition.asks, **{"field-4-label-en": "How many hectares?"})
    )
    form.refresh_from_db()
    assert (form.edition.asks.fields[-1].name, form.edition.asks.fields[-1].label["en"]) == (
        "hectares",
        "How many hectares?",
    )


def test_a_file_is_given_and_taken_away_again(marketing, form):
    pdf = SimpleUploadedFile("LED light.pdf", b"%PDF-1.7 x")
    assert marketing.post(f"/forms/{form.pk}/file/", {"file": pdf}).status_code == 302
    form.refresh_from_db()
    assert form.edition.asks.file == File.objects.get().pk
    assert "LED light.pdf" in marketing.get(f"/forms/{form.pk}/").content.decode()
    marketing.post(f"/forms/{form.pk}/edit/", fields_of(form.edition.asks, offer="other"))
    form.refresh_from_db()
    assert form.edition.asks.file, "the builder leaves the file alone"
    marketing.post(f"/forms/{form.pk}/file/", {"do": "none"})
    form.refresh_from_db()
    assert form.edition.asks.file is None
    assert File.objects.exists(), "links that went out still work"


def test_a_file_that_is_not_given_out_says_why(marketing, form):
    answer = marketing.post(f"/forms/{form.pk}/file/", {"file": SimpleUploadedFile("x.html", b"<script>")})
    assert answer.status_code == 422
    assert "is not given out" in answer.content.decode()
    assert marketing.post(f"/forms/{form.pk}/file/", {}).status_code == 422


def test_closing_and_opening_again_are_in_the_journal(marketing, form):
    marketing.post(f"/forms/{form.pk}/closing/", {"do": "close"})
    form.refresh_from_db()
    assert form.closed_at == NOW
    marketing.post(f"/forms/{form.pk}/closing/", {"do": "open"})
    assert list(Entry.objects.filter(verb__endswith=" form").order_by("pk").values_list("verb", flat=True)) == [
        "made form",
        "closed form",
        "opened form",
    ]


@pytest.fixture
def doubted(form: Form) -> Submission:
    said = {"email": "anouk@zonneveldtomaten.example", "first_name": "<b>Anouk</b>"}
    return Submission.objects.create(
        edition=form.edition,
        key=b"k" * 16,
        at=NOW,
        said=said,
        language="en",
        house="http://testserver",
        doubt=Doubt.QUICK,
    )


def test_what_is_held_is_shown_with_its_reason_and_let_through(marketing, doubted, agreement):
    page = marketing.get("/forms/held/").content.decode()
    assert "was sent quicker than anybody can type" in page
    assert "&lt;b&gt;Anouk" in page
    assert "1 to look at" in marketing.get("/forms/").content.decode()
    marketing.post(f"/forms/held/{doubted.pk}/", {"do": "through"})
    assert Person.objects.get().first_name == "<b>Anouk</b>"
    assert "Nothing to look at" in marketing.get("/forms/held/").content.decode()
    assert marketing.post(f"/forms/held/{doubted.pk}/", {"do": "through"}).status_code == 404


def test_spam_stays_with_its_form(marketing, doubted, form):
    marketing.post(f"/forms/held/{doubted.pk}/", {"do": "spam"})
    assert not Person.objects.exists()
    assert ">spam<" in marketing.get(f"/forms/{form.pk}/").content.decode()


def test_what_came_in_is_shown_with_its_person(marketing, form, doubted, ann):
    from tilth.forms.submissions import let_through

    let_through(doubted, ann, NOW)
    page = marketing.get(f"/forms/{form.pk}/").content.decode()
    assert f'href="/people/{Person.objects.get().pk}/"' in page
    assert f"/f/{form.key}.js" in page
    assert "No mail goes out yet" in page


def test_an_older_version_can_be_seen_and_used_again(marketing, form):
    marketing.post(f"/forms/{form.pk}/edit/", fields_of(FULL))
    page = marketing.get(f"/forms/{form.pk}/versions/1/").content.decode()
    assert "I want news by e-mail" in page
    assert "Show this again from now on" in page
    marketing.post(f"/forms/{form.pk}/versions/1/")
    form.refresh_from_db()
    assert (form.edition.number, form.edition.asks) == (3, typed.fresh())
    assert "Show this again" not in marketing.get(f"/forms/{form.pk}/versions/3/").content.decode()
    assert "Vraag een demo" in marketing.get(f"/forms/{form.pk}/versions/2/?language=nl").content.decode()
    assert marketing.get(f"/forms/{form.pk}/versions/9/").status_code == 404


def test_a_file_that_is_far_too_large_is_not_read(marketing, form, monkeypatch):
    monkeypatch.setattr("tilth.forms.files.LARGEST", 1_000)
    pdf = SimpleUploadedFile("LED light.pdf", b"%PDF-1.7 " + b"x" * 200_000)
    answer = marketing.post(f"/forms/{form.pk}/file/", {"file": pdf})
    assert (answer.status_code, File.objects.count()) == (422, 0)


def test_a_file_is_taken_from_our_own_page_alone(ann, form):
    outside = Client(enforce_csrf_checks=True)
    outside.force_login(ann)
    assert outside.post(f"/forms/{form.pk}/file/", {"do": "none"}).status_code == 403
