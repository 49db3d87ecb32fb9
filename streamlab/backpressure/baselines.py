"""Simple admission policies, to serve by where they fit and to compare `realtime` with."""

from typing import ClassVar

from streamlab.backpressure.admission import NOTHING, Decision, PolicySettings, QueuePolicy, State

LIFETIME_RATE_SLOW_S = 0.0333
"""`lifetime_rate` takes a frame that took longer for a sign of overload: one interval at 30 fps."""


class LosslessPolicy(QueuePolicy):
    """Never drops: reads no further from the client while frames wait."""

    heeds = frozenset({"waiting_frames"})
    state: ClassVar[State] = "normal"
    """Nothing is dropped at any load."""

    @property
    def has_room(self) -> bool:
        """Whether fewer frames wait than may."""
        return len(self.queue) < self.settings.waiting_frames

    def retune(self, now: float, settings: PolicySettings) -> Decision:
        """Decide by other settings from now on; a change of policy is an error."""
        if settings.policy != self.settings.policy:
            raise ValueError("a session keeps its policy")
        return super().retune(now, settings)


class FifoPolicy(QueuePolicy):
    """So many frames wait, a newer one is turned away."""

    heeds = frozenset({"waiting_frames"})

    def arrive(self, now: float, frame_index: int) -> Decision:
        """Enqueue a frame, or drop it when the queue is full."""
        if self.queue and len(self.queue) >= self.settings.waiting_frames:
            return Decision((frame_index,), "overflow")
        return super().arrive(now, frame_index)

    def retune(self, now: float, settings: PolicySettings) -> Decision:
        """Decide by other settings; the newest frames that have no place any more are dropped."""
        super().retune(now, settings)
        kept = settings.waiting_frames
        dropped = tuple(self.queue)[kept:]
        for _ in dropped:
            self.queue.pop()
        return Decision(dropped, "overflow") if dropped else NOTHING


class NoWaitingPolicy(QueuePolicy):
    """A frame that comes while another runs or waits for a worker is dropped."""

    heeds = frozenset[str]()

    def arrive(self, now: float, frame_index: int) -> Decision:
        """Drop a frame unless there is none before it."""
        if self.queue or self.in_flight is not None:
            return Decision((frame_index,), "overflow")
        return super().arrive(now, frame_index)


class LatestPolicy(QueuePolicy):
    """One frame waits, a newer one replaces it."""

    heeds = frozenset[str]()

    def arrive(self, now: float, frame_index: int) -> Decision:
        """Take the place of the frame that waits, if one does."""
        dropped = tuple(self.queue)
        self.queue.clear()
        self.queue.append(frame_index)
        return Decision(dropped, "replaced") if dropped else NOTHING


class LifetimeRatePolicy(QueuePolicy):
    """Drops after a frame over 33.3 ms, and by the session's drop rate since its start.

    It latches: a dropped frame raises the rate, which drops the next.
    """

    heeds = frozenset({"drop_threshold"})

    def __init__(self, settings: PolicySettings) -> None:
        super().__init__(settings)
        self._arrived = 0
        self._dropped = 0
        self._started_at = 0.0
        self._last_s = 0.0

    def arrive(self, now: float, frame_index: int) -> Decision:
        """Drop a frame by the past rate, whatever the present load."""
        self._arrived += 1
        rate = self._dropped / self._arrived
        if self._last_s > LIFETIME_RATE_SLOW_S or rate > self.settings.drop_threshold:
            self._dropped += 1
            return Decision((frame_index,), "overflow")
        return super().arrive(now, frame_index)

    def start(self, now: float) -> int | None:
        """Put the oldest frame in flight, and keep when."""
        self._started_at = now
        return super().start(now)

    def finish(self, now: float) -> Decision:
        """Keep how long the frame took."""
        self._last_s = now - self._started_at
        return super().finish(now)
