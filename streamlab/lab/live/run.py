"""`LiveRun`: what a browser has told of one run, and the recording that it makes."""

import gzip
import threading
import zlib
from collections.abc import Iterator, Mapping
from typing import Any

import msgspec

from streamlab.client.record import FrameRow, SessionRecord
from streamlab.errors import RecordingError
from streamlab.lab.live.snapshot import Snapshot
from streamlab.lab.recording import Recording
from streamlab.recording.assemble import assemble

MAX_FRAMES = 400_000
"""Frames that are kept, some hours of them; the oldest give way."""
ROW_NAMES = tuple(name for name in FrameRow.__dataclass_fields__ if name != "nodes_ms")


class LiveRun:
    """The rows of a run as they come, still compressed, and its latest picture.

    A notebook may be told while it reads: messages come in a thread of their own where the kernel
    has one for them.
    """

    def __init__(self, run: str, info: Mapping[str, Any]) -> None:
        self.run = run
        self.info = dict(info)
        self._blocks: list[tuple[bytes, int]] = []
        self._sessions: dict[int, dict[str, Any]] = {}
        self._frames = 0
        self._left_out = 0
        self._snapshot: Snapshot | None = None
        self._lock = threading.Lock()

    def add_block(self, block: bytes) -> None:
        """Take in a block: gzipped JSON Lines, of which each is a frame, an event or a session."""
        try:
            text = gzip.decompress(block)
            frames = (b"\n" + text).count(b'\n{"row":')
            sessions = [told["session"] for told in _objects(text) if "session" in told]
        except (OSError, EOFError, zlib.error, msgspec.DecodeError):
            return
        with self._lock:
            # of a session more is known than of its frames, which may give way
            self._sessions.update({told["session"]: told for told in sessions})
            self._blocks.append((block, frames))
            self._frames += frames
            while self._frames > MAX_FRAMES and len(self._blocks) > 1:
                _, oldest = self._blocks.pop(0)
                self._frames -= oldest
                self._left_out += oldest

    def add_picture(self, snapshot: Snapshot) -> None:
        """Take in the latest picture."""
        self._snapshot = snapshot

    @property
    def snapshot(self) -> Snapshot | None:
        """The latest picture, None before the first."""
        return self._snapshot

    def recording(self) -> Recording:
        """Return the frames so far; raises `RecordingError` if there are none."""
        with self._lock:
            blocks = [block for block, _ in self._blocks]
            sessions = dict(self._sessions)
            left_out = self._left_out
        records: list[SessionRecord] = []

        def record(number: int) -> SessionRecord:
            # each keeps its number, also where those before it have no frames left
            while len(records) <= number:
                records.append(self._blank())
            return records[number]

        for number, told in sessions.items():
            _describe(record(number), told)
        for block in blocks:
            for told in _objects(gzip.decompress(block)):
                if row := told.get("row"):
                    record(row["session"]).rows.append(_row(row))
                elif event := told.get("event"):
                    _note(record(event["session"]), event)
        if not any(each.rows for each in records):
            raise RecordingError("this view", "no frame has been answered yet")
        for each in records:
            each.rows.sort(key=lambda row: row.frame_index)
        info = {**self.info, "left_out_frames": left_out} if left_out else self.info
        return assemble(records, info, Recording)

    def _blank(self) -> SessionRecord:
        fps = float(self.info.get("fps", 0.0))
        return SessionRecord(str(self.info.get("pipeline_id", "")), fps)


def _objects(text: bytes) -> Iterator[dict[str, Any]]:
    for line in text.splitlines():
        yield msgspec.json.decode(line)


def _row(told: Mapping[str, Any]) -> FrameRow:
    row = FrameRow(**{name: told[name] for name in ROW_NAMES if name in told})
    row.nodes_ms = told.get("nodes_ms") or {}
    return row


def _describe(record: SessionRecord, told: Mapping[str, Any]) -> None:
    record.session_id = told.get("session_id")
    record.worker = told.get("worker")
    record.error = told.get("error")
    record.close_code = told.get("close_code")


def _note(record: SessionRecord, event: Mapping[str, Any]) -> None:
    """Keep an event; changes of state are told by the rows, errors by the session."""
    if event["kind"] == "slow_down":
        record.slow_downs.append((event["time_ms"], event["fps"]))
    elif event["kind"] == "rate":
        record.rates.append((event["time_ms"], event["fps"]))
    elif event["kind"] == "setting":
        record.settings.append((event["time_ms"], event["detail"]))
    elif event["kind"] == "error":
        record.ended_ms = event["time_ms"]
