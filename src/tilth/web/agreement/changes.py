"""What is different between two documents, in sentences that both teams can read aloud: "Asked for a demo: 45 → 30 points".

Each kind of clause is one line in SAYS: its path, its sentence, and how its value is said. Documents may be unsound: a value
that makes no sense is shown as it was written.
"""

import re
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from datetime import date
from itertools import groupby
from typing import Any

from django.utils.dates import WEEKDAYS
from django.utils.formats import date_format
from django.utils.functional import Promise
from django.utils.html import format_html, format_html_join
from django.utils.safestring import SafeString
from django.utils.text import Truncator
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from tilth.core.compare import Change, canonical, changes
from tilth.core.figures import DIGITS
from tilth.core.terms import DAYS, JOURNEY, TESTS, Condition, InterestRule
from tilth.qualify.models import Stage
from tilth.web import words

from . import clauses, sentences

Saying = Callable[[Any], str]


@dataclass(frozen=True)
class Part:
    """A part of the agreement with what is different in it."""

    name: str
    sentences: tuple[SafeString, ...]


def between(old: Any, new: Any) -> list[Part]:
    """What is different, part by part in the order of an agreement; [] when both say the same.

    old, new   documents, sound or not; what is merely written in another way is no difference
    """
    was, now = canonical(old), canonical(new)
    currency = next((d["currency"] for d in (now, was) if isinstance(d, Mapping) and "currency" in d), "EUR")
    order = list(clauses.PARTS)
    found = sorted(changes(was, now), key=lambda c: order.index(c.part) if c.part in order else len(order))
    return [
        Part(str(clauses.PARTS.get(part, part)), tuple(sentence(c, was, now, str(currency)) for c in inside))
        for part, inside in groupby(found, key=lambda c: c.part)
    ]


def sentence(change: Change, old: Any, new: Any, currency: str) -> SafeString:
    """One change in words. `old` and `new` give the names of the entries that paths speak of."""
    for pattern, says, saying in SAYS:
        if found := pattern.fullmatch(change.path):
            named = _named(found.groupdict(), change.path, old, new)
            return saying.show(str(says), change, named, currency)
    label = clauses.label(change.path, new if change.now is not None else old)
    return Leaf().show("{label}: {change}", change, {"label": label}, currency)


@dataclass(frozen=True)
class Leaf:
    """A value that was one thing and is another."""

    say: Callable[[Any, str], str] = field(default=lambda value, _currency: written(value))

    def show(self, says: str, change: Change, named: Mapping[str, Any], currency: str) -> SafeString:
        was, now = ("" if v is None else self.say(v, currency) for v in (change.was, change.now))
        return format_html(says, change=_arrow(was, now), was=was, now=now, **named)


@dataclass(frozen=True)
class Switch:
    """A value that is true or false: another sentence for each. What `says` gives is for true."""

    off: str | Promise

    def show(self, says: str, change: Change, named: Mapping[str, Any], currency: str) -> SafeString:
        return format_html(says if change.now else str(self.off), now=change.now, **named)


@dataclass(frozen=True)
class Listed:
    """A list of words without an order: what came, and what went."""

    say: Saying = str

    def show(self, says: str, change: Change, named: Mapping[str, Any], currency: str) -> SafeString:
        lists = [v if isinstance(v, list) else [] if v is None else [v] for v in (change.was, change.now)]
        was, now = ([self.say(item) for item in items] for items in lists)
        came, went = [w for w in now if w not in was], [w for w in was if w not in now]
        out = [format_html("<b>{}</b>", _("new: %(what)s") % {"what": sentences.both(came)})] if came else []
        out += [format_html("<s>{}</s>", _("gone: %(what)s") % {"what": sentences.both(went)})] if went else []
        what = format_html_join("; ", "{}", ((said,) for said in out)) if out else _("in another order")
        return format_html(says, change=what, **named)


@dataclass(frozen=True)
class Entry:
    """An entry of a list that came or went; of one with an order, also which way round they now stand."""

    say: Callable[[Mapping[str, Any]], str] = field(default=lambda entry: "")

    def show(self, says: str, change: Change, named: Mapping[str, Any], currency: str) -> SafeString:
        entry = change.now if change.now is not None else change.was
        if not isinstance(entry, Mapping):
            return Leaf().show("{label}: {change}", change, {"label": named.get("say", "")}, currency)
        told = self.say(entry)
        what = format_html("{}, {}", entry.get("say", entry.get("id")), told) if told else written(entry.get("say"))
        if change.now is None:
            return format_html(_("Gone: {what}"), what=format_html("<s>{}</s>", what))
        return format_html(_("New: {what}"), what=format_html("<b>{}</b>", what))


