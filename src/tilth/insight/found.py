"""What one version did on the recorded history, as flat arrays. Apart from who finds it: to read it needs no lake."""

from typing import Any, NamedTuple

from tilth.core.backtest import Handed, Stream


class Found(NamedTuple):
    """What one version did: the leads that it would have handed off, and where everybody stands at the end.

    `mask` has the conditions that held at the handoff; the columns of `stands` have an entry per person.
    """

    person: Any
    at: Any
    grade: Any
    level: Any
    mask: Any
    score: Any
    end_mask: Any
    end_grade: Any
    end_level: Any
    end_action: Any
    end_interest: Any

    @property
    def handed(self) -> Handed:
        return Handed(Stream(self.person, self.at), self.grade, self.level)
