"""The standalone server."""

import asyncio
import os
import signal
from collections.abc import Iterable
from functools import partial
from types import TracebackType
from typing import Any

from prometheus_client import CONTENT_TYPE_LATEST, generate_latest
from tornado.netutil import bind_sockets
from tornado.web import Application, HTTPError, RequestHandler

from streamlab.errors import ServerError
from streamlab.server.access import Guarded, has_token, is_loopback
from streamlab.server.descriptors import default_max_connections
from streamlab.server.handler import EarlyRefusal, Handler
from streamlab.server.listener import Listener
from streamlab.server.open_connections import OpenConnections
from streamlab.server.origins import AllowedOrigins
from streamlab.server.pages import RootPage
from streamlab.server.routes import METRICS_PATH, ROUTES, Access, Route
from streamlab.server.service import StreamService

HANGUP = getattr(signal, "SIGHUP", None)


class MetricsEndpoint(Handler):
    """Prometheus metrics of this process."""

    def initialize(self, service: StreamService) -> None:
        """Take what every handler is given."""

    def get(self) -> None:
        """Answer in the text format of Prometheus."""
        self.set_header("Content-Type", CONTENT_TYPE_LATEST)
        self.finish(generate_latest())


class Plain(EarlyRefusal):
    """Tells an error in a line of plain text, without what runs here."""

    def write_error(self, status_code: int, **kwargs: Any) -> None:
        """Answer with the status and its reason."""
        self.set_header("Content-Type", "text/plain; charset=utf-8")
        self.finish(f"{status_code} {self._reason}\n")


class Nothing(Handler):
    """Stands for what is not served."""

    async def prepare(self) -> None:
        """Refuse, whoever asks."""
        raise HTTPError(404)


class NotFound(Plain, Nothing):
    """Answers for what is not served."""


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
        default_handler_class=NotFound,
        websocket_ping_interval=30,
        log_function=lambda handler: None,
    )


def _guarded(route: Route) -> type[RequestHandler]:
    name = f"Standalone{route.handler.__name__}"
    return type(name, (Plain, Guarded, route.handler), {"route": route})


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
        self._listener: Listener | None = None

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
        settings = self.service.settings
        limit = settings.max_connections or default_max_connections()
        self._listener = Listener(
            make_app(self.service, self.token, self._origins),
            sockets,
            OpenConnections(limit, settings.max_connections_per_address),
            settings.request_timeout_s,
            partial(has_token, token=self.token),
        )
        self.service.start()
        return self

    async def __aexit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        assert self._listener is not None
        self._listener.stop()
        await self.service.stop()
        await self._listener.close_all()


def stop_on_signals() -> asyncio.Event:
    """Return an event that Ctrl-C, SIGTERM and SIGHUP set; needs the running event loop.

    A second Ctrl-C or SIGTERM ends the process at once; its workers end with it. A SIGHUP that is
    ignored, as under `nohup`, stays so.
    """
    stopped = asyncio.Event()
    loop = asyncio.get_running_loop()

    def stop(number: int) -> None:
        if stopped.is_set() and number != HANGUP:
            os._exit(128 + number)
        stopped.set()

    for number in (signal.SIGINT, signal.SIGTERM):
        loop.add_signal_handler(number, stop, number)
    if HANGUP is not None and signal.getsignal(HANGUP) is not signal.SIG_IGN:
        loop.add_signal_handler(HANGUP, stop, HANGUP)
    return stopped
