"""`streamlab stream`: a real-time client against any server."""

import asyncio
import time
from collections.abc import Mapping
from dataclasses import dataclass, field

import click

from ..client.connection import stream_url
from ..client.record import FrameRow, SessionRecord
from ..client.session import StreamClient
from ..client.spool import FrameSpool
from ..client.summary import quantile, summary_lines
from ..errors import ServerError
from ..samples import find_video

READY_FRAMES = 900
"""Frames that are encoded before the first is sent, so that encoding disturbs nothing."""


@dataclass(frozen=True)
class StreamJob:
    """What to stream where; `fps` None means the video's own rate."""

    video: str
    url: str
    pipeline: str
    token: str | None = None
    fps: float | None = None
    sessions: int = 1
    loop_video: bool = False
    seconds: float | None = None
    query: Mapping[str, object] = field(default_factory=dict)


def run_stream(job: StreamJob) -> list[SessionRecord]:
    """Stream, print a line a second and a summary; raises `StreamlabError`.

    Ctrl-C ends the sessions early; they are summed up all the same.
    """
    with FrameSpool(find_video(job.video)) as spool:
        spool.wait_for(READY_FRAMES)
        if spool.error is not None and not spool.count:
            raise spool.error
        meter = Meter()
        fps = job.fps or spool.info.fps
        url = stream_url(job.url, pipeline_id=job.pipeline, detail="full", **job.query)
        clients = [
            StreamClient(url, job.pipeline, fps, job.token, meter.answered)
            for _ in range(job.sessions)
        ]
        try:
            asyncio.run(_stream(job, spool, clients, meter))
        except KeyboardInterrupt:
            click.echo("stopped early")
    records = [client.record for client in clients]
    for number, record in enumerate(records, 1):
        name = f"session {number}: " if len(records) > 1 else ""
        first, *rest = summary_lines(record)
        click.echo(name + first)
        for line in rest:
            click.echo("  " + line)
    if spool.error is not None:
        raise spool.error
    if broken := next((record.error for record in records if record.error), None):
        raise ServerError(f"a session was ended by the server: {broken}")
    return records


async def _stream(
    job: StreamJob, spool: FrameSpool, clients: list[StreamClient], meter: "Meter"
) -> None:
    ticking = asyncio.ensure_future(_tick(meter, [client.record for client in clients]))
    running = [
        asyncio.ensure_future(client.run(spool, job.loop_video, job.seconds)) for client in clients
    ]
    try:
        await asyncio.gather(*running)
    finally:
        ticking.cancel()
        for task in running:
            task.cancel()
        await asyncio.gather(*running, return_exceptions=True)


class Meter:
    """What was answered since the last line."""

    def __init__(self) -> None:
        self.processed = 0
        self.dropped = 0
        self.round_trips_ms: list[float] = []

    def answered(self, row: FrameRow) -> None:
        """Count an answer."""
        if row.fate == "processed":
            self.processed += 1
            self.round_trips_ms.append(row.round_trip_ms or 0.0)
        elif row.fate == "dropped":
            self.dropped += 1


async def _tick(meter: Meter, records: list[SessionRecord]) -> None:
    start = time.perf_counter()
    sent_before = 0
    for second in range(1, 1 << 30):
        await asyncio.sleep(max(0.0, start + second - time.perf_counter()))
        sent = sum(len(record.rows) for record in records)
        if not sent:
            continue
        p50, p95 = (quantile(meter.round_trips_ms, share) for share in (0.50, 0.95))
        click.echo(
            f"{second:4d} s  sent {sent - sent_before:4d}  processed {meter.processed:4d}  "
            f"dropped {meter.dropped:4d}  p50 {p50:6.1f} ms  p95 {p95:6.1f} ms"
        )
        sent_before = sent
        meter.__init__()  # type: ignore[misc]  # a line starts from nothing
