"""`streamlab demo`: a sample video through a real server, and what came of every frame."""

import asyncio
from pathlib import Path

import click
from tqdm.auto import tqdm

from streamlab.accuracy.track_association import match_texts
from streamlab.charts.dashboard import draw_latency
from streamlab.client.connection import stream_url
from streamlab.client.record import UNKNOWN_CAUSE, FrameRow, SessionRecord
from streamlab.client.session import StreamClient
from streamlab.client.spool import FrameSpool
from streamlab.client.summary import fates_line, round_trip_line
from streamlab.errors import ServerError, VideoError
from streamlab.media import video as videos
from streamlab.media.annotate import Annotator
from streamlab.media.samples import default_pipeline, find_video
from streamlab.media.truth import Truth
from streamlab.recording.assemble import assemble
from streamlab.recording.data import RecordingData
from streamlab.recording.summary import TARGET_MS
from streamlab.server.subprocess import ServerProcess

WRITTEN = ("annotated.mp4", "frames.csv", "latency.png")
CHART_IN = (10.0, 6.4)
CHART_DPI = 110


def run_demo(out: str, video: str) -> None:
    """Stream a video, write its pictures and tables to a folder, and print what came of it.

    Raises `StreamlabError` in one line if anything fails.
    """
    folder = _folder(out)
    path = find_video(video)
    pipeline_id = default_pipeline(video)
    videos.refuse_overwriting([path], [folder / name for name in WRITTEN])
    with FrameSpool(path) as spool:
        click.echo(f"{path.name}: starting a server, its models and a client")
        with ServerProcess() as server:
            _prepare(spool)
            server.wait_until_warm()
            record = asyncio.run(_stream(server, spool, pipeline_id))
    if spool.error is not None:
        raise spool.error
    if record.error:
        if report := server.failures.find(record.error):
            click.echo(report.rstrip(), err=True)
        raise ServerError(f"the session was ended by the server: {record.error}")
    info = {"video": path.stem, "pipeline_id": pipeline_id, "fps": record.fps}
    recording = assemble([record], info, RecordingData)
    recording.frames.to_csv(folder / "frames.csv", index=False)
    _draw_chart(recording, folder / "latency.png")
    _write_annotated(record, path, folder / "annotated.mp4")
    _print_summary(record, path)
    for name in WRITTEN:
        click.echo(f"wrote {folder / name}")


def _folder(out: str) -> Path:
    folder = Path(out)
    try:
        folder.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise VideoError(out, f"cannot be written to: {error.strerror}") from None
    return folder


def _prepare(spool: FrameSpool) -> None:
    with tqdm(total=spool.info.frames, desc="encoding", unit=" frames") as progress:
        while not spool.wait_for(spool.count + 10, timeout_s=0.2) or not spool.is_complete:
            progress.update(spool.count - progress.n)
        progress.update(spool.count - progress.n)


async def _stream(server: ServerProcess, spool: FrameSpool, pipeline_id: str) -> SessionRecord:
    with tqdm(total=spool.count, desc="streaming", unit=" frames") as progress:

        def answered(row: FrameRow) -> None:
            progress.update()
            if row.fate == "processed":
                progress.set_postfix_str(f"{row.round_trip_ms:.0f} ms", refresh=False)

        url = stream_url(server.base_url, pipeline_id=pipeline_id, detail="full")
        client = StreamClient(url, pipeline_id, spool.info.fps, server.token, answered)
        return await client.run(spool)


def _draw_chart(recording: RecordingData, path: Path) -> None:
    from matplotlib.figure import Figure

    figure = Figure(CHART_IN, CHART_DPI, layout="constrained")
    draw_latency(recording, figure)
    figure.savefig(path)


def _write_annotated(record: SessionRecord, video: Path, path: Path) -> None:
    annotator = Annotator()
    latest: FrameRow | None = None
    images = zip(videos.read_frames(video), record.rows, strict=False)
    with videos.VideoWriter(path, record.fps) as writer:
        for image, row in tqdm(images, total=len(record.rows), desc="annotating", unit=" frames"):
            if row.fate == "processed":
                latest = row
                status = f"frame {row.frame_index}  {row.round_trip_ms:.0f} ms"
            else:
                status = f"frame {row.frame_index}  {row.fate} ({row.cause or UNKNOWN_CAUSE})"
            result = latest.result if latest else None
            writer.write(annotator.draw(image, result, status, stale=row is not latest))


def _print_summary(record: SessionRecord, video: Path) -> None:
    click.echo()
    click.echo(fates_line(record))
    click.echo(f"{round_trip_line(record)} (target: p50 under {TARGET_MS:g} ms)")
    truth = Truth.of_video(video)
    if truth is None or not truth.texts():
        return
    results = [(row.frame_index, row.result) for row in record.rows if row.result is not None]
    outcomes = match_texts(truth, results)
    click.echo()
    click.echo("track  truth       read        first right at")
    for outcome in outcomes:
        at = outcome.first_right_frame
        when = f"{at / record.fps:.1f} s" if at is not None else "-"
        mark = "" if outcome.is_right else "  WRONG" if outcome.read else "  NOT READ"
        read = outcome.read or "-"
        click.echo(f"{outcome.track_id:5d}  {outcome.truth:10s}  {read:10s}  {when}{mark}")
    right = sum(outcome.is_right for outcome in outcomes)
    click.echo(f"{right} of {len(outcomes)} texts that are legible for 10 frames were read right")
    click.echo()
