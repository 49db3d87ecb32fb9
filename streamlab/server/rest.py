"""What both hosts answer over HTTP, but for authentication, which is theirs."""

from typing import Any

from tornado.web import RequestHandler

from ..sessions.messages import to_json
from .service import StreamService


class JsonEndpoint(RequestHandler):
    """Answers GET with the JSON of what `describe` returns."""

    service: StreamService

    def initialize(self, service: StreamService) -> None:
        """Keep the server's shared part."""
        self.service = service

    def get(self) -> None:
        """Answer."""
        self.set_header("Content-Type", "application/json")
        self.set_header("Cache-Control", "no-store")
        self.finish(to_json(self.describe()))

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
