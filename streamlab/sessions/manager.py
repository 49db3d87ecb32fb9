"""`SessionManager`: one connection's session, from the first message to its last answer."""

import asyncio
import time
import warnings
from collections.abc import Callable
from typing import Any, ParamSpec

import msgspec

from streamlab.backpressure.admission import Decision
from streamlab.backpressure.checked import CheckedPolicy
from streamlab.backpressure.realtime import BackpressureSettings
from streamlab.errors import (
    FrameTooLargeError,
    InternalError,
    InvalidFrameError,
    InvalidMessageError,
    PipelineFailureError,
    PolicyError,
    ProtocolError,
    SlowConsumerError,
    StreamlabError,
    WorkerDiedError,
)
from streamlab.media.frames import check_frame
from streamlab.pipelines.detection_filter import ALL_DETECTIONS, DetectionFilter
from streamlab.pipelines.faults import policy_failure
from streamlab.sessions import messages
from streamlab.sessions.answers import Answers, milliseconds
from streamlab.sessions.figures import SessionFigures
from streamlab.sessions.interfaces import Connection, SessionListener
from streamlab.sessions.ledger import Ledger
from streamlab.workers.scheduler import Scheduler
from streamlab.workers.worker import Answer

P = ParamSpec("P")

MAX_UNSENT_BYTES = 1 << 20
"""Answers that may wait to be read by the client, beyond what the system's socket buffers hold."""


