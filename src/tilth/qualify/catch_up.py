"""Keeping everybody's standing right: whoever has news, whoever's time has come, and everybody when
another version of the agreement takes effect.

Reads   people.News, touches, attributes, the running version
Writes  Standing, StageChange, Ripe, NewLead; takes News away
"""

from collections.abc import Iterable
from datetime import datetime, timedelta
from typing import Any

from django.db import transaction
from django.db.models import Q

from tilth.agreement.models import Version, running
from tilth.core.handoff import rank
from tilth.core.qualify import HUMAN, Seen, Verdict, lacking, qualify, rules_of
from tilth.core.terms import Terms
from tilth.people.models import Email, News, Person, Phone, about
from tilth.touches.models import LEAD_MAKING, Team, Touch

from .models import KEPT, ORDER, SEGMENT, NewLead, Ripe, Stage, StageChange, Standing

BATCH = 500
LATELY = timedelta(days=1)
JUDGED = [
    "version", "stage", "grade", "level", "fit_points", "interest_points", "action", "reasons", "segment", "at",
    "look_at",
]  # fmt: skip


def catch_up(now: datetime, person: int | None = None) -> int:
    """Qualify who needs it; returns how many were looked at. At most BATCH a call."""
    version = running(now)
    news = _take_news(person)
    people = set(news) if person is None else {person}
    if person is None and len(people) < BATCH:
        people |= set(_due(version, now, BATCH - len(people)))
    if people:
        with transaction.atomic():
            evaluate(sorted(people), version, now)
            News.objects.filter(pk__in=[pk for pks in news.values() for pk in pks]).delete()
    return len(people)


def _take_news(person: int | None) -> dict[int, list[int]]:
    """Person to the ids of their news, oldest first. What arrives later has another id and stays."""
    rows = News.objects.order_by("id") if person is None else News.objects.filter(person=person)
    out: dict[int, list[int]] = {}
    for pk, who in rows.values_list("id", "person_id")[: BATCH * 4]:
        if who in out or len(out) < BATCH:
            out.setdefault(who, []).append(pk)
    return out


def _due(version: Version | None, now: datetime, limit: int) -> list[int]:
    """Those whose interest has cooled by itself, then those last judged under another version."""
    cooled = list(Standing.objects.filter(look_at__lte=now).values_list("pk", flat=True)[:limit])
    if version is None or len(cooled) >= limit:
        return cooled
    others = Standing.objects.filter(Q(version__lt=version.pk) | Q(version__gt=version.pk) | Q(version=None))
    return cooled + list(others.values_list("pk", flat=True)[: limit - len(cooled)])


def evaluate(people: Iterable[int], version: Version | None, now: datetime) -> None:
    """Bring the standing of these people up to now, under `version`. A bounded number of queries.

    Called inside a transaction: standings are locked, in order, before anything is read. So no verb's stage is
    overwritten, and of two that evaluate at once, the later one has seen everything that the earlier one saw.
    """
    ids = list(people)
    standings, new = _locked(ids, now)
    persons = Person.objects.select_related("company").in_bulk(standings)
    emails, phones, touches = _lists(Email, "address", ids), _lists(Phone, "number", ids), _touches(ids, now)
    ripes = Ripe.objects.in_bulk(ids)
    rules = rules_of(version.terms) if version else None
    changes = []
    for pk, person in persons.items():
        standing = standings[pk]
        facts, seen = about(person, emails.get(pk, []), phones.get(pk, [])), touches.get(pk, [])
        verdict = qualify(version.terms, facts, seen, now, rules) if version else None
        stage = stage_of(standing, verdict, seen, bool(emails.get(pk) or phones.get(pk)))
        if stage != standing.stage or pk in new:
            was = "" if pk in new else standing.stage
            changes.append(
                StageChange(
                    person=person, stage=stage, was=was, at=now, version=version, because=_because(stage, verdict)
                )
            )
        same = version is not None and standing.version_id == version.pk
        _write(standing, stage, verdict, version, now)
        if verdict and version:
            _ripen(ripes.get(pk), pk, verdict, version, facts, now, same)
    StageChange.objects.bulk_create(changes)
    fresh = [c.person_id for c in changes if _has_just_become_a_lead(c, touches.get(c.person_id, []), now)]
    NewLead.objects.bulk_create([NewLead(person_id=pk, at=now) for pk in fresh])
    Standing.objects.bulk_create(
        standings.values(), update_conflicts=True, unique_fields=["person"], update_fields=JUDGED
    )


