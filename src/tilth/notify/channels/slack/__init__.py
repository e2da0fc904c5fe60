"""Slack, by an incoming webhook: one section for each event, its title a link."""

import json
from datetime import datetime

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from tilth.notify.channels.outside import Fate, Outcome, Outside, Part, Request, fallback, outcome, parts, rest
from tilth.notify.models import Delivery
from tilth.notify.wall import Answer

LONGEST = 2_900  # Slack takes 3,000 characters in a section
# What Slack answers when the webhook itself is of no use any more, and when only this message is.
GONE = {"no_service", "no_service_id", "no_team", "no_active_hooks", "team_disabled", "user_not_found", "channel_not_found",
        "channel_is_archived", "action_prohibited", "invalid_token", "posting_to_general_channel_denied"}  # fmt: skip
WRONG = {"invalid_payload", "invalid_blocks", "no_text", "too_many_attachments"}


def request(delivery: Delivery, now: datetime) -> Request:
    said, more = parts(delivery, now)
    blocks = [_section(part) for part in said] + ([_text(escaped(rest(more)))] if more else [])
    body = {"text": escaped(fallback(said, more))[:LONGEST], "blocks": blocks, "unfurl_links": False}
    return Request(json.dumps(body).encode(), {"Content-Type": "application/json"})


def understood(answer: Answer) -> Outcome:
    code = answer.body[:60].decode("ascii", "replace").strip()
    if code in GONE:
        return Outcome(Fate.STOP, _("Slack does not know this webhook any more (%(code)s).") % {"code": code})
    if code in WRONG:
        return Outcome(Fate.NEVER, _("Slack does not take this message (%(code)s).") % {"code": code})
    return outcome(answer)


def escaped(text: str) -> str:
    """Text in which nothing of a visitor's can become a link, a mention or a channel."""
    return text.replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;")


def _section(part: Part) -> dict[str, object]:
    title = " ".join(escaped(part.title).replace("|", "¦").split())
    return _text("\n".join([f"*<{part.link}|{title}>*", *map(escaped, part.lines)]))


def _text(text: str) -> dict[str, object]:
    return {"type": "section", "text": {"type": "mrkdwn", "text": text[:LONGEST], "verbatim": True}}


CHANNEL = Outside(
    "slack", gettext_lazy("Slack"), request, understood,
    gettext_lazy("In Slack: your app, Incoming Webhooks, Add New Webhook. The address begins with https://hooks.slack.com/."),
)  # fmt: skip
