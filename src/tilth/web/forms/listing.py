"""All forms, and a new one."""

from django import forms
from django.db.models import Count, Max, Q
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext_lazy as _

from tilth.forms.models import Form
from tilth.forms.submissions import held
from tilth.team.models import Role
from tilth.web import shell
from tilth.web.access import members

from . import typed

WHO = (Role.MARKETING, Role.MANAGER, Role.ADMIN)


class NewForm(forms.Form):
    name = forms.CharField(label=_("Name"), max_length=120, help_text=_("For us: E-book LED light, Demo"))


@members(*WHO)
def listing(request: HttpRequest) -> HttpResponse:
    here, new = shell.of(request), NewForm(request.POST or None)
    if request.method == "POST" and new.is_valid():
        name = new.cleaned_data["name"]
        row = Form.make(name, typed.fresh(name), here.me, here.now)
        return redirect("form-edit", row.pk)
    sent = "editions__submissions"
    waits = Q((f"{sent}__taken_at", None), (f"{sent}__spam_at", None)) & ~Q((f"{sent}__doubt__in", ("", "erased")))
    rows = Form.objects.select_related("edition").annotate(
        sent=Count(sent), held=Count(sent, filter=waits), last=Max(f"{sent}__at")
    )
    context = {"rows": rows.order_by("closed_at", "name", "pk"), "form": new, "held": held().count()}
    return render(request, "forms/forms.html", context, status=422 if new.errors else 200)
