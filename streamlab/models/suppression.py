"""Which of the boxes that overlap are kept: NMS for upright and for rotated boxes."""

from typing import Any

import cv2
import numpy as np

from streamlab.models.layouts import Candidates
from streamlab.models.network import Array

MAX_CANDIDATES = 30_000
"""The surest are looked at; so many only a threshold near 0 lets through."""
MAX_ROTATED_CANDIDATES = 2_000
"""Rotated boxes are compared each with each."""
_EPSILON = 1e-7


def suppress(
    candidates: Candidates, iou_threshold: float, max_boxes: int, rotated: bool = False
) -> Candidates:
    """Return the candidates to keep, the surest first, at most `max_boxes`.

    Of two boxes of a class that overlap by more than `iou_threshold` the surer one stays. All
    outputs go through this: a head that is made to need no NMS leaves copies of a box, too.
    `rotated` boxes have their angle, radians, as the last of the extras.
    """
    if not rotated:
        # a side of less than nothing is no box, and OpenCV takes it for one
        sizes = candidates.boxes[:, 2:] - candidates.boxes[:, :2]
        candidates = candidates.take(np.flatnonzero((sizes > 0).all(axis=1)))
    limit = MAX_ROTATED_CANDIDATES if rotated else MAX_CANDIDATES
    order = np.argsort(-candidates.scores, kind="stable")[:limit]
    surest = candidates.take(order)
    if not len(order) or iou_threshold >= 1:
        return surest.take(np.arange(min(max_boxes, len(order))))
    kept = _rotated(surest, iou_threshold) if rotated else _upright(surest, iou_threshold)
    return surest.take(kept[:max_boxes])


def _upright(candidates: Candidates, iou_threshold: float) -> Array:
    sizes = candidates.boxes.astype(np.float64)
    sizes[:, 2:] -= sizes[:, :2]
    # OpenCV takes arrays as well as the sequences that its types name.
    nms: Any = cv2.dnn.NMSBoxesBatched
    indices = nms(sizes, candidates.scores, candidates.classes, 0.0, iou_threshold)
    return np.sort(np.asarray(indices, np.intp).ravel())


def _rotated(candidates: Candidates, iou_threshold: float) -> Array:
    """Return indices as Ultralytics' NMS of rotated boxes does: in one pass.

    A box goes if any surer one of its class overlaps it, even one that goes itself.
    """
    boxes = np.concatenate([candidates.boxes, candidates.extras[:, -1:]], axis=1)
    keep = np.ones(len(boxes), bool)
    for label in np.unique(candidates.classes):
        of_class = np.flatnonzero(candidates.classes == label)
        overlaps = np.triu(rotated_overlaps(boxes[of_class]), k=1)
        keep[of_class] = (overlaps <= iou_threshold).all(axis=0)
    return np.flatnonzero(keep)


def rotated_overlaps(boxes: Array) -> Array:
    """Return how much each box (N, 5: centre, size, angle in radians) overlaps each, 0 to 1.

    A box is taken for a Gaussian and two compared by Hellinger distance, as Ultralytics does
    (https://arxiv.org/abs/2106.06072).
    """
    x, y = boxes[:, 0, None], boxes[:, 1, None]
    width, height = boxes[:, 2] ** 2 / 12, boxes[:, 3] ** 2 / 12
    cos, sin = np.cos(boxes[:, 4]), np.sin(boxes[:, 4])
    a = (width * cos**2 + height * sin**2)[:, None]
    b = (width * sin**2 + height * cos**2)[:, None]
    c = ((width - height) * cos * sin)[:, None]
    sum_a, sum_b, sum_c = a + a.T, b + b.T, c + c.T
    determinant = sum_a * sum_b - sum_c**2
    own = np.maximum(a * b - c**2, 0)
    apart = (
        (sum_a * (y - y.T) ** 2 + sum_b * (x - x.T) ** 2) / (determinant + _EPSILON) * 0.25
        + sum_c * (x.T - x) * (y - y.T) / (determinant + _EPSILON) * 0.5
        + np.log(determinant / (4 * np.sqrt(own * own.T) + _EPSILON) + _EPSILON) * 0.5
    )
    overlaps: Array = 1 - np.sqrt(1 - np.exp(-np.clip(apart, _EPSILON, 100)) + _EPSILON)
    return overlaps
