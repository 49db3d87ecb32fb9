"""The outlines of what a segmentation network found, from its mask coefficients."""

import math
from collections.abc import Iterator

import cv2
import numpy as np

from streamlab.models.letterbox import Fit
from streamlab.models.network import Array

TOLERANCE_PX = 0.71
"""How far an outline may leave the mask's, in pixels of the input: the steps of a diagonal."""
_MIN_POINTS = 3

Rings = list[Array]
"""Closed lines, each (K, 2) float32; what is inside an odd number of them is inside the mask."""


def find_outlines(
    coefficients: Array, boxes: Array, prototypes: Array, input_size: tuple[int, int], fit: Fit
) -> Iterator[Rings | None]:
    """Yield the outline of each mask, in pixels of the input; `None` where its mask is empty.

    `coefficients` is (N, K), `boxes` (N, 4: left, top, right, bottom), `prototypes` (K, height,
    width). A mask is the prototypes' weighted sum, above 0 and inside its box, in the frame alone:
    what a network sees in the padding is cut off.
    """
    height, width = input_size
    step_y, step_x = height / prototypes.shape[1], width / prototypes.shape[2]
    for weights, box in zip(coefficients, boxes, strict=True):
        left, right = _whole_span(box[0], box[2], fit.left, fit.left + fit.width)
        top, bottom = _whole_span(box[1], box[3], fit.top, fit.top + fit.height)
        if right <= left or bottom <= top:
            yield None
            continue
        # One prototype's pixel more on each side: what interpolation inside the box looks at.
        x1, x2 = _cells(left, right, step_x, prototypes.shape[2])
        y1, y2 = _cells(top, bottom, step_y, prototypes.shape[1])
        part = np.tensordot(weights, prototypes[:, y1:y2, x1:x2], axes=1)
        scaled_to = round((x2 - x1) * step_x), round((y2 - y1) * step_y)
        scaled = cv2.resize(part, scaled_to, interpolation=cv2.INTER_LINEAR)
        offset_x, offset_y = round(x1 * step_x), round(y1 * step_y)
        inside = scaled[top - offset_y : bottom - offset_y, left - offset_x : right - offset_x]
        mask = (inside > 0).astype(np.uint8)
        yield _rings(mask, left, top) if mask.any() else None


def _rings(mask: Array, left: int, top: int) -> Rings:
    contours, _ = cv2.findContours(
        mask, cv2.RETR_CCOMP, cv2.CHAIN_APPROX_SIMPLE, offset=(left, top)
    )
    simple = (cv2.approxPolyDP(contour, TOLERANCE_PX, closed=True) for contour in contours)
    return [ring.reshape(-1, 2).astype(np.float32) for ring in simple if len(ring) >= _MIN_POINTS]


def _whole_span(start: float, end: float, least: int, most: int) -> tuple[int, int]:
    return max(math.ceil(start), least), min(math.ceil(end), most)


def _cells(start: int, end: int, step: float, count: int) -> tuple[int, int]:
    if step != round(step):
        return 0, count  # a part would be scaled a little differently from the whole
    return max(int(start // step) - 1, 0), min(int(-(-end // step)) + 1, count)
