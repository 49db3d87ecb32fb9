"""The sample videos that come with streamlab, and the truth about them."""

import functools
import json
import os
import re
from collections import Counter
from dataclasses import dataclass
from difflib import get_close_matches
from pathlib import Path
from typing import Any

from .errors import VideoError
from .video import probe

# in an installed package; in a checkout
FOLDERS = (
    Path(__file__).with_name("sample_videos"),
    Path(__file__).resolve().parents[1] / "data" / "sample_videos",
)

DEFAULT_PIPELINE = "yolo_ocr"
CAMERA_PIPELINE = "everyday"
SAMPLE_PIPELINES = {"photographs": "everyday"}
"""The samples that another pipeline than `DEFAULT_PIPELINE` is for."""
ALLOWED = "the path of a video file or the name of a sample is allowed"
SIDES = ("x", "y", "width", "height")
ADDRESS = re.compile(r"[A-Za-z][A-Za-z0-9+.-]+:/")
"""What begins like `rtsp://`; one letter before the colon is a drive."""


def sample_names() -> list[str]:
    """Return the names of the sample videos."""
    return sorted(path.stem for path in _folder().glob("*.mp4"))


def sample_path(name: str) -> Path:
    """Return the path of a sample video; raises `VideoError` for a name that there is not."""
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
    # what has a folder in its name was not meant to be a sample
    hint = f"; {_samples_like(path.stem)}" if path.name == name else ""
    raise VideoError(name, f"no such file{' and no such sample' if hint else ''}{hint}")


def check_sample(name: str, also: tuple[str, ...] = ()) -> None:
    """Raise `VideoError` unless a name is that of a sample, or one of those that are allowed too.

    >>> check_sample("gate_easy")
    """
    if name not in also and name not in sample_names():
        others = f", besides {' and '.join(map(repr, also))}" if also else ""
        raise VideoError(name, f"no such sample; {_samples_like(name)}{others}")


def _samples_like(name: str) -> str:
    """Return the samples there are, the one that may have been meant first."""
    names = sample_names()
    near = get_close_matches(name, names, n=1)
    meant = f"did you mean {near[0]!r}? " if near else ""
    return f"{meant}the samples are: {', '.join(names)}"


def default_pipeline(video: str | Path) -> str:
    """Return the pipeline for a sample, or for a file, where none is asked for."""
    name = str(video)
    if name in SAMPLE_PIPELINES and not Path(name).is_file():
        return SAMPLE_PIPELINES[name]
    return DEFAULT_PIPELINE


def _folder() -> Path:
    for folder in FOLDERS:
        if folder.is_dir():
            return folder
    raise VideoError("sample videos", "they are not installed")


@dataclass(frozen=True, repr=False)
class Truth:
    """What is to be seen in a video: `frames[n]` lists the objects of frame n.

    An object is a dict of `label`, `x`, `y`, `width` and `height`, in pixels of the video; one that
    can be followed has a `track_id`, one that can be read is `legible` and has a `text`.

    >>> Truth([[{"label": "plate", "x": 8, "y": 9, "width": 40, "height": 12}], []])
    <Truth: 2 frames, 1 object (plate 1)>
    """

    frames: list[list[dict[str, Any]]]

    @classmethod
    def of_video(cls, video: Path) -> "Truth | None":
        """Read `NAME.truth.jsonl` beside a video; None where there is none."""
        path = video.with_name(f"{video.stem}.truth.jsonl")
        if not path.is_file():
            return None
        frames = []
        number = 0
        try:
            for line in path.read_text(encoding="utf-8").splitlines():
                number += 1
                told = json.loads(line)
                if "objects" in told:
                    frames.append(told["objects"])
        except OSError as error:
            raise VideoError(path, f"cannot be read: {error.strerror or error}") from None
        except (ValueError, TypeError):
            raise VideoError(path, f"no ground truth: line {number} is no JSON object") from None
        truth = cls(frames)
        if problem := truth.problem():
            raise VideoError(path, f"no ground truth: {problem}")
        return truth

    def problem(self) -> str | None:
        """Return what keeps this from being a truth, in one line; None if nothing does."""
        frames: Any = self.frames  # a caller may have given anything
        if not isinstance(frames, list | tuple):
            return "frames must be a list, for each frame of the video a list of its objects"
        for number, objects in enumerate(frames):
            if not isinstance(objects, list | tuple):
                return f"frame {number} is no list of objects"
            for thing in objects:
                if problem := _problem_of(thing):
                    return f"an object of frame {number} {problem}"
        return None

    def labels(self) -> dict[str, int]:
        """Return the labels there are, and how many boxes each has."""
        labels = (thing["label"] for objects in self.frames for thing in objects)
        return dict(sorted(Counter(labels).items()))

    def texts(self, min_legible_frames: int = 10) -> dict[int, str]:
        """Return the text of every track that is legible in at least so many frames, by track."""
        legible: dict[int, int] = {}
        texts: dict[int, str] = {}
        for objects in self.frames:
            for thing in objects:
                if thing.get("legible"):
                    track_id = thing["track_id"]
                    legible[track_id] = legible.get(track_id, 0) + 1
                    texts[track_id] = thing["text"]
        return {
            track_id: texts[track_id]
            for track_id, count in legible.items()
            if count >= min_legible_frames
        }

    def __repr__(self) -> str:
        if self.problem():
            return f"<Truth that cannot be used: {self.problem()}>"
        labels = self.labels()
        count = sum(labels.values())
        named = ", ".join(f"{label} {n}" for label, n in labels.items())
        said = f"{count} object{'' if count == 1 else 's'}" + (f" ({named})" if named else "")
        texts = self.texts()
        read = f", {len(texts)} text{'' if len(texts) == 1 else 's'} to read" if texts else ""
        return f"<Truth: {len(self.frames)} frames, {said}{read}>"

    def _repr_html_(self) -> str:
        from .lab.html import truth_card

        return truth_card(self)


def _problem_of(thing: Any) -> str | None:
    """Return what is wrong with an object of a truth."""
    if not isinstance(thing, dict):
        return f"is no dict: {str(thing)[:60]!r}"
    has = ", ".join(map(str, thing)) or "nothing"
    needed = [*SIDES, "label"]
    if thing.get("legible"):
        needed += ["track_id", "text"]
    for name in needed:
        if name not in thing:
            return f"has no {name!r} ({', '.join(needed)} are needed); it has: {has}"
    for name in SIDES:
        if isinstance(thing[name], bool) or not isinstance(thing[name], int | float):
            return f"has {name}={thing[name]!r}; a number of pixels is allowed"
    if not isinstance(thing["label"], str):
        return f"has label={thing['label']!r}; a text is allowed"
    return None
