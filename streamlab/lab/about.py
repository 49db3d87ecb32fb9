"""What a recording tells of the server that it was made with."""

from typing import Any
from urllib.parse import urlsplit, urlunsplit

from streamlab.client.http import ask
from streamlab.errors import OptionError
from streamlab.server.routes import HEALTH_PATH, PIPELINES_PATH, STREAM_PATH


def http_url(url: str) -> str:
    """Return the base of a server's HTTP paths, for any address that can be streamed to.

    >>> http_url("ws://127.0.0.1:8000/lab/ws/video/stream?token=t")
    'http://127.0.0.1:8000/lab'
    """
    parts = urlsplit(url if "//" in url else f"http://{url}")
    scheme = {"ws": "http", "wss": "https"}.get(parts.scheme, parts.scheme)
    path = parts.path.rstrip("/").removesuffix(STREAM_PATH).rstrip("/")
    return urlunsplit((scheme, parts.netloc, path, "", ""))


def about_server(base_url: str, token: str | None, pipeline_id: str) -> dict[str, Any]:
    """Return workers, cores and default settings, and the pipeline's nodes that defer work.

    Raises `ServerError`, and `OptionError` for a pipeline that the server does not have.
    """
    told = ask(base_url, PIPELINES_PATH, token)["pipelines"]
    described = {pipeline["id"]: pipeline for pipeline in told}
    if pipeline_id not in described:
        raise OptionError("pipeline_id", pipeline_id, f"the server has {', '.join(described)}")
    deferring = described[pipeline_id].get("deferring", [])
    return {**ask(base_url, HEALTH_PATH, token), "deferring": deferring}
