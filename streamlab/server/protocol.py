"""Tornado's WebSocket with paced reading, close codes for what is refused, and ping timeouts.

Every Tornado that is allowed behaves alike here: frames are read, and pings sent and answered, by
this class. Older versions read whatever has arrived before anybody else has a turn, keep a pong for
each ping until the client reads it, and close without a code.
"""

import asyncio
import contextlib
from collections.abc import Awaitable, Callable

from tornado.iostream import StreamClosedError
from tornado.util import _websocket_mask
from tornado.websocket import WebSocketHandler, WebSocketProtocol13

from streamlab.server.websocket_frames import (
    CLOSE,
    LENGTH_BYTES,
    PING,
    PONG,
    TEXT,
    FrameError,
    Head,
    Messages,
    check_close,
    check_text,
    parse_head,
)

DRAIN_BYTES = 64 << 20
DRAIN_S = 5.0
WHOLE_COST_BYTES = 1024
"""A fragment of at most so many bytes costs as much as a message; a larger one costs less."""


class CheckedProtocol(WebSocketProtocol13):
    """Reads a client's frames one by one, with a turn for everybody else between any two.

    `pace` is given what a fragment or control frame costs, in messages, and returns what to wait
    for before the next frame is read; messages are paced by the handler's `on_message`. `fail` is
    called for a frame that may not be sent, and closes. What is under way is then read and thrown
    away for a while: a socket that is closed with something unread resets the connection, which
    destroys the close frame on its way.

    Whatever a client sends answers a ping: the pongs of a `lossless` one stand in line behind its
    frames, and while it waits for room they are not read at all. At most one pong waits to be
    written, for the latest ping, as RFC 6455 allows.
    """

    def __init__(
        self,
        handler: WebSocketHandler,
        protocol: WebSocketProtocol13,
        pace: Callable[[float], Awaitable[None] | None],
        fail: Callable[[FrameError], None],
    ) -> None:
        super().__init__(handler, False, protocol.params)
        self._pace = pace
        self._fail = fail
        self._messages = Messages(protocol.params.max_message_size)
        self._handling: asyncio.Future[None] | None = None
        self._is_heard = False
        self._pinging: asyncio.Task[None] | None = None
        self._pong: asyncio.Future[None] | None = None
        self._next_pong: bytes | None = None

    async def _receive_frame_loop(self) -> None:
        try:
            while not self.client_terminated:
                pause = await self._read_frame()
                await (pause or asyncio.sleep(0))
        except StreamClosedError:
            self._abort()
        except FrameError as error:
            self._fail(error)
            await self._drain()
            self._abort()
        finally:
            self.handler.on_ws_connection_close(self.close_code, self.close_reason)

    async def _read_frame(self) -> Awaitable[None] | None:
        """Read and handle a frame; return what to wait for before the next."""
        head = parse_head(await self._read_bytes(2))
        length = head.length
        if length in LENGTH_BYTES:
            length = int.from_bytes(await self._read_bytes(LENGTH_BYTES[length]), "big")
        if not head.is_control:
            self._messages.check(head, length)
        mask = await self._read_bytes(4)
        data = _websocket_mask(mask, await self._read_bytes(length))
        self._is_heard = True
        if head.is_control:
            self._handle_control(head, data)
            return self._pace(1.0)
        message = self._messages.add(head, data)
        if message is None:
            return self._pace(WHOLE_COST_BYTES / max(WHOLE_COST_BYTES, length))
        opcode, data = message
        if opcode == TEXT:
            check_text(data)
        self._handling = self._handle_message(opcode, data)
        if self._handling is not None:
            await self._handling
        return None

    def _handle_control(self, head: Head, data: bytes) -> None:
        if head.opcode == PING:
            self._answer_ping(data)
            return
        if head.opcode == CLOSE:
            check_close(data)
        self._handle_message(head.opcode, data)

    async def _drain(self) -> None:
        with contextlib.suppress(StreamClosedError, TimeoutError):
            async with asyncio.timeout(DRAIN_S):
                left = DRAIN_BYTES
                while left > 0:
                    left -= len(await self.stream.read_bytes(1 << 16, partial=True))
                    await asyncio.sleep(0)

    def _answer_ping(self, data: bytes) -> None:
        if self._pong is not None and not self._pong.done():
            self._next_pong = data
            return
        self._next_pong = None
        if self.server_terminated:
            return
        try:
            self._pong = self._write_frame(True, PONG, data)
        except StreamClosedError:
            self._abort()
            return
        self._pong.add_done_callback(self._answer_next_ping)

    def _answer_next_ping(self, written: asyncio.Future[None]) -> None:
        if not written.cancelled() and written.exception() is None and self._next_pong is not None:
            self._answer_ping(self._next_pong)

    @property
    def ping_timeout(self) -> float:
        """Seconds for the answer to a ping: those between pings unless less is configured."""
        return min(self.params.ping_timeout or self.ping_interval, self.ping_interval)

    def start_pinging(self) -> None:
        """Send a ping each `ping_interval`, and close if nothing comes for `ping_timeout` after."""
        if self._pinging is None and self.ping_interval > 0:
            self._pinging = asyncio.ensure_future(self._keep_pinging())

    async def _keep_pinging(self) -> None:
        timeout_s, rest_s = self.ping_timeout, self.ping_interval - self.ping_timeout
        await asyncio.sleep(self.ping_interval)
        while True:
            self._is_heard = self._handling is not None and not self._handling.done()
            with contextlib.suppress(StreamClosedError):
                self.write_ping(b"")
            await asyncio.sleep(timeout_s)
            if not self._is_heard:
                self.close(reason="ping timed out")
                return
            await asyncio.sleep(rest_s)

    def close(self, code: int | None = None, reason: str | None = None) -> None:
        """Close; with a reason and no code, as one that is normal."""
        super().close(code, reason)
        if self._pinging is not None:
            self._pinging.cancel()
            self._pinging = None
