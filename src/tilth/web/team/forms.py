from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from tilth.team.models import Member, Role

_DAY = forms.DateInput(attrs={"type": "date"}, format="%Y-%m-%d")


class Invite(forms.Form):
    role = forms.ChoiceField(label=_("As"))
    email = forms.EmailField(
        label=_("E-mail"), required=False, max_length=254, help_text=_("Filled in for them when they join")
    )

    def __init__(self, by: Member, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        roles = [r for r in Role if r != Role.ADMIN or by.role == Role.ADMIN]
        self.fields["role"].choices = [(r.value, r.label) for r in roles]  # type: ignore[attr-defined]

    def clean_email(self) -> str:
        email = self.cleaned_data["email"].strip().lower()
        if email and Member.objects.filter(email=email).exists():
            raise forms.ValidationError(_("Somebody signs in with this address already."))
        return email


class Away(forms.Form):
    member = forms.ModelChoiceField(label=_("Who"), queryset=Member.objects.none())
    first = forms.DateField(label=_("From"), widget=_DAY)
    last = forms.DateField(label=_("Up to and including"), widget=_DAY)
    stand_in = forms.ModelChoiceField(
        label=_("Who stands in"), queryset=Member.objects.none(), required=False, empty_label=_("Nobody"),
        help_text=_("They get what would fall to them; without anybody it goes by turns"),
    )  # fmt: skip
    why = forms.CharField(label=_("Why"), required=False, max_length=80)

    def __init__(self, by: Member, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        everyone = Member.objects.filter(is_active=True).order_by("name")
        mine = everyone if by.role in (Role.MANAGER, Role.ADMIN) else everyone.filter(pk=by.pk)
        self.fields["member"].queryset = mine  # type: ignore[attr-defined]
        self.fields["member"].initial = by.pk
        self.fields["stand_in"].queryset = Member.objects.selling()  # type: ignore[attr-defined]

    def clean(self) -> dict[str, Any]:
        typed = super().clean() or {}
        if typed.get("first") and typed.get("last") and typed["last"] < typed["first"]:
            self.add_error("last", _("Write the same day or a later one."))
        if typed.get("stand_in") and typed["stand_in"] == typed.get("member"):
            self.add_error("stand_in", _("Choose somebody else."))
        return typed
