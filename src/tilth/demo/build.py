"""Kasbouw's last months, lived through: events come in by the ingest door, files by the import door,
the conveyor runs, the cast uses the verbs. Nothing is written into tables that a user could not have
caused. The same seed gives the same story, ending now.
"""

import heapq
import tempfile
from collections.abc import Callable, Iterator
from datetime import UTC, date, datetime, time, timedelta
from pathlib import Path
from random import Random
from typing import Any
from zoneinfo import ZoneInfo

from tilth import conveyor
from tilth.handoff.models import Holding
from tilth.handoff.verbs import Refused, log_contact
from tilth.notify import deliver
from tilth.notify.models import read_all
from tilth.people.known import Told, keep
from tilth.people.models import Person
from tilth.qualify.models import Ripe
from tilth.team.models import Member

from . import care, cast, company, court, doors, journeys, market, sellers, visitors, weeks

ZONE = ZoneInfo("Europe/Amsterdam")
WEEKS = 10
LEADS_A_WEEK = 74
JOINING = 2  # colleagues of leads ask for a demo just before the story ends
QUIET = 0.35  # of that in one week, in which marketing owes more than it brings
SLOTS = (time(9, 10), time(11, 40), time(15, 20))
HANDS_OFF = timedelta(hours=5)  # the newest leads are left for whoever tries the demo
FILTERED = 6  # every so many firms have a mail filter that follows links
QUESTIONS = (
    "How do I export the climate report?",
    "Can two growers share one screen?",
    "The sensor in compartment 3 shows nothing since the update",
    "When does the link with the labour registration come?",
    "Wants a second location next spring",
)
Say = Callable[[str, float | None], None]


def build(now: datetime, say: Say, seed: int = 25) -> dict[str, Member]:
    """Live through WEEKS weeks that end at `now`; returns the cast.

    say   told what is being done, and how far the whole is (0..1, or None when not known)
    """
    random = Random(seed)
    begin = now - timedelta(weeks=WEEKS)
    say("The cast signs in and both teams sign the agreement and the goal", 0.0)
    members = cast.hire(begin - timedelta(days=3))
    firms = market.firms(420, random)
    company.agree(members, firms, begin - timedelta(days=2))
    first = _goal_begins(begin)
    company.aim(members, first, begin - timedelta(days=1))
    weeks.arrange(members, begin, now)
    say("Old contacts, deals and costs are imported", 0.03)
    _files(firms, first, begin, now, random)
    site = doors.source("kasbouw.example", begin)
    story = _events(firms, begin, now, random)
    chance = Random(seed + 1)  # its own, so that the rest of the story stays as it was
    coming = visitors.visits(visitors.open_forms(members["ann"], begin), firms, begin, now, chance)
    later = Random(seed + 2)  # likewise
    moments = list(_slots(begin, now))
    for n, moment in enumerate(moments):
        doors.deliver(site, list(_until(story, moment)), moment)
        came = visitors.come(coming, moment)
        if n == len(moments) // 2:
            care.plan(members["ann"], moment)
        weeks.welcome(members, begin, now, moment)
        conveyor.run(moment)
        visitors.read_mail(came, moment)
        deliver.catch_up(moment)
        if moment < now - HANDS_OFF and moment.weekday() < 5:
            _office(members, moment, random)
            _beside(members, moment, later)
        if n % 15 == 0:
            say(f"Week {int((moment - begin) / timedelta(weeks=1)) + 1} of {WEEKS}", 0.06 + 0.92 * n / len(moments))
    for n, who in enumerate(care.who_joins(JOINING)):
        event = journeys.converts(who, "demo", {}, random)
        heapq.heappush(story, (now - timedelta(minutes=50 - 20 * n), 100_000 + n, event))
    doors.deliver(site, list(_until(story, now)), now)
    visitors.come(coming, now)
    conveyor.run_dry(now)
    deliver.catch_up(now)
    company.tries(members, now)
    say("Ready", 1.0)
    return members


def _goal_begins(begin: datetime) -> date:
    """The goal's year began some two months before the story."""
    return (begin - timedelta(days=60)).date().replace(day=1)


def _files(firms: list[market.Firm], first: date, begin: datetime, now: datetime, random: Random) -> None:
    with tempfile.TemporaryDirectory() as folder:
        home = Path(folder)
        doors.import_file(company.old_contacts(home / "beurscontacten.csv", firms, begin, random), "leads", begin)
        doors.import_file(company.old_deals(home / "old-crm-deals.csv", firms, first, begin, random), "deals", begin)
        doors.import_file(company.costs(home / "media-costs.csv", first, now.date(), random), "costs", begin)
    conveyor.run_dry(begin)


