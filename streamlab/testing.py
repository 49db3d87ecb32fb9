"""`TestClient`: protocol tests against a real server over a real WebSocket, in a few lines.

>>> from streamlab.testing import TestClient
>>> with TestClient(worker_kind="thread") as client:
...     with client.websocket_connect("/ws/video/stream?pipeline_id=noop") as socket:
...         socket.send_bytes(jpeg)
...         socket.receive_json()["result"]
{}
"""

import contextlib
import json
import urllib.error
import urllib.request
from collections.abc import Callable, Coroutine, Iterable, Mapping
from dataclasses import dataclass
from types import TracebackType
from typing import Any, TypeVar

from tornado.httpclient import HTTPClientError, HTTPRequest
from tornado.websocket import (
    WebSocketClientConnection,
    WebSocketClosedError,
    websocket_connect,
)

from streamlab.event_loop_thread import TIMEOUT_S, LoopThread
from streamlab.pipelines.registry import PipelineRegistry
from streamlab.server.app import StandaloneServer
from streamlab.server.service import StreamService
from streamlab.settings import Settings
from streamlab.workers.pool import WorkerKind

T = TypeVar("T")


class WebSocketDisconnect(Exception):
    """The server closed the socket, with this code and reason."""

    def __init__(self, code: int | None, reason: str | None) -> None:
        self.code = code
        self.reason = reason
        super().__init__(f"closed with {code} {reason or ''}".rstrip())


class WebSocketRefused(Exception):
    """The server did not accept the WebSocket; `status_code` is its HTTP answer."""

    def __init__(self, status_code: int) -> None:
        self.status_code = status_code
        super().__init__(f"HTTP {status_code}")


@dataclass(frozen=True)
class Response:
    """An HTTP answer."""

    status_code: int
    content: bytes
    headers: Mapping[str, str]

    def json(self) -> Any:
        """Return the body, parsed."""
        return json.loads(self.content)


class WebSocketSession:
    """A WebSocket as tests like it: blocking; `WebSocketDisconnect` says that it was closed."""

    def __init__(
        self, call: Callable[[Coroutine[Any, Any, Any]], Any], url: str, headers: Any
    ) -> None:
        self._call = call
        self._url = url
        self._headers = headers
        self._connection: WebSocketClientConnection | None = None

    def send_bytes(self, data: bytes) -> None:
        """Send a binary message."""
        self._call(self._send(data, binary=True))

    def send_text(self, data: str) -> None:
        """Send a text message."""
        self._call(self._send(data, binary=False))

    def receive_text(self) -> str:
        """Return the next message."""
        message = self._call(self._receive())
        assert isinstance(message, str)
        return message

    def receive_json(self) -> Any:
        """Return the next message, parsed."""
        return json.loads(self.receive_text())

    def close(self, code: int = 1000) -> None:
        """Close the socket."""

        async def close() -> None:
            if self._connection is not None:
                self._connection.close(code)

        self._call(close())

    async def _send(self, data: bytes | str, binary: bool) -> None:
        assert self._connection is not None
        # a server that closed in the middle of a message has said why: that is read as usual
        with contextlib.suppress(WebSocketClosedError):
            await self._connection.write_message(data, binary=binary)

    async def _receive(self) -> str | bytes:
        assert self._connection is not None
        message = await self._connection.read_message()
        if message is None:
            raise WebSocketDisconnect(self._connection.close_code, self._connection.close_reason)
        return message

    def __enter__(self) -> "WebSocketSession":
        async def connect() -> WebSocketClientConnection:
            request = HTTPRequest(self._url, headers=self._headers)
            try:
                return await websocket_connect(request, max_message_size=64 << 20)
            except HTTPClientError as error:
                raise WebSocketRefused(error.code) from None

        self._connection = self._call(connect())
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self.close()


class TestClient:
    """A standalone server of its own, in a thread, and a client for it; a context manager.

    `base_url` instead takes a server that runs already, with `headers` for its authentication.
    """

    __test__ = False  # its name makes pytest want to collect it

    def __init__(
        self,
        settings: Settings | None = None,
        pipelines: PipelineRegistry | None = None,
        worker_kind: WorkerKind = "thread",
        workers: int = 1,
        token: str | None = None,
        base_url: str | None = None,
        headers: Mapping[str, str] | None = None,
        allow_origins: Iterable[str] = (),
    ) -> None:
        self.base_url = base_url or ""
        self.headers = dict(headers or {})
        self.service: StreamService | None = None
        self._token = token
        self._allow_origins = allow_origins
        if base_url is None:
            self.service = StreamService(settings, pipelines, worker_kind, workers)
        self._loop = LoopThread("streamlab-test-client")
        self._server: StandaloneServer | None = None

    def websocket_connect(
        self, path: str, headers: Mapping[str, str] | None = None
    ) -> WebSocketSession:
        """Return a WebSocket to a path of the server, to be entered with `with`."""
        assert self.base_url, "the client has not been entered"
        url = "ws" + self.base_url.removeprefix("http") + path
        return WebSocketSession(self._call, url, {**self.headers, **(headers or {})})

    def get(self, path: str, headers: Mapping[str, str] | None = None) -> Response:
        """Send a GET."""
        return self.request("GET", path, headers)

    def request(
        self,
        method: str,
        path: str,
        headers: Mapping[str, str] | None = None,
        content: bytes | None = None,
    ) -> Response:
        """Send any request; a redirect is followed."""
        assert self.base_url, "the client has not been entered"
        request = urllib.request.Request(
            self.base_url + path, content, {**self.headers, **(headers or {})}, method=method
        )
        try:
            with urllib.request.urlopen(request, timeout=TIMEOUT_S) as answer:
                return Response(answer.status, answer.read(), dict(answer.headers))
        except urllib.error.HTTPError as error:
            return Response(error.code, error.read(), dict(error.headers))

    def call(self, function: Callable[[], T]) -> T:
        """Call a function in the server's event loop and return what it returns."""

        async def call() -> T:
            return function()

        return self._call(call())

    def stop_server(self) -> None:
        """Stop the server; its clients get close code 1001."""
        server, self._server = self._server, None
        if server is not None:
            self._call(server.__aexit__(None, None, None))

    def _call(self, coroutine: Coroutine[Any, Any, T]) -> T:
        return self._loop.call(coroutine)

    def __enter__(self) -> "TestClient":
        self._loop.start()
        if self.service is not None:
            self._server = StandaloneServer(
                self.service, port=0, token=self._token, allow_origins=self._allow_origins
            )
            self._call(self._server.__aenter__())
            self.base_url = self._server.base_url
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self.stop_server()
        self._loop.stop()
