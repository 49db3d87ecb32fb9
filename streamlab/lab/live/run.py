"""`LiveRun`: what a browser sends of one run, and the recording that it makes."""

import gzip
import threading
import warnings
import zlib
from collections.abc import Callable, Iterator, Mapping
from typing import Any

import msgspec

from streamlab.client.record import FrameRow, SessionRecord
from streamlab.errors import RecordingError
from streamlab.lab.live.snapshot import Snapshot
from streamlab.lab.recording import Recording
from streamlab.recording.assemble import assemble

MAX_FRAMES = 400_000
"""Frames that are kept, some hours of them; the oldest give way."""
DAMAGE = (OSError, EOFError, zlib.error, msgspec.DecodeError, KeyError, TypeError, AttributeError)
"""What reading a damaged block raises."""


class LiveRun:
    """The rows of a run as they come, still compressed, and its latest picture.

    Blocks may come while a recording is made of those before: messages are handled in a thread of
    their own where the kernel has one for them.
    """

    def __init__(self, run: str, info: Mapping[str, Any]) -> None:
        self.run = run
        self.info = dict(info)
        self._blocks: list[tuple[bytes, int]] = []
        self._sessions: dict[int, dict[str, Any]] = {}
        self._frames = 0
        self._left_out = 0
        self._damaged = 0
        self._is_damage_reported = False
        self._snapshot: Snapshot | None = None
        self._lock = threading.Lock()

    def add_block(self, block: bytes) -> None:
        """Take in a block: gzipped JSON Lines, of which each is a frame, an event or a session.

        A damaged one is left out, which `recording` then says.
        """
        scratch: dict[int, SessionRecord] = {}
        sessions: dict[int, dict[str, Any]] = {}
        try:
            for line in _objects(gzip.decompress(block)):
                if "session" in line:
                    _describe(self._blank(), line["session"])
                    sessions[line["session"]["session"]] = line["session"]
                _fill(lambda number: scratch.setdefault(number, self._blank()), line)
            if not scratch and not sessions:
                raise EOFError("a block has at least a line")
        except DAMAGE:
            with self._lock:
                self._damaged += 1
            return
        frames = sum(len(record.rows) for record in scratch.values())
        with self._lock:
            # of a session more is known than of its frames, which may give way
            self._sessions.update(sessions)
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
        """Return the frames so far; raises `RecordingError` if there are none.

        Warns, once in a run, if blocks of it came damaged; `info` has their number.
        """
        self._report_damage()
        with self._lock:
            blocks = [block for block, _ in self._blocks]
            sessions = dict(self._sessions)
            counts = {"left_out_frames": self._left_out, "damaged_blocks": self._damaged}
        records: list[SessionRecord] = []

        def record(number: int) -> SessionRecord:
            # each keeps its number, also where those before it have no frames left
            while len(records) <= number:
                records.append(self._blank())
            return records[number]

        for number, session in sessions.items():
            _describe(record(number), session)
        for block in blocks:
            for line in _objects(gzip.decompress(block)):
                _fill(record, line)
        if not any(each.rows for each in records):
            raise RecordingError("this view", "no frame has been answered yet")
        for each in records:
            each.rows.sort(key=lambda row: row.frame_index)
        info = {**self.info, **{name: count for name, count in counts.items() if count}}
        return assemble(records, info, Recording)

    def _report_damage(self) -> None:
        with self._lock:
            damaged, is_reported = self._damaged, self._is_damage_reported
            self._is_damage_reported = damaged > 0
        if damaged and not is_reported:
            warnings.warn(
                f"{damaged} of the blocks that the browser sent of this run, a second of frames "
                "each, came damaged: their frames are missing here. The view itself has them: "
                'press "Save recording", and load that file',
                stacklevel=4,
            )

    def _blank(self) -> SessionRecord:
        fps = float(self.info.get("fps", 0.0))
        return SessionRecord(str(self.info.get("pipeline_id", "")), fps)


def _objects(text: bytes) -> Iterator[dict[str, Any]]:
    for line in text.splitlines():
        yield msgspec.json.decode(line)


def _fill(record: Callable[[int], SessionRecord], line: Mapping[str, Any]) -> None:
    """Add a frame, or an event, to the record of its session."""
    if row := line.get("row"):
        record(row["session"]).rows.append(msgspec.convert(row, FrameRow))
    elif event := line.get("event"):
        _note(record(event["session"]), event)


def _describe(record: SessionRecord, session: Mapping[str, Any]) -> None:
    record.session_id = session.get("session_id")
    record.worker = session.get("worker")
    record.error = session.get("error")
    record.close_code = session.get("close_code")


def _note(record: SessionRecord, event: Mapping[str, Any]) -> None:
    """Keep an event; changes of state are known from the rows, errors from the session."""
    if event["kind"] == "slow_down":
        record.slow_downs.append((event["time_ms"], event["fps"]))
    elif event["kind"] == "rate":
        record.rates.append((event["time_ms"], event["fps"]))
    elif event["kind"] == "setting":
        record.settings.append((event["time_ms"], event["detail"]))
    elif event["kind"] == "error":
        record.ended_ms = event["time_ms"]
