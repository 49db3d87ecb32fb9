"""What a replay runs on: when frames come, how long each takes, and what slows a worker down."""

import math
from dataclasses import dataclass, field
from math import nan
from typing import Any, NamedTuple

import numpy as np

from streamlab.client.pace import Pace
from streamlab.recording.summary import NO_CAUSE

WARM_GAP_S = 0.008
"""A worker that was idle for this long has lost about two thirds of what it had in its caches."""


class Slowdown(NamedTuple):
    """By how much a frame takes longer than alone on a worker that has just run another.

    `idle`: as a share, after a long idle time. `crowd_ratios`: what frames took, as a ratio, while
    `crowd_workers` other workers of the machine were busy, in the order in which it was met.
    `crowd_by_rate`: at how many frames received a second, by the machine, a busy neighbour cost
    which share: server and clients take from the same cores what each frame costs them.
    """

    idle: float = 0.0
    crowd_ratios: tuple[float, ...] = ()
    crowd_workers: int = 1
    crowd_by_rate: tuple[tuple[float, float], ...] = ()

    @property
    def crowd(self) -> float:
        """How much longer a frame takes beside one busy neighbour, as a share, on average."""
        if not self.crowd_ratios:
            return 0.0
        mean = sum(self.crowd_ratios) / len(self.crowd_ratios)
        return (mean - 1) / self.crowd_workers

    def at_rate(self, fps: float) -> "Slowdown":
        """Return the slowdown of a machine that receives so many frames a second."""
        if len(self.crowd_by_rate) < 2 or self.crowd <= 0:
            return self
        rates, shares = zip(*self.crowd_by_rate, strict=True)
        scale = float(np.interp(fps, rates, shares)) / self.crowd
        return self._replace(crowd_ratios=tuple(1 + (r - 1) * scale for r in self.crowd_ratios))

    def __repr__(self) -> str:
        return f"Slowdown(idle={self.idle:.3f}, crowd={self.crowd:.3f} of {self.crowd_workers})"

    def coldness(self, gap_s: float) -> float:
        """Return what a frame's time is multiplied by after an idle time."""
        return 1 - self.idle * math.expm1(-gap_s / WARM_GAP_S) if self.idle else 1.0

    def crowding(self, busy_others: int, turn: int) -> float:
        """Return what a frame's time is multiplied by beside busy neighbours, at the `turn`-th."""
        ratio = self.crowd_ratios[turn % len(self.crowd_ratios)]
        if busy_others >= self.crowd_workers:
            return ratio
        return 1 + (ratio - 1) * busy_others / self.crowd_workers


NO_SLOWDOWN = Slowdown()


@dataclass
class SessionLoad:
    """One session's part of a replay; lists go by position in the video, or by frame index.

    `service_s` is what a frame of the video takes, `deferred_s` what falls due there for nodes
    whose work waits, where its frame is dropped, for the next that is run; of that, a frame pays
    at most `deferred_cap_s`. `ways` (due to sent, sent to received, handed over to answered) go by
    frame index, over and over, with the number of workers that were `busy` when they were recorded;
    where another number is busy, the way is one of `ways_by_busy`.
    """

    pace: Pace
    phase_s: float
    service_s: list[float]
    usual_s: list[float]
    deferred_s: list[float]
    deferred_cap_s: float
    ways: list[tuple[float, float, float]]
    busy: list[int]
    ways_by_busy: list[list[tuple[float, float, float]]]
    opened_at_s: float = 0.0
    video_fps: float | None = None
    """None where every frame is sent; else the video plays in real time."""
    max_frames: int | None = None
    seconds: float | None = None
    """At least one of the two says when the session ends; the video is looped until then."""
    spared_s: list[float] = field(default_factory=list)
    """What a frame of the video takes less that has all cores to itself; nothing if empty."""
    source: int = 0
    """Which recorded session the lists come from."""

    def other_way(self, index: int, busy: int) -> tuple[float, float, float] | None:
        """Return a frame's way while so many workers are busy; None if it is the recorded one."""
        met = self.ways_by_busy
        if not met or self.busy[index % len(self.busy)] == busy:
            return None
        ways = met[busy if busy < len(met) else -1]
        return ways[index % len(ways)] if ways else None

    @property
    def most_frames(self) -> int:
        """Frames that it sends at most."""
        if self.seconds is None:
            return self.max_frames or 0
        most = math.ceil(self.seconds * self.pace.fps) + 1
        return most if self.max_frames is None else min(most, self.max_frames)


class SessionOutcome:
    """What became of a session's frames; times in seconds, by frame index.

    `told_s` is when the fate was decided; `started_s` is NaN, `factor` 1, `deferred_s` and
    `spared_s` are 0 for a frame that never started. `cause` is a position in `CAUSES`, or
    `NO_CAUSE`, `state` one in `STATES`. `events` have the time (s) at which the client learns of
    it, the kind, the state and the frames a second. All are lists until `pack` makes arrays of
    them.
    """

    __slots__ = (
        "answered_s", "cause", "deferred_s", "events", "factor", "position", "processed",
        "received_s", "scheduled_s", "sent_s", "spared_s", "started_s", "state", "told_s",
    )  # fmt: skip

    def __init__(self, most: int) -> None:
        """Make room for `most` frames."""
        self.position: Any = []
        self.scheduled_s: Any = []
        self.sent_s: Any = []
        self.received_s: Any = []
        self.started_s: Any = [nan] * most
        self.told_s: Any = [nan] * most
        self.answered_s: Any = [nan] * most
        self.factor: Any = [1.0] * most
        self.deferred_s: Any = [0.0] * most
        self.spared_s: Any = [0.0] * most
        self.processed: Any = [False] * most
        self.cause: Any = [NO_CAUSE] * most
        self.state: Any = [0] * most
        self.events: list[tuple[float, str, str | None, float | None]] = []

    def __len__(self) -> int:
        return len(self.received_s)

    def pack(self) -> "SessionOutcome":
        """Let go of the room that no frame took, and hold arrays from now on."""
        count = len(self)
        kinds = {"position": np.int64, "cause": np.int8, "state": np.int8, "processed": np.bool_}
        for name in self.__slots__:
            if name != "events":
                values = getattr(self, name)[:count]
                setattr(self, name, np.array(values, dtype=kinds.get(name, np.float64)))
        return self
