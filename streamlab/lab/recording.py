"""`Recording`: `RecordingData` with the metrics, charts and replay that a notebook uses."""

import warnings
from collections.abc import Iterable
from typing import TYPE_CHECKING, Unpack

from streamlab.recording.data import RecordingData
from streamlab.recording.summary import TARGET_MS

if TYPE_CHECKING:
    import pandas as pd
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

    from streamlab.accuracy import StreamingAccuracy
    from streamlab.accuracy.options import (
        AverageOptions,
        CurveOptions,
        MetricsOptions,
        StreamingOptions,
        TextOptions,
    )
    from streamlab.replay.trace import Trace

__all__ = ["TARGET_MS", "Recording"]


class Recording(RecordingData):
    """Every frame of a run: when it was due, sent, received and answered, and its outcome.

    `frames` has a row for each frame, `events` for each change of state or request to slow down;
    their columns are those of `streamlab.recording.columns`, times in milliseconds since the
    recording began. `results` has the pipeline's answers by session and frame index, `info` the
    options of the run and `sessions` the end of each session.

    >>> recording = Recording.load("gate.jsonl.gz")
    >>> recording.summary()[["processed", "drop_rate", "p95_ms"]]
    """

    def detection_metrics(self, **options: "Unpack[MetricsOptions]") -> "pd.DataFrame":
        """Return precision and recall over score thresholds; `streamlab.lab.detection_metrics`.

        Columns: `label`, `score_threshold`, `tp`, `fp`, `fn`, `precision`, `recall`, `f1`.
        """
        from streamlab.accuracy import detection_metrics

        return detection_metrics(self, **options)

    def average_precision(self, **options: "Unpack[AverageOptions]") -> "pd.DataFrame":
        """Return the AP of each label; as `streamlab.lab.average_precision`.

        Columns: `label`, `iou_threshold`, `ap` (0 to 1), `truths`, `detections`.
        """
        from streamlab.accuracy import average_precision

        return average_precision(self, **options)

    def text_metrics(self, **options: "Unpack[TextOptions]") -> "pd.DataFrame":
        """Return the text read of each real track, and when; as `streamlab.lab.text_metrics`."""
        from streamlab.accuracy import text_metrics

        return text_metrics(self, **options)

    def streaming_accuracy(self, **options: "Unpack[StreamingOptions]") -> "StreamingAccuracy":
        """Return the accuracy seen by a live viewer; as `streamlab.lab.streaming_accuracy`."""
        from streamlab.accuracy import streaming_accuracy

        return streaming_accuracy(self, **options)

    def plot_precision_recall(self, **options: "Unpack[CurveOptions]") -> "Axes":
        """Draw precision against recall of each label, over all score thresholds.

        `options` are `truth`, `iou_threshold` (0.5), `labels` and `ax`. Raises `RecordingError` and
        `OptionError`.
        """
        from streamlab.charts.accuracy import precision_recall_curve

        return precision_recall_curve(self, **options)

    def trace(self, *others: RecordingData) -> "Trace[Recording]":
        """Return the load and service times of this recording, and others of the same pipeline.

        Raises `RecordingError` if no frame was processed, or they do not belong together.
        """
        from streamlab.replay.trace import Trace

        return Trace.of(self, *others)

    def _repr_html_(self) -> str:
        from streamlab.lab.recording_card import recording_card

        return recording_card(self)

    def plot_latency(self, session: int | None = None, ax: "Axes | None" = None) -> "Axes":
        """Draw round trips (ms) over the time (s) at which frames were due, with drops and states.

        Without `session`, several sessions are drawn as their p50 and p95 by half-second. Raises
        `OptionError` for an unknown session.
        """
        from streamlab.charts import latency_over_time

        return latency_over_time(self, session, ax)

    def plot_ecdf(self, ax: "Axes | None" = None) -> "Axes":
        """Draw the empirical distribution function of the round trips (ms) of processed frames."""
        from streamlab.charts import latency_ecdf

        return latency_ecdf(self, ax)

    def plot_waterfall(
        self, frames: Iterable[int] | None = None, session: int = 0, ax: "Axes | None" = None
    ) -> "Axes":
        """Draw each frame of a session as a bar of its parts, in ms from when it was due.

        Without `frames`, indexes, those around the first frame that was not processed are drawn,
        else those around the slowest. Raises `OptionError` for an unknown session or frame.
        """
        from streamlab.charts import waterfall

        return waterfall(self, frames, session, ax)

    def plot_outcomes(self, ax: "Axes | None" = None) -> "Axes":
        """Draw the frames of each second by outcome, drops by cause."""
        from streamlab.charts import outcomes_by_second

        return outcomes_by_second(self, ax)

    def plot_fates(self, ax: "Axes | None" = None) -> "Axes":
        """Draw the frames of each second by outcome; deprecated, use `plot_outcomes`."""
        warnings.warn(
            "Recording.plot_fates is now plot_outcomes; the old name goes with the next release",
            DeprecationWarning,
            stacklevel=2,
        )
        return self.plot_outcomes(ax)

    def plot_nodes(self, ax: "Axes | None" = None) -> "Axes":
        """Draw p50 (bar) and p95 (line) of decoding and of each node, in ms."""
        from streamlab.charts import node_costs

        return node_costs(self, ax)

    def dashboard(self) -> "Figure":
        """Return a figure of latency, its distribution, outcomes, single frames and node costs."""
        from streamlab.charts import dashboard

        return dashboard(self)

    def show(
        self, frame_index: int | None = None, session: int = 0, ax: "Axes | None" = None
    ) -> "Axes":
        """Draw a frame of the video with the answer that was on screen; `pictures.show_frame`."""
        from streamlab.charts.pictures import show_frame

        return show_frame(self, frame_index, session, ax)

    def strip(self, frame_indices: Iterable[int] | None = None, session: int = 0) -> "Figure":
        """Return a figure of frames of the video with their answers, in rows of three.

        Without `frame_indices`, six are taken evenly from those with detections. Raises
        `OptionError` for an unknown frame or session, `RecordingError` if the recording names no
        video, and `VideoError` if the video cannot be read.
        """
        from streamlab.charts.pictures import show_strip

        return show_strip(self, frame_indices, session)
