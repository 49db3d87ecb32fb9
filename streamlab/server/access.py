"""Who may use a standalone server."""

import hmac
import ipaddress
from urllib.parse import urlsplit

from tornado.httputil import HTTPServerRequest
from tornado.web import HTTPError, RequestHandler

from streamlab.server.origins import AllowedOrigins
from streamlab.server.routes import Access, Route

LOOPBACK_NAME = "localhost"
OPEN = (Access.PUBLIC, Access.PAGE)
"""Paths that are served without a token."""
PREFLIGHT_HEADERS = {
    "Access-Control-Allow-Methods": "GET, HEAD, PATCH",
    "Access-Control-Allow-Headers": "Authorization, Content-Type, Range",
    "Access-Control-Max-Age": "600",
}


def is_loopback(host: str) -> bool:
    """Say whether a host name or address is this machine's own."""
    if host == LOOPBACK_NAME:
        return True
    try:
        return ipaddress.ip_address(host.strip("[]")).is_loopback
    except ValueError:
        return False


def presented_token(request: HTTPServerRequest) -> str:
    """Return the token of a request: `Authorization: Bearer TOKEN`, or `?token=TOKEN`."""
    scheme, _, credentials = request.headers.get("Authorization", "").partition(" ")
    if scheme.lower() in ("bearer", "token"):
        return credentials.strip()
    values = request.query_arguments.get("token", [b""])
    return values[-1].decode(errors="replace")


def has_token(request: HTTPServerRequest, token: str | None) -> bool:
    """Say whether a request presents the token, if there is one; it takes as long for any."""
    return token is None or hmac.compare_digest(presented_token(request).encode(), token.encode())


def _host_name(request: HTTPServerRequest) -> str:
    try:
        return urlsplit(f"//{request.host}").hostname or ""
    except ValueError:  # such as a bracket that is not closed
        return ""


class Guarded(RequestHandler):
    """Refuses, with 403, a request without the server's token, unless its route is open.

    A server without a token serves this machine alone: a request must name a loopback host, so
    that no web page gets in through a name of its own that resolves to 127.0.0.1. Pages of the
    server's allowed origins may read the answers, and still need the token; a WebSocket of any
    other foreign origin is refused.
    """

    route: Route

    def set_default_headers(self) -> None:
        """Let a page of an allowed origin read the answer, a refusal too."""
        super().set_default_headers()
        if self._allowed_origins:
            self.set_header("Vary", "Origin")
        if self._comes_from_allowed_origin:
            self.set_header("Access-Control-Allow-Origin", self.request.headers["Origin"])

    def prepare(self) -> None:
        """Check the request before its handler runs."""
        if self.request.method == "OPTIONS" and self._comes_from_allowed_origin:
            return  # a browser asks without the token whether it may come with it
        token: str | None = self.settings["token"]
        if token is None:
            if not is_loopback(_host_name(self.request)):
                raise HTTPError(403, reason="Without a token only loopback names are served")
        elif self.route.access_to(self.request.method or "") in OPEN:
            return
        elif not has_token(self.request, token):
            raise HTTPError(403, reason="Missing or wrong token")

    def options(self, *path: str) -> None:
        """Tell a browser what a page of an allowed origin may ask for; 405 for any other."""
        if not self._comes_from_allowed_origin:
            raise HTTPError(405)
        for name, value in PREFLIGHT_HEADERS.items():
            self.set_header(name, value)
        if self.request.headers.get("Access-Control-Request-Private-Network") == "true":
            self.set_header("Access-Control-Allow-Private-Network", "true")
        self.set_status(204)

    def check_origin(self, origin: str) -> bool:
        """Say whether a page of this origin may open a WebSocket."""
        own: bool = super().check_origin(origin)  # type: ignore[misc]  # of a WebSocketHandler
        return own or origin in self._allowed_origins

    @property
    def _allowed_origins(self) -> AllowedOrigins:
        origins: AllowedOrigins = self.settings["origins"]
        return origins

    @property
    def _comes_from_allowed_origin(self) -> bool:
        return self.request.headers.get("Origin") in self._allowed_origins
