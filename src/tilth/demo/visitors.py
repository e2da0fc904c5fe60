"""Kasbouw's forms, and the people who fill them in: through the same doors as on a real website.

A file behind the e-book, double opt-in with the words that are read, mails that are answered by most; and at the end two
submissions that look like spam and wait for somebody to look.
"""

import heapq
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta
from random import Random
from urllib.parse import urlencode

from django.conf import settings

from tilth.consent.models import Purpose
from tilth.core.forms import Consent, Field, Spec
from tilth.forms import confirming, files
from tilth.forms.models import Form
from tilth.forms.receiving import Sent, receive
from tilth.forms.stamps import stamp
from tilth.notify.models import Message
from tilth.team.models import Member
from tilth.touches.models import Evidence

from . import market
from .journeys import SITE, SOURCES

AGREES = "Kasbouw Software may send me news about growing by e-mail. I can withdraw this at any time, by the link in each mail."
STEMT_TOE = "Kasbouw Software mag mij nieuws over telen mailen. Ik kan dit altijd intrekken, met de link in elke mail."
EMAIL = Field("email", "email", {"en": "E-mail", "nl": "E-mail"}, True)
NAME = [
    Field("first_name", "first_name", {"en": "First name", "nl": "Voornaam"}, True),
    Field("last_name", "last_name", {"en": "Last name", "nl": "Achternaam"}, True),
]
FIRM = Field("company", "company", {"en": "Company", "nl": "Bedrijf"})
CROP = Field("crop", "choice", {"en": "What do you grow?", "nl": "Wat teel je?"},
             choices={"en": "Tomatoes\nPeppers\nFlowers\nSomething else", "nl": "Tomaten\nPaprika\nBloemen\nIets anders"})  # fmt: skip
HECTARES = Field("hectares", "text", {"en": "Hectares under glass", "nl": "Hectare onder glas"})
PHONE = Field("phone", "phone", {"en": "Phone", "nl": "Telefoon"})
ASKS = Field("asks", "long", {"en": "What should the demo show?", "nl": "Wat wil je zien in de demo?"})
WANTS = ("Night heating", "How it plans labour", "Three compartments at once", "The link with our screens", "")
READERS, SEERS = 40, 16  # of the e-book, of the demo
WHICH = "Mozilla/5.0 (Windows NT 10.0; Win64; x64; rv:140.0) Gecko/20100101 Firefox/140.0"


@dataclass(frozen=True)
class Visit:
    """Somebody fills in one form at a moment; `answers` whether they go to their mailbox then."""

    form: Form
    typed: dict[str, str]
    agrees: bool
    answers: bool
    page: str
    nonce: str
    trap: str = ""


Heap = list[tuple[datetime, int, Visit]]


def open_forms(ann: Member, at: datetime) -> tuple[Form, Form]:
    """The e-book with its file, and the demo, as Ann made them."""
    book = files.keep(
        "LED light in practice.pdf", [_pdf("LED light in practice", "What six growers measured")], ann, at
    )
    languages, origins = ["en", "nl"], [SITE]
    consent = Consent(Purpose.MAIL, {"en": AGREES, "nl": STEMT_TOE})
    reading = Spec(
        languages, fields=[EMAIL, *NAME, FIRM, CROP], title={"en": "LED light in practice", "nl": "LED-licht in de praktijk"},
        intro={"en": "What six growers measured in two winters."}, button={"en": "Send me the e-book", "nl": "Stuur mij het e-book"},
        offer="LED light in practice", consent=consent, file=book.pk, origins=origins,
    )  # fmt: skip
    seeing = Spec(
        languages, fields=[EMAIL, *NAME, FIRM, PHONE, HECTARES, ASKS], title={"en": "See it with your own crops", "nl": "Zie het met je eigen teelt"},
        button={"en": "Ask for a demo", "nl": "Vraag een demo aan"}, thanks={"en": "We call you within a working day."},
        offer="demo", consent=consent, origins=origins,
    )  # fmt: skip
    return Form.make("E-book LED light", reading, ann, at), Form.make("Demo", seeing, ann, at)


