"""`Recording`: what became of every frame of one or more sessions, live or replayed."""

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
    """Every frame of a run: when it was due, sent, received and answered, and what became of it.

    `frames` has one row a frame, `events` one a change of state or a request to slow down; their
    columns are those of `streamlab.recording.columns`, times in milliseconds since the recording
    began. `results` are the pipeline's answers by session and frame index, `info` is what was asked
    for and `sessions` how each session ended.

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
        """Return what was read of each true text, and when; as `streamlab.lab.text_metrics`."""
        from streamlab.accuracy import text_metrics

        return text_metrics(self, **options)

    def streaming_accuracy(self, **options: "Unpack[StreamingOptions]") -> "StreamingAccuracy":
        """Return the accuracy that a viewer sees; as `streamlab.lab.streaming_accuracy`."""
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
        """Return what this recording, and others of the same pipeline, prove about load.

        Raises `RecordingError` if no frame was processed, or they do not belong together.
        """
        from streamlab.replay.trace import Trace

        return Trace.of(self, *others)

    def _repr_html_(self) -> str:
        from streamlab.lab.recording_card import recording_card

        return recording_card(self)

    def plot_latency(self, session: int | None = None, ax: "Axes | None" = None) -> "Axes":
        """Draw the round trips (ms) over the time (s) at which frames were due, drops and states.

        Without `session`, several are drawn as their p50 and p95 by half-second. Raises
        `OptionError` for a session that there is not.
        """
        from streamlab.charts import latency_over_time

        return latency_over_time(self, session, ax)

    def plot_ecdf(self, ax: "Axes | None" = None) -> "Axes":
        """Draw which share of the processed frames was answered within which round trip (ms)."""
        from streamlab.charts import latency_ecdf

        return latency_ecdf(self, ax)

    def plot_waterfall(
        self, frames: Iterable[int] | None = None, session: int = 0, ax: "Axes | None" = None
    ) -> "Axes":
        """Draw each frame of a session as a bar of its parts, in ms from when it was due.

        Without `frames`, indexes, those around the first frame that was lost are drawn, else those
        around the slowest. Raises `OptionError` for a session or a frame that there is not.
        """
        from streamlab.charts import waterfall

        return waterfall(self, frames, session, ax)

    def plot_fates(self, ax: "Axes | None" = None) -> "Axes":
        """Draw how many frames of each second came to which fate, drops by cause."""
        from streamlab.charts import fates_by_second

        return fates_by_second(self, ax)

    def plot_nodes(self, ax: "Axes | None" = None) -> "Axes":
        """Draw p50 (bar) and p95 (line) of decoding and of each node, in ms."""
        from streamlab.charts import node_costs

        return node_costs(self, ax)

    def dashboard(self) -> "Figure":
        """Return a figure of latency, its distribution, fates, single frames and costs."""
        from streamlab.charts import dashboard

        return dashboard(self)

    def show(
        self, frame_index: int | None = None, session: int = 0, ax: "Axes | None" = None
    ) -> "Axes":
        """Draw a frame of the video with the answer that was on show; `pictures.show_frame`."""
        from streamlab.charts.pictures import show_frame

        return show_frame(self, frame_index, session, ax)

    def strip(self, frame_indices: Iterable[int] | None = None, session: int = 0) -> "Figure":
        """Return a figure of frames of the video with their answers, in rows of three.

        Without `frame_indices`, six are taken evenly from those in which something was found.
        Raises `OptionError` for a frame or session that there is not, `RecordingError` if the
        recording names no video, and `VideoError` if that cannot be read any more.
        """
        from streamlab.charts.pictures import show_strip

        return show_strip(self, frame_indices, session)
