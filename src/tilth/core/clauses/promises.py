"""What both teams owe each other, and what they tell each other."""

from collections.abc import Mapping

from tilth.core.figures import DIGITS
from tilth.core.terms import (
    GRADES,
    LEVELS,
    TELL,
    TOLD,
    MarketingPromise,
    Reason,
    Recycling,
    Release,
    ReviewPromise,
    SalesPromise,
)

from .reader import Reader, share


def marketing(r: Reader, doc: Mapping) -> MarketingPromise:
    at = "sla.marketing."
    part = r.part(r.part(doc, "sla"), "marketing", "sla.")
    good = share(part.get("good_fit", 0))
    if good is None:
        r.fault(f"{at}good_fit", f"is {part.get('good_fit')!r}.", "Write a share such as 60%.")
    grades = tuple(r.listed(part, "good_grades", at) or ("A", "B"))
    if any(g not in GRADES for g in grades):
        r.fault(f"{at}good_grades", f"are {list(grades)!r}.", "Write grades, such as [A, B].")
    return MarketingPromise(
        int(r.number(part, "leads", at, low=0, high=1_000_000)), r.moment(part, "by", at), good or 0.0, grades,
        round(r.number(part, "value", at, low=0, default=0, high=1e12) * 10 ** DIGITS.get(str(doc.get("currency")), 2)),
    )  # fmt: skip


def sales(r: Reader, doc: Mapping) -> SalesPromise:
    at = "sla.sales."
    part = r.part(r.part(doc, "sla"), "sales", "sla.")
    hours = part.get("first_contact_hours")
    by_level = {str(k): v for k, v in hours.items()} if isinstance(hours, Mapping) else {str(n): hours for n in LEVELS}
    return SalesPromise(
        first_contact_hours={
            n: r.number(by_level, str(n), f"{at}first_contact_hours.", low=0, high=2_000) for n in LEVELS
        },
        qualify_by=r.moment(part, "qualify_by", at),
        calls=r.counts(part, "calls", at),
        mails=r.counts(part, "mails", at),
        stale_after_days=int(r.number(part, "stale_after_days", at, low=1, default=10, high=250)),
        documents=r.counts(part, "documents", at, [0, 99]),
        hours=r.floor_ceiling(part, "hours", at, [0.5, 4]),
        within_days=int(r.number(part, "within_days", at, low=1, default=21, high=250)),
        room_hours=r.number(part, "room_hours", at, low=0, default=0, high=1_000_000),
        remind_hours=r.number(part, "remind_hours", at, low=0, default=0, high=2_000),
        escalate_hours=r.number(part, "escalate_hours", at, low=0, default=0, high=2_000),
        reassign_hours=r.number(part, "reassign_hours", at, low=0, default=0, high=2_000),
        late_moves=r.flag(part, "late_moves", at),
    )


def reasons(r: Reader, doc: Mapping, key: str) -> tuple[Reason, ...]:
    out = [Reason(r.text(i, "id", at), r.text(i, "say", at), str(i.get("hint") or "")) for at, i in r.items(doc, key)]
    if not out:
        r.fault(key, "is empty, so nobody could give one.", "Write at least one with `id:` and `say:`.")
    r.unique(key, [r.id for r in out])
    return tuple(out)


def review(r: Reader, doc: Mapping) -> ReviewPromise:
    at, part = "sla.review.", r.part(r.part(doc, "sla"), "review", "sla.")
    r.parts_of(part, at, ("reviewer", "within_hours", "blind"))
    return ReviewPromise(
        r.address(part, "reviewer", at) if part.get("reviewer") else "",
        r.number(part, "within_hours", at, low=0, default=16, high=2_000),
        r.flag(part, "blind", at),
    )


def recycling(r: Reader, doc: Mapping) -> Recycling:
    at, part = "recycling.", r.part(doc, "recycling")
    r.parts_of(part, at, ("rounds", "rest_days"))
    return Recycling(
        int(r.number(part, "rounds", at, low=0, default=0, high=100)),
        r.number(part, "rest_days", at, low=0, default=0, high=3_650),
    )


def release(r: Reader, doc: Mapping) -> Release:
    at, part = "release.", r.part(doc, "release")
    r.parts_of(part, at, ("by_capacity", "hours"))
    by_level = {str(k): v for k, v in r.part(part, "hours", at).items()}
    hours = {n: r.number(by_level, str(n), f"{at}hours.", low=0, default=1, high=1_000) for n in LEVELS}
    return Release(r.flag(part, "by_capacity", at), hours)


def tell(r: Reader, doc: Mapping) -> Mapping[str, str]:
    part = r.part(doc, "tell")
    r.parts_of(part, "tell.", TOLD)
    return {what: r.choice(part, what, TELL, "tell.") for what in TOLD if what in part}
