"""Streaming accuracy: the latest answer at each moment against the truth of that moment."""

from collections.abc import Iterable
from dataclasses import dataclass
from html import escape
from typing import TYPE_CHECKING, NamedTuple

import numpy as np

from streamlab.accuracy.boxes import Floats
from streamlab.accuracy.coco_ap import mean_ap
from streamlab.accuracy.evaluation_set import ALL, EvaluationSet, check_session, check_share
from streamlab.accuracy.matched_detections import MatchedDetections
from streamlab.accuracy.moments import NO_ANSWER, Moments, moments_of
from streamlab.media.truth import Truth
from streamlab.quantiles import quantile

if TYPE_CHECKING:
    import pandas as pd

    from streamlab.recording.data import RecordingData


@dataclass(frozen=True, repr=False)
class StreamingAccuracy:
    """Accuracy of a session's answers as seen by a live viewer, and without latency.

    `ap`, `precision`, `recall` and `f1` are of the latest answer available at each moment; those
    that begin with `offline_` are of the same answers if each were available when its frame was
    due. `latency_cost_ap` is the difference. Frames that were dropped or never sent lower both.
    `moments` has a row for each frame of the video that was shown: `time_ms` (since the session's
    first frame was due), `video_frame`, `frame_index` of the answer on screen (NaN before the
    first), `staleness_ms` (the time since its frame was due), `tp`, `fp`, `fn`. `by_label` has
    `label`, `ap`, `offline_ap`, and the counts and shares of each label and of `all`. Quantiles of
    staleness leave out the `unanswered` moments before the first answer.
    """

    moments: "pd.DataFrame"
    by_label: "pd.DataFrame"
    score_threshold: float
    iou_threshold: float
    ap: float
    precision: float
    recall: float
    f1: float
    offline_ap: float
    offline_precision: float
    offline_recall: float
    offline_f1: float
    staleness_p50_ms: float
    staleness_p95_ms: float
    unanswered: int

    @property
    def latency_cost_ap(self) -> float:
        """The AP lost to latency, `offline_ap` - `ap`."""
        return self.offline_ap - self.ap

    def __repr__(self) -> str:
        return (
            f"<StreamingAccuracy: AP {self.ap:.3f} of {self.offline_ap:.3f} without latency, "
            f"precision {self.precision:.3f}, recall {self.recall:.3f}, "
            f"staleness p50 {self.staleness_p50_ms:.0f} ms, p95 {self.staleness_p95_ms:.0f} ms, "
            f"{len(self.moments)} moments>"
        )

    def _repr_html_(self) -> str:
        names = (("ap", "AP"), ("precision", "precision"), ("recall", "recall"), ("f1", "F1"))
        rows = ""
        for name, title in names:
            live, offline = getattr(self, name), getattr(self, f"offline_{name}")
            cells = "".join(f"<td>{value:.3f}</td>" for value in (live, offline, offline - live))
            rows += f"<tr><th>{escape(title)}</th>{cells}</tr>"
        note = (
            f"{len(self.moments)} moments, score at least {self.score_threshold:g}, IoU at least "
            f"{self.iou_threshold:g}; the answer on screen is {self.staleness_p50_ms:.0f} ms old "
            f"(p50), {self.staleness_p95_ms:.0f} ms (p95)"
        )
        if self.unanswered:
            note += f"; moments before the first answer: {self.unanswered}"
        return (
            "<table><thead><tr><th></th><th>as the viewer sees it</th><th>without latency</th>"
            f"<th>cost of latency</th></tr></thead><tbody>{rows}</tbody></table><p>{note}</p>"
        )


