"""`Recording`: what became of every frame of one or more sessions, live or replayed."""

from collections.abc import Iterable, Mapping
from functools import cached_property
from os import PathLike
from pathlib import Path
from typing import TYPE_CHECKING, Any

from streamlab.backpressure.realtime import DROP_CAUSES
from streamlab.client.record import FATES
from streamlab.errors import RecordingError, VideoError
from streamlab.media.samples import Truth
from streamlab.recording.columns import EVENT_COLUMNS, detections_table, frame_columns, typed
from streamlab.recording.recorded_video import recorded_video
from streamlab.recording.session_table import SessionTable
from streamlab.recording.summary import Columns, figures

if TYPE_CHECKING:
    import pandas as pd
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

    from streamlab.accuracy import StreamingAccuracy
    from streamlab.replay.trace import Trace

TARGET_MS = 40.0
"""The round trip that streamlab aims at."""


class Recording:
    """Every frame of a run: when it was due, sent, received and answered, and what became of it.

    `frames` has one row a frame, `events` one a change of state or a request to slow down; their
    columns are those of `streamlab.recording.columns`, times in milliseconds since the recording
    began. `results` are the pipeline's answers by session and frame index, `info` is what was asked
    for and `sessions` how each session ended.

    >>> recording = Recording.load("gate.jsonl.gz")
    >>> recording.summary()[["processed", "drop_rate", "p95_ms"]]
    """

    def __init__(
        self,
        frames: "pd.DataFrame",
        info: Mapping[str, Any],
        events: "pd.DataFrame | None" = None,
        results: Mapping[tuple[int, int], Mapping[str, Any]] | None = None,
        sessions: Iterable[Mapping[str, Any]] = (),
    ) -> None:
        import pandas as pd

        self.info = dict(info)
        self.nodes: list[str] = list(self.info.get("nodes", ()))
        self.frames = typed(frames, frame_columns(self.nodes))
        self.events = typed(pd.DataFrame() if events is None else events, EVENT_COLUMNS)
        self.sessions = SessionTable(dict(session) for session in sessions)
        self._results = dict(results or {})

    @cached_property
    def results(self) -> "pd.Series[Any]":
        """The answers of the processed frames, by session and frame index: `results[0, 57]`."""
        import pandas as pd

        index = pd.MultiIndex.from_tuples(self._results, names=["session", "frame_index"])
        return pd.Series([*self._results.values()], index=index, name="result", dtype=object)

    def result(self, frame_index: int, session: int = 0) -> Mapping[str, Any] | None:
        """Return the answer of a frame, what the pipeline produced; None where it has none."""
        return self._results.get((session, frame_index))

    @cached_property
    def detections(self) -> "pd.DataFrame":
        """A row for each detection of each processed frame, boxes in pixels of the frame sent.

        Columns: `session`, `frame_index`, `video_frame`, and what the pipeline says of a detection,
        such as `x`, `y`, `width`, `height`, `label`, `score`, `track_id` and `text`; `contours`,
        `keypoints` and `corners` are lists, where a model tells them.

        `track_id` is a whole number, `<NA>` for a detection that is on no track.
        """
        return detections_table(self._rows_of("detections"))

    @cached_property
    def classes(self) -> "pd.DataFrame":
        """A row for each class that a frame was taken for, the surest first.

        Columns: `session`, `frame_index`, `video_frame`, `label` and `score`.
        """
        import pandas as pd

        columns = ["session", "frame_index", "video_frame", "label", "score"]
        return pd.DataFrame(self._rows_of("classes"), columns=columns)

    def _rows_of(self, key: str) -> list[dict[str, Any]]:
        """Return a row for each item of a list in the answers, with the frame that it is of."""
        shown = dict(
            zip(
                zip(self.frames["session"], self.frames["frame_index"], strict=True),
                self.frames["video_frame"],
                strict=True,
            )
        )
        return [
            {"session": session, "frame_index": index, "video_frame": shown[session, index], **item}
            for (session, index), result in self._results.items()
            for item in result.get(key, ())
        ]

    @property
    def ledger(self) -> "pd.DataFrame":
        """Counts by session: `received` is the sum of all the other columns, in every row."""
        import pandas as pd

        frames = self.frames
        columns = {"received": frames.groupby("session").size()}
        for fate in FATES:
            rows = frames[frames["fate"] == fate]
            if fate == "dropped":
                for cause in (*DROP_CAUSES, "unknown"):
                    of_cause = rows[rows["cause"].fillna("unknown") == cause]
                    columns[f"dropped_{cause}"] = of_cause.groupby("session").size()
            else:
                columns[fate] = rows.groupby("session").size()
        return pd.DataFrame(columns).fillna(0).astype("int64").rename_axis("session")

    def summary(self) -> "pd.DataFrame":
        """Return one row a session: counts, rates and quantiles of the processed frames.

        Quantiles are the smallest values that at least so many of the frames do not exceed; round
        trips count from the time at which a frame was due.
        """
        import pandas as pd

        groups = self.frames.groupby("session", sort=True)
        rows = {session: self._figures(frames) for session, frames in groups}
        table = pd.DataFrame.from_dict(rows, orient="index").rename_axis("session")
        slow_downs = self.events[self.events["kind"] == "slow_down"].groupby("session").size()
        if len(table):
            table["slow_downs"] = slow_downs.reindex(table.index).fillna(0).astype("int64")
            errors = {session["session"]: session.get("error") for session in self.sessions}
            table["error"] = [errors.get(session) for session in table.index]
        return table

    def overall(self) -> dict[str, float]:
        """Return the figures of all sessions together, as one row of `summary` has them."""
        return self._figures(self.frames)

    def _figures(self, frames: "pd.DataFrame") -> dict[str, Any]:
        nan = float("nan")
        fps = float(self.info.get("fps") or nan)
        shown_fps = (
            fps if self.info.get("every_frame") else float(self.info.get("video_fps") or fps)
        )
        columns = Columns(
            session=frames["session"].to_numpy(),
            scheduled_ms=frames["scheduled_ms"].to_numpy(),
            sent_ms=frames["sent_ms"].to_numpy(),
            queued_ms=frames["queued_ms"].to_numpy(),
            answered_ms=frames["answered_ms"].to_numpy(),
            round_trip_ms=frames["round_trip_ms"].to_numpy(),
            fate=frames["fate"].cat.codes.to_numpy().astype("int64"),
            cause=frames["cause"].cat.codes.to_numpy().astype("int64"),
        )
        return figures(columns, fps, 1e3 / shown_fps)

    @property
    def truth(self) -> Truth:
        """The ground truth of the recorded video; raises `RecordingError` where there is none."""
        name = str(self.info.get("video", ""))
        try:
            video = recorded_video(self)
        except VideoError:
            # of a video that is gone the truth may still be there
            video = Path(name)
        truth = Truth.of_video(video)
        if truth is None:
            raise RecordingError(
                name,
                "there is no ground truth beside this video (NAME.truth.jsonl), which this needs",
            )
        return truth

    @property
    def scale(self) -> float:
        """Pixels of the video for one pixel of the frames that were sent."""
        return float(self.info.get("video_width", 1) / (self.info.get("width") or 1))

    def detection_metrics(self, **options: Any) -> "pd.DataFrame":
        """Return precision and recall over score thresholds; `streamlab.lab.detection_metrics`.

        Columns: `label`, `score_threshold`, `tp`, `fp`, `fn`, `precision`, `recall`, `f1`.
        """
        from streamlab.accuracy import detection_metrics

        return detection_metrics(self, **options)

    def average_precision(self, **options: Any) -> "pd.DataFrame":
        """Return the AP of each label; as `streamlab.lab.average_precision`.

        Columns: `label`, `iou_threshold`, `ap` (0 to 1), `truths`, `detections`.
        """
        from streamlab.accuracy import average_precision

        return average_precision(self, **options)

    def text_metrics(self, **options: Any) -> "pd.DataFrame":
        """Return what was read of each true text, and when; as `streamlab.lab.text_metrics`."""
        from streamlab.accuracy import text_metrics

        return text_metrics(self, **options)

    def streaming_accuracy(self, **options: Any) -> "StreamingAccuracy":
        """Return the accuracy that a viewer sees; as `streamlab.lab.streaming_accuracy`."""
        from streamlab.accuracy import streaming_accuracy

        return streaming_accuracy(self, **options)

    def plot_precision_recall(self, **options: Any) -> "Axes":
        """Draw precision against recall of each label, over all score thresholds.

        `options` are `truth`, `iou_threshold` (0.5), `labels` and `ax`. Raises `RecordingError` and
        `OptionError`.
        """
        from streamlab.charts.accuracy import precision_recall_curve

        return precision_recall_curve(self, **options)

    def trace(self, *others: "Recording") -> "Trace":
        """Return what this recording, and others of the same pipeline, prove about load.

        Raises `RecordingError` if no frame was processed, or they do not belong together.
        """
        from streamlab.replay.trace import Trace

        return Trace.of(self, *others)

    def save(self, path: str | Path) -> Path:
        """Write everything to one file, gzipped JSON Lines; `docs/recordings.md` describes it.

        Raises `RecordingError` if it cannot be written; what stood there before is kept then.
        """
        from streamlab.recording.file import write_recording

        return write_recording(self, _path(path))

    @classmethod
    def load(cls, path: str | Path, partial: bool = False) -> "Recording":
        """Read a file that `save` wrote; raises `RecordingError`, one line, if that cannot be done.

        With `partial`, what can be read of a truncated file is returned.
        """
        from streamlab.recording.file import read_recording

        return read_recording(_path(path), partial)

    def __repr__(self) -> str:
        return f"<Recording: {self._headline()}>"

    def _headline(self) -> str:
        figures = self.overall()
        kinds = {"replay": "replay of "}
        what = f"{kinds.get(self.info.get('source', ''), '')}{self.info.get('video', '?')}"
        sessions = self.frames["session"].nunique()
        line = f"{what} through {self.info.get('pipeline_id', '?')}, "
        if sessions != 1:
            line += f"{sessions} sessions, "
        line += f"{figures['sent']} frames"
        if figures["sent"]:
            line += f", {100 * figures['processed'] / figures['sent']:.1f} % processed"
        if figures["processed"]:
            line += f", p50 {figures['p50_ms']:.1f} ms, p95 {figures['p95_ms']:.1f} ms"
        return line

    def _repr_html_(self) -> str:
        from streamlab.lab.html import recording_card

        return recording_card(self)

    def node_costs(self) -> "pd.DataFrame":
        """Return p50, p95, mean (ms) and share of decoding and of each node, a row each."""
        from streamlab.recording.node_costs import node_costs

        return node_costs(self.frames, self.nodes)

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


def _path(path: str | Path) -> Path:
    if not isinstance(path, str | PathLike):
        raise RecordingError(repr(path), "the path of a file is allowed, as a text or a Path")
    return Path(path)
