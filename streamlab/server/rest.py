"""What both hosts answer over HTTP, but for authentication, which is theirs."""

import asyncio
from collections.abc import Awaitable
from typing import Any

import msgspec

from streamlab.backpressure.settings import TUNABLE
from streamlab.errors import InvalidParameterError
from streamlab.media.samples import describe_samples
from streamlab.pipelines.detection_filter import FILTER_NAMES
from streamlab.server.handler import SMALL_BODY_BYTES, Handler
from streamlab.server.query import filtered, tuned
from streamlab.server.service import StreamService
from streamlab.server.view_settings import browser_settings
from streamlab.sessions.manager import SessionManager
from streamlab.sessions.messages import to_json

MAX_SETTINGS_BYTES = SMALL_BODY_BYTES
"""Largest body of a PATCH: as many labels as are allowed, and as long, fit."""
SETTINGS_ALLOWED = (
    "a JSON object of numbers is allowed, with `labels` a list of names, or null for all"
)
Setting = float | list[str] | None


class JsonEndpoint(Handler):
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

    async def get(self, *path: str) -> None:
        """Answer, once the models' files have been looked into."""
        self.answer(await asyncio.to_thread(self.service.describe_pipelines))


class ViewSettingsEndpoint(JsonEndpoint):
    """What can be set in a live view."""

    def describe(self) -> Any:
        """Return `browser_settings`."""
        return browser_settings()


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

    max_body_bytes = MAX_SETTINGS_BYTES

    def get(self, *path: str) -> Awaitable[None] | None:
        """Answer with the session's figures and ledger; 404 where there is none."""
        session = self._session(path[0])
        if session is not None:
            self.answer(session.snapshot())
        return None

    def patch(self, *path: str) -> None:
        """Take a JSON object of settings, all of them or, with a 400 that says why, none.

        `TUNABLE` are numbers; `FILTER_NAMES` are those of the session's `DetectionFilter`.
        """
        session = self._session(path[0])
        if session is None:
            return
        plan = self.service.pipelines[session.pipeline_id]
        try:
            given = self._settings()
            thresholds = {name: _as_text(given[name]) for name in TUNABLE if name in given}
            settings = tuned(session.settings, thresholds)
            detection_filter = filtered(plan, session.detection_filter, given)
        except InvalidParameterError as error:
            self.answer({"error": error.code, "detail": error.detail}, 400)
            return
        session.retune(settings)
        session.detection_filter = detection_filter
        self.answer(session.snapshot())

    def _session(self, session_id: str) -> SessionManager | None:
        session = self.service.sessions.get(session_id)
        if session is None:
            detail = f"session {session_id[:100]!r} is not live"
            self.answer({"error": "unknown_session", "detail": detail}, 404)
        return session

    def _settings(self) -> dict[str, Setting]:
        body = self.body
        if len(body) > MAX_SETTINGS_BYTES:
            allowed = f"at most {MAX_SETTINGS_BYTES} bytes are allowed"
            shown = f"over {MAX_SETTINGS_BYTES} bytes"
            raise InvalidParameterError("body", shown, allowed)
        try:
            given = msgspec.json.decode(body, type=dict[str, Setting])
        except (msgspec.DecodeError, UnicodeDecodeError):
            shown = body[:100].decode(errors="replace")
            raise InvalidParameterError("body", shown, SETTINGS_ALLOWED) from None
        for name, value in given.items():
            if name not in TUNABLE and name not in FILTER_NAMES:
                names = ", ".join((*TUNABLE, *FILTER_NAMES))
                raise InvalidParameterError(name[:100], _as_text(value), f"allowed: {names}")
        return given


def _as_text(value: Setting) -> str:
    return f"{value:.12g}" if isinstance(value, float) else to_json(value).decode()
