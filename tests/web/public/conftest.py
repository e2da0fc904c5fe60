"""A form of Kasbouw's that gives an e-book, and a stranger who has it before them."""

import re
from collections.abc import Callable
from datetime import timedelta
from html import unescape
from typing import Any

import pytest
from django.test import Client

from tests.web.conftest import Clock
from tilth.core.forms import Consent, Field, Spec
from tilth.forms import files
from tilth.forms.models import Form

TEXT = "Kasbouw may send me news by e-mail. I can withdraw this at any time."
SPEC = Spec(
    ["en", "nl"],
    [
        Field("email", "email", {"en": "E-mail", "nl": "E-mailadres"}, True),
        Field("first_name", "first_name", {"en": "First name", "nl": "Voornaam"}),
        Field(
            "crop", "choice", {"en": "Crop", "nl": "Teelt"}, choices={"en": "Tomato\nPepper", "nl": "Tomaat\nPaprika"}
        ),
        Field("note", "long", {"en": "Your question", "nl": "Je vraag"}),
        Field("call", "tick", {"en": "Call me", "nl": "Bel mij"}),
    ],
    title={"en": "LED light in practice", "nl": "LED-licht in de praktijk"},
    thanks={"en": "Enjoy reading."},
    offer="LED light in practice",
    consent=Consent("mail", {"en": TEXT, "nl": "Kasbouw mag mij nieuws mailen."}),
    origins=["https://www.kasbouw.example"],
)
BROWSER = {"HTTP_USER_AGENT": "Mozilla/5.0 (X11; Linux x86_64; rv:140.0) Gecko/20100101 Firefox/140.0"}


@pytest.fixture(autouse=True)
def _home(settings: Any, tmp_path: Any) -> None:
    settings.HOME = tmp_path


@pytest.fixture
def form(clock: Clock, ann: Any) -> Form:
    file = files.keep("LED light.pdf", [b"%PDF-1.7 light"], ann, clock.at)
    return Form.make(
        "E-book", Spec(**{**{f: getattr(SPEC, f) for f in SPEC.__struct_fields__}, "file": file.pk}), ann, clock.at
    )


@pytest.fixture
def fill_in(clock: Clock, charlie: Client) -> Callable[..., Any]:
    """Open a form, think for a minute, send it; what is hidden in the form comes along as a browser sends it."""

    def fill_in(form: Form, query: str = "", **typed: str) -> Any:
        page = charlie.get(f"/f/{form.key}/{query}", **BROWSER).content.decode()
        hidden = {
            name: unescape(value)
            for name, value in re.findall(r'<input type="hidden" name="(\w+)" value="([^"]*)"', page)
        }
        clock.at += timedelta(minutes=1)
        answers = {f"q-{k}" if k not in ("agreed", "contact_address") else k: v for k, v in typed.items()}
        return charlie.post(f"/f/{form.key}/", {**hidden, **answers}, **BROWSER)

    return fill_in
