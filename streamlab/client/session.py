"""One streaming session: frames out on a schedule, answers in, a row for each."""

import asyncio
import contextlib
import json
import time
from collections.abc import Callable
from typing import Any, Protocol

from tornado.websocket import WebSocketClientConnection, WebSocketClosedError

from .connection import connect
from .record import Fate, FrameRow, SessionRecord

DRAIN_S = 30.0
"""How long a client waits, after its last frame, for the answers that are still due."""

FATE_OF_ERROR: dict[str, Fate] = {
    "invalid_frame": "rejected",
    "frame_too_large": "rejected",
    "slow_consumer": "rejected",
}


class Frames(Protocol):
    """Where frames come from."""

    def is_ready(self, index: int) -> bool:
        """Say whether `read` would return at once."""

    def read(self, index: int) -> bytes | None:
        """Return the JPEG of this index, or None behind the end; may wait for it."""


class StreamClient:
    """Streams frames at a fixed rate and records what became of each.

    The schedule is fixed when the session starts: frame i is due i / `fps` seconds later. A late
    frame is sent at once and its lateness counts, so a stall does not hide the frames behind it.
    """

    def __init__(
        self,
        url: str,
        pipeline_id: str,
        fps: float,
        token: str | None = None,
        on_answer: Callable[[FrameRow], None] | None = None,
    ) -> None:
        self.record = SessionRecord(pipeline_id, fps)
        self._url = url
        self._token = token
        self._on_answer = on_answer
        self._start = 0.0
        self._unanswered = 0
        self._all_sent = False
        self._answered = asyncio.Event()
        self._is_over = False

    async def run(
        self, frames: Frames, loop_video: bool = False, seconds: float | None = None
    ) -> SessionRecord:
        """Stream until the video, or the time, is over; then wait for the last answers.

        Raises `ServerError` if the server cannot be reached. A session that the server ends stands
        as it is in the record, with `error` and `close_code`.
        """
        connection = await connect(self._url, self._token)
        self._start = time.perf_counter()
        reading = asyncio.ensure_future(self._read(connection))
        try:
            await self._send(connection, frames, loop_video, seconds)
            with contextlib.suppress(TimeoutError):
                await asyncio.wait_for(self._answered.wait(), DRAIN_S)
        finally:
            connection.close(1000)
            with contextlib.suppress(TimeoutError):
                await asyncio.wait_for(reading, DRAIN_S)
        return self.record

    async def _send(
        self,
        connection: WebSocketClientConnection,
        frames: Frames,
        loop_video: bool,
        seconds: float | None,
    ) -> None:
        index = place = 0
        while not self._is_over:
            due_s = index / self.record.fps
            if seconds is not None and max(due_s, self._now_ms() / 1e3) >= seconds:
                break
            if not frames.is_ready(place):
                await asyncio.to_thread(frames.read, place)
            frame = frames.read(place)
            if frame is None:
                if not loop_video or place == 0:
                    break
                place = 0
                continue
            await asyncio.sleep(max(0.0, self._start + due_s - time.perf_counter()))
            if self._is_over:
                break
            self.record.rows.append(FrameRow(index, due_s * 1e3, self._now_ms(), len(frame)))
            self._unanswered += 1
            try:
                await connection.write_message(frame, binary=True)
            except WebSocketClosedError:
                break
            index += 1
            place += 1
        self._all_sent = True
        self._check_over()

    async def _read(self, connection: WebSocketClientConnection) -> None:
        while (message := await connection.read_message()) is not None:
            self._take(json.loads(message))
        self._is_over = True
        self.record.close_code = connection.close_code
        self._answered.set()

    def _take(self, message: dict[str, Any]) -> None:
        now_ms = self._now_ms()
        if "warning" in message:
            self.record.slow_downs.append((now_ms, message["target_fps"]))
        elif "error" in message:
            self._end(message, now_ms)
        else:
            row = self.record.rows[message["frame_index"]]
            _fill(row, message)
            self._answer(row, "dropped" if message.get("dropped") else "processed", now_ms)

    def _answer(self, row: FrameRow, fate: Fate, now_ms: float) -> None:
        row.fate = fate
        row.answered_ms = now_ms
        row.round_trip_ms = now_ms - row.scheduled_ms
        self._unanswered -= 1
        if self._on_answer is not None:
            self._on_answer(row)
        self._check_over()

    def _end(self, message: dict[str, Any], now_ms: float) -> None:
        """Take the error that ends the session: it is the answer of the first frame without one."""
        self.record.error = f"{message['error']}: {message.get('detail', '')}"
        self._is_over = True
        for row in self.record.rows:
            if row.fate == "unanswered":
                self._answer(row, FATE_OF_ERROR.get(message["error"], "failed"), now_ms)
                break
        self._answered.set()

    def _check_over(self) -> None:
        if self._all_sent and not self._unanswered:
            self._answered.set()

    def _now_ms(self) -> float:
        return (time.perf_counter() - self._start) * 1e3


def _fill(row: FrameRow, message: dict[str, Any]) -> None:
    timing = message.get("timing", {})
    row.queued_ms = timing.get("queued")
    row.decode_ms = timing.get("decode")
    row.nodes_ms = timing.get("nodes", {})
    row.total_ms = timing.get("total")
    row.result = message.get("result")
    server = message.get("server", {})
    row.received_ms = server.get("received")
    row.state = server.get("state")
    row.cause = server.get("cause")
