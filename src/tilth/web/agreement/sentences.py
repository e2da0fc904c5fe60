"""The terms of an agreement as sentences that both teams can read aloud."""

from collections.abc import Iterable
from typing import Any

from django.utils.dates import WEEKDAYS
from django.utils.html import conditional_escape, format_html
from django.utils.safestring import SafeString
from django.utils.text import capfirst
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext

from tilth.core.terms import JOURNEY, LEVELS, STEPS, Condition, FitRule, InterestRule, Moment, Pool, Terms
from tilth.qualify.models import Stage
from tilth.web import words

MARKETINGS_HALF = STEPS[: STEPS.index("mql")]

ACTIONS = {
    "hand_off": gettext_lazy("Hand off"),
    "review": gettext_lazy("Review"),
    "nurture": gettext_lazy("Keep ripening"),
    "disqualify": gettext_lazy("Disqualify"),
}
LOOKS = {
    "hand_off": ("hand", "arrows-exchange"),
    "review": ("review", "gavel"),
    "nurture": ("ripen", "plant"),
    "disqualify": ("drop", "x"),
}


KINDS = {
    "page": gettext_lazy("page visit"),
    "form": gettext_lazy("form"),
    "download": gettext_lazy("download"),
    "subscribe": gettext_lazy("subscription"),
    "unsubscribe": gettext_lazy("unsubscription"),
    "mail_open": gettext_lazy("opened mail"),
    "mail_click": gettext_lazy("click in a mail"),
    "mail_reply": gettext_lazy("answer to a mail"),
    "webinar": gettext_lazy("webinar"),
    "event": gettext_lazy("event"),
    "card": gettext_lazy("card from a fair"),
    "list": gettext_lazy("list"),
    "call": gettext_lazy("call"),
    "mail": gettext_lazy("mail"),
    "meeting": gettext_lazy("meeting"),
    "chat": gettext_lazy("chat"),
    "note": gettext_lazy("note"),
    "track": gettext_lazy("tracked event"),
}
JOURNEYS, WHO, field = words.JOURNEYS, words.WHO, words.field
MISSING = {
    "block": gettext_lazy("the lead waits with marketing"),
    "flag": gettext_lazy("the lead is flagged"),
}
TOLD = {
    "handoff": gettext_lazy("a lead is handed over"),
    "joined": gettext_lazy("somebody joins a lead’s buying group"),
    "returned": gettext_lazy("a lead comes back from sales"),
    "decided": gettext_lazy("a return is decided"),
    "due": gettext_lazy("a promise falls due soon"),
    "breach": gettext_lazy("a promise is broken"),
}
HOW = {"at_once": gettext_lazy("at once"), "digest": gettext_lazy("once a day")}
DISPATCH = {
    "automatic": gettext_lazy("by themselves"),
    "manual": gettext_lazy("by hand"),
}


def condition(rule: FitRule | Condition) -> str:
    """When a rule about attributes holds: "employees from 50 to 500"."""
    name, value = field(rule.field), rule.value
    if rule.field == "email.free":
        return (
            _("the mail address is a private one")
            if str(value) == "True"
            else _("the mail address is not a private one")
        )
    if rule.test == "known":
        return _("%(field)s is known") % {"field": name} if value else _("%(field)s is not known") % {"field": name}
    if rule.test == "between":
        low, high = map(words.number, value)
        return _("%(field)s from %(low)s to %(high)s") % {"field": name, "low": low, "high": high}
    says = {
        "is": _("%(field)s is %(value)s"),
        "in": _("%(field)s is %(value)s"),
        "contains": _("%(field)s contains %(value)s"),
        "at_least": _("%(field)s is %(value)s or more"),
        "at_most": _("%(field)s is %(value)s or less"),
    }
    shown = either(value) if isinstance(value, tuple) else value
    return says[rule.test] % {"field": name, "value": shown}


