"""`VideoFilePipelineService`: frames and files through a pipeline, the same way."""

import time
import warnings
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

from streamlab.media import frames, video
from streamlab.pipelines.dag import DagPipelineService, PipelineRun
from streamlab.pipelines.detection_filter import ALL_DETECTIONS, DetectionFilter
from streamlab.pipelines.graph import changed_filter
from streamlab.pipelines.result import EncodedResult, FrameResult


class VideoFilePipelineService:
    """Runs JPEG frames and whole videos through the pipelines of a `DagPipelineService`.

    An instance is one session: what tools remember from frame to frame (tracks, texts) lasts as
    long as it does, and is shared with no other instance. A file is a session of its own.

    >>> service = VideoFilePipelineService()
    >>> service.is_valid_pipeline("yolo_ocr")
    True
    """

    def __init__(self, dag: DagPipelineService | None = None) -> None:
        if dag is None:
            from streamlab.pipelines.registry import PipelineRegistry

            dag = DagPipelineService(PipelineRegistry.load())
        self.dag = dag
        self._runs: dict[str, PipelineRun] = {}
        self._counts: dict[str, int] = {}

    def is_valid_pipeline(self, pipeline_id: str) -> bool:
        """Say whether there is a pipeline of this id."""
        return isinstance(pipeline_id, str) and pipeline_id in self.dag.pipelines

    def open(self, pipeline_id: str) -> None:
        """Load a pipeline now rather than with its first frame; raises as `run_on_frame` does."""
        if pipeline_id not in self._runs:
            self._runs[pipeline_id] = self.dag.open(pipeline_id)

    def run_on_frame(
        self,
        pipeline_id: str,
        frame_bytes: bytes | bytearray | memoryview,
        frame_index: int | None = None,
        *,
        min_score: float = 0.0,
        labels: Sequence[str] | None = None,
    ) -> FrameResult:
        """Run one JPEG through a pipeline.

        `frame_index` is the frame's index in the stream, dropped frames counted; without it the
        calls are counted. `min_score`, 0 to 1, and
        `labels` limit what a pipeline that detects finds. Raises `InvalidFrameError`,
        `InvalidPipelineError`, `PipelineFailureError`, or `OptionError` for such a limit that the
        pipeline does not take.
        """
        if frame_index is None:
            frame_index = self._counts.get(pipeline_id, 0)
        self._counts[pipeline_id] = frame_index + 1
        if not isinstance(frame_bytes, bytes):
            frame_bytes = bytes(memoryview(frame_bytes))
        self.open(pipeline_id)
        detection_filter = self._filter(pipeline_id, min_score, labels)
        frames.check_frame(frame_bytes)
        return _run(self._runs[pipeline_id], frame_bytes, frame_index, detection_filter)

    def run_frame(
        self,
        pipeline_id: str,
        frame_bytes: bytes,
        frame_index: int,
        detection_filter: DetectionFilter,
    ) -> FrameResult:
        """Run a JPEG with a filter that was checked before; deprecated, use `run_on_frame`."""
        warnings.warn(
            "VideoFilePipelineService.run_frame goes with the next release; use run_on_frame",
            DeprecationWarning,
            stacklevel=2,
        )
        frames.check_frame(frame_bytes)
        self.open(pipeline_id)
        return _run(self._runs[pipeline_id], frame_bytes, frame_index, detection_filter)

    def run_checked(
        self,
        pipeline_id: str,
        frame_bytes: bytes,
        frame_index: int,
        detection_filter: DetectionFilter,
    ) -> EncodedResult:
        """Run a JPEG as `run_on_frame` does, frame and filter having been checked before."""
        self.open(pipeline_id)
        image, decode_ms = _decode(frame_bytes)
        result, nodes_ms = self._runs[pipeline_id].run_encoded(image, frame_index, detection_filter)
        return EncodedResult(result, decode_ms, nodes_ms)

    def run_on_file(
        self,
        path: str | Path,
        pipeline_id: str,
        frame_stride: int = 1,
        max_frames: int | None = None,
        *,
        min_score: float = 0.0,
        labels: Sequence[str] | None = None,
    ) -> Iterator[FrameResult]:
        """Run every `frame_stride`-th frame of a video through a pipeline, at most `max_frames`.

        Yields a `FrameResult` a frame as it is done, `frame_index` counting the video's frames.
        Each frame is encoded as streamlab's clients do it, so that the results are those of a
        stream in which no frame was dropped. Raises as `run_on_frame`, `VideoError` for a video
        that cannot be read to its end, and `ValueError` for a stride or a maximum below 1.
        """
        if not isinstance(frame_stride, int) or frame_stride < 1:
            raise ValueError(f"frame_stride={frame_stride}: a whole number from 1 up is allowed")
        if max_frames is not None and (not isinstance(max_frames, int) or max_frames < 1):
            raise ValueError(f"max_frames={max_frames}: a whole number from 1 up is allowed")
        run = self.dag.open(pipeline_id)
        detection_filter = self._filter(pipeline_id, min_score, labels)
        return _run_on_frames(run, path, frame_stride, max_frames, detection_filter)

    def _filter(
        self, pipeline_id: str, min_score: float, labels: Sequence[str] | None
    ) -> DetectionFilter:
        asked = {"min_score": min_score, "labels": labels}
        defaults = {"min_score": 0, "labels": None}
        given = {name: value for name, value in asked.items() if value != defaults[name]}
        return changed_filter(self.dag.pipelines[pipeline_id], ALL_DETECTIONS, given)


def _run_on_frames(
    run: PipelineRun,
    path: str | Path,
    frame_stride: int,
    max_frames: int | None,
    detection_filter: DetectionFilter,
) -> Iterator[FrameResult]:
    done = 0
    for frame_index, image in enumerate(video.read_frames(path)):
        if frame_index % frame_stride:
            continue
        yield _run(run, frames.encode(image), frame_index, detection_filter)
        done += 1
        if done == max_frames:
            return


def _run(
    run: PipelineRun, frame_bytes: bytes, frame_index: int, detection_filter: DetectionFilter
) -> FrameResult:
    image, decode_ms = _decode(frame_bytes)
    result, nodes_ms = run(image, frame_index, detection_filter)
    return FrameResult(frame_index, result, decode_ms, nodes_ms)


def _decode(frame_bytes: bytes) -> tuple[Any, float]:
    """Return a frame's pixels and the milliseconds that decoding took."""
    start = time.perf_counter()
    image = frames.decode(frame_bytes)
    return image, (time.perf_counter() - start) * 1e3
