from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from tilth.core import identity
from tilth.people import suppressed
from tilth.people.known import Told
from tilth.people.models import Person


class Details(forms.Form):
    """What we know about a person and their company, as somebody types it. Empty fields change nothing."""

    first_name = forms.CharField(label=_("First name"), max_length=120, required=False)
    last_name = forms.CharField(label=_("Last name"), max_length=120, required=False)
    title = forms.CharField(label=_("What they do there"), max_length=120, required=False)
    email = forms.CharField(label=_("E-mail"), max_length=254, required=False, widget=forms.EmailInput)
    phone = forms.CharField(
        label=_("Phone"), max_length=40, required=False, widget=forms.TextInput(attrs={"type": "tel"})
    )
    company = forms.CharField(label=_("Company"), max_length=200, required=False)
    industry = forms.CharField(label=_("Industry"), max_length=120, required=False)
    employees = forms.IntegerField(label=_("Employees"), min_value=0, max_value=10_000_000, required=False)
    city = forms.CharField(label=_("City"), max_length=120, required=False)
    country = forms.CharField(label=_("Country"), max_length=2, required=False, help_text=_("Two letters, such as NL"))

    def clean_email(self) -> str:
        typed = self.cleaned_data["email"]
        if typed and not identity.email(typed):
            raise forms.ValidationError(_("This is not an e-mail address."))
        if typed and suppressed.is_suppressed([typed]):
            raise forms.ValidationError(
                _("Who has this address was erased at their own request. Only they can come back, through a form.")
            )
        return identity.email(typed)

    def clean_country(self) -> str:
        typed = self.cleaned_data["country"].strip().upper()
        if typed and not (len(typed) == 2 and typed.isalpha()):
            raise forms.ValidationError(_("Write two letters, such as NL or DE."))
        return typed

    def told(self, ids: list[tuple[str, str]] | None = None) -> Told:
        """What was typed, for `people.known.keep`."""
        typed = self.cleaned_data
        firm = {"name": typed["company"], **{k: typed[k] for k in ("industry", "employees", "city")}}
        if "country" in self.changed_data:
            firm["country"] = typed["country"]
        return Told(
            emails=[typed["email"]] if typed["email"] else [],
            phones=[typed["phone"]] if typed["phone"] else [],
            ids=ids or [],
            person={k: typed[k] for k in ("first_name", "last_name", "title", "country")},
            company={k: v for k, v in firm.items() if v not in (None, "")} if typed["company"] else {},
        )


class Somebody(Details):
    """A new lead. An address or a number must be there, so that somebody can answer."""

    how = forms.ChoiceField(
        label=_("How did they come to us?"),
        choices=[
            ("form", _("They asked us for something")),
            ("card", _("We met at a fair or an event")),
            ("chat", _("They wrote or spoke to us")),
            ("list", _("We found them ourselves")),
        ],
    )
    offer = forms.CharField(
        label=_("What for?"), max_length=120, required=False, help_text=_("The offer, such as demo or price list"),
        widget=forms.TextInput(attrs={"list": "offers", "autocomplete": "off"}),
    )  # fmt: skip
    source = forms.CharField(
        label=_("Through what?"), max_length=80, required=False, help_text=_("The source, such as a fair, search, or who sent them"),
        widget=forms.TextInput(attrs={"list": "origins", "autocomplete": "off"}),
    )  # fmt: skip
    met = forms.CharField(
        label=_("What did they say?"), required=False, max_length=1_000, widget=forms.Textarea(attrs={"rows": 2}),
        help_text=_("Goes on the timeline"),
    )  # fmt: skip

    def clean(self) -> dict[str, Any]:
        typed = super().clean() or {}
        if not (typed.get("email") or typed.get("phone")) and "email" not in self.errors:
            raise forms.ValidationError(_("Write an e-mail address or a phone number: without one nobody can answer."))
        return typed


def known(person: Person) -> dict[str, Any]:
    """What the form shows of a person before anything is typed."""
    email, phone, firm = person.emails.order_by("pk").first(), person.phones.order_by("pk").first(), person.company
    shown = {f: getattr(person, f) for f in ("first_name", "last_name", "title", "country")}
    shown |= {"email": email.address if email else "", "phone": phone.number if phone else ""}
    if firm:
        shown |= {"company": firm.name, "industry": firm.industry, "employees": firm.employees, "city": firm.city}
    return shown
