"""Two persons (or companies) turn out to be one, and perhaps two again after all.

`people.merging` moves what refers to them, in every room. Here stands what is to be decided: one owner, the furthest
stage, the earlier origin, and what is known. A merge keeps both histories; `split` takes it back to the byte, and what
came in between stays with whom it names.
Source: docs/algorithms/merge.md
"""

from collections.abc import Collection
from datetime import datetime
from typing import Any

from django.db import models, transaction

from tilth.agreement.models import running
from tilth.handoff.models import Handoff, Holding, Merged
from tilth.handoff.verbs import Done, NotYet, Refused, TooLate
from tilth.journal.models import note
from tilth.people import merging, rows, united
from tilth.people.merging import Record
from tilth.people.models import Company, CompanyId, Learned, Merge, News, Person, Position, Split, news
from tilth.qualify.catch_up import evaluate, reached
from tilth.qualify.models import ORDER, NewLead, Ripe, StageChange, Standing
from tilth.team.models import Member
from tilth.touches.models import Origin, Touch
from tilth.touches.record import origin_again

from .models import Deal

PERSONS = (
    (Person, "id"), (Learned, "person_id"), (Position, "person_id"), (Standing, "person_id"), (StageChange, "person_id"),
    (Ripe, "person_id"), (NewLead, "person_id"), (Origin, "person_id"),
)  # fmt: skip
COMPANIES = ((Company, "id"), (Learned, "company_id"), (CompanyId, "company_id"))


@transaction.atomic
def merge(
    survivor: Person, merged: Person, by: Member, now: datetime, chosen: Collection[str] = (), owner: int | None = None
) -> Done:
    """From now on the two are one person: the survivor.

    chosen    attributes of which the merged one's value stays; of all others the survivor's, where it has one
    owner     who keeps the lead where both are held; else whose handoff is older
    raises    Refused, when one of them is gone or both are the same
    """
    survivor, merged = _locked(Person, survivor.pk, merged.pk)
    record = Record()
    held_before = rows.read(Holding, "person_id", (survivor.pk, merged.pk))
    tell = _one_owner(survivor, merged, by, now, owner, record)
    origins = sorted(Origin.objects.filter(pk__in=(survivor.pk, merged.pk)), key=lambda o: (o.at, o.touch_id or 0))
    stage = max(
        Standing.objects.filter(pk__in=(survivor.pk, merged.pk)).values_list("stage", flat=True),
        key=ORDER.__getitem__,
        default=None,
    )
    merging.join(Person, survivor.pk, merged.pk, record)
    with record.watching(survivor.pk, PERSONS):
        united.person(survivor, merged, chosen, now, by)
        if origins:
            _become(origins[0], survivor.pk)
        if stage:
            _reach(survivor.pk, stage, now, f"merged with {merged.name}")
        evaluate([survivor.pk], running(now), now)
    kept = {"steps": record.steps, "held_before": held_before, **_as_merged(survivor.pk)}
    row = Merge.objects.create(person=survivor, merged_id=merged.pk, name=merged.name[:250], kept=kept, at=now, by=by)
    entry = note("merged", row, now, by, survivor.pk, None, merged=merged.pk, tell=tell)
    return Done(row, entry)


@transaction.atomic
def merge_companies(
    survivor: Company, merged: Company, by: Member, now: datetime, chosen: Collection[str] = ()
) -> Done:
    """From now on the two are one company. Its people are looked at again."""
    survivor, merged = _locked(Company, survivor.pk, merged.pk)
    record = Record()
    merging.join(Company, survivor.pk, merged.pk, record)
    with record.watching(survivor.pk, COMPANIES):
        united.company(survivor, merged, chosen, now, by)
    row = Merge.objects.create(
        company=survivor, merged_id=merged.pk, name=str(merged)[:250], kept={"steps": record.steps}, at=now, by=by
    )
    news(list(survivor.people.values_list("pk", flat=True)), now)
    return Done(row, note("merged", row, now, by, None, None, merged=merged.pk))


