"""The Jupyter server that this kernel runs under, as its own runtime files tell."""

import json
import os
from pathlib import Path
from typing import NamedTuple

PARENT_VARIABLE = "JPY_PARENT_PID"
"""Set by Jupyter for every local kernel: the process that started it."""


class JupyterServer(NamedTuple):
    """Where a server answers, `base_url` included, and its token ("" where it asks for none)."""

    url: str
    token: str
    asks_for_password: bool


def find_jupyter_server() -> JupyterServer | None:
    """Return the server that started this kernel; None outside one, or where no server did."""
    parent = os.environ.get(PARENT_VARIABLE, "")
    if not parent.isdigit():
        return None
    from jupyter_core.paths import jupyter_runtime_dir

    path = Path(jupyter_runtime_dir()) / f"jpserver-{parent}.json"
    try:
        told = json.loads(path.read_text())
        address = f"http{'s' if told.get('secure') else ''}://{_host(told)}:{told['port']}"
        url = told["url"] if told.get("sock") else address + told["base_url"]
    except (OSError, ValueError, KeyError, TypeError):
        return None
    return JupyterServer(url.rstrip("/"), told.get("token") or "", bool(told.get("password")))


def _host(told: dict[str, str]) -> str:
    """Return a host that this machine reaches the server by."""
    host = told.get("hostname", "")
    if host in ("", "0.0.0.0", "::", "*"):
        return "127.0.0.1"
    return f"[{host}]" if ":" in host else host
