"""Which detection is which real object: greedy matching, as the benchmarks do it."""

from typing import NamedTuple

import numpy as np

from streamlab.accuracy.boxes import Boxes, Floats, Ints, overlaps, ranges

NONE = -1


class Pairs(NamedTuple):
    """Pairs of boxes of one image and label: rows of the one, rows of the other, and their IoU."""

    a: Ints
    b: Ints
    iou: Floats


def pairs_of(a: Boxes, b: Boxes, iou_threshold: float) -> Pairs:
    """Return all pairs of boxes of the same image and label that overlap at least so much."""
    labels = 1 + max(a.label.max(initial=0), b.label.max(initial=0))
    keys = b.image * labels + b.label
    order = np.argsort(keys, kind="stable")
    wanted = a.image * labels + a.label
    first, place = ranges(
        np.searchsorted(keys, wanted, "left", order), np.searchsorted(keys, wanted, "right", order)
    )
    second = order[place]
    iou = overlaps(a.xywh[first], b.xywh[second])
    # COCOeval's guard, so that an IoU of 1 can be asked for
    near = iou >= min(iou_threshold, 1 - 1e-10)
    return Pairs(first[near], second[near], iou[near])


def match(detected: Boxes, real: Boxes, iou_threshold: float) -> Ints:
    """Return, for each detection, the row of the real box that it found, -1 for none.

    As in COCOeval (pycocotools, `evaluateImg`): in each image and label the detections choose in
    descending order of score, each the real box of highest IoU that none before it took, if the
    IoU reaches the threshold. Which detections of lower score there are changes nothing for those
    of higher score, so one matching serves every score threshold.
    """
    pairs = pairs_of(detected, real, iou_threshold)
    # of real boxes that overlap equally, COCOeval takes the last
    order = np.lexsort((-pairs.b, -pairs.iou, pairs.a, -detected.score[pairs.a]))
    return _take_in_turn(pairs, order, len(detected), len(real))


def match_equals(a: Boxes, b: Boxes, iou_threshold: float) -> Ints:
    """Return, for each box of `a`, the row of its partner in `b`, -1 for none.

    Neither side is the truth: the pairs that overlap most are made first, so that it does not
    matter which side is which.
    """
    pairs = pairs_of(a, b, iou_threshold)
    # of equal pairs that share a box, the one whose other box comes first, from either side
    order = np.lexsort((pairs.b, pairs.a, -pairs.iou))
    return _take_in_turn(pairs, order, len(a), len(b))


def _take_in_turn(pairs: Pairs, order: Ints, a_count: int, b_count: int) -> Ints:
    partner = [NONE] * a_count
    is_taken = [False] * b_count
    for a, b in zip(pairs.a[order].tolist(), pairs.b[order].tolist(), strict=True):
        if partner[a] == NONE and not is_taken[b]:
            partner[a] = b
            is_taken[b] = True
    return np.array(partner, dtype=np.int64)
