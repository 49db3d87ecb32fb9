"""Real sessions against a server in a process of its own."""

import asyncio
import contextlib
import subprocess
import sys
from collections.abc import Iterator, Sequence
from pathlib import Path

from streamlab.client.connection import stream_url
from streamlab.client.record import SessionRecord
from streamlab.client.session import StreamClient
from streamlab.client.spool import FrameSpool
from streamlab.media.samples import DEFAULT_PIPELINE, default_pipeline, sample_names
from streamlab.server.subprocess import ServerProcess


def drawn_samples() -> list[str]:
    """Return the samples that `yolo_ocr` is for."""
    return [name for name in sample_names() if default_pipeline(name) == DEFAULT_PIPELINE]


@contextlib.contextmanager
def encoded(path: Path) -> Iterator[FrameSpool]:
    """A video's frames, all encoded before anything is measured."""
    with FrameSpool(path) as spool:
        spool.wait_for(1 << 30)
        yield spool


@contextlib.contextmanager
def warm_server(
    *options: str, environment: dict[str, str] | None = None
) -> Iterator[ServerProcess]:
    """A server whose models are loaded."""
    with ServerProcess(options, environment) as server:
        server.wait_until_warm()
        yield server


def stream(
    base_url: str,
    token: str,
    spools: Sequence[FrameSpool],
    fps: float,
    seconds: float,
    pipeline_id: str = "yolo_ocr",
) -> list[SessionRecord]:
    """Stream one session for each spool, all at once, looping its video."""

    async def run() -> list[SessionRecord]:
        url = stream_url(base_url, pipeline_id=pipeline_id, detail="full")
        clients = [StreamClient(url, pipeline_id, fps, token) for _ in spools]
        return await asyncio.gather(
            *(
                client.run(spool, loop_video=True, seconds=seconds)
                for client, spool in zip(clients, spools, strict=True)
            )
        )

    return asyncio.run(run())


@contextlib.contextmanager
def inline_server() -> Iterator[str]:
    """The address of `benchmarks.inline_server`, in a process of its own."""
    with subprocess.Popen(
        [sys.executable, "-m", "benchmarks.inline_server"], stdout=subprocess.PIPE, text=True
    ) as process:
        assert process.stdout is not None
        try:
            yield process.stdout.readline().strip()
        finally:
            process.kill()