@transaction.atomic
def split(row: Merge, by: Member, now: datetime) -> Split:
    """Take a merge back: everything is as it was, but for what came since.

    raises   TooLate, when it was taken back already; NotYet, when a later merge builds on it
    """
    row = Merge.objects.select_for_update(of=("self",)).select_related("person", "company").get(pk=row.pk)
    if Split.objects.filter(merge=row).exists():
        raise TooLate("This merge was taken back already.")
    later = Merge.objects.filter(person=row.person_id, company=row.company_id, split=None, pk__gt=row.pk)
    if blocks := later.order_by("-pk").first():
        raise NotYet(f"“{blocks.name}” was merged into this one later. Take that back first.")
    if row.person:
        _split_persons(row, row.person, now)
        note(
            "split", row, now, by, row.merged_id
        )  # who is there again has promises again: whoever looks after them reads it here
    else:
        merging.undo(row.kept["steps"])
        _look_at_people_of([row.company_id, row.merged_id], now)
    return Split.objects.create(merge=row, at=now, by=by)


def take_back(row: Merge, by: Member, now: datetime) -> Split:
    """Take a merge back at any later time; written down as what its undoing at once would be."""
    with transaction.atomic():
        done = split(row, by, now)
        note("split", row, now, by, row.person_id)
    return done


def _split_persons(row: Merge, survivor: Person, now: datetime) -> None:
    both = [survivor.pk, row.merged_id]
    list(Person.objects.select_for_update().filter(pk=survivor.pk))
    now_so = _as_merged(survivor.pk)
    untouched = all(now_so[what] == row.kept[what] for what in ("standing", "last", "news"))
    Holding.objects.filter(person=survivor.pk).delete()
    merging.undo(row.kept["steps"])
    _own_again(row, now_so["held"])
    strayed = Touch.objects.filter(person=survivor.pk, visitor__person=row.merged_id, learned_at__gte=row.at)
    if strayed.update(person=row.merged_id) or not untouched:
        _set_right(both, now)
        news(both, now)


def _as_merged(survivor: int) -> dict[str, Any]:
    """What others may change after a merge: as long as it is the same, nothing came in between."""
    return {
        "held": rows.read(Holding, "person_id", [survivor]),
        "standing": rows.read(Standing, "person_id", [survivor]),
        "last": [
            model._default_manager.filter(person=survivor).aggregate(last=models.Max("pk"))["last"]
            for model in (Touch, Learned, StageChange, Handoff)
        ],
        "news": list(News.objects.filter(person=survivor).order_by("pk").values_list("pk", flat=True)),
    }


def _locked(model: Any, survivor: int, merged: int) -> tuple[Any, Any]:
    """Both, so that nobody writes about them meanwhile. Their standings too, as whoever moves one does."""
    if survivor == merged:
        raise Refused("These two are the same already.")
    found = {row.pk: row for row in model.objects.select_for_update().filter(pk__in=(survivor, merged)).order_by("pk")}
    if len(found) < 2:
        raise Refused("One of the two is gone. It was merged or erased meanwhile.")
    if model is Person:
        list(Standing.objects.select_for_update().filter(pk__in=found).order_by("pk").values_list("pk"))
        list(Handoff.objects.select_for_update().filter(person__in=found).order_by("pk").values_list("pk"))
    return found[survivor], found[merged]


