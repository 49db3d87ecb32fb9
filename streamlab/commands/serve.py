"""`streamlab serve`: the standalone server, until it is stopped."""

import asyncio
import contextlib
import logging
import os
import threading
from collections.abc import Iterable
from pathlib import Path
from urllib.parse import quote

import click

from streamlab.errors import ServerError
from streamlab.server.app import StandaloneServer, stop_on_signals
from streamlab.server.log_lines import JsonLines, TextLines, escaped
from streamlab.server.logs import SESSIONS_LOG
from streamlab.server.routes import (
    EVENTS_PATH,
    HEALTH_PATH,
    METRICS_PATH,
    PIPELINES_PATH,
    STREAM_PATH,
)
from streamlab.server.service import StreamService
from streamlab.settings import Settings
from streamlab.workers.pool import WorkerKind

TOKEN_VARIABLE = "STREAM_TOKEN"


def choose_token(token: str | None, token_file: str | None) -> str | None:
    """Return the token that was given, in a file, or by `STREAM_TOKEN`; raises `ServerError`.

    The variable is taken out of the environment: workers, and what tools start, need not have it.
    """
    from_environment = os.environ.pop(TOKEN_VARIABLE, "") or None
    if token is not None and token_file is not None:
        raise ServerError("--token and --token-file: one of the two is allowed")
    if token_file is None:
        return from_environment if token is None else token
    try:
        return Path(token_file).expanduser().read_text(encoding="utf-8").strip()
    except (OSError, RuntimeError, ValueError) as error:
        problem = getattr(error, "strerror", None) or error
        raise ServerError(f"--token-file {token_file}: {problem}") from None


def run_server(
    host: str,
    port: int,
    token: str | None,
    workers: int | None,
    worker_kind: WorkerKind,
    log_json: bool,
    allow_origins: Iterable[str] = (),
    until_stdin_ends: bool = False,
    settings: Settings | None = None,
) -> None:
    """Serve until Ctrl-C, SIGTERM or SIGHUP; raises `StreamlabError` if it cannot start.

    Without `settings` they are those of the environment.

    With `until_stdin_ends` also until standard input ends, as it does with the parent process.
    """
    handler = logging.StreamHandler()
    handler.setFormatter(JsonLines(SESSIONS_LOG) if log_json else TextLines())
    logging.basicConfig(level=logging.WARNING, handlers=[handler])
    if log_json:
        logging.getLogger(SESSIONS_LOG).setLevel(logging.INFO)
    settings = settings or Settings.from_environment()
    service = StreamService(settings, worker_kind=worker_kind, workers=workers, log_json=log_json)
    for problem in service.describe_pipelines()["problems"]:
        click.echo(f"streamlab: left out: {escaped(problem)}", err=True)
    server = StandaloneServer(service, host, port, token, allow_origins)
    asyncio.run(_serve(server, until_stdin_ends))


async def _serve(server: StandaloneServer, until_stdin_ends: bool) -> None:
    # before the addresses are printed: a parent that reads them may stop the server at once
    stopped = stop_on_signals()
    if until_stdin_ends:
        threading.Thread(
            target=_wait_for_end_of_stdin,
            args=(asyncio.get_running_loop(), stopped),
            daemon=True,
        ).start()
    async with server:
        for line in addresses(server):
            click.echo(line)
        await stopped.wait()
    with contextlib.suppress(OSError):  # the terminal has gone
        click.echo("streamlab: stopped")


def _wait_for_end_of_stdin(loop: asyncio.AbstractEventLoop, stopped: asyncio.Event) -> None:
    while os.read(0, 1024):
        pass
    with contextlib.suppress(RuntimeError):  # the loop has ended already
        loop.call_soon_threadsafe(stopped.set)


def addresses(server: StandaloneServer) -> list[str]:
    """Return a line for each thing that a server answers with, the page for people first."""
    base = server.base_url
    end = f"?token={quote(server.token)}" if server.token else ""
    ids = ", ".join(server.service.pipelines.ids())
    return [
        f"streamlab serves at {base}",
        f"  live view  {base}/{end}",
        f"  stream     ws{base.removeprefix('http')}{STREAM_PATH}?pipeline_id=yolo_ocr"
        + end.replace("?", "&"),
        f"  events     ws{base.removeprefix('http')}{EVENTS_PATH}?topic=sessions"
        + end.replace("?", "&"),
        f"  health     {base}{HEALTH_PATH}{end}",
        f"  pipelines  {base}{PIPELINES_PATH}{end} ({ids})",
        f"  metrics    {base}{METRICS_PATH}{end}",
    ]
