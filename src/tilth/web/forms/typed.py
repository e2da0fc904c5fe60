"""The builder's fields and the form that they describe, both ways. Nothing here is kept.

Each text has a field for each language: `title-nl`, `field-2-label-en`. What is asked is numbered in its order.
"""

from collections.abc import Mapping
from typing import Any

from django.http import QueryDict

from tilth.consent.models import Purpose
from tilth.core import forms as core
from tilth.core.forms import Consent, Field, Spec

from . import words

TEXTS = ("title", "intro", "button", "thanks")


def fresh(title: str = "") -> Spec:
    """What a new form begins with."""
    kinds = ("email", "first_name", "last_name", "company")
    fields = [Field(k, k, words.first_words(k, ["en"]), k == "email") for k in kinds]
    return Spec(
        ["en"], fields, {"en": title} if title else {}, consent=Consent(Purpose.MAIL, words.consent_words(["en"]))
    )


def spec(typed: QueryDict, before: Spec) -> Spec:
    """The form as it was typed. `before` is the one that was kept last: the file is not typed here."""
    languages = [code for code in core.LANGUAGES if code in typed.getlist("language")] or before.languages[:1]
    first = typed.get("first", "")
    languages.sort(key=lambda code: code != first)
    return Spec(
        languages=languages,
        fields=_fields(typed, languages),
        offer=_line(typed, "offer", 120),
        campaign=_line(typed, "campaign", 200),
        consent=_consent(typed, languages),
        file=before.file,
        at_once="at_once" in typed,
        origins=[line.strip().rstrip("/") for line in typed.get("origins", "").splitlines() if line.strip()][:50],
        **{name: _words(typed, name, languages) for name in TEXTS},
    )


def changed(asks: Spec, do: str, kind: str = "") -> Spec:
    """The form after a button of the builder: "add", "up-2", "down-2", "remove-2"; any other leaves it as it is."""
    fields, (verb, _, number) = list(asks.fields), do.partition("-")
    n = int(number) if number.isdigit() else -1
    if verb == "add" and kind in core.KINDS:
        new = words.first_words(kind, asks.languages)
        fields.append(
            Field(
                core.named(kind, "", [f.name for f in fields]) if kind in core.KNOWN else "", kind, new, kind == "email"
            )
        )
    elif verb == "remove" and 0 <= n < len(fields):
        del fields[n]
    elif (
        verb in ("up", "down") and 0 <= n < len(fields) and 0 <= (to := n + (1 if verb == "down" else -1)) < len(fields)
    ):
        fields[n], fields[to] = fields[to], fields[n]
    return _with(asks, fields=fields)


def settled(asks: Spec) -> Spec:
    """Each question under a name of its own, which it keeps from then on."""
    fields: list[Field] = []
    for field in asks.fields:
        mine = [f.name for f in fields]
        label = next(iter(field.label.values()), "")
        keeps = field.name and field.name not in mine and (field.kind in core.KNOWN) == (field.name in core.KNOWN)
        name = (
            field.name
            if keeps
            else core.named(field.kind, label, [*mine, *(f.name for f in asks.fields if f != field)])
        )
        fields.append(Field(**{**_plain(field), "name": name}))
    return _with(asks, fields=fields)


def _with(asks: Spec, **more: Any) -> Spec:
    return Spec(**{**_plain(asks), **more})


def _plain(row: Any) -> dict[str, Any]:
    return {name: getattr(row, name) for name in row.__struct_fields__}


def _fields(typed: QueryDict, languages: list[str]) -> list[Field]:
    out: list[Field] = []
    n = 0
    while (kind := typed.get(f"field-{n}-kind", "")) in core.KINDS and n < 2 * core.FIELDS:
        out.append(
            Field(
                name=_line(typed, f"field-{n}-name", 60),
                kind=kind,
                label=_words(typed, f"field-{n}-label", languages),
                required=f"field-{n}-required" in typed or kind == "email",
                help=_words(typed, f"field-{n}-help", languages),
                choices=_words(typed, f"field-{n}-choices", languages),
            )
        )
        n += 1
    return out


def _consent(typed: QueryDict, languages: list[str]) -> Consent | None:
    purpose = typed.get("purpose", "")
    if purpose not in Purpose.values:
        return None
    return Consent(purpose, _words(typed, "consent", languages) or words.consent_words(languages), "double" in typed)


def _words(typed: Mapping[str, str], name: str, languages: list[str]) -> core.Words:
    """A text in each language in which it was written."""
    said = {
        code: typed.get(f"{name}-{code}", "").replace("\0", "").replace("\r\n", "\n").strip()[:5_000]
        for code in languages
    }
    return {code: text for code, text in said.items() if text}


def _line(typed: Mapping[str, str], name: str, most: int) -> str:
    return " ".join(typed.get(name, "").replace("\0", "").split())[:most]
