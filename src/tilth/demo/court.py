"""Carla looks at what sales returned: most of it rightly, some of it not; the newest still wait for her."""

from datetime import datetime, timedelta
from random import Random

from tilth.handoff.court import overturn, uphold, waiting
from tilth.handoff.models import Return
from tilth.team.models import Member

AFTER = timedelta(hours=20)
CHARGED = {"not-ready": "content", "no-fit": "definition", "wrong-data": "data", "existing": "data"}
OVERTURNED = ("Asked for prices twice that week: call once more", "One call is not enough", "Their size fits well")
OTHERWISE = 0.2  # so often she agrees, but for another reason
WRONGLY = {"not-ready": 0.35, "no-fit": 0.12}


def decide(carla: Member, moment: datetime, random: Random) -> None:
    """Every return that is a working day old."""
    for returned in waiting().filter(at__lt=moment - AFTER).select_related("handoff__version", "handoff__person"):
        if random.random() < WRONGLY.get(returned.reason, 0.05):
            overturn(returned, carla, random.choice(OVERTURNED), moment)
        else:
            reason = _as_she_sees_it(returned, random)
            uphold(returned, carla, CHARGED[reason], reason, "", moment)


def _as_she_sees_it(returned: Return, random: Random) -> str:
    return random.choice(sorted(CHARGED)) if random.random() < OTHERWISE else returned.reason
