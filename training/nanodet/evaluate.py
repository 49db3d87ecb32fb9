"""What the input's size costs in found objects: `python -m training.nanodet.evaluate`.

Each picture of the sample `photographs` is put on a plain wall in 640x480 frames, at several sizes
and places; an object counts as found where a detection has its name and overlaps its box.
"""

from __future__ import annotations

import argparse
from collections.abc import Iterator
from typing import Any

import cv2
import numpy as np

from streamlab.tools.yolo import YoloDetect, YoloParams
from training.nanodet.convert import WEIGHTS
from training.photographs.clip import WALL_BGR
from training.photographs.pictures import PICTURES, Picture, Thing
from training.scenes.camera import FRAME_HEIGHT_PX, FRAME_WIDTH_PX

INPUT_SIDES_PX = (416, 384, 352, 320, 288, 256)
PICTURE_SHARES = (1.0, 0.7, 0.5, 0.35, 0.25)
"""Of the frame's height or width, whichever the picture fills first."""
PLACES = 9
MIN_OVERLAP = 0.5
NOT_SOUGHT = {"spoon"}
"""Half of it is hidden by the cup, and no size finds it."""


def frames(picture: Picture, share: float) -> Iterator[tuple[np.ndarray[Any, Any], np.ndarray]]:
    """Yield frames with the picture in several places, and the affine map (2, 3) into each."""
    height, width = picture.image.shape[:2]
    scale = share * min(FRAME_WIDTH_PX / width, FRAME_HEIGHT_PX / height)
    room = np.array([FRAME_WIDTH_PX - scale * width, FRAME_HEIGHT_PX - scale * height])
    for place in range(PLACES):
        row, column = divmod(place, 3)
        offset = room * (column / 2, row / 2)
        to_frame = np.array([[scale, 0, offset[0]], [0, scale, offset[1]]])
        # Shrinking by interpolation alone would leave jagged edges that no camera makes.
        small = cv2.resize(picture.image, None, fx=scale, fy=scale, interpolation=cv2.INTER_AREA)
        frame = np.full((FRAME_HEIGHT_PX, FRAME_WIDTH_PX, 3), WALL_BGR, np.uint8)
        left, top = np.floor(offset).astype(int)
        frame[top : top + small.shape[0], left : left + small.shape[1]] = small
        yield frame, to_frame


def is_found(thing: Thing, to_frame: np.ndarray[Any, Any], detections: list[Any]) -> bool:
    """Return whether a detection has the thing's name and overlaps its box enough."""
    corners = np.array([[thing.left, thing.top, 1], [thing.right, thing.bottom, 1]]) @ to_frame.T
    return any(
        detection.label == thing.label and overlap(corners.ravel(), detection) >= MIN_OVERLAP
        for detection in detections
    )


def overlap(box: np.ndarray[Any, Any], detection: Any) -> float:
    """Return the intersection over union of corners (4,) and a detection."""
    right, bottom = detection.x + detection.width, detection.y + detection.height
    width = min(box[2], right) - max(box[0], detection.x)
    height = min(box[3], bottom) - max(box[1], detection.y)
    shared = max(width, 0.0) * max(height, 0.0)
    both = (box[2] - box[0]) * (box[3] - box[1]) + detection.width * detection.height
    return float(shared / (both - shared))


def main() -> None:
    """Print a table: found objects by the input's size and the picture's."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--score", type=float, default=0.35)
    options = parser.parse_args()
    print("| input |", " | ".join(f"{share:.0%} of the frame" for share in PICTURE_SHARES), "|")
    print("| ---", *("| ---" for _ in PICTURE_SHARES), "|")
    for side in INPUT_SIDES_PX:
        params = YoloParams(str(WEIGHTS), options.score, image_size=side)
        detector = YoloDetect(params)
        detector.load()
        cells = []
        for share in PICTURE_SHARES:
            found = [
                is_found(thing, to_frame, detections)
                for picture in PICTURES
                for frame, to_frame in frames(picture, share)
                for detections in [detector.detect(frame)]
                for thing in picture.things
                if thing.label not in NOT_SOUGHT
            ]
            cells.append(f"{sum(found)} of {len(found)}")
        print(f"| {side} |", " | ".join(cells), "|")


if __name__ == "__main__":
    main()
