"""What a form may ask, and what speaks against an answer."""

from datetime import timedelta

import pytest

from tilth.core.forms import MANY, Consent, Doubt, Fault, Field, Spec, check, doubt, faults, named, page, read

EMAIL = Field("email", "email", {"en": "E-mail", "nl": "E-mailadres"}, True)
CROP = Field("crop", "choice", {"en": "Crop"}, choices={"en": "Tomato\nPepper", "nl": "Tomaat\nPaprika"})
NOTE = Field("note", "long", {"en": "Your question"})
SPEC = Spec(["en", "nl"], [EMAIL, Field("first_name", "first_name", {"en": "First name"}), CROP, NOTE])


def test_a_spec_survives_its_plain_form():
    spec = Spec(["en"], [EMAIL], consent=Consent("mail", {"en": "Send me news"}), origins=["https://kasbouw.example"])
    assert read(spec.plain()) == spec
    assert faults(spec) == []


def test_answers_are_trimmed_and_judged():
    said, wrong = check(
        SPEC, {"email": " Anouk@Example.NL ", "first_name": "  Anouk \n x", "crop": "Melon", "other": "x"}
    )
    assert said == {"email": "anouk@example.nl", "first_name": "Anouk x", "crop": "Melon"}
    assert wrong == {"crop": "no_choice"}
    assert check(SPEC, {"email": "nobody"})[1] == {"email": "no_email"}
    assert check(SPEC, {})[1] == {"email": "missing"}
    assert check(SPEC, {"email": "a@b.nl", "note": "x" * 5_001})[1] == {"note": "too_long"}


def test_a_choice_is_kept_in_the_forms_own_language():
    assert CROP.options("nl") == [("Tomato", "Tomaat"), ("Pepper", "Paprika")]
    assert CROP.options("de") == [("Tomato", "Tomato"), ("Pepper", "Pepper")]


def test_the_language_is_the_first_that_the_form_speaks():
    assert SPEC.language("de-AT", "nl_BE") == "nl"
    assert SPEC.language("fr", "") == "en"
    assert SPEC.said({"en": "Hello"}, "nl") == "Hello"


@pytest.mark.parametrize(
    ("spec", "fault"),
    [
        (Spec(["en"], []), Fault("fields", "no_email")),
        (Spec(["en"], [EMAIL] * 2), Fault("field 1", "twice")),
        (Spec(["en"], [EMAIL, Field("x", "text", {"nl": "Vraag"})]), Fault("field 1", "no_label")),
        (
            Spec(["en"], [EMAIL, Field("x", "choice", {"en": "X"}, choices={"en": " \n"})]),
            Fault("field 1", "no_choices"),
        ),
        (Spec(["en", "nl"], [EMAIL], consent=Consent("mail", {"en": "Yes"})), Fault("consent", "no_consent_text")),
        (Spec(["en"], [EMAIL], origins=["javascript:alert(1)"]), Fault("origins", "no_origin")),
        (Spec(["en"], [EMAIL], origins=["https://a.nl; script-src *"]), Fault("origins", "no_origin")),
        (Spec(["en"], [EMAIL, *[Field(f"q{n}", "text", {"en": "Q"}) for n in range(30)]]), Fault("fields", "too_many")),
    ],
)
def test_a_form_that_cannot_be_used_says_why(spec, fault):
    assert faults(spec) == [fault]


def test_questions_get_names_of_their_own():
    assert named("email", "Whatever", []) == "email"
    assert named("text", "How many hectares?", []) == "how_many_hectares"
    assert named("text", "How many hectares?", ["how_many_hectares"]) == "how_many_hectares_2"
    assert named("text", "E-mail", []) == "e_mail"
    assert named("text", "Email", []) == "email_2"
    assert named("text", "温室", []) == "question"


SAID = {"email": "anouk@example.nl"}
A_WHILE = timedelta(seconds=30)


@pytest.mark.parametrize(
    ("said", "trap", "age", "lately", "why"),
    [
        (SAID, "", A_WHILE, 0, None),
        (SAID, "http://x", A_WHILE, 0, Doubt.TRAP),
        (SAID, "", timedelta(seconds=1.9), 0, Doubt.QUICK),
        (SAID, "", timedelta(seconds=2), 0, None),
        (SAID, "", None, 0, Doubt.NO_STAMP),
        (SAID, "", timedelta(days=1, seconds=1), 0, Doubt.NO_STAMP),
        (SAID | {"first_name": "Buy www.pills.example"}, "", A_WHILE, 0, Doubt.LINKS),
        (SAID | {"note": "See https://a.example and https://b.example"}, "", A_WHILE, 0, None),
        (SAID | {"note": "http://a http://b http://c"}, "", A_WHILE, 0, Doubt.LINKS),
        (SAID, "", A_WHILE, MANY, Doubt.MANY),
    ],
)
def test_what_speaks_against_a_human(said, trap, age, lately, why):
    assert doubt(SPEC, said, trap, age, lately) == why


@pytest.mark.parametrize(
    ("address", "kept"),
    [
        ("https://www.kasbouw.example/prijs?utm_source=linkedin&email=a@b.nl#top", "https://www.kasbouw.example/prijs?utm_source=linkedin"),
        ("http://bob:secret@localhost:8080/x?gclid=1", "http://localhost:8080/x?gclid=1"),
        ("javascript:alert(1)", ""),
        ("https://[", ""),
        ("https://a.example:99999/", ""),
        ("", ""),
    ],
)  # fmt: skip
def test_of_a_page_only_what_is_not_personal_is_kept(address, kept):
    assert page(address) == kept