def touches(rule: InterestRule) -> str:
    """Which touches a rule counts: "form with the offer demo or quote"; "page visit at /pri"."""
    out = either(sorted(str(KINDS.get(kind, kind)) for kind in rule.kinds)) or _("any touch")
    if rule.offers:
        out = _("%(touch)s with the offer %(offers)s") % {"touch": out, "offers": either(sorted(rule.offers))}
    if rule.events:
        named = either(sorted(rule.events))
        out = _("%(touch)s named %(events)s") % {"touch": out, "events": named} if rule.kinds or rule.offers else named
    return _("%(touch)s at %(url)s") % {"touch": out, "url": rule.url} if rule.url else out


def memory(rule: InterestRule) -> str:
    """How long a rule remembers: "halves every 14 days, the newest 2 count"."""
    days = rule.half_life_days
    halves = ngettext("halves every %(days)s day", "halves every %(days)s days", round(days)) % {
        "days": words.number(days, 0 if days == int(days) else 1)
    }
    counts = ngettext("only the newest counts", "the newest %(n)s count", rule.at_most) % {"n": rule.at_most}
    return f"{halves}, {counts}"


def promises(terms: Terms) -> list[SafeString]:
    """What is done with a lead and what both teams owe each other, one sentence each."""
    return [*_handing_off(terms), *_marketing(terms), *_sales(terms), *_way_back(terms), *_telling(terms)]


def _handing_off(terms: Terms) -> list[SafeString]:
    out = [
        _say(_("{action} when {cells}."), action=ACTIONS[action], cells=cells)
        for action in ("hand_off", "review", "disqualify")
        if (cells := _cells(terms, action))
    ]
    if hands := [rule.say for rule in terms.interest_rules if rule.raises_hand]:
        out.append(_say(_("These raise a hand, and make a lead an MQL: {what}."), what="; ".join(hands)))
    if terms.required:
        waits = _("the lead waits with marketing") if terms.missing_blocks else _("the lead is flagged")
        names = both(field(name) for name in terms.required)
        out.append(_say(_("Needed at handoff: {names}. Without them {waits}."), names=names, waits=waits))
    out.append(_say(_("A second person of the same company goes to {who}."), who=_("the same owner")))
    return out


def _marketing(terms: Terms) -> list[SafeString]:
    owed = terms.marketing
    out = [
        _say(
            _("Marketing hands off {n} leads by {when} every week, at least {share} of good fit ({grades})."),
            n=words.number(owed.leads), when=moment(owed.by), share=words.percent(owed.good_fit), grades=either(owed.good_grades),
        )
    ]  # fmt: skip
    if owed.value:
        out.append(_say(_("Together they are worth {worth} a week."), worth=words.money(owed.value, terms.currency)))
    return out


def _sales(terms: Terms) -> list[SafeString]:
    owed = terms.sales
    levels: dict[float, list[int]] = {}
    for n in LEVELS:
        levels.setdefault(owed.first_contact_hours[n], []).append(n)
    within = _("within %(hours)s working hours at interest %(levels)s")
    hours = [within % {"hours": words.number(h), "levels": either(ns)} for h, ns in sorted(levels.items())]
    return [
        _say(_("Sales makes first contact by call, mail or meeting: {hours}."), hours="; ".join(hours)),
        _say(_("Sales says of each lead by {when} whether it is an SQL or comes back."), when=moment(owed.qualify_by)),
        *_tries(terms),
        _say(
            _("A lead of which nothing was heard for {days} days is stale, and both teams see it."),
            days=owed.stale_after_days,
        ),
        *_in_time(terms),
    ]


def _in_time(terms: Terms) -> list[SafeString]:
    """What is done about a promise before it is due and after, as far as the agreement says it."""
    owed = terms.sales
    said = (
        (owed.remind_hours, _("Who owes a promise is reminded {hours} working hours before it is due.")),
        (owed.escalate_hours, _("When it was due {hours} working hours ago and was not met, managers are told.")),
        (
            owed.reassign_hours,
            _(
                "A lead that nobody contacted goes to somebody else {hours} working hours after its first contact was due."
            ),
        ),
    )
    out = [_say(sentence, hours=words.number(hours)) for hours, sentence in said if hours]
    if owed.late_moves:
        out.append(_say(_("Leads that marketing delivers late are judged later by as much.")))
    return out


