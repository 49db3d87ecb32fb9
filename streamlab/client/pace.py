"""When a client's frames are due: at a fixed rate, or at one that follows what the server bears.

Pure: times in seconds come in, times go out, and no clock is read; the streaming client and the
replay in virtual time run the same classes.
"""

from typing import Protocol

MIN_FPS = 0.1
INCREASE_PER_S = 0.05
"""Additive increase: this share of the full rate, every second."""
DECREASE = 0.85
"""Multiplicative decrease, where the server asks for no less."""
HOLD_S = 2.0
"""How long after a drop or a `slow_down` the rate stays where it is: the window of the server."""
SHOWN_SLACK = 1e-6
"""Frames: one is shown from its own time on, which the arithmetic may miss by a hair."""


class Pace(Protocol):
    """A schedule: when each frame is due, in seconds from the first."""

    fps: float
    """The rate, frames a second, that it never exceeds."""

    def due(self, index: int) -> float:
        """Return when a frame is due; asked once for each index, in order."""

    def dropped(self, now: float) -> None:
        """A frame was dropped."""

    def slow_down(self, now: float, target_fps: float) -> float | None:
        """The server asks for a lower rate; return the rate from now on, None if it stays."""


class FixedPace:
    """Frame i is due i / `fps` seconds after the first, independent of the server."""

    def __init__(self, fps: float) -> None:
        self.fps = fps

    def due(self, index: int) -> float:
        """Return when a frame is due."""
        return index / self.fps

    def dropped(self, now: float) -> None:
        """Carry on."""

    def slow_down(self, now: float, target_fps: float) -> float | None:
        """Carry on."""
        return None


class AdaptivePace:
    """Falls to the rate that the server asks for, and probes upwards again, up to `fps`.

    Additive increase, multiplicative decrease (Chiu and Jain, "Analysis of the increase and
    decrease algorithms for congestion avoidance in computer networks", 1989). It does not probe
    while frames are being dropped.

    >>> pace = AdaptivePace(30)
    >>> pace.slow_down(1.0, target_fps=18.0)
    18.0
    >>> pace.rate(1.0 + HOLD_S), pace.rate(1.0 + HOLD_S + 2)
    (18.0, 21.0)
    """

    def __init__(self, fps: float) -> None:
        self.fps = fps
        self._base = fps
        self._since = 0.0
        self._next = 0.0

    def rate(self, now: float) -> float:
        """Return the frames a second at a time."""
        probed = self._base + INCREASE_PER_S * self.fps * max(0.0, now - self._since)
        return min(self.fps, probed)

    def due(self, index: int) -> float:
        """Return when the next frame is due."""
        due = self._next
        self._next = due + 1 / self.rate(due)
        return due

    def dropped(self, now: float) -> None:
        """Probe no further for a while."""
        self._hold(now, self.rate(now))

    def slow_down(self, now: float, target_fps: float) -> float | None:
        """Fall to what the server asks for, by a share at least."""
        self._hold(now, max(MIN_FPS, min(target_fps, DECREASE * self.rate(now))))
        return self._base

    def _hold(self, now: float, fps: float) -> None:
        self._base = fps
        self._since = now + HOLD_S


def make_pace(fps: float, adaptive: bool) -> Pace:
    """Return the pace of a client."""
    return AdaptivePace(fps) if adaptive else FixedPace(fps)


def shown_frame(due_s: float, video_fps: float) -> int:
    """Return the frame that a video shows at a time, counted from its start, looped or not.

    >>> [shown_frame(k / 10, 30) for k in range(4)]
    [0, 3, 6, 9]
    """
    return int(due_s * video_fps + SHOWN_SLACK)
