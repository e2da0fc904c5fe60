from collections.abc import Iterable
from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from tilth.core.terms import Reason
from tilth.handoff.models import Review


class Uphold(forms.Form):
    """Rightly returned: for what the reviewer would have returned it, and what is to blame."""

    reason = forms.ChoiceField(
        label=_("For what would you have returned it?"), widget=forms.RadioSelect,
        error_messages={"required": _("Choose the reason that you see.")},
    )  # fmt: skip
    charged_to = forms.ChoiceField(
        label=_("What is it charged to?"), widget=forms.RadioSelect, choices=Review.ChargedTo.choices,
        error_messages={"required": _("Say what must become better.")},
    )  # fmt: skip
    note = forms.CharField(label=_("Why"), required=False, max_length=4_000, widget=forms.Textarea(attrs={"rows": 2}))

    def __init__(self, reasons: Iterable[Reason], data: Any = None) -> None:
        super().__init__(data)
        self.reasons = list(reasons)
        self.charges = Review.ChargedTo.choices
        self.fields["reason"].choices = [(r.id, r.say) for r in self.reasons]  # type: ignore[attr-defined]


class Overturn(forms.Form):
    """It should have been accepted: one sentence for the owner who gets it back."""

    note = forms.CharField(
        label=_("What should they have seen?"), max_length=4_000, widget=forms.Textarea(attrs={"rows": 2}),
        error_messages={"required": _("One sentence helps the owner to see it, too.")},
    )  # fmt: skip
    prefix = "back"
