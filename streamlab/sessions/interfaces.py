"""What a session needs from outside: a connection to its client, and listeners."""

from typing import Protocol

from streamlab.errors import ProtocolError
from streamlab.sessions.messages import Timing


class Connection(Protocol):
    """The connection to a session's client."""

    def send(self, message: bytes) -> None:
        """Write one text message; nothing happens if the connection is closed."""

    def end(self, error: ProtocolError) -> None:
        """Close, with the error's close code."""

    @property
    def unsent_bytes(self) -> int:
        """Bytes that were sent and that the client has not taken yet."""


class SessionIdentity(Protocol):
    """Which session an event is of."""

    session_id: str
    pipeline_id: str


class SessionListener(Protocol):
    """Is notified of what happens in sessions: logs, metrics, observers."""

    def frame_received(self, session: SessionIdentity, size: int) -> None: ...  # noqa: D102
    def frame_dropped(self, session: SessionIdentity, cause: str) -> None: ...  # noqa: D102
    def frame_processed(  # noqa: D102
        self, session: SessionIdentity, timing: Timing
    ) -> None: ...
    def state_changed(  # noqa: D102
        self, session: SessionIdentity, state: str, target_fps: float | None
    ) -> None: ...
    def failed(self, session: SessionIdentity, error: ProtocolError) -> None: ...  # noqa: D102
