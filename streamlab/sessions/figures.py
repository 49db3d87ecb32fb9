"""A live session's figures: rates and latencies of its last seconds, for observers."""

from collections import deque

from streamlab.backpressure.window import EventWindow
from streamlab.quantiles import rank

WINDOW_S = 5.0
MIN_OUTCOMES = 10
"""A drop rate is taken over at least so many frames."""
LATENCIES = 256
"""Latest processed frames that quantiles are taken over."""


class SessionFigures:
    """Rates over the last seconds and quantiles over the latest frames of one session.

    The drop rate is taken over the session's own window, `drop_window_s`.
    """

    def __init__(self, drop_window_s: float) -> None:
        self._outcomes = EventWindow(drop_window_s)
        self._received = EventWindow(WINDOW_S)
        self._processed = EventWindow(WINDOW_S)
        self._latencies_ms: deque[float] = deque(maxlen=LATENCIES)
        self._opened_at: float | None = None
        self.received_bytes = 0

    def received(self, now: float, size: int) -> None:
        """Count a frame of `size` bytes."""
        if self._opened_at is None:
            self._opened_at = now
        self._received.add(now)
        self._received.slide(now)
        self.received_bytes += size

    def started(self, now: float) -> None:
        """Count a frame that was put in flight."""
        self._outcomes.slide(now)
        self._outcomes.add(now)

    def dropped(self, now: float) -> None:
        """Count a frame that the policy dropped."""
        self._outcomes.slide(now)
        self._outcomes.add(now, marked=True)

    def set_drop_window(self, seconds: float) -> None:
        """Take the drop rate over another window from now on."""
        self._outcomes.length_s = seconds

    def drop_rate(self, now: float) -> float:
        """Return the share of the window's frames that were dropped, 0 to 1."""
        self._outcomes.slide(now)
        return self._outcomes.marked / max(self._outcomes.total, MIN_OUTCOMES)

    def processed(self, now: float, total_ms: float) -> None:
        """Count an answer."""
        self._processed.add(now)
        self._processed.slide(now)
        self._latencies_ms.append(total_ms)

    def snapshot(self, now: float) -> dict[str, float | None]:
        """Return drop rate, rates a second and quantiles of latency, plain and rounded."""
        self._received.slide(now)
        self._processed.slide(now)
        age_s = WINDOW_S if self._opened_at is None else min(WINDOW_S, now - self._opened_at)
        span_s = max(age_s, 1.0)
        latencies = sorted(self._latencies_ms)
        return {
            "drop_rate": round(self.drop_rate(now), 3),
            "received_fps": round(self._received.total / span_s, 1),
            "processed_fps": round(self._processed.total / span_s, 1),
            "p50_ms": _quantile(latencies, 0.50),
            "p95_ms": _quantile(latencies, 0.95),
        }


def _quantile(ordered: list[float], share: float) -> float | None:
    return round(ordered[rank(len(ordered), share)], 1) if ordered else None
