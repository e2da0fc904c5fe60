"""The agreement as a value: read a document, name every fault with its place and its mend.

`read(document)` turns the parsed YAML or JSON into `Terms`, or raises `Unsound` with all faults at
once. A document is plain data (dict, list, str, int, float, bool, None); nothing in here touches
files or the database. Source: docs/algorithms/agreement.md
"""

import hashlib
import json
from collections.abc import Mapping
from typing import Any

from .clauses import calendar, promises, qualifying, routing
from .clauses.reader import Fault, Reader, Unsound
from .figures import DIGITS
from .terms import MOST_CONDITIONS, Terms

SCHEMA = "tilth/agreement/1"


def fingerprint(document: Mapping[str, Any]) -> str:
    """The SHA-256 of a document, the same whatever the order of its keys. Both teams sign this."""
    text = json.dumps(document, sort_keys=True, ensure_ascii=False, separators=(",", ":"))
    return hashlib.sha256(text.encode()).hexdigest()


def read(document: Any) -> Terms:
    """The terms that a document states.

    document   parsed YAML or JSON
    returns    Terms, with `document` kept for the record
    raises     Unsound, with every fault that was found
    """
    r = Reader()
    if not isinstance(document, Mapping):
        raise Unsound([Fault("(document)", "is not a set of named parts.", "Start with `schema: tilth/agreement/1`.")])
    doc = dict(document)
    if doc.get("schema") != SCHEMA:
        r.fault("schema", f"is {doc.get('schema')!r}.", f"This Tilth reads `schema: {SCHEMA}`.")
    known = {
        "schema", "name", "currency", "time_zone", "country", "region", "working_week", "closing_days", "open_days", "glossary",
        "fit", "interest", "matrix", "expected", "handoff", "sla", "return_reasons", "recycle_reasons",
        "lost_reasons", "routing", "segments", "journey", "ripeness", "stages", "recycling", "release", "tell",
    }  # fmt: skip
    for key in doc:
        if key not in known:
            r.fault(str(key), "is not a part of an agreement.", f"Parts are: {', '.join(sorted(known))}.")
    terms = Terms(
        name=r.text(doc, "name", ""),
        currency=calendar.currency(r, doc),
        zone=calendar.zone(r, doc),
        country=r.text(doc, "country", "").upper(),
        region=calendar.region(r, doc),
        hours=calendar.hours(r, doc),
        closing_days=calendar.dates(r, doc, "closing_days"),
        open_days=calendar.dates(r, doc, "open_days"),
        glossary=qualifying.glossary(r, doc),
        fit_rules=qualifying.fit_rules(r, doc),
        grades=qualifying.grades(r, doc),
        interest_rules=qualifying.interest_rules(r, doc),
        levels=qualifying.levels(r, doc),
        matrix=qualifying.actions(r, doc),
        chances=qualifying.chances(r, doc),
        deal_value=round(
            r.number(r.part(doc, "expected"), "deal", "expected.", low=0)
            * 10 ** DIGITS.get(str(doc.get("currency")), 2)
        ),
        fades_hours=r.number(r.part(doc, "expected"), "fades_hours", "expected.", low=1, default=72),
        required=qualifying.required(r, doc),
        missing_blocks=r.choice(r.part(doc, "handoff"), "missing", ("block", "flag"), "handoff.") == "block",
        marketing=promises.marketing(r, doc),
        sales=promises.sales(r, doc),
        return_reasons=promises.reasons(r, doc, "return_reasons"),
        recycle_reasons=promises.reasons(r, doc, "recycle_reasons"),
        lost_reasons=promises.reasons(r, doc, "lost_reasons"),
        routing=routing.routing(r, doc),
        exclusions=qualifying.conditions(r, r.part(doc, "fit"), "exclude", "fit."),
        segments=qualifying.conditions(r, doc, "segments"),
        journey=qualifying.journey(r, doc),
        forget_days=r.number(r.part(doc, "journey"), "forget_days", "journey.", low=1, default=180, high=3_650),
        ripeness=qualifying.ripeness(r, doc),
        steps=qualifying.steps(r, doc),
        review=promises.review(r, doc),
        recycling=promises.recycling(r, doc),
        release=promises.release(r, doc),
        tell=promises.tell(r, doc),
        document=doc,
    )
    qualifying.contradictions(r, terms)
    conditions = len(terms.fit_rules) + len(terms.exclusions) + len(terms.segments) + len(terms.required)
    if conditions > MOST_CONDITIONS:
        r.fault(
            "fit",
            f"has {conditions} conditions with exclusions, segments and required fields.",
            f"Keep {MOST_CONDITIONS}.",
        )
    if r.faults:
        raise Unsound(r.faults)
    return terms
