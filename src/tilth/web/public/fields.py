"""A form's questions, ready to be shown: as they are asked, with what was typed and what is wrong with it."""

from collections.abc import Mapping
from dataclasses import dataclass

from django.utils.translation import gettext as _

from tilth.core import forms as core

# How a browser may fill them in by itself, and which keyboard a phone shows.
AUTOCOMPLETE = {
    "email": "email", "first_name": "given-name", "last_name": "family-name", "title": "organization-title",
    "company": "organization", "phone": "tel", "country": "country-name",
}  # fmt: skip
TYPES = {"email": "email", "phone": "tel"}


@dataclass(frozen=True)
class Question:
    name: str
    kind: str
    label: str
    help: str
    required: bool
    type: str
    autocomplete: str
    longest: int
    options: list[tuple[str, str]]
    value: str
    wrong: str

    @property
    def says(self) -> str:
        """What explains it, for who does not see it: ids of its help and of what is wrong."""
        return " ".join(f"{part}-{self.name}" for part, said in (("h", self.help), ("e", self.wrong)) if said)

    @property
    def tag(self) -> str:
        return {"long": "textarea", "choice": "select", "tick": "tick"}.get(self.kind, "input")


@dataclass(frozen=True)
class Shown:
    """A whole form in one language."""

    language: str
    title: str
    intro: str
    button: str
    questions: list[Question]
    consent: str
    agreed: bool

    @property
    def wrong(self) -> list[Question]:
        return [q for q in self.questions if q.wrong]


def shown(
    spec: core.Spec,
    language: str,
    typed: Mapping[str, str] | None = None,
    wrong: Mapping[str, str] | None = None,
    agreed: bool = False,
) -> Shown:
    """The form as this language says it; call it while that language is active, for our own words in it."""
    said = {
        "missing": _("This is needed."),
        "no_email": _("This is no e-mail address. Write it like name@company.com."),
        "no_choice": _("Choose one of the answers."),
        "too_long": _("This is too long."),
    }
    questions = [
        Question(
            name=f.name,
            kind=f.kind,
            label=spec.said(f.label, language),
            help=spec.said(f.help, language),
            required=f.required or f.kind == "email",
            type=TYPES.get(f.kind, "text"),
            autocomplete=AUTOCOMPLETE.get(f.kind, "off" if f.kind == "referred_by" else ""),
            longest=core.LONGEST.get(f.kind, core.PLAIN),
            options=f.options(language),
            value=(typed or {}).get(f.name, ""),
            wrong=said.get((wrong or {}).get(f.name, ""), ""),
        )
        for f in spec.fields
    ]
    return Shown(
        language=language,
        title=spec.said(spec.title, language),
        intro=spec.said(spec.intro, language),
        button=spec.said(spec.button, language) or _("Send"),
        questions=questions,
        consent=spec.said(spec.consent.text, language) if spec.consent else "",
        agreed=agreed,
    )
