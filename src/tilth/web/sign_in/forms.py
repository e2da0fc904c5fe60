from typing import Any

from django import forms
from django.contrib.auth.password_validation import validate_password
from django.utils.translation import gettext_lazy as _

from tilth.team.models import Member

_NEW = forms.PasswordInput(attrs={"autocomplete": "new-password"})


class SignIn(forms.Form):
    email = forms.EmailField(
        label=_("E-mail"), widget=forms.EmailInput(attrs={"autocomplete": "username", "autofocus": True})
    )
    password = forms.CharField(
        label=_("Password"), strip=False, widget=forms.PasswordInput(attrs={"autocomplete": "current-password"})
    )


class Join(forms.Form):
    name = forms.CharField(label=_("Your name"), max_length=120, widget=forms.TextInput(attrs={"autocomplete": "name"}))
    email = forms.EmailField(
        label=_("E-mail"), max_length=254, widget=forms.EmailInput(attrs={"autocomplete": "username"})
    )
    password = forms.CharField(label=_("Password"), strip=False, help_text=_("10 characters or more"), widget=_NEW)

    def clean_email(self) -> str:
        email = self.cleaned_data["email"].strip().lower()
        if Member.objects.filter(email=email).exists():
            raise forms.ValidationError(_("Somebody signs in with this address already. Sign in, or use another."))
        return email

    def clean(self) -> dict[str, Any]:
        told = super().clean() or {}
        if told.get("password"):
            _check(self, "password", told["password"], Member(name=told.get("name", ""), email=told.get("email", "")))
        return told


class Me(forms.ModelForm):
    class Meta:
        model = Member
        fields = ("name", "theme")
        labels = {"name": _("Name")}
        widgets = {
            "theme": forms.RadioSelect(attrs={"class": "form-check-input"}),
        }

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["theme"].choices = [("auto", _("as this device")), ("light", _("light")), ("dark", _("dark"))]  # type: ignore[attr-defined]


class NewPassword(forms.Form):
    old = forms.CharField(
        label=_("Password now"), strip=False, widget=forms.PasswordInput(attrs={"autocomplete": "current-password"})
    )
    new = forms.CharField(label=_("New password"), strip=False, help_text=_("10 characters or more"), widget=_NEW)

    def __init__(self, member: Member, data: Any = None) -> None:
        super().__init__(data)
        self.member = member

    def clean_old(self) -> str:
        if not self.member.check_password(self.cleaned_data["old"]):
            raise forms.ValidationError(_("This is not your password."))
        return self.cleaned_data["old"]

    def clean(self) -> dict[str, Any]:
        told = super().clean() or {}
        if told.get("new"):
            _check(self, "new", told["new"], self.member)
        return told


def _check(form: forms.Form, field: str, password: str, member: Member) -> None:
    try:
        validate_password(password, member)
    except forms.ValidationError as e:
        form.add_error(field, e)
