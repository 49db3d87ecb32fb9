"""`DetectionScores`: precision, recall and texts at any score threshold, from one matching."""

from collections.abc import Iterable
from typing import TYPE_CHECKING, NamedTuple

import numpy as np

from streamlab.accuracy.boxes import Floats
from streamlab.accuracy.coco_ap import mean_ap
from streamlab.accuracy.evaluation_set import ALL, EvaluationSet, check_share
from streamlab.accuracy.matched_detections import Counts, MatchedDetections
from streamlab.accuracy.track_association import TextReadings
from streamlab.errors import OptionError
from streamlab.media.truth import Truth

if TYPE_CHECKING:
    from streamlab.recording.data import RecordingData


class Outcome(NamedTuple):
    """Counts of detections and texts at a score threshold and a minimum text score.

    `tp` to `f1` are those of `Counts`. The counts of texts are over the legible real tracks, None
    if the pipeline reads no texts.
    """

    score_threshold: float
    min_text_score: float
    tp: int
    fp: int
    fn: int
    precision: float
    recall: float
    f1: float
    texts_right: int | None
    texts_wrong: int | None
    texts_unread: int | None


class DetectionScores:
    """Detections and texts of a recording, matched with the truth once for all score thresholds.

    Each answer is compared with the truth of its own frame. A detection is right if it matches a
    real object of its label with an IoU of at least `iou_threshold`, greedily by score, as in
    COCOeval: raising the threshold removes detections and changes no match of the others. Without
    `labels`, those of the truth count. Raises `RecordingError` and `OptionError`.

    >>> scores = DetectionScores(recording)
    >>> scores.at(0.5).recall, scores.at(0.5).texts_right
    """

    def __init__(
        self,
        recording: "RecordingData",
        truth: Truth | None = None,
        iou_threshold: float = 0.5,
        labels: Iterable[str] | None = None,
        session: int | None = None,
    ) -> None:
        self.iou_threshold = check_share("iou_threshold", iou_threshold)
        evaluation = EvaluationSet.of(recording, truth, labels, session)
        self.labels = evaluation.labels
        detected, real = evaluation.own_frames
        self._matched = MatchedDetections(detected, real, self.labels, self.iou_threshold)
        self._readings = _readings(evaluation, recording.scale)

    def at(self, score_threshold: float, min_text_score: float = 0.0) -> Outcome:
        """Return the counts of detections and texts that score at least these thresholds.

        The text read of a real track is that of `match_texts`: the last one on the predicted track
        that shares most frames with it.
        """
        check_share("score_threshold", score_threshold)
        check_share("min_text_score", min_text_score)
        found = self.counts(score_threshold)
        texts: tuple[int | None, int | None, int | None] = (None, None, None)
        if self._readings is not None:
            outcomes = self._readings.outcomes(score_threshold, min_text_score)
            right = sum(outcome.is_right for outcome in outcomes)
            unread = sum(outcome.read is None for outcome in outcomes)
            texts = (right, len(outcomes) - right - unread, unread)
        figures = (found.precision, found.recall, found.f1)
        return Outcome(score_threshold, min_text_score, *found, *figures, *texts)

    def counts(self, score_threshold: float, label: str = ALL) -> Counts:
        """Return the counts of one label, or of all, at a threshold."""
        self._known(label, (*self.labels, ALL))
        return self._matched.counts(score_threshold, label)

    def curve(self, label: str) -> tuple[Floats, Floats, Floats]:
        """Return score, precision and recall of one label at each score, in descending order."""
        return self._matched.curve(self._known(label, self.labels))

    def ap(self, label: str = ALL, score_threshold: float = 0.0) -> float:
        """Return the AP of one label, or the mean of all, at this IoU threshold.

        Over the detections that score at least `score_threshold`; NaN for a label without real
        objects.
        """
        self._known(label, (*self.labels, ALL))
        each = self._matched.ap(score_threshold)
        return mean_ap(each) if label == ALL else float(each[self.labels.index(label)])

    @staticmethod
    def _known(label: str, labels: tuple[str, ...]) -> str:
        if label not in labels:
            there = ", ".join(labels)
            raise OptionError("label", label, f"it is not counted here; there are: {there}")
        return label


def _readings(evaluation: EvaluationSet, scale: float) -> TextReadings | None:
    """Return the text readings of the first session; None if its pipeline reads no texts."""
    if not any("text" in result for result in evaluation.results):
        return None
    sessions = evaluation.answers["session"].to_numpy()
    first = int(np.sum(sessions == sessions[0]))
    frames = evaluation.answers["video_frame"].tolist()[:first]
    answered = zip(frames, evaluation.results[:first], strict=True)
    return TextReadings(evaluation.truth, answered, scale=scale)
