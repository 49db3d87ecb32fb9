"""The sample videos that come with streamlab, and the truth about them."""

import functools
import json
from dataclasses import dataclass
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


def sample_names() -> list[str]:
    """Return the names of the sample videos."""
    return sorted(path.stem for path in _folder().glob("*.mp4"))


def sample_path(name: str) -> Path:
    """Return the path of a sample video; raises `VideoError` for a name that there is not."""
    names = sample_names()
    if name not in names:
        raise VideoError(name, f"no such sample; there are: {', '.join(names)}")
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


def find_video(path_or_sample: str) -> Path:
    """Return a path as it is, or that of the sample video of this name."""
    path = Path(path_or_sample)
    if path_or_sample in sample_names() and not path.exists():
        return sample_path(path_or_sample)
    return path


def default_pipeline(video: str | Path) -> str:
    """Return the pipeline for a sample, or for a file, where none is asked for."""
    if find_video(str(video)) == Path(video):
        return DEFAULT_PIPELINE
    return SAMPLE_PIPELINES.get(str(video), DEFAULT_PIPELINE)


def _folder() -> Path:
    for folder in FOLDERS:
        if folder.is_dir():
            return folder
    raise VideoError("sample videos", "they are not installed")


@dataclass(frozen=True)
class Truth:
    """What is to be seen in a video: `frames[n]` lists the objects of frame n."""

    frames: list[list[dict[str, Any]]]

    @classmethod
    def of_video(cls, video: Path) -> "Truth | None":
        """Read `NAME.truth.jsonl` beside a video; None where there is none."""
        path = video.with_name(f"{video.stem}.truth.jsonl")
        if not path.is_file():
            return None
        lines = [json.loads(line) for line in path.read_text().splitlines()]
        return cls([line["objects"] for line in lines if "objects" in line])

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
