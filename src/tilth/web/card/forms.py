from datetime import datetime
from typing import Any

from django import forms
from django.utils.dateparse import parse_datetime
from django.utils.translation import gettext_lazy as _

from tilth.capture.card import Card
from tilth.core import identity
from tilth.touches.next_steps import LONGEST


class CardForm(forms.Form):
    """What one can type between two handshakes. A name, an address or a number is enough."""

    id = forms.UUIDField(widget=forms.HiddenInput)
    at = forms.CharField(max_length=40, required=False, widget=forms.HiddenInput)
    event = forms.CharField(
        label=_("Fair or event"), max_length=80, required=False, help_text=_("Stays for the next card")
    )
    name = forms.CharField(label=_("Name"), max_length=200, required=False)
    company = forms.CharField(label=_("Company"), max_length=200, required=False)
    email = forms.CharField(label=_("E-mail"), max_length=254, required=False, widget=forms.EmailInput)
    phone = forms.CharField(
        label=_("Phone"), max_length=40, required=False, widget=forms.TextInput(attrs={"type": "tel"})
    )
    asked = forms.CharField(
        label=_("What did they ask?"), max_length=2_000, required=False, widget=forms.Textarea(attrs={"rows": 2})
    )
    next_step = forms.CharField(label=_("What do you do next?"), max_length=LONGEST, required=False)
    next_on = forms.DateField(
        label=_("By when?"), required=False, widget=forms.DateInput(attrs={"type": "date"}, format="%Y-%m-%d")
    )
    mine = forms.BooleanField(
        label=_("I take this lead on myself"),
        required=False,
        widget=forms.CheckboxInput(attrs={"class": "form-check-input"}),
    )

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        for field in self.fields.values():
            field.widget.attrs.setdefault("autocomplete", "off")  # the phone's owner is not who is met

    def clean_email(self) -> str:
        typed = self.cleaned_data["email"]
        if typed and not identity.email(typed):
            raise forms.ValidationError(_("This is not an e-mail address."))
        return identity.email(typed)

    def clean(self) -> dict[str, Any]:
        typed = super().clean() or {}
        if not any(typed.get(name) for name in ("name", "email", "phone")) and "email" not in self.errors:
            raise forms.ValidationError(_("Write a name, an e-mail address or a phone number."))
        if typed.get("next_on") and not typed.get("next_step"):
            self.add_error("next_step", _("Say what you do on that day."))
        return typed

    def card(self, now: datetime) -> Card:
        typed = {k: v for k, v in self.cleaned_data.items() if k not in ("id", "at", "mine")}
        return Card(id=str(self.cleaned_data["id"]), at=_moment(self.cleaned_data["at"]) or now, **typed)


def _moment(typed: str) -> datetime | None:
    """When a phone says it was; None when it says nothing that can be read."""
    try:
        at = parse_datetime(typed)
    except ValueError:
        return None
    return at if at and at.tzinfo else None
