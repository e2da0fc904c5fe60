"""Who in sales hears of a new lead: who has them, else who knows their company, else who would get them."""

from datetime import datetime

from tilth.agreement.models import running
from tilth.core.handoff import Seller, in_pool
from tilth.people.models import Person
from tilth.team.models import Member, away_on

from .models import Holding
from .verbs import company_owner, facts_of

HOLDS, COMPANY, POOL = "holds", "company", "pool"


def who_hears(person: Person, now: datetime) -> tuple[str, list[Member]]:
    """Why and who, by id: the owner of this lead; else who has, or last had, a lead of the same company; else everybody
    in the pool of the running agreement that fits, without those who are away today.

    returns   nobody while no agreement is in force and nobody has the lead
    Source: docs/algorithms/telling.md
    """
    sellers = {m.pk: m for m in Member.objects.selling()}
    holder = Holding.objects.filter(person=person).values_list("owner", flat=True).first()
    if holder is not None:
        return HOLDS, [sellers[holder]] if holder in sellers else []
    if (owner := company_owner(person)) in sellers:
        return COMPANY, [sellers[owner]]
    version = running(now)
    if version is None:
        return POOL, []
    pool = in_pool(version.terms.pools, [Seller(m.pk, m.email, m.name) for m in sellers.values()], facts_of(person))
    away = away_on(now.astimezone(version.terms.zone).date())
    return POOL, [sellers[pk] for pk in pool if pk not in away]
