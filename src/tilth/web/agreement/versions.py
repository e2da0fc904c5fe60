"""What every page about the agreement asks of a version: which one, who may write, how far it is."""

from datetime import datetime

from django.http import Http404
from django.utils.translation import gettext_lazy

from tilth.agreement.models import Version
from tilth.team.models import Member, Role

PRESETS = {
    "b2b-software": (gettext_lazy("B2B software"), gettext_lazy("Hundreds of leads a month, deals of tens of thousands, demos and trials")),
    "professional-services": (gettext_lazy("Professional services"), gettext_lazy("Trust built over months, seminars and papers, one adviser for each client")),
    "manufacturing-wholesale": (gettext_lazy("Manufacturing and wholesale"), gettext_lazy("Prices, samples and visits, repeat orders, dealers and a field force")),
    "agency": (gettext_lazy("Agency"), gettext_lazy("Briefs and pitches, work that sells by work, requests in waves")),
}  # fmt: skip
WRITERS = (Role.MARKETING, Role.SALES, Role.MANAGER, Role.ADMIN)


def version_or_404(number: int) -> Version:
    version = Version.objects.filter(number=number).first()
    if version is None:
        raise Http404
    return version


def may_write(member: Member | None) -> bool:
    return member is not None and member.role in WRITERS


def state(version: Version, running: Version | None, now: datetime) -> str:
    """How far a version is: withdrawn, proposed, agreed (it takes effect later), running, or earlier."""
    if version.withdrawn_at:
        return "withdrawn"
    if version.takes_effect_at is None:
        return "proposed"
    if version.takes_effect_at > now:
        return "agreed"
    return "running" if version == running else "earlier"
