"""Asking a server over HTTP, and saying plainly why there was no answer."""

import urllib.error
import urllib.request
from typing import Any

import msgspec

from streamlab.errors import ServerError

TIMEOUT_S = 60.0


def ask(
    base_url: str, path: str, token: str | None = None, patch: dict[str, Any] | None = None
) -> Any:
    """Return the parsed JSON of a GET, or of a PATCH with a JSON body; raises `ServerError`."""
    headers = {"Authorization": f"token {token}"} if token else {}
    body = None if patch is None else msgspec.json.encode(patch)
    url = base_url.rstrip("/") + path
    try:
        request = urllib.request.Request(
            url, body, headers, method="GET" if patch is None else "PATCH"
        )
        with urllib.request.urlopen(request, timeout=TIMEOUT_S) as answer:
            return msgspec.json.decode(answer.read())
    except urllib.error.HTTPError as error:
        raise ServerError(f"{base_url}: {_reason(error)}") from None
    except msgspec.DecodeError:
        raise ServerError(f"{base_url}: there is no streamlab at this address") from None
    except (OSError, ValueError) as error:
        reason = getattr(error, "reason", None) or error
        raise ServerError(f"{base_url}: the server does not answer: {reason}") from None


def _reason(error: urllib.error.HTTPError) -> str:
    try:
        body = msgspec.json.decode(error.read(), type=dict[str, Any])
    except (msgspec.DecodeError, OSError):
        body = {}
    if "detail" in body:
        return str(body["detail"])
    reasons = {
        401: "access denied: missing or wrong token",
        403: "access denied: missing or wrong token",
        404: "there is no streamlab at this address",
        424: "this user's server does not run; start it at the hub",
    }
    return reasons.get(error.code, f"it answered {error.code} {error.reason}")
