"""What every handler of both hosts has in common: headers, a small body, a log without secrets."""

import logging
from types import TracebackType
from typing import Any

from tornado.httputil import HTTPServerRequest
from tornado.web import Application, HTTPError, RequestHandler, stream_request_body

log = logging.getLogger(__name__)

MAX_BODY_BYTES = 1 << 20
"""Longest body that is read from a connection, whatever is kept of it."""
SMALL_BODY_BYTES = 1 << 17
"""A refused request's body of at most so many bytes is read and thrown away before the answer."""


@stream_request_body
class Handler(RequestHandler):
    """A handler that keeps at most `max_body_bytes` of a body, and those only once it is let in.

    `prepare`, with which the host asks for credentials, is called before the body is read.
    """

    max_body_bytes = 0

    def __init__(self, application: Application, request: HTTPServerRequest, **kwargs: Any) -> None:
        self._body = bytearray()
        super().__init__(application, request, **kwargs)
        connection: Any = request.connection
        connection.set_max_body_size(MAX_BODY_BYTES)
        if "service" in kwargs:
            connection.set_body_timeout(kwargs["service"].settings.request_timeout_s)

    def clear(self) -> None:
        """Begin the answer anew: what it is is what it says it is, and of no known version."""
        super().clear()
        self.set_header("X-Content-Type-Options", "nosniff")
        self.clear_header("Server")

    @property
    def body(self) -> bytes:
        """The body, or its first `max_body_bytes` and one more where it is longer."""
        return bytes(self._body)

    def wants_body(self) -> bool:
        """Say whether the body is kept."""
        return True

    def data_received(self, chunk: bytes) -> None:
        """Keep what is wanted of the body."""
        if self.wants_body():
            self._body += chunk[: self.max_body_bytes + 1 - len(self._body)]

    def log_exception(
        self,
        typ: type[BaseException] | None,
        value: BaseException | None,
        tb: TracebackType | None,
    ) -> None:
        """Log an error without the query, in which a token may stand, nor any other value of it."""
        request = f"{self.request.method} {self.request.path} ({self.request.remote_ip})"
        if not isinstance(value, HTTPError):
            log.error("uncaught error in %s", request, exc_info=value)
        elif value.log_message:
            log.warning("%s: %s", value.status_code, request)


class EarlyRefusal(Handler):
    """Comes before the host's own class: answers a refused request when its small body is read.

    An answer while the client still sends is lost if the connection is then closed. A long body is
    not waited for.
    """

    _refusal: HTTPError | None = None

    async def prepare(self) -> None:
        """Check the request, as the host does; a refusal with a small body waits for its end."""
        try:
            checked: Any = super().prepare()
            if checked is not None:
                await checked
        except HTTPError as refusal:
            if not self._has_small_body:
                raise
            self._refusal = refusal
            setattr(self, str(self.request.method).lower(), self._raise_refusal)

    def wants_body(self) -> bool:
        """Throw the body of a refused request away."""
        return self._refusal is None and super().wants_body()

    @property
    def _has_small_body(self) -> bool:
        length = self.request.headers.get("Content-Length", "")
        return length.isascii() and length.isdigit() and 0 < int(length[:9]) <= SMALL_BODY_BYTES

    def _raise_refusal(self, *path: str) -> None:
        assert self._refusal is not None
        raise self._refusal
