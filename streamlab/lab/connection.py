"""`connect`: finds or starts a server and returns a `Lab`."""

import secrets
from dataclasses import fields
from typing import Literal

from streamlab.client.options import one_of, whole
from streamlab.errors import OptionError, ServerError
from streamlab.lab.jupyter import find_jupyter_server
from streamlab.lab.lab import Lab
from streamlab.lab.streaming import notice
from streamlab.pipelines.registry import PipelineRegistry
from streamlab.server.service import StreamService
from streamlab.server.subprocess import ServerProcess
from streamlab.server.thread_server import EmbeddedServer
from streamlab.settings import Settings, variable_of

Where = Literal["jupyter", "process", "kernel"]
WHERE: tuple[Where, ...] = ("jupyter", "process", "kernel")


def connect(
    url: str | None = None,
    token: str | None = None,
    *,
    where: Where | None = None,
    pipelines: PipelineRegistry | None = None,
    settings: Settings | None = None,
    workers: int | None = None,
) -> "Lab":
    """Return a `Lab` for the server at `url`, this kernel's Jupyter server, or one it starts.

    Without `url` and `where`, the Jupyter server that started this kernel is used; if there is
    none, or it has no streamlab, a server process is started, which ends with the lab or with this
    process. `where="kernel"` runs the server in a thread of this process, for `pipelines` with
    tools that are defined here; client and server then share the interpreter, which affects
    latencies. `settings` and `workers` are those of a server that is started. Raises `ServerError`.

    >>> with connect() as lab:
    ...     recording = lab.stream("gate_easy")
    """
    whole("workers", workers, 1)
    if where is not None:
        one_of("where", where, WHERE)
    if url is not None:
        return Lab(url.rstrip("/"), token, "a server that runs already")
    if pipelines is not None and where != "kernel":
        raise OptionError("pipelines", "…", 'needs where="kernel": other servers have their own')
    if where == "kernel":
        service = StreamService(settings, pipelines, "thread", workers)
        embedded = EmbeddedServer(service, secrets.token_urlsafe(16))
        return Lab.owning(embedded, "a server in a thread of this process")
    wants_own = where == "process" or settings is not None or workers is not None
    if not wants_own or where == "jupyter":
        found = _jupyter_lab(insist=where == "jupyter")
        if found is not None:
            return found
    options = [] if workers is None else ["--workers", str(workers)]
    process = ServerProcess(options, _environment(settings))
    return Lab.owning(process, "a server process of its own")


def _jupyter_lab(insist: bool) -> "Lab | None":
    server = find_jupyter_server()
    if server is None:
        if insist:
            raise ServerError("this is not a kernel that a Jupyter server of this machine started")
        return None
    lab = Lab(server.url, server.token or None, "the Jupyter server around this kernel")
    try:
        lab.health()
    except ServerError as error:
        problem = str(error)
        if server.asks_for_password and not server.token:
            problem = f"{server.url}: it has a password and no token; start it with one"
        if insist:
            raise ServerError(problem) from None
        notice(f"{problem}; a server process is started instead")
        return None
    return lab


def _environment(settings: Settings | None) -> dict[str, str]:
    if settings is None:
        return {}
    values = {field.name: getattr(settings, field.name) for field in fields(Settings)}
    return {variable_of(name): "" if v is None else str(v) for name, v in values.items()}
