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

from streamlab.server.files import ServedFile
from streamlab.server.handler import EarlyRefusal
from streamlab.server.pages import LivePage
from streamlab.server.rest import JsonEndpoint
from streamlab.server.routes import METHODS, ROUTES, Access, Kind, Route
from streamlab.server.service import StreamService
from streamlab.server.stream import JsonSocket, StreamSocket

AUTH_RESOURCE = "streamlab"
"""What an authorizer is asked about, with the action that a route's `Access` names."""

HUB_USER_VARIABLE = "JUPYTERHUB_USER"
"""Set by JupyterHub for a user's server: whose it is."""

PING_INTERVAL_S = 30
"""Time between pings, and for the answer to each, unless Jupyter is configured otherwise."""


class KnownUsersBody(EarlyRefusal):
    """Keeps the body of a request only if Jupyter knows whose it is."""

    def wants_body(self) -> bool:
        """Throw any other body away."""
        return bool(self.current_user) and super().wants_body()


class JupyterSocket(WebSocketMixin, JsonSocket, JupyterHandler):
    """A WebSocket: 403 for whom Jupyter does not know, and for a foreign origin."""

    auth_resource = AUTH_RESOURCE

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


class JupyterStream(JupyterSocket, StreamSocket):
    """A session, which counts as activity of the server."""

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


class JupyterEndpoint(JsonEndpoint, APIHandler):
    """An endpoint: 403 for whom Jupyter does not know."""

    auth_resource = AUTH_RESOURCE
    # whoever watches the server does not use it, and must not keep an idle one from being ended
    _track_activity = False


class JupyterFile(JupyterHandler, ServedFile):
    """A file: 403 for whom Jupyter does not know, unless it is public."""

    auth_resource = AUTH_RESOURCE

    async def prepare(self) -> None:  # type: ignore[override]
        """Refuse a foreign page that a browser sends the user's cookie for."""
        await super().prepare()
        if not self.check_origin():
            raise HTTPError(404)

    def get_login_url(self) -> str:
        """Refuse: whatever asks for a file cannot log in."""
        raise HTTPError(403)


class JupyterPage(LivePage, JupyterHandler):
    """The live view; whom Jupyter does not know is asked to log in."""

    auth_resource = AUTH_RESOURCE
    frame_ancestors = "'self'"
    access = "login"

    def get(self, *path: str) -> Awaitable[None] | None:
        """Answer with the page, and with the cookie that requests of its scripts need."""
        _ = self.xsrf_token  # asking for it sets the cookie
        return super().get(*path)


BASES: dict[Kind, type[RequestHandler]] = {
    "stream": JupyterStream,
    "socket": JupyterSocket,
    "endpoint": JupyterEndpoint,
    "file": JupyterFile,
    "page": JupyterPage,
}


def make_handlers(service: StreamService) -> list[tuple[str, type[RequestHandler], dict[str, Any]]]:
    """Return what Jupyter shall serve, with paths under its `base_url`."""
    return [(route.path, _behind_jupyter(route), {"service": service}) for route in ROUTES]


def _behind_jupyter(route: Route) -> type[RequestHandler]:
    """Return the route's handler, each method of which answers only those who are let in."""
    name = f"Jupyter{route.handler.__name__}"
    handler: type[RequestHandler] = type(
        name, (KnownUsersBody, BASES[route.kind], route.handler), {}
    )
    authenticate = ws_authenticated if route.kind in ("stream", "socket") else authenticated
    for method in METHODS:
        answer = getattr(handler, method)
        if answer is not getattr(RequestHandler, method):
            access = route.access_to(method)
            if access is Access.PUBLIC:
                guarded = allow_unauthenticated(answer)
            else:
                action = "execute" if access is Access.EXECUTE else "read"
                may_do: Callable[[Any], Any] = authorized(action=action)
                guarded = authenticate(may_do(answer))
            setattr(handler, method, guarded)
    return handler
