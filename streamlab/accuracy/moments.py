"""`Moments`: the frame of the video and the latest answer that the viewer sees, over time."""

from typing import TYPE_CHECKING, NamedTuple

import numpy as np

from streamlab.accuracy.boxes import Floats, Ints
from streamlab.errors import RecordingError

if TYPE_CHECKING:
    import pandas as pd

    from streamlab.recording.data import RecordingData

NO_ANSWER = -1
TOLERANCE_MS = 0.01
"""Recordings keep times to the microsecond; rounding must not decide what is in time."""


class Moments(NamedTuple):
    """The moments of a session, one row for each frame of the video that is shown.

    `time_ms` is when the frame `video_frame` is shown, since the session's first frame was due, for
    `interval_ms`. `live_row` is the row of the latest answer available at that time, `offline_row`
    that of the latest one if answers took no time; -1 for none.
    """

    start_ms: float
    interval_ms: float
    time_ms: Floats
    video_frame: Ints
    live_row: Ints
    offline_row: Ints

    def before(self, video_frame: int) -> "Moments":
        """Return the moments at which a frame before this one of the video is shown."""
        mine = self.video_frame < video_frame
        return self._replace(
            time_ms=self.time_ms[mine],
            video_frame=self.video_frame[mine],
            live_row=self.live_row[mine],
            offline_row=self.offline_row[mine],
        )


def moments_of(
    recording: "RecordingData", answers: "pd.DataFrame", session: int, video_frames: int
) -> Moments:
    """Return the moments of a session, for a video of `video_frames` frames.

    `answers` are the session's answered frames in order. A video that plays in real time shows its
    frame v at v / `video_fps` seconds; with `every_frame` it shows each frame when that is due. The
    session lasts until one interval after its last frame was due.
    """
    frames = recording.frames
    frames = frames[frames["session"] == session].sort_values("frame_index")
    due = frames["scheduled_ms"].to_numpy(dtype=np.float64)
    start_ms = float(due[0])
    period_ms = 1e3 / _rate(recording, "fps")
    if recording.info.get("every_frame"):
        interval_ms = period_ms
        time_ms = due - start_ms
        shown = frames["video_frame"].to_numpy(dtype=np.int64)
    else:
        interval_ms = 1e3 / _rate(recording, "video_fps")
        length_ms = due[-1] + period_ms - start_ms
        shown = np.arange(int(np.ceil((length_ms - TOLERANCE_MS) / interval_ms)))
        time_ms = shown * interval_ms
        if recording.info.get("loop") and video_frames:
            shown = shown % video_frames
    clock_ms = start_ms + time_ms + TOLERANCE_MS
    return Moments(
        start_ms,
        interval_ms,
        time_ms,
        shown,
        _latest(answers["answered_ms"].to_numpy(dtype=np.float64), clock_ms),
        _latest(answers["scheduled_ms"].to_numpy(dtype=np.float64), clock_ms),
    )


def _latest(available_ms: Floats, clock_ms: Floats) -> Ints:
    """Return, for each time, the last row that is available, -1 for none.

    The answer of an older frame never replaces that of a newer one.
    """
    order = np.argsort(available_ms, kind="stable")
    newest = np.append(NO_ANSWER, np.maximum.accumulate(order)) if len(order) else [NO_ANSWER]
    return np.asarray(newest)[np.searchsorted(available_ms[order], clock_ms, side="right")]


def _rate(recording: "RecordingData", name: str) -> float:
    fps = recording.info.get(name)
    if not isinstance(fps, int | float) or fps <= 0:
        video = str(recording.info.get("video", "recording"))
        raise RecordingError(video, f"the recording has no {name}, which this needs")
    return float(fps)
