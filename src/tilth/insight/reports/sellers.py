"""By what figures of selling can be cut, and how the cuts are called."""

from collections.abc import Iterable
from typing import TYPE_CHECKING

from django.utils.translation import gettext_lazy as _

from tilth.insight.report import Asked, Filter
from tilth.team.models import Member

from . import cuts

if TYPE_CHECKING:
    import ibis

CUT = Filter(
    "by",
    _("Cut by"),
    {"team": _("Team"), "person": _("Person"), "segment": _("Segment"), "product": _("Product"), "source": _("Source")},
)


def cut_by(asked: Asked, by: str) -> "ibis.Table":
    """Each deal and its `cut`."""
    from tilth.insight.measures import dealt

    segments = asked.version.terms.segments if asked.version else ()
    return dealt.cut_by(asked.engine, by, segments, teams(asked) if by == "team" else {})


def teams(asked: Asked) -> dict[int, str]:
    """Each member to the first pool of the agreement that they are in; a pool that names nobody is everybody in sales."""
    found: dict[int, str] = {}
    sellers = dict(Member.objects.values_list("email", "pk"))
    everybody = list(Member.objects.selling().values_list("email", flat=True))
    for pool in asked.version.terms.pools if asked.version else ():
        for email in pool.members or everybody:
            if email in sellers:
                found.setdefault(sellers[email], pool.id)
    return found


def named(asked: Asked, found: Iterable[str]) -> dict[str, str]:
    """Each cut to what it is called; "" where nobody said."""
    from tilth.insight.measures.dealt import OURS, THEIRS

    keys = list(found)
    match asked.chosen["by"]:
        case "team":
            names = {pool.id: pool.say or pool.id for pool in (asked.version.terms.pools if asked.version else ())}
        case "person":
            ids = [int(key.removeprefix(OURS)) for key in keys if key.startswith(OURS)]
            names = {f"{OURS}{pk}": name for pk, name in Member.objects.filter(pk__in=ids).values_list("pk", "name")}
            names |= {key: key.removeprefix(THEIRS) for key in keys if key.startswith(THEIRS)}
        case _:
            return cuts.named(asked, keys)
    return {key: names.get(key, key) for key in keys}
