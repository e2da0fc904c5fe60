"""Microsoft Teams, by a workflow that waits for a webhook: an adaptive card. An answer of success means taken, not shown."""

import json
from datetime import datetime
from typing import Any

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from tilth.notify.channels.outside import Fate, Outcome, Outside, Part, Request, fallback, outcome, parts, rest
from tilth.notify.models import Delivery
from tilth.notify.wall import Answer

LONGEST = 500  # characters of one text; a card may have 28 KB
CARD = "application/vnd.microsoft.card.adaptive"
GONE = (401, 403, 404, 410)  # the flow was removed or switched off, or its address signed anew


def request(delivery: Delivery, now: datetime) -> Request:
    said, more = parts(delivery, now)
    body = [block for part in said for block in _blocks(part)]
    if more:
        body.append(_run(rest(more)))
    card: dict[str, Any] = {
        "$schema": "http://adaptivecards.io/schemas/adaptive-card.json", "type": "AdaptiveCard", "version": "1.4",
        "fallbackText": fallback(said, more)[:LONGEST], "body": body, "msteams": {"width": "Full"},
    }  # fmt: skip
    if len(said) == 1:
        card["actions"] = [{"type": "Action.OpenUrl", "title": _("Open in Tilth"), "url": said[0].link}]
    attachment = {"contentType": CARD, "contentUrl": None, "content": card}
    message = {"type": "message", "attachments": [attachment]}
    return Request(json.dumps(message).encode(), {"Content-Type": "application/json"})


def understood(answer: Answer) -> Outcome:
    if answer.status in GONE:
        said = _("The workflow is gone or switched off (%(n)s). Make it anew in Teams.") % {"n": answer.status}
        return Outcome(Fate.STOP, said)
    if answer.status in (400, 413):
        return Outcome(Fate.NEVER, _("The workflow does not take this card (%(n)s).") % {"n": answer.status})
    return outcome(answer)


def _blocks(part: Part) -> list[dict[str, Any]]:
    """Runs of text know no Markdown, so nothing of a visitor's can become a link or a mention."""
    title = _run(part.title, weight="Bolder", selectAction={"type": "Action.OpenUrl", "url": part.link})
    return [title, *(_run(line) | {"spacing": "None"} for line in part.lines)]


def _run(text: str, **more: Any) -> dict[str, Any]:
    return {"type": "RichTextBlock", "inlines": [{"type": "TextRun", "text": text[:LONGEST], **more}]}


CHANNEL = Outside(
    "teams", gettext_lazy("Microsoft Teams"), request, understood,
    gettext_lazy("In Teams: Workflows, “Send webhook alerts to a channel” or “to a chat”. It shows the address at the end."),
)  # fmt: skip
