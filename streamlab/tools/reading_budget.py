"""How many readings a frame may cost: few at once, and fewer on average."""

_MAX_SAVED = 4.0
"""Readings that quiet frames may leave to a busy moment."""
_FIRST_FRAME = 12
"""A session's first frame may be its only one, and models are cold then anyway."""


class ReadingBudget:
    """Readings allowed to one session, saved up over its frames, dropped ones included.

    >>> budget = ReadingBudget(per_frame=2, mean_per_frame=0.5)
    >>> budget.allowed(0)
    12
    >>> budget.spend(3)
    >>> [budget.allowed(frame_index) for frame_index in (1, 2, 4, 20)]
    [0, 1, 2, 2]
    """

    def __init__(self, per_frame: int, mean_per_frame: float) -> None:
        self._per_frame = per_frame
        self._mean_per_frame = mean_per_frame
        self._saved = 0.0
        self._last_frame: int | None = None

    def allowed(self, frame_index: int) -> int:
        """Return how many readings frame `frame_index` may cost; call it once a frame."""
        if self._last_frame is None:
            self._last_frame = frame_index
            return max(_FIRST_FRAME, self._per_frame)
        frames = max(frame_index - self._last_frame, 0)
        self._last_frame = frame_index
        self._saved = min(self._saved + frames * self._mean_per_frame, _MAX_SAVED)
        return min(int(self._saved), self._per_frame)

    def spend(self, readings: int) -> None:
        """Take `readings` from what is saved; the first frame's cost nothing later."""
        self._saved = max(self._saved - readings, 0.0)
