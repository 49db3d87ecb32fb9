"""Who may use a standalone server."""

import hmac
import ipaddress
from urllib.parse import urlsplit

from tornado.httputil import HTTPServerRequest
from tornado.web import HTTPError, RequestHandler

LOOPBACK_NAME = "localhost"


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


def _host_name(request: HTTPServerRequest) -> str:
    try:
        return urlsplit(f"//{request.host}").hostname or ""
    except ValueError:  # such as a bracket that is not closed
        return ""


class Guarded(RequestHandler):
    """Refuses, with 403, a request without the server's token.

    A server without a token serves this machine alone: a request must name a loopback host, so
    that no web page gets in through a name of its own that resolves to 127.0.0.1.
    """

    needs_token = True

    def prepare(self) -> None:
        """Check the request before its handler runs."""
        token: str | None = self.settings["token"]
        if token is None:
            if not is_loopback(_host_name(self.request)):
                raise HTTPError(403, reason="Without a token only loopback names are served")
        elif not self.needs_token:
            return
        elif not hmac.compare_digest(presented_token(self.request).encode(), token.encode()):
            raise HTTPError(403, reason="Missing or wrong token")


class Public(Guarded):
    """Serves what is no secret to whoever has no token yet."""

    needs_token = False
