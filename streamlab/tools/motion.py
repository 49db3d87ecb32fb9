"""Where a tracked box will be: its corners move at constant speed."""

_STEADY_POSITION_GAIN = 0.7
_STEADY_VELOCITY_GAIN = 0.25
_MAX_GROWTH = 1.5
"""How much a box may grow or shrink unseen; what comes near grows without bound otherwise."""

Corners = tuple[float, float, float, float]
"""x1, y1, x2, y2 in pixels. Four floats are handled faster one by one than as an array."""


class Motion:
    """The corners of one box and their velocity, pixels a frame.

    An alpha-beta filter whose gains fall from trusting each measurement to a steady state, as
    those of a Kalman filter do (growing-memory gains: Brookner, "Tracking and Kalman Filtering
    Made Easy", 1998, ch. 1). Corners rather than centre and size, as a thing that enters the
    frame stands still on one side and moves on the other.
    """

    def __init__(self, corners: Corners) -> None:
        self.corners = corners
        self.velocity: Corners = (0.0, 0.0, 0.0, 0.0)
        self._measured = 1

    def ahead(self, frames: int) -> Corners:
        """Return the corners expected `frames` frames after the last measurement."""
        last = self.corners
        moved = [p + v * frames for p, v in zip(last, self.velocity, strict=True)]
        x1, x2 = _limited(moved[0], moved[2], last[2] - last[0])
        y1, y2 = _limited(moved[1], moved[3], last[3] - last[1])
        return x1, y1, x2, y2

    def measure(self, corners: Corners, frames: int) -> None:
        """Take in `corners`, seen `frames` frames after the last measurement."""
        self._measured += 1
        n = self._measured
        position_gain = max(2 * (2 * n - 1) / (n * (n + 1)), _STEADY_POSITION_GAIN)
        velocity_gain = max(6 / (n * (n + 1)), _STEADY_VELOCITY_GAIN) / frames
        position, velocity = [], []
        for last, speed, seen in zip(self.corners, self.velocity, corners, strict=True):
            expected = last + speed * frames
            position.append(expected + position_gain * (seen - expected))
            velocity.append(speed + velocity_gain * (seen - expected))
        self.corners = (position[0], position[1], position[2], position[3])
        self.velocity = (velocity[0], velocity[1], velocity[2], velocity[3])


def _limited(low: float, high: float, last_size: float) -> tuple[float, float]:
    """Keep the middle of a side and hold its size near the last one."""
    middle = (low + high) / 2
    half = min(max(high - low, last_size / _MAX_GROWTH), last_size * _MAX_GROWTH) / 2
    return middle - half, middle + half
