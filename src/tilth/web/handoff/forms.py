from collections.abc import Iterable, Sequence
from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from tilth.core.terms import Reason
from tilth.handoff.models import GivenUp

When = GivenUp.When
AGAIN = [("", _("on the day you name, else when something counts")), *When.choices]


class GiveUp(forms.Form):
    """Why a lead goes back to marketing: a reason of its agreement, what it rests on, what brings it back.

    reasons    of the agreement under which it was handed off
    rests_on   what a reason can rest on, with what is known of this lead: see `given_up.choices`
    """

    reason = forms.ChoiceField(
        label=_("Why"), widget=forms.RadioSelect, error_messages={"required": _("Choose a reason.")}
    )
    rests_on = forms.ChoiceField(
        label=_("What it rests on"), error_messages={"required": _("Say what of the lead this rests on.")}
    )
    note = forms.CharField(
        label=_("What did you see or hear?"),
        widget=forms.Textarea(attrs={"rows": 2}),
        max_length=4_000,
        error_messages={"required": _("One sentence helps marketing to do better.")},
    )
    comes_back = forms.ChoiceField(label=_("It comes back"), choices=AGAIN, required=False)
    event = forms.CharField(label=_("Name of the event"), required=False, max_length=80)
    wake_on = forms.DateField(label=_("Look again on"), required=False, widget=forms.DateInput(attrs={"type": "date"}))

    def __init__(self, reasons: Iterable[Reason], rests_on: Sequence[tuple[str, str]], data: Any = None) -> None:
        super().__init__(data)
        self.reasons = list(reasons)
        self.fields["reason"].choices = [(r.id, r.say) for r in self.reasons]  # type: ignore[attr-defined]
        self.fields["rests_on"].choices = [("", _("choose…")), *rests_on]  # type: ignore[attr-defined]

    def clean(self) -> dict[str, Any]:
        told = super().clean() or {}
        if told.get("comes_back") == When.DATE and not told.get("wake_on"):
            self.add_error("wake_on", _("It comes back on a day: say on which."))
        if told.get("comes_back") == When.EVENT and not told.get("event"):
            self.add_error("event", _("Write what the event is called, as it is sent to Tilth."))
        return told

    @property
    def why(self) -> dict[str, Any]:
        """What the verb takes beside reason and note."""
        return {name: self.cleaned_data[name] for name in ("rests_on", "comes_back", "event", "wake_on")}