def _way_back(terms: Terms) -> list[SafeString]:
    """Who looks at returns, and when a lead comes again; [] when the agreement says neither."""
    out, review, rules = [], terms.review, terms.recycling
    if "review" in terms.document["sla"]:
        who, hours = review.reviewer or _("a manager"), words.number(review.within_hours)
        says = (
            _(
                "Every return is looked at once more by {who} within {hours} working hours, without seeing who returned it."
            )
            if review.blind
            else _("Every return is looked at once more by {who} within {hours} working hours.")
        )
        out.append(_say(says, who=who, hours=hours))
    if rules.rounds:
        out.append(
            _say(_("A lead goes through sales {n} times at most; then it stays with marketing."), n=rules.rounds)
        )
    if rules.rest_days:
        days = words.number(rules.rest_days)
        out.append(_say(_("Between two rounds a lead rests for {days} days, unless it raises its hand."), days=days))
    return out


def _telling(terms: Terms) -> list[SafeString]:
    """What must be told, and how; [] when everybody chooses."""
    out = []
    for how, said in HOW.items():
        if what := [TOLD[w] for w in TOLD if terms.tell.get(w) == how]:
            out.append(_say(_("Whoever it concerns is told {how} when {what}."), how=said, what=either(what)))
    return out


def _tries(terms: Terms) -> list[SafeString]:
    """Floor and ceiling of what sales invests in one lead, as far as the agreement says it."""
    owed, stated = terms.sales, terms.document["sla"]["sales"]
    tries = {"calls": span(owed.calls), "mails": span(owed.mails), "documents": span(owed.documents)}
    out = [
        _say(_("Before a lead counts as not reached: {calls} calls, {mails} mails and {documents} documents, and not one more."), **tries)
        if "documents" in stated
        else _say(_("Before a lead counts as not reached: {calls} calls and {mails} mails, and not one more."), **tries)
    ]  # fmt: skip
    if "within_days" in stated:
        out.append(_say(_("That happens within {days} working days."), days=owed.within_days))
    if "hours" in stated:
        out.append(_say(_("Sales invests {hours} hours in one lead."), hours=span(owed.hours)))
    if owed.room_hours:
        hours = words.number(owed.room_hours)
        out.append(_say(_("Sales has room for {hours} hours of new leads a week, all together."), hours=hours))
    return out


def journey(terms: Terms) -> list[SafeString]:
    """Which offers belong to which stage of the buyer's journey; [] when the agreement does not say."""
    out = []
    for stage, name in enumerate(JOURNEY, 1):
        if offers := [offer for offer, its in terms.journey.items() if its == stage]:
            out.append(_say(_("{stage}: {offers}."), stage=capfirst(JOURNEYS[name]), offers=both(sorted(offers))))
    if out:
        days = words.number(terms.forget_days)
        out.append(_say(_("What is older than {days} days says nothing any more."), days=days))
    return out


def ripeness(terms: Terms) -> list[SafeString]:
    """Not too early, not too late; [] when the agreement does not say."""
    ripe = terms.ripeness
    if "ripeness" not in terms.document:
        return []
    out = [_say(_("{who} is ripe at once."), who=_("A raised hand"))]
    if ripe.stage > 1:
        stage = JOURNEYS[JOURNEY[ripe.stage - 1]]
        out.append(_say(_("Nobody is called who has not come to the stage of {stage}."), stage=stage))
    if ripe.touches or ripe.days:
        touches = ngettext("%(n)s touch", "%(n)s touches", ripe.touches) % {"n": ripe.touches}
        days = ngettext("%(n)s day", "%(n)s days", round(ripe.days)) % {"n": words.number(ripe.days)}
        out.append(
            _say(_("Enough care is {touches} that counted, and {days} since the first."), touches=touches, days=days)
        )
    hours = words.number(ripe.alarm_hours)
    out.append(_say(_("A ripe lead that waits longer than {hours} working hours is an alarm."), hours=hours))
    return out


