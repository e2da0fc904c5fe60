"""What is told: each kind of event is one file here and one line in each of these lists. Source: docs/algorithms/telling.md"""

from collections import defaultdict
from collections.abc import Sequence
from typing import Protocol
from zoneinfo import ZoneInfo

from tilth.notify.models import Event

from . import decided, handed, joined, lead, plan_b, promised, returned, trial
from .fact import Facts, Told

__all__ = ["BY_NAME", "FACTS", "TYPES", "WORDS", "Facts", "Told", "Words", "standing", "stands"]

What = Event.What


class Words(Protocol):
    """How one kind of event is said, to whom it is told because of `why` (one of Notice.Why; empty for an endpoint)."""

    def title(self, event: Event, why: str) -> str: ...

    def lines(self, event: Event, why: str, zone: ZoneInfo) -> list[str]: ...


FACTS = (
    lead.FACTS, handed.FACTS, joined.FACTS, returned.RETURNS, returned.HAND_BACKS, decided.FACTS, promised.FACTS,
    plan_b.FACTS,
)  # fmt: skip
BY_NAME = {facts.name: facts for facts in FACTS}
WORDS: dict[str, Words] = {
    What.LEAD: lead, What.HANDOFF: handed, What.JOINED: joined, What.RETURNED: returned, What.DECIDED: decided,
    What.DUE: promised, What.BREACH: promised, What.PLAN_B: plan_b, What.TRIAL: trial,
}  # fmt: skip
# What programs know them by: never change one.
TYPES = {
    What.LEAD: "lead.created", What.HANDOFF: "lead.handed_off", What.JOINED: "lead.joined", What.RETURNED: "lead.returned",
    What.DECIDED: "return.decided", What.DUE: "promise.due", What.BREACH: "promise.broken", What.PLAN_B: "plan_b.fired", What.TRIAL: "trial",
}  # fmt: skip


def stands(event: Event) -> bool:
    """Whether what an event tells of is still so: nobody has undone it since."""
    return bool(standing([event]))


def standing(events: Sequence[Event]) -> set[int]:
    """Of these events, by their keys, those that tell of what is still so. One question per kind of fact among them."""
    out, asked = set[int](), defaultdict[str, dict[str, list[int]]](lambda: defaultdict(list))
    for event in events:
        name, _space, key = event.row.partition(" ")
        if name not in BY_NAME or BY_NAME[name].taken:
            out.add(event.pk)
        else:
            asked[name][key].append(event.pk)
    for name, keys in asked.items():
        there = BY_NAME[name].model._base_manager.filter(pk__in=list(keys)).values_list("pk", flat=True)
        out.update(event for found in there for event in keys[str(found)])
    return out
