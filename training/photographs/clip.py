"""The frames of the sample video `photographs` and what is to be seen in each."""

from __future__ import annotations

from typing import Any

import cv2
import numpy as np

from training.clips import CLIP_FPS
from training.photographs.pictures import PICTURES, Picture, Thing, View
from training.scenes.camera import FRAME_HEIGHT_PX, FRAME_WIDTH_PX

NAME = "photographs"
FRAMES_PER_PICTURE = 3 * CLIP_FPS
FRAMES = FRAMES_PER_PICTURE * len(PICTURES)
CONSTANT_RATE_FACTOR = 23
WALL_BGR = (196, 203, 206)
"""Around a picture."""
MIN_VISIBLE_SHARE = 0.5
"""A thing of which less lies in the frame is no truth."""


def header() -> dict[str, Any]:
    """Return the first line of the truth file."""
    labels = {thing.label: None for picture in PICTURES for thing in picture.things}
    return {
        "clip": NAME,
        "frames": FRAMES,
        "fps": CLIP_FPS,
        "width": FRAME_WIDTH_PX,
        "height": FRAME_HEIGHT_PX,
        "classes": list(labels),
    }


def render(index: int) -> tuple[np.ndarray[Any, Any], list[dict[str, Any]]]:
    """Return frame `index`, HxWx3 uint8 BGR, and its objects as they stand in the truth file."""
    number, step = divmod(index, FRAMES_PER_PICTURE)
    picture = PICTURES[number]
    to_frame = _to_frame(_view(picture, step / (FRAMES_PER_PICTURE - 1)))
    image = cv2.warpAffine(
        picture.image,
        to_frame,
        (FRAME_WIDTH_PX, FRAME_HEIGHT_PX),
        flags=cv2.INTER_LINEAR,
        borderValue=WALL_BGR,
    )
    first_id = 1 + sum(len(earlier.things) for earlier in PICTURES[:number])
    objects = [
        {**box, "track_id": first_id + offset}
        for offset, thing in enumerate(picture.things)
        if (box := _visible(thing, to_frame)) is not None
    ]
    return image, objects


def _view(picture: Picture, progress: float) -> View:
    """Move from the first view to the last, without a jerk at either end."""
    first, last = picture.views
    share = progress * progress * (3 - 2 * progress)
    return View(
        first.x + share * (last.x - first.x),
        first.y + share * (last.y - first.y),
        # A zoom looks steady when the scale changes by the same factor in every step.
        first.width * (last.width / first.width) ** share,
    )


def _to_frame(view: View) -> np.ndarray[Any, Any]:
    """Return the affine map (2, 3) from the picture's pixels to the frame's."""
    scale = FRAME_WIDTH_PX / view.width
    return np.array(
        [
            [scale, 0, FRAME_WIDTH_PX / 2 - scale * view.x],
            [0, scale, FRAME_HEIGHT_PX / 2 - scale * view.y],
        ]
    )


def _visible(thing: Thing, to_frame: np.ndarray[Any, Any]) -> dict[str, Any] | None:
    corners = np.array([[thing.left, thing.top, 1], [thing.right, thing.bottom, 1]]) @ to_frame.T
    limit = (FRAME_WIDTH_PX, FRAME_HEIGHT_PX)
    inside = np.clip(corners, 0, limit)
    if np.prod(inside[1] - inside[0]) < MIN_VISIBLE_SHARE * np.prod(corners[1] - corners[0]):
        return None
    (left, top), (right, bottom) = np.rint(inside).astype(int).tolist()
    width, height = right - left, bottom - top
    return {"label": thing.label, "x": left, "y": top, "width": width, "height": height}
