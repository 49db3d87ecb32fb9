"""What a session needs around it: a way to its client, and whoever wants to know of it."""

from typing import TYPE_CHECKING, Protocol

from streamlab.errors import ProtocolError
from streamlab.sessions.messages import Timing

if TYPE_CHECKING:
    from streamlab.sessions.manager import SessionManager


class Connection(Protocol):
    """The way to a session's client."""

    def send(self, message: bytes) -> None:
        """Write one text message; nothing happens if the client has gone."""

    def end(self, error: ProtocolError) -> None:
        """Close, with the error's close code."""

    @property
    def unsent_bytes(self) -> int:
        """Bytes that were sent and that the client has not taken yet."""


class SessionListener(Protocol):
    """Whoever wants to know what happens in sessions: logs, metrics, observers."""

    def frame_received(self, session: "SessionManager", size: int) -> None: ...  # noqa: D102
    def frame_dropped(self, session: "SessionManager", cause: str) -> None: ...  # noqa: D102
    def frame_processed(  # noqa: D102
        self, session: "SessionManager", timing: Timing
    ) -> None: ...
    def state_changed(  # noqa: D102
        self, session: "SessionManager", state: str, target_fps: float | None
    ) -> None: ...
    def failed(self, session: "SessionManager", error: ProtocolError) -> None: ...  # noqa: D102
