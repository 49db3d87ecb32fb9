"""`text_metrics`: the text read of each real track, and its delay."""

from typing import TYPE_CHECKING

import numpy as np

from streamlab.accuracy.evaluation_set import answers_of, check_session, pipeline_name, truth_of
from streamlab.accuracy.moments import moments_of
from streamlab.accuracy.track_association import NO_TEXT, TextReadings
from streamlab.errors import OptionError, RecordingError
from streamlab.media.truth import Truth

if TYPE_CHECKING:
    import pandas as pd

    from streamlab.recording.data import RecordingData


def text_metrics(
    recording: "RecordingData",
    truth: Truth | None = None,
    session: int = 0,
    min_legible_frames: int = 10,
) -> "pd.DataFrame":
    """Return the text read of each legible real track, and when it was read, one row per track.

    The tracks are those that are legible in at least `min_legible_frames` frames that the session
    shows. Columns: `track_id`, `text` (the true one), `read` (the last text on the predicted track
    that shares most frames with it, None if there is none), `is_right`; `first_legible_ms`, when
    the text is first legible; `first_right_ms`, when the client first had an answer with the right
    text on this object, NaN if never; `delay_ms` between the two, under 0 if it was read before it
    counts as legible; `wrong_frames`, the number of frames of the video for which the answer on
    screen had a wrong text on the object, and `wrong_ms`, their duration. Times are since the
    session's first frame was due. Raises `RecordingError` if there is no truth or the answers have
    no texts on tracks, and `OptionError`.

    >>> table = text_metrics(recording)
    >>> table.is_right.mean(), table.delay_ms.median()
    """
    import pandas as pd

    truth = truth_of(recording, truth)
    check_session(recording, session)
    whole = isinstance(min_legible_frames, int) and not isinstance(min_legible_frames, bool)
    if not whole or min_legible_frames < 1:
        allowed = "a whole number from 1 up is allowed"
        raise OptionError("min_legible_frames", min_legible_frames, allowed)
    answers, results = answers_of(recording, session)
    if results and not any("text" in result and "detections" in result for result in results):
        raise RecordingError(
            str(recording.info.get("video", "recording")),
            f"the answers of {pipeline_name(recording)} have no texts on detections",
        )
    moments = moments_of(recording, answers, session, len(truth.frames))
    legible: dict[int, list[float]] = {}
    for time_ms, frame in zip(moments.time_ms.tolist(), moments.video_frame.tolist(), strict=True):
        for thing in truth.frames[frame] if frame < len(truth.frames) else ():
            if thing.get("legible"):
                legible.setdefault(thing["track_id"], []).append(time_ms)
    frames = answers["video_frame"].tolist()
    readings = TextReadings(truth, zip(frames, results, strict=True), 1, recording.scale)
    pairs = readings.associations()
    is_right = pairs.text == pairs.true_text
    is_wrong = ~is_right & (pairs.text != NO_TEXT)
    answered_ms = answers["answered_ms"].to_numpy(dtype=np.float64) - moments.start_ms
    on_screen = np.bincount(moments.live_row[moments.live_row >= 0], minlength=len(answers))
    rows = []
    for real, outcome in enumerate(readings.outcomes()):
        times = legible.get(outcome.track_id, [])
        if len(times) < min_legible_frames:
            continue
        mine = pairs.real == real
        right_ms = answered_ms[pairs.answer[mine & is_right]].min(initial=np.inf)
        right_ms = right_ms if np.isfinite(right_ms) else np.nan
        wrong = int(on_screen[pairs.answer[mine & is_wrong]].sum())
        read = (outcome.truth, outcome.read, outcome.is_right)
        timed = (times[0], right_ms, right_ms - times[0], wrong, wrong * moments.interval_ms)
        rows.append((outcome.track_id, *read, *timed))
    columns = ["track_id", "text", "read", "is_right", "first_legible_ms", "first_right_ms"]
    table = pd.DataFrame(rows, columns=[*columns, "delay_ms", "wrong_frames", "wrong_ms"])
    # without a reading anywhere, pandas would take None for a missing number
    table["read"] = table["read"].astype(object).where(table["read"].notna(), None)
    return table
