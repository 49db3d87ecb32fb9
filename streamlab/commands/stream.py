"""`streamlab stream`: a real-time client against any server."""

import time
from dataclasses import dataclass
from pathlib import Path

import click

from streamlab.client.options import StreamOptions
from streamlab.client.record import FrameRow, SessionRecord
from streamlab.client.summary import summary_lines
from streamlab.errors import ServerError
from streamlab.lab.encoding import encoded
from streamlab.lab.nothing_found import advice_after_stream
from streamlab.lab.server_info import about_server, http_url
from streamlab.lab.streaming import Streamer
from streamlab.media.samples import find_video
from streamlab.media.video import refuse_overwriting
from streamlab.quantiles import quantile


@dataclass(frozen=True)
class StreamJob:
    """What to stream where, and the file to record to, if any."""

    video: str
    url: str
    token: str | None
    options: StreamOptions
    record: str | None = None


def run_stream(job: StreamJob) -> list[SessionRecord]:
    """Stream, print a line a second and a summary; raises `StreamlabError`.

    Ctrl-C ends the sessions early; they are recorded and summed up all the same.
    """
    if job.record is not None:
        refuse_overwriting([find_video(job.video)], [job.record])
    with encoded(job.video, job.options.width, job.options.quality, progress=False) as spool:
        meter = Meter()
        about = None
        if job.record is not None:
            options = job.options
            about = about_server(http_url(job.url), job.token, options.pipeline_id, options.policy)
        streamer = Streamer(
            job.url, job.token, job.video, job.options, about, on_answer=meter.answered
        )
        try:
            streamer.start(spool)
            _tick(meter, streamer)
        except KeyboardInterrupt:
            streamer.interrupt()
            click.echo("stopped early")
        finally:
            streamer.stop()
    records = streamer.records
    # a server that could not be reached at all has nothing to sum up
    recording = streamer.recording() if any(record.rows for record in records) else None
    for number, record in enumerate(records, 1):
        name = f"session {number}: " if len(records) > 1 else ""
        first, *rest = summary_lines(record)
        click.echo(name + first)
        for line in rest:
            click.echo("  " + line)
    base_url = http_url(job.url)
    if hint := advice_after_stream(records, job.video, job.options, base_url, job.token):
        click.echo(hint)
    if job.record is not None and recording is not None:
        click.echo(f"recorded to {recording.save(Path(job.record))}")
    if recording is None:
        streamer.recording()
    if spool.error is not None:
        raise spool.error
    if broken := next((record.error for record in records if record.error), None):
        raise ServerError(f"a session was ended by the server: {broken}")
    return records


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


def _tick(meter: Meter, streamer: Streamer) -> None:
    start = time.perf_counter()
    sent_before = 0
    for second in range(1, 1 << 30):
        if streamer.wait(max(0.0, start + second - time.perf_counter())):
            return
        sent = sum(len(record.rows) for record in streamer.records)
        if not sent:
            continue
        p50, p95 = (quantile(meter.round_trips_ms, share) for share in (0.50, 0.95))
        click.echo(
            f"{second:4d} s  sent {sent - sent_before:4d}  processed {meter.processed:4d}  "
            f"dropped {meter.dropped:4d}  p50 {p50:6.1f} ms  p95 {p95:6.1f} ms"
        )
        sent_before = sent
        meter.__init__()  # type: ignore[misc]  # a line starts from nothing
