"""How fast one sender may go: for long no more than the rate, for a while as much as ten seconds of it at once."""

BURST = 10.0  # seconds
SENDERS = 10_000  # that are remembered
Sender = tuple[int | None, str]  # the source, and the network that its events come from


class Pace:
    """A bucket for each sender, as the moment at which it is full again: empty when that is `BURST` away."""

    def __init__(self) -> None:
        self._full_at: dict[Sender, float] = {}

    def wait(self, sender: Sender, rate: int, now: float) -> float:
        """Seconds until this sender may send one more; 0 when it may now, and then that one is counted.

        rate       deliveries a second, for long; 0 for no limit
        now        seconds of a clock that only goes forward
        """
        if not rate:
            return 0
        full_at = max(self._full_at.get(sender, now), now) + 1 / rate
        if full_at - now > BURST:
            return full_at - now - BURST
        if len(self._full_at) >= SENDERS and sender not in self._full_at:
            self._forget(now)
        self._full_at[sender] = full_at
        return 0

    def _forget(self, now: float) -> None:
        """Who has a full bucket; when that is nobody, everybody: to be generous is better than to stop."""
        busy = {sender: full_at for sender, full_at in list(self._full_at.items()) if full_at > now}
        self._full_at = busy if len(busy) < SENDERS else {}
