"""What a form asks, and what to think of an answer. A form's words are in one or more languages, the first of which is its own.

Source: docs/algorithms/forms.md
"""

import re
from collections.abc import Mapping
from datetime import timedelta
from enum import StrEnum
from typing import Any
from urllib.parse import parse_qsl, urlencode, urlsplit, urlunsplit

import msgspec

from . import identity

# What we know by itself, each asked once at most; what is asked under these goes to the person or the company.
PERSON = ("email", "first_name", "last_name", "phone", "title", "country")
KNOWN = (*PERSON, "company", "referred_by")
OWN = ("text", "long", "choice", "tick")
KINDS = (*KNOWN, *OWN)
LANGUAGES = ("en", "nl", "de")
LONGEST = {
    "email": 254,
    "first_name": 120,
    "last_name": 120,
    "title": 120,
    "company": 200,
    "phone": 40,
    "country": 60,
    "long": 5_000,
}
PLAIN = 500  # the longest answer of all others
FIELDS = 30

Words = dict[str, str]  # language to text


class Field(msgspec.Struct, frozen=True, omit_defaults=True):
    """One question. `choices` are lines of text, as many in each language; the answer kept is the one of the first."""

    name: str
    kind: str
    label: Words
    required: bool = False
    help: Words = {}
    choices: Words = {}

    def options(self, language: str) -> list[tuple[str, str]]:
        """What may be chosen: the answer that is kept, and how it is shown."""
        kept = _lines(next(iter(self.choices.values()), ""))
        shown = _lines(self.choices.get(language, ""))
        return [(value, shown[n] if n < len(shown) else value) for n, value in enumerate(kept)]


class Consent(msgspec.Struct, frozen=True, omit_defaults=True):
    """What somebody may agree to beside the form. With `double` it holds once a link in a mail confirmed it."""

    purpose: str
    text: Words
    double: bool = True


class Spec(msgspec.Struct, frozen=True, omit_defaults=True):
    """One version of a form. `offer` is the key of what it is for; `file` the number of the file that they get."""

    languages: list[str]
    fields: list[Field]
    title: Words = {}
    intro: Words = {}
    button: Words = {}
    thanks: Words = {}
    offer: str = ""
    campaign: str = ""
    consent: Consent | None = None
    file: int | None = None
    at_once: bool = False  # the file can be fetched on the thank-you page too, not by the mail alone
    origins: list[str] = []

    def plain(self) -> dict[str, Any]:
        return msgspec.to_builtins(self)

    def language(self, *wished: str) -> str:
        """The first of the wished languages that the form speaks ("de-AT" is German); else its own."""
        short = (w.replace("_", "-").split("-")[0].lower() for w in wished)
        return next((w for w in short if w in self.languages), self.languages[0])

    def said(self, words: Words, language: str) -> str:
        """A text in a language; where it is missing, in the form's own."""
        return words.get(language) or words.get(self.languages[0]) or ""


def read(plain: Mapping[str, Any]) -> Spec:
    """raises     msgspec.ValidationError, for what no builder wrote"""
    return msgspec.convert(plain, Spec)


class Fault(msgspec.Struct, frozen=True):
    """What is wrong with a form, and where: "field 2", "consent", "origins"."""

    where: str
    what: str


def faults(spec: Spec) -> list[Fault]:
    """Why this form cannot be used, in the order of the page; nothing when it can."""
    kinds = [f.kind for f in spec.fields]
    out = [] if "email" in kinds else [Fault("fields", "no_email")]
    if len(spec.fields) > FIELDS:
        out.append(Fault("fields", "too_many"))
    for n, field in enumerate(spec.fields):
        if not field.label.get(spec.languages[0], "").strip():
            out.append(Fault(f"field {n}", "no_label"))
        if field.kind in KNOWN and field.kind in kinds[:n]:
            out.append(Fault(f"field {n}", "twice"))
        if field.kind == "choice" and not field.options(spec.languages[0]):
            out.append(Fault(f"field {n}", "no_choices"))
    if spec.consent and not all(spec.consent.text.get(code, "").strip() for code in spec.languages):
        out.append(Fault("consent", "no_consent_text"))
    out += [Fault("origins", "no_origin") for origin in spec.origins if not ORIGIN.fullmatch(origin)]
    return out


