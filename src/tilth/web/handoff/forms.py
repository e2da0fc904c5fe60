from collections.abc import Iterable
from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from tilth.core.terms import Reason


class GiveUp(forms.Form):
    """Why a lead goes back to marketing: a reason of its agreement, what was seen, when to look again."""

    reason = forms.ChoiceField(
        label=_("Why"), widget=forms.RadioSelect, error_messages={"required": _("Choose a reason.")}
    )
    note = forms.CharField(
        label=_("What did you see or hear?"),
        widget=forms.Textarea(attrs={"rows": 2}),
        max_length=4_000,
        error_messages={"required": _("One sentence helps marketing to do better.")},
    )
    wake_on = forms.DateField(label=_("Look again on"), required=False, widget=forms.DateInput(attrs={"type": "date"}))

    def __init__(self, reasons: Iterable[Reason], data: Any = None) -> None:
        super().__init__(data)
        self.reasons = list(reasons)
        self.fields["reason"].choices = [(r.id, r.say) for r in self.reasons]  # type: ignore[attr-defined]
