"""`MatchedDetections`: counts and AP at any score threshold, from one matching."""

from collections.abc import Sequence
from typing import NamedTuple

import numpy as np

from streamlab.accuracy.boxes import Bools, Boxes, Floats, Ints
from streamlab.accuracy.coco_ap import ap_by_label
from streamlab.accuracy.evaluation_set import ALL
from streamlab.accuracy.matching import NO_MATCH, match


class Counts(NamedTuple):
    """True positives (`tp`), false positives (`fp`) and false negatives (`fn`)."""

    tp: int
    fp: int
    fn: int

    @property
    def precision(self) -> float:
        """`tp` / (`tp` + `fp`); NaN without detections."""
        return _share(self.tp, self.tp + self.fp)

    @property
    def recall(self) -> float:
        """`tp` / (`tp` + `fn`); NaN without real objects."""
        return _share(self.tp, self.tp + self.fn)

    @property
    def f1(self) -> float:
        """The harmonic mean of precision and recall; NaN without detections and real objects."""
        return _share(2 * self.tp, 2 * self.tp + self.fp + self.fn)


class MatchedDetections:
    """Detected and real boxes of the same images, matched once at an IoU threshold.

    `is_right` says which detections match a real box. Raising the score threshold removes
    detections and changes no match of the others, see `match`.
    """

    def __init__(
        self, detected: Boxes, real: Boxes, labels: Sequence[str], iou_threshold: float
    ) -> None:
        self.detected = detected
        self.real = real
        self.labels = tuple(labels)
        self.is_right: Bools = match(detected, real, iou_threshold) != NO_MATCH

    def counts(self, score_threshold: float = 0.0, label: str = ALL) -> Counts:
        """Return the counts of one label, or of all, at a threshold."""
        counts = self.detected.score >= score_threshold
        real = len(self.real)
        if label != ALL:
            number = self.labels.index(label)
            counts &= self.detected.label == number
            real = int(np.sum(self.real.label == number))
        right = int(np.sum(counts & self.is_right))
        return Counts(right, int(np.sum(counts)) - right, real - right)

    def by_image(self, images: int, score_threshold: float = 0.0) -> tuple[Ints, Ints, Ints]:
        """Return `tp`, `fp` and `fn` of images 0 to `images` - 1, at a threshold."""
        counts = self.detected.score >= score_threshold
        right, wrong = (
            np.bincount(self.detected.image[counts & kind], minlength=images)
            for kind in (self.is_right, ~self.is_right)
        )
        return right, wrong, np.bincount(self.real.image, minlength=images) - right

    def ap(self, score_threshold: float = 0.0) -> Floats:
        """Return the AP of each label over the detections that score at least the threshold."""
        counts = self.detected.score >= score_threshold
        detected, is_right = self.detected.where(counts), self.is_right[counts]
        return ap_by_label(detected, self.real, is_right, len(self.labels))

    def curve(self, label: str) -> tuple[Floats, Floats, Floats]:
        """Return score, precision and recall at each distinct score of a label's detections.

        In descending order of score; recall is NaN without real boxes.
        """
        number = self.labels.index(label)
        mine = self.detected.label == number
        order = np.argsort(-self.detected.score[mine], kind="stable")
        score, right = self.detected.score[mine][order], np.cumsum(self.is_right[mine][order])
        # detections of equal score pass a threshold together
        last = np.append(score[1:] != score[:-1], True) if len(score) else np.zeros(0, dtype=bool)
        real = int(np.sum(self.real.label == number))
        recall = right / real if real else np.full(len(right), np.nan)
        return score[last], (right / np.arange(1, len(right) + 1))[last], recall[last]


def _share(part: int, whole: int) -> float:
    return part / whole if whole else float("nan")
