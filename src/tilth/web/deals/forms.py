from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from tilth.core.terms import Reason
from tilth.web.typed import Amount


class OpenDeal(forms.Form):
    name = forms.CharField(
        label=_("What they may buy"), max_length=200, widget=forms.TextInput(attrs={"autocomplete": "off"})
    )
    amount = Amount(label=_("Amount"), required=False, help_text=_("Leave it empty when you do not know yet"))

    def __init__(self, currency: str, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["amount"].currency = currency  # type: ignore[attr-defined]


class Price(forms.Form):
    """One amount: what the deal is thought to bring, or what they bought for."""

    amount = Amount(label=_("Amount"))

    def __init__(self, currency: str, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["amount"].currency = currency  # type: ignore[attr-defined]


class Lose(forms.Form):
    reason = forms.ChoiceField(label=_("Why not"))
    note = forms.CharField(
        label=_("Note"),
        required=False,
        max_length=2_000,
        widget=forms.Textarea(attrs={"rows": 2}),
        help_text=_("In their words"),
    )

    def __init__(self, reasons: tuple[Reason, ...], *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["reason"].choices = [("", _("Choose")), *((r.id, r.say) for r in reasons)]  # type: ignore[attr-defined]