class SessionManager:
    """Checks each message, lets its policy decide, and answers every frame exactly once.

    Nothing here runs a pipeline or waits for one: a frame is admitted or dropped, dispatched by the
    scheduler, and its answer is written when it comes. However the session ends, the ledger adds
    up. A policy that fails ends its session with `internal_error`. A server has one for each of its
    connections:

    >>> from streamlab.testing import TestClient
    >>> with TestClient() as client:
    ...     with client.websocket_connect("/ws/video/stream?pipeline_id=noop") as socket:
    ...         socket.send_bytes(jpeg)
    ...         answer = socket.receive_json()
    ...         [session] = client.service.sessions
    ...         session.pipeline_id, session.ledger.received, session.ledger.processed
    ('noop', 1, 1)
    """

    def __init__(
        self,
        session_id: str,
        pipeline_id: str,
        scheduler: Scheduler,
        connection: Connection,
        listener: SessionListener,
        settings: BackpressureSettings | None = None,
        max_frame_bytes: int = 5 << 20,
        detail: messages.Detail = "plain",
        detection_filter: DetectionFilter = ALL_DETECTIONS,
        clock: Callable[[], float] = time.monotonic,
        guest: str | None = None,
    ) -> None:
        self.session_id = session_id
        self.pipeline_id = pipeline_id
        self.ledger = Ledger()
        self.settings = settings or BackpressureSettings()
        try:
            self.policy = CheckedPolicy(self.settings)
        except PolicyError as error:
            raise policy_failure(error) from error
        self.figures = SessionFigures(self.settings.window_s)
        self.max_frame_bytes = max_frame_bytes
        self.detail = detail
        self.detection_filter = detection_filter
        """Of the frames that start from now on."""
        self.guest = guest
        self.error: ProtocolError | None = None
        self._scheduler = scheduler
        self._listener = listener
        self._clock = clock
        self._opened_at = clock()
        self._answers = Answers(connection, detail, session_id, scheduler.number, self._opened_at)
        self._frames: dict[int, tuple[bytes, float]] = {}
        self._started_at = 0.0
        self._is_open = False
        self._is_closed = False
        self._is_queued = False
        self._room = asyncio.Event()
        self._room.set()

    @property
    def backpressure(self) -> CheckedPolicy:
        """The policy, by the name of the default one; deprecated, use `policy`."""
        warnings.warn(
            "SessionManager.backpressure is SessionManager.policy now; the old name goes with the "
            "next release",
            DeprecationWarning,
            stacklevel=2,
        )
        return self.policy

    async def open(self, definition: bytes) -> None:
        """Open the pipeline at the worker; frames that come before it is open wait."""
        try:
            await self._scheduler.worker.open(self.session_id, definition)
        except WorkerDiedError as error:
            self.fail(PipelineFailureError(None, f"the pipeline could not be opened: {error}"))
        except ProtocolError as error:
            self.fail(error)
        except Exception as error:  # noqa: BLE001 - the client gets an error, the log the traceback
            self.fail(InternalError.because_of(error))
        else:
            self._is_open = True
            self._request_dispatch()
        if self._is_closed:
            await self._scheduler.worker.close(self.session_id)

    def receive(self, message: str | bytes) -> None:
        """Take in a message. A frame of it is answered by now or will be."""
        if self._is_closed:
            return
        if isinstance(message, str):
            self.fail(InvalidMessageError())
            return
        self._listener.frame_received(self, len(message))
        try:
            if len(message) > self.max_frame_bytes:
                raise FrameTooLargeError(self.max_frame_bytes)
            check_frame(message)
        except ProtocolError as error:
            self.ledger.reject()
            self.fail(error)
            return
        if self._answers.unsent_bytes > MAX_UNSENT_BYTES:
            self.ledger.reject()
            self.fail(SlowConsumerError(self._answers.unsent_bytes))
            return
        now = self._clock()
        frame_index = self.ledger.received
        self.figures.received(now, len(message))
        self.ledger.admit()
        self._frames[frame_index] = message, now
        if self._decide(self.policy.arrive, now, frame_index):
            self._request_dispatch()

    async def room(self) -> None:
        """Wait until the policy has room for another frame."""
        await self._room.wait()

    def refuse_oversize(self) -> None:
        """A frame over the size limit began to arrive and was not read: no byte of it counts."""
        if not self._is_closed:
            self._listener.frame_received(self, 0)
            self.ledger.reject()
            self.fail(FrameTooLargeError(self.max_frame_bytes))

    def fail(self, error: ProtocolError) -> None:
        """End the session with an error, after the answers of the frames that this drops."""
        if self._is_closed:
            return
        self.error = error
        self._listener.failed(self, error)
        self._finish(notify=True)
        self._answers.end(error)

    def close(self, notify: bool = False) -> None:
        """The connection has ended, or is about to; calling it again does nothing.

        With `notify`, the client is still sent the drops that follow from it.
        """
        if not self._is_closed:
            self._finish(notify)

    def observe(self) -> None:
        """Let time pass in a session that has fallen silent."""
        if not self._is_closed:
            self._decide(self.policy.observe, self._clock())
            self._update_room()

    def retune(self, settings: BackpressureSettings) -> None:
        """Decide by other thresholds from now on; the policy stays what it was."""
        if not self._is_closed:
            self.figures.set_drop_window(settings.window_s)
            self._decide(self.policy.retune, self._clock(), settings)
            self.settings = settings
            self._update_room()

    def snapshot(self) -> dict[str, Any]:
        """Return the session's figures and ledger as plain data."""
        now = self._clock()
        settings = self.settings
        return {
            "session_id": self.session_id,
            "pipeline_id": self.pipeline_id,
            "policy": settings.policy,
            **settings.tunable,
            **msgspec.structs.asdict(self.detection_filter),
            "state": self.policy.state,
            "connected_s": round(now - self._opened_at, 1),
            "received_bytes": self.figures.received_bytes,
            **self.figures.snapshot(now),
            "ledger": self.ledger.to_dict(),
            **({} if self.guest is None else {"guest": self.guest}),
        }

    def take_frame(self) -> tuple[int, bytes] | None:
        """Put the session's next frame in flight; None if none is left."""
        self._is_queued = False
        if self._is_closed:
            return None
        now = self._clock()
        if not self._decide(self.policy.expire, now):
            return None
        try:
            frame_index = self.policy.start(now)
        except PolicyError as error:
            self.fail(policy_failure(error))
            return None
        if frame_index is None:
            self._update_room()
            return None
        self.ledger.start()
        self.figures.started(now)
        self._started_at = now
        self._update_room()
        return frame_index, self._frames[frame_index][0]

    def frame_done(self, answer: Answer) -> None:
        """Answer the frame in flight."""
        if self._is_closed:
            return
        now = self._clock()
        frame_index, received_at = self._take_in_flight()
        self.ledger.complete()
        timing = messages.Timing(
            queued=milliseconds(self._started_at - received_at),
            decode=round(answer.decode_ms, 3),
            nodes={node: round(ms, 3) for node, ms in answer.nodes_ms.items()},
            total=milliseconds(now - received_at),
        )
        self.figures.processed(now, timing.total)
        self._answers.result(frame_index, answer, timing, received_at, self.policy.state)
        self._listener.frame_processed(self, timing)
        if self._decide(self.policy.finish, now):
            self._request_dispatch()

    def frame_failed(self, error: StreamlabError) -> None:
        """The frame in flight could not be processed; the session ends."""
        if self._is_closed:
            return
        frame_index, _ = self._take_in_flight()
        self.policy.abandon()
        if isinstance(error, InvalidFrameError):
            self.ledger.refuse()
        else:
            self.ledger.fail()
        if isinstance(error, WorkerDiedError):
            self.fail(PipelineFailureError(None, f"frame {frame_index}: {error}"))
        elif isinstance(error, ProtocolError):
            self.fail(error)
        else:
            self.fail(InternalError.because_of(error))

    def _request_dispatch(self) -> None:
        policy = self.policy
        if (
            self._is_open
            and not self._is_closed
            and not self._is_queued
            and policy.waiting
            and policy.in_flight is None
        ):
            self._is_queued = True
            self._scheduler.enqueue(self)
        self._update_room()

    def _update_room(self) -> None:
        if self._is_closed or not self.policy.pauses:
            return
        try:
            has_room = self.policy.has_room
        except PolicyError as error:
            self.fail(policy_failure(error))
            return
        if has_room:
            self._room.set()
        else:
            self._room.clear()

    def _take_in_flight(self) -> tuple[int, float]:
        frame_index = self.policy.in_flight
        assert frame_index is not None
        return frame_index, self._frames.pop(frame_index)[1]

    def _decide(self, event: Callable[P, Decision], *args: P.args, **kwargs: P.kwargs) -> bool:
        """Pass an event to the policy, apply its decision; return whether the session goes on."""
        try:
            decision = event(*args, **kwargs)
        except PolicyError as error:
            self.fail(policy_failure(error))
            return False
        self._apply(decision)
        return True

    def _apply(self, decision: Decision) -> None:
        for frame_index in decision.dropped:
            _, received_at = self._frames.pop(frame_index)
            self.ledger.drop(decision.cause)
            self.figures.dropped(self._clock())
            self._answers.dropped(frame_index, decision.cause, received_at, self.policy.state)
            self._listener.frame_dropped(self, decision.cause)
        if decision.state is not None:
            self._listener.state_changed(self, decision.state, decision.target_fps)
        if decision.target_fps is not None:
            self._answers.slow_down(decision.target_fps)

    def _finish(self, notify: bool) -> None:
        self._is_closed = True
        self._room.set()
        self.ledger.close()
        for frame_index in self.policy.close():
            _, received_at = self._frames.pop(frame_index)
            self._listener.frame_dropped(self, "closed")
            if notify:
                self._answers.dropped(frame_index, "closed", received_at, self.policy.state)
