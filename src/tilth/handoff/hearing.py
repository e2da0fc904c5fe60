"""Who in sales hears of a new lead: who has them, else who knows their company, else who would get them."""

from datetime import datetime

from tilth.agreement.models import running
from tilth.core.routing import in_pool
from tilth.core.terms import SEGMENT_FIELD
from tilth.people.models import Person
from tilth.qualify.models import Standing
from tilth.team.models import Member

from .models import Holding
from .routing import claims, sellers
from .verbs import facts_of

HOLDS, COMPANY, POOL = "holds", "company", "pool"


def who_hears(person: Person, now: datetime) -> tuple[str, list[Member]]:
    """Why and who, by id: the owner of this lead; else who has, or last had, a lead of the same company; else everybody
    in the pool of the running agreement that fits, without those who are away today.

    returns   nobody while no agreement is in force and nobody has the lead
    Source: docs/algorithms/telling.md
    """
    selling = {m.pk: m for m in Member.objects.selling()}
    holder = Holding.objects.filter(person=person).values_list("owner", flat=True).first()
    if holder is not None:
        return HOLDS, [selling[holder]] if holder in selling else []
    if owner := next((claim.seller for claim in claims(person) if claim.seller in selling), None):
        return COMPANY, [selling[owner]]
    version = running(now)
    if version is None:
        return POOL, []
    segment = Standing.objects.filter(person=person).values_list("segment", flat=True).first() or ""
    facts = facts_of(person) | {SEGMENT_FIELD: segment}
    team = sellers(version.terms, now, selling.values())
    away = {seller.id for seller in team if seller.away}
    return POOL, [selling[pk] for pk in in_pool(version.terms.routing, team, facts) if pk not in away]
