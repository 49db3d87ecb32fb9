"""Association of predicted tracks with real ones, and the texts read on them."""

from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any, NamedTuple

import numpy as np

from streamlab.accuracy.boxes import Boxes, Floats, Ints, box_of
from streamlab.accuracy.matching import pairs_of
from streamlab.media.truth import Truth

MIN_IOU = 0.5
NO_TEXT = -1


@dataclass(frozen=True)
class TextOutcome:
    """A real track's text and the text read on it; `read` is None if nothing was read."""

    track_id: int
    truth: str
    read: str | None
    first_right_frame: int | None

    @property
    def is_right(self) -> bool:
        """Whether the text was read exactly."""
        return self.read == self.truth


class Associations(NamedTuple):
    """Real boxes and the predicted boxes associated with them, one row per pair.

    `answer` is the position of the answer, `real` that of the real track in `TextReadings.texts`,
    `track` the predicted track's number, `text` and `true_text` numbers of texts, -1 for none.
    """

    answer: Ints
    real: Ints
    track: Ints
    text: Ints
    true_text: Ints


class TextReadings:
    """One session's readings and the legible texts of the truth, at any score thresholds.

    `results` are pairs of a frame's index in the video and a pipeline's result for it, in order.
    In each of these frames a real box is associated with the predicted box of highest IoU, 0.5 at
    least; a real track with the predicted track that it shares most frames with. The text read is
    the last one on that track. `texts` are those of the tracks that are legible in at least
    `min_legible_frames` frames, by track. Predicted boxes are multiplied by `scale`.
    """

    def __init__(
        self,
        truth: Truth,
        results: Iterable[tuple[int, Mapping[str, Any]]],
        min_legible_frames: int = 10,
        scale: float = 1.0,
    ) -> None:
        self.texts = truth.texts(min_legible_frames)
        self._numbers: dict[str, int] = {}
        self._tracks: dict[Any, int] = {}
        order = {track_id: position for position, track_id in enumerate(self.texts)}
        real: list[tuple[int, int, int]] = []
        real_boxes: list[tuple[float, float, float, float]] = []
        predicted: list[tuple[int, int, int]] = []
        predicted_boxes: list[tuple[float, ...]] = []
        self._frames: list[int] = []
        for answer, (frame, result) in enumerate(results):
            self._frames.append(frame)
            if frame >= len(truth.frames):
                continue
            for thing in truth.frames[frame]:
                if thing.get("track_id") in order:
                    real.append((answer, order[thing["track_id"]], self._number(thing.get("text"))))
                    real_boxes.append(box_of(thing))
            for found in result.get("detections", ()):
                if "track_id" in found:
                    track = self._tracks.setdefault(found["track_id"], len(self._tracks))
                    predicted.append((answer, track, self._number(found.get("text"))))
                    scores = (found.get("score", 1.0), found.get("text_score", 1.0))
                    predicted_boxes.append((*box_of(found), *scores))
        self._real_answer, self._real, self._true_text = _columns(real, 3)
        answer_of, self._track, self._text = _columns(predicted, 3)
        table = np.array(predicted_boxes, dtype=np.float64).reshape(-1, 6)
        self._score, self._text_score = table[:, 4], table[:, 5]
        boxes = np.array(real_boxes, dtype=np.float64).reshape(-1, 4)
        pairs = pairs_of(
            _unlabelled(self._real_answer, boxes),
            _unlabelled(answer_of, table[:, :4] * scale),
            MIN_IOU,
        )
        nearest = np.lexsort((pairs.b, -pairs.iou, pairs.a))
        self._near_real, self._near = pairs.a[nearest], pairs.b[nearest]

    def associations(
        self, score_threshold: float = 0.0, min_text_score: float = 0.0
    ) -> Associations:
        """Return the associations of boxes and texts that reach these scores."""
        is_shown = self._score[self._near] >= score_threshold
        real, first = np.unique(self._near_real[is_shown], return_index=True)
        nearest = self._near[is_shown][first]
        text = np.where(self._text_score >= min_text_score, self._text, NO_TEXT)[nearest]
        track = self._track[nearest]
        return Associations(
            self._real_answer[real], self._real[real], track, text, self._true_text[real]
        )

    def outcomes(
        self, score_threshold: float = 0.0, min_text_score: float = 0.0
    ) -> list[TextOutcome]:
        """Return the outcome of each text, from detections and texts that reach these scores."""
        pairs = self.associations(score_threshold, min_text_score)
        shared: dict[int, Counter[int]] = {real: Counter() for real in range(len(self.texts))}
        for real, track in zip(pairs.real.tolist(), pairs.track.tolist(), strict=True):
            shared[real][track] += 1
        counts = (
            (self._text != NO_TEXT)
            & (self._score >= score_threshold)
            & (self._text_score >= min_text_score)
        )
        last = dict(zip(self._track[counts].tolist(), self._text[counts].tolist(), strict=True))
        is_right = pairs.text == pairs.true_text
        # backwards, so that the first is what stays
        right = zip(
            pairs.real[is_right][::-1].tolist(),
            pairs.answer[is_right][::-1].tolist(),
            strict=True,
        )
        first_right = {real: self._frames[answer] for real, answer in right}
        known = list(self._numbers)
        outcomes = []
        for real, (track_id, text) in enumerate(self.texts.items()):
            longest = shared[real].most_common(1)
            number = last.get(longest[0][0]) if longest else None
            read = None if number is None else known[number]
            outcomes.append(TextOutcome(track_id, text, read, first_right.get(real)))
        return outcomes

    def _number(self, text: str | None) -> int:
        return self._numbers.setdefault(text, len(self._numbers)) if text else NO_TEXT


def _columns(rows: list[tuple[int, int, int]], count: int) -> Ints:
    return np.array(rows, dtype=np.int64).reshape(-1, count).T


def _unlabelled(image: Ints, xywh: Floats) -> Boxes:
    return Boxes(image, np.zeros_like(image), xywh, np.ones(len(image)))


def match_texts(
    truth: Truth, results: Iterable[tuple[int, Mapping[str, Any]]], min_legible_frames: int = 10
) -> list[TextOutcome]:
    """Return the outcome of each real track that is legible in `min_legible_frames` at least.

    `results` are pairs of a frame's index in the video and a pipeline's result for it. The rules
    of association are those of `TextReadings`.
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
