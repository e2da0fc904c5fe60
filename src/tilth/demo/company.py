"""What Kasbouw agreed before the story begins: the goal, the agreement, and what it knew already."""

import csv
from datetime import date, datetime, timedelta
from pathlib import Path
from random import Random

from tilth.agreement import presets
from tilth.agreement.models import Version
from tilth.plan import contingency, versions
from tilth.plan.models import Goal
from tilth.plan.past import known
from tilth.team.models import Member

from . import market
from .journeys import EBOOKS, WEBINAR

GOAL = 4_500_000_00
WISHED = [
    {"key": "demo", "name": "Demo request", "share": "30", "hours": "3", "to_sql": "45%", "to_won": "1/3"},
    {"key": "quote", "name": "Quote", "share": "10", "hours": "3", "to_sql": "50%", "to_won": "1/3"},
    {"key": "webinar", "name": "Webinar", "share": "30", "hours": "1", "to_sql": "15%", "to_won": "1/4"},
    {"key": "", "name": "E-books", "share": "30", "hours": "0.5", "to_sql": "8%", "to_won": "1/5"},
]
DEAL = 38_000
LEADS_A_WEEK = 25
CHASED = {"remind_hours": 2, "escalate_hours": 4, "reassign_hours": 24}


def agree(cast: dict[str, Member], firms: list[market.Firm], at: datetime) -> Version:
    """The preset with Kasbouw's own figures, signed by both teams."""
    document = presets.load("b2b-software") | {"name": "Kasbouw Software"}
    document["expected"]["deal"] = DEAL
    document["sla"]["marketing"]["leads"] = LEADS_A_WEEK
    document["sla"]["sales"] |= {"hours": [0.5, 3], "room_hours": 45} | CHASED
    document["sla"]["review"] = {"reviewer": cast["carla"].email, "within_hours": 16, "blind": True}
    document["recycling"] = {"rounds": 2, "rest_days": 14}
    document["release"] = {"by_capacity": True, "hours": {1: 0.5, 2: 0.5, 3: 1, 4: 1.5}}
    document["tell"] = {"handoff": "at_once", "joined": "at_once", "due": "at_once", "breach": "at_once"}
    accounts = {firms[7].domain: cast["mehmet"].email, firms[21].domain: cast["bob"].email}
    document["routing"]["accounts"] = accounts
    document["journey"]["awareness"] += EBOOKS
    document["journey"]["consideration"].append(WEBINAR)
    version = Version.write(document, cast["ann"], at)
    version.sign(cast["ann"], "marketing", at)
    version.sign(cast["bob"], "sales", at)
    return version


def aim(cast: dict[str, Member], first: date, at: datetime) -> Goal:
    """The goal of twelve months, signed by both teams."""
    last = date(first.year + 1, first.month, first.day) - timedelta(days=1)
    goal = Goal.objects.create(amount=GOAL, currency="EUR", first=first, last=last, set_by=cast["carla"], set_at=at)
    goal.sign(cast["ann"], "marketing", at)
    goal.sign(cast["bob"], "sales", at)
    return goal


def tries(cast: dict[str, Member], now: datetime) -> Goal:
    """What is agreed for bad times, and a scenario beside the goal: what if fewer leads came by e-books, and more asked for a demo."""
    goal = Goal.objects.proposed().order_by("set_at")[0]
    copy = versions.copy(
        goal, cast["ann"], now, "More demos, fewer e-books", "The budget of e-books goes to the demo page"
    )
    contingency.make(
        goal,
        "delivered",
        True,
        90,
        4,
        "The e-book budget goes to demo requests, and Ann writes to last year’s visitors",
        cast["ann"],
        cast["carla"],
        now,
    )
    contingency.make(
        goal, "chance", True, 40, 2, "Both managers look at the goal once more", cast["carla"], cast["carla"], now
    )
    contingency.catch_up(now)
    document = copy.told() | {"points": WISHED, "hours": "60"}
    return versions.save(copy, document, known(now, goal.first).past, 0, cast["ann"], now)


def old_contacts(path: Path, firms: list[market.Firm], before: datetime, random: Random) -> Path:
    """A file as somebody kept it of two years of fairs: Dutch headers, semicolons, Dutch dates."""
    with path.open("w", newline="", encoding="cp1252", errors="replace") as f:
        rows = csv.writer(f, delimiter=";")
        rows.writerow(
            ["Voornaam", "Achternaam", "E-mail", "Telefoon", "Functie", "Bedrijf", "Land", "Plaats", "Datum", "Bron"]
        )
        for n in range(400):
            who = market.lead(90_000 + n, random.choice(firms), random)
            firm = who.firm
            met = before - timedelta(days=random.uniform(40, 700))
            rows.writerow([
                who.first, who.last, who.email if n % 41 else "", who.phone if n % 3 else "", who.title,
                firm.name if firm else "", firm.country if firm else "", firm.city if firm else "",
                f"{met:%d-%m-%Y}", random.choice(("Gorinchem", "IPM Essen", "HortiContact")),
            ])  # fmt: skip
    return path


def old_deals(path: Path, firms: list[market.Firm], first: date, until: datetime, random: Random) -> Path:
    """Deals of the old CRM that were closed in the goal's period before Tilth came."""
    days = max((until.date() - first).days, 1)
    with path.open("w", newline="", encoding="utf-8") as f:
        rows = csv.writer(f)
        rows.writerow(["deal id", "account", "name", "amount", "stage", "opened", "closed", "lost reason"])
        for n in range(46):
            firm, closed = random.choice(firms), first + timedelta(days=random.randrange(days))
            opened = closed - timedelta(days=random.randint(30, 140))
            won = random.random() < 0.4
            amount = f"{int(random.lognormvariate(10.4, 0.4)) // 100 * 100}.00"
            rows.writerow([
                f"CRM-{1000 + n}", firm.name, f"Climate, {firm.name}", amount, "Won" if won else "Lost",
                opened.isoformat(), closed.isoformat(), "" if won else random.choice(("price", "competitor", "no-decision")),
            ])  # fmt: skip
    return path


def costs(path: Path, first: date, until: date, random: Random) -> Path:
    """What marketing spent, by month and campaign."""
    with path.open("w", newline="", encoding="utf-8") as f:
        rows = csv.writer(f)
        rows.writerow(["day", "campaign", "source", "amount", "what"])
        day = first.replace(day=1)
        while day < until:
            for campaign, source, amount in (
                ("night-heating", "google", 4200),
                ("energy-webinar", "linkedin", 2600),
                ("spring-mail", "newsletter", 450),
            ):
                rows.writerow([day.isoformat(), campaign, source, f"{amount * random.uniform(0.8, 1.2):.2f}", "media"])
            day = (day + timedelta(days=32)).replace(day=1)
    return path
