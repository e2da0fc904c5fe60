"""Where an event is looked at: the whole address of a page of ours."""

from .models import Event, Notice
from .outbox import address


def place(event: Event, why: str = "") -> str:
    """For who decides on a return, the court; else the person, where there is one."""
    if event.what == Event.What.RETURNED and why == Notice.Why.REVIEWS:
        return address("/court/")
    if event.what == Event.What.PLAN_B:
        return address("/plan/")
    if event.person_id is not None:
        return address(f"/people/{event.person_id}/")
    return address("/")
