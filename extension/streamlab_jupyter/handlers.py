"""The shared handlers behind Jupyter's authentication, authorization and origin check."""

from collections.abc import Awaitable, Callable
from typing import Any

from jupyter_server.auth.decorator import authorized, ws_authenticated
from jupyter_server.base.handlers import APIHandler, JupyterHandler
from jupyter_server.base.websocket import WebSocketMixin
from tornado.web import HTTPError, RequestHandler, authenticated
from tornado.websocket import WebSocketProtocol13

from streamlab.server.files import ServedFile
from streamlab.server.pages import LivePage
from streamlab.server.rest import JsonEndpoint, SessionEndpoint
from streamlab.server.routes import SHARED_HANDLERS
from streamlab.server.service import StreamService
from streamlab.server.stream import JsonSocket

AUTH_RESOURCE = "streamlab"
"""What an authorizer is asked about: `execute` for the WebSockets, `read` for the rest."""

PING_INTERVAL_S = 30
"""Time between pings, and for the answer to each, unless Jupyter is configured otherwise."""

may_execute: Callable[[Any], Any] = authorized(action="execute")


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


class AuthenticatedFile(JupyterHandler, ServedFile):
    """A file for whom Jupyter knows: 403 for anybody else."""

    auth_resource = AUTH_RESOURCE

    async def prepare(self) -> None:  # type: ignore[override]
        """Refuse a foreign page that a browser sends the user's cookie for."""
        await super().prepare()
        if not self.check_origin():
            raise HTTPError(404)

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

    @authenticated
    @authorized
    def get(self, *path: str) -> Awaitable[None] | None:
        """Answer with the page, and with the cookie that a PATCH of its scripts needs."""
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
        (path, _behind_jupyter(handler), {"service": service})
        for path, handler in SHARED_HANDLERS.items()
    ]


def _behind_jupyter(handler: type[RequestHandler]) -> type[RequestHandler]:
    access: type[RequestHandler] = AuthenticatedEndpoint
    if issubclass(handler, JsonSocket):
        access = AuthenticatedSocket
    elif issubclass(handler, SessionEndpoint):
        return AuthenticatedSession
    elif issubclass(handler, ServedFile):
        access = AuthenticatedFile
    elif issubclass(handler, LivePage):
        return AuthenticatedPage
    return type(f"Jupyter{handler.__name__}", (access, handler), {})
