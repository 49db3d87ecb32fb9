"""Accepts a standalone server's connections: no more than there is room for, and quietly."""

import asyncio
import contextlib
import errno
import logging
import os
import socket
import time
from collections.abc import Awaitable, Callable, Sequence
from typing import Any

from tornado.httpserver import HTTPServer
from tornado.httputil import (
    HTTPConnection,
    HTTPHeaders,
    HTTPMessageDelegate,
    HTTPServerRequest,
    RequestStartLine,
    ResponseStartLine,
)
from tornado.ioloop import IOLoop
from tornado.iostream import IOStream
from tornado.web import Application

from streamlab.server.handler import MAX_BODY_BYTES
from streamlab.server.open_connections import OpenConnection, OpenConnections, Stage, address_of

log = logging.getLogger(__name__)

ACCEPTED_AT_ONCE = 128
PAUSE_S = 0.25
"""For so long nobody is accepted once there are no descriptors."""
LOG_INTERVAL_S = 10.0
MAX_HEADER_BYTES = 1 << 16
MAX_BUFFERED_BYTES = 100 << 20
OUT_OF_DESCRIPTORS = {errno.EMFILE, errno.ENFILE, errno.ENOBUFS, errno.ENOMEM}
FULL = b"HTTP/1.1 503 Service Unavailable\r\nConnection: close\r\nRetry-After: 1\r\n" + (
    b"X-Content-Type-Options: nosniff\r\nContent-Length: 0\r\n\r\n"
)


class ServedStream(IOStream):
    """A connection's stream, which says when it has gone, and when it last got something out."""

    def __init__(self, connection: socket.socket) -> None:
        super().__init__(connection, max_buffer_size=MAX_BUFFERED_BYTES)
        self.gone: Callable[[], None] = lambda: None
        self.is_upgraded = False
        self.progress_s = time.monotonic()

    def write_to_fd(self, data: memoryview) -> int:
        """Write what can be written now."""
        written = super().write_to_fd(data)
        if written:
            self.progress_s = time.monotonic()
        return written

    def close_fd(self) -> None:
        """Close the socket."""
        super().close_fd()
        self.gone()


class _Watched(HTTPMessageDelegate):
    """Notes how far a connection has come once the head of a request is there."""

    def __init__(
        self, delegate: HTTPMessageDelegate, received: Callable[[Any, HTTPHeaders], None]
    ) -> None:
        self._delegate = delegate
        self._received = received

    def headers_received(
        self, start_line: RequestStartLine | ResponseStartLine, headers: HTTPHeaders
    ) -> Awaitable[None] | None:
        self._received(start_line, headers)
        return self._delegate.headers_received(start_line, headers)

    def data_received(self, chunk: bytes) -> Awaitable[None] | None:
        return self._delegate.data_received(chunk)

    def finish(self) -> None:
        self._delegate.finish()

    def on_connection_close(self) -> None:
        self._delegate.on_connection_close()


class _Server(HTTPServer):
    """Tornado's server, which tells of each request's beginning."""

    began: Callable[[Any, HTTPConnection, HTTPMessageDelegate], HTTPMessageDelegate]

    def start_request(
        self, server_conn: object, request_conn: HTTPConnection
    ) -> HTTPMessageDelegate:
        """Return what the next request of a connection is handed to."""
        delegate = super().start_request(server_conn, request_conn)
        return self.began(server_conn, request_conn, delegate)

    def on_close(self, server_conn: Any) -> None:
        """Note that a connection has no more requests: it has gone, or is a WebSocket now."""
        super().on_close(server_conn)
        server_conn.stream.is_upgraded = True


