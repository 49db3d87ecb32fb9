"""Interfaces that `Lab` implements for the other parts of the lab."""

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any, Protocol, Unpack

from streamlab.client.options import StreamOptionsDict
from streamlab.lab.recording import Recording
from streamlab.lab.streaming import Streamer
from streamlab.server.failures import FailureReports


class StreamingLab(Protocol):
    """The streaming interface of a `Lab`."""

    base_url: str
    token: str | None
    streamer: Streamer | None
    failures: FailureReports | None

    def health(self) -> dict[str, Any]:
        """Return the status of the server."""

    def pipelines(self) -> list[str]:
        """Return the ids of the server's pipelines."""

    def sessions(self) -> list[dict[str, Any]]:
        """Return the figures of the server's live sessions."""

    def stream(
        self, video: str | Path, *, progress: bool = True, **options: Unpack[StreamOptionsDict]
    ) -> Recording:
        """Stream a video and return the recording."""

    def apply(
        self, settings: Mapping[str, Any], session_ids: Sequence[str] | None = None
    ) -> list[dict[str, Any]]:
        """Change the settings of live sessions."""
