from dataclasses import replace
from typing import Any
from zoneinfo import available_timezones

from django import forms
from django.utils.translation import gettext_lazy as _

from tilth.capture.models import Mapping as Saved
from tilth.core.mapping import Mapping

from .fields import KINDS, READS, choices

HEADER = [("yes", _("names the columns")), ("no", _("is a row like the others"))]
SEPARATORS = [(",", _("comma")), (";", _("semicolon")), ("\t", _("tab")), ("|", _("bar"))]
ENCODINGS = ["utf-8", "utf-16-le", "utf-16-be", "cp1252", "iso8859-15", "mac-roman", "cp932"]
DATES = [
    ("", _("as the column shows")), ("dmy", _("day, month, year")), ("mdy", _("month, day, year")), ("ymd", _("year, month, day")),
]  # fmt: skip
DECIMALS = [("", _("as the column shows")), (",", "1.234,56"), (".", "1,234.56")]
OUTCOMES = [("", _("as its phase says")), ("won", _("all won")), ("lost", _("all lost"))]


class Upload(forms.Form):
    file = forms.FileField(label=_("File"), help_text=_("A table in text: CSV with any separator and encoding."))
    kind = forms.ChoiceField(label=_("What is in it"), choices=KINDS)
    mapping = forms.ChoiceField(label=_("How to read it"), required=False)

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        saved = Saved.objects.order_by("name").values_list("pk", "name")
        self.fields["mapping"].choices = [("", _("Guess, and let me look"))] + [(str(pk), name) for pk, name in saved]  # type: ignore[attr-defined]


class Reading(forms.Form):
    """How one file is read as a whole, and what each of its columns becomes."""

    header = forms.ChoiceField(label=_("The first row"), choices=HEADER)
    separator = forms.ChoiceField(label=_("Between the columns"), choices=SEPARATORS)
    encoding = forms.ChoiceField(label=_("Encoding"))
    dates = forms.ChoiceField(label=_("Dates are written"), choices=DATES, required=False)
    decimal = forms.ChoiceField(label=_("Amounts are written"), choices=DECIMALS, required=False)
    currency = forms.RegexField(
        r"^[A-Za-z]{3}$", label=_("Currency"), error_messages={"invalid": _("Write its three letters, such as EUR.")}
    )
    zone = forms.CharField(label=_("Time zone"), max_length=60)
    system = forms.CharField(
        label=_("Whose numbers these are"), max_length=40,
        help_text=_("One word for the system they come from; the same word joins its leads and its deals."),
    )  # fmt: skip
    source = forms.CharField(
        label=_("Source of all"), required=False, max_length=80, help_text=_("Where no column gives it")
    )
    outcome = forms.ChoiceField(label=_("How they ended"), choices=OUTCOMES, required=False)
    save_as = forms.CharField(
        label=_("Keep this reading as"), required=False, max_length=120,
        help_text=_("A name, to use it for the next file"),
    )  # fmt: skip

    def __init__(self, mapping: Mapping, *args: Any, **kwargs: Any) -> None:
        self.mapping = mapping
        kwargs.setdefault("initial", _initial(mapping))
        super().__init__(*args, **kwargs)
        self.fields["encoding"].choices = [(e, e) for e in dict.fromkeys([mapping.encoding, *ENCODINGS])]  # type: ignore[attr-defined]
        if mapping.kind != "deals":
            del self.fields["outcome"]
        if mapping.kind in ("deals", "costs", "verdicts"):
            del self.fields["source"]
        if mapping.kind in ("leads", "touches", "verdicts"):
            del self.fields["currency"]
        fields = choices(mapping.kind)
        for i, column in enumerate(mapping.columns):
            label = {"aria-label": column.header}
            self.fields[f"field-{i}"] = forms.ChoiceField(
                choices=fields, required=False, widget=forms.Select(attrs={"class": "form-select", **label})
            )
            self.fields[f"reads-{i}"] = forms.ChoiceField(
                choices=READS, widget=forms.Select(attrs={"class": "form-select", **label})
            )

    def clean_zone(self) -> str:
        zone = self.cleaned_data["zone"].strip()
        if zone not in available_timezones():
            raise forms.ValidationError(_("No such time zone. Write it like Europe/Amsterdam."))
        return zone

    def read(self) -> Mapping:
        """The mapping as it was corrected."""
        said = self.cleaned_data
        constants = {k: v for k, v in self.mapping.constants.items() if k not in ("source", "outcome")}
        constants |= {k: said[k].strip() for k in ("source", "outcome") if said.get(k, "").strip()}
        columns = tuple(
            replace(c, field=said[f"field-{i}"], reads=said[f"reads-{i}"], order="", mark="", mixed=False)
            for i, c in enumerate(self.mapping.columns)
        )
        return replace(
            self.mapping, columns=columns, constants=constants, header=said["header"] == "yes", separator=said["separator"],
            encoding=said["encoding"], dates=said["dates"], decimal=said["decimal"], zone=said["zone"],
            currency=said.get("currency", self.mapping.currency).upper(), system=said["system"].strip(),
        )  # fmt: skip


def _initial(mapping: Mapping) -> dict[str, Any]:
    out: dict[str, Any] = {
        "header": "yes" if mapping.header else "no", "separator": mapping.separator, "encoding": mapping.encoding,
        "dates": mapping.dates, "decimal": mapping.decimal, "currency": mapping.currency, "zone": mapping.zone,
        "system": mapping.system, "source": mapping.constants.get("source", ""), "outcome": mapping.constants.get("outcome", ""),
    }  # fmt: skip
    for i, column in enumerate(mapping.columns):
        out |= {f"field-{i}": column.field, f"reads-{i}": column.reads}
    return out
