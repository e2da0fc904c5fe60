"""What a track comes to: of each mail how many went and were clicked, and how people's ways ended. Every rate with its n.

A click is seen only where the reader agreed to be recognised: clicks are counted among those alone.
"""

from dataclasses import dataclass

from django.db.models import Count, Q

from tilth.core.nurture import Step
from tilth.core.rates import Rate
from tilth.people.models import Link
from tilth.touches.models import Evidence, Touch

from .letters import mail_key
from .models import Enrolment, Mailing, Track


@dataclass(frozen=True)
class OfStep:
    """One mail. `clicked` are those who followed a link, of those whose links are their own; `stopped` never went."""

    step: Step
    sent: int
    waits: int
    stopped: int
    clicked: Rate


@dataclass(frozen=True)
class Results:
    """`inside` now, and how the ways of the others ended, in the order of `Enrolment.Ended`: a rate of all that ended."""

    inside: int
    ended: list[tuple[str, Rate]]
    steps: list[OfStep]

    @property
    def over(self) -> int:
        return self.ended[0][1].n if self.ended else 0


def results(track: Track) -> Results:
    """Three questions, and two for each mail."""
    ways = Enrolment.objects.filter(track=track)
    counts = dict(ways.order_by().values_list("ended_because").annotate(n=Count("pk")))
    inside = counts.pop("", 0)
    over = sum(counts.values())
    ended = [(str(Enrolment.Ended(code).label), Rate(counts[code], over)) for code in Enrolment.Ended if code in counts]
    return Results(inside, ended, _steps(track))


def _steps(track: Track) -> list[OfStep]:
    went, stopped = Q(sent_at__isnull=False), Q(stopped_at__isnull=False)
    rows = Mailing.objects.filter(enrolment__track=track).order_by().values("step")
    told = rows.annotate(
        sent=Count("pk", filter=went), stopped=Count("pk", filter=stopped), waits=Count("pk", filter=~went & ~stopped)
    )
    counts = {row["step"]: row for row in told}
    nothing = {"sent": 0, "waits": 0, "stopped": 0}
    return [
        OfStep(step, row["sent"], row["waits"], row["stopped"], _clicked(track, step.id))
        for step in track.says.steps
        for row in [counts.get(step.id, nothing)]
    ]


def _clicked(track: Track, step: str) -> Rate:
    key = mail_key(track.pk, step)
    theirs = Link.objects.filter(person__enrolments__track=track, mail=key, hidden=False)
    seen = set(theirs.values_list("person", flat=True))
    clicks = Touch.objects.filter(
        person__enrolments__track=track, kind="mail_click", evidence__gt=Evidence.MACHINE, properties__mail=key
    )
    return Rate(len(seen & set(clicks.values_list("person", flat=True))), len(seen))
