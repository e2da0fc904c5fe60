"""Whether somebody may get mail of a track, and why not. Asked when they are put in, and again before each mail.

Marketing by mail needs consent before it goes; a customer may get it about what is like their purchase until they say no
(Directive 2002/58/EC, article 13; in the Netherlands Telecommunicatiewet 11.7, in Belgium WER XII.13 and the decree of
4 April 2003, in Germany UWG § 7). Source: docs/privacy.md
"""

from collections.abc import Iterable

from django.utils.translation import gettext as _

from tilth.consent.models import Purpose, limited, standing, who_may
from tilth.core.nurture import Spec
from tilth.deals.models import Won
from tilth.handoff.joined import among
from tilth.handoff.models import Holding
from tilth.people.models import Email, Person

from .models import Enrolment, Mailing


def grounds(people: Iterable[int], customers: bool) -> dict[int, str]:
    """Person to the ground on which they may get mail; who may not is left out.

    customers    whether the mails are such that a customer may get them without having agreed
    """
    ids = list(people)
    out: dict[int, str] = dict.fromkeys(who_may(ids, Purpose.MAIL), Mailing.Ground.CONSENT)
    if customers:
        bought = set(Won.objects.filter(deal__person__in=ids).values_list("deal__person", flat=True))
        silent = bought - {who for who, said in standing(bought).items() if Purpose.MAIL in said}
        out |= dict.fromkeys(silent - limited(silent), Mailing.Ground.CUSTOMER)
    return out


def addresses(people: Iterable[int]) -> dict[int, str]:
    """Person to the address that we write to."""
    rows = Email.objects.filter(person__in=list(people)).order_by("-pk").values_list("person", "address")
    return dict(rows)


def dead(people: Iterable[int]) -> set[str]:
    """Addresses of these people to which a mail of a track could not be delivered."""
    bounced = Mailing.objects.filter(
        enrolment__person__in=list(people), enrolment__ended_because=Enrolment.Ended.BOUNCED, stopped_at__isnull=False
    )
    return set(bounced.filter(message__isnull=False).values_list("message__to", flat=True))


def with_sales(people: Iterable[int]) -> set[int]:
    """Those whom somebody in sales has, alone or with a colleague of the same firm."""
    ids = list(people)
    return {*Holding.objects.filter(person__in=ids).values_list("person", flat=True), *among(ids)}


def obstacles(people: Iterable[Person], spec: Spec) -> dict[int, str]:
    """Person to why they cannot be put into a track, in words; who can is left out."""
    names = {person.pk: person.name for person in people}
    may, write_to = grounds(names, spec.customers), addresses(names)
    held, broken = with_sales(names), dead(names)
    out: dict[int, str] = {}
    for pk, who in names.items():
        if pk not in write_to:
            out[pk] = _("No e-mail address of %(who)s is known. Add one first.") % {"who": who}
        elif pk in held:
            out[pk] = _("Sales has %(who)s: what they get now is up to their owner.") % {"who": who}
        elif pk not in may:
            out[pk] = _("%(who)s has not agreed to marketing by e-mail. Ask them first.") % {"who": who}
        elif write_to[pk] in broken:
            out[pk] = _("A mail to %(address)s could not be delivered. Correct the address first.") % {
                "address": write_to[pk]
            }
    return out
