"""`Answers`: what a session sends to its client."""

from streamlab.backpressure.admission import DropCause, State
from streamlab.errors import ProtocolError
from streamlab.sessions import messages
from streamlab.sessions.interfaces import Connection
from streamlab.workers.worker import Answer


class Answers:
    """Encodes and sends a session's messages; with `detail="full"`, with a record beside each.

    `worker` is the number of the session's worker, `opened_at` when the session was opened; times
    are seconds on the session's clock.
    """

    def __init__(
        self,
        connection: Connection,
        detail: messages.Detail,
        session_id: str,
        worker: int,
        opened_at: float,
    ) -> None:
        self._connection = connection
        self._detail = detail
        self._session_id = session_id
        self._worker = worker
        self._opened_at = opened_at

    @property
    def unsent_bytes(self) -> int:
        """Bytes that were sent and that the client has not taken yet."""
        return self._connection.unsent_bytes

    def result(
        self,
        frame_index: int,
        answer: Answer,
        timing: messages.Timing,
        received_at: float,
        state: State,
    ) -> None:
        """Send the result of a frame."""
        spared = milliseconds(answer.spared_ms / 1e3) if answer.threads > 1 else None
        record = self._record(received_at, state, threads=answer.threads, spared=spared)
        self._connection.send(messages.result_message(frame_index, answer.result, timing, record))

    def dropped(self, frame_index: int, cause: DropCause, received_at: float, state: State) -> None:
        """Send that a frame was dropped."""
        record = self._record(received_at, state, cause)
        self._connection.send(messages.dropped_message(frame_index, record))

    def slow_down(self, target_fps: float) -> None:
        """Send the advice to send fewer frames a second."""
        self._connection.send(messages.slow_down_message(target_fps))

    def end(self, error: ProtocolError) -> None:
        """Send an error and close the connection."""
        self._connection.send(messages.error_message(error))
        self._connection.end(error)

    def _record(
        self,
        received_at: float,
        state: State,
        cause: DropCause | None = None,
        threads: int = 1,
        spared: float | None = None,
    ) -> messages.FrameRecord | None:
        if self._detail == "plain":
            return None
        return messages.FrameRecord(
            milliseconds(received_at - self._opened_at),
            state,
            self._session_id,
            self._worker,
            cause,
            threads=threads,
            spared=spared,
        )


def milliseconds(seconds: float) -> float:
    """Return seconds as milliseconds, rounded to the microsecond."""
    return round(seconds * 1e3, 3)
