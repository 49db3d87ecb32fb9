"""Precision, recall and F1 of detections over a range of score thresholds."""

from collections.abc import Iterable
from typing import TYPE_CHECKING

from streamlab.accuracy.evaluation_set import ALL, check_shares
from streamlab.accuracy.scores import DetectionScores
from streamlab.media.truth import Truth

if TYPE_CHECKING:
    import pandas as pd

    from streamlab.recording.data import RecordingData

SCORE_THRESHOLDS = tuple(round(0.05 * step, 2) for step in range(1, 20))


def detection_metrics(
    recording: "RecordingData",
    truth: Truth | None = None,
    score_thresholds: Iterable[float] = SCORE_THRESHOLDS,
    iou_threshold: float = 0.5,
    labels: Iterable[str] | None = None,
    session: int | None = None,
) -> "pd.DataFrame":
    """Return precision, recall and F1, a row for each label and score threshold, and for `all`.

    Each answer is compared with the truth of its own frame, so only processed frames count;
    `streaming_accuracy` includes the cost of latency and drops. A detection that scores at least
    the threshold is a true positive if it matches an object of its label with an IoU of at least
    `iou_threshold` that no detection of higher score matched, as in COCO and Pascal VOC. Columns:
    `label`, `score_threshold`, `tp`, `fp`, `fn`, `precision` (NaN without detections), `recall`
    (NaN without objects), `f1`. `all` has the counts of all labels together. Without `labels`,
    those of the truth count: a detection of another label is ignored, an object of a label that is
    never detected is a false negative. Raises `RecordingError` if there is no truth or nothing to
    compare with it, and `OptionError`.

    >>> table = detection_metrics(recording)
    >>> table[table.label == "plate"].plot("recall", "precision")
    """
    import pandas as pd

    thresholds = check_shares("score_thresholds", score_thresholds)
    scores = DetectionScores(recording, truth, iou_threshold, labels, session)
    rows = []
    for label in (*scores.labels, ALL):
        for threshold in thresholds:
            found = scores.counts(threshold, label)
            rows.append((label, threshold, *found, found.precision, found.recall, found.f1))
    columns = ["label", "score_threshold", "tp", "fp", "fn", "precision", "recall", "f1"]
    return pd.DataFrame(rows, columns=columns)