ORIGIN = re.compile(r"https?://(\*\.)?[a-z0-9-]+(\.[a-z0-9-]+)*(:\d{1,5})?", re.IGNORECASE)


def named(kind: str, label: str, taken: list[str]) -> str:
    """What a question is kept under: its kind where we know that, else its label as one word that is not `taken`."""
    word = kind if kind in KNOWN else re.sub(r"[^a-z0-9]+", "_", label.lower()).strip("_")[:40] or "question"
    name, n = word, 2
    while name in taken or (kind not in KNOWN and name in KNOWN):
        name, n = f"{word}_{n}", n + 1
    return name


def check(spec: Spec, typed: Mapping[str, str]) -> tuple[dict[str, str], dict[str, str]]:
    """What was answered, and what is wrong with it: "missing", "no_email", "no_choice" or "too_long" by question.

    Answers are trimmed, addresses in lower case; questions that were left empty are left out.
    """
    said: dict[str, str] = {}
    wrong: dict[str, str] = {}
    for field in spec.fields:
        answer = _clean(typed.get(field.name, ""), field.kind)
        if field.kind == "email":
            answer = identity.email(answer) or answer
        if not answer:
            if field.required or field.kind == "email":
                wrong[field.name] = "missing"
            continue
        said[field.name] = answer
        if len(answer) > LONGEST.get(field.kind, PLAIN):
            wrong[field.name] = "too_long"
        elif field.kind == "email" and not identity.email(answer):
            wrong[field.name] = "no_email"
        elif field.kind == "choice" and answer not in dict(field.options(spec.languages[0])):
            wrong[field.name] = "no_choice"
    return said, wrong


class Doubt(StrEnum):
    """Why a submission is held until somebody has looked at it: it may be spam."""

    TRAP = "trap"  # the field that only machines see was filled in
    QUICK = "quick"  # sooner than anybody can type
    NO_STAMP = "no stamp"  # it did not come from the form as we gave it out
    LINKS = "links"  # addresses of websites where nobody writes any
    MANY = "many"  # too many from one network
    MAILS = "mails"  # this address got too many mails from forms today


QUICKEST, OLDEST = timedelta(seconds=2), timedelta(days=1)
A_LINK = re.compile(r"https?://|www\.|\[url|<a\s", re.IGNORECASE)


def doubt(spec: Spec, said: Mapping[str, str], trap: str, age: timedelta | None, lately: int) -> Doubt | None:
    """What speaks against a human having sent this; None for nothing.

    age      since the form was given out; None when its stamp is not ours
    lately   how many came from the same network in the last minutes
    """
    kinds = {f.name: f.kind for f in spec.fields}
    if trap:
        return Doubt.TRAP
    if age is None or age > OLDEST:
        return Doubt.NO_STAMP
    if age < QUICKEST:
        return Doubt.QUICK
    if any(len(A_LINK.findall(v)) > (2 if kinds.get(k) == "long" else 0) for k, v in said.items()):
        return Doubt.LINKS
    return Doubt.MANY if lately >= MANY else None


MANY, FAR_TOO_MANY, LATELY = 20, 200, timedelta(minutes=10)  # per network: held, refused; counted over this time

MARKS = re.compile(r"utm_\w+|ref|gclid|gbraid|wbraid|msclkid|li_fat_id", re.IGNORECASE)


def page(address: str) -> str:
    """The page that a form stood on, without what may be personal: of its query only the marks of campaigns and who sent them.

    returns    "" for what is no web address
    """
    try:
        parts = urlsplit(address.strip()[:2_000])
        host = parts.hostname
        port = f":{parts.port}" if parts.port else ""
    except ValueError:
        return ""
    if parts.scheme not in ("http", "https") or not host:
        return ""
    marks = [(k, v[:200]) for k, v in parse_qsl(parts.query)[:100] if MARKS.fullmatch(k)]
    host = f"[{host}]" if ":" in host else host
    return urlunsplit((parts.scheme, f"{host}{port}", parts.path, urlencode(marks), ""))


def _clean(answer: str, kind: str) -> str:
    text = answer.replace("\0", "").replace("\r\n", "\n").strip()
    return text if kind == "long" else " ".join(text.split())


def _lines(text: str) -> list[str]:
    return list(dict.fromkeys(line.strip()[:PLAIN] for line in text.splitlines() if line.strip()))
