"""Texts as they were read beside the truth: which predicted track followed which real one."""

from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from ..samples import Truth

MIN_IOU = 0.5


@dataclass(frozen=True)
class TextOutcome:
    """A real track's text and what became of it; `read` is None if nothing was read."""

    track_id: int
    truth: str
    read: str | None
    first_right_frame: int | None

    @property
    def is_right(self) -> bool:
        """Whether the text was read exactly."""
        return self.read == self.truth


def match_texts(
    truth: Truth, results: Iterable[tuple[int, Mapping[str, Any]]], min_legible_frames: int = 10
) -> list[TextOutcome]:
    """Pair each real track that can be read with what was read of it.

    `results` are pairs of a frame's index in the video and a pipeline's result for it. In each
    frame a real box belongs to the predicted box of highest IoU, 0.5 at least; a real track is
    followed by the predicted track that it shares most frames with, and what counts as read is the
    last text on that one.
    """
    texts = truth.texts(min_legible_frames)
    shared: dict[int, Counter[int]] = {track_id: Counter() for track_id in texts}
    last_text: dict[int, str] = {}
    first_right: dict[int, int] = {}
    for frame_index, result in results:
        if frame_index >= len(truth.frames):
            continue
        predicted = [d for d in result.get("detections", []) if "track_id" in d]
        for detection in predicted:
            if detection.get("text"):
                last_text[detection["track_id"]] = detection["text"]
        for thing in truth.frames[frame_index]:
            if thing["track_id"] not in texts:
                continue
            best = max(predicted, key=lambda d, thing=thing: iou(thing, d), default=None)  # type: ignore[misc]
            if best is None or iou(thing, best) < MIN_IOU:
                continue
            shared[thing["track_id"]][best["track_id"]] += 1
            if best.get("text") == thing["text"]:
                first_right.setdefault(thing["track_id"], frame_index)
    outcomes = []
    for track_id, text in texts.items():
        followers = shared[track_id].most_common(1)
        read = last_text.get(followers[0][0]) if followers else None
        outcomes.append(TextOutcome(track_id, text, read, first_right.get(track_id)))
    return outcomes


def iou(a: Mapping[str, Any], b: Mapping[str, Any]) -> float:
    """Return the intersection over union of two boxes, 0 to 1."""
    width = min(a["x"] + a["width"], b["x"] + b["width"]) - max(a["x"], b["x"])
    height = min(a["y"] + a["height"], b["y"] + b["height"]) - max(a["y"], b["y"])
    if width <= 0 or height <= 0:
        return 0.0
    shared: float = width * height
    union: float = a["width"] * a["height"] + b["width"] * b["height"] - shared
    return shared / union