def _events(
    firms: list[market.Firm], begin: datetime, now: datetime, random: Random
) -> list[tuple[datetime, int, dict[str, Any]]]:
    """Every event of everybody, as a heap by moment. Some people come from a firm that was here before."""
    heap: list[tuple[datetime, int, dict[str, Any]]] = []
    number = 0
    for week in range(WEEKS):
        quiet = QUIET if week == WEEKS // 2 else 1
        for _ in range(round(random.gauss(LEADS_A_WEEK, 7) * quiet)):
            number += 1
            start = begin + timedelta(weeks=week, seconds=random.random() * 604_800)
            hour = min(max(random.gauss(13, 4), 6), 22.9)
            start = start.astimezone(ZONE).replace(hour=int(hour), minute=random.randrange(60)).astimezone(UTC)
            lead = market.lead(number, random.choice(firms), random)
            told = [*journeys.journey(lead, start, random)]
            if number % FILTERED == 0:
                told += journeys.scanned(lead, start + timedelta(days=1))
            for at, event in told:
                if begin < at < now:
                    heapq.heappush(heap, (at, len(heap), event))
    for n in range(6):  # a lively last half day, so that the demo opens with fresh leads
        who = market.lead(50_000 + n, firms[n * 7], random)
        at = now - timedelta(minutes=random.uniform(8, 280))
        for event in (
            journeys.page(who, "/prices", {"source": "google", "medium": "organic"}),
            journeys.identify(who, random, True),
            journeys.converts(
                who, random.choice(("demo", "quote", "contact")), {"source": "google", "medium": "organic"}, random
            ),
        ):
            heapq.heappush(heap, (at, len(heap), event))
    return heap


def _until(heap: list[tuple[datetime, int, dict[str, Any]]], moment: datetime) -> Iterator[dict[str, Any]]:
    while heap and heap[0][0] <= moment:
        at, n, event = heapq.heappop(heap)
        yield event | {"messageId": f"demo-{n}-{at.timestamp():.3f}", "timestamp": at.isoformat()}


def _slots(begin: datetime, now: datetime) -> Iterator[datetime]:
    """Some moments of every working day, at which the office works, and one of each day of a weekend."""
    day = begin.astimezone(ZONE).date()
    while day <= now.date():
        for slot in SLOTS if day.weekday() < 5 else SLOTS[-1:]:
            moment = datetime.combine(day, slot, ZONE).astimezone(UTC)
            if begin < moment < now:
                yield moment
        day += timedelta(days=1)


def _office(members: dict[str, Member], moment: datetime, random: Random) -> None:
    """One working moment: everybody reads what is new, sellers work their leads, Ann completes data, Dirk answers customers."""
    for member in members.values():
        read_all(member, moment)
    there = weeks.at_work(moment)
    for n, holding in enumerate(
        Holding.objects.select_related("handoff__person__company", "handoff__version", "owner").order_by("since")
    ):
        if random.random() < 0.55 and holding.owner_id in there:
            try:
                sellers.work(holding, moment + timedelta(seconds=n), random)
            except Refused:
                continue
    if moment.astimezone(ZONE).time() > time(15):
        _complete_data(members["ann"], moment, random)
    customers = list(Person.objects.filter(standing__stage="customer").order_by("id")[:50])
    if customers and random.random() < 0.2:
        who, asks = random.choice(customers), random.choice(QUESTIONS)
        log_contact(who, members["dirk"], random.choice(("chat", "call")), moment, note=asks)


def _beside(members: dict[str, Member], moment: datetime, random: Random) -> None:
    """What else is done: returns are decided, firms grouped and care noted, each on its day and hour."""
    local = moment.astimezone(ZONE)
    if local.time() > time(15):
        court.decide(members["carla"], moment, random)
        if local.weekday() in (1, 4):
            care.brief(members["ann"], moment)
            care.group(members["ann"], moment, random)
            care.note(members["ann"], moment, random)


def _complete_data(ann: Member, moment: datetime, random: Random) -> None:
    for ripe in Ripe.objects.filter(waits_for="data").select_related("person").order_by("since")[:3]:
        if random.random() < 0.35 and ripe.missing == ["phone"]:
            email = ripe.person.emails.order_by("id").values_list("address", flat=True).first()
            told = Told(emails=[email] if email else [], phones=[f"+3110556{ripe.pk % 10_000:04d}"])
            keep(told, moment, "typed in", ann)
