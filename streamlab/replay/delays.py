"""Delays of recorded frames outside the server: client lateness, upload and download."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np

from streamlab.backpressure.policies import pauses
from streamlab.recording.summary import Floats, Ints
from streamlab.replay.service_times import worker_numbers
from streamlab.replay.session_load import FrameDelays

if TYPE_CHECKING:
    from streamlab.recording.data import RecordingData

BLOCKED_MS = 1.0
"""Where reading may pause, a frame received this soon after a start was held back."""
MOST_LATE_MS = 50.0
"""Lateness above which a client cannot keep up; its delays are left out."""
FEWEST = 20
"""Number of frames needed for the delays at a number of busy workers."""


@dataclass(frozen=True)
class SessionDelays:
    """Delays of one recorded session by frame index, and the number of busy workers at each."""

    delays: list[FrameDelays]
    busy_workers: list[int]
    opened_at_s: float


def session_delays(recording: "RecordingData", session: int) -> SessionDelays:
    """Return the delays of a recorded session; unknown ones are those of the frame before."""
    frames = recording.frames[recording.frames["session"] == session]
    late, upload, download = _parts_ms(recording, session)
    opened_ms = 0.0
    if len(frames):
        queued = frames["queued_ms"].iloc[0]
        if queued > BLOCKED_MS:
            opened_ms = float(frames["received_ms"].iloc[0] + queued)
    delays = [*zip(_filled_s(late), _filled_s(upload), _filled_s(download), strict=True)]
    return SessionDelays(delays, _busy_workers(recording, session).tolist(), opened_ms / 1e3)


def delays_by_busy(recordings: Sequence["RecordingData"]) -> list[list[FrameDelays]]:
    """Return the recorded delays while 0, 1, 2, ... workers were busy.

    Empty for a single recording, whose own delays are replayed.
    """
    if len(recordings) < 2:
        return []
    found: dict[int, list[FrameDelays]] = {}
    for recording in recordings:
        for session in sorted(recording.frames["session"].unique()):
            late, upload, download = _parts_ms(recording, session)
            busy = _busy_workers(recording, session)
            known = ~np.isnan(late) & ~np.isnan(upload) & (late < MOST_LATE_MS)
            table = np.column_stack([_filled_s(late), _filled_s(upload), _filled_s(download)])
            for number in np.unique(busy[known]):
                rows = table[known & (busy == number)].tolist()
                found.setdefault(int(number), []).extend((a, b, c) for a, b, c in rows)
    delays: list[list[FrameDelays]] = []
    for number in range(max(found, default=-1) + 1):
        these = found.get(number, [])
        # too few frames: the delays with one busy worker less
        delays.append(these if len(these) >= FEWEST or not delays else delays[-1])
    return delays


def _parts_ms(recording: "RecordingData", session: int) -> tuple[Floats, Floats, Floats]:
    frames = recording.frames[recording.frames["session"] == session]
    late = (frames["sent_ms"] - frames["scheduled_ms"]).to_numpy()
    upload = (frames["received_ms"] - frames["sent_ms"]).to_numpy()
    started = (frames["received_ms"] + frames["queued_ms"]).to_numpy()
    handed_over = (frames["received_ms"] + frames["total_ms"]).to_numpy()
    download = (frames["answered_ms"] - handed_over).to_numpy()
    if pauses(str(recording.info.get("policy"))):
        # frames that a full queue held back in the socket say nothing about the network
        ahead = int(recording.info.get("waiting_frames") or 2)
        room_at = np.concatenate([np.full(ahead, -np.inf), started])[: len(started)]
        blocked = frames["received_ms"].to_numpy() - room_at < BLOCKED_MS
        if (~blocked & ~np.isnan(upload)).any():
            late, upload = np.where(blocked, np.nan, late), np.where(blocked, np.nan, upload)
        else:
            late, upload = np.zeros(len(late)), np.zeros(len(upload))
    return late, upload, download


def _busy_workers(recording: "RecordingData", session: int) -> Ints:
    """Return, for each frame of a session, the number of busy workers when it was sent."""
    frames = recording.frames
    done = frames[frames["total_ms"].notna() & frames["received_ms"].notna()]
    begin = (done["received_ms"] + done["queued_ms"]).to_numpy()
    end = (done["received_ms"] + done["total_ms"]).to_numpy()
    worker = worker_numbers(recording, done["session"].to_numpy())
    sent = frames.loc[frames["session"] == session, "sent_ms"].to_numpy()
    busy = np.zeros(len(sent), dtype=np.int64)
    for one in np.unique(worker):
        rows = worker == one
        started = np.searchsorted(np.sort(begin[rows]), sent, side="right")
        ended = np.searchsorted(np.sort(end[rows]), sent, side="right")
        busy += started > ended
    return busy


def _filled_s(values_ms: Any) -> list[float]:
    """Return non-negative seconds; missing values are the last known before them, or the first."""
    values = np.maximum(np.asarray(values_ms, dtype=np.float64), 0.0)
    known = np.flatnonzero(~np.isnan(values))
    if not len(known):
        return [0.0] * len(values)
    latest = np.searchsorted(known, np.arange(len(values)), side="right") - 1
    filled: list[float] = (values[known[np.maximum(latest, 0)]] / 1e3).tolist()
    return filled
