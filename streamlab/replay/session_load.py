"""Input and output of a replay, by session: arrivals, service times, slowdown; frame outcomes."""

import math
from dataclasses import dataclass, field
from math import nan
from typing import Any, NamedTuple

import numpy as np

from streamlab.client.pace import Pace
from streamlab.recording.summary import NO_CAUSE

WARM_GAP_S = 0.008
"""Time constant of cache warm-up: a worker idle for this long has lost two thirds of its caches."""


FrameDelays = tuple[float, float, float]
"""Delays of a frame in seconds: due to sent, sent to received, handed over to answered."""


class Slowdown(NamedTuple):
    """Slowdown of a frame against one that runs alone on a worker with warm caches.

    `idle`: the share by which service times are longer after a long idle time (cache warm-up).
    `contention_ratios`: ratios of service times while `contention_workers` other workers of the
    machine were busy, in recorded order. `contention_by_rate`: pairs of frames received a second by
    the machine, and the share by which each busy neighbour lengthens a frame; it grows with the
    rate, since server and clients use the same cores.
    """

    idle: float = 0.0
    contention_ratios: tuple[float, ...] = ()
    contention_workers: int = 1
    contention_by_rate: tuple[tuple[float, float], ...] = ()

    @property
    def contention(self) -> float:
        """Mean share by which one busy neighbour lengthens a frame."""
        if not self.contention_ratios:
            return 0.0
        mean = sum(self.contention_ratios) / len(self.contention_ratios)
        return (mean - 1) / self.contention_workers

    def at_rate(self, fps: float) -> "Slowdown":
        """Return the slowdown of a machine that receives `fps` frames a second."""
        if len(self.contention_by_rate) < 2 or self.contention <= 0:
            return self
        rates, shares = zip(*self.contention_by_rate, strict=True)
        scale = float(np.interp(fps, rates, shares)) / self.contention
        return self._replace(
            contention_ratios=tuple(1 + (r - 1) * scale for r in self.contention_ratios)
        )

    def __repr__(self) -> str:
        contention = f"contention={self.contention:.3f} of {self.contention_workers}"
        return f"Slowdown(idle={self.idle:.3f}, {contention})"

    def warm_up_factor(self, gap_s: float) -> float:
        """Return the factor on a frame's service time after an idle time."""
        return 1 - self.idle * math.expm1(-gap_s / WARM_GAP_S) if self.idle else 1.0

    def contention_factor(self, busy_others: int, index: int) -> float:
        """Return the factor on a frame's service time while other workers are busy.

        Recorded ratios are taken in order, over and over, by `index`.
        """
        ratio = self.contention_ratios[index % len(self.contention_ratios)]
        if busy_others >= self.contention_workers:
            return ratio
        return 1 + (ratio - 1) * busy_others / self.contention_workers


NO_SLOWDOWN = Slowdown()


@dataclass
class SessionLoad:
    """One session's input of a replay; lists are by position in the video, or by frame index.

    `service_s` is the service time of each frame of the video, `usual_s` the usual one at its
    position, `deferred_s` the work that becomes due there for nodes that defer it to the next
    processed frame if its own is dropped; a frame does at most `deferred_cap_s` of it. `delays`
    (due to sent, sent to received, handed over to answered; seconds) are by frame index, repeated,
    with the number of `busy_workers` when they were recorded; while another number is busy, the
    delays are taken from `delays_by_busy`.
    """

    pace: Pace
    phase_s: float
    service_s: list[float]
    usual_s: list[float]
    deferred_s: list[float]
    deferred_cap_s: float
    delays: list[FrameDelays]
    busy_workers: list[int]
    delays_by_busy: list[list[FrameDelays]]
    opened_at_s: float = 0.0
    video_fps: float | None = None
    """None if every frame is sent; else the video plays in real time."""
    max_frames: int | None = None
    seconds: float | None = None
    """At least one of the two ends the session; the video is looped until then."""
    spared_s: list[float] = field(default_factory=list)
    """Time that each frame of the video saves with all cores to itself; none if empty."""
    source: int = 0
    """Number of the recorded session that the lists come from."""

    def delays_with_busy(self, index: int, busy: int) -> FrameDelays | None:
        """Return a frame's delays while `busy` workers are busy; None for the recorded delays."""
        recorded = self.busy_workers
        if not self.delays_by_busy or recorded[index % len(recorded)] == busy:
            return None
        delays = self.delays_by_busy[min(busy, len(self.delays_by_busy) - 1)]
        return delays[index % len(delays)] if delays else None

    @property
    def most_frames(self) -> int:
        """Maximum number of frames of the session."""
        if self.seconds is None:
            return self.max_frames or 0
        most = math.ceil(self.seconds * self.pace.fps) + 1
        return most if self.max_frames is None else min(most, self.max_frames)


class SessionOutcome:
    """Outcomes of a session's frames; times in seconds, by frame index.

    `decided_s` is when the server decided the outcome; `started_s` is NaN, `factor` 1, `deferred_s`
    and `spared_s` 0 for a frame that never started. `cause` is a position in `CAUSES`, or
    `NO_CAUSE`, `state` one in `STATES`. `events` are tuples of the time (s) at which the client is
    notified, the kind, the state and the frames a second. All are lists until `pack` makes arrays
    of them.
    """

    __slots__ = (
        "answered_s", "cause", "decided_s", "deferred_s", "events", "factor", "position",
        "processed", "received_s", "scheduled_s", "sent_s", "spared_s", "started_s", "state",
    )  # fmt: skip

    def __init__(self, most: int) -> None:
        """Allocate for at most `most` frames."""
        self.position: Any = []
        self.scheduled_s: Any = []
        self.sent_s: Any = []
        self.received_s: Any = []
        self.started_s: Any = [nan] * most
        self.decided_s: Any = [nan] * most
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
        """Truncate to the received frames and convert lists to arrays."""
        count = len(self)
        kinds = {"position": np.int64, "cause": np.int8, "state": np.int8, "processed": np.bool_}
        for name in self.__slots__:
            if name != "events":
                values = getattr(self, name)[:count]
                setattr(self, name, np.array(values, dtype=kinds.get(name, np.float64)))
        return self