def visits(forms: tuple[Form, Form], firms: list[market.Firm], begin: datetime, now: datetime, random: Random) -> Heap:
    """Who fills in which form when, as a heap by moment."""
    heap: Heap = []
    for n in range(READERS + SEERS):
        form = forms[n >= READERS]
        who = market.lead(70_000 + n, random.choice(firms), random)
        at = begin + (now - begin) * random.random() ** 0.8
        at = at.replace(hour=random.randrange(7, 19), minute=random.randrange(60))
        if begin < at < now - timedelta(hours=6):
            agrees = random.random() < 0.6
            heapq.heappush(
                heap,
                (at, n, Visit(form, _typed(form, who, random), agrees, random.random() < 0.75, _page(random), f"{n}")),
            )
    for n, (trap, minutes) in enumerate((("https://cheap-followers.example", 95), ("", 180))):
        typed = {
            "email": f"offer{n}@cheap-followers.example",
            "first_name": "Win",
            "last_name": "Now https://cheap-followers.example",
        }
        heapq.heappush(
            heap,
            (
                now - timedelta(minutes=minutes),
                900 + n,
                Visit(forms[1], typed, False, False, _page(random), f"s{n}", trap),
            ),
        )
    return heap


def come(heap: Heap, until: datetime) -> list[Visit]:
    """Those whose moment has come fill in their form."""
    came = []
    while heap and heap[0][0] <= until:
        at, _n, visit = heapq.heappop(heap)
        assert visit.form.edition
        sent = Sent(
            typed=visit.typed, stamp=stamp(visit.form.edition, visit.nonce, at - timedelta(seconds=70)), trap=visit.trap,
            agreed=visit.agrees, language="en", page=visit.page, network="203.0.113.0", agent=WHICH, house=settings.ADDRESS,
        )  # fmt: skip
        receive(visit.form, sent, at)
        came.append(visit)
    return came


def read_mail(came: Iterable[Visit], at: datetime) -> None:
    """Most of them go to their mailbox, confirm what they agreed to, and fetch what they asked for."""
    for to in [visit.typed["email"] for visit in came if visit.answers]:
        for mail in Message.objects.filter(to=to, made_at__gt=at - timedelta(days=3)):
            if secret := _between(mail.text, "/confirm/"):
                confirming.confirm(secret, at, "203.0.113.0", WHICH)
            elif fetch := files.opened(_between(mail.text, "/d/")):
                files.fetched(fetch, Evidence.OBSERVED, at, "203.0.113.0", WHICH)


def _typed(form: Form, who: market.Lead, random: Random) -> dict[str, str]:
    assert form.edition
    crop = random.choice(("Tomatoes", "Peppers", "Flowers", "Something else"))
    every = {
        "email": who.email, "first_name": who.first, "last_name": who.last, "company": who.firm.name if who.firm else "",
        "phone": who.phone, "crop": crop, "hectares": str(random.randint(1, 24)), "asks": random.choice(WANTS),
    }  # fmt: skip
    return {field.name: every[field.name] for field in form.edition.asks.fields}


def _page(random: Random) -> str:
    source, medium, campaign, _weight = random.choices(SOURCES, [s[3] for s in SOURCES])[0]
    marks = {"utm_source": source, "utm_medium": medium, "utm_campaign": campaign}
    query = urlencode({k: v for k, v in marks.items() if v})
    return f"{SITE}/led-light{'?' if query else ''}{query}"


def _between(text: str, begins: str) -> str:
    return text.partition(begins)[2].partition("/")[0]


def _pdf(title: str, line: str) -> bytes:
    """One page with a title and a line, as small as a PDF can be."""
    words = f"BT /F1 24 Tf 72 720 Td ({title}) Tj /F1 14 Tf 0 -32 Td ({line}) Tj ET"
    parts = [
        "<</Type/Catalog/Pages 2 0 R>>",
        "<</Type/Pages/Kids[3 0 R]/Count 1>>",
        "<</Type/Page/Parent 2 0 R/MediaBox[0 0 595 842]/Contents 4 0 R/Resources<</Font<</F1 5 0 R>>>>>>",
        f"<</Length {len(words)}>>stream\n{words}\nendstream",
        "<</Type/Font/Subtype/Type1/BaseFont/Helvetica>>",
    ]
    out, places = "%PDF-1.4\n", []
    for n, part in enumerate(parts, 1):
        places.append(len(out))
        out += f"{n} 0 obj{part}endobj\n"
    table = "".join(f"{place:010} 00000 n \n" for place in places)
    end = f"xref\n0 {len(parts) + 1}\n0000000000 65535 f \n{table}trailer<</Size {len(parts) + 1}/Root 1 0 R>>\nstartxref\n{len(out)}\n%%EOF\n"
    return (out + end).encode("ascii")
