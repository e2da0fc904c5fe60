"""A small company in which every report has something to tell: rows written straight into the tables, in a second."""

from collections.abc import Mapping
from datetime import datetime, timedelta
from typing import Any

from tests.conftest import NOW
from tilth.agreement.models import Version
from tilth.campaigns.models import Campaign, Cost
from tilth.deals.models import Deal, Lost, Won
from tilth.handoff.models import Acceptance, Handoff, Holding, Qualified, Return
from tilth.people.models import Person
from tilth.promises.models import Obligation, Settlement
from tilth.qualify.models import StageChange, Standing
from tilth.team.models import Member
from tilth.touches.models import Evidence, Origin, Touch
from tilth.touches.record import offer

LEADS = 240
DAY = timedelta(days=1)
OFFERS = ("demo", "webinar-on-energy-in-the-greenhouse")


def build(version: Version, ann: Member, bob: Member) -> None:
    """Of 240 leads in 240 days every second goes to sales; of these half become an SQL, a quarter buys, a quarter comes back."""
    began = NOW - (LEADS + 10) * DAY
    spring = Campaign.objects.create(key="spring", name="Spring in the greenhouse", at=began)
    Cost.objects.bulk_create(
        Cost(campaign=spring, day=(began + 30 * n * DAY).date(), amount=150_000, currency="EUR", key=bytes([n]))
        for n in range(8)
    )
    offers = [offer(key, began) for key in OFFERS]
    people = Person.objects.bulk_create(Person(first_name="Lead", last_name=str(n), at=began) for n in range(LEADS))
    lines = [_line(n, person, began + n * DAY) for n, person in enumerate(people)]
    Origin.objects.bulk_create(
        Origin(person=x["person"], at=x["at"], door="sales" if x["n"] % 5 == 0 else "person", source=x["source"],
               offer=offers[x["n"] % 2], campaign=spring if x["n"] % 3 == 0 else None)
        for x in lines
    )  # fmt: skip
    Touch.objects.bulk_create(_touch(x, kind, days, offers) for x in lines for kind, days in (("page", -1), ("form", 0), ("call", 2)))  # fmt: skip
    Standing.objects.bulk_create(
        Standing(person=x["person"], stage=x["stages"][-1][0], grade="AB"[x["n"] % 2], level=3, at=x["at"],
                 round_ended_at=x["back"])
        for x in lines
    )  # fmt: skip
    StageChange.objects.bulk_create(
        StageChange(person=x["person"], stage=stage, was=was, at=at, version=version) for x in lines for stage, was, at in x["stages"]
    )  # fmt: skip
    _sales([x for x in lines if x["n"] % 2 == 0], version, bob)


def _line(n: int, person: Person, at: datetime) -> dict[str, Any]:
    """One lead and what becomes of it."""
    stages = [("lead", "subscriber", at)]
    if n % 2 == 0:
        stages.append(("mql", "lead", at + DAY))
    if n % 4 == 0:
        stages.append(("sql", "mql", at + 3 * DAY))
    if n % 8 == 0:
        stages.append(("customer", "sql", at + (12 + n % 20) * DAY))
    if n % 8 == 2:
        stages.append(("lead", "mql", at + 5 * DAY))
    stages = [one for one in stages if one[2] < NOW]
    ended = [when for stage, was, when in stages if stage == "customer" or (was == "mql" and stage == "lead")]
    return {"n": n, "person": person, "at": at, "source": ("fair", "google", "")[n % 3], "stages": stages, "back": max(ended, default=None)}  # fmt: skip


def _touch(x: Mapping[str, Any], kind: str, days: int, offers: list[Any]) -> Touch:
    at = x["at"] + days * DAY
    what = {"form": {"offer": offers[x["n"] % 2]}, "page": {"url": "https://kasbouw.example/energy"}}.get(kind, {})
    team = "sales" if kind == "call" else "person"
    evidence = Evidence.OBSERVED if kind == "page" else Evidence.DECLARED
    return Touch(at=at, learned_at=at, kind=kind, team=team, evidence=evidence, person=x["person"], source=x["source"], **what)  # fmt: skip


def _sales(lines: list[dict[str, Any]], version: Version, bob: Member) -> None:
    handoffs = Handoff.objects.bulk_create(
        Handoff(person=x["person"], owner=bob, version=version, at=x["at"] + DAY, grade="A", level=3, value=180_000, why={}, routing={})
        for x in lines
    )  # fmt: skip
    both = list(zip(lines, handoffs, strict=True))
    Acceptance.objects.bulk_create(_did(Acceptance, h, bob, 1) for x, h in both if x["n"] % 8 != 2)
    Qualified.objects.bulk_create(_did(Qualified, h, bob, 2) for x, h in both if x["n"] % 4 == 0)
    Return.objects.bulk_create(_did(Return, h, bob, 4, reason="not-ready") for x, h in both if x["n"] % 8 == 2)
    owed = Obligation.objects.bulk_create(
        Obligation(kind="first_contact", debtor="sales", member=bob, handoff=h, version=version, since=h.at, due_at=h.at + DAY, open=False)
        for _x, h in both
    )  # fmt: skip
    Settlement.objects.bulk_create(
        Settlement(obligation=row, at=row.due_at, kept=n % 5 != 0, evidence="") for n, row in enumerate(owed)
    )
    dealt = [(x, h) for x, h in both if x["n"] % 4 == 0]
    deals = Deal.objects.bulk_create(
        Deal(name=f"Deal {x['n']}", person=x["person"], handoff=h, owner=bob, amount=900_000 + x["n"] * 1_000, currency="EUR", phase="offer",
             product="Screens", opened_at=h.at + 3 * DAY, learned_at=h.at + 3 * DAY)
        for x, h in dealt
    )  # fmt: skip
    closed = [(deal, x["at"] + (12 + x["n"] % 20) * DAY, x["n"]) for (x, _h), deal in zip(dealt, deals, strict=True)]
    closed = [(deal, at, n) for deal, at, n in closed if at < NOW]
    Won.objects.bulk_create(Won(deal=d, at=at, amount=d.amount) for d, at, n in closed if n % 8 == 0)
    Lost.objects.bulk_create(Lost(deal=d, at=at, reason="price") for d, at, n in closed if n % 16 == 4)
    held = [(x, h) for x, h in both if x["n"] % 16 == 12]
    Holding.objects.bulk_create(Holding(person=x["person"], handoff=h, owner=bob, since=h.at, open_deals=1) for x, h in held)  # fmt: skip


def _did(model: Any, handoff: Handoff, bob: Member, days: int, **more: Any) -> Any:
    return model(handoff=handoff, member=bob, at=handoff.at + days * DAY, **more)
