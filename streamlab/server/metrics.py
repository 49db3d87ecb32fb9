"""Prometheus metrics of all sessions of this process, in the default registry."""

from prometheus_client import Counter, Gauge, Histogram

from streamlab.errors import ProtocolError
from streamlab.sessions.interfaces import SessionIdentity
from streamlab.sessions.manager import SessionManager
from streamlab.sessions.messages import Timing

BUCKETS_S = (0.002, 0.005, 0.01, 0.02, 0.03, 0.04, 0.06, 0.08, 0.12, 0.2, 0.4, 0.8, 1.6, 3.2)

SESSIONS = Gauge("streamlab_sessions", "Live sessions", ["pipeline"])
SESSIONS_TOTAL = Counter("streamlab_sessions_opened_total", "Sessions opened", ["pipeline"])
RECEIVED = Counter("streamlab_frames_received_total", "Messages received as frames", ["pipeline"])
RECEIVED_BYTES = Counter("streamlab_received_bytes_total", "Bytes of frames", ["pipeline"])
PROCESSED = Counter("streamlab_frames_processed_total", "Frames processed", ["pipeline"])
DROPPED = Counter("streamlab_frames_dropped_total", "Frames dropped", ["pipeline", "cause"])
SLOW_DOWNS = Counter("streamlab_slow_downs_total", "slow_down warnings sent", ["pipeline"])
ERRORS = Counter(
    "streamlab_errors_total", "Errors that ended a session or kept it from opening", ["code"]
)
FRAME_SECONDS = Histogram(
    "streamlab_frame_duration_seconds",
    "Receipt of a frame to the hand-over of its answer",
    ["pipeline"],
    buckets=BUCKETS_S,
)
QUEUED_SECONDS = Histogram(
    "streamlab_frame_queued_seconds",
    "Receipt of a frame to its turn",
    ["pipeline"],
    buckets=BUCKETS_S,
)
NODE_SECONDS = Histogram(
    "streamlab_node_duration_seconds", "Time in a node", ["pipeline", "node"], buckets=BUCKETS_S
)


class SessionMetrics:
    """Counts the events of sessions; a `SessionListener`."""

    def opened(self, session: SessionManager) -> None:
        """Count a session in."""
        SESSIONS.labels(session.pipeline_id).inc()
        SESSIONS_TOTAL.labels(session.pipeline_id).inc()

    def closed(self, session: SessionManager) -> None:
        """Count a session out."""
        SESSIONS.labels(session.pipeline_id).dec()

    def refused(self, error: ProtocolError) -> None:
        """Count an error that kept a session from opening."""
        ERRORS.labels(error.code).inc()

    def frame_received(self, session: SessionIdentity, size: int) -> None:
        """Count a message of `size` bytes."""
        RECEIVED.labels(session.pipeline_id).inc()
        RECEIVED_BYTES.labels(session.pipeline_id).inc(size)

    def frame_dropped(self, session: SessionIdentity, cause: str) -> None:
        """Count a drop."""
        DROPPED.labels(session.pipeline_id, cause).inc()

    def frame_processed(self, session: SessionIdentity, timing: Timing) -> None:
        """Count an answer and where its time went."""
        pipeline_id = session.pipeline_id
        PROCESSED.labels(pipeline_id).inc()
        FRAME_SECONDS.labels(pipeline_id).observe(timing.total / 1e3)
        QUEUED_SECONDS.labels(pipeline_id).observe(timing.queued / 1e3)
        for node, node_ms in timing.nodes.items():
            NODE_SECONDS.labels(pipeline_id, node).observe(node_ms / 1e3)

    def state_changed(self, session: SessionIdentity, state: str, target_fps: float | None) -> None:
        """Count a warning, if the client was sent one."""
        if target_fps is not None:
            SLOW_DOWNS.labels(session.pipeline_id).inc()

    def failed(self, session: SessionIdentity, error: ProtocolError) -> None:
        """Count an error."""
        ERRORS.labels(error.code).inc()
