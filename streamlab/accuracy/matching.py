"""Greedy matching of boxes by IoU, as in COCO's evaluation."""

from typing import NamedTuple

import numpy as np

from streamlab.accuracy.boxes import Boxes, Floats, Ints, ranges, rowwise_iou

NO_MATCH = -1


class Pairs(NamedTuple):
    """Pairs of boxes of the same image and label: rows of `a`, rows of `b`, and their IoU."""

    a: Ints
    b: Ints
    iou: Floats


def pairs_of(a: Boxes, b: Boxes, iou_threshold: float) -> Pairs:
    """Return all pairs of boxes of the same image and label with at least this IoU."""
    labels = 1 + max(a.label.max(initial=0), b.label.max(initial=0))
    keys = b.image * labels + b.label
    order = np.argsort(keys, kind="stable")
    wanted = a.image * labels + a.label
    first, place = ranges(
        np.searchsorted(keys, wanted, "left", order), np.searchsorted(keys, wanted, "right", order)
    )
    second = order[place]
    iou = rowwise_iou(a.xywh[first], b.xywh[second])
    # COCOeval's tolerance, so that a threshold of 1 can be reached
    near = iou >= min(iou_threshold, 1 - 1e-10)
    return Pairs(first[near], second[near], iou[near])


def match(detected: Boxes, real: Boxes, iou_threshold: float) -> Ints:
    """Return, for each detection, the row of the real box that it matches, -1 for none.

    As in COCOeval (pycocotools, `evaluateImg`): in each image and label, detections in descending
    order of score each match the real box of highest IoU that is not matched yet, if the IoU
    reaches the threshold. Detections of lower score do not change the matches of those of higher
    score, so one matching serves every score threshold.
    """
    pairs = pairs_of(detected, real, iou_threshold)
    # of real boxes that overlap equally, COCOeval takes the last
    order = np.lexsort((-pairs.b, -pairs.iou, pairs.a, -detected.score[pairs.a]))
    return _match_greedily(pairs, order, len(detected), len(real))


def match_symmetric(a: Boxes, b: Boxes, iou_threshold: float) -> Ints:
    """Return, for each box of `a`, the row of the box of `b` that it matches, -1 for none.

    Neither side is the truth: pairs are matched in descending order of IoU, so the result is
    symmetric.
    """
    pairs = pairs_of(a, b, iou_threshold)
    # of pairs of equal IoU that share a box, the one whose other box comes first, from either side
    order = np.lexsort((pairs.b, pairs.a, -pairs.iou))
    return _match_greedily(pairs, order, len(a), len(b))


def _match_greedily(pairs: Pairs, order: Ints, a_count: int, b_count: int) -> Ints:
    partner = [NO_MATCH] * a_count
    is_taken = [False] * b_count
    for a, b in zip(pairs.a[order].tolist(), pairs.b[order].tolist(), strict=True):
        if partner[a] == NO_MATCH and not is_taken[b]:
            partner[a] = b
            is_taken[b] = True
    return np.array(partner, dtype=np.int64)
