"""Leads that are ripe but lack what the agreement requires at handoff; filled in where they are listed."""

from collections.abc import Iterable
from typing import Any

from django import forms
from django.db.models import QuerySet
from django.utils.translation import gettext as _

from tilth.people.models import Email
from tilth.qualify.models import Ripe
from tilth.web.people.forms import Details

SHOWN = 10


class Missing(Details):
    """Only what is missing of one person."""

    def __init__(self, ripe: Ripe, data: Any = None) -> None:
        super().__init__(data, prefix=f"p{ripe.pk}")
        self.ripe = ripe

    @property
    def asked(self) -> Iterable[forms.BoundField]:
        return [self[name] for name in self.ripe.missing if name in self.fields]

    def clean_email(self) -> str:
        typed = super().clean_email()
        other = Email.objects.filter(address=typed).exclude(person=self.ripe.pk).select_related("person").first()
        if typed and other:
            raise forms.ValidationError(_("This is the address of %(who)s.") % {"who": other.person})
        return typed

    def clean(self) -> dict[str, Any]:
        typed = super().clean() or {}
        if not any(typed.get(name) for name in self.ripe.missing) and not self.errors:
            raise forms.ValidationError(_("Nothing was filled in."))
        return typed


def waiting() -> QuerySet[Ripe]:
    """Ripe leads that miss data, who waits longest first."""
    return Ripe.objects.filter(waits_for=Ripe.Lack.DATA).order_by("since", "pk")


def shown(refused: Missing | None = None) -> list[Missing]:
    """The first of them with a form each; the refused one as it was typed."""
    rows = waiting().select_related("person__company", "person__standing")[:SHOWN]
    return [refused if refused and refused.ripe.pk == row.pk else Missing(row) for row in rows]
