"""Accuracy by a swept value: a setting of several recordings, or the score threshold."""

from collections.abc import Iterable, Mapping
from typing import TYPE_CHECKING, Any

import numpy as np

from streamlab.accuracy.coco_ap import mean_ap
from streamlab.accuracy.detection import SCORE_THRESHOLDS
from streamlab.accuracy.evaluation_set import check_share, check_shares
from streamlab.accuracy.matched_detections import MatchedDetections
from streamlab.accuracy.streaming import StreamingMatches
from streamlab.errors import OptionError
from streamlab.media.truth import Truth
from streamlab.quantiles import quantile

if TYPE_CHECKING:
    import pandas as pd

    from streamlab.recording.data import RecordingData


def accuracy_against(
    recordings: "Mapping[Any, RecordingData]",
    truth: Truth | None = None,
    session: int = 0,
    score_threshold: float = 0.0,
    iou_threshold: float = 0.5,
    labels: Iterable[str] | None = None,
) -> "pd.DataFrame":
    """Return a row of accuracy and latency for each recording or replay, by swept value.

    `recordings` maps each swept value (a rate, a width, a threshold) to its recording. Columns:
    `value`; `ap`, `precision`, `recall` and `f1` of the processed frames, each against
    its own truth; the same with `offline_` and `streaming_` before their names, of every moment, as
    `streaming_accuracy` has them; `staleness_p50_ms`, `staleness_p95_ms`; `round_trip_p50_ms` and
    `round_trip_p95_ms`; and `processed`, the share of the frames sent. All of one session. Raises
    `RecordingError` and `OptionError`.

    >>> runs = {fps: trace.replay(fps=fps) for fps in (5, 10, 20, 30)}
    >>> accuracy_against(runs).plot("value", "streaming_ap")
    """
    import pandas as pd

    if not isinstance(recordings, Mapping) or not recordings:
        allowed = "a mapping of at least one value to its recording is needed"
        raise OptionError("recordings", recordings, allowed)
    check_share("score_threshold", score_threshold)
    rows = []
    for value, recording in recordings.items():
        of_recording = _Accuracy(recording, truth, session, iou_threshold, labels)
        rows.append({"value": value, **of_recording.at(score_threshold)})
    return pd.DataFrame(rows)


def accuracy_by_score(
    recording: "RecordingData",
    truth: Truth | None = None,
    session: int = 0,
    score_thresholds: Iterable[float] = SCORE_THRESHOLDS,
    iou_threshold: float = 0.5,
    labels: Iterable[str] | None = None,
) -> "pd.DataFrame":
    """Return the table of `accuracy_against` for one recording, by score threshold."""
    import pandas as pd

    thresholds = check_shares("score_thresholds", score_thresholds)
    accuracy = _Accuracy(recording, truth, session, iou_threshold, labels)
    return pd.DataFrame([{"value": value, **accuracy.at(value)} for value in thresholds])


class _Accuracy:
    """The accuracy and latency of one session, matched once for all score thresholds."""

    def __init__(
        self,
        recording: "RecordingData",
        truth: Truth | None,
        session: int,
        iou_threshold: float,
        labels: Iterable[str] | None,
    ) -> None:
        self._matches = matches = StreamingMatches.of(
            recording, truth, session, iou_threshold, labels
        )
        self._per_frame = MatchedDetections(
            *matches.evaluation.own_frames, matches.evaluation.labels, iou_threshold
        )
        self._latency = {
            **_quantiles(
                "staleness", matches.staleness_ms[~np.isnan(matches.staleness_ms)].tolist()
            ),
            **_latency(recording, session),
        }

    def at(self, score_threshold: float) -> dict[str, float]:
        """Return the figures at a score threshold, by column."""
        sides = {
            "": self._per_frame,
            "offline_": self._matches.offline,
            "streaming_": self._matches.live,
        }
        figures = {}
        for which, side in sides.items():
            counts = side.counts(score_threshold)
            figures[f"{which}ap"] = mean_ap(side.ap(score_threshold))
            figures[f"{which}precision"] = counts.precision
            figures[f"{which}recall"] = counts.recall
            figures[f"{which}f1"] = counts.f1
        return {**figures, **self._latency}


def _latency(recording: "RecordingData", session: int) -> dict[str, float]:
    frames = recording.frames[recording.frames["session"] == session]
    done = frames[frames["fate"] == "processed"]
    trips = done["round_trip_ms"].dropna().tolist()
    return {**_quantiles("round_trip", trips), "processed": len(done) / len(frames)}


def _quantiles(name: str, values: list[float]) -> dict[str, float]:
    return {f"{name}_p50_ms": quantile(values, 0.50), f"{name}_p95_ms": quantile(values, 0.95)}
