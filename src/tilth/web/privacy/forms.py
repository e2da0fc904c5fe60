from datetime import date, datetime, time, tzinfo
from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from tilth.consent.by_hand import METHODS
from tilth.consent.models import Act, Basis, Limit, Method, Purpose
from tilth.people.models import Person


class Told(forms.Form):
    """What somebody told one of us. Who agrees must be able to see later to what."""

    act = forms.ChoiceField(
        label=_("They"), choices=[(Act.GIVEN, _("agree")), (Act.WITHDRAWN, _("do not agree any more"))]
    )
    purpose = forms.ChoiceField(label=_("To what"), choices=Purpose.choices)
    method = forms.ChoiceField(label=_("How we know"), choices=[(m, Method(m).label) for m in METHODS])
    day = forms.DateField(label=_("When"), widget=forms.DateInput(attrs={"type": "date"}))
    text = forms.CharField(
        label=_("What they agreed to, word for word"), required=False, max_length=4_000,
        widget=forms.Textarea(attrs={"rows": 2}),
    )  # fmt: skip

    def __init__(self, today: date, zone: tzinfo, data: Any = None):
        super().__init__(data, initial={"day": today})
        self.today, self.zone = today, zone

    def clean_day(self) -> date:
        day = self.cleaned_data["day"]
        if day > self.today:
            raise forms.ValidationError(_("This day lies in the future."))
        return day

    def clean(self) -> dict[str, Any]:
        typed = self.cleaned_data
        if typed.get("act") == Act.GIVEN and not typed.get("text", "").strip():
            self.add_error("text", _("Write down what you read to them. Without it, the consent proves nothing."))
        return typed

    def at(self, now: datetime) -> datetime:
        """When they said so: now, or at noon of the day."""
        day = self.cleaned_data["day"]
        return now if day == self.today else datetime.combine(day, time(12), self.zone)


class Ground(forms.Form):
    """On which ground we keep somebody."""

    basis = forms.ChoiceField(label=_("We keep them by"), choices=Basis.choices)
    note = forms.CharField(label=_("Because"), max_length=300, required=False)


class Stop(forms.Form):
    """Somebody wants us to do no more than keep them."""

    kind = forms.ChoiceField(label=_("They"), choices=Limit.Kind.choices)
    why = forms.CharField(label=_("Because"), max_length=300, required=False)


class Sure(forms.Form):
    """Erasing cannot be undone, so whoever erases writes the name."""

    name = forms.CharField(label=_("Their name, to be sure"), max_length=300, required=False, strip=True)
    asked = forms.BooleanField(
        label=_("They asked for it, and I made sure that it was them"), required=False,
        widget=forms.CheckboxInput(attrs={"class": "form-check-input"}),
    )  # fmt: skip

    def __init__(self, person: Person, data: Any = None):
        super().__init__(data)
        self.person = person

    def clean_name(self) -> str:
        typed = self.cleaned_data["name"]
        if typed.casefold() != self.person.name.casefold():
            raise forms.ValidationError(_("Write %(name)s, and nothing else.") % {"name": self.person.name})
        return typed
