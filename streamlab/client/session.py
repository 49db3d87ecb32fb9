"""One streaming session: frames out on a schedule, answers in, a row for each."""

import asyncio
import contextlib
import json
import time
from collections.abc import Callable
from typing import Any, Protocol

from tornado.websocket import WebSocketClientConnection, WebSocketClosedError

from streamlab.client.connection import connect
from streamlab.client.pace import make_pace, shown_frame
from streamlab.client.record import Fate, FrameRow, SessionRecord

DRAIN_S = 30.0
"""How long a client waits, after its last frame, for the answers that are still due."""

CONNECTION_LOST = "connection_lost"
"""Stands for the error of a session whose server went away without a word."""

FATE_OF_ERROR: dict[str, Fate] = {
    "invalid_frame": "rejected",
    "frame_too_large": "rejected",
    "slow_consumer": "rejected",
}


class Frames(Protocol):
    """Where frames come from."""

    @property
    def count(self) -> int:
        """How many there are, once `read` has returned None."""

    def is_ready(self, index: int) -> bool:
        """Say whether `read` would return at once."""

    def read(self, index: int) -> bytes | None:
        """Return the JPEG of this index, or None behind the end; may wait for it."""


class StreamClient:
    """Streams frames on a schedule and records the outcome of each.

    Frame i is due when the pace says so, counted from the session's start: i / `fps` seconds later
    unless `adaptive`. A late frame is sent at once and its lateness counts, so a stall does not
    hide the frames behind it. With `video_fps` the video plays in real time, and each time the
    frame is sent that it shows; without, every frame is sent, however long that takes.
    """

    def __init__(
        self,
        url: str,
        pipeline_id: str,
        fps: float,
        token: str | None = None,
        on_answer: Callable[[FrameRow], None] | None = None,
        *,
        adaptive: bool = False,
        video_fps: float | None = None,
        phase_s: float = 0.0,
    ) -> None:
        self.record = SessionRecord(pipeline_id, fps)
        self._url = url
        self._token = token
        self._on_answer = on_answer
        self._pace = make_pace(fps, adaptive)
        self._video_fps = video_fps
        self._phase_s = phase_s
        self._connection: WebSocketClientConnection | None = None
        self._origin = 0.0
        self._unanswered = 0
        self._all_sent = False
        self._answered = asyncio.Event()
        self._is_over = False
        self._is_stopping = False
        self._is_closing = False
        self._waking: asyncio.Future[None] | None = None

    async def open(self) -> None:
        """Connect; raises `ServerError` if the server cannot be reached."""
        self._connection = await connect(self._url, self._token)

    async def run(
        self,
        frames: Frames,
        loop_video: bool = False,
        seconds: float | None = None,
        origin: float | None = None,
    ) -> SessionRecord:
        """Stream until the video, or the time, is over; then wait for the last answers.

        `origin`, on the clock of `time.perf_counter`, is when the record's time begins; the
        session's first frame is due `phase_s` later. Raises `ServerError` if the server cannot be
        reached. A session that the server ends stands as it is in the record, with `error` and
        `close_code`.
        """
        if self._connection is None:
            await self.open()
        connection = self._connection
        assert connection is not None
        self._origin = time.perf_counter() if origin is None else origin
        reading = asyncio.ensure_future(self._read(connection))
        try:
            await self._send(connection, frames, loop_video, seconds)
            with contextlib.suppress(TimeoutError):
                await asyncio.wait_for(self._answered.wait(), DRAIN_S)
        finally:
            await self.close()
            with contextlib.suppress(TimeoutError):
                await asyncio.wait_for(reading, DRAIN_S)
        return self.record

    async def close(self) -> None:
        """Close the connection; nothing happens if there is none."""
        self._is_closing = True
        if self._connection is not None:
            self._connection.close(1000)

    def note_setting(self, detail: str) -> None:
        """Record that the session decides otherwise from now on."""
        self.record.settings.append((self._now_ms(), detail))

    def stop(self) -> None:
        """Send no further frame; `run` returns when those that were sent are answered."""
        self._is_stopping = True
        if self._waking is not None:
            _wake(self._waking)

    async def _send(
        self,
        connection: WebSocketClientConnection,
        frames: Frames,
        loop_video: bool,
        seconds: float | None,
    ) -> None:
        index = 0
        count: int | None = None
        while not self._is_over:
            due_s = self._pace.due(index)
            if seconds is not None and max(due_s, self._now_s()) >= seconds:
                break
            place = index if self._video_fps is None else shown_frame(due_s, self._video_fps)
            if count:
                place %= count
            if not frames.is_ready(place):
                await asyncio.to_thread(frames.read, place)
            frame = frames.read(place)
            if frame is None:
                count = frames.count
                if not loop_video or not count:
                    break
                place %= count
                frame = frames.read(place)
                assert frame is not None
            if await self._wait(due_s) or self._is_over:
                break
            due_ms = (self._phase_s + due_s) * 1e3
            row = FrameRow(index, due_ms, self._now_ms(), len(frame), place)
            self.record.rows.append(row)
            self._unanswered += 1
            try:
                await connection.write_message(frame, binary=True)
            except WebSocketClosedError:
                break
            index += 1
        self._all_sent = True
        self._check_over()

    async def _wait(self, due_s: float) -> bool:
        """Wait until a frame is due; say whether the session is to stop instead."""
        delay_s = due_s - self._now_s()
        if delay_s > 0 and not self._is_stopping:
            loop = asyncio.get_running_loop()
            waking = self._waking = loop.create_future()
            timer = loop.call_later(delay_s, _wake, waking)
            try:
                await waking
            finally:
                timer.cancel()
        else:
            await asyncio.sleep(0)
        return self._is_stopping

    async def _read(self, connection: WebSocketClientConnection) -> None:
        while (message := await connection.read_message()) is not None:
            self._take(json.loads(message))
        self._is_over = True
        self.record.close_code = connection.close_code
        if self.record.error is None and not self._is_closing:
            code = f" ({self.record.close_code})" if self.record.close_code else ""
            self.record.error = f"{CONNECTION_LOST}: the server went away{code}"
        self._answered.set()

    def _take(self, message: dict[str, Any]) -> None:
        now_ms = self._now_ms()
        if "warning" in message:
            target_fps = message["target_fps"]
            self.record.slow_downs.append((now_ms, target_fps))
            fps = self._pace.slow_down(self._now_s(), target_fps)
            if fps is not None:
                self.record.rates.append((now_ms, fps))
        elif "error" in message:
            self._end(message, now_ms)
        else:
            row = self.record.rows[message["frame_index"]]
            _fill(row, message)
            if server := message.get("server"):
                self.record.session_id = server.get("session")
                self.record.worker = server.get("worker")
            if message.get("dropped"):
                self._pace.dropped(self._now_s())
                self._answer(row, "dropped", now_ms)
            else:
                self._answer(row, "processed", now_ms)

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
        """Return the time since the record's origin."""
        return (time.perf_counter() - self._origin) * 1e3

    def _now_s(self) -> float:
        """Return the time since the session's own start, as its pace counts it."""
        return time.perf_counter() - self._origin - self._phase_s


def _wake(waking: "asyncio.Future[None]") -> None:
    if not waking.done():
        waking.set_result(None)


def _fill(row: FrameRow, message: dict[str, Any]) -> None:
    timing = message.get("timing", {})
    row.queued_ms = timing.get("queued")
    row.decode_ms = timing.get("decode")
    row.nodes_ms = timing.get("nodes", {})
    row.total_ms = timing.get("total")
    row.result = message.get("result")
    server = message.get("server", {})
    row.received_ms = server.get("received")
    row.spared_ms = server.get("spared")
    row.state = server.get("state")
    row.cause = server.get("cause")
