"""Render the sample videos and their ground truth: `python -m training.make_clips [NAME ...]`."""

from __future__ import annotations

import argparse
import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import av
import numpy as np
from tqdm.auto import tqdm

from training.clips import CLIP_FPS, CLIPS, Clip
from training.photographs import clip as photographs
from training.scenes.camera import FRAME_HEIGHT_PX, FRAME_WIDTH_PX
from training.scenes.truth import CLASS_NAMES, LEGIBILITY, Truth

CLIP_FOLDER = Path(__file__).parent.parent / "data" / "sample_videos"
CONSTANT_RATE_FACTOR = 20


def truth_record(truth: Truth) -> dict[str, Any]:
    """Return one object as it stands in a truth file."""
    record: dict[str, Any] = {
        "label": truth.label,
        "x": truth.x,
        "y": truth.y,
        "width": truth.width,
        "height": truth.height,
        "track_id": truth.track_id,
    }
    if truth.text is not None:
        record |= {"text": truth.text, "legible": truth.legible}
    return record


def truth_header(clip: Clip) -> dict[str, Any]:
    """Return the first line of a clip's truth file."""
    return {
        "clip": clip.name,
        "frames": clip.frames,
        "fps": CLIP_FPS,
        "width": FRAME_WIDTH_PX,
        "height": FRAME_HEIGHT_PX,
        "seed": clip.seed,
        "classes": list(CLASS_NAMES),
        "legibility": LEGIBILITY,
    }


Render = Callable[[int], tuple[np.ndarray[Any, Any], list[dict[str, Any]]]]
"""Frame number to picture (HxWx3 uint8, BGR) and objects as they stand in a truth file."""


def write_clip(clip: Clip, folder: Path) -> None:
    """Write `NAME.mp4` (H.264) and `NAME.truth.jsonl` of a rendered scene into `folder`."""
    scene = clip.scene()

    def render(index: int) -> tuple[np.ndarray[Any, Any], list[dict[str, Any]]]:
        image, found = scene.render(index)
        return image, [truth_record(truth) for truth in found]

    write_video(folder, truth_header(clip), render)


def write_video(
    folder: Path,
    header: dict[str, Any],
    render: Render,
    constant_rate_factor: int = CONSTANT_RATE_FACTOR,
) -> None:
    """Write the video and the truth that `header`, its truth's first line, describes."""
    name = header["clip"]
    with (
        av.open(str(folder / f"{name}.mp4"), "w", options={"movflags": "+faststart"}) as video,
        (folder / f"{name}.truth.jsonl").open("w", encoding="utf-8") as truths,
    ):
        stream = video.add_stream("libx264", rate=CLIP_FPS)
        stream.width, stream.height, stream.pix_fmt = FRAME_WIDTH_PX, FRAME_HEIGHT_PX, "yuv420p"
        # One thread, so that the same frames always give the same file.
        stream.options = {"crf": str(constant_rate_factor), "preset": "slow", "threads": "1"}
        truths.write(json.dumps(header) + "\n")
        for index in tqdm(range(header["frames"]), desc=name, unit="frame"):
            image, objects = render(index)
            video.mux(stream.encode(av.VideoFrame.from_ndarray(image, format="bgr24")))
            truths.write(json.dumps({"frame": index, "objects": objects}) + "\n")
        video.mux(stream.encode(None))


def main() -> None:
    """Write all sample videos, or those that are named."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("names", nargs="*", help="clips to write; all if none is named")
    parser.add_argument("--folder", type=Path, default=CLIP_FOLDER)
    options = parser.parse_args()
    options.folder.mkdir(parents=True, exist_ok=True)
    for clip in CLIPS:
        if not options.names or clip.name in options.names:
            write_clip(clip, options.folder)
    if not options.names or photographs.NAME in options.names:
        write_video(
            options.folder,
            photographs.header(),
            photographs.render,
            photographs.CONSTANT_RATE_FACTOR,
        )


if __name__ == "__main__":
    main()
