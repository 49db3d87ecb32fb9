"""The lab's verbs without a lab: a server is found or started when first needed, and kept."""

from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Unpack

from streamlab.client.options import (
    VIDEO_OPTIONS,
    CompareOptionsDict,
    MeasureOptionsDict,
    StreamOptionsDict,
    with_options,
)
from streamlab.lab.connection import connect
from streamlab.lab.lab import LOAD_S, Lab

if TYPE_CHECKING:
    from streamlab.lab.comparison import Comparison
    from streamlab.lab.recording import Recording
    from streamlab.replay.trace import Trace

_kept: list[Lab] = []


def default_lab() -> Lab:
    """Return the lab that the functions of this module use; `connect()` makes it."""
    if _kept and _kept[0].is_closed:
        _kept.clear()
    if not _kept:
        _kept.append(connect())
    return _kept[0]


@with_options(VIDEO_OPTIONS.values())
def stream(
    video: str | Path, *, progress: bool = True, **options: Unpack[StreamOptionsDict]
) -> "Recording":
    """Stream a video and return the recording; as `Lab.stream`, with a server found or started.

    >>> from streamlab.lab import stream
    >>> stream("gate_easy", fps=20).summary()
    """
    return default_lab().stream(video, progress=progress, **options)


@with_options(VIDEO_OPTIONS.values(), without=("sessions", "policy"))
def measure(
    video: str | Path,
    *,
    load_seconds: float = LOAD_S,
    progress: bool = True,
    **options: Unpack[MeasureOptionsDict],
) -> "Trace[Recording]":
    """Return a trace to predict from; as `Lab.measure`, with a server found or started.

    >>> from streamlab.lab import measure
    >>> measure("gate_easy", load_seconds=1).replay(fps=60, sessions=4).summary()
    """
    return default_lab().measure(video, load_seconds=load_seconds, progress=progress, **options)


@with_options(VIDEO_OPTIONS.values(), without=("pipeline_id", "sessions"), policy="lossless")
def compare(
    video: str | Path,
    pipelines: Sequence[str],
    *,
    progress: bool = True,
    **options: Unpack[CompareOptionsDict],
) -> "Comparison":
    """Compare pipelines on a video; as `Lab.compare`, with a server found or started.

    >>> from streamlab.lab import compare
    >>> compare("gate_easy", ["yolo", "yolo_ocr"]).agreement()
    """
    return default_lab().compare(video, pipelines, progress=progress, **options)
