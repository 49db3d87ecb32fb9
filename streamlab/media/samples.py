"""The sample videos that come with streamlab."""

import functools
import os
import re
from difflib import get_close_matches
from pathlib import Path
from typing import Any

from streamlab.errors import VideoError
from streamlab.media.video import probe

# in an installed package; in a checkout
FOLDERS = (
    Path(__file__).resolve().parents[1] / "sample_videos",
    Path(__file__).resolve().parents[2] / "data" / "sample_videos",
)

DEFAULT_PIPELINE = "yolo_ocr"
FOOTAGE_PIPELINE = "everyday"
"""What a live view shows with a camera, or with a file that is picked in it."""
SAMPLE_PIPELINES = {"photographs": "everyday"}
"""Samples with a default pipeline other than `DEFAULT_PIPELINE`."""
ALLOWED = "the path of a video file or the name of a sample is allowed"
ADDRESS = re.compile(r"[A-Za-z][A-Za-z0-9+.-]+:/")
"""The scheme of an address such as `rtsp://`; one letter before the colon is a drive."""


def sample_names() -> list[str]:
    """Return the names of the sample videos."""
    return sorted(path.stem for path in _folder().glob("*.mp4"))


def sample_path(name: str) -> Path:
    """Return the path of a sample video; raises `VideoError` for an unknown name."""
    names = sample_names()
    if name not in names:
        raise VideoError(name, f"no such sample; {_samples_like(name)}")
    return _folder() / f"{name}.mp4"


@functools.cache
def describe_samples() -> list[dict[str, Any]]:
    """Return the name, size, rate, number of frames and pipeline of every sample video."""
    described = []
    for name in sample_names():
        info = probe(sample_path(name))
        size = {"width": info.width, "height": info.height}
        about = {"fps": info.fps, "frames": info.frames, "pipeline_id": default_pipeline(name)}
        described.append({"name": name, **size, **about})
    return described


def find_video(video: str | Path) -> Path:
    """Return the path of a video: that of a file, or of the sample of this name.

    Raises `VideoError`, which names the samples, if there is neither.
    """
    if not isinstance(video, str | os.PathLike) or not str(video):
        raise VideoError(repr(video), f"no video; {ALLOWED}; {_samples_like('')}")
    name = str(video)
    path = Path(video)
    try:
        if name in sample_names() and not path.is_file():
            return sample_path(name)
        if path.exists():
            return path
    except (OSError, ValueError) as error:  # a name that is too long, one with a zero in it
        reason = getattr(error, "strerror", None) or str(error)
        raise VideoError(video, f"cannot be read: {reason}") from None
    if ADDRESS.match(name):
        raise VideoError(
            name,
            f"an address, which is not read; {ALLOWED}. A camera in the network can be recorded to "
            f"a file first (ffmpeg -i ADDRESS -t 60 clip.mp4), a webcam be streamed by LiveView()",
        )
    # a name with a folder in it is no sample's
    hint = f"; {_samples_like(path.stem)}" if path.name == name else ""
    raise VideoError(name, f"no such file{' and no such sample' if hint else ''}{hint}")


def check_sample(name: str, also: tuple[str, ...] = ()) -> None:
    """Raise `VideoError` unless a name is that of a sample or one of `also`.

    >>> check_sample("gate_easy")
    """
    if name not in also and name not in sample_names():
        others = f", besides {' and '.join(map(repr, also))}" if also else ""
        raise VideoError(name, f"no such sample; {_samples_like(name)}{others}")


def _samples_like(name: str) -> str:
    """Return a sentence that lists the samples, the most similar name first."""
    names = sample_names()
    near = get_close_matches(name, names, n=1)
    hint = f"did you mean {near[0]!r}? " if near else ""
    return f"{hint}the samples are: {', '.join(names)}"


def is_sample(video: str | Path) -> bool:
    """Say whether `find_video` takes this for a sample, and not for a file."""
    name = str(video)
    return name in sample_names() and not Path(name).is_file()


def default_pipeline(video: str | Path) -> str:
    """Return the default pipeline for a sample or a file."""
    name = str(video)
    return SAMPLE_PIPELINES.get(name, DEFAULT_PIPELINE) if is_sample(name) else DEFAULT_PIPELINE


def _folder() -> Path:
    for folder in FOLDERS:
        if folder.is_dir():
            return folder
    raise VideoError("sample videos", "they are not installed")
