"""Tornado's WebSocket, made to tell why it refuses a message, and who is alive."""

import asyncio
import contextlib
from collections.abc import Callable

from tornado.iostream import StreamClosedError
from tornado.websocket import WebSocketHandler, WebSocketProtocol13

TOO_BIG = 1009
DRAIN_BYTES = 64 << 20
DRAIN_S = 5.0


class PoliteProtocol(WebSocketProtocol13):
    """Answers an oversize message instead of resetting the connection under its sender.

    Tornado closes the socket with the message unread, and the reset that follows destroys the
    answer on its way. This reads what is under way, for a while, and throws it away.

    Whatever a client sends answers a ping: the pongs of a `lossless` one stand in line behind its
    frames, and while it waits for room they are not read at all.
    """

    def __init__(
        self, handler: WebSocketHandler, protocol: WebSocketProtocol13, refuse: Callable[[], None]
    ) -> None:
        super().__init__(handler, False, protocol.params)
        self._refuse = refuse
        self._is_oversize = False
        self._draining: asyncio.Task[None] | None = None
        self._handling: asyncio.Future[None] | None = None

    def write_ping(self, data: bytes) -> None:
        """Send a ping; it needs no answer while messages wait here to be read."""
        super().write_ping(data)
        if self._handling is not None and not self._handling.done():
            self._received_pong = True

    def _handle_message(self, opcode: int, data: bytes) -> asyncio.Future[None] | None:
        self._received_pong = True
        self._handling = super()._handle_message(opcode, data)
        return self._handling

    def close(self, code: int | None = None, reason: str | None = None) -> None:
        """Close; for an oversize message, with the protocol's own error before it."""
        if code == TOO_BIG and not self._is_oversize and not self.server_terminated:
            self._is_oversize = True
            self._refuse()
        super().close(code, reason)

    def _abort(self) -> None:
        if self._is_oversize and self._draining is None and not self.stream.closed():
            self.client_terminated = self.server_terminated = True
            self._draining = asyncio.ensure_future(self._drain())
        elif self._draining is None:
            super()._abort()

    async def _drain(self) -> None:
        with contextlib.suppress(StreamClosedError, TimeoutError):
            async with asyncio.timeout(DRAIN_S):
                left = DRAIN_BYTES
                while left > 0:
                    left -= len(await self.stream.read_bytes(1 << 16, partial=True))
        self._draining = None
        super()._abort()
