from typing import Any

from django import forms
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from tilth.notify.channels import OUTSIDE
from tilth.notify.choosing import ASKED
from tilth.notify.models import Endpoint, Hours

_TIME = forms.TimeInput(attrs={"type": "time"}, format="%H:%M")


class QuietHours(forms.ModelForm):
    class Meta:
        model = Hours
        fields = ("begins", "ends", "days_off", "digest_at")
        labels = {
            "begins": gettext_lazy("Quiet from"),
            "ends": gettext_lazy("until"),
            "days_off": gettext_lazy("Also quiet on days on which I do not work"),
            "digest_at": gettext_lazy("What comes once a day comes at"),
        }
        widgets = {"begins": _TIME, "ends": _TIME, "digest_at": _TIME}

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["begins"].required = self.fields["ends"].required = False
        self.fields["days_off"].widget.attrs["class"] = "form-check-input"

    def clean(self) -> dict[str, Any]:
        told = super().clean() or {}
        if (told.get("begins") is None) != (told.get("ends") is None) and not self.errors:
            self.add_error("ends", _("Say both when it begins and when it ends, or neither."))
        return told


class OwnChannel(forms.Form):
    """The address of a member's own channel."""

    url = forms.CharField(label=gettext_lazy("Address"), max_length=1000)

    def __init__(self, *args: Any, channel: str, **kwargs: Any) -> None:
        super().__init__(*args, **{"auto_id": f"id_{channel}_%s", **kwargs})
        self.channel = channel
        self.fields["url"].widget.attrs |= {"autocomplete": "off", "placeholder": "https://", "inputmode": "url"}


class HouseChannel(forms.ModelForm):
    """An address that the house tells."""

    events = forms.MultipleChoiceField(
        label=gettext_lazy("What it is told of"),
        choices=[(what.value, what.label) for what in ASKED],
        widget=forms.CheckboxSelectMultiple(attrs={"class": "form-check-input"}),
        error_messages={"required": gettext_lazy("Choose at least one.")},
    )

    class Meta:
        model = Endpoint
        fields = ("channel", "name", "url", "events")
        labels = {"name": gettext_lazy("Name"), "url": gettext_lazy("Address")}

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        if self.instance.pk:
            del self.fields["channel"]
        else:
            self.fields["channel"] = forms.ChoiceField(
                label=_("What is there"), choices=[(name, c.label) for name, c in OUTSIDE.items()]
            )
            self.order_fields(["channel", "name", "url", "events"])
        self.fields["name"].widget.attrs |= {"autocomplete": "off"}
        self.fields["name"].help_text = _("Sales channel, the shop’s system")
        self.fields["url"].widget.attrs |= {"autocomplete": "off", "placeholder": "https://", "inputmode": "url"}