def _named(found: Mapping[str, str], path: str, old: Any, new: Any) -> dict[str, Any]:
    """The words of a path: what its entry is called, its stage, its day, the cell of a grid."""
    out: dict[str, Any] = dict(found)
    if "entry" in found:
        listed = path.partition("[")[0]
        known = clauses.entry(new, listed, found["entry"])
        out["say"] = known if known != found["entry"] else clauses.entry(old, listed, found["entry"])
    if "cell" in found:
        out["level"] = int(found["cell"]) + 1
    if "told" in found:
        out["told"] = sentences.TOLD.get(found["told"], found["told"])
    if "day" in found:
        out["day"] = WEEKDAYS[DAYS.index(found["day"])] if found["day"] in DAYS else found["day"]
    if "stage" in found:
        out["stage"] = Stage(found["stage"]).label if found["stage"] in Stage.values else found["stage"]
    if "step" in found:
        out["step"] = sentences.JOURNEYS.get(found["step"], found["step"])
    return out


def _arrow(was: str, now: str) -> SafeString:
    nothing = format_html('<span class="quiet">{}</span>', _("nothing"))
    before, after = format_html("<s>{}</s>", was), format_html("<b>{}</b>", now)
    return format_html("{} → {}", before if was else nothing, after if now else nothing)


def written(value: Any) -> str:
    """A value as somebody wrote it, not too much of it."""
    if isinstance(value, list):
        value = ", ".join(map(str, value))
    return Truncator(str(value)).chars(160)


def number(value: Any, _currency: str = "") -> str:
    if isinstance(value, bool) or not isinstance(value, int | float):
        return written(value)
    return words.number(value, 0 if value == int(value) else 1 if value * 10 == int(value * 10) else 2)


def _money(value: Any, currency: str) -> str:
    if isinstance(value, bool) or not isinstance(value, int | float) or abs(value) >= words.LARGEST:
        return written(value)
    return words.money(value * 10 ** DIGITS.get(currency, 2), currency)


def _percent(value: Any, _currency: str) -> str:
    return (
        words.percent(value, 0 if round(value, 2) == value else 1) if isinstance(value, float | int) else written(value)
    )


def _from_to(value: Any, _currency: str) -> str:
    return "–".join(map(number, value)) if isinstance(value, list) and len(value) == 2 else written(value)


def _moment(value: Any, _currency: str) -> str:
    day, _space, hour = str(value).strip().lower().partition(" ")
    return f"{WEEKDAYS[DAYS.index(day)]} {hour}" if day in DAYS else written(value)


def _one_of(names: Mapping[str, str | Promise]) -> Callable[[Any, str], str]:
    return lambda value, _currency: str(names[value]) if isinstance(value, str) and value in names else written(value)


def _test(value: Any, _currency: str = "") -> str:
    """A condition on a person or a company; of several, all."""
    if isinstance(value, list) and value:
        return sentences.both(map(_test, value))
    known = [t for t in TESTS if isinstance(value, Mapping) and t in value]
    if len(known) != 1 or not isinstance(value.get("field"), str):
        return written(value)
    operand = value[known[0]]
    if known[0] == "between" and not (
        isinstance(operand, list) and len(operand) == 2 and all(map(_is_number, operand))
    ):
        return written(value)
    operand = tuple(operand) if isinstance(operand, list) else operand
    return sentences.condition(Condition("", "", value["field"], known[0], operand))


def _touches(value: Any, _currency: str = "") -> str:
    """Which touches count."""
    if not isinstance(value, Mapping):
        return written(value)
    kinds, offers, events = (
        frozenset(map(str, v if isinstance(v, list) else [v])) if v is not None else frozenset()
        for v in (value.get("kind"), value.get("offer"), value.get("event"))
    )
    url = str(value.get("url") or "")
    return sentences.touches(InterestRule("", "", kinds, offers, events, url, 0, 1, 1, False))


def _is_number(value: Any) -> bool:
    return isinstance(value, int | float) and not isinstance(value, bool)


def _fit_rule(entry: Mapping[str, Any]) -> str:
    told = {"when": _test(entry.get("when")), "points": number(entry.get("points"))}
    return _("%(when)s: %(points)s points") % told


def _interest_rule(entry: Mapping[str, Any]) -> str:
    told = {"when": _touches(entry.get("when")), "points": number(entry.get("points"))}
    return _("%(when)s: %(points)s points") % told