def steps(terms: Terms) -> list[tuple[str, list[tuple[str, str, str, str]]]]:
    """The funnel in its two halves: (half, [(stage, responsible role, its name, what it does)]); [] when not said."""
    if "stages" not in terms.document:
        return []
    rows = [
        (str(Stage(name).label), step.responsible, str(WHO[step.responsible]), step.does)
        for name, step in terms.steps.items()
    ]
    first = len(MARKETINGS_HALF)
    return [(_("Marketing’s half"), rows[:first]), (_("Sales’ half"), rows[first:])]


def span(range_: tuple[float, float]) -> str:
    """Floor and ceiling: "3–5"."""
    return "–".join(words.number(n, 0 if n == int(n) else 1) for n in range_)


def routing(terms: Terms) -> list[SafeString]:
    """Who gets a lead: named accounts, who works leads first, then the first pool that fits."""
    routes, out = terms.routing, []
    if routes.by_hand:
        out.append(_say(_("Every lead waits until {who} passes it on."), who=routes.dispatcher))
    for owner in sorted(set(routes.accounts.values())):
        domains = both(sorted(d for d, its in routes.accounts.items() if its == owner))
        out.append(_say(_("Leads of {domains} go to {who}."), domains=domains, who=owner))
    if routes.first:
        out.append(_say(_("{who} works every other lead first, and passes it on."), who=routes.first))
    return out + [_pool(pool) for pool in terms.pools] + _release(terms)


def _release(terms: Terms) -> list[SafeString]:
    """How many leads are let go; [] when the agreement does not look at hours."""
    if not terms.release.by_capacity:
        return []
    hours: dict[float, list[int]] = {}
    for level in LEVELS:
        hours.setdefault(terms.release.hours[level], []).append(level)
    takes = both(
        _("{hours} h with interest {levels}").format(hours=words.number(h, 0 if h == int(h) else 1), levels=either(its))
        for h, its in hours.items()
    )
    says = _(
        "Leads are let go as far as each seller has hours for them, a raised hand at once. One lead takes {takes}."
    )
    return [_say(says, takes=takes)]


def _pool(pool: Pool) -> SafeString:
    share = both(f"{who} ×{words.number(w, 0 if w == int(w) else 1)}" for who, w in pool.members.items())
    when = {"condition": both(map(condition, pool.when))} if pool.when else {}
    says = {"pool": pool.say, "share": share or _("in turn"), **when}
    if pool.skill:
        sentence = (
            _("When {condition}: {pool}, {share}, of those who have {skill}.")
            if when
            else _("Any lead: {pool}, {share}, of those who have {skill}.")
        )
        return _say(sentence, skill=pool.skill, **says)
    return _say(_("When {condition}: {pool}, {share}.") if when else _("Any lead: {pool}, {share}."), **says)


def moment(at: Moment) -> str:
    """Monday 09:00."""
    return f"{WEEKDAYS[at.weekday]} {at.at:%H:%M}"


def either(items: Iterable[Any]) -> str:
    return _list(items, _("or"))


def both(items: Iterable[Any]) -> str:
    return _list(items, _("and"))


def _cells(terms: Terms, action: str) -> str:
    """Where an action holds: "fit A with interest 3 or 4; fit C with interest 4"; "" when nowhere."""
    out: dict[tuple[int, ...], list[str]] = {}
    for grade, row in terms.matrix.items():
        levels = tuple(n for n in LEVELS if row[n - 1] == action)
        if levels:
            out.setdefault(levels, []).append(grade)
    says = _("fit is %(grades)s and interest is %(levels)s")
    return "; ".join(says % {"grades": either(grades), "levels": either(levels)} for levels, grades in out.items())


def _list(items: Iterable[Any], word: str) -> str:
    said = [str(i) for i in items]
    return f"{', '.join(said[:-1])} {word} {said[-1]}" if len(said) > 1 else "".join(said)


def _say(sentence: str, **values: Any) -> SafeString:
    """A sentence with its values in bold."""
    if not values:
        return conditional_escape(sentence)
    return format_html(sentence, **{k: format_html("<b>{}</b>", v) for k, v in values.items()})
