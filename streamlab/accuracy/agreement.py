"""Agreement of the answers of two recordings of the same video, frame by frame."""

from collections import Counter
from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any, NamedTuple

import numpy as np

from streamlab.accuracy.boxes import Boxes, Floats, Ints, rowwise_iou
from streamlab.accuracy.evaluation_set import answers_of
from streamlab.accuracy.matching import NO_MATCH, match_symmetric

if TYPE_CHECKING:
    import pandas as pd

    from streamlab.recording.data import RecordingData

IOU_THRESHOLD = 0.5

Answer = Mapping[str, Any]
Key = tuple[int, int]
"""A frame of the video, and how often it was sent before."""


class Paired(NamedTuple):
    """A row for each frame that both recordings answered, and the number of the other frames."""

    frames: "pd.DataFrame"
    left_out: int


def pair_answers(a: "RecordingData", b: "RecordingData") -> Paired:
    """Pair the answers of two recordings of one session each; `Comparison.pairs` has the columns.

    Frames are the same if they are the same frame of the video, sent as often before.
    """
    import pandas as pd

    answers_a, answers_b = _by_frame(a), _by_frame(b)
    keys = sorted(
        key
        for key, answer in answers_a.items()
        if answer is not None and answers_b.get(key) is not None
    )
    results_a, results_b = (
        [answer for key in keys if (answer := answers[key]) is not None]
        for answers in (answers_a, answers_b)
    )
    columns: dict[str, Any] = {
        "video_frame": [frame for frame, _ in keys],
        "repeat": [repeat for _, repeat in keys],
        **_boxes_agree(results_a, results_b, (a.scale, b.scale)),
        **_texts_agree(results_a, results_b),
    }
    left_out = len(answers_a.keys() | answers_b.keys()) - len(keys)
    return Paired(pd.DataFrame(columns), left_out)


def _by_frame(recording: "RecordingData") -> dict[Key, Answer | None]:
    """Return the answer of each frame that was sent, None where it has none."""
    sent = recording.frames.sort_values(["session", "frame_index"])
    repeat = sent.groupby("video_frame").cumcount()
    keys = list(zip(sent["video_frame"].tolist(), repeat.tolist(), strict=True))
    answered, results = answers_of(recording, None)
    by_row = dict(zip(answered.index, results, strict=True))
    return {key: by_row.get(row) for key, row in zip(keys, sent.index, strict=True)}


def _boxes_agree(
    a: Sequence[Answer], b: Sequence[Answer], scales: tuple[float, float]
) -> dict[str, Any]:
    sides = (a, b)
    images = [[result.get("detections", ()) for result in side] for side in sides]
    names = {thing.get("label", "") for side in images for things in side for thing in things}
    labels = sorted(names)
    boxes = [Boxes.of(side, labels, scale) for side, scale in zip(images, scales, strict=True)]
    partner = match_symmetric(boxes[0], boxes[1], IOU_THRESHOLD)
    is_matched = partner != NO_MATCH
    iou = rowwise_iou(boxes[0].xywh[is_matched], boxes[1].xywh[partner[is_matched]])
    where = boxes[0].image[is_matched]
    has = [np.array(["detections" in result for result in side], dtype=bool) for side in sides]
    counts = [np.bincount(of.image, minlength=len(a)) for of in boxes]
    matched = np.bincount(where, minlength=len(a))
    both = has[0] & has[1]
    return {
        "detections_a": _known(counts[0], has[0]),
        "detections_b": _known(counts[1], has[1]),
        "matched": _known(matched, both),
        "iou": _ratio(np.bincount(where, iou, minlength=len(a)), matched, np.nan),
        "agreement": _known(_ratio(2 * matched, counts[0] + counts[1], 1.0), both),
    }


def _texts_agree(a: Sequence[Answer], b: Sequence[Answer]) -> dict[str, Any]:
    import pandas as pd

    texts = [[result.get("text") for result in side] for side in (a, b)]
    equal: list[bool | None] = []
    shares = []
    for one, other in zip(*texts, strict=True):
        if one is None or other is None:
            equal.append(None)
            shares.append(float("nan"))
            continue
        words, others = Counter(str(one).split()), Counter(str(other).split())
        total = words.total() + others.total()
        equal.append(words == others)
        shares.append(2 * (words & others).total() / total if total else 1.0)
    columns = zip(("text_a", "text_b", "text_equal"), (*texts, equal), strict=True)
    objects = {name: pd.Series(values, dtype=object) for name, values in columns}
    return {**objects, "text_agreement": np.array(shares)}


def _known(values: Ints | Floats, is_known: "np.ndarray[Any, np.dtype[np.bool_]]") -> Floats:
    known: Floats = np.where(is_known, values, np.nan)
    return known


def _ratio(part: Ints | Floats, whole: Ints, otherwise: float) -> Floats:
    empty = np.full(len(whole), otherwise)
    ratio: Floats = np.divide(part, whole, out=empty, where=whole > 0)
    return ratio
