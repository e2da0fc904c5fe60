"""What a verb on many leads asks first, once for all of them."""

from collections.abc import Sequence
from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from tilth.core.court import evidence
from tilth.core.terms import Reason, Terms
from tilth.handoff.models import Handoff
from tilth.nurture.models import Track
from tilth.people.models import Person
from tilth.team.models import Member
from tilth.touches.next_steps import LONGEST
from tilth.web import given_up, words
from tilth.web.handoff.forms import GiveUp

KINDS = [("call", _("Call")), ("mail", _("Mail")), ("meeting", _("Meeting")), ("note", _("Note"))]


class Log(forms.Form):
    kind = forms.ChoiceField(label=_("What it was"), choices=KINDS)
    outcome = forms.ChoiceField(label=_("How it went"), required=False)
    note = forms.CharField(label=_("What was said"), required=False, max_length=4_000)

    def __init__(self, people: Sequence[Person], data: Any = None) -> None:
        super().__init__(data)
        self.fields["outcome"].choices = [("", _("nothing to say")), *words.OUTCOMES.items()]  # type: ignore[attr-defined]


class Step(forms.Form):
    what = forms.CharField(
        label=_("What do you do next?"), max_length=LONGEST, error_messages={"required": _("Write what you do next.")}
    )
    on = forms.DateField(label=_("By when?"), required=False, widget=forms.DateInput(attrs={"type": "date"}))

    def __init__(self, people: Sequence[Person], data: Any = None) -> None:
        super().__init__(data)


class Care(forms.Form):
    track = forms.ModelChoiceField(
        Track.objects.none(),
        label=_("Track"),
        empty_label=None,
        error_messages={"required": _("Choose a track first.")},
    )

    def __init__(self, people: Sequence[Person], data: Any = None) -> None:
        super().__init__(data)
        self.fields["track"].queryset = Track.objects.filter(closed_at=None).order_by("name")  # type: ignore[attr-defined]


class Owner(forms.Form):
    owner = forms.ModelChoiceField(
        Member.objects.none(), label=_("New owner"), required=False, empty_label=_("whose turn it is")
    )

    def __init__(self, people: Sequence[Person], data: Any = None) -> None:
        super().__init__(data)
        self.fields["owner"].queryset = Member.objects.selling()  # type: ignore[attr-defined]


class Return(GiveUp):
    """The reasons of every agreement under which these leads were handed off, each once."""

    def __init__(self, people: Sequence[Person], data: Any = None) -> None:
        terms = _terms(people)
        super().__init__(_once(t.return_reasons for t in terms), _fields(terms), data)


class HandBack(GiveUp):
    def __init__(self, people: Sequence[Person], data: Any = None) -> None:
        terms = _terms(people)
        super().__init__(_once(t.recycle_reasons for t in terms), _fields(terms), data)


def _terms(people: Sequence[Person]) -> list[Terms]:
    handoffs = Handoff.objects.filter(holding__person__in=people).select_related("version").order_by("version")
    return list({h.version_id: h.version.terms for h in handoffs}.values())


def _once(lists: Any) -> list[Reason]:
    return list({reason.id: reason for reasons in lists for reason in reasons}.values())


def _fields(terms: Sequence[Terms]) -> list[tuple[str, str]]:
    fields = dict.fromkeys(field for one in terms for field in evidence(one))
    return [(field, given_up.name(field)) for field in fields]
