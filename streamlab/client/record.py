"""What a client knows about every frame that it sent."""

from dataclasses import dataclass, field
from typing import Any, Literal

from streamlab.backpressure.realtime import DROP_CAUSES

Fate = Literal["processed", "dropped", "rejected", "failed", "unanswered"]
FATES: tuple[Fate, ...] = ("processed", "dropped", "rejected", "failed", "unanswered")
UNKNOWN_CAUSE = "unknown"
"""The cause of a drop for which the server sent none."""
CAUSES = (*DROP_CAUSES, UNKNOWN_CAUSE)
"""Why a frame was dropped, as a client knows it."""


@dataclass(slots=True)
class FrameRow:
    """One frame: times are milliseconds since the session's first scheduled frame.

    `round_trip_ms` is from the *scheduled* time to the answer, so that a client that could not
    keep up does not hide it. `queued_ms`, `decode_ms`, `nodes_ms` and `total_ms` are the server's,
    and so is `received_ms`, since it opened the session. `spared_ms` is what the frame would have
    taken longer with one thread, where a network ran with several. `video_frame` is the frame of
    the video that was sent.
    """

    frame_index: int
    scheduled_ms: float
    sent_ms: float
    size_bytes: int
    video_frame: int = 0
    fate: Fate = "unanswered"
    cause: str | None = None
    state: str | None = None
    received_ms: float | None = None
    queued_ms: float | None = None
    decode_ms: float | None = None
    nodes_ms: dict[str, float] = field(default_factory=dict)
    total_ms: float | None = None
    spared_ms: float | None = None
    answered_ms: float | None = None
    round_trip_ms: float | None = None
    result: dict[str, Any] | None = None


@dataclass(slots=True)
class SessionRecord:
    """One session as its client saw it: every frame, every warning, and how it ended."""

    pipeline_id: str
    fps: float
    rows: list[FrameRow] = field(default_factory=list)
    slow_downs: list[tuple[float, float]] = field(default_factory=list)
    """Time in ms and the rate in frames a second that the server asked for."""
    rates: list[tuple[float, float]] = field(default_factory=list)
    """Time in ms and the rate in frames a second to which an adaptive client fell."""
    settings: list[tuple[float, str]] = field(default_factory=list)
    """Time in ms and what the session decides by from then on, where its client changed it."""
    session_id: str | None = None
    worker: int | None = None
    """The session's id and the number of its worker; None where the server does not send them."""
    error: str | None = None
    close_code: int | None = None
    ended_ms: float | None = None
    """When the error came, where the client has noted it; else with the last frame."""

    def count(self, fate: Fate) -> int:
        """Return how many frames have an outcome."""
        return sum(row.fate == fate for row in self.rows)

    def causes(self) -> dict[str, int]:
        """Return how many frames were dropped, by cause."""
        counts: dict[str, int] = {}
        for row in self.rows:
            if row.fate == "dropped":
                cause = row.cause or UNKNOWN_CAUSE
                counts[cause] = counts.get(cause, 0) + 1
        return counts

    def round_trips_ms(self) -> list[float]:
        """Return the round trips of the processed frames."""
        return [
            row.round_trip_ms
            for row in self.rows
            if row.fate == "processed" and row.round_trip_ms is not None
        ]
