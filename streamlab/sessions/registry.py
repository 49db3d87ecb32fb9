"""The registry of live sessions."""

import itertools
from collections.abc import Iterator
from typing import Any

from streamlab.errors import SessionLimitError
from streamlab.sessions.manager import SessionManager


class SessionRegistry:
    """Live sessions by id; refuses more than `max_sessions` at once, if there is a limit."""

    def __init__(self, max_sessions: int | None = None) -> None:
        self.max_sessions = max_sessions
        self._live: dict[str, SessionManager] = {}
        self._numbers = itertools.count(1)

    def check_room(self) -> None:
        """Raise `SessionLimitError` if the limit is reached."""
        if self.max_sessions is not None and len(self._live) >= self.max_sessions:
            raise SessionLimitError(self.max_sessions)

    def next_id(self) -> str:
        """Return an id that no session of this server has had."""
        return str(next(self._numbers))

    def add(self, session: SessionManager) -> None:
        """Add a session."""
        self._live[session.session_id] = session

    def remove(self, session: SessionManager) -> None:
        """Remove a session."""
        self._live.pop(session.session_id, None)

    def get(self, session_id: str) -> SessionManager | None:
        """Return a live session, or None."""
        return self._live.get(session_id)

    def snapshot(self) -> list[dict[str, Any]]:
        """Return every live session's figures and ledger, oldest session first."""
        return [session.snapshot() for session in self]

    def __len__(self) -> int:
        return len(self._live)

    def __iter__(self) -> Iterator[SessionManager]:
        return iter(tuple(self._live.values()))
