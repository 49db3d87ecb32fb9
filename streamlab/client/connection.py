"""Connecting to a server, standalone or Jupyter, and saying plainly why it did not work."""

from urllib.parse import quote, urlencode, urlsplit, urlunsplit

from tornado.httpclient import HTTPClientError, HTTPRequest
from tornado.websocket import WebSocketClientConnection, websocket_connect

from streamlab.errors import ServerError
from streamlab.sessions.messages import STREAM_PATH

CONNECT_TIMEOUT_S = 10.0
MAX_ANSWER_BYTES = 64 << 20
SCHEMES = ("http", "https", "ws", "wss")


def stream_url(base_url: str, **query: object) -> str:
    """Return the address of a session: `base_url`, http(s) or ws(s), and its query parameters.

    A parameter that is a list is repeated, one that is None left out. A `base_url` that ends in the
    stream's own path, query and all, is taken as it is and added to.

    >>> stream_url("http://127.0.0.1:8000", pipeline_id="yolo", policy=None)
    'ws://127.0.0.1:8000/ws/video/stream?pipeline_id=yolo'
    """
    try:
        parts = urlsplit(base_url if "//" in base_url else f"http://{base_url}")
    except ValueError as error:
        raise ServerError(f"{_shown(base_url)}: not an address: {error}") from None
    if parts.scheme not in SCHEMES:
        raise ServerError(f"{_shown(base_url)}: not an address: {', '.join(SCHEMES)} are allowed")
    scheme = {"http": "ws", "https": "wss"}.get(parts.scheme, parts.scheme)
    path = parts.path.rstrip("/")
    if not path.endswith(STREAM_PATH):
        path += STREAM_PATH
    given = {name: value for name, value in query.items() if value is not None}
    encoded = urlencode(given, doseq=True, quote_via=quote)
    joined = "&".join(filter(None, (parts.query, encoded)))
    return urlunsplit((scheme, parts.netloc, path, joined, ""))


async def connect(url: str, token: str | None = None) -> WebSocketClientConnection:
    """Open a WebSocket; raises `ServerError` with the reason in one line."""
    headers = {"Authorization": f"token {token}"} if token else {}
    try:
        request = HTTPRequest(url, headers=headers, connect_timeout=CONNECT_TIMEOUT_S)
        connection = await websocket_connect(request, max_message_size=MAX_ANSWER_BYTES)
    except HTTPClientError as error:
        reason = {
            403: "access denied: missing or wrong token",
            599: f"no answer: {error.message}",
            404: "there is no streamlab at this address",
        }.get(error.code, f"it answered {error.code} {error.message}")
        raise ServerError(f"{_shown(url)}: {reason}") from None
    except (OSError, ValueError) as error:
        raise ServerError(f"{_shown(url)}: cannot connect: {error}") from None
    # a frame is a segment that is not full: Nagle's algorithm would keep it back until the one
    # before it is acknowledged, which a server that is busy does late
    if connection.protocol is not None:
        connection.protocol.set_nodelay(True)
    return connection


def _shown(url: str) -> str:
    """Return an address without its query, which may hold a token."""
    return url.partition("?")[0]
