"""What the output of a detection network says: boxes, scores and classes."""

from typing import Any, NamedTuple

import cv2
import numpy as np

_END_TO_END_COLUMNS = 6
"""x1, y1, x2, y2, score, class: what an output without need of NMS has in each row."""


class Boxes(NamedTuple):
    """N boxes in the pixels of a network's input, the surest first."""

    corners: np.ndarray[Any, Any]
    """(N, 4) float32: x1, y1, x2, y2."""
    scores: np.ndarray[Any, Any]
    """(N,) float32, 0 to 1."""
    classes: np.ndarray[Any, Any]
    """(N,) int."""


def read_output(
    output: np.ndarray[Any, Any],
    score_threshold: float,
    iou_threshold: float,
    max_boxes: int,
    classes: np.ndarray[Any, Any] | None = None,
) -> Boxes:
    """Read the output of an Ultralytics detection network for one image.

    `output` is (1, N, 6) from an NMS-free head or with NMS built in, or (1, 4 + classes, anchors)
    from a raw head. All go through class-aware NMS at `iou_threshold`: an NMS-free head leaves
    copies of a box, too. With `classes`, others are left out before anything is suppressed or
    counted.
    """
    rows = np.asarray(output[0], np.float32)
    read = _end_to_end if rows.shape[-1] == _END_TO_END_COLUMNS else _raw
    boxes = read(rows, score_threshold, classes)
    if not len(boxes.scores):
        return boxes
    sizes = boxes.corners.copy()
    sizes[:, 2:] -= sizes[:, :2]
    # OpenCV takes arrays as well as the sequences that its types name.
    suppress: Any = cv2.dnn.NMSBoxesBatched
    indices = suppress(
        sizes.astype(np.float64), boxes.scores, boxes.classes, score_threshold, iou_threshold
    )
    kept = np.asarray(indices, np.intp).ravel()
    kept = kept[np.argsort(-boxes.scores[kept], kind="stable")][:max_boxes]
    return Boxes(*(part[kept] for part in boxes))


def _end_to_end(
    rows: np.ndarray[Any, Any], score_threshold: float, classes: np.ndarray[Any, Any] | None
) -> Boxes:
    keep = rows[:, 4] > score_threshold
    if classes is not None:
        keep &= np.isin(rows[:, 5], classes)
    rows = rows[keep]
    rows = rows[np.argsort(-rows[:, 4], kind="stable")]
    return Boxes(rows[:, :4], rows[:, 4], rows[:, 5].astype(np.int32))


def _raw(
    columns: np.ndarray[Any, Any], score_threshold: float, classes: np.ndarray[Any, Any] | None
) -> Boxes:
    best = columns[4:].max(axis=0)
    found = columns[:, np.flatnonzero(best > score_threshold)]
    labels = found[4:].argmax(axis=0).astype(np.int32)
    if classes is not None:
        wanted = np.isin(labels, classes)
        found, labels = found[:, wanted], labels[wanted]
    centre, half = found[:2], found[2:4] / 2
    corners = np.concatenate([centre - half, centre + half]).T
    return Boxes(corners, found[4:].max(axis=0, initial=0), labels)
