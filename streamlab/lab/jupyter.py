"""Finds the Jupyter server that started this kernel, from its runtime file or JupyterHub."""

import json
import os
from pathlib import Path
from typing import NamedTuple
from urllib.parse import urlsplit, urlunsplit

PARENT_VARIABLE = "JPY_PARENT_PID"
"""Set by Jupyter for every local kernel: id of the process that started it."""
HUB_URL_VARIABLE, HUB_TOKEN_VARIABLE = "JUPYTERHUB_SERVICE_URL", "JUPYTERHUB_API_TOKEN"
"""Set by JupyterHub for a user's server, its kernels and terminals: the server's address and a
token."""


class JupyterServer(NamedTuple):
    """A server's address, `base_url` included, and its token ("" if it needs none)."""

    url: str
    token: str
    asks_for_password: bool


def find_jupyter_server() -> JupyterServer | None:
    """Return the server that started this kernel, or the hub's server of its user, else None."""
    return _by_runtime_file() or _by_hub()


def _by_runtime_file() -> JupyterServer | None:
    parent = os.environ.get(PARENT_VARIABLE, "")
    if not parent.isdigit():
        return None
    from jupyter_core.paths import jupyter_runtime_dir

    path = Path(jupyter_runtime_dir()) / f"jpserver-{parent}.json"
    try:
        info = json.loads(path.read_text())
        host = _host(info.get("hostname", ""))
        address = f"http{'s' if info.get('secure') else ''}://{host}:{info['port']}"
        url = info["url"] if info.get("sock") else address + info["base_url"]
    except (OSError, ValueError, KeyError, TypeError):
        return None
    return JupyterServer(url.rstrip("/"), info.get("token") or "", bool(info.get("password")))


def _by_hub() -> JupyterServer | None:
    token = os.environ.get(HUB_TOKEN_VARIABLE, "")
    try:
        info = urlsplit(os.environ.get(HUB_URL_VARIABLE, ""))
        port = "" if info.port is None else f":{info.port}"
    except ValueError:
        return None
    if not token or info.scheme not in ("http", "https"):
        return None
    url = urlunsplit((info.scheme, _host(info.hostname or "") + port, info.path, "", ""))
    return JupyterServer(url.rstrip("/"), token, asks_for_password=False)


def _host(host: str) -> str:
    """Return a host to connect to, for the host that a server on this machine listens on."""
    if host in ("", "0.0.0.0", "::", "*"):
        return "127.0.0.1"
    return f"[{host}]" if ":" in host else host
