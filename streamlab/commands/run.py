"""`streamlab run`: a video through a pipeline, offline."""

import contextlib
from pathlib import Path
from typing import BinaryIO

import click
import msgspec
from tqdm.auto import tqdm

from streamlab.commands.found import Found
from streamlab.errors import InvalidPipelineError, VideoError
from streamlab.lab.nothing_found import advice
from streamlab.media import video as videos
from streamlab.media.annotate import Annotator
from streamlab.media.samples import find_video
from streamlab.pipelines.dag import DagPipelineService
from streamlab.pipelines.registry import PipelineRegistry
from streamlab.pipelines.video import VideoFilePipelineService


def run_offline(
    video: str,
    pipeline: str,
    out: str | None,
    annotate: str | None,
    stride: int,
    max_frames: int | None,
    min_score: float = 0.0,
    labels: tuple[str, ...] | None = None,
) -> None:
    """Run a video, write what was asked for, and print how it went.

    What was done before an error is kept. Raises `StreamlabError`.
    """
    path = find_video(video)
    videos.refuse_overwriting([path], filter(None, (out, annotate)))
    registry = PipelineRegistry.load()
    service = VideoFilePipelineService(DagPipelineService(registry))
    if not service.is_valid_pipeline(pipeline):
        raise InvalidPipelineError(pipeline, registry.ids())
    info = videos.probe(path)
    total = -(-info.frames // stride) if info.frames else None
    if max_frames is not None:
        total = min(total or max_frames, max_frames)
    found = Found()
    count = 0
    spent_ms = 0.0
    with contextlib.ExitStack() as stack:
        lines = stack.enter_context(_writable(out)) if out else None
        writer = (
            stack.enter_context(videos.VideoWriter(annotate, info.fps / stride))
            if annotate
            else None
        )
        images = enumerate(videos.read_frames(path)) if writer else None
        annotator = Annotator()
        results = service.run_on_file(
            path, pipeline, stride, max_frames, min_score=min_score, labels=labels
        )
        for done in tqdm(results, total=total, unit=" frames", desc=path.name):
            count += 1
            spent_ms += done.total_ms
            found.add(done.result)
            if lines:
                lines.write(msgspec.json.encode(done) + b"\n")
            if writer and images:
                image = next(image for index, image in images if index == done.frame_index)
                status = f"frame {done.frame_index}  {done.total_ms:.1f} ms"
                writer.write(annotator.draw(image, done.result, status))
    click.echo(f"{count} frames, {spent_ms / max(count, 1):.1f} ms each in {pipeline}")
    for line in found.lines():
        click.echo(f"  {line}")
    if found.is_nothing and not min_score and labels is None:
        findings = {plan.definition.id: plan.findings.labels for plan in registry}
        if hint := advice(video, pipeline, findings):
            click.echo(hint)
    for written in filter(None, (out, annotate)):
        click.echo(f"wrote {written}")


def _writable(path: str) -> BinaryIO:
    try:
        return Path(path).open("wb")
    except OSError as error:
        raise VideoError(path, f"cannot be written: {error.strerror}") from None
