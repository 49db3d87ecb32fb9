"""What both hosts answer over HTTP, but for authentication, which is theirs."""

import asyncio
from collections.abc import Awaitable
from typing import Any

import msgspec
from tornado.web import RequestHandler

from ..errors import InvalidParameterError
from ..samples import describe_samples
from ..sessions.manager import SessionManager
from ..sessions.messages import to_json
from .query import TUNABLE, tuned
from .service import StreamService


class JsonEndpoint(RequestHandler):
    """Answers GET with the JSON of what `describe` returns."""

    service: StreamService

    def initialize(self, service: StreamService) -> None:
        """Keep the server's shared part."""
        self.service = service

    def get(self, *path: str) -> Awaitable[None] | None:
        """Answer."""
        self.answer(self.describe())
        return None

    def answer(self, data: Any, status: int = 200) -> None:
        """Write plain data as JSON and finish."""
        self.set_status(status)
        self.set_header("Content-Type", "application/json")
        self.set_header("Cache-Control", "no-store")
        self.finish(to_json(data))

    def describe(self) -> Any:
        """Return plain data."""
        raise NotImplementedError


class HealthEndpoint(JsonEndpoint):
    """How the server is."""

    def describe(self) -> Any:
        """Return `StreamService.health`."""
        return self.service.health()


class PipelinesEndpoint(JsonEndpoint):
    """Which pipelines there are."""

    def describe(self) -> Any:
        """Return `StreamService.describe_pipelines`."""
        return self.service.describe_pipelines()


class SessionsEndpoint(JsonEndpoint):
    """Who is live."""

    def describe(self) -> Any:
        """Return the live sessions with their ledgers."""
        return {"sessions": self.service.sessions.snapshot()}


class SamplesEndpoint(JsonEndpoint):
    """Which sample videos there are."""

    async def get(self, *path: str) -> None:
        """Answer, once the videos have been looked into."""
        samples = await asyncio.to_thread(describe_samples)
        self.answer({"samples": samples})


class SessionEndpoint(JsonEndpoint):
    """One live session: GET shows it, PATCH changes what it decides by, from then on."""

    def get(self, *path: str) -> Awaitable[None] | None:
        """Answer with the session's figures and ledger; 404 where there is none."""
        session = self._session(path[0])
        if session is not None:
            self.answer(session.snapshot())
        return None

    def patch(self, *path: str) -> None:
        """Take a JSON object of `TUNABLE` settings; 400 says which is not allowed, and why."""
        session = self._session(path[0])
        if session is None:
            return
        try:
            session.retune(tuned(session.backpressure.settings, self._arguments()))
        except InvalidParameterError as error:
            self.answer({"error": error.code, "detail": error.detail}, 400)
            return
        self.answer(session.snapshot())

    def _session(self, session_id: str) -> SessionManager | None:
        session = self.service.sessions.get(session_id)
        if session is None:
            detail = f"session {session_id[:100]!r} is not live"
            self.answer({"error": "unknown_session", "detail": detail}, 404)
        return session

    def _arguments(self) -> dict[str, str]:
        try:
            given = msgspec.json.decode(self.request.body, type=dict[str, float])
        except (msgspec.DecodeError, UnicodeDecodeError):
            shown = self.request.body[:100].decode(errors="replace")
            allowed = "a JSON object of numbers is allowed"
            raise InvalidParameterError("body", shown, allowed) from None
        for name, value in given.items():
            if name not in TUNABLE:
                raise InvalidParameterError(name, f"{value:g}", f"allowed: {', '.join(TUNABLE)}")
        return {name: f"{value:.12g}" for name, value in given.items()}
