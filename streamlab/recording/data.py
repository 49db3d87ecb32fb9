"""`RecordingData`: the frames, events and answers of one or more sessions, as tables."""

from collections.abc import Iterable, Mapping
from functools import cached_property
from os import PathLike
from pathlib import Path
from typing import TYPE_CHECKING, Any, Self, TypeVar, cast

from streamlab.client.record import CAUSES, FATES, UNKNOWN_CAUSE
from streamlab.errors import RecordingError, VideoError
from streamlab.media.truth import Truth
from streamlab.recording.columns import EVENT_COLUMNS, detections_table, frame_columns, typed
from streamlab.recording.file import RecordingTables, damaged, read_recording, write_recording
from streamlab.recording.info import RecordingInfo, recorded_video
from streamlab.recording.session_table import SessionTable
from streamlab.recording.summary import Columns, figures, node_costs

if TYPE_CHECKING:
    import pandas as pd


class RecordingData:
    """The tables of a recording, as in its file, and summary figures; see `streamlab.Recording`.

    `frames` has a row for each frame, `events` for each change of state or request to slow down;
    their columns are those of `streamlab.recording.columns`, times in milliseconds since the
    recording began. `results` has the pipeline's answers by session and frame index, `info` the
    options of the run and `sessions` the end of each session.
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

        self.info = cast(RecordingInfo, dict(info))
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
        """Return the pipeline's answer to a frame, None if it has none."""
        return self._results.get((session, frame_index))

    @cached_property
    def detections(self) -> "pd.DataFrame":
        """A row for each detection of each processed frame, boxes in pixels of the frame sent.

        Columns: `session`, `frame_index`, `video_frame`, and the fields of a detection, such as
        `x`, `y`, `width`, `height`, `label`, `score`, `track_id` and `text`; `contours`,
        `keypoints` and `corners` are lists, if the model has them.

        `track_id` is a whole number, `<NA>` for a detection without a track.
        """
        return detections_table(self._rows_of("detections"))

    @cached_property
    def classes(self) -> "pd.DataFrame":
        """A row for each class predicted for each frame, by descending score.

        Columns: `session`, `frame_index`, `video_frame`, `label` and `score`.
        """
        import pandas as pd

        columns = ["session", "frame_index", "video_frame", "label", "score"]
        return pd.DataFrame(self._rows_of("classes"), columns=columns)

    def _rows_of(self, key: str) -> list[dict[str, Any]]:
        """Return a row for each item of a list in the answers, with its frame."""
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
        for outcome in FATES:
            rows = frames[frames["fate"] == outcome]
            if outcome == "dropped":
                for cause in CAUSES:
                    of_cause = rows[rows["cause"].fillna(UNKNOWN_CAUSE) == cause]
                    columns[f"dropped_{cause}"] = of_cause.groupby("session").size()
            else:
                columns[outcome] = rows.groupby("session").size()
        return pd.DataFrame(columns).fillna(0).astype("int64").rename_axis("session")

    def summary(self) -> "pd.DataFrame":
        """Return one row per session: counts, rates and quantiles of the processed frames.

        A quantile is the smallest value that at least that share of the frames does not exceed;
        round trips count from the time at which a frame was due.
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
        """Return the figures of all sessions together, with the names of `summary`."""
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
            outcome=frames["fate"].cat.codes.to_numpy().astype("int64"),
            cause=frames["cause"].cat.codes.to_numpy().astype("int64"),
        )
        return figures(columns, fps, 1e3 / shown_fps)

    def node_costs(self) -> "pd.DataFrame":
        """Return p50, p95, mean (ms) and share of decoding and of each node, a row each."""
        return node_costs(self.frames, self.nodes)

    @property
    def truth(self) -> Truth:
        """The ground truth of the recorded video; raises `RecordingError` if there is none."""
        name = str(self.info.get("video", ""))
        try:
            video = recorded_video(self.info)
        except VideoError:
            # the truth may exist without its video
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
        """Pixels of the video per pixel of the frames sent."""
        return float(self.info.get("video_width", 1) / (self.info.get("width") or 1))

    def save(self, path: str | Path) -> Path:
        """Write everything to one file, gzipped JSON Lines; `docs/recordings.md` describes it.

        Raises `RecordingError` if it cannot be written; an existing file is kept then.
        """
        tables = RecordingTables(self.frames, self.info, self.events, self._results, self.sessions)
        return write_recording(tables, _path(path))

    @classmethod
    def load(cls, path: str | Path, partial: bool = False) -> Self:
        """Read a file that `save` wrote; raises `RecordingError` if it is no valid recording.

        With `partial`, the readable part of a truncated file is returned.
        """
        path = _path(path)
        tables = read_recording(path, partial)
        try:
            return cls(*tables)
        except (ValueError, TypeError, KeyError) as error:
            raise damaged(path, error) from None

    def __repr__(self) -> str:
        return f"<{type(self).__name__}: {self.headline()}>"

    def headline(self) -> str:
        """Return the recording in one line: video, pipeline, frames, and latency."""
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


R = TypeVar("R", bound=RecordingData)
"""The class of recordings that a function returns."""


def _path(path: str | Path) -> Path:
    if not isinstance(path, str | PathLike):
        raise RecordingError(repr(path), "the path of a file is allowed, as a text or a Path")
    return Path(path)
