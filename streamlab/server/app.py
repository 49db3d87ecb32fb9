"""The standalone server."""

import asyncio
import signal
from collections.abc import Iterable
from types import TracebackType

from prometheus_client import CONTENT_TYPE_LATEST, generate_latest
from tornado.httpserver import HTTPServer
from tornado.netutil import bind_sockets
from tornado.web import Application, RequestHandler

from streamlab.errors import ServerError
from streamlab.server.access import Guarded, is_loopback
from streamlab.server.origins import AllowedOrigins
from streamlab.server.pages import RootPage
from streamlab.server.routes import METRICS_PATH, ROUTES, Access, Route
from streamlab.server.service import StreamService

MAX_BODY_BYTES = 1 << 20
"""Largest body of a request that is read; frames are messages, and have their own limit."""


class MetricsEndpoint(RequestHandler):
    """Prometheus metrics of this process."""

    def initialize(self, service: StreamService) -> None:
        """Take what every handler is given."""

    def get(self) -> None:
        """Answer in the text format of Prometheus."""
        self.set_header("Content-Type", CONTENT_TYPE_LATEST)
        self.finish(generate_latest())


STANDALONE_ROUTES = (
    *ROUTES,
    Route("/", RootPage, "page", Access.PAGE),
    Route(METRICS_PATH, MetricsEndpoint, "endpoint", Access.READ),
)


def make_app(
    service: StreamService, token: str | None, origins: AllowedOrigins | None = None
) -> Application:
    """Return the Tornado application of a standalone server; `origins` need a token."""
    return Application(
        [(route.path, _guarded(route), {"service": service}) for route in STANDALONE_ROUTES],
        token=token,
        origins=origins or AllowedOrigins(),
        websocket_ping_interval=30,
        log_function=lambda handler: None,
    )


def _guarded(route: Route) -> type[RequestHandler]:
    name = f"Standalone{route.handler.__name__}"
    return type(name, (Guarded, route.handler), {"route": route})


class StandaloneServer:
    """A `StreamService` behind its own port; an async context manager.

    `port` 0 takes a free one. Binding to anything but loopback asks for a token, and so does
    allowing the pages of other origins, `*` for any. Raises `ServerError` for what is not allowed
    and when the address cannot be had.
    """

    def __init__(
        self,
        service: StreamService,
        host: str = "127.0.0.1",
        port: int = 8000,
        token: str | None = None,
        allow_origins: Iterable[str] = (),
    ) -> None:
        self._origins = AllowedOrigins(allow_origins)
        if token is not None and not token.strip():
            raise ServerError("the token is empty; leave it out, or choose one")
        if token is None and not is_loopback(host):
            raise ServerError(f"host {host}: a token is required for anything but loopback")
        if token is None and self._origins:
            raise ServerError("a token is required where pages of other origins are allowed")
        self.service = service
        self.host = host
        self.port = port
        self.token = token
        self._http: HTTPServer | None = None

    @property
    def base_url(self) -> str:
        """`http://HOST:PORT`, with an address that a client on this machine can use."""
        host = {"0.0.0.0": "127.0.0.1", "::": "[::1]", "": "127.0.0.1"}.get(self.host, self.host)
        if ":" in host and not host.startswith("["):
            host = f"[{host}]"
        return f"http://{host}:{self.port}"

    async def __aenter__(self) -> "StandaloneServer":
        try:
            sockets = bind_sockets(self.port, self.host.strip("[]"))
        except (OSError, OverflowError) as error:
            problem = getattr(error, "strerror", None) or error
            raise ServerError(f"cannot listen on {self.host}:{self.port}: {problem}") from None
        self.port = sockets[0].getsockname()[1]
        app = make_app(self.service, self.token, self._origins)
        self._http = HTTPServer(app, max_body_size=MAX_BODY_BYTES)
        self._http.add_sockets(sockets)
        self.service.start()
        return self

    async def __aexit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        assert self._http is not None
        self._http.stop()
        await self.service.stop()
        await self._http.close_all_connections()


def stop_on_signals() -> asyncio.Event:
    """Return an event that Ctrl-C and SIGTERM set from now on; needs the running event loop."""
    stopped = asyncio.Event()
    loop = asyncio.get_running_loop()
    for signal_ in (signal.SIGINT, signal.SIGTERM):
        loop.add_signal_handler(signal_, stopped.set)
    return stopped
