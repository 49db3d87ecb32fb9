"""Texts as they were read beside the truth: which predicted track followed which real one."""

from collections.abc import Iterable, Mapping
from typing import Any

from streamlab.accuracy.following import MIN_IOU, TextOutcome, TextReadings
from streamlab.media.samples import Truth

__all__ = ["MIN_IOU", "TextOutcome", "iou", "match_texts"]


def match_texts(
    truth: Truth, results: Iterable[tuple[int, Mapping[str, Any]]], min_legible_frames: int = 10
) -> list[TextOutcome]:
    """Pair each real track that can be read with what was read of it.

    `results` are pairs of a frame's index in the video and a pipeline's result for it. In each
    frame a real box belongs to the predicted box of highest IoU, 0.5 at least; a real track is
    followed by the predicted track that it shares most frames with, and what counts as read is the
    last text on that one.
    """
    return TextReadings(truth, results, min_legible_frames).outcomes()


def iou(a: Mapping[str, Any], b: Mapping[str, Any]) -> float:
    """Return the intersection over union of two boxes, 0 to 1."""
    width = min(a["x"] + a["width"], b["x"] + b["width"]) - max(a["x"], b["x"])
    height = min(a["y"] + a["height"], b["y"] + b["height"]) - max(a["y"], b["y"])
    if width <= 0 or height <= 0:
        return 0.0
    shared: float = width * height
    union: float = a["width"] * a["height"] + b["width"] * b["height"] - shared
    return shared / union