def _locked(ids: list[int], now: datetime) -> tuple[dict[int, Standing], set[int]]:
    """The standings of these people, locked; and of whom no stage was recorded before."""
    rows = Standing.objects.select_for_update().filter(pk__in=ids).order_by("pk")
    known = {s.pk: s for s in rows}
    if not (missing := set(ids) - known.keys()):
        return known, missing
    fresh = Person.objects.filter(pk__in=missing).order_by("pk").values_list("pk", flat=True)
    Standing.objects.bulk_create(
        [Standing(person_id=pk, stage=Stage.VISITOR, at=now) for pk in fresh], ignore_conflicts=True
    )
    known = {s.pk: s for s in rows.all()}
    return known, missing - set(StageChange.objects.filter(person__in=missing).values_list("person", flat=True))


def stage_of(standing: Standing, verdict: Verdict | None, seen: list[Seen], reachable: bool) -> str:
    """Marketing's half of the stages (R18-R21); never takes anyone back, never into sales' half."""
    stage = Stage.VISITOR
    real = [t for t in seen if t.evidence >= HUMAN]
    if any(t.kind == "subscribe" for t in real):
        stage = Stage.SUBSCRIBER
    if any(t.kind in LEAD_MAKING for t in real) or (reachable and any(t.team == Team.SALES for t in real)):
        stage = Stage.LEAD
    if stage == Stage.LEAD and verdict and _ripe_anew(standing, verdict):
        stage = Stage.MQL
    return max(standing.stage, stage, key=ORDER.__getitem__)


def _ripe_anew(standing: Standing, verdict: Verdict) -> bool:
    """Ripe by hand or by cell; after sales gave the lead back, only through something newer."""
    if standing.round_ended_at and not (verdict.ripe_at and verdict.ripe_at > standing.round_ended_at):
        return False
    return verdict.raised_hand or verdict.action in ("hand_off", "review")


def _has_just_become_a_lead(change: StageChange, seen: list[Seen], now: datetime) -> bool:
    """Whether somebody should hear of it: by something that happened lately. Who was put on a list did nothing."""
    rose = ORDER[change.was or Stage.VISITOR] < ORDER[Stage.LEAD] <= ORDER[change.stage]
    return rose and any(
        t.kind in LEAD_MAKING and t.kind != "list" and t.evidence >= HUMAN and now - t.at < LATELY for t in seen
    )


def _because(stage: str, verdict: Verdict | None) -> str:
    if stage != Stage.MQL or verdict is None:
        return ""
    return (
        "raised a hand"
        if verdict.raised_hand
        else f"{verdict.grade} {verdict.level}, {verdict.action.replace('_', ' ')}"
    )


def _write(standing: Standing, stage: str, verdict: Verdict | None, version: Version | None, now: datetime) -> None:
    standing.stage, standing.version, standing.at = stage, version, now
    if verdict is None:
        return
    standing.grade, standing.level, standing.action = verdict.grade, verdict.level, verdict.action
    standing.fit_points, standing.interest_points = verdict.fit_points, verdict.interest_points
    standing.look_at = verdict.changes_at
    standing.reasons, standing.segment = reasons(verdict), verdict.segment[:SEGMENT]


def reasons(verdict: Verdict) -> dict[str, Any]:
    """The reasons as they are stored with a standing and with a handoff; points sum to the score."""
    return {
        "fit": [{"rule": w.rule, "say": w.say, "points": w.points} for w in verdict.fit],
        "interest": [
            {
                "rule": w.rule,
                "say": w.say,
                "points": w.points,
                "times": w.times,
                "last": w.last.isoformat() if w.last else None,
            }
            for w in verdict.interest
        ],
        "unripe": list(verdict.unripe),
        "excluded": verdict.excluded,
        "segment": verdict.segment,
        "journey": verdict.journey,
    }


