"""What a client and the way to it add to a frame's time, and how that depends on busy workers."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np

from streamlab.recording.summary import Floats, Ints
from streamlab.replay.service_times import worker_numbers

if TYPE_CHECKING:
    from streamlab.recording.data import RecordingData

BLOCKED_MS = 1.0
"""A `lossless` frame that is received within this of its predecessors' turn was kept waiting."""
MOST_LATE_MS = 50.0
"""A client that is later than this cannot keep up; what it adds says nothing of the server."""
FEWEST = 20
"""Frames that must have met a number of busy workers before they speak for it."""

Way = tuple[float, float, float]
"""Due to sent, sent to received, handed over to answered: seconds."""


@dataclass(frozen=True)
class Transport:
    """One recorded session's ways, by frame index, and how many workers were busy meanwhile."""

    ways: list[Way]
    busy: list[int]
    opened_at_s: float


def transport(recording: "RecordingData", session: int) -> Transport:
    """Return a recorded session's ways; what is not known is as it was for the frame before."""
    frames = recording.frames[recording.frames["session"] == session]
    late, upload, download = _parts_ms(recording, session)
    opened_ms = 0.0
    if len(frames):
        queued = frames["queued_ms"].iloc[0]
        if queued > BLOCKED_MS:
            opened_ms = float(frames["received_ms"].iloc[0] + queued)
    ways = [*zip(_filled_s(late), _filled_s(upload), _filled_s(download), strict=True)]
    return Transport(ways, _busy_workers(recording, session).tolist(), opened_ms / 1e3)


def ways_by_busy(recordings: Sequence["RecordingData"]) -> list[list[Way]]:
    """Return the ways that were met while no worker was busy, one was, two were, and so on.

    Empty where there is but one recording, which is replayed as it was.
    """
    if len(recordings) < 2:
        return []
    found: dict[int, list[Way]] = {}
    for recording in recordings:
        for session in sorted(recording.frames["session"].unique()):
            late, upload, download = _parts_ms(recording, session)
            busy = _busy_workers(recording, session)
            known = ~np.isnan(late) & ~np.isnan(upload) & (late < MOST_LATE_MS)
            met = np.column_stack([_filled_s(late), _filled_s(upload), _filled_s(download)])
            for number in np.unique(busy[known]):
                rows = met[known & (busy == number)].tolist()
                found.setdefault(int(number), []).extend((a, b, c) for a, b, c in rows)
    ways: list[list[Way]] = []
    for number in range(max(found, default=-1) + 1):
        these = found.get(number, [])
        # too few to speak for it: as with one worker less
        ways.append(these if len(these) >= FEWEST or not ways else ways[-1])
    return ways


def _parts_ms(recording: "RecordingData", session: int) -> tuple[Floats, Floats, Floats]:
    frames = recording.frames[recording.frames["session"] == session]
    late = (frames["sent_ms"] - frames["scheduled_ms"]).to_numpy()
    upload = (frames["received_ms"] - frames["sent_ms"]).to_numpy()
    started = (frames["received_ms"] + frames["queued_ms"]).to_numpy()
    handed_over = (frames["received_ms"] + frames["total_ms"]).to_numpy()
    download = (frames["answered_ms"] - handed_over).to_numpy()
    if recording.info.get("policy") == "lossless":
        # what a full line keeps in the socket is the server's doing, not the way's
        ahead = int(recording.info.get("waiting_frames") or 2)
        turn = np.concatenate([np.full(ahead, -np.inf), started])[: len(started)]
        blocked = frames["received_ms"].to_numpy() - turn < BLOCKED_MS
        if (~blocked & ~np.isnan(upload)).any():
            late, upload = np.where(blocked, np.nan, late), np.where(blocked, np.nan, upload)
        else:
            late, upload = np.zeros(len(late)), np.zeros(len(upload))
    return late, upload, download


def _busy_workers(recording: "RecordingData", session: int) -> Ints:
    """Return, for each frame of a session, how many workers were busy when it was sent."""
    frames = recording.frames
    done = frames[frames["total_ms"].notna() & frames["received_ms"].notna()]
    begin = (done["received_ms"] + done["queued_ms"]).to_numpy()
    end = (done["received_ms"] + done["total_ms"]).to_numpy()
    worker = worker_numbers(recording, done["session"].to_numpy())
    sent = frames.loc[frames["session"] == session, "sent_ms"].to_numpy()
    busy = np.zeros(len(sent), dtype=np.int64)
    for one in np.unique(worker):
        rows = worker == one
        begun = np.searchsorted(np.sort(begin[rows]), sent, side="right")
        ended = np.searchsorted(np.sort(end[rows]), sent, side="right")
        busy += begun > ended
    return busy


def _filled_s(values_ms: Any) -> list[float]:
    """Return seconds, none negative, each missing value as the last one before it, or the first."""
    values = np.maximum(np.asarray(values_ms, dtype=np.float64), 0.0)
    known = np.flatnonzero(~np.isnan(values))
    if not len(known):
        return [0.0] * len(values)
    latest = np.searchsorted(known, np.arange(len(values)), side="right") - 1
    filled: list[float] = (values[known[np.maximum(latest, 0)]] / 1e3).tolist()
    return filled
