"""Ann's part beside leads: two tracks of mails, the care she notes, who decides together, and what sales is told of campaigns."""

from datetime import datetime, timedelta
from random import Random

from tilth.campaigns import briefing
from tilth.campaigns.models import Campaign
from tilth.core.nurture import Rule, Spec, Step
from tilth.groups.models import BuyingGroup, Membership, Part
from tilth.groups.verbs import form, say_role
from tilth.handoff.models import Holding
from tilth.nurture import noting, tracks
from tilth.people.models import Person
from tilth.qualify.models import Standing
from tilth.team.models import Member
from tilth.touches.record import offer

from . import market
from .journeys import EBOOKS, SITE, WEBINAR

IMPRINT = "Kasbouw Software B.V., Zwethlaan 12, 2675 LB Honselersdijk, KvK 27000000"
LOOKED_AT, COLLEAGUES = 12, 4  # leads, of whose firms Ann asks who else has a say
NOTED = (
    ("call", "Called about their plans for next season"),
    ("event", "Guest at our table at HortiContact"),
    ("post", "The printed guide to energy screens"),
)


def plan(ann: Member, at: datetime) -> None:
    """Two tracks, which run from now on."""
    first, second, third, webinar = (_key(name, at) for name in (*EBOOKS, WEBINAR))
    growing = [
        Step("a", 2, "The 24-hour temperature, {first name}", "Dear {first name},\n\nMost growers heat too early in the night. Here is what six of them did instead.", first, f"{SITE}/24-hour"),
        Step("b", 5, "What LED light costs in a dark winter", "Dear {first name},\n\nTwo winters, six greenhouses, all figures.", second, f"{SITE}/led-light"),
        Step("c", 8, "An hour on energy with other growers", "Dear {first name},\n\nJoin us, and ask what you like.", webinar, f"{SITE}/webinar"),
    ]  # fmt: skip
    later = [
        Step("a", 10, "When does an energy screen pay?", "Dear {first name},\n\nYou said: not now. Here are the figures for when you plan.", third, f"{SITE}/screens"),
        Step("b", 20, "Two winters with LED light", "Dear {first name},\n\nWhat others found since we spoke.", second, f"{SITE}/led-light"),
    ]  # fmt: skip
    for name, steps, rule in (
        ("Growing with us", growing, Rule(nurture=True)),
        ("Not now, perhaps later", later, Rule(recycled=["later", "no-budget", "not-ready"])),
    ):
        track = tracks.make(name, Spec("en", IMPRINT, steps, rule), ann, ann, at)
        tracks.run(track, True, ann, at)


def _key(name: str, at: datetime) -> str:
    piece = offer(name, at)
    assert piece is not None
    return piece.key


def brief(ann: Member, moment: datetime) -> None:
    """Tell sales what our campaigns say; that of the fair was forgotten."""
    for campaign in Campaign.objects.filter(briefings=None).exclude(name__startswith="fair").order_by("pk"):
        briefing.brief(
            campaign, ann, f"What {campaign.name} promises, and what to say to who comes through it.", moment
        )


def note(ann: Member, moment: datetime, random: Random) -> None:
    """Care by other means, for two of those whom she tends."""
    tended = list(Standing.objects.filter(action="nurture").order_by("-interest_points", "pk").values_list("pk", flat=True)[:60])  # fmt: skip
    for person in Person.objects.filter(pk__in=random.sample(tended, min(2, len(tended)))).order_by("pk"):
        kind, what = random.choice(NOTED)
        noting.care(person, ann, kind, what, moment.date() - timedelta(days=1), None, moment)


def group(ann: Member, moment: datetime, random: Random) -> None:
    """Make groups of those who decide together at firms that sales talks to, and say who does what."""
    grouped = BuyingGroup.objects.values("company")
    talked_to = Holding.objects.filter(person__company__isnull=False).exclude(person__company__in=grouped)
    for holding in talked_to.select_related("person__company", "handoff__offer").order_by("-since", "-pk")[:LOOKED_AT]:
        company, wants = holding.person.company, holding.handoff.offer
        others = Person.objects.filter(company=company).exclude(pk=holding.pk).order_by("pk")[:COLLEAGUES]
        if company and wants and others:
            form(company, wants.name, [holding.person, *others], ann, moment, wants)
            for row in Membership.objects.filter(group__company=company).order_by("pk"):
                if random.random() < 0.6:
                    say_role(row, random.choice(Part.values), ann, moment)


def who_joins(most: int) -> list[market.Lead]:
    """Colleagues of leads that sales has, who have not been handed over themselves."""
    groups = Membership.objects.filter(person__holding__open_deals=0).values("group")
    rows = Membership.objects.filter(group__in=groups, person__handoffs=None, person__joinings=None).order_by("-pk")
    people = Person.objects.filter(memberships__in=rows).exclude(phones=None).distinct().order_by("-pk")
    return [
        market.Lead(who.first_name, who.last_name, email.address, phone.number, who.title, None, f"again-{who.pk}")
        for who in people[:most]
        if (email := who.emails.order_by("pk").first()) and (phone := who.phones.order_by("pk").first())
    ]
