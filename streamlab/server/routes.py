"""The paths that both hosts serve, each in this one place."""

from .events import EventsSocket
from .rest import HealthEndpoint, PipelinesEndpoint, SessionEndpoint, SessionsEndpoint
from .stream import StreamSocket

STREAM_PATH = "/ws/video/stream"
EVENTS_PATH = "/ws/events"
HEALTH_PATH = "/streamlab/health"
PIPELINES_PATH = "/streamlab/pipelines"
SESSIONS_PATH = "/streamlab/sessions"
SESSION_PATH = f"{SESSIONS_PATH}/([^/]+)"
METRICS_PATH = "/metrics"

SHARED_HANDLERS = {
    STREAM_PATH: StreamSocket,
    EVENTS_PATH: EventsSocket,
    HEALTH_PATH: HealthEndpoint,
    PIPELINES_PATH: PipelinesEndpoint,
    SESSIONS_PATH: SessionsEndpoint,
    SESSION_PATH: SessionEndpoint,
}
"""Handlers without authentication; a host derives its own from each."""
