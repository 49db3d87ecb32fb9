"""Average precision as COCO computes it."""

from collections.abc import Iterable
from typing import TYPE_CHECKING

import numpy as np

from streamlab.accuracy.boxes import Bools, Boxes, Floats
from streamlab.accuracy.evaluation_set import ALL, EvaluationSet, check_shares
from streamlab.accuracy.matching import NO_MATCH, match
from streamlab.media.truth import Truth

if TYPE_CHECKING:
    import pandas as pd

    from streamlab.recording.data import RecordingData

COCO_IOU_THRESHOLDS = tuple(round(0.5 + 0.05 * step, 2) for step in range(10))
"""The thresholds over which COCO's headline AP is averaged: 0.50, 0.55, ..., 0.95."""
RECALL_POINTS = np.linspace(0.0, 1.0, 101)


def average_precision(
    recording: "RecordingData",
    truth: Truth | None = None,
    iou_thresholds: Iterable[float] = (0.5,),
    labels: Iterable[str] | None = None,
    session: int | None = None,
) -> "pd.DataFrame":
    """Return COCO's 101-point interpolated AP, a row for each IoU threshold and label, and `all`.

    Each answer is compared with the truth of its own frame. Columns: `label`, `iou_threshold`, `ap`
    (0 to 1; NaN for a label without real boxes), `truths` and `detections`, the numbers of real and
    detected boxes. `all` is the mean over the labels that have an AP. Detections under the
    pipeline's own score threshold are not recorded and do not count. As pycocotools with area "all"
    and no limit of detections per image; Lin et al., "Microsoft COCO: Common Objects in Context",
    ECCV 2014. Without `labels`, the truth's count. Raises `RecordingError` and `OptionError`.

    >>> table = average_precision(recording, iou_thresholds=COCO_IOU_THRESHOLDS)
    >>> table[table.label == "all"].ap.mean()  # COCO's headline figure
    """
    import pandas as pd

    thresholds = check_shares("iou_thresholds", iou_thresholds)
    evaluation = EvaluationSet.of(recording, truth, labels, session)
    detected, real = evaluation.own_frames
    rows = []
    for threshold in thresholds:
        is_right = match(detected, real, threshold) != NO_MATCH
        each = ap_by_label(detected, real, is_right, len(evaluation.labels))
        for number, label in enumerate(evaluation.labels):
            truths, found = (int(np.sum(boxes.label == number)) for boxes in (real, detected))
            rows.append((label, threshold, each[number], truths, found))
        rows.append((ALL, threshold, mean_ap(each), len(real), len(detected)))
    return pd.DataFrame(rows, columns=["label", "iou_threshold", "ap", "truths", "detections"])


def ap_by_label(detected: Boxes, real: Boxes, is_right: Bools, labels: int) -> Floats:
    """Return the AP of labels 0 to `labels` - 1; NaN for one without real boxes."""
    return np.array(
        [
            interpolated_ap(
                detected.score[detected.label == number],
                is_right[detected.label == number],
                int(np.sum(real.label == number)),
            )
            for number in range(labels)
        ]
    )


def mean_ap(each: Floats) -> float:
    """Return the mean over the labels that have an AP, NaN if none has."""
    return float(np.nanmean(each)) if np.any(~np.isnan(each)) else float("nan")


def interpolated_ap(score: Floats, is_right: Bools, truths: int) -> float:
    """Return the mean precision at recalls 0.00, 0.01, ..., 1.00; NaN if there is no real box.

    The precision at a recall is the highest at that recall or a higher one, 0 where that recall is
    never reached (COCOeval, `accumulate`).

    >>> interpolated_ap(np.array([0.9, 0.8]), np.array([False, True]), 1)
    0.5
    """
    if not truths:
        return float("nan")
    order = np.argsort(-score, kind="stable")
    right = np.cumsum(is_right[order])
    recall = right / truths
    precision = right / np.arange(1, len(right) + 1)
    envelope = np.append(np.maximum.accumulate(precision[::-1])[::-1], 0.0)
    return float(np.mean(envelope[np.searchsorted(recall, RECALL_POINTS, side="left")]))