class Listener:
    """Serves an application on listening sockets.

    A connection has `timeout_s` for the head of a request, from when it is made or from the last
    answer, for its body, and for each step of reading the answer. `is_known` says whether a request
    has credentials; who has none, and above all who has not asked for anything, makes room for
    others when there is none. Without descriptors, accepting rests for a moment.
    """

    def __init__(
        self,
        application: Application,
        sockets: Sequence[socket.socket],
        connections: OpenConnections,
        timeout_s: float,
        is_known: Callable[[HTTPServerRequest], bool],
    ) -> None:
        self.connections = connections
        self._sockets = sockets
        self._timeout_s = timeout_s
        self._is_known = is_known
        self._server = _Server(
            application,
            max_header_size=MAX_HEADER_BYTES,
            max_body_size=MAX_BODY_BYTES,
            idle_connection_timeout=timeout_s,
            body_timeout=timeout_s,
        )
        self._server.began = self._request_began
        self._by_stream: dict[ServedStream, OpenConnection] = {}
        self._reserve: int | None = None
        self._refused = 0
        self._logged_s = float("-inf")
        self._loop = asyncio.get_running_loop()
        self._resuming: asyncio.TimerHandle | None = None
        self._sweeping = asyncio.ensure_future(self._end_the_stalled())
        self._keep_reserve()
        self._listen()

    def stop(self) -> None:
        """Accept nobody any more."""
        self._sweeping.cancel()
        if self._resuming is None:
            self._rest()
        else:
            self._resuming.cancel()
        for listening in self._sockets:
            listening.close()
        if self._reserve is not None:
            os.close(self._reserve)
            self._reserve = None

    async def close_all(self) -> None:
        """End every connection."""
        await self._server.close_all_connections()
        for connection in self.connections.all():
            connection.close()

    def _listen(self) -> None:
        self._resuming = None
        for listening in self._sockets:
            IOLoop.current().add_handler(listening, self._accept, IOLoop.READ)

    def _rest(self) -> None:
        for listening in self._sockets:
            IOLoop.current().remove_handler(listening)

    def _accept(self, listening: socket.socket, events: int) -> None:
        for _ in range(ACCEPTED_AT_ONCE):
            try:
                connection, address = listening.accept()
            except BlockingIOError:
                return
            except ConnectionAbortedError:
                continue
            except OSError as error:
                if error.errno not in OUT_OF_DESCRIPTORS:
                    raise
                if not self.connections.make_room():
                    self._turn_away(listening, error)
                    return
                continue
            self._take_in(connection, str(address[0]))

    def _take_in(self, connection: socket.socket, host: str) -> None:
        stream = ServedStream(connection)
        opened = OpenConnection(address_of(host), stream.close)
        if not self.connections.admit(opened):
            with contextlib.suppress(OSError):
                connection.send(FULL)
            stream.close()
            self._tell_of_refusal(f"{len(self.connections)} connections are open")
            return
        self._by_stream[stream] = opened
        stream.gone = lambda: self._gone(stream)
        self._server.handle_stream(stream, (host, 0))

    def _gone(self, stream: ServedStream) -> None:
        opened = self._by_stream.pop(stream, None)
        if opened is not None:
            self.connections.remove(opened)

    def _request_began(
        self, server_conn: Any, request_conn: HTTPConnection, delegate: HTTPMessageDelegate
    ) -> HTTPMessageDelegate:
        """A connection waits for a request: its first one, or another."""
        stream = server_conn.stream
        opened = self._by_stream.get(stream)
        if opened is None:  # it made room for another before it was looked at
            return delegate
        if opened.stage is Stage.ADMITTED:
            self.connections.move(opened, Stage.RESTING)

        def received(start_line: RequestStartLine, headers: HTTPHeaders) -> None:
            stream.progress_s = time.monotonic()
            request = HTTPServerRequest(
                connection=request_conn, start_line=start_line, headers=headers
            )
            stage = Stage.ADMITTED if self._is_known(request) else Stage.STRANGER
            self.connections.move(opened, stage)

        return _Watched(delegate, received)

    def _turn_away(self, listening: socket.socket, error: OSError) -> None:
        """Close whoever waits, with the descriptor that is kept for that, and rest for a moment."""
        if self._reserve is not None:
            os.close(self._reserve)
            self._reserve = None
            with contextlib.suppress(OSError):
                listening.accept()[0].close()
        self._keep_reserve()
        self._tell_of_refusal(os.strerror(error.errno or 0))
        self._rest()
        self._resuming = self._loop.call_later(PAUSE_S, self._listen)

    def _keep_reserve(self) -> None:
        with contextlib.suppress(OSError):
            self._reserve = os.open(os.devnull, os.O_RDONLY)

    def _tell_of_refusal(self, why: str) -> None:
        self._refused += 1
        now = self._loop.time()
        if now - self._logged_s >= LOG_INTERVAL_S:
            log.warning("connections refused: %d, the last because %s", self._refused, why)
            self._refused, self._logged_s = 0, now

    async def _end_the_stalled(self) -> None:
        """Close connections whose client has read nothing of an answer for `timeout_s`."""
        while True:
            await asyncio.sleep(self._timeout_s / 4)
            longest_ago = time.monotonic() - self._timeout_s
            for stream in [*self._by_stream]:
                is_stalled = stream.writing() and stream.progress_s < longest_ago
                if is_stalled and not stream.is_upgraded:
                    stream.close()
