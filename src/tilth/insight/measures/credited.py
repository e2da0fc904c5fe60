"""What a touch counts for: its channel, source, campaign, offer or piece of content, as a number that stands for a name.

A touch that says none (no campaign, say) answers nothing that is asked and gets no credit; nor does one that no human did,
a note of ours, or that somebody left a mailing list.
"""

from collections.abc import Callable, Iterable

import numpy as np
import pyarrow as pa

from tilth.core.journeys import Met
from tilth.core.qualify import What

from .pieces import path

OTHERS, NOTHING = "(others)", "(nothing)"  # the smallest together; no touch known before the outcome
NO_TOUCH = frozenset({"note", "unsubscribe"})
# The channel of a touch of a kind, where it does not say its medium itself.
CHANNELS = {
    "page": "(direct)", "form": "(direct)", "download": "(direct)", "subscribe": "(direct)", "track": "(direct)",
    "mail_open": "email", "mail_click": "email", "mail_reply": "email", "event": "event", "card": "event",
}  # fmt: skip
BY_COLUMN = {"channel": "medium", "source": "source", "campaign": "campaign"}  # others are said by the sort of touch
SALES = "sales"


class Credited:
    """Numbers of names, given out as they are met.

    columns   of the lake's touches that `met` needs
    names     the name of each number
    """

    def __init__(self, whats: Iterable[What], by: str, marketing: bool):
        self.by, self.marketing, self.numbers = by, marketing, dict[str, int]()
        self.column = BY_COLUMN.get(by)
        self.columns = ["person", "at", "what", *filter(None, [self.column]), *(["team"] if marketing else [])]
        whats = list(whats)
        self.human = np.array([w.human and w.kind not in NO_TOUCH for w in whats], bool)
        self.usual = np.array([self.number(_usual(w, by)) if w.human else -1 for w in whats], np.int32)

    @property
    def names(self) -> list[str]:
        return list(self.numbers)

    def met(self, touches: pa.Table) -> Met:
        """These touches, and what they count for. Texts may come coded; each different one is asked for once."""
        none = np.zeros(0, np.int32)
        word, channel = _coded(touches.column(self.column), self._said) if self.column else (none, none)
        team, ours = _coded(touches.column("team"), lambda team: int(team == SALES)) if self.marketing else (none, none)
        person, at, what = (touches.column(name) for name in ("person", "at", "what"))
        return Met(
            person.to_numpy(), at.cast(pa.int64()).to_numpy(), what.to_numpy(), word, team, self.human, self.usual, channel,
            ours.astype(bool),
        )  # fmt: skip

    def _said(self, text: str) -> int:
        return self.number(text.strip().lower() if self.by == "channel" else text)

    def number(self, name: str) -> int:
        """The number of a name, which it keeps; -1 of none."""
        return self.numbers.setdefault(name, len(self.numbers)) if name else -1


def _usual(what: What, by: str) -> str:
    """What a sort of touch counts for by itself; "" for nothing."""
    match by:
        case "channel":
            return CHANNELS.get(what.kind, f"({what.kind})")
        case "offer":
            return what.offer
        case "content":
            return what.offer or _page(what)
    return ""


def _page(what: What) -> str:
    """Which page was seen, whatever stood behind its address; "" for what came as an address and is none."""
    return path(what.url) if what.kind == "page" and what.url else ""


def _coded(column: pa.ChunkedArray, number: Callable[[str], int]) -> tuple[np.ndarray, np.ndarray]:
    """A column as places in one list of texts, and the number of each of these."""
    coded = column if pa.types.is_dictionary(column.type) else column.dictionary_encode()
    coded = coded.unify_dictionaries()
    told = coded.chunk(0) if coded.num_chunks == 1 else coded.combine_chunks()
    return told.indices.to_numpy(), np.array([number(text) for text in told.dictionary.to_pylist()], np.int32)
