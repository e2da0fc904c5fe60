"""The builder: what a form asks and says, with the form beside it as it will be."""

from dataclasses import dataclass
from typing import Any

from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import override

from tilth.campaigns.models import Campaign
from tilth.consent.models import Purpose
from tilth.content.models import Offer
from tilth.core import forms as core
from tilth.core.forms import Field, Spec
from tilth.forms.models import Form
from tilth.journal.models import note
from tilth.web import answer, shell
from tilth.web.access import members
from tilth.web.public import fields

from . import typed, words
from .listing import WHO


@dataclass(frozen=True)
class Text:
    """One text in one language, as a field of the builder."""

    name: str
    label: str
    value: str
    hint: str = ""
    long: bool = False


@dataclass(frozen=True)
class Line:
    """One question in the builder."""

    n: int
    field: Field
    kind: str
    texts: list[Text]
    wrong: str


@members(*WHO)
def edit(request: HttpRequest, pk: int) -> HttpResponse:
    row = get_object_or_404(Form.objects.select_related("edition"), pk=pk)
    assert row.edition
    asks = row.edition.asks
    if request.method != "POST":
        return _show(request, row, row.name, asks)
    do, name = request.POST.get("do", "look"), " ".join(request.POST.get("name", "").replace("\0", "").split())[:120]
    asks = typed.spec(request.POST, asks)
    if do != "save":
        return _show(request, row, name, typed.changed(asks, do, request.POST.get("kind", "")), added=do == "add")
    asks = typed.settled(asks)
    faults = core.faults(asks)
    if faults or not name:
        return _show(request, row, name, asks, faults)
    return _keep(request, row, name, asks)


def _keep(request: HttpRequest, row: Form, name: str, asks: Spec) -> HttpResponse:
    here = shell.of(request)
    if name != row.name:
        Form.objects.filter(pk=row.pk).update(name=name)
        note("renamed form", row, here.now, here.me, was=row.name, name=name)
    kept = row.save_as(asks, here.me, here.now)
    answer.said(request, _("Kept as version %(n)s. Whoever opens the form sees it so.") % {"n": kept.number})
    return answer.leave(request, reverse("form", args=[row.pk]))


def _show(
    request: HttpRequest, row: Form, name: str, asks: Spec, faults: list[core.Fault] | None = None, added: bool = False
) -> HttpResponse:
    wrong = {f.where: str(words.FAULTS[f.what]) for f in faults or []}
    language = asks.language(request.POST.get("preview", ""))
    with override(language):
        shown = fields.shown(asks, language)
    context = {
        "row": row,
        "name": name,
        "asks": asks,
        "lines": [_line(n, field, asks, wrong) for n, field in enumerate(asks.fields)],
        "texts": _texts_of_all(asks),
        "thanks": _texts(_("What they read then"), "thanks", asks.thanks, asks, long=True),
        "consent": _texts(_("What they agree to, word for word"), "consent", asks.consent.text, asks, long=True)
        if asks.consent
        else [],
        "kinds": [
            (k, v) for k, v in words.KINDS.items() if k not in core.KNOWN or k not in [f.kind for f in asks.fields]
        ],
        "languages": [(code, label, code in asks.languages) for code, label in words.LANGUAGES.items()],
        "purposes": Purpose.choices,
        "offers": Offer.objects.order_by("key").values_list("key", flat=True)[:200],
        "campaigns": Campaign.objects.order_by("-at").values_list("key", flat=True)[:200],
        "origins": "\n".join(asks.origins),
        "wrong": wrong,
        "nameless": faults is not None and not name,
        "shown": shown,
        "preview": language,
        "added": added,
    }
    return render(request, "forms/edit.html", context, status=422 if faults is not None else 200)


def _line(n: int, field: Field, asks: Spec, wrong: dict[str, str]) -> Line:
    texts = _texts(_("What is asked"), f"field-{n}-label", field.label, asks)
    if field.kind == "choice":
        texts += _texts(_("Answers, one in each line"), f"field-{n}-choices", field.choices, asks, long=True)
    texts += _texts(_("Explained below it"), f"field-{n}-help", field.help, asks)
    return Line(n, field, str(words.KINDS[field.kind]), texts, wrong.get(f"field {n}", ""))


def _texts_of_all(asks: Spec) -> list[Text]:
    return [
        *_texts(_("Title"), "title", asks.title, asks),
        *_texts(_("Words before the questions"), "intro", asks.intro, asks, long=True),
        *_texts(_("On the button"), "button", asks.button, asks, hint=_("Else “Send”")),
    ]


def _texts(label: str, name: str, said: core.Words, asks: Spec, hint: str = "", long: bool = False) -> list[Text]:
    """The fields of one text: one for each language of the form; the language is named where there are several."""
    several = len(asks.languages) > 1
    in_words: Any = words.LANGUAGES
    return [
        Text(f"{name}-{code}", f"{label} ({in_words[code]})" if several else label, said.get(code, ""), hint, long)
        for code in asks.languages
    ]