def streaming_accuracy(
    recording: "RecordingData",
    truth: Truth | None = None,
    session: int = 0,
    score_threshold: float = 0.0,
    iou_threshold: float = 0.5,
    labels: Iterable[str] | None = None,
) -> StreamingAccuracy:
    """Score, at each moment of the video, the latest available answer against that moment's truth.

    A late or dropped frame costs what it costs the viewer: the boxes on screen are those of an
    earlier frame. A moment is the time at which the video shows its next frame; an answer is
    available from the time at which the client receives it. Before the first answer every object is
    a false negative. Matching and AP are as in `average_precision`, with moments as images; only
    detections that score at least `score_threshold` count. Works on recordings and replays. Li,
    Wang and Ramanan, "Towards Streaming Perception", ECCV 2020. Raises `RecordingError` and
    `OptionError`.

    >>> accuracy = streaming_accuracy(recording)
    >>> accuracy.ap, accuracy.offline_ap, accuracy.staleness_p95_ms
    """
    check_share("score_threshold", score_threshold)
    matches = StreamingMatches.of(recording, truth, session, iou_threshold, labels)
    table = _moments_table(matches, score_threshold)
    staleness = table["staleness_ms"].dropna().tolist()
    found, offline = (side.counts(score_threshold) for side in (matches.live, matches.offline))
    return StreamingAccuracy(
        moments=table,
        by_label=_label_table(matches, score_threshold),
        score_threshold=score_threshold,
        iou_threshold=iou_threshold,
        ap=mean_ap(matches.live.ap(score_threshold)),
        precision=found.precision,
        recall=found.recall,
        f1=found.f1,
        offline_ap=mean_ap(matches.offline.ap(score_threshold)),
        offline_precision=offline.precision,
        offline_recall=offline.recall,
        offline_f1=offline.f1,
        staleness_p50_ms=quantile(staleness, 0.50),
        staleness_p95_ms=quantile(staleness, 0.95),
        unanswered=int(table["staleness_ms"].isna().sum()),
    )


class StreamingMatches(NamedTuple):
    """The moments of a session that have a truth, and the matched boxes on screen at each.

    `live` has the boxes of the latest available answers, `offline` those without latency.
    """

    evaluation: EvaluationSet
    moments: Moments
    live: MatchedDetections
    offline: MatchedDetections

    @classmethod
    def of(
        cls,
        recording: "RecordingData",
        truth: Truth | None,
        session: int,
        iou_threshold: float,
        labels: Iterable[str] | None,
    ) -> "StreamingMatches":
        """Match the answers on screen, with and without latency, with the truth."""
        check_share("iou_threshold", iou_threshold)
        check_session(recording, session)
        evaluation = EvaluationSet.of(recording, truth, labels, session)
        moments = moments_of(recording, evaluation.answers, session, len(evaluation.truth.frames))
        moments = moments.before(len(evaluation.truth.frames))
        real = evaluation.real.take_images(moments.video_frame)
        live, offline = (
            MatchedDetections(
                evaluation.detected.take_images(rows), real, evaluation.labels, iou_threshold
            )
            for rows in (moments.live_row, moments.offline_row)
        )
        return cls(evaluation, moments, live, offline)

    def of_answers(self, column: str) -> Floats:
        """Return a column of the frames for the answer on screen at each moment, NaN for none."""
        rows = self.moments.live_row
        values = np.full(len(rows), np.nan)
        has_answer = rows != NO_ANSWER
        values[has_answer] = self.evaluation.answers[column].to_numpy()[rows[has_answer]]
        return values

    @property
    def staleness_ms(self) -> Floats:
        """Time since the frame of the answer on screen was due, NaN before the first answer."""
        return self.moments.start_ms + self.moments.time_ms - self.of_answers("scheduled_ms")


def _moments_table(matches: StreamingMatches, score_threshold: float) -> "pd.DataFrame":
    import pandas as pd

    moments = matches.moments
    right, wrong, missed = matches.live.by_image(len(moments.time_ms), score_threshold)
    return pd.DataFrame(
        {
            "time_ms": moments.time_ms,
            "video_frame": moments.video_frame,
            "frame_index": matches.of_answers("frame_index"),
            "staleness_ms": matches.staleness_ms,
            "tp": right,
            "fp": wrong,
            "fn": missed,
        }
    )


def _label_table(matches: StreamingMatches, score_threshold: float) -> "pd.DataFrame":
    import pandas as pd

    aps = [side.ap(score_threshold) for side in (matches.live, matches.offline)]
    rows = []
    for number, label in enumerate((*matches.live.labels, ALL)):
        found = matches.live.counts(score_threshold, label)
        of_label = [mean_ap(each) if label == ALL else float(each[number]) for each in aps]
        rows.append((label, *of_label, *found, found.precision, found.recall, found.f1))
    columns = ["label", "ap", "offline_ap", "tp", "fp", "fn", "precision", "recall", "f1"]
    return pd.DataFrame(rows, columns=columns)
