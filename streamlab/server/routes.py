"""The paths that both hosts serve, each in this one place."""

from streamlab.server.events import EventsSocket
from streamlab.server.files import SampleFile, WebFile
from streamlab.server.pages import LivePage
from streamlab.server.rest import (
    HealthEndpoint,
    PipelinesEndpoint,
    SamplesEndpoint,
    SessionEndpoint,
    SessionsEndpoint,
)
from streamlab.server.stream import StreamSocket

STREAM_PATH = "/ws/video/stream"
EVENTS_PATH = "/ws/events"
HEALTH_PATH = "/streamlab/health"
PIPELINES_PATH = "/streamlab/pipelines"
SESSIONS_PATH = "/streamlab/sessions"
SESSION_PATH = f"{SESSIONS_PATH}/([^/]+)"
SAMPLES_PATH = "/streamlab/samples"
SAMPLE_PATH = f"{SAMPLES_PATH}/([^/]+)"
PAGE_PATH = "/streamlab/live"
WEB_PATH = "/streamlab/web/(.*)"
METRICS_PATH = "/metrics"

SHARED_HANDLERS = {
    STREAM_PATH: StreamSocket,
    EVENTS_PATH: EventsSocket,
    HEALTH_PATH: HealthEndpoint,
    PIPELINES_PATH: PipelinesEndpoint,
    SESSIONS_PATH: SessionsEndpoint,
    SESSION_PATH: SessionEndpoint,
    SAMPLES_PATH: SamplesEndpoint,
    SAMPLE_PATH: SampleFile,
    PAGE_PATH: LivePage,
    WEB_PATH: WebFile,
}
"""Handlers without authentication; a host derives its own from each."""
