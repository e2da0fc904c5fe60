"""Promises in words: what was owed, what met it, and why it was broken."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext

from tilth.core.terms import Terms
from tilth.promises import names
from tilth.promises.models import Alert, Breach, Obligation
from tilth.web import words
from tilth.web.agreement.sentences import moment

Kind = Obligation.Kind
STATES = {
    "kept": gettext_lazy("kept"),
    "late": gettext_lazy("met too late or not at all"),
    "open": gettext_lazy("late and still open"),
    "broken": gettext_lazy("broken"),
    "void": gettext_lazy("void: there was nothing left to owe"),
    "running": gettext_lazy("not due yet"),
}
EVENTS = {
    "call": gettext_lazy("a call"),
    "mail": gettext_lazy("a mail"),
    "meeting": gettext_lazy("a meeting"),
    "touch": gettext_lazy("a contact"),
    "entry": gettext_lazy("a colleague’s step"),
    "acceptance": gettext_lazy("accepted"),
    "qualified": gettext_lazy("found ready to buy"),
    "return": gettext_lazy("returned"),
    "hand-back": gettext_lazy("handed back"),
    "deal": gettext_lazy("a deal was opened"),
    "won": gettext_lazy("a deal was won"),
    "lost": gettext_lazy("a deal was lost"),
    "merged": gettext_lazy("merged with somebody’s lead"),
    "withdrawal": gettext_lazy("went to somebody else"),
    "review": gettext_lazy("looked at again"),
    "erased": gettext_lazy("erased"),
}
STEPS = {
    Alert.Step.REMINDER: gettext_lazy("reminded"),
    Alert.Step.ESCALATION: gettext_lazy("a manager was told"),
    Alert.Step.REASSIGNMENT: gettext_lazy("given to somebody else"),
}


@dataclass(frozen=True)
class Told:
    """One promise as a row shows it; `late` when it is broken or open and overdue."""

    row: Obligation
    what: str
    happened: str
    cause: str
    shown_by: str
    steps: str


def promise(row: Obligation, kinds: Mapping[int, str]) -> Told:
    """kinds   of the contacts that met promises, by id of the touch"""
    breach = getattr(row, "breach", None)
    steps = ", ".join(str(STEPS[Alert.Step(alert.step)]) for alert in row.alerts.all())
    cause = str(breach.get_cause_display()) if breach else ""
    return Told(row, names.name(row.kind), _happened(row, kinds), cause, _shown_by(breach), steps)


def promised(kind: str, terms: Terms | None) -> str:
    """What the running agreement says, so that a number can be read beside it."""
    if terms is None:
        return ""
    sales = terms.sales
    said: dict[str, Any] = {
        Kind.DELIVERY: _delivery(terms),
        Kind.FIRST_CONTACT: _("within %(least)s to %(most)s working hours") % _span(sales.first_contact_hours.values()),
        Kind.VERDICT: _("by %(moment)s") % {"moment": moment(sales.qualify_by)},
        Kind.FOLLOW_UP: _("%(calls)s calls and %(mails)s mails in %(days)s working days, or an answer")
        % {"calls": sales.calls[0], "mails": sales.mails[0], "days": sales.within_days},
        Kind.STATUS: _("every %(days)s open days") % {"days": sales.stale_after_days},
        Kind.REVIEW: _("within %(hours)s working hours") % {"hours": words.number(terms.review.within_hours)}
        if "review" in terms.document["sla"]
        else _("not agreed"),
    }
    return str(said.get(kind, ""))


def title(wanted: Mapping[str, str]) -> str:
    """The heading of a list: which promises, in which state, for which cause."""
    kind, state, cause = (wanted.get(name, "") for name in ("kind", "state", "cause"))
    parts = [names.name(kind)] if kind in names.PROMISES else [_("all promises")]
    parts += [str(STATES[state])] if state in STATES else []
    parts += [str(Breach.Cause(cause).label)] if cause in Breach.Cause.values else []
    said = ": ".join([parts[0], ", ".join(parts[1:])]) if len(parts) > 1 else parts[0]
    return said[0].upper() + said[1:]


def _delivery(terms: Terms) -> str:
    said = ngettext("%(n)s lead", "%(n)s leads", terms.marketing.leads) % {"n": words.number(terms.marketing.leads)}
    if terms.marketing.value:
        worth = words.money(terms.marketing.value, terms.currency)
        said = _("%(leads)s worth %(worth)s") % {"leads": said, "worth": worth} if terms.marketing.leads else worth
    return _("%(what)s by %(moment)s") % {"what": said, "moment": moment(terms.marketing.by)}


def _span(hours: Any) -> dict[str, str]:
    return {"least": words.number(min(hours)), "most": words.number(max(hours))}


def _happened(row: Obligation, kinds: Mapping[int, str]) -> str:
    settled = getattr(row, "settlement", None)
    if settled is None:
        return ""
    if row.kind == Kind.DELIVERY:
        said = _("%(came)s of %(promised)s leads, %(good)s of good fit")
        return said % {"came": settled.quantity, "promised": row.quantity, "good": settled.good or 0}
    word, _space, number = settled.evidence.partition(" ")
    if word == "touch":
        word = kinds.get(int(number), "touch") if number.isdecimal() else "touch"
    return str(EVENTS.get(word, word))


def _shown_by(breach: Breach | None) -> str:
    """What the rule saw."""
    seen = breach.because if breach else {}
    if "room" in seen:
        return _("%(taken)s hours of leads, %(room)s agreed") % {"taken": seen["taken"], "room": seen["room"]}
    if "missing" in seen:
        return ", ".join(str(name).replace("_", " ") for name in seen["missing"])
    if seen.get("waited"):
        return _("%(short)s short, %(waited)s waited") % {"short": seen["short"], "waited": seen["waited"]}
    return ""
