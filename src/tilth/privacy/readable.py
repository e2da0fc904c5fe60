"""Everything about one person as a page that they can read: one file that needs nothing else and runs nothing."""

import json
from collections.abc import Iterable, Iterator
from datetime import datetime
from html import escape
from typing import Any

from django.utils.formats import date_format
from django.utils.timezone import localtime
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from tilth.consent.models import Consent
from tilth.people.models import Learned, Person
from tilth.touches.models import Touch

from . import related
from .plainly import Plainly

STYLE = """
body { font: 16px/1.5 system-ui, sans-serif; max-width: 60rem; margin: 2rem auto; padding: 0 1rem; color: #22251f; background: #fff }
h1 { font-size: 1.7rem } h2 { font-size: 1.2rem; margin-top: 2.5rem; border-bottom: 1px solid #ccc }
table { border-collapse: collapse; width: 100% } th, td { text-align: left; vertical-align: top; padding: .3rem .6rem .3rem 0; overflow-wrap: anywhere }
tr + tr { border-top: 1px solid #e4e4de } th { color: #555b4c; font-weight: 600; width: 11rem } pre { white-space: pre-wrap; overflow-wrap: anywhere; font-size: .85rem }
"""
SHOWN = {Touch, Consent, Learned}  # have a section of their own
INSIDE = {  # how we work with them inside: only in data.json
    "handoff.holding", "promises.obligation", "promises.settlement", "touches.correction", "touches.origin", "qualify.newlead",
    "qualify.ripe", "people.news", "people.split", "notify.notice", "privacy.takeout",
}  # fmt: skip
NAMES = {
    "people.email": gettext_lazy("Addresses"), "people.phone": gettext_lazy("Phone numbers"),
    "people.personid": gettext_lazy("What other systems call you"), "people.visitor": gettext_lazy("Your browsers"),
    "consent.legalbasis": gettext_lazy("On which ground we keep you"), "consent.limit": gettext_lazy("What you want us not to do"), "notify.message": gettext_lazy("Mails to you"),
    "qualify.standing": gettext_lazy("How we see you now"), "qualify.stagechange": gettext_lazy("How you got there"),
    "forms.submission": gettext_lazy("Forms that you sent"),
    "handoff.handoff": gettext_lazy("Given to a colleague"), "deals.deal": gettext_lazy("Deals"),
}  # fmt: skip
UNTOLD = {"id", "person", "key", "token_hash", "text_hash"}  # columns that say nothing to people


def page(person: Person, sent: Iterable[str], now: datetime) -> Iterator[str]:
    """The page, in pieces.

    sent    what was found in deliveries: a JSON object a line
    """
    title = escape(_("Everything we know about %(who)s") % {"who": person})
    yield '<!doctype html><html><head><meta charset="utf-8"><meta name="viewport" content="width=device-width">'
    yield f"<title>{title}</title><style>{STYLE}</style></head><body><h1>{title}</h1>"
    yield _paragraph(
        _("Made on %(day)s. The same, for programs, is in data.json beside this page.") % {"day": _at(now)}
    )
    say = Plainly()
    yield _section(_("Who you are"), [_fields(say.row(person) | {"company": str(person.company or "")})])
    yield from _of(_("What you agreed to"), Consent, person, _consent)
    yield from _of(_("Contacts between you and us"), Touch, person, _touch)
    yield from _of(_("What we learned, when and from where"), Learned, person, _learned)
    for table in related.tables():
        if table.model not in SHOWN and table.label not in INSIDE:
            rows = table.rows(person.pk).order_by("pk").iterator(1_000)
            yield _section(_name(table), (_fields(say.row(row)) for row in rows))
    lines = (_row(_at(e.at), e.verb) for e in related.entries(person.pk).order_by("at", "pk"))
    yield _section(_("What we did with it"), lines)
    yield _section(_("As it was sent to us"), (_delivery(json.loads(line)) for line in sent))
    yield "</body></html>\n"


def _of(title: str, model: Any, person: Person, line: Any) -> Iterator[str]:
    table = next(t for t in related.tables() if t.model is model)
    yield _section(title, (line(row) for row in table.rows(person.pk).order_by("at", "pk").iterator(1_000)))


def _consent(row: Consent) -> str:
    how = f"{row.get_purpose_display()}: {row.get_act_display()} ({row.get_method_display()})"
    return _row(_at(row.at), how, row.text, row.page)


def _touch(row: Touch) -> str:
    said = {k: v for k, v in row.properties.items() if v not in ("", None)}
    return _row(
        _at(row.at), f"{row.kind} {row.event}".strip(), row.url, json.dumps(said, ensure_ascii=False) if said else ""
    )


def _learned(row: Learned) -> str:
    told = "; ".join(f"{name}: {value}" for name, value in row.values.items())
    return _row(_at(row.at), told, row.origin)


def _delivery(told: dict[str, Any]) -> str:
    event = json.dumps(told["event"], ensure_ascii=False, indent=1)
    head = " ".join(filter(None, (told["from"], told["path"], told["network"], told["agent"])))
    return f"<tr><td>{escape(str(told['received_at']))}<br>{escape(head)}</td><td><pre>{escape(event)}</pre></td></tr>"


def _section(title: str, rows: Iterable[str]) -> str:
    """A heading and its rows; nothing where there are none."""
    body = "".join(rows)
    return f"<h2>{escape(title)}</h2><table>{body}</table>\n" if body else ""


def _fields(row: dict[str, Any]) -> str:
    told = {name: value for name, value in row.items() if name not in UNTOLD and value not in (None, "", [], {})}
    return "".join(_row(name.replace("_", " "), _said(value)) for name, value in told.items()) + "<tr><td></td></tr>"


def _said(value: Any) -> str:
    if isinstance(value, dict) and value.keys() <= {"id", "name", "team"}:
        return str(value.get("name") or value.get("team") or value.get("id"))
    return json.dumps(value, ensure_ascii=False) if isinstance(value, dict | list) else str(value)


def _row(*cells: str) -> str:
    first, *others = cells
    return f"<tr><th>{escape(first)}</th>{''.join(f'<td>{escape(cell)}</td>' for cell in others)}</tr>"


def _paragraph(text: str) -> str:
    return f"<p>{escape(text)}</p>"


def _name(table: related.Table) -> str:
    return str(NAMES.get(table.label) or table.model._meta.verbose_name_plural).capitalize()


def _at(at: datetime) -> str:
    return date_format(localtime(at), "j F Y, H:i")
