"""Which pages of other origins may use a standalone server."""

import re
from collections.abc import Iterable

from streamlab.errors import ServerError

ANY = "*"

_ORIGIN = re.compile(r"[a-z][a-z0-9+.-]*://([a-z0-9_.-]+|\[[0-9a-f:.]+\])(:[0-9]{1,5})?")
_DEFAULT_PORT = re.compile(r"(?<=^http):(//.*):80$|(?<=^https):(//.*):443$")
OPAQUE = "null"
"""What a page without an origin of its own, such as a file or a sandboxed frame, says it is."""


class AllowedOrigins:
    """Origins such as `https://lab.example:8888`, or `*` for any; raises `ServerError`.

    >>> "https://lab.example" in AllowedOrigins(["https://LAB.example:443/"])
    True
    """

    def __init__(self, origins: Iterable[str] = ()) -> None:
        self._origins = frozenset(map(_normal, origins))

    def __bool__(self) -> bool:
        return bool(self._origins)

    def __contains__(self, origin: object) -> bool:
        if not isinstance(origin, str):
            return False
        if ANY in self._origins:
            # it comes back in a header of the answer, and must be no more than an origin
            return origin == OPAQUE or bool(_ORIGIN.fullmatch(origin))
        return origin in self._origins


def _normal(origin: str) -> str:
    """Return an origin as browsers write it."""
    written = origin.strip().lower().removesuffix("/")
    if written == ANY:
        return ANY
    if not _ORIGIN.fullmatch(written):
        raise ServerError(f"origin {origin!r}: SCHEME://HOST[:PORT] is allowed, or {ANY} for any")
    return _DEFAULT_PORT.sub(lambda found: f":{found[1] or found[2]}", written)
