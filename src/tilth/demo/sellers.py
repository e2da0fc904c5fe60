"""How the cast works its leads: with the same verbs that the pages use, at the simulated moment."""

from contextlib import suppress
from datetime import datetime, timedelta
from random import Random

from tilth.core.routing import OVERTURNED
from tilth.deals.models import Deal
from tilth.deals.verbs import change_amount, lose, open_deal, win
from tilth.handoff.models import Acceptance, Handoff, Holding, Qualified
from tilth.handoff.verbs import Refused, accept, hand_back, log_contact, qualified, return_lead
from tilth.team.models import Member
from tilth.touches.models import NextStep
from tilth.touches.next_steps import do_step, plan_step

from .cast import player_of

READY = {"A": 0.62, "B": 0.5, "C": 0.3, "D": 0.15}
KEEN = {1: 0.3, 2: 0.4, 3: 0.55, 4: 1.1}  # whoever showed little interest is seldom ready,
TOO_GREEN = {1: 3.0, 2: 2.5, 3: 2.0, 4: 0.85}  # and more often returned
NOTES = (
    "Wants to see it with three compartments",
    "Gas is the reason",
    "Compares two suppliers",
    "Decides with the director",
)
RETURNED = {
    "not-ready": ("Only orienting", "Rebuilds in two years", "Wanted the e-book, no project"),
    "no-fit": ("Grows outdoors", "A hobby greenhouse", "Trades, does not grow"),
    "wrong-data": ("The number is somebody else's", "Left the company last year"),
    "existing": ("Already talks with our dealer", "Customer under another name"),
}
STEPS = (
    "Call about the prices",
    "Send the figures of a like grower",
    "Show it with their own climate data",
    "Meet the director",
)
PLANS = 0.88  # how often somebody says what comes next
RESTS_ON = {"not-ready": "interest", "no-fit": "company.industry", "wrong-data": "contacts", "existing": "said"}
COMES_BACK = {"later": (25, 60), "no-budget": (40, 90)}  # days until the date that the lead named
HANDED_BACK = {
    "later": ("After the new season", "Rebuilds in two years"),
    "no-budget": ("Invests in LED light first", "The bank decides next year"),
    "silent": ("Called and mailed, nothing came back", "No answer since the first call"),
    "no-need": ("Has signed elsewhere", "Keeps the old climate computer"),
}


def work(holding: Holding, now: datetime, random: Random) -> None:
    """One working moment of an owner with one lead: the next sensible step, or nothing yet."""
    handoff, owner = holding.handoff, holding.owner
    player = player_of(owner)
    if holding.open_deals:
        if random.random() < 0.1:
            _close(handoff, owner, player.skill, now, random)
        return
    accepted = Acceptance.objects.filter(handoff=handoff).first()
    if accepted is None:
        _first_look(handoff, owner, player.prompt, now, random)
    elif not Qualified.objects.filter(handoff=handoff).exists():
        _find_out(handoff, owner, accepted.at, now, random)
    elif random.random() < 0.5:
        amount = int(random.lognormvariate(10.45, 0.45)) // 100 * 100 * 100
        _plan(handoff, owner, now, random)
        open_deal(handoff.person, owner, _deal_name(handoff, random), amount, "EUR", now, handoff)


def _first_look(handoff: Handoff, owner: Member, prompt: float, now: datetime, random: Random) -> None:
    if random.random() > prompt:
        return
    reached = random.random() < 0.62
    note = random.choice(NOTES) if reached else ""
    try:
        log_contact(handoff.person, owner, "call", now, "reached" if reached else "no answer", note)
    except Refused:  # so many calls were all that was agreed
        _return(handoff, owner, "wrong-data", "Called as often as we may, nobody answers", now)
        return
    if not reached:
        if random.random() < 0.5:
            log_contact(handoff.person, owner, "mail", now + timedelta(minutes=3))
        return
    again = handoff.routing.get("rule") == OVERTURNED
    if (
        not again
        and random.random() < {"A": 0.1, "B": 0.16, "C": 0.32}.get(handoff.grade, 0.5) * TOO_GREEN[handoff.level]
    ):
        reason = random.choices(("not-ready", "no-fit", "wrong-data", "existing"), (6, 3, 1, 1))[0]
        _return(handoff, owner, reason, random.choice(RETURNED[reason]), now + timedelta(minutes=12))
    else:
        accept(handoff, owner, now + timedelta(minutes=12))
        _plan(handoff, owner, now, random)


def _return(handoff: Handoff, owner: Member, reason: str, note: str, now: datetime) -> None:
    return_lead(handoff, owner, reason, note, now, rests_on=RESTS_ON[reason])


def _find_out(handoff: Handoff, owner: Member, since: datetime, now: datetime, random: Random) -> None:
    if now - since < timedelta(hours=20) and random.random() < 0.6:
        return
    if random.random() < 0.45:
        return
    with suppress(Refused):  # above what was agreed: now they say what they found
        log_contact(handoff.person, owner, random.choice(("call", "mail", "meeting")), now, outcome="reached")
    roll = random.random()
    if roll < READY[handoff.grade] * KEEN[handoff.level]:
        qualified(handoff, owner, now + timedelta(minutes=20), random.choice(NOTES))
        _plan(handoff, owner, now, random)
    elif roll > 0.82:
        reason = random.choice(list(HANDED_BACK))
        _hand_back(handoff, owner, reason, now + timedelta(minutes=20), random)
    else:
        _plan(handoff, owner, now, random)


def _plan(handoff: Handoff, owner: Member, now: datetime, random: Random) -> None:
    """What was planned is done, and mostly something new is."""
    for step in NextStep.objects.filter(person=handoff.person_id, done_at=None):
        do_step(step, owner, now)
    if random.random() < PLANS:
        plan_step(handoff.person, owner, random.choice(STEPS), now.date() + timedelta(days=random.randint(3, 10)), now)


def _hand_back(handoff: Handoff, owner: Member, reason: str, now: datetime, random: Random) -> None:
    """Who named a time comes back then, the others when something happens."""
    days = COMES_BACK.get(reason)
    wake_on = now.date() + timedelta(days=random.randint(*days)) if days else None
    hand_back(handoff, owner, reason, random.choice(HANDED_BACK[reason]), now, wake_on)


def _close(handoff: Handoff, owner: Member, skill: float, now: datetime, random: Random) -> None:
    """Every deal is looked at about once a month; two weeks are the least that anybody decides in."""
    deal = Deal.objects.filter(handoff=handoff, won=None, lost=None).first()
    if deal is None or deal.opened_at is None:
        return
    log_contact(handoff.person, owner, random.choice(("call", "meeting", "mail")), now, outcome="reached")
    _plan(handoff, owner, now, random)
    if now - deal.opened_at < timedelta(weeks=2) or random.random() > 0.35:
        return
    roll = random.random()
    if roll < 0.34 * skill:
        win(deal, owner, now)
    elif roll < 0.7:
        lose(deal, owner, random.choice(("price", "competitor", "no-decision", "timing")), "", now)
    elif deal.amount:
        change_amount(deal, owner, int(deal.amount * random.uniform(0.8, 1.15)) // 10_000 * 10_000, now)


def _deal_name(handoff: Handoff, random: Random) -> str:
    what = random.choice(("Climate", "Night heating", "Labour planning", "Energy", "Climate and energy"))
    return f"{what}, {handoff.person.company or handoff.person.name}"
