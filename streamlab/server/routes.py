"""The routes that both hosts serve: path, handler, and who is let in, each in this one place."""

from dataclasses import dataclass
from enum import Enum
from typing import Literal

from tornado.web import RequestHandler

from streamlab.server.events import EventsSocket
from streamlab.server.files import SampleFile, WebFile
from streamlab.server.pages import LivePage
from streamlab.server.rest import (
    HealthEndpoint,
    PipelinesEndpoint,
    SamplesEndpoint,
    SessionEndpoint,
    SessionsEndpoint,
    ViewSettingsEndpoint,
)
from streamlab.server.stream import StreamSocket
from streamlab.sessions.messages import STREAM_PATH as STREAM_PATH

EVENTS_PATH = "/ws/events"
HEALTH_PATH = "/streamlab/health"
PIPELINES_PATH = "/streamlab/pipelines"
SESSIONS_PATH = "/streamlab/sessions"
SESSION_PATH = f"{SESSIONS_PATH}/([^/]+)"
SAMPLES_PATH = "/streamlab/samples"
SAMPLE_PATH = f"{SAMPLES_PATH}/([^/]+)"
PAGE_PATH = "/streamlab/live"
VIEW_SETTINGS_PATH = "/streamlab/web/settings.json"
WEB_PATH = "/streamlab/web/(.*)"
METRICS_PATH = "/metrics"


class Access(Enum):
    """Whom a route answers."""

    PUBLIC = "public"
    """Everyone: it holds no secret, and a browser requests it without a token."""
    PAGE = "page"
    """Everyone, where the page asks for the token itself; under Jupyter, logged-in users,
    and anybody else is led to the login."""
    READ = "read"
    """Clients with the token; under Jupyter, logged-in users that may `read`."""
    EXECUTE = "execute"
    """Clients with the token; under Jupyter, logged-in users that may `execute`."""


Kind = Literal["stream", "socket", "endpoint", "file", "page"]
"""What a handler is; a host has a class for each, which its own handlers derive from."""


@dataclass(frozen=True)
class Route:
    """A path below a host's base URL, its handler without authentication, and who is let in.

    `access` is that of GET and HEAD, or of the WebSocket; `changes` is that of PATCH.
    """

    path: str
    handler: type[RequestHandler]
    kind: Kind
    access: Access
    changes: Access = Access.EXECUTE

    def access_to(self, method: str) -> Access:
        """Return whom a method answers, by its name."""
        return self.changes if method.upper() == "PATCH" else self.access


ROUTES = (
    Route(STREAM_PATH, StreamSocket, "stream", Access.EXECUTE),
    Route(EVENTS_PATH, EventsSocket, "socket", Access.EXECUTE),
    Route(HEALTH_PATH, HealthEndpoint, "endpoint", Access.READ),
    Route(PIPELINES_PATH, PipelinesEndpoint, "endpoint", Access.READ),
    Route(SESSIONS_PATH, SessionsEndpoint, "endpoint", Access.READ),
    Route(SESSION_PATH, SessionEndpoint, "endpoint", Access.READ, changes=Access.EXECUTE),
    Route(SAMPLES_PATH, SamplesEndpoint, "endpoint", Access.READ),
    Route(SAMPLE_PATH, SampleFile, "file", Access.READ),
    Route(PAGE_PATH, LivePage, "page", Access.PAGE),
    Route(VIEW_SETTINGS_PATH, ViewSettingsEndpoint, "endpoint", Access.PUBLIC),
    Route(WEB_PATH, WebFile, "file", Access.PUBLIC),
)
"""A host derives a handler of its own from each."""
METHODS = ("get", "head", "patch")
"""What a handler may answer; OPTIONS is the host's."""
