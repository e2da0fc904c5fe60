"""Why an event was refused, in words that say what to mend."""

from typing import Any

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from tilth.core.wire import Reason

SAID: dict[str, Any] = {
    Reason.BAD_GZIP: gettext_lazy("It is packed with gzip and cannot be unpacked."),
    Reason.TOO_LARGE: gettext_lazy("It is too large when unpacked. Send smaller batches."),
    Reason.NOT_JSON: gettext_lazy("It is not JSON."),
    Reason.TOO_DEEP: gettext_lazy("It is nested too deeply. Send flatter properties."),
    Reason.TOO_MANY_EVENTS: gettext_lazy("There are too many events in it. Send smaller batches."),
    Reason.NOT_AN_EVENT: gettext_lazy("This is not an event."),
    Reason.EVENT_TOO_LARGE: gettext_lazy("This event is too large. Leave out what sales does not read."),
    Reason.UNKNOWN_TYPE: gettext_lazy("This type is not known. Send track, page, screen, identify, group or alias."),
    Reason.NO_IDENTITY: gettext_lazy("It does not say who it was. Send userId, anonymousId or an email."),
    Reason.NO_EVENT_NAME: gettext_lazy("It does not say what happened. Send event."),
    Reason.NO_GROUP_ID: gettext_lazy("It does not say which company. Send groupId."),
    Reason.NO_PREVIOUS_ID: gettext_lazy("It does not say who they were before. Send previousId and userId."),
    Reason.NOT_UNDERSTOOD: gettext_lazy(
        "Tilth could not work with it; the log says more. Mend the cause and try again."
    ),
}


def why(reason: str) -> str:
    """One of core.wire.Reason as a sentence; a reason of an older Tilth as it was written."""
    return str(SAID.get(reason) or _("Refused: %(reason)s") % {"reason": reason})
