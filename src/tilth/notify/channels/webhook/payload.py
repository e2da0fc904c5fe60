"""What a webhook says: {"type", "timestamp", "data"}, the same for each try. See docs/algorithms/webhooks.md for examples."""

import json
from typing import Any

from tilth.notify.events import TYPES
from tilth.notify.models import Delivery, Event
from tilth.notify.places import place

What = Event.What
# What is passed on of what is known: codes and numbers, never what somebody wrote.
SAID: dict[str, tuple[str, ...]] = {
    What.LEAD: ("came",),
    What.HANDOFF: ("owner_email", "grade", "level", "value", "currency", "first_contact_by"),
    What.RETURNED: ("code",),
    What.DECIDED: ("verdict", "charged_to"),
    What.DUE: ("promise", "due", "step", "debtor"),
    What.BREACH: ("promise", "due", "step", "debtor"),
    What.PLAN_B: ("figure", "value", "bound", "weeks"),
}


def payload(delivery: Delivery) -> str:
    event = delivery.event
    if event is None:
        raise ValueError("A webhook tells one event at a time.")
    said: dict[str, Any] = {name: event.data[name] for name in SAID.get(event.what, ()) if name in event.data}
    about = {"person": event.person_id, "handoff": event.handoff_id, "url": place(event)}
    body = {"type": TYPES[What(event.what)], "timestamp": _moment(event), "data": {**about, **said}}
    return json.dumps(body, separators=(",", ":"), ensure_ascii=False)


def _moment(event: Event) -> str:
    return event.at.isoformat().replace("+00:00", "Z")
