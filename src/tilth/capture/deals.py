"""Rows of deals: which deal, with whom, for how much, how it ended; and what a human should look at."""

from collections.abc import Sequence
from datetime import date, datetime
from zoneinfo import ZoneInfo

from django.db.models import Min

from tilth.core.figures import Unreadable
from tilth.core.mapping import Mapping
from tilth.core.rows import Said, amount
from tilth.deals.bulk import Book, Telling
from tilth.people.crowd import Crowd, Kept, erased, look_again
from tilth.touches.models import Evidence, Touch
from tilth.touches.record import key

from .run import FAILED, NOTHING_NEW, UPDATED, Outcome, Run, sellers


def take_in(rows: Sequence[Said], run: Run) -> list[Outcome]:
    """Take in rows of a file of deals; an outcome for each. Inside a transaction."""
    amounts, refused = _amounts(rows, run.mapping)
    good = [said for said in rows if id(said) not in refused]
    _forget(good)
    crowd = Crowd(good, run.now, run.file, run.by)
    kept = [crowd.keep(said, None, make=False) for said in good]
    crowd.write()
    look_again(crowd.changed_people(), run.now)
    tellings = _tellings(list(zip(good, kept, strict=True)), amounts, run)
    book = Book(tellings, run.mapping.system, run.file, run.by, run.now)
    what = {id(said): book.keep(telling) for said, telling in zip(good, tellings, strict=True)}
    book.write()
    changed = {id(said) for said, k in zip(good, kept, strict=True) if k.changed}
    return [
        Outcome(FAILED, refused[id(s)]) if id(s) in refused else _outcome(what[id(s)], id(s) in changed) for s in rows
    ]


def _forget(rows: Sequence[Said]) -> None:
    """A deal with somebody who was erased on request is a deal all the same, with nobody that we know."""
    gone = erased(rows)
    for said in rows:
        if id(said) in gone:
            said.ids, said.emails, said.phones, said.person = [], [], [], {}
            said.odd.append(
                ("erased on request", "deals with people who were erased; they are kept without the person")
            )


def _outcome(what: str, changed: bool) -> Outcome:
    if what == "skipped":
        return Outcome(UPDATED) if changed else NOTHING_NEW
    return Outcome(what)


def _amounts(rows: Sequence[Said], mapping: Mapping) -> tuple[dict[int, int | None], dict[int, str]]:
    amounts, refused = {}, {}
    for said in rows:
        try:
            amounts[id(said)] = amount(said, _currency(said, mapping))
        except Unreadable as e:
            refused[id(said)] = f"amount: {e}"
    return amounts, refused


def _currency(said: Said, mapping: Mapping) -> str:
    return said.more.get("currency", mapping.currency).strip().upper()[:3]


def _tellings(known: Sequence[tuple[Said, Kept]], amounts: dict[int, int | None], run: Run) -> list[Telling]:
    people = {kept.person for _, kept in known if kept.person}
    made = Touch.objects.filter(person__in=people, evidence__gt=Evidence.MACHINE)
    first = made.values("person").annotate(at=Min("at"))
    contact = dict(first.values_list("person", "at"))
    owners = sellers(said.more.get("seller", "") for said, _ in known)
    return [_telling(said, kept, amounts[id(said)], owners, contact.get(kept.person or 0), run) for said, kept in known]


def _telling(
    said: Said, kept: Kept, price: int | None, owners: dict[str, int], contact: datetime | None, run: Run
) -> Telling:
    more, mapping = said.more, run.mapping
    opened, closed = (moment.at if (moment := more.get(name)) else None for name in ("opened_at", "closed_at"))
    outcome, product = _ended(more.get("phase", ""), mapping), more.get("product", "")
    company, name = said.company.get("name", ""), more.get("deal", "")
    values = {
        "name": (name or f"{product or more.get('deal_id', '')} {company}".strip() or "deal")[:200],
        "person_id": kept.person, "company_id": kept.company, "owner_id": owners.get(more.get("seller", "")),
        "seller": more.get("seller", "")[:120], "product": product[:120], "phase": more.get("phase", "")[:40], "amount": price,
        "currency": _currency(said, mapping), "opened_at": opened,
    }  # fmt: skip
    parts = (values["name"], values["person_id"], values["company_id"], opened, product)
    external = more.get("deal_id", "")[:200] or f"row {key('deal', repr(parts)).hex()}"
    said.odd += _oddities(said, kept, outcome, opened, closed, contact, mapping)
    return Telling(external, values, outcome, closed, more.get("reason", ""), dict(said.odd))


def _ended(phase: str, mapping: Mapping) -> str:
    """won, lost, or "" while it is open."""
    fixed = mapping.constants.get("outcome", "")
    wanted = phase.strip().casefold()
    for outcome, phases in mapping.outcomes.items():
        if wanted and wanted in {p.casefold() for p in phases}:
            return outcome
    return fixed if fixed in ("won", "lost") else ""


def _oddities(
    said: Said,
    kept: Kept,
    outcome: str,
    opened: datetime | None,
    closed: datetime | None,
    contact: datetime | None,
    mapping: Mapping,
) -> list[tuple[str, str]]:
    """What a human should look at. Days are compared, as many files have no times."""
    odd, more = [], said.more
    filled = mapping.filled()
    if kept.person is None and (said.ids or said.emails):
        odd.append(("unknown lead", f"{(said.ids or [('', '')])[0][1] or said.emails[0]} is nobody that we know"))
    if kept.company is None and filled & {"company", "company_id"}:
        odd.append(("no account", "no account is given"))
    if mapping.phases and more.get("phase", "") not in mapping.phases:
        odd.append(("phase", f"“{more.get('phase', '')}” is not among the expected phases"))
    if outcome and closed is None:
        odd.append(("no closing date", f"{outcome}, but it is not said when"))
    if closed and opened and _day(closed, mapping) < _day(opened, mapping):
        odd.append(("closed before opened", f"closed on {_day(closed, mapping)}, opened on {_day(opened, mapping)}"))
    if outcome == "won" and closed and contact and _day(closed, mapping) < _day(contact, mapping):
        odd.append(
            ("won before first contact", f"won on {_day(closed, mapping)}, first contact on {_day(contact, mapping)}")
        )
    return odd


def _day(at: datetime, mapping: Mapping) -> date:
    return at.astimezone(ZoneInfo(mapping.zone)).date()
