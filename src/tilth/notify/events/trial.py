"""A trial: an administrator or a member wants to see that an address is reached."""

from zoneinfo import ZoneInfo

from django.utils.translation import gettext as _

from tilth.notify.models import Event


def title(event: Event, why: str) -> str:
    return _("Tilth reaches you here")


def lines(event: Event, why: str, zone: ZoneInfo) -> list[str]:
    return [_("%(who)s tried it out.") % {"who": event.data["who"]}]