def _when(entry: Mapping[str, Any]) -> str:
    return _test(entry["when"]) if "when" in entry else ""


def _day(value: Any) -> str:
    try:
        return date_format(date.fromisoformat(str(value)), "j F Y")
    except ValueError:
        return written(value)


_E, _G = r"\[(?P<entry>.*?)\]", r"\.(?P<grade>\w+)\[(?P<cell>\d+)\]"
_REASONS = r"(?:return|recycle|lost)_reasons"
_LISTS = rf"fit\.rules|fit\.exclude|segments|interest\.rules|{_REASONS}|routing\.pools"


def _says(lines: Iterable[tuple[str, str | Promise, Any]]) -> list[tuple[re.Pattern[str], str | Promise, Any]]:
    return [(re.compile(path), says, saying) for path, says, saying in lines]


_NUMBER, _TEST = Leaf(number), Leaf(_test)
SAYS = _says([
    (rf"fit\.rules{_E}", "", Entry(_fit_rule)),
    (rf"interest\.rules{_E}", "", Entry(_interest_rule)),
    (rf"(?:fit\.exclude|segments|routing\.pools){_E}", "", Entry(_when)),
    (rf"{_REASONS}{_E}", "", Entry()),
    (rf"(?:{_LISTS}){_E}\.say", gettext_lazy("“{was}” is now called “{now}”"), Leaf()),
    (rf"(?:fit|interest)\.rules{_E}\.points", gettext_lazy("{say}: {change} points"), _NUMBER),
    (rf"interest\.rules{_E}\.half_life_days", gettext_lazy("{say}: halves every {change} days"), _NUMBER),
    (rf"interest\.rules{_E}\.at_most", gettext_lazy("{say}: the newest {change} count"), _NUMBER),
    (rf"interest\.rules{_E}\.raises_hand", gettext_lazy("{say}: raises a hand from now on"), Switch(gettext_lazy("{say}: no longer raises a hand"))),
    (rf"interest\.rules{_E}\.when", "{say}: {change}", Leaf(_touches)),
    (rf"(?:{_LISTS}){_E}\.when", "{say}: {change}", _TEST),
    (rf"{_REASONS}{_E}\.hint", gettext_lazy("{say}, what to ask with it: {change}"), Leaf()),
    (rf"routing\.pools{_E}\.skill", gettext_lazy("{say}, the skill that is needed: {change}"), Leaf()),
    (r"routing\.accounts\.(?P<domain>.*)", gettext_lazy("Leads of {domain} go to {change}"), Leaf()),
    (r"routing\.first", gettext_lazy("Who works every other lead first: {change}"), Leaf()),
    (r"routing\.dispatch", gettext_lazy("Leads are passed on {change}"), Leaf(_one_of(sentences.DISPATCH))),
    (r"routing\.dispatcher", gettext_lazy("Who passes leads on: {change}"), Leaf()),
    (rf"routing\.pools{_E}\.members\.(?P<who>.*)", gettext_lazy("{say}, turns of {who}: {change}"), _NUMBER),
    (rf"(?:{_LISTS})", gettext_lazy("The order: {change}"), Leaf()),
    (r"fit\.grades\.(?P<grade>\w+)", gettext_lazy("Fit {grade} begins at {change} points"), _NUMBER),
    (r"interest\.levels\.(?P<level>\w+)", gettext_lazy("Interest {level} begins at {change} points"), _NUMBER),
    (rf"matrix{_G}", gettext_lazy("Fit {grade} with interest {level}: {change}"), Leaf(_one_of(sentences.ACTIONS))),
    (rf"expected\.chance{_G}", gettext_lazy("Chance of a sale at fit {grade} and interest {level}: {change}"), Leaf(_percent)),
    (r"expected\.deal", gettext_lazy("The usual deal: {change}"), Leaf(_money)),
    (r"expected\.fades_hours", gettext_lazy("A lead that nobody works loses half of its value in {change} hours"), _NUMBER),
    (r"handoff\.required", gettext_lazy("What must be known at handoff: {change}"), Listed(sentences.field)),
    (r"handoff\.missing", gettext_lazy("Without it: {change}"), Leaf(_one_of(sentences.MISSING))),
    (r"sla\.marketing\.leads", gettext_lazy("Marketing hands off {change} leads a week"), _NUMBER),
    (r"sla\.marketing\.by", gettext_lazy("Marketing hands them off by {change}"), Leaf(_moment)),
    (r"sla\.marketing\.good_fit", gettext_lazy("Of good fit are at least {change}"), Leaf(_percent)),
    (r"sla\.marketing\.good_grades", gettext_lazy("What counts as a good fit: {change}"), Listed()),
    (r"sla\.sales\.first_contact_hours\.(?P<level>\w+)", gettext_lazy("First contact at interest {level} within {change} working hours"), _NUMBER),
    (r"sla\.sales\.qualify_by", gettext_lazy("Sales judges each lead by {change}"), Leaf(_moment)),
    (r"sla\.sales\.calls", gettext_lazy("Calls for one lead: {change}"), Leaf(_from_to)),
    (r"sla\.sales\.mails", gettext_lazy("Mails for one lead: {change}"), Leaf(_from_to)),
    (r"sla\.sales\.documents", gettext_lazy("Documents for one lead: {change}"), Leaf(_from_to)),
    (r"sla\.sales\.hours", gettext_lazy("Hours for one lead: {change}"), Leaf(_from_to)),
    (r"sla\.sales\.within_days", gettext_lazy("All of that within {change} working days"), _NUMBER),
    (r"sla\.sales\.room_hours", gettext_lazy("Sales has {change} hours a week for new leads"), _NUMBER),
    (r"sla\.sales\.stale_after_days", gettext_lazy("A lead is stale after {change} days without news"), _NUMBER),
    (r"sla\.marketing\.value", gettext_lazy("Together they are worth {change} a week"), Leaf(_money)),
    (r"sla\.sales\.remind_hours", gettext_lazy("A reminder {change} working hours before a promise is due"), _NUMBER),
    (r"sla\.sales\.escalate_hours", gettext_lazy("Managers are told {change} working hours after a promise was due"), _NUMBER),
    (r"sla\.sales\.reassign_hours", gettext_lazy("A lead that nobody contacted goes to somebody else after {change} working hours"), _NUMBER),
    (r"sla\.sales\.late_moves", gettext_lazy("Leads that come late are judged later by as much"), Switch(gettext_lazy("Leads that come late are judged as any other"))),
    (r"sla\.review\.reviewer", gettext_lazy("Who looks at every return once more: {change}"), Leaf()),
    (r"sla\.review\.within_hours", gettext_lazy("A return is decided within {change} working hours"), _NUMBER),
    (r"sla\.review\.blind", gettext_lazy("Returns are decided without seeing who returned them"), Switch(gettext_lazy("Returns are decided with who returned them in sight"))),
    (r"tell\.(?P<told>\w+)", gettext_lazy("Told when {told}: {change}"), Leaf(_one_of(sentences.HOW))),
    (r"recycling\.rounds", gettext_lazy("A lead goes through sales {change} times at most"), _NUMBER),
    (r"recycling\.rest_days", gettext_lazy("A lead rests {change} days between two rounds"), _NUMBER),
    (r"release\.by_capacity", gettext_lazy("Leads are let go only as far as sales has hours for them"), Switch(gettext_lazy("Leads are let go when they are ripe, whatever hours sales has"))),
    (r"release\.hours\.(?P<level>\w+)", gettext_lazy("A lead with interest {level} takes {change} hours"), _NUMBER),
    (r"journey\.forget_days", gettext_lazy("A step is forgotten after {change} days"), _NUMBER),
    (rf"journey\.(?P<step>{'|'.join(JOURNEY)})", gettext_lazy("Offers of {step}: {change}"), Listed()),
    (r"ripeness\.stage", gettext_lazy("Nobody is called before {change}"), Leaf(_one_of(sentences.JOURNEYS))),
    (r"ripeness\.touches", gettext_lazy("A lead is ripe after {change} touches that counted"), _NUMBER),
    (r"ripeness\.days", gettext_lazy("A lead is ripe {change} days after the first of them"), _NUMBER),
    (r"ripeness\.alarm_hours", gettext_lazy("A ripe lead that waits is an alarm after {change} working hours"), _NUMBER),
    (r"stages\.(?P<stage>\w+)\.responsible", gettext_lazy("{stage}: responsible is {change}"), Leaf(_one_of(sentences.WHO))),
    (r"stages\.(?P<stage>\w+)\.does", "{stage}: {change}", Leaf()),
    (r"glossary\.(?P<term>.*)", "{term}: {change}", Leaf()),
    (r"working_week\.(?P<day>\w+)", "{day}: {change}", Leaf()),
    (r"closing_days", gettext_lazy("Closing days: {change}"), Listed(_day)),
    (r"open_days", gettext_lazy("Holidays on which we work: {change}"), Listed(_day)),
])  # fmt: skip