def _ripen(
    ripe: Ripe | None, pk: int, verdict: Verdict, version: Version, facts: dict, now: datetime, same: bool
) -> None:
    """Keep the short list: on it while the cell says hand off; looked at anew when something counted.

    Who cools while sales has nobody or no hours for them stays on it: nothing is dropped because it is old.
    same       judged under the same version before
    """
    terms = version.terms
    if verdict.action != "hand_off":
        kept = same and ripe is not None and ripe.waits_for in KEPT and verdict.action != "disqualify"
        if ripe and not ripe.worked and not kept:
            ripe.delete()
        elif ripe and kept:
            _rerank(ripe, verdict, terms)
        return
    counted = verdict.ripe_at or now
    missing = lacking(terms, facts)
    if ripe is None:
        ripe = Ripe(person_id=pk, since=now, counted_at=counted, missing=missing, look_at=now)
        _rerank(ripe, verdict, terms)
        return
    lacks = ripe.waits_for == Ripe.Lack.DATA
    refused = lacks and ripe.missing == missing and terms.missing_blocks  # and would only be refused again
    released = ripe.waits_for == Ripe.Lack.DESK and not terms.routing.by_hand
    released = released or (ripe.waits_for == Ripe.Lack.ROOM and not same)
    if (ripe.counted_at, ripe.missing) != (counted, missing) or lacks > refused or released:
        ripe.counted_at, ripe.missing = counted, missing
        ripe.look_at = ripe.look_at if refused else now
        ripe.save()
    _rerank(ripe, verdict, terms)


def _rerank(ripe: Ripe, verdict: Verdict, terms: Terms) -> None:
    """How much waiting costs, since what counted last; stored when it is another than before."""
    now_is = rank(terms.value(verdict.grade, verdict.level), ripe.counted_at, terms.fades_hours), verdict.raised_hand
    if (ripe.rank, ripe.raised) != now_is or ripe._state.adding:
        ripe.rank, ripe.raised = now_is
        ripe.save()


def _lists(model: type[Email] | type[Phone], value: str, ids: list[int]) -> dict[int, list[str]]:
    out: dict[int, list[str]] = {}
    for who, text in model.objects.filter(person__in=ids).order_by("id").values_list("person_id", value):
        out.setdefault(who, []).append(text)
    return out


def _touches(ids: list[int], now: datetime) -> dict[int, list[Seen]]:
    rows = Touch.objects.filter(person__in=ids, at__lte=now).values_list(
        "person_id", "id", "at", "kind", "offer__key", "event", "url", "evidence", "team"
    )
    out: dict[int, list[Seen]] = {}
    for who, pk, at, kind, offer, event, url, evidence, team in rows:
        out.setdefault(who, []).append(Seen(pk, at, kind, offer or "", event, url, evidence, team))
    return out


def rebuild(now: datetime) -> int:
    """Work out every standing anew from the facts. Stages that were reached stay reached.

    The version that each was judged under last is kept until then: who cools while sales has nobody waits on (`_ripen`).
    """
    version, count, last = running(now), 0, 0
    while ids := list(Person.objects.filter(pk__gt=last).order_by("pk").values_list("pk", flat=True)[:BATCH]):
        with transaction.atomic():
            judged = dict(Standing.objects.filter(pk__in=ids).values_list("pk", "version"))
            Standing.objects.filter(pk__in=ids).delete()
            rows = reached(ids, now)
            for row in rows:
                row.version_id = judged.get(row.pk)
            Standing.objects.bulk_create(rows)
            evaluate(ids, version, now)
        count, last = count + len(ids), ids[-1]
    return count


def reached(ids: list[int], now: datetime) -> list[Standing]:
    """The stage that each was last recorded at (what is imported may lie further back), and when a round last ended."""
    out: dict[int, Standing] = {}
    for change in StageChange.objects.filter(person__in=ids).order_by("id"):
        row = out.setdefault(change.person_id, Standing(person_id=change.person_id, at=now))
        row.stage = change.stage
        if change.ends_round:
            row.round_ended_at = max(change.at, row.round_ended_at or change.at)
    return list(out.values())
