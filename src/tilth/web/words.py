"""How pages say money, shares, numbers and times, in the language of the page."""

from datetime import datetime, timedelta

from django.utils.formats import date_format
from django.utils.timezone import localtime
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext

from tilth.insight.words import LARGEST as LARGEST
from tilth.insight.words import compact as compact
from tilth.insight.words import money as money
from tilth.insight.words import number as number
from tilth.insight.words import percent as percent
from tilth.insight.words import points as points

OUTCOMES = {
    "reached": gettext_lazy("Reached"),
    "voicemail": gettext_lazy("Voicemail"),
    "no answer": gettext_lazy("No answer"),
    "call back": gettext_lazy("Call back"),
}
BEFORE = {
    "first_contact": gettext_lazy("first call before"),
    "verdict": gettext_lazy("qualify before"),
    "follow_up": gettext_lazy("calls and mails before"),
    "review": gettext_lazy("second look before"),
}
WAS_DUE = {
    "first_contact": gettext_lazy("first call was due"),
    "verdict": gettext_lazy("verdict was due"),
    "follow_up": gettext_lazy("calls and mails were due"),
    "review": gettext_lazy("second look was due"),
}
JOURNEYS = {
    "awareness": gettext_lazy("awareness"),
    "consideration": gettext_lazy("consideration"),
    "decision": gettext_lazy("decision"),
}
WHO = {
    "marketing": gettext_lazy("marketing"),
    "sales": gettext_lazy("sales"),
    "manager": gettext_lazy("the manager"),
    "service": gettext_lazy("service"),
}
FIELDS = {
    "person.first_name": gettext_lazy("first name"),
    "person.last_name": gettext_lazy("last name"),
    "person.email": gettext_lazy("e-mail"),
    "person.phone": gettext_lazy("phone"),
    "person.title": gettext_lazy("job title"),
    "person.country": gettext_lazy("country"),
    "person.language": gettext_lazy("language"),
    "company": gettext_lazy("company"),
    "company.name": gettext_lazy("company name"),
    "company.domain": gettext_lazy("company domain"),
    "company.industry": gettext_lazy("industry"),
    "company.employees": gettext_lazy("employees"),
    "company.country": gettext_lazy("company country"),
    "company.city": gettext_lazy("city"),
    "email.free": gettext_lazy("private mail address"),
    "segment": gettext_lazy("segment"),
}
HOUR = timedelta(hours=1)
DAY = timedelta(days=1)


def field(name: str) -> str:
    """An attribute as people call it; custom ones by their own name."""
    return str(FIELDS.get(name) or FIELDS.get(f"person.{name}") or name.rpartition(".")[2].replace("_", " "))


def outcome(said: str) -> str:
    """How a contact went, inside a sentence; what a file or another system said stays as it is."""
    return str(OUTCOMES[said]).lower() if said in OUTCOMES else said


def span(length: timedelta) -> str:
    """A length of time in its two largest units: "1 h 58 min", "1 d 6 h", "3 weeks"."""
    minutes = int(abs(length).total_seconds() // 60)
    days, hours, rest = minutes // 1440, minutes // 60 % 24, minutes % 60
    if days >= 14:
        return ngettext("%(n)s week", "%(n)s weeks", days // 7) % {"n": days // 7}
    if days:
        return _("%(d)s d %(h)s h") % {"d": days, "h": hours} if hours else _("%(d)s d") % {"d": days}
    if hours:
        return _("%(h)s h %(m)s min") % {"h": hours, "m": rest} if rest else _("%(h)s h") % {"h": hours}
    return _("%(m)s min") % {"m": rest} if rest else _("a moment")


def ago(at: datetime, now: datetime) -> str:
    """How long ago: "2 h ago"; a day when it is longer than a week."""
    if now - at > 7 * DAY or at > now + timedelta(minutes=1):
        return day(at, now)
    if now - at < timedelta(minutes=1):
        return _("just now")
    return _("%(span)s ago") % {"span": _coarse(now - at)}


def until(at: datetime, now: datetime) -> str:
    """How long is left, or how late it is: "1 h 58 min left", "2 h 40 min late"."""
    text = _("%(span)s left") if at >= now else _("%(span)s late")
    return text % {"span": span(at - now)}


def left(length: timedelta) -> str:
    """Working time that is left, or by how much it is late: "1 h 58 min left", "26 h late"."""
    hours = abs(length) // HOUR
    text = _("%(h)s h") % {"h": number(hours)} if hours >= 10 else span(abs(length))
    return (_("%(span)s late") if length < timedelta() else _("%(span)s left")) % {"span": text}


def working(length: timedelta) -> str:
    """Working time that has passed: "26 working hours"; whole hours, rounded down."""
    hours = length // HOUR
    return ngettext("%(n)s working hour", "%(n)s working hours", hours) % {"n": number(hours)}


def day(at: datetime, now: datetime) -> str:
    """The day as people say it: "today", "yesterday", "12 March", "3 May 2024"; in local time."""
    here, today = localtime(at), localtime(now)
    if (apart := (today.date() - here.date()).days) in (0, 1):
        return _("yesterday") if apart else _("today")
    return date_format(here, "j F" if here.year == today.year else "j F Y")


def clock(at: datetime) -> str:
    """The local time of day."""
    return date_format(localtime(at), "H:i")


def moment(at: datetime, now: datetime) -> str:
    """A moment near now: "12:38", "Wednesday 17:00", "12 March 09:00"; in local time."""
    here, today = localtime(at), localtime(now)
    apart = (here.date() - today.date()).days
    if apart == 0:
        return clock(at)
    if -7 < apart < 7:
        return f"{date_format(here, 'l')} {clock(at)}"
    return f"{day(at, now)} {clock(at)}"


def exact(at: datetime) -> str:
    """The whole moment, for titles: "Tuesday 16 June 2026, 10:40"."""
    return date_format(localtime(at), "l j F Y, H:i")


def _coarse(length: timedelta) -> str:
    """Only the largest unit: "2 h" says enough about the past."""
    unit = DAY if length >= DAY else HOUR if length >= HOUR else timedelta(minutes=1)
    return span(length // unit * unit)
