"""How fast a client is read: nobody's flood takes the event loop from the others."""

MAX_MESSAGES_PER_S = 1000.0
BURST_S = 0.25
"""A client that was slower may be this much ahead of the rate."""


class Pacer:
    """Says how long to wait before the next message of a client is read.

    It is told the times, in seconds, and reads no clock.

    >>> pacer = Pacer(per_second=10, burst_s=0.1)
    >>> [round(pacer.delay(now=0.0), 2) for _ in range(4)]
    [0.0, 0.1, 0.2, 0.3]
    """

    def __init__(self, per_second: float = MAX_MESSAGES_PER_S, burst_s: float = BURST_S) -> None:
        self._interval_s = 1 / per_second
        self._burst_s = burst_s
        self._due = float("-inf")

    def delay(self, now: float, cost: float = 1.0) -> float:
        """Count a message that was read at `now`; return the seconds to wait before the next.

        What costs less or more to read than a message counts for as much of one.
        """
        self._due = max(self._due, now - self._burst_s) + cost * self._interval_s
        return max(0.0, self._due - now)
