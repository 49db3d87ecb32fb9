"""The Jupyter server that this kernel runs under, as its own runtime files tell."""

import json
import os
from pathlib import Path
from typing import NamedTuple
from urllib.parse import urlsplit, urlunsplit

PARENT_VARIABLE = "JPY_PARENT_PID"
"""Set by Jupyter for every local kernel: the process that started it."""
HUB_URL_VARIABLE, HUB_TOKEN_VARIABLE = "JUPYTERHUB_SERVICE_URL", "JUPYTERHUB_API_TOKEN"
"""Set by JupyterHub for a user's server, and so for its kernels and terminals: where the server
listens, and a token that opens it."""


class JupyterServer(NamedTuple):
    """Where a server answers, `base_url` included, and its token ("" where it asks for none)."""

    url: str
    token: str
    asks_for_password: bool


def find_jupyter_server() -> JupyterServer | None:
    """Return the server around this process; None outside one, or where none can be told.

    That is the one that started this kernel, or, at a hub, the user's server.
    """
    return _by_runtime_file() or _by_hub()


def _by_runtime_file() -> JupyterServer | None:
    parent = os.environ.get(PARENT_VARIABLE, "")
    if not parent.isdigit():
        return None
    from jupyter_core.paths import jupyter_runtime_dir

    path = Path(jupyter_runtime_dir()) / f"jpserver-{parent}.json"
    try:
        told = json.loads(path.read_text())
        host = _host(told.get("hostname", ""))
        address = f"http{'s' if told.get('secure') else ''}://{host}:{told['port']}"
        url = told["url"] if told.get("sock") else address + told["base_url"]
    except (OSError, ValueError, KeyError, TypeError):
        return None
    return JupyterServer(url.rstrip("/"), told.get("token") or "", bool(told.get("password")))


def _by_hub() -> JupyterServer | None:
    token = os.environ.get(HUB_TOKEN_VARIABLE, "")
    try:
        told = urlsplit(os.environ.get(HUB_URL_VARIABLE, ""))
        port = "" if told.port is None else f":{told.port}"
    except ValueError:
        return None
    if not token or told.scheme not in ("http", "https"):
        return None
    url = urlunsplit((told.scheme, _host(told.hostname or "") + port, told.path, "", ""))
    return JupyterServer(url.rstrip("/"), token, asks_for_password=False)


def _host(host: str) -> str:
    """Return a host that this machine reaches a server by that listens there."""
    if host in ("", "0.0.0.0", "::", "*"):
        return "127.0.0.1"
    return f"[{host}]" if ":" in host else host
