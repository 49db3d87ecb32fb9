"""A live session's figures: rates and latencies of its last seconds, for observers."""

from collections import deque

from streamlab.backpressure.window import EventWindow
from streamlab.quantiles import rank

WINDOW_S = 5.0
LATENCIES = 256
"""Latest processed frames that quantiles are taken over."""


class SessionFigures:
    """Rates over the last seconds and quantiles over the latest frames of one session."""

    def __init__(self) -> None:
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

    def processed(self, now: float, total_ms: float) -> None:
        """Count an answer."""
        self._processed.add(now)
        self._processed.slide(now)
        self._latencies_ms.append(total_ms)

    def snapshot(self, now: float) -> dict[str, float | None]:
        """Return `received_fps`, `processed_fps`, `p50_ms` and `p95_ms`, plain and rounded."""
        self._received.slide(now)
        self._processed.slide(now)
        age_s = WINDOW_S if self._opened_at is None else min(WINDOW_S, now - self._opened_at)
        span_s = max(age_s, 1.0)
        latencies = sorted(self._latencies_ms)
        return {
            "received_fps": round(self._received.total / span_s, 1),
            "processed_fps": round(self._processed.total / span_s, 1),
            "p50_ms": _quantile(latencies, 0.50),
            "p95_ms": _quantile(latencies, 0.95),
        }


def _quantile(ordered: list[float], share: float) -> float | None:
    return round(ordered[rank(len(ordered), share)], 1) if ordered else None
