"""Where a tracked box will be: its corners move at constant speed."""

from typing import Any

import numpy as np

Array = np.ndarray[Any, Any]

_STEADY_POSITION_GAIN = 0.7
_STEADY_VELOCITY_GAIN = 0.25


class Motion:
    """The corners (x1, y1, x2, y2, pixels) of one box and their velocity, pixels a frame.

    An alpha-beta filter whose gains fall from trusting each measurement to a steady state, as
    those of a Kalman filter do (growing-memory gains: Brookner, "Tracking and Kalman Filtering
    Made Easy", 1998, ch. 1). Corners rather than centre and size, as a thing that enters the
    frame stands still on one side and moves on the other.
    """

    def __init__(self, corners: Array) -> None:
        self.corners = corners
        self.velocity: Array = np.zeros(4)
        self._measured = 1

    def ahead(self, frames: int) -> Array:
        """Return the corners (4,) expected `frames` frames after the last measurement."""
        moved = self.corners + self.velocity * frames
        middle = (moved[:2] + moved[2:]) / 2
        half = np.maximum((moved[2:] - moved[:2]) / 2, 1.0)
        return np.concatenate([middle - half, middle + half])

    def measure(self, corners: Array, frames: int) -> None:
        """Take in `corners` (4,), seen `frames` frames after the last measurement."""
        self._measured += 1
        n = self._measured
        position_gain = max(2 * (2 * n - 1) / (n * (n + 1)), _STEADY_POSITION_GAIN)
        velocity_gain = max(6 / (n * (n + 1)), _STEADY_VELOCITY_GAIN)
        expected = self.corners + self.velocity * frames
        residual = corners - expected
        self.corners = expected + position_gain * residual
        self.velocity = self.velocity + velocity_gain * residual / frames
