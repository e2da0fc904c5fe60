from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from tilth.plan.models import Goal
from tilth.web.typed import Amount, Share

_DAY = forms.DateInput(attrs={"type": "date"}, format="%Y-%m-%d")


class SetGoal(forms.Form):
    amount = Amount(label=_("What we want to earn"))
    basis = forms.ChoiceField(label=_("Counted in"))
    first = forms.DateField(label=_("From"), widget=_DAY)
    last = forms.DateField(label=_("Up to and including"), widget=_DAY)

    def __init__(self, currency: str, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["amount"].currency = currency  # type: ignore[attr-defined]
        names = {Goal.Basis.REVENUE: _("new revenue"), Goal.Basis.PROFIT: _("profit")}
        self.fields["basis"].choices = list(names.items())  # type: ignore[attr-defined]

    def clean_amount(self) -> int:
        if not self.cleaned_data["amount"]:
            raise forms.ValidationError(_("Write an amount above zero."))
        return self.cleaned_data["amount"]

    def clean(self) -> dict[str, Any]:
        typed = super().clean() or {}
        if typed.get("first") and typed.get("last") and typed["last"] <= typed["first"]:
            self.add_error("last", _("Write a day after the first one."))
        return typed


class Assumptions(forms.Form):
    """The numbers that the way back from the goal starts from; empty ones come from our history."""

    deal = Amount(label=_("A customer brings"), required=False)
    to_sql = Share(label=_("Lead to SQL"), required=False)
    to_won = Share(label=_("SQL to customer"), required=False)

    def __init__(self, currency: str, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["deal"].currency = currency  # type: ignore[attr-defined]

    def clean_deal(self) -> int | None:
        if self.cleaned_data["deal"] == 0:
            raise forms.ValidationError(_("Write an amount above zero."))
        return self.cleaned_data["deal"]
