"""Quirine, of whom there is something in every room; and Ilse, who comes in the same deliveries and whom nothing may touch."""

import gzip
import json
from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest

from tests.conftest import NOW
from tests.forms.conftest import SPEC
from tilth import conveyor
from tilth.capture.models import Received, Source
from tilth.consent.models import Act, Purpose, record
from tilth.deals.verbs import open_deal
from tilth.forms.models import Form
from tilth.forms.receiving import Sent, receive
from tilth.forms.stamps import stamp
from tilth.handoff.models import Handoff
from tilth.handoff.verbs import accept, hand_off, log_contact
from tilth.people.known import Told, keep
from tilth.people.models import Person

MAIL = "quirine@weidevogel.example"
SECRETS = ("quirine", "vandersloot", "5550199", "555 0199", "u-q-4711", "b-q-77777", "orchids")
Send = Callable[..., Received]


@pytest.fixture(autouse=True)
def _home(settings: Any, tmp_path: Any) -> None:
    settings.HOME = tmp_path


@pytest.fixture
def send(transactional_db: None) -> Send:
    """Deliver events in one batch, and let them be understood."""
    site = Source.objects.create(name="site", write_key="k", at=NOW)

    def send(*events: dict[str, Any], packed: bool = False) -> Received:
        named = [{"messageId": f"m-{Received.objects.count()}-{n}", **e} for n, e in enumerate(events)]
        body = json.dumps({"batch": named}).encode()
        row = Received.objects.create(
            source=site, at=NOW, path="/v1/batch", body=gzip.compress(body) if packed else body, network="203.0.113.0",
            agent="Firefox",
        )  # fmt: skip
        conveyor.run_dry(NOW)
        return row

    return send


def fill_in(form: Form, typed: dict[str, str], age: timedelta = timedelta(minutes=1)) -> None:
    """Send a form; who is quicker than a human is held."""
    assert form.edition
    sent = Sent(
        typed,
        stamp(form.edition, str(age), NOW - age),
        agreed=True,
        house="https://tilth.example",
        agent="Firefox Quirine",
    )
    receive(form, sent, NOW)


@pytest.fixture
def quirine(send: Send, agreement: Any, ann: Any, bob: Any) -> Person:
    """Known by her browser, two forms and a call; with Bob, who called her and opened a deal."""
    told = Told(
        emails=[MAIL], phones=["+31105550199"], ids=[("crm", "c-quirine-0001")], domain="weidevogel.example",
        person={"first_name": "Quirine", "last_name": "Vandersloot", "hobby": "orchids"}, company={"name": "Grutto B.V."},
    )  # fmt: skip
    who, _made = keep(told, NOW, "typed in", bob)
    page = "https://kasbouw.example/thanks?mail=quirine%40weidevogel.example"
    send({"type": "page", "anonymousId": "b-q-77777", "properties": {"url": page}})
    ilse = {"email": "ilse@bos.example", "form": "demo", "referred_by": MAIL}
    send(
        {"type": "identify", "userId": "u-q-4711", "anonymousId": "b-q-77777", "traits": {"email": MAIL.title()}},
        {"type": "track", "event": "Form Submitted", "userId": "u-ilse", "properties": ilse},
        {"type": "track", "event": "Asked", "userId": "u-q-4711", "properties": {"note": "orchids", "form": "demo"}},
        packed=True,
    )
    text = "Mail me about orchids."
    record(
        Act.GIVEN,
        Purpose.MAIL,
        NOW - timedelta(days=2),
        NOW,
        person=who,
        text=text,
        page="https://kasbouw.example/form",
    )
    fill_in(Form.make("E-book", SPEC, ann, NOW), {"email": MAIL, "note": "More on orchids?"})
    conveyor.run_dry(NOW)
    fill_in(
        Form.objects.get(),
        {"email": MAIL, "first_name": "Quirine", "nonsense": "http://x http://y http://z"},
        timedelta(),
    )
    if not Handoff.objects.filter(person=who).exists():
        hand_off(who, NOW, bob, bob)
    log_contact(who, bob, "call", NOW, "reached", "Quirine loves orchids")
    accept(Handoff.objects.get(person=who), bob, NOW)
    open_deal(who, bob, "Greenhouse for Quirine Vandersloot", 5_000_00, "EUR", NOW)
    conveyor.run_dry(NOW)
    return Person.objects.get(pk=who.pk)
