"""The shared handlers behind Jupyter's authentication, authorization and origin check."""

import os
from collections.abc import Awaitable, Callable
from datetime import UTC, datetime
from typing import Any

from jupyter_server.auth.decorator import allow_unauthenticated, authorized, ws_authenticated
from jupyter_server.base.handlers import APIHandler, JupyterHandler
from jupyter_server.base.websocket import WebSocketMixin
from tornado.web import HTTPError, RequestHandler, authenticated
from tornado.websocket import WebSocketProtocol13

from streamlab.server.files import ServedFile, WebFile
from streamlab.server.handler import EarlyRefusal
from streamlab.server.pages import LivePage
from streamlab.server.rest import JsonEndpoint, SessionEndpoint
from streamlab.server.routes import SHARED_HANDLERS
from streamlab.server.service import StreamService
from streamlab.server.stream import JsonSocket, StreamSocket

AUTH_RESOURCE = "streamlab"
"""What an authorizer is asked about: `execute` for the WebSockets, `read` for the rest."""

HUB_USER_VARIABLE = "JUPYTERHUB_USER"
"""Set by JupyterHub for a user's server: whose it is."""

PING_INTERVAL_S = 30
"""Time between pings, and for the answer to each, unless Jupyter is configured otherwise."""

may_execute: Callable[[Any], Any] = authorized(action="execute")


class KnownUsersBody(EarlyRefusal):
    """Keeps the body of a request only if Jupyter knows whose it is."""

    def wants_body(self) -> bool:
        """Throw any other body away."""
        return bool(self.current_user) and super().wants_body()


class AuthenticatedSocket(WebSocketMixin, JsonSocket, JupyterHandler):
    """A WebSocket for whom Jupyter knows: 403 for anybody else, and for a foreign origin."""

    auth_resource = AUTH_RESOURCE

    @ws_authenticated
    @may_execute
    async def get(self, *args: Any, **kwargs: Any) -> None:
        """Accept the WebSocket."""
        await super().get(*args, **kwargs)

    def set_default_headers(self) -> None:
        """Set none: Jupyter's are for pages."""

    @property
    def ping_interval(self) -> int:
        """Keep the mixin from pinging: it counts in milliseconds what Tornado takes for seconds."""
        return 0

    def get_websocket_protocol(self) -> WebSocketProtocol13 | None:
        """Return a protocol that pings as `ServerApp.websocket_ping_*` say, in seconds."""
        protocol = super().get_websocket_protocol()
        if not isinstance(protocol, WebSocketProtocol13):
            return None
        params = protocol.params
        params.ping_interval = self.settings["websocket_ping_interval"] or PING_INTERVAL_S
        params.ping_timeout = self.settings["websocket_ping_timeout"] or None
        return protocol


class AuthenticatedStream(AuthenticatedSocket, StreamSocket):
    """A session, for whom may stream."""

    @property
    def guest(self) -> str | None:
        """Name of a hub's user with whom this server is shared; None for its own, or no hub."""
        owner = os.environ.get(HUB_USER_VARIABLE)
        name: str = self.current_user.username
        return name if owner and name != owner else None

    def on_message(self, message: str | bytes) -> Awaitable[None] | None:
        """Take it in as activity of the server, by which a hub tells an idle one, and answer it."""
        self.settings["last_activity_times"][AUTH_RESOURCE] = datetime.now(UTC)
        return super().on_message(message)


class AuthenticatedEndpoint(JsonEndpoint, APIHandler):
    """A GET for whom Jupyter knows: 403 for anybody else."""

    auth_resource = AUTH_RESOURCE
    # whoever watches the server does not use it, and must not keep an idle one from being ended
    _track_activity = False

    @authenticated
    @authorized
    def get(self, *path: str) -> Awaitable[None] | None:
        """Answer."""
        return super().get(*path)


class AuthenticatedSession(AuthenticatedEndpoint, SessionEndpoint):
    """A live session, for whom may stream."""

    @authenticated
    @may_execute
    def patch(self, *path: str) -> None:  # type: ignore[override]
        """Change what it decides by."""
        super().patch(*path)


class JupyterFile(JupyterHandler, ServedFile):
    """A file, but for who gets it."""

    auth_resource = AUTH_RESOURCE

    async def prepare(self) -> None:  # type: ignore[override]
        """Refuse a foreign page that a browser sends the user's cookie for."""
        await super().prepare()
        if not self.check_origin():
            raise HTTPError(404)


class OpenFile(JupyterFile):
    """A file that is no secret: a browser loads modules without any token, which a hub asks for."""

    @allow_unauthenticated
    async def get(self, path: str, include_body: bool = True) -> None:
        """Answer."""
        await super().get(path, include_body)

    @allow_unauthenticated
    async def head(self, path: str) -> None:
        """Answer without the file."""
        await super().head(path)


class AuthenticatedFile(JupyterFile):
    """A file for whom Jupyter knows: 403 for anybody else."""

    @authenticated
    @authorized
    async def get(  # type: ignore[override]  # the decorators hide the signature
        self, path: str, include_body: bool = True
    ) -> None:
        """Answer."""
        await super().get(path, include_body)

    @authenticated
    @authorized
    async def head(self, path: str) -> None:  # type: ignore[override]
        """Answer without the file."""
        await super().head(path)

    def get_login_url(self) -> str:
        """Refuse: whatever asks for a file cannot log in."""
        raise HTTPError(403)


class AuthenticatedPage(LivePage, JupyterHandler):
    """The live view for whom Jupyter knows; anybody else is asked to log in."""

    auth_resource = AUTH_RESOURCE
    frame_ancestors = "'self'"
    access = "login"

    @authenticated
    @authorized
    def get(self, *path: str) -> Awaitable[None] | None:
        """Answer with the page, and with the cookie that requests of its scripts need."""
        _ = self.xsrf_token  # asking for it sets the cookie
        return super().get(*path)

    @authenticated
    @authorized
    def head(self, *path: str) -> Awaitable[None] | None:
        """Answer as to a GET; Tornado leaves the page out."""
        return super().head(*path)


def make_handlers(service: StreamService) -> list[tuple[str, type[RequestHandler], dict[str, Any]]]:
    """Return what Jupyter shall serve, with paths under its `base_url`."""
    return [
        (path, _with_small_body(_behind_jupyter(handler)), {"service": service})
        for path, handler in SHARED_HANDLERS.items()
    ]


def _with_small_body(handler: type[RequestHandler]) -> type[RequestHandler]:
    return type(handler.__name__, (KnownUsersBody, handler), {})


def _behind_jupyter(handler: type[RequestHandler]) -> type[RequestHandler]:
    access: type[RequestHandler] = AuthenticatedEndpoint
    if issubclass(handler, StreamSocket):
        return AuthenticatedStream
    if issubclass(handler, JsonSocket):
        access = AuthenticatedSocket
    elif issubclass(handler, SessionEndpoint):
        return AuthenticatedSession
    elif issubclass(handler, WebFile):
        access = OpenFile
    elif issubclass(handler, ServedFile):
        access = AuthenticatedFile
    elif issubclass(handler, LivePage):
        return AuthenticatedPage
    return type(f"Jupyter{handler.__name__}", (access, handler), {})
