"""The streaming handler, but for authentication, which is its host's."""

import asyncio
import logging
from collections import deque
from collections.abc import Awaitable
from typing import Any

from tornado.websocket import WebSocketClosedError, WebSocketHandler, WebSocketProtocol13

from streamlab.errors import IdleTimeoutError, InternalError, ProtocolError
from streamlab.server.handler import Handler
from streamlab.server.pacing import Pacer
from streamlab.server.protocol import CheckedProtocol
from streamlab.server.query import parse_query
from streamlab.server.service import StreamService
from streamlab.server.websocket_frames import TOO_BIG, FrameError
from streamlab.sessions.manager import SessionManager
from streamlab.sessions.messages import error_message

log = logging.getLogger(__name__)

REASON_BYTES = 123
"""Longest close reason that a WebSocket close frame can carry."""


class JsonSocket(Handler, WebSocketHandler):
    """A WebSocket that sends JSON and knows how much of it the other side has not read."""

    service: StreamService

    def initialize(self, service: StreamService) -> None:
        """Keep the server's shared part."""
        self.service = service
        self._pacer = Pacer()
        self._unsent: deque[int] = deque()
        self._unsent_bytes = 0

    @property
    def unsent_bytes(self) -> int:
        """Bytes that wait behind the message under way, which may be as large as it likes."""
        return self._unsent_bytes - self._unsent[0] if self._unsent else 0

    def get_websocket_protocol(self) -> WebSocketProtocol13 | None:
        """Return a protocol that reads fairly, and closes with the code of what is wrong."""
        protocol = super().get_websocket_protocol()
        if not isinstance(protocol, WebSocketProtocol13):
            return None
        return CheckedProtocol(self, protocol, self.pace, self.refuse_frame)

    def pace(self, cost: float = 1.0) -> Awaitable[None] | None:
        """Count a message; return what to wait for before the next is read, if anything."""
        delay_s = self._pacer.delay(asyncio.get_running_loop().time(), cost)
        return asyncio.sleep(delay_s) if delay_s else None

    def refuse_frame(self, error: FrameError) -> None:
        """Close for a frame that a client may not send, and end at once."""
        log.info("closed with %s, %s: %s", error.code, error.reason, self.request.remote_ip)
        self.close(error.code, error.reason)
        self.finish_up()

    def open(self, *args: str, **kwargs: str) -> Awaitable[None] | None:
        """Begin, or refuse what the URL asks for."""
        self.set_nodelay(True)
        self.service.attach(self)
        try:
            self.begin()
        except ProtocolError as error:
            self._refuse(error)
        except Exception as error:  # noqa: BLE001 - the client is told, the log has the traceback
            self._refuse(InternalError.because_of(error))
        return None

    def on_close(self) -> None:
        """End with the connection."""
        self.service.detach(self)
        self.finish_up()

    def begin(self) -> None:
        """Do what the URL asks for; a `ProtocolError` is sent to the client before the close."""
        raise NotImplementedError

    def finish_up(self) -> None:
        """Undo what `begin` did."""
        raise NotImplementedError

    def send(self, message: bytes) -> None:
        """Write one text message; nothing happens if the other side has gone."""
        try:
            written = self.write_message(message)
        except WebSocketClosedError:
            return
        self._unsent.append(len(message))
        self._unsent_bytes += len(message)

        def taken(_: Any) -> None:
            self._unsent_bytes -= self._unsent.popleft()
            if not written.cancelled():
                written.exception()

        written.add_done_callback(taken)

    def end(self, error: ProtocolError) -> None:
        """Close with the error's code, its detail as the reason."""
        self.close(error.close_code, error.detail.encode()[:REASON_BYTES].decode(errors="ignore"))

    def _refuse(self, error: ProtocolError) -> None:
        self.service.refused(error)
        self.send(error_message(error))
        self.end(error)

    def query(self) -> dict[str, str]:
        """Return the query parameters, the last value of each."""
        return {name: values[-1] for name, values in self.query_values().items()}

    def query_values(self) -> dict[str, list[str]]:
        """Return the query parameters, all values of each."""
        return {
            name: [value.decode(errors="replace") for value in values]
            for name, values in self.request.query_arguments.items()
        }


class StreamSocket(JsonSocket):
    """Runs a session: every binary message is a frame, and gets one answer."""

    session: SessionManager | None = None
    _heard_s = 0.0
    _idle_timer: asyncio.TimerHandle | None = None

    @property
    def guest(self) -> str | None:
        """Name of a user who is let in but is not the one that the server is run for, if known."""
        return None

    @property
    def max_message_size(self) -> int:
        """Largest message that is read, bytes."""
        return self.service.settings.max_frame_bytes

    def begin(self) -> None:
        """Open the session that the URL asks for."""
        query = parse_query(self.query_values(), self.service.pipelines, self.service.settings)
        self.session = self.service.open_session(query, self, self.guest)
        self._heard_s = asyncio.get_running_loop().time()
        self._end_if_idle()

    def end(self, error: ProtocolError) -> None:
        """Close, and count the session out at once, however long its client takes to go."""
        super().end(error)
        self.finish_up()

    def finish_up(self) -> None:
        """End the session."""
        if self._idle_timer is not None:
            self._idle_timer.cancel()
        if self.session is not None:
            self.service.close_session(self.session)

    def on_message(self, message: str | bytes) -> Awaitable[None] | None:
        """Offer a message to the session; where it may pause, read on when it has room."""
        if self.session is None:
            return None
        self._heard_s = asyncio.get_running_loop().time()
        try:
            self.session.receive(message)
        except Exception as error:  # noqa: BLE001 - the client is told, the log has the traceback
            self.session.fail(InternalError.because_of(error))
        if self.session.policy.pauses:
            return self.session.room()
        return self.pace()

    def _end_if_idle(self) -> None:
        """End the session if no frame has come for too long and none waits; else look later."""
        timeout_s = self.service.settings.idle_timeout_s
        if self.session is None or timeout_s is None:
            return
        loop = asyncio.get_running_loop()
        left_s = self._heard_s + timeout_s - loop.time()
        if self.session.ledger.waiting or self.session.ledger.in_flight:
            left_s = timeout_s
        if left_s > 0:
            self._idle_timer = loop.call_later(left_s, self._end_if_idle)
        else:
            self.session.fail(IdleTimeoutError(timeout_s))

    def refuse_frame(self, error: FrameError) -> None:
        """Close; for a message over the size limit, with the session's own error before it."""
        if error.code == TOO_BIG and self.session is not None:
            self.session.refuse_oversize()
        super().refuse_frame(error)
