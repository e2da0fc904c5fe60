"""Where an event is looked at: the whole address of a page of ours."""

from .models import Event
from .outbox import address


def place(event: Event) -> str:
    if event.person_id is not None:
        return address(f"/people/{event.person_id}/")
    return address("/")
