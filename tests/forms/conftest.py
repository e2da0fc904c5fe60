"""A form of Kasbouw's for its e-book, and how somebody fills it in."""

from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest

from tests.conftest import NOW
from tilth.core.forms import Consent, Field, Spec
from tilth.forms.models import Form, Submission
from tilth.forms.receiving import Sent, receive
from tilth.forms.stamps import stamp

TEXT = "Kasbouw may send me news by e-mail. I can withdraw this at any time."
FIELDS = [
    Field("email", "email", {"en": "E-mail"}, True),
    Field("first_name", "first_name", {"en": "First name"}),
    Field("company", "company", {"en": "Company"}),
    Field("hectares", "text", {"en": "Hectares"}),
    Field("note", "long", {"en": "Your question"}),
]
SPEC = Spec(
    ["en"], FIELDS, title={"en": "The e-book"}, offer="LED light in practice", consent=Consent("mail", {"en": TEXT})
)
ANSWERS = {
    "email": "anouk@zonneveldtomaten.example",
    "first_name": "Anouk",
    "company": "Zonneveld Tomaten",
    "hectares": "12",
}
MINUTE = timedelta(minutes=1)


@pytest.fixture
def form(ann: Any) -> Form:
    return Form.make("E-book", SPEC, ann, NOW)


@pytest.fixture
def send() -> Callable[..., Submission]:
    """Fill a form in that was given out a minute ago."""

    def send(
        form: Form, typed: dict[str, str] | None = None, nonce: str = "n1", age: timedelta = MINUTE, **more: Any
    ) -> Submission:
        assert form.edition
        at = more.pop("at", NOW)
        sent = Sent(
            {**ANSWERS, **(typed or {})},
            stamp(form.edition, nonce, at - age),
            **{"house": "https://tilth.example", **more},
        )
        return receive(form, sent, at)

    return send
