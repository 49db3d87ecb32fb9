"""What a replay can decide by: the server's own class, and the rules that it is compared with."""

from collections import deque
from collections.abc import Callable
from dataclasses import dataclass, fields, replace
from typing import Any, Literal, Protocol

from streamlab.backpressure.realtime import (
    NOTHING,
    Backpressure,
    Decision,
    State,
)
from streamlab.backpressure.settings import BackpressureSettings
from streamlab.client.options import check_backpressure, one_of
from streamlab.errors import OptionError

ReplayPolicy = Literal["realtime", "lossless", "no_waiting", "latest", "fifo", "lifetime_rate"]

LIFETIME_RATE_SLOW_S = 0.0333
"""`lifetime_rate` takes a frame that took longer for a sign of overload: one interval at 30 fps."""


class Line(Protocol):
    """What decides on a session's frames, as `Backpressure` does; times are seconds."""

    state: State
    in_flight: int | None

    @property
    def waiting(self) -> int:
        """Frames that wait for their turn."""

    @property
    def has_room(self) -> bool:
        """Whether a `lossless` session may take another frame."""

    def arrive(self, now: float, frame_index: int) -> Decision:
        """Take in a frame."""

    def start(self, now: float) -> int | None:
        """Put the frame whose turn it is in flight."""

    def finish(self, now: float) -> Decision:
        """The frame in flight is done."""


class FifoLine:
    """A line of a depth that turns new frames away when it is full; the state never changes."""

    has_room = True

    def __init__(self, depth: int) -> None:
        self.state: State = "normal"
        self.in_flight: int | None = None
        self._depth = depth
        self._line: deque[int] = deque()

    @property
    def waiting(self) -> int:
        """Frames that wait for their turn."""
        return len(self._line)

    def arrive(self, now: float, frame_index: int) -> Decision:
        """Let a frame wait, or turn it away."""
        if self._line and len(self._line) >= self._depth:
            return Decision((frame_index,), "overflow")
        if self._depth == 0 and self.in_flight is not None:
            return Decision((frame_index,), "overflow")
        self._line.append(frame_index)
        return NOTHING

    def start(self, now: float) -> int | None:
        """Put the oldest frame in flight."""
        if self.in_flight is not None or not self._line:
            return None
        self.in_flight = self._line.popleft()
        return self.in_flight

    def finish(self, now: float) -> Decision:
        """The frame in flight is done."""
        self.in_flight = None
        return NOTHING


class LatestLine(FifoLine):
    """One frame waits, and a newer one takes its place."""

    def __init__(self) -> None:
        super().__init__(1)

    def arrive(self, now: float, frame_index: int) -> Decision:
        """Take the place of the frame that waits, if one does."""
        dropped = tuple(self._line)
        self._line.clear()
        self._line.append(frame_index)
        return Decision(dropped, "replaced") if dropped else NOTHING


class LifetimeRateLine(FifoLine):
    """Drops while the last frame took too long, or too many of *all* frames so far were dropped.

    It latches: a dropped frame raises the rate, which drops the next.
    """

    def __init__(self, drop_threshold: float) -> None:
        super().__init__(1 << 30)
        self._drop_threshold = drop_threshold
        self._arrived = 0
        self._dropped = 0
        self._started_at = 0.0
        self._last_s = 0.0

    def arrive(self, now: float, frame_index: int) -> Decision:
        """Turn a frame away by what has been, not by what is."""
        self._arrived += 1
        rate = self._dropped / self._arrived
        if self._last_s > LIFETIME_RATE_SLOW_S or rate > self._drop_threshold:
            self._dropped += 1
            return Decision((frame_index,), "overflow")
        return super().arrive(now, frame_index)

    def start(self, now: float) -> int | None:
        """Put the oldest frame in flight."""
        self._started_at = now
        return super().start(now)

    def finish(self, now: float) -> Decision:
        """Keep how long it took."""
        self._last_s = now - self._started_at
        return super().finish(now)


RULES: dict[str, tuple[Callable[["ReplaySettings"], Line], str]] = {
    "realtime": (
        lambda settings: Backpressure(settings.backpressure),
        "the server's own: bursts wait, overload is shed",
    ),
    "lossless": (
        lambda settings: Backpressure(settings.backpressure),
        "the server's own: never drops, reads no further instead",
    ),
    "no_waiting": (lambda settings: FifoLine(0), "a frame that comes while one runs is dropped"),
    "latest": (lambda settings: LatestLine(), "one frame waits, a newer one replaces it"),
    "fifo": (
        lambda settings: FifoLine(settings.waiting_frames),
        "so many frames wait, a newer one is turned away",
    ),
    "lifetime_rate": (
        lambda settings: LifetimeRateLine(settings.drop_threshold),
        "drops after a frame over 33.3 ms, and by the session's drop rate since its start",
    ),
}
"""Each policy with what it does, in one line."""
REPLAY_POLICIES: tuple[str, ...] = tuple(RULES)


@dataclass(frozen=True)
class ReplaySettings(BackpressureSettings):
    """What a replayed session decides by.

    `policy` is one of `REPLAY_POLICIES`; `waiting_frames` is the depth of a `fifo` too, and
    `drop_threshold` the lifetime rate of `lifetime_rate`. Thresholds are drop rates, 0 to 1.
    Raises `OptionError`.

    >>> ReplaySettings(policy="fifo", waiting_frames=8).changed({"policy": "latest"}).policy
    'latest'
    """

    def __post_init__(self) -> None:
        """Refuse what is not allowed."""
        one_of("policy", self.policy, REPLAY_POLICIES)
        check_backpressure(self)

    @property
    def backpressure(self) -> BackpressureSettings:
        """The settings as the server's own class takes them."""
        return BackpressureSettings(**self.tunable, policy=self.policy)

    def changed(self, given: dict[str, Any]) -> "ReplaySettings":
        """Return these settings with others by name, but for None; raises `OptionError`."""
        known = [field.name for field in fields(self)]
        for name, value in given.items():
            if name not in known:
                raise OptionError(name, value, f"no such setting; there are: {', '.join(known)}")
        return replace(self, **{n: value for n, value in given.items() if value is not None})

    def make_line(self) -> Line:
        """Return a new session's line."""
        return RULES[self.policy][0](self)
