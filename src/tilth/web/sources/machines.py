"""Machines and colleagues: by what they are told from customers. What ships with Tilth, and what this house adds."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from django import forms
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_POST

from tilth.people import ours
from tilth.people.models import Telltale
from tilth.people.ours import Unfit
from tilth.team.models import Role
from tilth.web import answer, shell
from tilth.web.access import members

Kind = Telltale.Kind
MEANING: dict[str, Any] = {
    Kind.DOMAIN: gettext_lazy(
        "Who has an address there is one of us. The domains of your members are known by themselves."
    ),
    Kind.NETWORK: gettext_lazy("Whoever comes from there is one of us: the office, the VPN."),
    Kind.SITE: gettext_lazy("Who follows a link in a mail to one of these is recognised there, once they agree."),
    Kind.AGENT: gettext_lazy(
        "Programs that say this are machines. Some 1,500 crawlers and monitors are known by themselves."
    ),
    Kind.SCANNER: gettext_lazy(
        "Mail filters that follow links by themselves. Exchange Online Protection and Barracuda are known."
    ),
}
ICONS: dict[str, str] = {
    Kind.DOMAIN: "at",
    Kind.NETWORK: "building",
    Kind.SITE: "world",
    Kind.AGENT: "robot",
    Kind.SCANNER: "scan",
}


class NewTelltale(forms.Form):
    kind = forms.ChoiceField(label=gettext_lazy("What it is"), choices=Kind.choices)
    value = forms.CharField(
        label=gettext_lazy("Domain, network, website, or what the program calls itself"), max_length=200
    )


@dataclass(frozen=True)
class Group:
    """One kind of telltales: `given` are those that come by themselves."""

    label: str
    icon: str
    meaning: str
    rows: Sequence[Telltale]
    given: Sequence[str]

    @property
    def count(self) -> int:
        return len(self.rows) + len(self.given)


@members(Role.ADMIN)
def machines(request: HttpRequest) -> HttpResponse:
    """The page, and adding to it."""
    here, form = shell.of(request), NewTelltale(request.POST or None)
    if request.method == "POST" and form.is_valid():
        try:
            row = ours.add(form.cleaned_data["kind"], form.cleaned_data["value"], here.me, here.now)
        except Unfit as why:
            form.add_error("value", str(why))
        else:
            answer.said(request, _("%(value)s is known from now on.") % {"value": row.value})
            return redirect("machines")
    context = {"groups": groups(), "form": form}
    return render(request, "sources/machines.html", context, status=422 if form.errors else 200)


@members(Role.ADMIN)
@require_POST
def forget(request: HttpRequest, pk: int) -> HttpResponse:
    here, row = shell.of(request), get_object_or_404(Telltale, pk=pk)
    ours.remove(row, here.me, here.now)
    answer.said(request, _("%(value)s tells nothing any more.") % {"value": row.value})
    return redirect("machines")


def groups() -> list[Group]:
    """All that is known, by kind."""
    rows = list(Telltale.objects.select_related("by").order_by("value", "pk"))
    given: dict[str, list[str]] = {Kind.DOMAIN: ours.members_domains()}
    return [
        Group(
            str(Kind(kind).label), ICONS[kind], str(meaning), [r for r in rows if r.kind == kind], given.get(kind, [])
        )
        for kind, meaning in MEANING.items()
    ]
