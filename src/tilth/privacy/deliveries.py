"""Looking through everything that ever came in, a portion at a time: nothing says whose a delivery is but its text."""

import time
from collections.abc import Iterator

from tilth.capture.models import Received
from tilth.core.forgetting import Ways, mentions


def newest() -> int:
    """The id of the delivery that came last."""
    return Received.objects.order_by("-pk").values_list("pk", flat=True).first() or 0


def search(ways: Ways, after: int, until: int, seconds: float) -> Iterator[tuple[int, Received | None]]:
    """Go through the deliveries above one id up to another, for about so long.

    Gives the place that was reached, with the delivery where it mentions them; and at last the place without one.
    """
    stop, place = time.monotonic() + seconds, after
    for received in Received.objects.filter(pk__gt=after, pk__lte=until).order_by("pk").iterator(chunk_size=50):
        place = received.pk
        if mentions(bytes(received.body), ways):
            yield place, received
        if time.monotonic() >= stop:
            break
    else:
        place = max(until, after)
    yield place, None