def _one_owner(
    survivor: Person, merged: Person, by: Member, now: datetime, owner: int | None, record: Record
) -> int | None:
    """One handoff holds the lead; others that were open end here. Returns whom to tell: who loses the lead."""
    both = (survivor.pk, merged.pk)
    held = list(Holding.objects.filter(pk__in=both).select_related("handoff"))
    held.sort(key=lambda h: (h.owner_id != owner, h.handoff.at, h.handoff_id))
    Holding.objects.filter(pk__in=both).delete()
    if not held:
        return None
    keeps = held[0]
    Holding.objects.create(
        person=survivor,
        handoff=keeps.handoff,
        owner_id=keeps.owner_id,
        since=keeps.since,
        open_deals=keeps.open_deals,
        rank=keeps.rank,
        fades_hours=keeps.fades_hours,
    )
    going_on = Handoff.objects.filter(person__in=both, the_return=None, the_handback=None, the_merged=None)
    for handoff in going_on.exclude(pk=keeps.handoff_id):
        rival = any(h.handoff_id == handoff.pk for h in held)
        # One that ended with its deals, but was made later, would look like who has the lead now.
        if rival or (handoff.at, handoff.pk) > (keeps.handoff.at, keeps.handoff_id):
            over = Merged.objects.create(handoff=handoff, member=by, at=now)
            record.steps.append(["add", Merged._meta.label, [over.pk]])
    return next((h.owner_id for h in held[1:] if h.owner_id != keeps.owner_id), None)


def _own_again(row: Merge, was_held: list[rows.Row]) -> None:
    """Who had which lead before; what happened to the leads since is minded."""
    if was_held == row.kept["held"]:
        rows.insert(Holding, row.kept["held_before"])
        return
    rows.insert(Holding, was_held)
    for holding in Holding.objects.filter(person__in=(row.person_id, row.merged_id)).select_related("handoff"):
        if holding.person_id != holding.handoff.person_id:
            holding.delete()
            Holding.objects.create(
                person_id=holding.handoff.person_id, handoff=holding.handoff, owner_id=holding.owner_id,
                since=holding.since, open_deals=holding.open_deals, rank=holding.rank, fades_hours=holding.fades_hours,
            )  # fmt: skip
    for before in row.kept["held_before"]:
        _regain(before, {int(h["handoff_id"]) for h in row.kept["held"]}, row)


def _regain(before: rows.Row, kept: set[int], row: Merge) -> None:
    """Give a lead back to whose handoff ended by the merge, unless somebody has it by now."""
    handoff = Handoff.objects.filter(pk=before["handoff_id"]).first()
    if handoff is None or handoff.pk in kept:
        return
    if Holding.objects.filter(person=handoff.person_id).exists():
        if row.by_id:
            Merged.objects.get_or_create(handoff=handoff, defaults={"member_id": row.by_id, "at": row.at})
        return
    deals = Deal.objects.filter(handoff=handoff)
    open_ones = deals.filter(won=None, lost=None).count()
    if open_ones or not deals.exists():
        rows.insert(Holding, [{**before, "open_deals": open_ones}])


def _become(origin: Origin, survivor: int) -> None:
    """How the earlier of the two became a lead is how this one did."""
    origin.person_id = survivor
    origin.save()


def _reach(person: int, stage: str, now: datetime, because: str) -> None:
    """The further of both stages. What was recorded last may be the other's, so it is said once more."""
    last = StageChange.objects.filter(person=person).order_by("-id").first()
    if last is not None and last.stage != stage:
        StageChange.objects.create(
            person_id=person, stage=stage, was=last.stage, at=now, version=running(now), because=because[:200]
        )
    at = reached([person], now)
    Standing.objects.filter(pk=person).update(
        stage=stage, round_ended_at=at[0].round_ended_at if at else models.F("round_ended_at")
    )


def _set_right(people: list[int], now: datetime) -> None:
    """Standings and origins of two that are two again, by the facts of each."""
    stages = {s.pk: s for s in reached(people, now)}
    for standing in Standing.objects.filter(pk__in=people):
        if (at := stages.get(standing.pk)) is not None:
            Standing.objects.filter(pk=standing.pk).update(stage=at.stage, round_ended_at=at.round_ended_at)
    for person in people:
        origin_again(person)


def _look_at_people_of(companies: list[int | None], now: datetime) -> None:
    news(list(Person.objects.filter(company__in=companies).values_list("pk", flat=True)), now)
