from collections.abc import Mapping
from typing import Any
from zoneinfo import ZoneInfo

from django import forms
from django.utils.dates import WEEKDAYS
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from tilth.core.holiday import UnknownPlace, check
from tilth.core.kinds import Spans
from tilth.core.terms import DAYS, Terms
from tilth.core.week import hours
from tilth.core.written import listed, words
from tilth.team.models import Week

_DAY = forms.DateInput(attrs={"type": "date"}, format="%Y-%m-%d")
ONLY_HOSTS = ("room", "begins", "ramp_weeks", "last_day")
MOST_HOURS = 80


class HowTheyWork(forms.Form):
    """What is different for one colleague; an empty field is as the agreement says."""

    zone = forms.CharField(label=gettext_lazy("Time zone"), required=False, max_length=64)
    country = forms.CharField(label=gettext_lazy("Country whose holidays count"), required=False, max_length=2)
    region = forms.CharField(label=gettext_lazy("Region"), required=False, max_length=8)
    skills = forms.CharField(
        label=gettext_lazy("Skills"), required=False, max_length=200,
        help_text=gettext_lazy("With commas, as the agreement’s pools ask for them: German, call team"),
    )  # fmt: skip
    room = forms.FloatField(
        label=gettext_lazy("Hours a week for new leads"), required=False, min_value=0, max_value=MOST_HOURS
    )
    begins = forms.DateField(label=gettext_lazy("Learns the job from"), required=False, widget=_DAY)
    ramp_weeks = forms.IntegerField(
        label=gettext_lazy("for so many weeks"), required=False, min_value=0, max_value=104,
        help_text=gettext_lazy("In the second of four weeks they get half of a full turn"),
    )  # fmt: skip
    last_day = forms.DateField(
        label=gettext_lazy("Last day"), required=False, widget=_DAY,
        help_text=gettext_lazy("After it their leads go to others by themselves"),
    )  # fmt: skip

    def __init__(self, terms: Terms | None, host: bool, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        for n, day in enumerate(DAYS):
            usual = ", ".join(f"{o:%H:%M}-{c:%H:%M}" for o, c in terms.hours[n]) if terms else ""
            widget = forms.TextInput(attrs={"placeholder": usual or _("closed"), "autocomplete": "off"})
            self.fields[day] = forms.CharField(label=WEEKDAYS[n], required=False, max_length=60, widget=widget)
        if terms:
            self.fields["zone"].widget.attrs["placeholder"] = str(terms.zone)
            self.fields["country"].widget.attrs["placeholder"] = terms.country
            self.fields["region"].widget.attrs["placeholder"] = terms.region
        for name in () if host else ONLY_HOSTS:
            del self.fields[name]

    @property
    def days(self) -> list[forms.BoundField]:
        return [self[day] for day in DAYS]

    def clean_zone(self) -> str:
        zone = self.cleaned_data["zone"].strip()
        try:
            return str(ZoneInfo(zone)) if zone else ""
        except Exception as e:  # zoneinfo raises six kinds, all of which mean this
            raise forms.ValidationError(_("Write one such as Europe/Amsterdam.")) from e

    def clean(self) -> dict[str, Any]:
        typed = super().clean() or {}
        typed["hours"] = {day: spans for day in DAYS if (spans := _spans(typed.get(day, "")))}
        try:
            hours(typed["hours"])
        except ValueError as day:
            self.add_error(str(day), _("Write hours in order, such as 09:00-12:30, 13:00-17:00."))
        typed["country"] = typed.get("country", "").strip().upper()
        try:
            check(typed["country"], typed.get("region", "")) if typed["country"] else None
        except UnknownPlace as e:
            self.add_error("country", str(e))
        typed["skills"] = words(typed.get("skills", ""))
        if typed.get("ramp_weeks") and not typed.get("begins"):
            self.add_error("begins", _("Write the day on which they begin to learn."))
        return typed

    def values(self) -> dict[str, Any]:
        """What to store: only what this form may say."""
        names = ["zone", "hours", "country", "region", "skills", *(n for n in ONLY_HOSTS if n in self.fields)]
        told = {name: self.cleaned_data[name] for name in names}
        if "ramp_weeks" in told:
            told["ramp_weeks"] = told["ramp_weeks"] or 0
        return told


def typed(week: Week | None) -> Mapping[str, Any]:
    """A week as the form shows it."""
    if week is None:
        return {}
    shown = {day: ", ".join(week.hours.get(day, ())) for day in DAYS}
    plain = {name: getattr(week, name) for name in ("zone", "country", "region", "room", "begins", "last_day")}
    return {**shown, **plain, "skills": listed(week.skills), "ramp_weeks": week.ramp_weeks or None}


def _spans(text: str) -> list[str]:
    read = Spans().read([text], None)
    return list(read) if isinstance(read, list) else []
