"""Content security policies: what a browser lets each kind of file do."""

import re

_PLAIN_HOST = re.compile(r"[A-Za-z0-9-]+(\.[A-Za-z0-9-]+)*(:[0-9]{1,5})?")

INERT = "default-src 'none'; style-src 'unsafe-inline'; sandbox"
"""Of what is a picture, a style or data, and runs nothing even where it is opened as a page."""


def page_policy(host: str, frame_ancestors: str) -> str:
    """Return the policy of the page: this server's scripts, styles and streams, and no others."""
    return _joined(
        "default-src 'none'",
        "script-src 'self'",
        "style-src 'self'",
        "img-src 'self' blob:",
        "media-src 'self' blob:",
        "worker-src 'self'",
        _connections(host),
        "base-uri 'none'",
        "form-action 'none'",
        f"frame-ancestors {frame_ancestors}",
        "require-trusted-types-for 'script'",
    )


def script_policy(host: str) -> str:
    """Return the policy of a script: as a worker it has its own, not that of its page."""
    return _joined(
        "default-src 'none'",
        "script-src 'self'",
        "worker-src 'self'",
        _connections(host),
        "require-trusted-types-for 'script'",
    )


def _connections(host: str) -> str:
    # older browsers do not count a WebSocket to the page's own host as 'self'; a host that is not
    # plain could end the directive and begin another
    if not _PLAIN_HOST.fullmatch(host):
        return "connect-src 'self'"
    return f"connect-src 'self' ws://{host} wss://{host}"


def _joined(*directives: str) -> str:
    return "; ".join(directives)
