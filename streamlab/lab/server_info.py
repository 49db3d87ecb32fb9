"""Information about a server that its recordings hold."""

from typing import Any
from urllib.parse import urlsplit, urlunsplit

from streamlab.client.http import ask
from streamlab.errors import OptionError
from streamlab.server.routes import HEALTH_PATH, PIPELINES_PATH, STREAM_PATH


def http_url(url: str) -> str:
    """Return the base URL of a server's HTTP paths, for any of its addresses.

    >>> http_url("ws://127.0.0.1:8000/lab/ws/video/stream?token=t")
    'http://127.0.0.1:8000/lab'
    """
    parts = urlsplit(url if "//" in url else f"http://{url}")
    scheme = {"ws": "http", "wss": "https"}.get(parts.scheme, parts.scheme)
    path = parts.path.rstrip("/").removesuffix(STREAM_PATH).rstrip("/")
    return urlunsplit((scheme, parts.netloc, path, "", ""))


def about_server(base_url: str, token: str | None, pipeline_id: str, policy: str) -> dict[str, Any]:
    """Return the server's health (workers, cores, default settings) and `deferring` nodes.

    Raises `ServerError`, and `OptionError` for a pipeline or policy that the server does not have.
    """
    listed = ask(base_url, PIPELINES_PATH, token)["pipelines"]
    described = {pipeline["id"]: pipeline for pipeline in listed}
    if pipeline_id not in described:
        raise OptionError("pipeline_id", pipeline_id, f"the server has {', '.join(described)}")
    deferring = described[pipeline_id].get("deferring", [])
    health = ask(base_url, HEALTH_PATH, token)
    if policy not in health.get("policies", (policy,)):
        served = ", ".join(health["policies"])
        where = 'connect(where="kernel") serves those that are defined in this process'
        raise OptionError("policy", policy, f"the server has {served}; {where}")
    return {**health, "deferring": deferring}
