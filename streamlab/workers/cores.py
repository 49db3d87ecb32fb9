"""Which frames may use all cores: those of a session that is the only busy one."""

QUIET_S = 1.0
"""For how long no other session may have had a frame."""


class CoreShares:
    """Decides for each frame, as it starts, how many cores it may use; reads no clock.

    All of them where no other session has a frame in flight, or had one within `QUIET_S`; else one.

    >>> shares = CoreShares(cores=4)
    >>> shares.begin("a", 0.0), shares.begin("b", 0.1)
    (4, 1)
    """

    def __init__(self, cores: int) -> None:
        self.cores = cores
        self._in_flight = 0
        self._latest: object = None
        self._latest_at = -QUIET_S
        self._other_at = -QUIET_S
        """When a session other than the latest had a frame last."""

    def begin(self, session: object, now: float) -> int:
        """A frame of a session starts: return how many cores it may use. Times are in seconds."""
        self._seen(session, now)
        is_alone = not self._in_flight and now - self._other_at >= QUIET_S
        self._in_flight += 1
        return self.cores if is_alone else 1

    def end(self, session: object, now: float) -> None:
        """The frame of a session that was in flight has ended."""
        self._in_flight -= 1
        self._seen(session, now)

    def _seen(self, session: object, now: float) -> None:
        if session != self._latest:
            self._other_at = self._latest_at
            self._latest = session
        self._latest_at = now
